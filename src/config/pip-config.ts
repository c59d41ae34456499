// pip's configuration for every command: files and `PIP_*` variables to settings that know where they stand. Which options there are
// is pip's table (cli/compat/pip), and comes in as data.

import { compareTexts } from '../base/compare.ts'
import { DenError, isDenError } from '../base/error.ts'
import { findIniOption, type IniFile, type IniOption, parseIni } from '../format/ini.ts'
import {
  openPath,
  type PipConfigHost,
  type PipConfigPlace,
  type PipConfigPlacesOptions,
  pipConfigPlaces,
} from './pip-config-files.ts'

/** One setting: `key` is `global.index-url` or `:env:.index-url`, with `_` as `-` and in lower case. */
export interface PipConfigEntry {
  readonly key: string
  readonly section: string
  readonly name: string
  readonly value: string
  /** The variable, or the file with its line: `PIP_INDEX_URL`, `/etc/pip.conf:3`. */
  readonly from: string
}

export interface PipConfigFile extends PipConfigPlace {
  readonly exists: boolean
  /** In the file's order; each key once. */
  readonly entries: readonly PipConfigEntry[]
}

export interface PipConfig {
  /** From the weakest to the strongest. */
  readonly files: readonly PipConfigFile[]
  /** The variables, which win over all files. */
  readonly variables: readonly PipConfigEntry[]
}

export interface ReadPipConfigOptions extends PipConfigPlacesOptions {
  /** Only the files of this kind, as `pip config --user` does. With `user`, the file of PIP_CONFIG_FILE counts as well. */
  readonly only?: 'global' | 'user' | 'site'
}

/**
 * Reads all of it. A file that may not be read is passed over, as pip does; throws `invalid-ini` for one that pip refuses (an option
 * or section that stands there twice, too), `undecodable-file` for one that is no UTF-8.
 */
export function readPipConfig(host: PipConfigHost, options: ReadPipConfigOptions = {}): PipConfig {
  const { only, isolated = false } = options
  const places = pipConfigPlaces(host, options).filter(
    ({ kind }) => only === undefined || kind === only || (kind === 'env' && only === 'user'),
  )
  return { files: places.map((place) => readOne(host, place)), variables: isolated ? [] : variablesOf(host) }
}

/** What the configuration says to one command, in pip's order: [global], then the command's section, then variables. */
export function pipConfigItems(config: PipConfig, command: string): readonly PipConfigEntry[] {
  const entries = [...config.files.flatMap((file) => file.entries), ...config.variables]
  return ['global', command, ':env:'].flatMap((section) => {
    const items = new Map<string, PipConfigEntry>()
    for (const entry of entries) if (entry.section === section) items.set(entry.name, entry)
    // An empty value takes back what a weaker file says in the same section, and then leaves the word to the sections before it.
    return [...items.values()].filter(({ value }) => value !== '')
  })
}

/** All settings as `pip config list` has them: each file's in its order, keys of one file sorted. */
export function listPipConfig(config: PipConfig): readonly PipConfigEntry[] {
  const byFile = new Map<string, readonly PipConfigEntry[]>(config.files.map((file) => [file.path, file.entries]))
  byFile.set(':env:', config.variables)
  return [...byFile]
    .sort(([a], [b]) => compareTexts(a, b))
    .flatMap(([, entries]) => [...entries].sort((a, b) => compareTexts(a.key, b.key)))
}

/** The setting that counts for `section.name`, as `pip config get` finds it; undefined where nobody sets it. */
export function findPipConfig(config: PipConfig, key: string): PipConfigEntry | undefined {
  const wanted = normalizePipKey(key)
  return [...config.files.flatMap((file) => file.entries), ...config.variables].findLast(
    (entry) => entry.key === wanted,
  )
}

/** What an option does with its value; the rest of pip's table is of no interest here. */
export interface PipOptionKind {
  readonly action: string
}

/** A setting as an option takes it: a switch, a number of times, or texts to be stored one after the other. */
export type PipSettingValue =
  | { readonly kind: 'switch'; readonly value: boolean }
  | { readonly kind: 'count'; readonly value: number }
  | { readonly kind: 'texts'; readonly texts: readonly string[] }

/**
 * Converts a setting by the kind of its option. For a switch it is the value that the option's destination gets, so that
 * `no-build-isolation = no` turns isolation off. Options that append take several words, and replace what weaker settings gave.
 * Returns undefined for a value that is none of the words that such an option knows.
 */
export function pipSettingValue({ action }: PipOptionKind, { value }: PipConfigEntry): PipSettingValue | undefined {
  switch (action) {
    case 'store_true':
    case 'store_false': {
      const word = pipFlag(value)
      return word === undefined ? undefined : { kind: 'switch', value: word }
    }
    case 'count': {
      const word = pipFlag(value)
      if (word !== undefined) return { kind: 'count', value: word ? 1 : 0 }
      const digits = value.trim().replace(/(?<=\d)_(?=\d)/g, '')
      return /^\+?\d+$/.test(digits) ? { kind: 'count', value: Number(digits) } : undefined
    }
    case 'append':
      return { kind: 'texts', texts: value.split(/\s+/).filter((word) => word !== '') }
    default:
      return { kind: 'texts', texts: [value] }
  }
}

/** pip's words for yes and no; undefined for any other. */
export function pipFlag(value: string): boolean | undefined {
  if (/^(?:y|yes|t|true|on|1)$/i.test(value)) return true
  return /^(?:n|no|f|false|off|0)$/i.test(value) ? false : undefined
}

/** Lower case, `_` as `-`, and no leading `--`. */
export function normalizePipKey(name: string): string {
  return name.toLowerCase().replaceAll('_', '-').replace(/^--/, '')
}

/** Sections and options of one file, their names normalized. Throws `invalid-ini`. */
export function parsePipConfig(text: string, file: string): IniFile {
  const ini = parseIni(text, { file, keepCase: true })
  return {
    sections: new Map([...ini.sections].map(([name, options]) => [name, normalizeNames(options, file)])),
    defaults: normalizeNames(ini.defaults, file),
  }
}

/** `Timeout` and `time_out` of one section would be two values of one option. */
function normalizeNames(options: ReadonlyMap<string, IniOption>, file: string): ReadonlyMap<string, IniOption> {
  const normalized = new Map<string, IniOption>()
  for (const [written, option] of options) {
    const name = normalizePipKey(written)
    const before = normalized.get(name)
    if (before !== undefined) {
      throw new DenError('invalid-ini', {
        source: written,
        span: { start: 0, end: written.length },
        reason: `the option ${name} was set already, in line ${before.line}`,
        file,
        line: option.line,
      })
    }
    normalized.set(name, option)
  }
  return normalized
}

function readOne(host: PipConfigHost, place: PipConfigPlace): PipConfigFile {
  const path = openPath(host, place.path)
  const exists = host.files.stat(path) !== undefined
  const text = exists ? readPipFile(host, path) : undefined
  if (text === undefined) return { ...place, exists, entries: [] }
  const ini = parsePipConfig(text, place.path)
  const entries = [...ini.sections.keys()].flatMap((section) => {
    const names = new Set([...ini.defaults.keys(), ...ini.sections.get(section)!.keys()])
    return [...names].map((name) => {
      const { value, line } = findIniOption(ini, section, name)!
      return entryOf(section, name, value, `${place.path}:${line}`)
    })
  })
  return { ...place, exists, entries: lastOfEach(entries) }
}

/** Undefined where it may not be read, or is a directory. */
export function readPipFile({ files }: Pick<PipConfigHost, 'files'>, path: string): string | undefined {
  let bytes: Uint8Array | undefined
  try {
    bytes = files.readBytes(path)
  } catch (error) {
    if (isDenError(error, 'permission-denied', 'io-failed')) return undefined
    throw error
  }
  if (bytes === undefined) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new DenError('undecodable-file', { file: path, encoding: 'utf-8' })
  }
}

function variablesOf({ env, platform }: PipConfigHost): readonly PipConfigEntry[] {
  const entries: PipConfigEntry[] = []
  for (const variable of Object.keys(env)) {
    const upper = platform === 'win32' ? variable.toUpperCase() : variable
    const value = upper.startsWith('PIP_') ? env[variable] : undefined
    if (value === undefined) continue
    const name = upper.slice(4).toLowerCase()
    // These would stop every pip there is.
    if (name === 'version' || name === 'help') continue
    entries.push(entryOf(':env:', normalizePipKey(name), value, variable))
  }
  return lastOfEach(entries)
}

function entryOf(section: string, name: string, value: string, from: string): PipConfigEntry {
  return { key: `${section}.${name}`, section, name, value, from }
}

function lastOfEach(entries: readonly PipConfigEntry[]): readonly PipConfigEntry[] {
  return [...new Map(entries.map((entry) => [entry.key, entry])).values()]
}

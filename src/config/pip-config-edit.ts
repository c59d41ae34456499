// `pip config set` and `unset`: which file they change, and its text afterwards. The text is what pip's own writer (configparser)
// gives: options in their order, and no comments, which it does not keep.

import { DenError } from '../base/error.ts'
import type { IniFile } from '../format/ini.ts'
import { type Host, variable } from '../host/host.ts'
import { normalizePipKey, type PipConfig, parsePipConfig, readPipConfig, readPipFile } from './pip-config.ts'
import { isNullDevice, openPath, type PipConfigHost } from './pip-config-files.ts'

export type EditableKind = 'global' | 'user' | 'site'

export interface PipConfigTarget {
  /** As pip shows it. */
  readonly path: string
  /** PIP_CONFIG_FILE stands in for the file that was meant, which pip warns of. */
  readonly redirected: boolean
}

/**
 * The file of a kind that is changed: the strongest, or with a key the strongest that holds it. Undefined where PIP_CONFIG_FILE turns
 * all files off, or the kind has none.
 */
export function pipConfigTarget(
  host: PipConfigHost,
  kind: EditableKind,
  options: { readonly prefix?: string; readonly key?: string } = {},
): PipConfigTarget | undefined {
  const { prefix, key } = options
  const own = variable(host, 'PIP_CONFIG_FILE')
  if (isNullDevice(host, own)) return undefined
  const config = readPipConfig(host, { only: kind, ...(prefix === undefined ? {} : { prefix }) })
  const files = config.files.filter((file) => file.kind === kind)
  if (files.length === 0) {
    return own === undefined || own === '' || kind === 'site' ? undefined : { path: own, redirected: true }
  }
  const holder = key === undefined ? undefined : files.findLast((file) => holds(file, normalizePipKey(key)))
  return { path: (holder ?? files.at(-1)!).path, redirected: false }
}

/** The kind that `set`, `unset` and `edit` mean when none is named: the environment's where it has a file, else the user's. */
export function defaultPipConfigKind(host: Pick<Host, 'files' | 'path' | 'platform'>, prefix: string): EditableKind {
  const file = host.path.join(prefix, host.platform === 'win32' ? 'pip.ini' : 'pip.conf')
  return host.files.stat(file) === undefined ? 'user' : 'site'
}

/** The text of the file to be changed; empty where there is none yet. */
export function readPipConfigTarget(host: PipConfigHost, target: PipConfigTarget): string {
  return readPipFile(host, openPath(host, target.path)) ?? ''
}

/** The file's text with `section.name` set. Throws `invalid-pip-key` and `invalid-ini`. */
export function setPipConfig(text: string, key: string, value: string, file: string): string {
  const { section, name } = splitPipKey(key)
  const { sections, defaults } = drafts(parsePipConfig(text, file))
  const options = sections.get(section) ?? new Map<string, string>()
  sections.set(section, options.set(name, value))
  return formatPipConfig(sections, defaults)
}

/** The file's text without `section.name`; undefined where it isn't there. Throws `invalid-pip-key` and `invalid-ini`. */
export function unsetPipConfig(text: string, key: string, file: string): string | undefined {
  const { section, name } = splitPipKey(key)
  const { sections, defaults } = drafts(parsePipConfig(text, file))
  const options = sections.get(section)
  if (options?.delete(name) !== true) return undefined
  if (options.size === 0 && defaults.size === 0) sections.delete(section)
  return formatPipConfig(sections, defaults)
}

/** `global.index-url` in its parts. Throws `invalid-pip-key` for what has no dot. */
export function splitPipKey(key: string): { readonly section: string; readonly name: string } {
  const normalized = normalizePipKey(key)
  const dot = normalized.indexOf('.')
  if (dot === -1) {
    throw new DenError('invalid-pip-key', { key, reason: `it has no section; perhaps it is global.${normalized}` })
  }
  return { section: normalized.slice(0, dot), name: normalized.slice(dot + 1) }
}

function holds(file: PipConfig['files'][number], key: string): boolean {
  return file.entries.some((entry) => entry.key === key)
}

function drafts(ini: IniFile): { sections: Map<string, Map<string, string>>; defaults: Map<string, string> } {
  const values = (options: IniFile['defaults']): Map<string, string> =>
    new Map([...options].map(([name, { value }]) => [name, value]))
  return {
    sections: new Map([...ini.sections].map(([name, options]) => [name, values(options)])),
    defaults: values(ini.defaults),
  }
}

function formatPipConfig(
  sections: ReadonlyMap<string, ReadonlyMap<string, string>>,
  defaults: ReadonlyMap<string, string>,
): string {
  const block = (name: string, options: ReadonlyMap<string, string>): string =>
    `[${name}]\n${[...options].map(([option, value]) => `${option} = ${value.replaceAll('\n', '\n\t')}\n`).join('')}\n`
  return [
    ...(defaults.size > 0 ? [block('DEFAULT', defaults)] : []),
    ...[...sections].map(([name, options]) => block(name, options)),
  ].join('')
}

// Where packages come from, as pip is told: DEN_INDEX_URL, PIP_INDEX_URL and its kin, and pip.conf (pip.ini on Windows) in all the
// places where pip looks. Every value knows where it was set.

import { DenError, isDenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { findIniOption, type IniFile, parseIni } from '../format/ini.ts'
import { type Host, variable } from '../host/host.ts'

/** A value and the variable or file (with its line) that it stands in. */
export interface Setting<Value> {
  readonly value: Value
  readonly from: string
}

export interface IndexSettings {
  /** The simple API to ask; undefined for the public one. */
  readonly index: Setting<SafeUrl> | undefined
  /** Directories and pages with links to files, in order: paths and addresses as written. */
  readonly findLinks: readonly Setting<string>[]
  /** No index is to be asked, only `findLinks`. */
  readonly noIndex: Setting<true> | undefined
  /** Seconds without a byte after which a connection is given up. */
  readonly timeout: Setting<number> | undefined
}

type SettingsHost = Pick<Host, 'env' | 'platform' | 'path' | 'home' | 'cwd' | 'files'>

/** Reads variables and files. Throws `invalid-setting` for an index that is no http address and a timeout that is no number, `invalid-ini` for a broken file. */
export function readIndexSettings(host: SettingsHost): IndexSettings {
  const files = pipConfigFiles(host).flatMap((path) => {
    const text = readIfAllowed(host, path)
    return text === undefined ? [] : [{ path, ini: parseIni(text, { file: path, allowDuplicates: true }) }]
  })
  /** Variables win over files, later files over earlier ones, and in a file [install] over [global]. */
  const lookUp = (option: string, ...variables: readonly string[]): Setting<string> | undefined => {
    for (const name of variables) {
      const value = variable(host, name)
      if (value !== undefined && value.trim() !== '') return { value: value.trim(), from: name }
    }
    return files.map(({ path, ini }) => fromFile(ini, path, option)).findLast((found) => found !== undefined)
  }
  const address = lookUp('index-url', 'DEN_INDEX_URL', 'PIP_INDEX_URL')
  const links = lookUp('find-links', 'DEN_FIND_LINKS', 'PIP_FIND_LINKS')
  const off = lookUp('no-index', 'PIP_NO_INDEX')
  const timeout = lookUp('timeout', 'PIP_TIMEOUT', 'PIP_DEFAULT_TIMEOUT')
  return {
    index: address === undefined ? undefined : { value: parseIndexUrl(address), from: address.from },
    findLinks: (links?.value.split(/\s+/) ?? [])
      .filter((place) => place !== '')
      .map((place) => ({ value: expandHome(host, place), from: links!.from })),
    noIndex:
      off !== undefined && /^(?:1|true|yes|y|t|on)$/i.test(off.value) ? { value: true, from: off.from } : undefined,
    timeout: timeout === undefined ? undefined : { value: parseSeconds(timeout), from: timeout.from },
  }
}

/** pip passes over a file that it may not read: root's own settings are no reason to fail. */
function readIfAllowed({ files }: Pick<Host, 'files'>, path: string): string | undefined {
  try {
    return files.readText(path)
  } catch (error) {
    if (isDenError(error, 'permission-denied', 'io-failed')) return undefined
    throw error
  }
}

function parseIndexUrl({ value, from }: Setting<string>): SafeUrl {
  const url = tryParseUrl(value.endsWith('/') ? value : `${value}/`)
  if (url !== undefined && /^https?:/.test(url.href)) return url
  // What is no address may still hold a password.
  const shown = url === undefined ? value.replace(/\/\/[^/@]*@/, '//****@') : String(url)
  throw new DenError('invalid-setting', {
    setting: from,
    value: shown,
    reason: 'an index is given as an http or https address',
  })
}

function parseSeconds({ value, from }: Setting<string>): number {
  const seconds = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : 0
  if (seconds > 0) return seconds
  throw new DenError('invalid-setting', { setting: from, value, reason: 'a timeout is a number of seconds above 0' })
}

function fromFile(ini: IniFile, path: string, option: string): Setting<string> | undefined {
  // pip takes `index_url` for `index-url`.
  for (const section of ['install', 'global']) {
    const found = findIniOption(ini, section, option) ?? findIniOption(ini, section, option.replaceAll('-', '_'))
    if (found !== undefined && found.value.trim() !== '')
      return { value: found.value.trim(), from: `${path}:${found.line}` }
  }
  return undefined
}

/** pip's files from the weakest to the strongest: the machine's, the user's, PIP_CONFIG_FILE (which as /dev/null turns all off). */
export function pipConfigFiles(host: SettingsHost): readonly string[] {
  const { path, platform, home } = host
  const own = variable(host, 'PIP_CONFIG_FILE')
  if (own === '/dev/null' || own?.toLowerCase() === 'nul') return []
  const given = own === undefined || own === '' ? [] : [path.resolve(host.cwd, expandHome(host, own))]
  const inHome = (...parts: readonly string[]): readonly string[] =>
    home === undefined ? [] : [path.join(home, ...parts)]
  if (platform === 'win32') {
    const of = (name: string): readonly string[] => {
      const directory = variable(host, name)
      return directory === undefined || directory === '' ? [] : [path.join(directory, 'pip', 'pip.ini')]
    }
    return [...of('ProgramData'), ...inHome('pip', 'pip.ini'), ...of('APPDATA'), ...given]
  }
  const machine =
    platform === 'darwin'
      ? ['/Library/Application Support/pip/pip.conf', '/etc/pip.conf']
      : [
          ...(variable(host, 'XDG_CONFIG_DIRS') || '/etc/xdg')
            .split(':')
            .filter((directory) => path.isAbsolute(directory))
            .map((directory) => path.join(directory, 'pip', 'pip.conf')),
          '/etc/pip.conf',
        ]
  const xdg = variable(host, 'XDG_CONFIG_HOME') || undefined
  const user =
    platform === 'darwin' &&
    home !== undefined &&
    host.files.stat(path.join(home, 'Library/Application Support/pip')) !== undefined
      ? inHome('Library', 'Application Support', 'pip', 'pip.conf')
      : xdg === undefined
        ? inHome('.config', 'pip', 'pip.conf')
        : [path.join(xdg, 'pip', 'pip.conf')]
  return [...machine, ...inHome('.pip', 'pip.conf'), ...user, ...given]
}

function expandHome(host: Pick<Host, 'home' | 'path'>, place: string): string {
  return host.home !== undefined && /^~(?:[/\\]|$)/.test(place) ? host.path.join(host.home, place.slice(1)) : place
}

// Where packages come from, as pip is told: DEN_INDEX_URL, PIP_INDEX_URL and its kin, and pip.conf (pip.ini on Windows) in all the
// places where pip looks. Every value knows where it was set.

import { DenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { type Host, variable } from '../host/host.ts'
import { type PipConfigEntry, pipConfigItems, pipFlag, readPipConfig } from './pip-config.ts'
import { openPath, type PipConfigHost, pipConfigPlaces } from './pip-config-files.ts'

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

/**
 * Reads variables and files. Throws `invalid-setting` for an index that is no http address and a timeout that is no number,
 * `invalid-ini` and `undecodable-file` for a broken file.
 */
export function readIndexSettings(host: PipConfigHost): IndexSettings {
  const items = pipConfigItems(readPipConfig(host), 'install')
  /** den's own variable first; then what pip itself would take. */
  const lookUp = (own: string | undefined, ...names: readonly string[]): Setting<string> | undefined => {
    const value = own === undefined ? undefined : variable(host, own)?.trim()
    if (own !== undefined && value !== undefined && value !== '') return { value, from: own }
    const found = items.findLast((item: PipConfigEntry) => names.includes(item.name) && item.value.trim() !== '')
    return found && { value: found.value.trim(), from: found.from }
  }
  const address = lookUp('DEN_INDEX_URL', 'index-url', 'pypi-url')
  const links = lookUp('DEN_FIND_LINKS', 'find-links')
  const off = lookUp(undefined, 'no-index')
  const timeout = lookUp(undefined, 'timeout', 'default-timeout')
  return {
    index: address === undefined ? undefined : { value: parseIndexUrl(address), from: address.from },
    findLinks: (links?.value.split(/\s+/) ?? [])
      .filter((place) => place !== '')
      .map((place) => ({ value: expandHome(host, place), from: links!.from })),
    noIndex: off !== undefined && pipFlag(off.value) === true ? { value: true, from: off.from } : undefined,
    timeout: timeout === undefined ? undefined : { value: parseSeconds(timeout), from: timeout.from },
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

/** pip's files from the weakest to the strongest, as absolute paths; none where PIP_CONFIG_FILE is the null device. */
export function pipConfigFiles(host: PipConfigHost): readonly string[] {
  return pipConfigPlaces(host).map(({ path }) => openPath(host, path))
}

function expandHome(host: Pick<Host, 'home' | 'path'>, place: string): string {
  return host.home !== undefined && /^~(?:[/\\]|$)/.test(place) ? host.path.join(host.home, place.slice(1)) : place
}

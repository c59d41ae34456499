// Looking around in directories that may be missing or closed: neither is an error while searching.

import { isDenError } from '../base/error.ts'
import type { DirectoryEntry } from '../host/files.ts'
import type { Host } from '../host/host.ts'

/** The entries of a directory sorted by name, numbers by value; none where it is missing, no directory, or closed to this user. */
export function listQuietly(host: Pick<Host, 'files'>, directory: string): readonly DirectoryEntry[] {
  const entries = ifOpen(host, directory, () => host.files.list(directory))
  return [...entries].sort((one, other) => compareNumbers(one.name, other.name))
}

/** The names in a directory, in no order; for directories of programs, which may hold thousands. */
export function namesQuietly(host: Pick<Host, 'files'>, directory: string): readonly string[] {
  return ifOpen(host, directory, () => host.files.names(directory))
}

function ifOpen<Entry>(
  host: Pick<Host, 'files'>,
  directory: string,
  read: () => readonly Entry[] | undefined,
): readonly Entry[] {
  try {
    // Most directories asked for aren't there, and a look is cheaper than a failed listing.
    return host.files.stat(directory)?.kind === 'directory' ? (read() ?? []) : []
  } catch (error) {
    if (isDenError(error, 'permission-denied', 'io-failed', 'too-many-open-files')) return []
    throw error
  }
}

/** Whether it is a directory that can be looked at; links are followed. */
export function isReadableDirectory(host: Pick<Host, 'files'>, directory: string): boolean {
  return statQuietly(host, directory) === 'directory'
}

/** What stands there, links followed; undefined where nothing does or the way is closed. */
export function statQuietly(
  host: Pick<Host, 'files'>,
  path: string,
): 'file' | 'directory' | 'link' | 'other' | undefined {
  try {
    return host.files.stat(path)?.kind
  } catch (error) {
    if (isDenError(error, 'permission-denied', 'io-failed')) return undefined
    throw error
  }
}

/** Whether something stands there, be it a link that leads nowhere; `closed` where this user is kept from looking. */
export function presenceOf(host: Pick<Host, 'files'>, path: string): 'there' | 'absent' | 'closed' {
  try {
    return host.files.lstat(path) === undefined ? 'absent' : 'there'
  } catch (error) {
    if (isDenError(error, 'permission-denied', 'io-failed')) return 'closed'
    throw error
  }
}

/** The text of a small file; undefined where there is none or it is closed. */
export function readTextQuietly(host: Pick<Host, 'files'>, path: string): string | undefined {
  try {
    return host.files.stat(path)?.kind === 'file' ? host.files.readText(path) : undefined
  } catch (error) {
    if (isDenError(error, 'permission-denied', 'io-failed')) return undefined
    throw error
  }
}

/** Orders names so that 3.9 comes before 3.10: runs of digits by their value, the rest by code unit. */
export function compareNumbers(one: string, other: string): number {
  const left = one.match(/\d+|\D+/g) ?? []
  const right = other.match(/\d+|\D+/g) ?? []
  for (const [index, part] of left.entries()) {
    const against = right[index]
    if (against === undefined) return 1
    if (part === against) continue
    const numeric = /^\d/.test(part) && /^\d/.test(against) ? Number(part) - Number(against) : 0
    if (numeric !== 0) return numeric
    return part < against ? -1 : 1
  }
  return left.length < right.length ? -1 : 0
}

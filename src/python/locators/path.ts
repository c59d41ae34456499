// The directories of PATH, and the shims of pyenv, asdf and mise that may stand there: each is taken for what it would start.

import { isDenError } from '../../base/error.ts'
import { type Host, searchPath } from '../../host/host.ts'
import { compareNumbers, namesQuietly, statQuietly } from '../looking.ts'
import { isInterpreterName } from '../names.ts'
import { resolveShim, type Shim } from '../shims.ts'
import type { Candidate, Locator } from './locator.ts'

export const path: Locator = {
  name: 'path',
  *find(host) {
    for (const directory of searchPath(host)) yield* pythonsIn(host, directory)
  },
}

/** The interpreters in one directory of programs; the most telling name first: python3.12 before python3 before python. */
export function* pythonsIn(host: Host, directory: string): Iterable<Candidate> {
  const names = namesQuietly(host, directory)
    .filter((name) => isInterpreterName(name, host.platform))
    .sort((one, other) => other.length - one.length || compareNumbers(other, one))
  for (const name of names) {
    const executable = host.path.join(directory, name)
    if (statQuietly(host, executable) === 'directory') continue
    if (host.platform === 'darwin' && directory === '/usr/bin') continue // xcrun's stub, which may ask to install Xcode
    const candidate = throughShim(host, executable)
    if (candidate !== undefined) yield candidate
  }
}

/** The program behind a shim; undefined for a shim of a version that isn't selected. */
export function throughShim(host: Host, executable: string): Candidate | undefined {
  const directory = host.path.basename(host.path.dirname(executable))
  // Every tool calls the directory so; looking into each python on PATH would be a read more for nothing.
  if (directory !== 'shims') return { executable }
  const shim = shimOrNothing(host, executable)
  if (shim === undefined) return { executable }
  return shim.target === undefined ? undefined : { executable: shim.target, alsoAt: [executable] }
}

/** Of a shim that this user may not read nobody can say where it leads; it is shown as the broken Python it is for them. */
function shimOrNothing(host: Host, executable: string): Shim | undefined {
  try {
    return resolveShim(host, executable)
  } catch (error) {
    if (isDenError(error, 'permission-denied', 'io-failed')) return undefined
    throw error
  }
}

// The real Pythons of the machine that tests run on: pyenv's and the system's. Found by directory, so that what finds Pythons in den
// is not what chooses those that test it.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export interface RealPython {
  /** As its directory says: "3.12.1"; of the system's, as its name says: "3.11". */
  readonly version: string
  readonly executable: string
}

/** Every real Python, oldest first, pyenv's before the system's. */
export function pythons(): readonly RealPython[] {
  const root = process.env['PYENV_ROOT'] ?? path.join(os.homedir(), '.pyenv')
  const versions = path.join(root, 'versions')
  const managed = (fs.existsSync(versions) ? fs.readdirSync(versions, { withFileTypes: true }) : [])
    .filter((entry) => entry.isDirectory() && /^\d+\.\d+\.\d+$/.test(entry.name))
    .map(({ name }) => ({ version: name, executable: path.join(versions, name, 'bin', 'python') }))
  const system = fs
    .readdirSync('/usr/bin')
    .filter((name) => /^python\d\.\d+$/.test(name))
    .map((name) => ({ version: name.slice('python'.length), executable: path.join('/usr/bin', name) }))
  const byVersion = (one: RealPython, other: RealPython): number =>
    one.version.localeCompare(other.version, 'en', { numeric: true })
  return [...managed.sort(byVersion), ...system.sort(byVersion)].filter(({ executable }) => fs.existsSync(executable))
}

/** What can skip a test and say why: node:test's context. */
export interface Skipping {
  skip(message?: string): void
}

/** The first real Python of a version line ("3.12"); skips the test, loudly, where there is none. */
export function pythonOr(t: Skipping, line: string): RealPython | undefined {
  const found = pythons().find(({ version }) => version === line || version.startsWith(`${line}.`))
  if (found === undefined) t.skip(`NOT TESTED: there is no Python ${line} on this machine`)
  return found
}

/** The last of the real Pythons of a version line, the system's before pyenv's. */
export function newestPython(line: string): RealPython | undefined {
  return pythons().findLast(({ version }) => version === line || version.startsWith(`${line}.`))
}

/** False where there is a Python of that line; else why `what` is not tested. */
export function skipWithoutPython(line: string, what: string): string | false {
  return newestPython(line) === undefined ? `NOT TESTED: ${what}, there is no Python ${line} on this machine` : false
}

// flock(2), for the one file where another tool looks for it (uv's ENV/.lock). Bun can call it, Node can't; den's own locks are those of
// lock.ts, which both have.

import fs from 'node:fs'
import { ioError } from './io-error.ts'
import type { Lock } from './lock.ts'

interface Ffi {
  dlopen(
    library: string,
    symbols: Readonly<Record<string, { readonly args: readonly string[]; readonly returns: string }>>,
  ): { readonly symbols: Readonly<Record<string, (...args: readonly unknown[]) => number>> }
}

const [exclusive, nonblocking] = [2, 4]

let flock: ((...args: readonly unknown[]) => number) | false | undefined

/** Whether this runtime can take such locks. */
export function canFlock(): boolean {
  flock ??= bunFlock()
  return flock !== false
}

/**
 * Takes the lock of a file that stands, or answers undefined when another holds it. The system frees it when the holder dies. Throws
 * `io-failed` and its kin when the file can't be opened, a link included: its target is somebody else's.
 */
export function tryFlock(path: string): Lock | undefined {
  if (!canFlock() || flock === undefined || flock === false) return undefined
  let descriptor: number
  try {
    descriptor = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NOFOLLOW)
  } catch (error) {
    throw ioError(error, 'lock', path)
  }
  if (flock(descriptor, exclusive | nonblocking) !== 0) {
    fs.closeSync(descriptor)
    return undefined
  }
  let held = true
  const release = (): void => {
    if (!held) return
    held = false
    fs.closeSync(descriptor)
  }
  return Object.freeze({ path, release, [Symbol.dispose]: release })
}

function bunFlock(): ((...args: readonly unknown[]) => number) | false {
  if (process.versions['bun'] === undefined || process.platform === 'win32') return false
  // Under a name that bundlers and Node don't look for.
  const ffi = process.getBuiltinModule('module').createRequire('/')(`bun:${'ffi'}`) as Ffi
  const musl = `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`
  for (const library of process.platform === 'darwin' ? ['libSystem.B.dylib'] : ['libc.so.6', musl]) {
    try {
      return ffi.dlopen(library, { flock: { args: ['int', 'int'], returns: 'int' } }).symbols['flock']!
    } catch {
      // Another C library.
    }
  }
  return false
}

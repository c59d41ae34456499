// The system's own calls on a path below a directory that is held open: nobody walks down to it once more for each file, and node:fs, whose
// look at a file takes longer than the kernel's, is left out. Bun on Linux can do that; elsewhere there is the ordinary way.

import type { Ffi } from './received.ts'

type Call = (...args: readonly unknown[]) => number

interface Door {
  readonly calls: Readonly<Record<'statx' | 'linkat' | 'mkdirat', Call>>
  readonly addressOf: Ffi['ptr']
}

let door: Door | false | undefined

function openDoor(): Door | false {
  if (process.versions['bun'] === undefined || process.platform !== 'linux') return false
  // Under a name that bundlers and Node don't look for.
  const ffi = process.getBuiltinModule('module').createRequire('/')(`bun:${'ffi'}`) as Ffi
  for (const library of ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`]) {
    try {
      const { symbols } = ffi.dlopen(library, {
        statx: { args: ['i32', 'ptr', 'i32', 'u32', 'ptr'], returns: 'i32' },
        linkat: { args: ['i32', 'ptr', 'i32', 'ptr', 'i32'], returns: 'i32' },
        mkdirat: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
      })
      return { calls: symbols as Door['calls'], addressOf: ffi.ptr }
    } catch {
      // Another C library, or one without statx.
    }
  }
  return false
}

/** struct statx, in 32-bit words (and the mode in 16-bit ones): the same on every little-endian Linux. */
const words = { size: 10, seconds: 28, nanoseconds: 30 } as const
const modeAt = 14
const kindMask = 0o170000
const kinds: Readonly<Record<number, 'file' | 'directory'>> = { [0o100000]: 'file', [0o040000]: 'directory' }
const noFollow = 0x100
/** Kind, size, modification time. */
const wanted = 0x1 | 0x200 | 0x40

/** Paths and names are addresses of text that ends with a NUL; a directory is the descriptor of an open one. */
export interface CallsBelow {
  readonly addressOf: (bytes: Uint8Array) => number
  /** Looks, at a link itself; the rest tells of the last look. Undefined for what is neither, or is not there. */
  look(directory: number, path: number): 'file' | 'directory' | undefined
  /** Bytes. */
  size(): number
  /** Since 1970. */
  seconds(): number
  nanoseconds(): number
  /** Gives a file a second name. */
  link(from: number, path: number, to: number, name: number): boolean
  makeDirectory(directory: number, path: number): boolean
}

/** Undefined where it can't be done so. */
export function callsBelow(): CallsBelow | undefined {
  door ??= openDoor()
  if (door === false) return undefined
  const { calls, addressOf } = door
  const { statx, linkat, mkdirat } = calls
  const facts = new Uint32Array(64)
  const modes = new Uint16Array(facts.buffer)
  const factsAt = addressOf(facts)
  const long = (at: number): number => facts[at]! + facts[at + 1]! * 2 ** 32
  return {
    addressOf,
    look: (directory, path) =>
      statx(directory, path, noFollow, wanted, factsAt) === 0 ? kinds[modes[modeAt]! & kindMask] : undefined,
    size: () => long(words.size),
    seconds: () => long(words.seconds),
    nanoseconds: () => facts[words.nanoseconds]!,
    link: (from, path, to, name) => linkat(from, path, to, name, 0) === 0,
    makeDirectory: (directory, path) => mkdirat(directory, path, 0o777) === 0,
  }
}

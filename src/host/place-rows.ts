// Many directories and second names at once, known beforehand one and all: nothing but the system's own calls, each on a path of a few
// segments below a directory that is held open. Bun on Linux can do that; elsewhere they are made one by one.

import fs from 'node:fs'
import type { Ffi } from './received.ts'

export interface Rows {
  /**
   * UTF-8, each name with a NUL behind it: what is looked at below `from`; directories below `to` that stand; directories that are made
   * there; and then, of each second name, what it is given to (below `from`) and the name (below `to`).
   */
  readonly names: Uint8Array
  readonly looks: number
  readonly standing: number
  readonly directories: number
  readonly links: number
  /** Of each look: the time of the last change, in milliseconds since 1970, and the bytes of a file; -1 for a directory. */
  readonly facts: readonly number[]
}

/** How far it came: `changed` and nothing was made, or `stopped` on the way. */
export type RowsDone = 'done' | 'changed' | 'stopped'

type Call = (...args: readonly unknown[]) => number
type Calls = Readonly<Record<'statx' | 'linkat' | 'mkdirat', Call>>

let calls: { readonly symbols: Calls; readonly ptr: Ffi['ptr'] } | false | undefined

function systemCalls(): typeof calls {
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
      return { symbols: symbols as Calls, ptr: ffi.ptr }
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
const fileKind = 0o100000
const directoryKind = 0o040000
const noFollow = 0x100
/** Kind, size, modification time. */
const wanted = 0x1 | 0x200 | 0x40

/** To the microsecond, which is about what a number holds. */
function isTime(facts: Uint32Array, modified: number): boolean {
  const seconds = facts[words.seconds]! + facts[words.seconds + 1]! * 2 ** 32
  return Math.abs(seconds * 1000 + facts[words.nanoseconds]! / 1e6 - modified) < 0.001
}

/** undefined where it can't be done so. Everything is looked at before anything is made. */
export function placeRows(from: string, to: string, rows: Rows): RowsDone | undefined {
  calls ??= systemCalls()
  if (calls === false || calls === undefined) return undefined
  const { symbols, ptr } = calls
  const { statx, linkat, mkdirat } = symbols
  const { names } = rows
  const start = ptr(names)
  const facts = new Uint32Array(64)
  const modes = new Uint16Array(facts.buffer)
  let source: number | undefined
  let target: number | undefined
  let at = 0
  /** Where the next name stands. */
  const next = (): number => {
    const name = start + at
    at = names.indexOf(0, at) + 1
    return name
  }
  const kindOf = (directory: number, name: number): number =>
    statx(directory, name, noFollow, wanted, facts) === 0 ? modes[modeAt]! & kindMask : 0
  try {
    source = fs.openSync(from, 'r')
    target = fs.openSync(to, 'r')
    for (let index = 0; index < rows.looks; index += 1) {
      const size = rows.facts[2 * index + 1]!
      const kind = kindOf(source, next())
      const isSame =
        kind === (size === -1 ? directoryKind : fileKind) &&
        (size === -1 || facts[words.size]! + facts[words.size + 1]! * 2 ** 32 === size) &&
        isTime(facts, rows.facts[2 * index]!)
      if (!isSame) return 'changed'
    }
    for (let index = 0; index < rows.standing; index += 1)
      if (kindOf(target, next()) !== directoryKind) return 'changed'
    for (let index = 0; index < rows.directories; index += 1) if (mkdirat(target, next(), 0o777) !== 0) return 'stopped'
    for (let index = 0; index < rows.links; index += 1)
      if (linkat(source, next(), target, next(), 0) !== 0) return 'stopped'
    return 'done'
  } catch {
    return 'changed'
  } finally {
    if (source !== undefined) fs.closeSync(source)
    if (target !== undefined) fs.closeSync(target)
  }
}

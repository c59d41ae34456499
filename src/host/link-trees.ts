// Second names for the files of a whole tree, with as little beside the system's own calls as can be: both tops are held open, so that
// nobody walks down to them once more for each file, and the calls are made without node:fs, whose look at a file takes longer than the
// kernel's. Bun on Linux can do that; elsewhere, and for whatever goes wrong here, there is the ordinary way.

import fs from 'node:fs'
import type { Ffi } from './received.ts'

export interface TreeLinks {
  /**
   * Makes the directory and gives its files second names there, those that are files of this size and time. `done[i]` is 1 for each that
   * has got its name; why another one hasn't is for the ordinary way to find out.
   */
  place(directory: string, files: readonly (readonly [name: string, size: number, ...unknown[]])[]): Uint8Array
  close(): void
}

type Call = (...args: readonly unknown[]) => number
type Calls = Readonly<Record<'statx' | 'linkat' | 'mkdirat', Call>> & { readonly ptr: Ffi['ptr'] }

let calls: Calls | false | undefined

function systemCalls(): Calls | false {
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
      return { ...symbols, ptr: ffi.ptr } as Calls
    } catch {
      // Another C library, or one without statx.
    }
  }
  return false
}

/** struct statx, in 32-bit words (and the mode in 16-bit ones): the same on every little-endian Linux. */
const words = { size: 10, seconds: 28, nanoseconds: 30 } as const
const modeAt = 14
const fileKind = 0o100000
const kindMask = 0o170000
const noFollow = 0x100
/** Kind, size, modification time. */
const wanted = 0x1 | 0x200 | 0x40

/** undefined where it can't be done so. `modified`: whole seconds, in milliseconds since 1970. */
export function linkTrees(from: string, to: string, modified: number): TreeLinks | undefined {
  calls ??= systemCalls()
  if (calls === false) return undefined
  const { statx, linkat, mkdirat, ptr } = calls
  const seconds = modified / 1000
  const facts = new Uint32Array(64)
  const modes = new Uint16Array(facts.buffer)
  const factsAt = ptr(facts)
  const text = new TextEncoder()
  let source: number
  let target: number | undefined
  try {
    source = fs.openSync(from, 'r')
  } catch {
    return undefined
  }
  try {
    target = fs.openSync(to, 'r')
  } catch {
    fs.closeSync(source)
    return undefined
  }
  const into = target
  let bytes = new Uint8Array(2 ** 14)
  return {
    place(directory, files) {
      const done = new Uint8Array(files.length)
      const below = directory === '' ? '' : `${directory}/`
      let names = directory === '' ? '.\0' : `${directory}\0`
      for (const [name] of files) names += `${below}${name}\0`
      // Kept for as long as addresses in it are in use: one view of it for each file would cost as much as the kernel does.
      if (names.length * 3 > bytes.length) bytes = new Uint8Array(names.length * 6)
      text.encodeInto(names, bytes)
      const start = ptr(bytes)
      if (directory !== '') mkdirat(into, start, 0o777)
      let at = bytes.indexOf(0) + 1
      for (let index = 0; index < files.length; index += 1) {
        const path = start + at
        at = bytes.indexOf(0, at) + 1
        if (statx(source, path, noFollow, wanted, factsAt) !== 0) continue
        const isSound =
          (modes[modeAt]! & kindMask) === fileKind &&
          facts[words.size]! + facts[words.size + 1]! * 2 ** 32 === files[index]![1] &&
          facts[words.seconds]! + facts[words.seconds + 1]! * 2 ** 32 === seconds &&
          facts[words.nanoseconds] === 0
        if (isSound && linkat(source, path, into, path, 0) === 0) done[index] = 1
      }
      return done
    },
    close() {
      fs.closeSync(source)
      fs.closeSync(into)
    },
  }
}

// Mach-O headers (mach-o/loader.h, mach-o/fat.h): the slice for this machine, its dylibs, rpaths and constant strings.

import { uint64At, viewOf } from '../../format/bytes.ts'
import type { RangeReader } from '../../format/elf.ts'
import { type Binary, textAt } from './reader.ts'

const machines: Readonly<Record<number, string>> = {
  7: 'i386',
  12: 'arm',
  18: 'ppc',
  16777223: 'x86_64',
  16777228: 'arm64',
  16777234: 'ppc64',
}

const LC_SEGMENT = 0x1
const LC_SEGMENT_64 = 0x19
const LC_LOAD_DYLIB = 0xc
const LC_LOAD_WEAK_DYLIB = 0x80000018
const LC_REEXPORT_DYLIB = 0x8000001f
const LC_RPATH = 0x8000001c

const magics = new Set([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe])
const fat = 0xcafebabe
const fat64 = 0xcafebabf

export function isMachO(head: Uint8Array): boolean {
  if (head.length < 32) return false
  const view = viewOf(head)
  const magic = view.getUint32(0)
  // A Java class begins as a universal binary does; where that counts its slices, a class has its version (45 and more).
  return magics.has(magic) || ((magic === fat || magic === fat64) && view.getUint32(4) < 20)
}

/** Reads a Mach-O file; of a universal one the slice for `arch` (Node's word), else its first. Undefined when damaged. */
export function readMachO(read: RangeReader, arch: string): Binary | undefined {
  try {
    const head = viewOf(read(0, 8))
    const magic = head.getUint32(0)
    if (magic !== fat && magic !== fat64) return readSlice(read, 0)
    const wanted = arch === 'arm64' ? 0x0100000c : arch === 'x64' ? 0x01000007 : 7
    const count = head.getUint32(4)
    const size = magic === fat64 ? 32 : 20
    const table = viewOf(read(8, count * size))
    let chosen: number | undefined
    for (let index = 0; index < count; index += 1) {
      const at = index * size
      const offset = magic === fat64 ? uint64At(table, at + 8, false) : table.getUint32(at + 8)
      if (table.getUint32(at) === wanted) return readSlice(read, offset)
      chosen ??= offset
    }
    return chosen === undefined ? undefined : readSlice(read, chosen)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function readSlice(read: RangeReader, base: number): Binary | undefined {
  const head = viewOf(read(base, 32))
  const magic = head.getUint32(0)
  const little = magic === 0xcefaedfe || magic === 0xcffaedfe
  const wide = magic === 0xfeedfacf || magic === 0xcffaedfe
  const machine = machines[head.getUint32(4, little)]
  if (!magics.has(magic) || machine === undefined) return undefined
  const count = head.getUint32(16, little)
  const bytes = read(base + (wide ? 32 : 28), head.getUint32(20, little))
  const commands = viewOf(bytes)
  const needed: string[] = []
  const runpath: string[] = []
  let constants: Binary['constants']
  for (let index = 0, at = 0; index < count; index += 1) {
    const command = commands.getUint32(at, little)
    const size = commands.getUint32(at + 4, little)
    if (size < 8) return undefined
    const text = (): string => textAt(bytes.subarray(0, at + size), at + commands.getUint32(at + 8, little))
    if (command === LC_LOAD_DYLIB || command === LC_LOAD_WEAK_DYLIB || command === LC_REEXPORT_DYLIB)
      needed.push(text())
    else if (command === LC_RPATH) runpath.push(text())
    else if (command === LC_SEGMENT || command === LC_SEGMENT_64) {
      constants ??= cstrings(bytes, at, { base, little, wide: command === LC_SEGMENT_64 })
    }
    at += size
  }
  return {
    format: 'mach-o',
    bits: wide ? 64 : 32,
    machine,
    needed,
    runpath,
    ...(constants === undefined ? {} : { constants }),
  }
}

/** The section __TEXT,__cstring of a segment command. */
function cstrings(
  bytes: Uint8Array,
  at: number,
  { base, little, wide }: { readonly base: number; readonly little: boolean; readonly wide: boolean },
): Binary['constants'] {
  const view = viewOf(bytes)
  const count = view.getUint32(at + (wide ? 64 : 48), little)
  const size = wide ? 80 : 68
  for (let index = 0; index < count; index += 1) {
    const section = at + (wide ? 72 : 56) + index * size
    if (textAt(bytes.subarray(0, section + 16), section) !== '__cstring') continue
    const length = wide ? uint64At(view, section + 40, little) : view.getUint32(section + 36, little)
    return { start: base + view.getUint32(section + (wide ? 48 : 40), little), length }
  }
  return undefined
}

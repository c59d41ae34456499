// ELF headers, as System V's ABI lays them out (gABI chapters 4 and 5): machine, loader, needed libraries, search path; constants.

import { uint64At, viewOf } from '../../format/bytes.ts'
import { type Binary, type RangeReader, textAt } from './reader.ts'

/** e_machine to the kernel's word for it; where 32 and 64 bits share a number, the first is the 32-bit one. */
const machines: Readonly<Record<number, readonly [narrow: string, wide: string]>> = {
  2: ['sparc', 'sparc'],
  3: ['i686', 'i686'],
  8: ['mips', 'mips64'],
  20: ['ppc', 'ppc'],
  21: ['ppc64', 'ppc64'],
  22: ['s390', 's390x'],
  40: ['armv7l', 'armv7l'],
  43: ['sparc64', 'sparc64'],
  62: ['x86_64', 'x86_64'],
  183: ['aarch64', 'aarch64'],
  243: ['riscv32', 'riscv64'],
  258: ['loongarch32', 'loongarch64'],
}

const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_INTERP = 3
const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_RPATH = 15
const DT_RUNPATH = 29
const SHT_PROGBITS = 1

export function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46
}

/** Reads an ELF file; undefined when it is cut short or its tables point outside it. */
export function readElf(read: RangeReader): Binary | undefined {
  try {
    return readTables(read)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

function readTables(read: RangeReader): Binary | undefined {
  const head = viewOf(read(0, 64))
  const wide = head.getUint8(4) === 2
  const little = head.getUint8(5) === 1
  /** A number as wide as the file's addresses. */
  const word = (view: DataView, at: number): number => (wide ? uint64At(view, at, little) : view.getUint32(at, little))
  const names = machines[head.getUint16(18, little)]
  if (names === undefined) return undefined
  let machine = names[wide ? 1 : 0]
  if (machine === 'ppc64' && little) machine = 'ppc64le'

  const segments: Segment[] = []
  const entrySize = head.getUint16(wide ? 54 : 42, little)
  const entryCount = head.getUint16(wide ? 56 : 44, little)
  const table = viewOf(read(word(head, wide ? 32 : 28), entrySize * entryCount))
  for (let index = 0; index < entryCount; index += 1) {
    const at = index * entrySize
    segments.push({
      type: table.getUint32(at, little),
      offset: word(table, at + (wide ? 8 : 4)),
      address: word(table, at + (wide ? 16 : 8)),
      size: word(table, at + (wide ? 32 : 16)),
    })
  }
  const loader = segments.find((segment) => segment.type === PT_INTERP)
  return {
    format: 'elf',
    bits: wide ? 64 : 32,
    machine,
    ...readDynamic(read, segments, { wide, word }),
    ...(loader === undefined ? {} : { interpreter: textAt(read(loader.offset, loader.size), 0) }),
  }
}

type Word = (view: DataView, at: number) => number

function readDynamic(
  read: RangeReader,
  segments: readonly Segment[],
  { wide, word }: { readonly wide: boolean; readonly word: Word },
): Pick<Binary, 'needed' | 'runpath'> {
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC)
  if (dynamic === undefined) return { needed: [], runpath: [] }
  const entries = viewOf(read(dynamic.offset, dynamic.size))
  const step = wide ? 16 : 8
  const neededAt: number[] = []
  let runpathAt: number | undefined
  let rpathAt: number | undefined
  let strings: number | undefined
  for (let at = 0; at + step <= entries.byteLength; at += step) {
    const tag = word(entries, at)
    const value = word(entries, at + step / 2)
    if (tag === 0) break
    if (tag === DT_NEEDED) neededAt.push(value)
    else if (tag === DT_RUNPATH) runpathAt = value
    else if (tag === DT_RPATH) rpathAt = value
    else if (tag === DT_STRTAB) strings = value
  }
  // The string table is given by its address in memory; a loaded segment says where in the file that is.
  const segment = segments.find(
    ({ type, address, size }) =>
      type === PT_LOAD && strings !== undefined && strings >= address && strings < address + size,
  )
  if (segment === undefined || strings === undefined) return { needed: [], runpath: [] }
  const base = strings - segment.address + segment.offset
  // An executable that exports its symbols has a table of 100 kB; the few names wanted stand close together.
  const pathAt = runpathAt ?? rpathAt
  const wanted = pathAt === undefined ? neededAt : [...neededAt, pathAt]
  if (wanted.length === 0) return { needed: [], runpath: [] }
  const first = Math.min(...wanted)
  const span = Math.max(...wanted) - first + 4096
  const near = span <= 65_536 ? read(base + first, span) : undefined
  const text = (offset: number): string =>
    near === undefined ? textAt(read(base + offset, 4096), 0) : textAt(near, offset - first)
  return {
    needed: neededAt.map(text),
    runpath:
      pathAt === undefined
        ? []
        : text(pathAt)
            .split(':')
            .filter((entry) => entry !== ''),
  }
}

/**
 * Where the section .rodata stands, by the section headers at the file's end; undefined when there are none. Not part of readElf:
 * few callers want it, and it costs two more reads.
 */
export function findElfConstants(read: RangeReader): Binary['constants'] {
  try {
    return findSection(read, '.rodata')
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function findSection(read: RangeReader, wanted: string): Binary['constants'] {
  const head = viewOf(read(0, 64))
  const wide = head.getUint8(4) === 2
  const little = head.getUint8(5) === 1
  const word = (view: DataView, at: number): number => (wide ? uint64At(view, at, little) : view.getUint32(at, little))
  const offset = word(head, wide ? 40 : 32)
  const size = head.getUint16(wide ? 58 : 46, little)
  const count = head.getUint16(wide ? 60 : 48, little)
  const namesIndex = head.getUint16(wide ? 62 : 50, little)
  if (offset === 0 || count === 0 || namesIndex >= count) return undefined
  const bytes = read(offset, size * count)
  if (bytes.length < size * count) return undefined
  const table = viewOf(bytes)
  const start = (index: number): number => word(table, index * size + (wide ? 24 : 16))
  const length = (index: number): number => word(table, index * size + (wide ? 32 : 20))
  const names = read(start(namesIndex), length(namesIndex))
  for (let index = 0; index < count; index += 1) {
    if (table.getUint32(index * size + 4, little) !== SHT_PROGBITS) continue
    if (textAt(names, table.getUint32(index * size, little)) === wanted) {
      return { start: start(index), length: length(index) }
    }
  }
  return undefined
}

// What an ELF file tells of a program: machine, loader, needed libraries, search path; constants.

import { viewOf } from '../../format/bytes.ts'
import {
  dynamicTags,
  type ElfDynamic,
  type RangeReader,
  readElfDynamic,
  readElfHeader,
  readElfSegments,
  segmentTypes,
} from '../../format/elf.ts'
import { type Binary, textAt } from './reader.ts'

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

const SHT_PROGBITS = 1

/** Reads an ELF file; undefined when it is cut short or its tables point outside it. */
export function readElf(read: RangeReader): Binary | undefined {
  try {
    return readTables(read)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function readTables(read: RangeReader): Binary | undefined {
  const header = readElfHeader(read)
  const { view, wide, little } = header
  const names = machines[view.getUint16(18, little)]
  if (names === undefined) return undefined
  let machine = names[wide ? 1 : 0]
  if (machine === 'ppc64' && little) machine = 'ppc64le'
  const segments = readElfSegments(read, header)
  const loader = segments.find(({ type }) => type === segmentTypes.interpreter)
  const dynamic = readElfDynamic(read, header, segments)
  return {
    format: 'elf',
    bits: wide ? 64 : 32,
    machine,
    ...(dynamic === undefined ? { needed: [], runpath: [] } : librariesOf(read, dynamic)),
    ...(loader === undefined ? {} : { interpreter: textAt(read(loader.offset, loader.size), 0) }),
  }
}

function librariesOf(read: RangeReader, { entries, strings }: ElfDynamic): Pick<Binary, 'needed' | 'runpath'> {
  const lastOf = (wanted: number): number | undefined => entries.findLast(({ tag }) => tag === wanted)?.value
  const neededAt = entries.filter(({ tag }) => tag === dynamicTags.needed).map(({ value }) => value)
  const pathAt = lastOf(dynamicTags.runpath) ?? lastOf(dynamicTags.rpath)
  const wanted = pathAt === undefined ? neededAt : [...neededAt, pathAt]
  if (wanted.length === 0) return { needed: [], runpath: [] }
  // An executable that exports its symbols has a table of 100 kB; the few names wanted stand close together.
  const first = Math.min(...wanted)
  const span = Math.max(...wanted) - first + 4096
  const near = span <= 65_536 ? read(strings + first, span) : undefined
  const text = (offset: number): string =>
    near === undefined ? textAt(read(strings + offset, 4096), 0) : textAt(near, offset - first)
  const runpath = pathAt === undefined ? '' : text(pathAt)
  return { needed: neededAt.map(text), runpath: runpath.split(':').filter((entry) => entry !== '') }
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
  const { view: head, wide, little, word } = readElfHeader(read)
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

// ELF files, as System V's ABI lays them out (gABI chapters 4 and 5): the header, the segments, and what the dynamic section says to the
// loader. Whoever reads gives a reader of ranges; a number that points out of the file ends in its RangeError.

import { uint64At, viewOf } from './bytes.ts'

/** Reads bytes of one file; where there are fewer than asked for it may give those. */
export type RangeReader = (start: number, length: number) => Uint8Array

export interface ElfHeader {
  readonly view: DataView
  readonly wide: boolean
  readonly little: boolean
  /** A number as wide as the file's addresses. */
  word(view: DataView, at: number): number
}

export interface ElfSegment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

export interface ElfDynamic {
  /** In the section's order. */
  readonly entries: readonly { readonly tag: number; readonly value: number }[]
  /** Where in the file the table of strings begins. */
  readonly strings: number
}

export const segmentTypes = { load: 1, dynamic: 2, interpreter: 3 } as const
export const dynamicTags = { needed: 1, strings: 5, rpath: 15, runpath: 29 } as const
/** Larger than any that a linker writes; a damaged header may claim anything. */
const largestTable = 2 ** 24
const largestSection = 2 ** 20

/** Whether the bytes start as an ELF file does. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes.length > 16 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46
}

/** Throws RangeError. */
export function readElfHeader(read: RangeReader): ElfHeader {
  const view = viewOf(read(0, 64))
  const wide = view.getUint8(4) === 2
  const little = view.getUint8(5) === 1
  return {
    view,
    wide,
    little,
    word: (numbers, at) => (wide ? uint64At(numbers, at, little) : numbers.getUint32(at, little)),
  }
}

/** Throws RangeError. */
export function readElfSegments(read: RangeReader, { view, wide, little, word }: ElfHeader): readonly ElfSegment[] {
  const size = view.getUint16(wide ? 54 : 42, little)
  const count = view.getUint16(wide ? 56 : 44, little)
  if (count > 0 && (size < (wide ? 56 : 32) || size * count > largestTable))
    throw new RangeError('no table of segments')
  const table = viewOf(read(word(view, wide ? 32 : 28), size * count))
  return Array.from({ length: count }, (_, index) => {
    const at = index * size
    return {
      type: table.getUint32(at, little),
      offset: word(table, at + (wide ? 8 : 4)),
      address: word(table, at + (wide ? 16 : 8)),
      size: word(table, at + (wide ? 32 : 16)),
    }
  })
}

/** undefined for a file that has no such section, or no strings for it. Throws RangeError. */
export function readElfDynamic(
  read: RangeReader,
  { wide, word }: ElfHeader,
  segments: readonly ElfSegment[],
): ElfDynamic | undefined {
  const section = segments.find(({ type }) => type === segmentTypes.dynamic)
  if (section === undefined) return undefined
  const view = viewOf(read(section.offset, Math.min(section.size, largestSection)))
  const step = wide ? 16 : 8
  const entries: { readonly tag: number; readonly value: number }[] = []
  for (let at = 0; at + step <= view.byteLength; at += step) {
    const tag = word(view, at)
    if (tag === 0) break
    entries.push({ tag, value: word(view, at + step / 2) })
  }
  // The table of strings is named by where it is in memory; a loaded segment says where in the file that is.
  const named = entries.findLast(({ tag }) => tag === dynamicTags.strings)?.value
  const home = segments.find(
    ({ type, address, size }) =>
      type === segmentTypes.load && named !== undefined && named >= address && named < address + size,
  )
  return home === undefined ? undefined : { entries, strings: named! - home.address + home.offset }
}

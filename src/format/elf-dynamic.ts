// Where a shared library of Linux looks for the ones it needs: DT_RPATH and DT_RUNPATH of an ELF file (System V ABI, "Dynamic
// Section"). Read from any source; what is malformed has no such paths.

import { uint64At, viewOf } from './bytes.ts'
import type { ByteSource } from './zip.ts'

const dynamic = { strtab: 5, rpath: 15, runpath: 29 }
const loadSegment = 1
const dynamicSegment = 2
/** More entries than any linker writes. */
const largestTable = 2 ** 16

/** Whether the bytes start as an ELF file does. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes.length > 16 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46
}

/** The directories of RPATH and RUNPATH, as written ("$ORIGIN/../lib"); none for a file that has none or is not ELF. */
export function readRunPaths(source: ByteSource): readonly string[] {
  try {
    return read(source)
  } catch (error) {
    // A number that points out of the file.
    if (error instanceof RangeError) return []
    throw error
  }
}

function read(source: ByteSource): readonly string[] {
  const at = (offset: number, length: number): DataView => {
    if (offset < 0 || length < 0 || offset + length > source.size) throw new RangeError('outside the file')
    return viewOf(source.read(offset, length))
  }
  const header = at(0, 64)
  const wide = header.getUint8(4) === 2
  const little = header.getUint8(5) === 1
  if (header.getUint32(0) !== 0x7f454c46) return []
  const word = (view: DataView, offset: number): number =>
    wide ? uint64At(view, offset, little) : view.getUint32(offset, little)
  const tableOffset = word(header, wide ? 32 : 28)
  const entrySize = header.getUint16(wide ? 54 : 42, little)
  const count = header.getUint16(wide ? 56 : 44, little)
  if (entrySize < (wide ? 56 : 32)) return []
  const segments = Array.from({ length: count }, (_, index) => {
    const view = at(tableOffset + index * entrySize, entrySize)
    return {
      type: view.getUint32(0, little),
      offset: word(view, wide ? 8 : 4),
      address: word(view, wide ? 16 : 8),
      size: word(view, wide ? 32 : 16),
    }
  })
  const table = segments.find(({ type }) => type === dynamicSegment)
  if (table === undefined) return []
  const size = wide ? 16 : 8
  const view = at(table.offset, Math.min(table.size, largestTable * size))
  const paths: number[] = []
  let strings: number | undefined
  for (let offset = 0; offset + size <= view.byteLength; offset += size) {
    const tag = word(view, offset)
    const value = word(view, offset + size / 2)
    if (tag === 0) break
    if (tag === dynamic.strtab) strings = value
    if (tag === dynamic.rpath || tag === dynamic.runpath) paths.push(value)
  }
  // The table of strings is named by where it is in memory, not in the file.
  const home = segments.find(
    ({ type, address, size: length }) =>
      type === loadSegment && strings !== undefined && strings >= address && strings < address + length,
  )
  if (home === undefined) return []
  const start = strings! - home.address + home.offset
  return paths.flatMap((offset) => {
    const view = at(start + offset, Math.min(4096, source.size - start - offset))
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    const end = bytes.indexOf(0)
    const text = end === -1 ? '' : new TextDecoder().decode(bytes.subarray(0, end))
    return text.split(':').filter((path) => path !== '')
  })
}

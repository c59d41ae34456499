// Writing a small zip archive, its entries stored as they are: what den itself makes is read back within the second.

import { joinBytes } from './bytes.ts'

export interface StoredEntry {
  /** With `/`, no leading one. */
  readonly name: string
  readonly bytes: Uint8Array
  readonly crc32: number
}

/** 1980-01-01, the first day that zip knows: the same entries give the same bytes. */
const firstDay = 0x0021

/** The archive's bytes; the sum of all entries stays below 4 GiB. */
export function storedZip(entries: readonly StoredEntry[]): Uint8Array {
  const encoder = new TextEncoder()
  const pieces: Uint8Array[] = []
  const central: Uint8Array[] = []
  let offset = 0
  for (const { name, bytes, crc32 } of entries) {
    const encoded = encoder.encode(name)
    // Version 2.0, names in UTF-8, stored; then time, date, CRC, both sizes, and the name's length.
    const common = [
      2,
      20,
      2,
      0x0800,
      2,
      0,
      2,
      0,
      2,
      firstDay,
      4,
      crc32,
      4,
      bytes.length,
      4,
      bytes.length,
      2,
      encoded.length,
    ]
    const local = fields([4, 0x04034b50, ...common, 2, 0])
    central.push(
      // Made on Unix, so that the mode 0644 in the attributes counts.
      fields([4, 0x02014b50, 2, 0x0314, ...common, 2, 0, 2, 0, 2, 0, 2, 0, 4, 0x81a40000, 4, offset]),
      encoded,
    )
    pieces.push(local, encoded, bytes)
    offset += local.length + encoded.length + bytes.length
  }
  const size = central.reduce((sum, one) => sum + one.length, 0)
  const end = fields([4, 0x06054b50, 2, 0, 2, 0, 2, entries.length, 2, entries.length, 4, size, 4, offset, 2, 0])
  return joinBytes([...pieces, ...central, end])
}

/** Pairs of width and value, little-endian. */
function fields(pairs: readonly number[]): Uint8Array {
  const bytes: number[] = []
  for (let index = 0; index < pairs.length; index += 2) {
    const value = pairs[index + 1]!
    for (let shift = 0; shift < pairs[index]! * 8; shift += 8) bytes.push((value >>> shift) & 0xff)
  }
  return Uint8Array.from(bytes)
}

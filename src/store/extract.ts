// The contents of a zip's entries: inflated to exactly the size that was stated, and their checksum compared.

import { DenError } from '../base/error.ts'
import type { ByteSource, ZipEntry } from '../format/zip.ts'
import { crc32, type Inflate, inflatePieces, inflateStated } from '../host/inflate.ts'

function wrong(file: string, entry: ZipEntry, problem: string): DenError {
  const reason = problem.startsWith('its ') ? problem : `its data is wrong: ${problem}`
  return new DenError('invalid-archive', { file, entry: entry.name, reason })
}

/**
 * The entry's bytes. Throws `invalid-archive` (naming `file`) when they are not what the headers say. With an `inflate` of the caller's
 * they are good until the next entry is read.
 */
export function extractEntry(source: ByteSource, entry: ZipEntry, file: string, inflate?: Inflate): Uint8Array {
  const { offset, compressedSize } = entry
  const raw =
    inflate === undefined || source.peek === undefined
      ? source.read(offset, compressedSize)
      : source.peek(offset, compressedSize)
  const bytes = entry.method === 'stored' ? raw : (inflate ?? inflateStated)(raw, entry)
  if (typeof bytes === 'string') throw wrong(file, entry, bytes)
  if (entry.method === 'stored' && crc32(bytes) !== entry.crc32)
    throw wrong(file, entry, 'its checksum (CRC-32) does not match')
  return bytes
}

/** How much of a large entry is held at once, compressed. */
const pieceSize = 2 ** 18

/** The same piece by piece, for entries that are not to be held whole. What is wrong shows only at the end. */
export async function extractPieces(
  source: ByteSource,
  entry: ZipEntry,
  file: string,
  piece: (bytes: Uint8Array) => void,
): Promise<void> {
  const raw = function* (): Generator<Uint8Array> {
    for (let at = 0; at < entry.compressedSize; at += pieceSize)
      yield source.read(entry.offset + at, Math.min(pieceSize, entry.compressedSize - at))
  }
  if (entry.method === 'deflated') {
    const problem = await inflatePieces(raw(), entry, piece)
    if (problem !== undefined) throw wrong(file, entry, problem)
    return
  }
  let sum = 0
  for (const bytes of raw()) {
    sum = crc32(bytes, sum)
    piece(bytes)
  }
  if (sum !== entry.crc32) throw wrong(file, entry, 'its checksum (CRC-32) does not match')
}

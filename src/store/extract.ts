// The contents of a zip's entries: inflated to exactly the size that was stated, and their checksum compared.

import { DenError } from '../base/error.ts'
import type { ByteSource, ZipEntry } from '../format/zip.ts'
import { crc32, inflateRaw } from '../host/inflate.ts'

/** The entry's bytes. Throws `invalid-archive` (naming `file`) when they are not what the headers say. */
export function extractEntry(source: ByteSource, entry: ZipEntry, file: string): Uint8Array {
  const raw = source.read(entry.offset, entry.compressedSize)
  const bytes = entry.method === 'stored' ? raw : inflateRaw(raw, entry.size)
  if (typeof bytes === 'string')
    throw new DenError('invalid-archive', { file, entry: entry.name, reason: `its data is wrong: ${bytes}` })
  if (crc32(bytes) !== entry.crc32)
    throw new DenError('invalid-archive', { file, entry: entry.name, reason: 'its checksum (CRC-32) does not match' })
  return bytes
}

// Metadata on disk, an entry a file: first what solving needs, then METADATA's whole text, which is read when somebody asks for more.
// An entry is named by the file's hash *and* by who promised that hash: an index that gives a file of its own another one's hash must
// not get its metadata into the other's place.

import { attempt } from '../base/error.ts'
import type { Places } from '../config/places.ts'
import { joinBytes, viewOf } from '../format/bytes.ts'
import { crc32 } from '../host/checksum.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import type { Metadata } from '../spec/metadata.ts'
import type { DistributionFile } from './distribution-file.ts'
import { coreOf, type MetadataCore, metadataOfCore } from './metadata-core.ts'

export interface MetadataCache {
  read(file: DistributionFile): Metadata | undefined
  /** The text as it was read; undefined where it is not kept, or damaged. */
  readText(file: DistributionFile): string | undefined
  write(file: DistributionFile, text: string, metadata: Metadata): void
}

export const metadataBucket = 'metadata-v1'

const magic = 0x6d_6e_65_64
const format = 1
const preamble = 24
/** Most entries' first part is shorter. */
const firstRead = 4096

export function openMetadataCache({ host }: Pick<Context, 'host'>, places: Pick<Places, 'cache'>): MetadataCache {
  const { files, disk, path } = host
  const root = path.join(places.cache, metadataBucket)
  /** undefined: nothing that would still be the same file tomorrow names it. */
  const entryOf = (file: DistributionFile): string | undefined => {
    const sha256 = file.hashes['sha256']
    // What a page of this machine promises of a file of this machine may have changed since; elsewhere the address need not be looked at.
    const isLocal = !/^https?:/.test(file.foundAt) && file.place.kind === 'path'
    if (sha256 === undefined || isLocal) return undefined
    const name = sha256Hex(`${file.foundAt}\0${sha256}\0${file.parsed.filename}`)
    return `${root}/${name.slice(0, 2)}/${name.slice(2, 34)}`
  }
  const readRange = (entry: string, start: number, length: number): Uint8Array | undefined =>
    attempt(() => files.readBytes(entry, { start, length }))
  /** The first part's bytes, and where and what the text is. */
  const open = (entry: string) => {
    let bytes = readRange(entry, 0, firstRead)
    if (bytes === undefined || bytes.length < preamble) return undefined
    const view = viewOf(bytes)
    if (view.getUint32(0, true) !== magic || view.getUint32(4, true) !== format) return undefined
    const coreLength = view.getUint32(8, true)
    const textStart = preamble + coreLength
    // A damaged length must not make den ask for gigabytes.
    if (coreLength > 2 ** 24) return undefined
    if (textStart > bytes.length) bytes = readRange(entry, 0, textStart)
    if (bytes === undefined || bytes.length < textStart) return undefined
    const core = bytes.subarray(preamble, textStart)
    if (crc32(core) !== view.getUint32(12, true)) return undefined
    return { core, textStart, textLength: view.getUint32(16, true), textChecksum: view.getUint32(20, true) }
  }
  const textOf = (entry: string): string | undefined => {
    const opened = open(entry)
    if (opened === undefined || opened.textLength > 2 ** 27) return undefined
    const bytes = readRange(entry, opened.textStart, opened.textLength)
    if (bytes?.length !== opened.textLength || crc32(bytes) !== opened.textChecksum) return undefined
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  }

  return Object.freeze({
    read: (file: DistributionFile) => {
      const entry = entryOf(file)
      const opened = entry === undefined ? undefined : open(entry)
      if (entry === undefined || opened === undefined) return undefined
      const core = JSON.parse(new TextDecoder().decode(opened.core)) as MetadataCore
      return metadataOfCore(core, () => textOf(entry))
    },
    readText: (file: DistributionFile) => {
      const entry = entryOf(file)
      return entry === undefined ? undefined : textOf(entry)
    },
    write: (file: DistributionFile, text: string, metadata: Metadata) => {
      const entry = entryOf(file)
      if (entry === undefined) return
      const encoder = new TextEncoder()
      const core = encoder.encode(JSON.stringify(coreOf(metadata)))
      const whole = encoder.encode(text)
      const bytes = joinBytes([new Uint8Array(preamble), core, whole])
      const view = viewOf(bytes)
      const numbers = [magic, format, core.length, crc32(core), whole.length, crc32(whole)]
      for (const [index, number] of numbers.entries()) view.setUint32(index * 4, number, true)
      // A cache that cannot be written is a slow one.
      attempt(() => {
        disk.makeDirectories(path.dirname(entry))
        disk.writeAtomic(entry, bytes)
      })
    },
  })
}

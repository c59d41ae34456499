// Zip archives made byte by byte, deterministic, and as wrong as a test wants them.

import zlib from 'node:zlib'

export interface ZipInput {
  readonly name: string | Uint8Array
  readonly data?: string | Uint8Array
  readonly method?: 'stored' | 'deflated'
  /** The Unix mode with its type bits; a plain 0644 file unless said. */
  readonly mode?: number
  /** Sizes and checksum after the data, zeros in the local header. */
  readonly descriptor?: boolean | 'unsigned'
  readonly zip64?: boolean
  /** Overrides, to make the two headers lie. */
  readonly flags?: number
  readonly localFlags?: number
  readonly localName?: string
  readonly rawMethod?: number
  readonly localMethod?: number
  readonly crc?: number
  readonly localCrc?: number
  readonly size?: number
  readonly localSize?: number
  readonly compressedSize?: number
  readonly extra?: Uint8Array
  readonly localExtra?: Uint8Array
  /** Compressed bytes as they are to stand there. */
  readonly raw?: Uint8Array
  /** Bytes between this entry's data and what follows. */
  readonly gapAfter?: Uint8Array
  /** Local header and data only, or central header only. */
  readonly only?: 'local' | 'central'
  /** Points somewhere else. */
  readonly headerOffset?: number
}

export interface ZipShape {
  readonly prefix?: Uint8Array
  readonly suffix?: Uint8Array
  readonly comment?: string
  /** A ZIP64 end record and its locator, as large archives have them. */
  readonly zip64?: boolean
  /** Changes the ZIP64 end record's numbers. */
  readonly end64?: { readonly count?: number; readonly offset?: number; readonly locatorOffset?: number }
  readonly count?: number
  readonly beforeEnd?: Uint8Array
}

const encoder = new TextEncoder()
const bytesOf = (data: string | Uint8Array): Uint8Array => (typeof data === 'string' ? encoder.encode(data) : data)

function record(length: number, fill: (view: DataView) => void): Buffer {
  const bytes = Buffer.alloc(length)
  fill(new DataView(bytes.buffer, bytes.byteOffset, length))
  return bytes
}

/** An extra field: id, length, data. */
export function extraField(id: number, data: Uint8Array): Uint8Array {
  return Buffer.concat([
    record(4, (view) => {
      view.setUint16(0, id, true)
      view.setUint16(2, data.length, true)
    }),
    data,
  ])
}

export function uint64s(...values: readonly number[]): Uint8Array {
  return record(values.length * 8, (view) => {
    for (const [index, value] of values.entries()) view.setBigUint64(index * 8, BigInt(value), true)
  })
}

/** A zip with the entries in their order. */
export function buildZip(entries: readonly ZipInput[], shape: ZipShape = {}): Uint8Array {
  const parts: Uint8Array[] = []
  let offset = 0
  const push = (bytes: Uint8Array): void => {
    parts.push(bytes)
    offset += bytes.length
  }
  const central: Uint8Array[] = []
  if (shape.prefix !== undefined) push(shape.prefix)
  for (const entry of entries) {
    const name = bytesOf(entry.name)
    const data = bytesOf(entry.data ?? '')
    const method = entry.rawMethod ?? (entry.method === 'stored' || data.length === 0 ? 0 : 8)
    const compressed = entry.raw ?? (method === 8 ? zlib.deflateRawSync(data, { level: 6 }) : data)
    const crc = entry.crc ?? zlib.crc32(data)
    const size = entry.size ?? data.length
    const compressedSize = entry.compressedSize ?? compressed.length
    const ascii = name.every((byte) => byte < 0x80)
    const flags = entry.flags ?? (ascii ? 0 : 0x0800) | (entry.descriptor === undefined ? 0 : 0x0008)
    const streamed = entry.descriptor !== undefined
    const headerOffset = entry.headerOffset ?? offset
    if (entry.only !== 'central') {
      const localName = entry.localName === undefined ? name : bytesOf(entry.localName)
      const sizes = uint64s(streamed ? 0 : size, streamed ? 0 : compressedSize)
      const localExtra = entry.localExtra ?? (entry.zip64 === true ? extraField(1, sizes) : new Uint8Array())
      push(
        record(30, (view) => {
          view.setUint32(0, 0x04034b50, true)
          view.setUint16(4, entry.zip64 === true ? 45 : 20, true)
          view.setUint16(6, entry.localFlags ?? flags, true)
          view.setUint16(8, entry.localMethod ?? method, true)
          view.setUint16(10, 0, true)
          view.setUint16(12, 0x5621, true)
          view.setUint32(14, entry.localCrc ?? (streamed ? 0 : crc), true)
          const wide = entry.zip64 === true ? 0xffffffff : undefined
          view.setUint32(18, wide ?? (streamed ? 0 : compressedSize), true)
          view.setUint32(22, wide ?? entry.localSize ?? (streamed ? 0 : size), true)
          view.setUint16(26, localName.length, true)
          view.setUint16(28, localExtra.length, true)
        }),
      )
      push(localName)
      push(localExtra)
      push(compressed)
      if (streamed) {
        const signature = entry.descriptor === 'unsigned' ? 0 : 4
        const long = entry.zip64 === true
        push(
          record(signature + (long ? 20 : 12), (view) => {
            if (signature === 4) view.setUint32(0, 0x08074b50, true)
            view.setUint32(signature, crc, true)
            if (long) {
              view.setBigUint64(signature + 4, BigInt(compressedSize), true)
              view.setBigUint64(signature + 12, BigInt(size), true)
            } else {
              view.setUint32(signature + 4, compressedSize, true)
              view.setUint32(signature + 8, size, true)
            }
          }),
        )
      }
      if (entry.gapAfter !== undefined) push(entry.gapAfter)
    }
    if (entry.only === 'local') continue
    const extra =
      entry.extra ??
      (entry.zip64 === true ? extraField(1, uint64s(size, compressedSize, headerOffset)) : new Uint8Array())
    central.push(
      record(46, (view) => {
        view.setUint32(0, 0x02014b50, true)
        view.setUint16(4, (3 << 8) | 20, true)
        view.setUint16(6, 20, true)
        view.setUint16(8, flags, true)
        view.setUint16(10, method, true)
        view.setUint16(14, 0x5621, true)
        view.setUint32(16, crc, true)
        const wide = entry.zip64 === true ? 0xffffffff : undefined
        view.setUint32(20, wide ?? compressedSize, true)
        view.setUint32(24, wide ?? size, true)
        view.setUint16(28, name.length, true)
        view.setUint16(30, extra.length, true)
        const directory = name.at(-1) === 0x2f
        view.setUint32(38, (entry.mode ?? (directory ? 0o040755 : 0o100644)) * 65536, true)
        view.setUint32(42, wide ?? headerOffset, true)
      }),
      name,
      extra,
    )
  }
  const directoryOffset = offset
  for (const part of central) push(part)
  const directorySize = offset - directoryOffset
  const count = shape.count ?? entries.filter((entry) => entry.only !== 'local').length
  if (shape.zip64 === true) {
    const at = offset
    push(
      record(56, (view) => {
        view.setUint32(0, 0x06064b50, true)
        view.setBigUint64(4, 44n, true)
        view.setUint16(12, 45, true)
        view.setUint16(14, 45, true)
        view.setBigUint64(24, BigInt(shape.end64?.count ?? count), true)
        view.setBigUint64(32, BigInt(shape.end64?.count ?? count), true)
        view.setBigUint64(40, BigInt(directorySize), true)
        view.setBigUint64(48, BigInt(shape.end64?.offset ?? directoryOffset), true)
      }),
    )
    push(
      record(20, (view) => {
        view.setUint32(0, 0x07064b50, true)
        view.setBigUint64(8, BigInt(shape.end64?.locatorOffset ?? at), true)
        view.setUint32(16, 1, true)
      }),
    )
  }
  if (shape.beforeEnd !== undefined) push(shape.beforeEnd)
  const comment = bytesOf(shape.comment ?? '')
  push(
    record(22, (view) => {
      view.setUint32(0, 0x06054b50, true)
      view.setUint16(8, count, true)
      view.setUint16(10, count, true)
      view.setUint32(12, directorySize, true)
      view.setUint32(16, directoryOffset, true)
      view.setUint16(20, comment.length, true)
    }),
  )
  push(comment)
  if (shape.suffix !== undefined) push(shape.suffix)
  return Buffer.concat(parts)
}

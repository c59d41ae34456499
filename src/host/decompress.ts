// Unpacking what one file was compressed into, piece by piece: gzip and zstd by node:zlib, bzip2 and xz by libraries that are loaded
// when such a file is met, old lzma by our own. Each stream is checked to its end: its checksums, and that nothing follows it.

import { unpackLzma } from '../format/lzma.ts'
import { crc32 } from './inflate.ts'

export type Compression = 'none' | 'gzip' | 'bzip2' | 'xz' | 'lzma' | 'zstd'

/** Whose message says what is wrong with the compressed bytes. */
export class DecompressError extends Error {}

const pieceSize = 2 ** 18
/** Up to here a stream is unpacked in one call, which is faster than in pieces. */
const wholeSize = 2 ** 25

/** How a file's first bytes say that it is compressed; undefined for none of the known ways. */
export function compressionOf(bytes: Uint8Array): Exclude<Compression, 'none' | 'lzma'> | undefined {
  const starts = (...magic: readonly number[]): boolean => magic.every((byte, index) => bytes[index] === byte)
  if (starts(0x1f, 0x8b)) return 'gzip'
  if (starts(0x42, 0x5a, 0x68)) return 'bzip2'
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return 'xz'
  return starts(0x28, 0xb5, 0x2f, 0xfd) ? 'zstd' : undefined
}

/** The unpacked bytes in pieces. Throws `DecompressError`; `limit` bounds what is unpacked (formats that can't be cut short obey it roughly). */
export async function* decompress(
  bytes: Uint8Array,
  compression: Compression,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  switch (compression) {
    case 'none':
      for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize)
      return
    case 'gzip':
      yield* gunzipAll(bytes, limit)
      return
    case 'bzip2':
      yield await bunzip(bytes, limit)
      return
    case 'xz':
      yield* unxz(bytes)
      return
    case 'lzma': {
      const result = unpackLzma(bytes, limit)
      if (typeof result === 'string') throw new DecompressError(`its lzma data is wrong: ${result}`)
      yield result
      return
    }
    case 'zstd':
      yield* unzstd(bytes)
  }
}

const gzipFlags = { header: 0x02, extra: 0x04, name: 0x08, comment: 0x10 }

/** Where the deflate data of a gzip member (RFC 1952) starts. */
function gzipDataStart(bytes: Uint8Array, start: number): number {
  const flags = bytes[start + 3]!
  if (start + 18 > bytes.length || bytes[start] !== 0x1f || bytes[start + 1] !== 0x8b || bytes[start + 2] !== 8)
    throw new DecompressError(start === 0 ? 'it is not gzip data' : 'bytes follow its gzip data')
  if ((flags & 0xe0) !== 0) throw new DecompressError('its gzip header has unknown flags')
  let at = start + 10
  if ((flags & gzipFlags.extra) !== 0) at += 2 + (bytes[at]! | (bytes[at + 1]! << 8))
  for (const flag of [gzipFlags.name, gzipFlags.comment]) {
    if ((flags & flag) === 0) continue
    const end = bytes.indexOf(0, at)
    if (end === -1) throw new DecompressError('its gzip header is cut')
    at = end + 1
  }
  if ((flags & gzipFlags.header) !== 0) at += 2
  if (at + 8 > bytes.length) throw new DecompressError('its gzip data is cut')
  return at
}

/**
 * Every member, joined, as RFC 1952 and Python's gzip have it (zeros may follow the last one, as tapes need). zlib is given the raw
 * data and the trailer is compared here, because runtimes differ in what they overlook behind it.
 */
async function* gunzipAll(bytes: Uint8Array, limit: number): AsyncGenerator<Uint8Array, void, undefined> {
  const zlib = process.getBuiltinModule('node:zlib')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  do {
    const start = gzipDataStart(bytes, at)
    const data = bytes.subarray(start)
    const hint = view.getUint32(bytes.length - 4, true)
    let used: number
    let crc = 0
    let size = 0
    if (hint <= wholeSize && hint <= limit) {
      let result: { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } }
      try {
        const room = Math.min(wholeSize, limit) + 1
        // `info` changes the answer's shape, which Node's types leave out.
        result = zlib.inflateRawSync(data, {
          info: true,
          maxOutputLength: room,
          chunkSize: Math.max(64, Math.min(hint + 64, room)),
        }) as never
      } catch (error) {
        throw zlibProblem(error)
      }
      used = result.engine.bytesWritten
      crc = crc32(result.buffer)
      size = result.buffer.length
      yield result.buffer
    } else {
      const stream = zlib.createInflateRaw({ chunkSize: pieceSize })
      stream.end(data)
      try {
        for await (const piece of stream as AsyncIterable<Uint8Array>) {
          crc = crc32(piece, crc)
          size += piece.length
          yield piece
        }
      } catch (error) {
        throw zlibProblem(error)
      }
      used = stream.bytesWritten
    }
    const end = start + used
    if (end + 8 > bytes.length) throw new DecompressError('its gzip data is cut')
    if (view.getUint32(end, true) !== crc || view.getUint32(end + 4, true) !== size % 2 ** 32)
      throw new DecompressError('the checksum of its gzip data is wrong')
    at = end + 8
    // Only zeros to the end: padding.
    if (bytes[at] === 0 && bytes.subarray(at).every((byte) => byte === 0)) return
  } while (at < bytes.length)
}

function zlibProblem(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'Z_BUF_ERROR') return new DecompressError('its compressed data is cut')
  if (code === 'ERR_BUFFER_TOO_LARGE') return new DecompressError('it unpacks to more than it says')
  // Whoever reads the pieces threw it: it is not about compression.
  return typeof code === 'string' && /^(?:Z_|ZSTD_|ERR_ZLIB)/.test(code)
    ? new DecompressError('its compressed data is malformed')
    : error
}

/** The part of seek-bzip that is used. */
interface Bunzip {
  decode(
    input: {
      readByte(): number
      seek(position: number): void
      eof(): boolean
      read(buffer: Uint8Array, offset: number, length: number): number
    },
    output: { writeByte(byte: number): void },
    severalStreams: boolean,
  ): unknown
}

async function bunzip(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  const module = (await import('seek-bzip')) as { readonly default: Bunzip }
  let pieces: Uint8Array = new Uint8Array(Math.min(limit, bytes.length * 8 + 65_536))
  let size = 0
  let at = 0
  const input = {
    readByte: () => {
      if (at >= bytes.length) throw new DecompressError('its bzip2 data is cut')
      at += 1
      return bytes[at - 1]!
    },
    seek: (position: number) => {
      at = position
    },
    eof: () => at >= bytes.length,
    read: (buffer: Uint8Array, offset: number, length: number) => {
      const piece = bytes.subarray(at, at + length)
      buffer.set(piece, offset)
      at += piece.length
      return piece.length
    },
  }
  const output = {
    writeByte: (byte: number) => {
      if (size === pieces.length) {
        if (size >= limit) throw new DecompressError('it unpacks to more than is allowed')
        const larger = new Uint8Array(Math.min(limit, size * 2))
        larger.set(pieces)
        pieces = larger
      }
      pieces[size] = byte
      size += 1
    },
  }
  try {
    module.default.decode(input, output, true)
  } catch (error) {
    if (error instanceof DecompressError) throw error
    throw new DecompressError('its bzip2 data is malformed')
  }
  return pieces.subarray(0, size)
}

async function* unxz(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  // Its exports can't be seen from outside a module of the old kind; its types say otherwise.
  const module = (await import('xz-decompress')) as unknown as { readonly default: typeof import('xz-decompress') }
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })
  const reader = new module.default.XzReadableStream(source).getReader()
  try {
    for (;;) {
      let next: { readonly done: boolean; readonly value?: Uint8Array | undefined }
      try {
        next = await reader.read()
      } catch {
        throw new DecompressError('its xz data is malformed, cut, or has a checksum that den cannot check')
      }
      if (next.done) return
      // The library may use its buffer again.
      yield Uint8Array.from(next.value!)
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

async function* unzstd(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  const zlib = process.getBuiltinModule('node:zlib')
  if (typeof zlib.createZstdDecompress !== 'function')
    throw new DecompressError('it is zstd data, which this runtime cannot unpack')
  const stream = zlib.createZstdDecompress({ chunkSize: pieceSize })
  stream.end(bytes)
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) yield piece
  } catch (error) {
    throw zlibProblem(error)
  }
  if (stream.bytesWritten !== bytes.length) throw new DecompressError('bytes follow its zstd data')
}

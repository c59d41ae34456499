// Inflating what a zip or an HTTP answer holds, by node:zlib (under Bun by its libdeflate, which is twice as fast); loaded only when
// something is unpacked.

import { slicer } from './slices.ts'

/** Why bytes could not be inflated; archives turn it into their own error. */
export type InflateProblem =
  | 'not deflate data'
  | 'longer than stated'
  | 'shorter than stated'
  | 'bytes after the end'
  | 'its checksum (CRC-32) does not match'

export interface Stated {
  readonly size: number
  readonly crc32: number
}

declare const Bun:
  | {
      gunzipSync(data: Uint8Array, options: { readonly library: 'libdeflate' }): Uint8Array
      readonly hash: { readonly crc32: (data: Uint8Array, seed?: number) => number }
    }
  | undefined

/** Inflates a raw deflate stream whose size and checksum are known, with all the checks of `inflateRaw`, by the fastest way there is. */
export function inflateStated(compressed: Uint8Array, stated: Stated): Uint8Array | InflateProblem {
  const fast = inflateAsGzip(compressed, stated)
  if (fast !== undefined) return fast
  const bytes = inflateRaw(compressed, stated.size)
  return typeof bytes === 'string' || crc32(bytes) === stated.crc32 ? bytes : 'its checksum (CRC-32) does not match'
}

/** `inflateStated`, but what it answers may be good only until it is called again. */
export type Inflate = (compressed: Uint8Array, stated: Stated) => Uint8Array | InflateProblem

/** The engine under node:zlib, whose `writeSync` puts what it makes into a buffer of the caller's. */
interface Engine {
  onerror: () => void
  reset(): void
  writeSync(
    flush: number,
    from: Uint8Array,
    fromAt: number,
    fromLength: number,
    to: Uint8Array,
    toAt: number,
    toLength: number,
  ): void
}

interface OpenEngine {
  readonly handle: Engine
  /** After each call: the room that is left, and the input that was not read. */
  readonly left: Uint32Array
  hasFailed(): boolean
  crc32(bytes: Uint8Array): number
}

/** zlib's words for "there is more to come" and "that was all". */
const flush = { none: 0, finish: 4 }
/** A room is not made larger than needed beyond this. */
const largestRoom = 2 ** 22

/** undefined where the runtime's insides are others. */
function openEngine(): OpenEngine | undefined {
  const zlib = process.getBuiltinModule('node:zlib')
  const { _handle: handle, _writeState: left } = zlib.createInflateRaw({ chunkSize: 64 }) as unknown as {
    readonly _handle?: Engine
    readonly _writeState?: Uint32Array
  }
  if (typeof handle?.writeSync !== 'function' || left === undefined) return undefined
  let failed = false
  handle.onerror = () => {
    failed = true
  }
  return { handle, left, hasFailed: () => failed, crc32: zlib.crc32 }
}

/**
 * An `Inflate` that makes no buffer an answer: of the time that unpacking thousands of files took, a tenth went into memory that was
 * looked at once. Bun alone is asked for it, whose version den fixes: these are the insides of node:zlib.
 */
export function openInflate(): Inflate {
  if (typeof Bun === 'undefined') return inflateStated
  let engine: OpenEngine | undefined
  let room: Uint8Array = new Uint8Array()
  return (compressed, stated) => {
    const { size, crc32: expected } = stated
    engine ??= openEngine()
    // A stream can't grow more than 1032-fold: no memory for whoever says otherwise.
    if (engine === undefined || size > compressed.length * 1032 + 64) return inflateStated(compressed, stated)
    // One byte more, in which a stream that goes on would show.
    if (room.length <= size)
      room = Buffer.allocUnsafeSlow(Math.max(size + 1, Math.min(2 * room.length, largestRoom), 2 ** 18))
    engine.handle.reset()
    engine.handle.writeSync(flush.finish, compressed, 0, compressed.length, room, 0, size + 1)
    const [roomLeft, unread] = engine.left
    if (engine.hasFailed()) engine = undefined
    else if (roomLeft === 1 && unread === 0) {
      const bytes = room.subarray(0, size)
      if (engine.crc32(bytes) === expected) return bytes
    }
    // Which problem it is, the other way finds out.
    return inflateStated(compressed, stated)
  }
}

/**
 * Inflates a raw deflate stream (RFC 1951) that must yield exactly `size` bytes and use up every input byte: zlib itself
 * overlooks what follows the stream, where a second reader might look.
 */
export function inflateRaw(compressed: Uint8Array, size: number): Uint8Array | InflateProblem {
  const zlib = process.getBuiltinModule('node:zlib')
  let result: { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } }
  try {
    // zlib wants room for one byte at least; `info` changes the answer's shape, which Node's types leave out.
    result = zlib.inflateRawSync(compressed, {
      info: true,
      maxOutputLength: Math.max(size, 1),
      chunkSize: Math.min(Math.max(size, 64), 2 ** 20),
    }) as never
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'longer than stated' : 'not deflate data'
  }
  if (result.buffer.length < size) return 'shorter than stated'
  if (result.buffer.length > size) return 'longer than stated'
  if (result.engine.bytesWritten !== compressed.length) return 'bytes after the end'
  return result.buffer
}

/**
 * libdeflate reads gzip and checks what ends it: size and checksum right behind the deflate data. Given the stated ones there, it can
 * only succeed where the stream ends exactly before them. Undefined where it doesn't (zlib then finds out why), and where the data
 * holds these eight bytes itself and could so end earlier.
 */
function inflateAsGzip(compressed: Uint8Array, { size, crc32: expected }: Stated): Uint8Array | undefined {
  // A stream can't grow more than 1032-fold; the library would believe any size and ask for the memory.
  if (typeof Bun === 'undefined' || size > compressed.length * 1032 + 64) return undefined
  const member = Buffer.allocUnsafe(compressed.length + 18)
  member.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
  member.set(compressed, 10)
  const end = 10 + compressed.length
  member.writeUInt32LE(expected, end)
  member.writeUInt32LE(size, end + 4)
  if (member.indexOf(member.subarray(end), 10) !== end) return undefined
  try {
    const result = Bun.gunzipSync(member, { library: 'libdeflate' })
    return result.length === size ? result : undefined
  } catch {
    return undefined
  }
}

/** `inflatePieces` through one buffer, without a stream's machinery. */
async function inflateInSteps(
  { handle, left, hasFailed }: OpenEngine,
  compressed: Iterable<Uint8Array>,
  { size, crc32: expected }: Stated,
  piece: (bytes: Uint8Array) => void,
): Promise<InflateProblem | undefined> {
  const slice = slicer({ operation: 'inflating' })
  const room = Buffer.allocUnsafeSlow(2 ** 19)
  let made = 0
  let sum = 0
  /** Inflates until all is read; whether the room was large enough each time is told by what is left of it. */
  const step = (bytes: Uint8Array, how: number): InflateProblem | undefined => {
    let unread = bytes.length
    let roomLeft = 0
    while (roomLeft === 0) {
      handle.writeSync(how, bytes, bytes.length - unread, unread, room, 0, room.length)
      if (hasFailed()) return how === flush.finish ? 'shorter than stated' : 'not deflate data'
      roomLeft = left[0]!
      unread = left[1]!
      const some = room.subarray(0, room.length - roomLeft)
      made += some.length
      if (made > size) return 'longer than stated'
      if (some.length === 0) continue
      sum = crc32(some, sum)
      piece(some)
    }
    return unread === 0 ? undefined : 'bytes after the end'
  }
  for (const bytes of compressed) {
    const problem = step(bytes, flush.none)
    if (problem !== undefined) return problem
    await slice()
  }
  // Fails where the stream has not come to its own end.
  const problem = step(new Uint8Array(), flush.finish)
  if (problem !== undefined) return problem
  if (made < size) return 'shorter than stated'
  return sum === expected ? undefined : 'its checksum (CRC-32) does not match'
}

/**
 * Inflates a raw deflate stream piece by piece, with the same checks at its end as `inflateRaw`; answers the problem, if any. A piece is
 * good only until the next.
 */
export async function inflatePieces(
  compressed: Iterable<Uint8Array>,
  { size, crc32: expected }: Stated,
  piece: (bytes: Uint8Array) => void,
): Promise<InflateProblem | undefined> {
  const fast = typeof Bun === 'undefined' ? undefined : openEngine()
  if (fast !== undefined) return await inflateInSteps(fast, compressed, { size, crc32: expected }, piece)
  const zlib = process.getBuiltinModule('node:zlib')
  const { Readable } = process.getBuiltinModule('node:stream')
  const engine = zlib.createInflateRaw({ chunkSize: 2 ** 18 })
  let given = 0
  let made = 0
  let sum = 0
  const counted = function* (): Generator<Uint8Array> {
    for (const bytes of compressed) {
      given += bytes.length
      yield bytes
    }
  }
  const input = Readable.from(counted(), { objectMode: false, highWaterMark: 2 ** 18 })
  input.on('error', (error) => engine.destroy(error))
  input.pipe(engine)
  try {
    for await (const bytes of engine as AsyncIterable<Uint8Array>) {
      made += bytes.length
      if (made > size) return 'longer than stated'
      sum = crc32(bytes, sum)
      piece(bytes)
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (typeof code === 'string' && code.startsWith('Z_')) return 'not deflate data'
    throw error
  } finally {
    input.destroy()
    engine.destroy()
  }
  if (made < size) return 'shorter than stated'
  if (engine.bytesWritten !== given) return 'bytes after the end'
  return sum === expected ? undefined : 'its checksum (CRC-32) does not match'
}

/** The CRC-32 of zip and gzip; `before` is that of the bytes that came earlier. */
export function crc32(bytes: Uint8Array, before = 0): number {
  return process.getBuiltinModule('node:zlib').crc32(bytes, before)
}

/** Decompresses a gzip body of at most `limit` bytes. */
export function gunzip(compressed: Uint8Array, limit: number): Uint8Array | 'too large' | 'not gzip data' {
  const fast = gunzipMember(compressed, limit)
  if (fast !== undefined) return fast
  try {
    return process.getBuiltinModule('node:zlib').gunzipSync(compressed, { maxOutputLength: Math.max(limit, 1) })
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too large' : 'not gzip data'
  }
}

/**
 * By libdeflate, in a third of the time, what is one member with a plain header: its last eight bytes are the checksum and the size of
 * what it holds, and stand nowhere before, so that no member can end earlier. undefined: the other way finds out what it is.
 */
function gunzipMember(compressed: Uint8Array, limit: number): Uint8Array | undefined {
  const start = 10
  const end = compressed.length - 8
  if (typeof Bun === 'undefined' || end < start || compressed[3] !== 0) return undefined
  const member = Buffer.from(compressed.buffer, compressed.byteOffset, compressed.byteLength)
  const size = member.readUInt32LE(end + 4)
  // A stream can't grow more than 1032-fold; the library would believe any size and ask for the memory.
  if (size > limit || size > compressed.length * 1032) return undefined
  if (member.indexOf(member.subarray(end), start) !== end) return undefined
  try {
    const plain = Bun.gunzipSync(member, { library: 'libdeflate' })
    return plain.length === size && crc32(plain) === member.readUInt32LE(end) ? plain : undefined
  } catch {
    return undefined
  }
}

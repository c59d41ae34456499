// Inflating what a zip or an HTTP answer holds, by node:zlib; loaded only when something is unpacked.

/** Why bytes could not be inflated; archives turn it into their own error. */
export type InflateProblem = 'not deflate data' | 'longer than stated' | 'shorter than stated' | 'bytes after the end'

/**
 * Inflates a raw deflate stream (RFC 1951) that must yield exactly `size` bytes and use up every input byte: zlib itself
 * overlooks what follows the stream, where a second reader might look.
 */
export function inflateRaw(compressed: Uint8Array, size: number): Uint8Array | InflateProblem {
  const zlib = process.getBuiltinModule('node:zlib')
  let result: { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } }
  try {
    // zlib wants room for one byte at least; `info` changes the answer's shape, which Node's types leave out.
    result = zlib.inflateRawSync(compressed, { info: true, maxOutputLength: Math.max(size, 1) }) as never
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'longer than stated' : 'not deflate data'
  }
  if (result.buffer.length < size) return 'shorter than stated'
  if (result.buffer.length > size) return 'longer than stated'
  if (result.engine.bytesWritten !== compressed.length) return 'bytes after the end'
  return result.buffer
}

/** The CRC-32 of zip and gzip. */
export function crc32(bytes: Uint8Array): number {
  return process.getBuiltinModule('node:zlib').crc32(bytes)
}

/** Decompresses a gzip body of at most `limit` bytes. */
export function gunzip(compressed: Uint8Array, limit: number): Uint8Array | 'too large' | 'not gzip data' {
  try {
    return process.getBuiltinModule('node:zlib').gunzipSync(compressed, { maxOutputLength: Math.max(limit, 1) })
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too large' : 'not gzip data'
  }
}

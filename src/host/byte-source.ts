// A file read at any offset, as parsers of archives want it: small reads that follow each other come out of one larger.

import fs from 'node:fs'
import { ioError } from './io-error.ts'

export interface FileSource {
  readonly size: number
  /** Exactly `length` bytes. Throws `io-failed` where the file has become shorter. */
  read(offset: number, length: number): Uint8Array
  /** The same, but good only until the next call. */
  peek(offset: number, length: number): Uint8Array
  /** The whole file from its start, in one buffer that is used again for each piece. */
  pieces(): Generator<Uint8Array, void, undefined>
  close(): void
}

const windowSize = 2 ** 16
const pieceSize = 2 ** 19

/** Opens a file for reading. Throws `io-failed` and its kin, also when it isn't there. */
export function openFileSource(path: string): FileSource {
  let descriptor: number
  let size: number
  try {
    descriptor = fs.openSync(path, 'r')
    size = fs.fstatSync(descriptor).size
  } catch (error) {
    throw ioError(error, 'read', path)
  }
  let room: Uint8Array | undefined
  let largeRoom: Uint8Array | undefined
  let window: Uint8Array = new Uint8Array()
  let start = 0
  const fill = (offset: number, bytes: Uint8Array): Uint8Array => {
    try {
      for (let filled = 0; filled < bytes.length; ) {
        const count = fs.readSync(descriptor, bytes, filled, bytes.length - filled, offset + filled)
        if (count === 0) throw Object.assign(new Error('the file became shorter'), { code: 'EIO' })
        filled += count
      }
      return bytes
    } catch (error) {
      throw ioError(error, 'read', path)
    }
  }
  const isInWindow = (offset: number, length: number): boolean =>
    offset >= start && offset + length <= start + window.length
  const look = (offset: number, length: number): Uint8Array => {
    if (!isInWindow(offset, length)) {
      room ??= new Uint8Array(windowSize)
      window = fill(offset, room.subarray(0, Math.min(windowSize, size - offset)))
      start = offset
    }
    return window.subarray(offset - start, offset - start + length)
  }
  return {
    size,
    read(offset, length) {
      if (length > windowSize / 4) return fill(offset, Buffer.allocUnsafeSlow(length))
      // A copy: what is held of a window would hold all of it.
      return Uint8Array.prototype.slice.call(look(offset, length))
    },
    peek(offset, length) {
      if (length <= windowSize / 4 || isInWindow(offset, length)) return look(offset, length)
      if (largeRoom === undefined || largeRoom.length < length)
        largeRoom = Buffer.allocUnsafeSlow(Math.max(length, Math.min(2 * (largeRoom?.length ?? 0), 2 ** 22)))
      return fill(offset, largeRoom.subarray(0, length))
    },
    *pieces() {
      const buffer = Buffer.allocUnsafeSlow(Math.min(pieceSize, size))
      for (let at = 0; at < size; at += pieceSize) yield fill(at, buffer.subarray(0, Math.min(pieceSize, size - at)))
    },
    close: () => fs.closeSync(descriptor),
  }
}

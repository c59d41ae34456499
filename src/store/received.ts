// A wheel on its way into the store: hashed as it comes, kept in memory while it is small, on disk from then on. Local files are read
// where they lie.

import type { Sha256 } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { type ByteSource, bytesSource } from '../format/zip.ts'
import { openFileSource } from '../host/byte-source.ts'
import { sha256Hex, sha256Stream } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import { slicer } from '../host/slices.ts'
import type { WheelSource } from './store.ts'

/** Larger ones are not held in memory: several come at once, and other threads can't read this one's. */
const inMemory = 2 ** 17

export interface ReceivedWheel {
  readonly source: ByteSource
  readonly sha256: Sha256
  /** Where the bytes lie on disk, when they do. */
  readonly file?: string
  /** Throws `hash-mismatch` when a file that isn't den's own has changed since it was hashed. */
  check(): void
  /** Closes and removes what was put on disk for it. */
  close(): void
}

/**
 * Gets a wheel's bytes. `spool` names a file to be for those of a large one; it is called when one is needed, and answers undefined where
 * none can be made. Throws `hash-mismatch`, what the source throws, and what the disk throws.
 */
export async function receiveWheel(
  context: Context,
  wheel: WheelSource,
  spool: () => string | undefined,
): Promise<ReceivedWheel> {
  const received = await get(context, wheel, spool)
  if (wheel.sha256 !== undefined && wheel.sha256 !== received.sha256) {
    received.close()
    const { filename, sha256 } = wheel
    throw new DenError('hash-mismatch', { file: filename, expected: sha256, actual: received.sha256 })
  }
  return received
}

async function get(context: Context, wheel: WheelSource, spool: () => string | undefined): Promise<ReceivedWheel> {
  if (wheel.file !== undefined) return await readInPlace(context, wheel.file, wheel.filename)
  if (wheel.open !== undefined) return await receive(context, wheel.open(), spool)
  if (wheel.fetch === undefined) return whole(context, await wheel.read!(), spool)
  const fetched = await wheel.fetch()
  const release = (): void => fetched.release?.()
  try {
    if (fetched.path === undefined) {
      const received = whole(context, fetched.bytes!, spool)
      release()
      return received
    }
    const received = await readInPlace(context, fetched.path, wheel.filename)
    const close = (): void => {
      received.close()
      release()
    }
    return { ...received, close }
  } catch (error) {
    release()
    throw error
  }
}

/** Bytes that came at once; many go to the disk all the same, where other threads can read them. */
function whole(context: Context, bytes: Uint8Array, spool: () => string | undefined): ReceivedWheel {
  const sha256 = sha256Hex(bytes)
  const file = bytes.length > inMemory ? spool() : undefined
  if (file === undefined) return { source: bytesSource(bytes), sha256, check: () => undefined, close: () => undefined }
  try {
    context.host.disk.writeNew(file, bytes, 0o600)
    return spooled(context, file, sha256)
  } catch (error) {
    removeQuietly(context, file)
    throw error
  }
}

/** A file in the work directory, which goes when it is closed. */
function spooled(context: Context, file: string, sha256: Sha256): ReceivedWheel {
  const source = openFileSource(file)
  const close = (): void => {
    source.close()
    removeQuietly(context, file)
  }
  return { source, sha256, file, check: () => undefined, close }
}

async function readInPlace(context: Context, file: string, filename: string): Promise<ReceivedWheel> {
  const { files } = context.host
  const identity = (): string => {
    const facts = files.stat(file)
    return facts === undefined ? '' : [facts.device, facts.inode, facts.size, facts.modified].join()
  }
  const before = identity()
  const source = openFileSource(file)
  const slice = slicer({ operation: `reading ${filename}`, signal: context.signal })
  try {
    const hash = sha256Stream()
    for (const piece of source.pieces()) {
      hash.update(piece)
      await slice()
    }
    const sha256 = hash.hex()
    const check = (): void => {
      if (identity() === before) return
      throw new DenError('hash-mismatch', {
        file: filename,
        expected: sha256,
        actual: 'another: it changed while it was read',
      })
    }
    return { source, sha256, file, check, close: () => source.close() }
  } catch (error) {
    source.close()
    throw error
  }
}

async function receive(
  context: Context,
  pieces: AsyncIterable<Uint8Array>,
  spool: () => string | undefined,
): Promise<ReceivedWheel> {
  const { disk } = context.host
  const hash = sha256Stream()
  let held: Uint8Array[] = []
  let size = 0
  let file: string | undefined
  let noSpool = false
  const write = (): void => {
    disk.append(file!, Buffer.concat(held))
    held = []
    size = 0
  }
  try {
    for await (const piece of pieces) {
      hash.update(piece)
      held.push(piece)
      size += piece.length
      if (file !== undefined && size >= 2 ** 20) write()
      else if (file === undefined && size > inMemory && !noSpool) {
        file = spool()
        noSpool = file === undefined
        if (file !== undefined) {
          disk.writeNew(file, new Uint8Array(), 0o600)
          write()
        }
      }
    }
    if (file === undefined) {
      const bytes = Buffer.concat(held)
      return { source: bytesSource(bytes), sha256: hash.hex(), check: () => undefined, close: () => undefined }
    }
    write()
    return spooled(context, file, hash.hex())
  } catch (error) {
    if (file !== undefined) removeQuietly(context, file)
    throw error
  }
}

function removeQuietly({ host }: Context, file: string): void {
  try {
    host.disk.removeTree(file)
  } catch (error) {
    if (!(error instanceof DenError)) throw error
  }
}

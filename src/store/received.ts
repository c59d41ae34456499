// A wheel on its way into the store: hashed as it comes, kept in memory while it is small, on disk from then on. Local files are read
// where they lie.

import type { Sha256 } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { openFileSource } from '../host/byte-source.ts'
import { sha256Hex, sha256Stream } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import { slicer } from '../host/slices.ts'
import type { WheelSource } from './store.ts'

/** Larger ones that come piece by piece are not held in memory: several come at once. */
const inMemory = 2 ** 17

/** A wheel's bytes, or the file that they lie in. */
export type WheelBytes =
  | { readonly bytes: Uint8Array; readonly file?: undefined }
  | { readonly bytes?: undefined; readonly file: string }

export type ReceivedWheel = WheelBytes & {
  readonly sha256: Sha256
  /** Throws `hash-mismatch` when a file that isn't den's own has changed since it was hashed. */
  check(): void
  /** Removes what was put on disk for it. */
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

const nothing = (): void => undefined

async function get(context: Context, wheel: WheelSource, spool: () => string | undefined): Promise<ReceivedWheel> {
  if (wheel.file !== undefined) return await readInPlace(context, wheel.file, wheel.filename)
  if (wheel.open !== undefined) return await receive(context, wheel.open(), spool)
  if (wheel.fetch === undefined) return inHand(await wheel.read!())
  const fetched = await wheel.fetch()
  const release = (): void => fetched.release?.()
  try {
    if (fetched.path === undefined) return { ...inHand(fetched.bytes!, fetched.sha256), close: release }
    // What was hashed on its way into a file of den's own is not read a second time for that.
    if (fetched.release !== undefined && fetched.sha256 !== undefined)
      return { file: fetched.path, sha256: fetched.sha256, check: nothing, close: release }
    return { ...(await readInPlace(context, fetched.path, wheel.filename)), close: release }
  } catch (error) {
    release()
    throw error
  }
}

function inHand(bytes: Uint8Array, sha256 = sha256Hex(bytes)): ReceivedWheel {
  return { bytes, sha256, check: nothing, close: nothing }
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
    return { file, sha256, check, close: nothing }
  } finally {
    source.close()
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
      return { bytes: Buffer.concat(held), sha256: hash.hex(), check: nothing, close: nothing }
    }
    write()
    const spooled = file
    return { file: spooled, sha256: hash.hex(), check: nothing, close: () => removeQuietly(context, spooled) }
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

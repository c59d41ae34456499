// The worker thread that unpacks wheels, whole ones or some entries of a large one. A wheel comes as bytes or lies in a file; a tree's
// manifest goes back as the bytes that stand in its file, which cost next to nothing to hand over.

import { parentPort } from 'node:worker_threads'
import { DenError, isDenError } from '../base/error.ts'
import type { DenEvent } from '../base/event.ts'
import { type ByteSource, bytesSource } from '../format/zip.ts'
import { openFileSource } from '../host/byte-source.ts'
import { defaultHost } from '../host/default-host.ts'
import { realDisk } from '../host/disk.ts'
import { openInflate } from '../host/inflate.ts'
import { memoryRelief } from '../host/memory.ts'
import type { WorkerReply } from '../host/workers.ts'
import { formatManifest } from './manifest.ts'
import { type UnpackOptions, unpackWheel } from './unpack.ts'
import { type EntryFacts, type WriteJob, writeEntries } from './write-entries.ts'

/** What every job has. */
interface Job {
  /** The wheel's bytes, or where they lie. */
  readonly wheel: Uint8Array | string
  /** How messages name the wheel. */
  readonly shown: string
  /** Holds something else than 0 as soon as nobody wants it any more. */
  readonly stop: Int32Array
}

/** A wheel to unpack. */
export interface WheelJob extends Job {
  readonly kind: 'wheel'
  readonly options: Omit<UnpackOptions, 'source' | 'write' | 'inflate'>
  /** The time that its files get. */
  readonly now: number
}

/** Entries of a wheel that somebody else unpacks. */
export interface EntriesJob extends Job {
  readonly kind: 'entries'
  readonly job: WriteJob
}

export type UnpackJob = WheelJob | EntriesJob

export type UnpackAnswer =
  | { readonly kind: 'wheel'; readonly manifest: Uint8Array; readonly events: readonly DenEvent[] }
  | { readonly kind: 'entries'; readonly facts: readonly EntryFacts[] }

const relieve = memoryRelief()
const inflate = openInflate()

function carryOut(job: UnpackJob, source: ByteSource): Promise<UnpackAnswer> {
  const write = (one: WriteJob): Promise<EntryFacts[]> =>
    writeEntries(realDisk, source, one, inflate, (bytes) => {
      if (Atomics.load(job.stop, 0) !== 0) throw new DenError('aborted', { operation: `unpacking ${job.shown}` })
      relieve(bytes)
    })
  if (job.kind === 'entries') return write(job.job).then((facts) => ({ kind: 'entries', facts }))
  const events: DenEvent[] = []
  const host = { ...defaultHost(), now: () => job.now }
  const context = { host, report: (event: DenEvent) => void events.push(event) }
  return unpackWheel(context, { ...job.options, source, inflate, write }).then((manifest) => ({
    kind: 'wheel',
    manifest: new TextEncoder().encode(formatManifest(manifest)),
    events,
  }))
}

async function run(job: UnpackJob): Promise<WorkerReply<UnpackAnswer>> {
  try {
    if (typeof job.wheel !== 'string') return { answer: await carryOut(job, bytesSource(job.wheel)) }
    const source = openFileSource(job.wheel)
    try {
      return { answer: await carryOut(job, source) }
    } finally {
      source.close()
    }
  } catch (error) {
    if (isDenError(error)) return { failure: { code: error.code, detail: error.detail, message: error.message } }
    return { failure: { message: String(error instanceof Error ? (error.stack ?? error) : error) } }
  }
}

// One after the other: whoever asks counts on the answers coming in the order of the jobs.
let before: Promise<void> = Promise.resolve()
parentPort?.on('message', (job: UnpackJob) => {
  before = before.then(async () => parentPort?.postMessage(await run(job)))
})

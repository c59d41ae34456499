// Who unpacks wheels: worker threads, a wheel each, where there is enough to do and a second core; else this thread. This one has the
// network, the resolver and the trees' renames to itself then. A large wheel that comes alone is shared out among the workers.

import { DenError } from '../base/error.ts'
import type { ErrorCode } from '../base/errors/catalogue.ts'
import { type ByteSource, bytesSource } from '../format/zip.ts'
import { openFileSource } from '../host/byte-source.ts'
import { realDisk } from '../host/disk.ts'
import type { Context } from '../host/host.ts'
import { workerUrl } from '../host/worker-url.ts'
import { openWorkers, usefulThreads, type WorkerPool } from '../host/workers.ts'
import { formatManifest, parseManifest, type TreeManifest } from './manifest.ts'
import type { WheelBytes } from './received.ts'
import { type UnpackOptions, unpackWheel } from './unpack.ts'
import type { UnpackAnswer, UnpackJob } from './unpack-worker.ts'
import type { EntryFacts, WriteJob } from './write-entries.ts'

/** A wheel to unpack: its bytes, or the file that they lie in. */
export type PackedWheel = Omit<UnpackOptions, 'source' | 'write' | 'inflate'> & WheelBytes

export interface Unpacked {
  readonly manifest: TreeManifest
  /** What is to stand in the manifest's file. */
  readonly text: string | Uint8Array
}

export interface Unpackers {
  /** Verifies a wheel and writes its files: see `unpackWheel`. */
  unpack(wheel: PackedWheel): Promise<Unpacked>
  /** Ends the threads; a later `unpack` starts them again. */
  close(): void
}

/** Workers cost ten milliseconds to start; wheels of so much together are unpacked in fifty. */
const worthWorkers = 2 ** 21
/** Whoever unpacks so many has more to come, and a resolver to keep waiting. */
const manyWheels = 8
/** A wheel of that size, alone, keeps one thread busy for a fifth of a second and more. */
const worthSharing = 2 ** 23
/** What goes to a thread at once of a wheel that is shared. */
const batchSize = 2 ** 22
const batchEntries = 400
/** Jobs that lie with a worker: the one it does, and its next. */
const depth = 2

const lost = new Error('the worker thread ended')

export function openUnpackers(context: Context): Unpackers {
  const { disk, platform } = context.host
  let seen = 0
  let wheels = 0
  let unpacking = 0
  let pool: WorkerPool<UnpackJob, UnpackAnswer> | undefined
  // A disk that isn't the real one (a test's, one with faults) exists on this thread alone.
  const threads = disk === realDisk ? usefulThreads(platform) : 0
  const workers = (): WorkerPool<UnpackJob, UnpackAnswer> => {
    pool ??= openWorkers({
      url: workerUrl('store/unpack-worker'),
      size: threads,
      depth,
      lost,
      revive: ({ code, detail, message }) => {
        if (code === undefined) return new Error(message)
        const cause = code === 'aborted' ? { cause: context.signal?.reason as unknown } : undefined
        return new DenError(code as ErrorCode, detail as never, cause)
      },
    })
    return pool
  }

  let hereNow = 0
  const turns: (() => void)[] = []
  const here = async (wheel: PackedWheel, write?: UnpackOptions['write']): Promise<Unpacked> => {
    hereNow += 1
    // More would only hold more in memory.
    if (hereNow > 2) await new Promise<void>((resolve) => turns.push(resolve))
    let opened: ReturnType<typeof sourceOf> | undefined
    try {
      opened = sourceOf(wheel)
      const { source } = opened
      const { bytes: _, file: __, ...options } = wheel
      const manifest = await unpackWheel(context, { ...options, source, ...(write === undefined ? {} : { write }) })
      return { manifest, text: formatManifest(manifest) }
    } finally {
      opened?.close()
      hereNow -= 1
      turns.shift()?.()
    }
  }

  const there = async (wheel: PackedWheel, shown: string, stop: Int32Array): Promise<Unpacked> => {
    const { bytes, file, ...options } = wheel
    const now = context.host.now()
    const answer = await workers().run({ kind: 'wheel', wheel: bytes ?? file, shown, stop, options, now })
    if (answer.kind !== 'wheel') throw lost
    for (const event of answer.events) context.report(event)
    return { manifest: parseManifest(answer.manifest)!, text: answer.manifest }
  }

  /** Its entries are written by all workers, this thread does the rest. */
  const together = (wheel: PackedWheel & { readonly file: string }, shown: string, stop: Int32Array) => {
    const write = async (job: WriteJob, alone: (job: WriteJob) => Promise<EntryFacts[]>): Promise<EntryFacts[]> => {
      const one = async (batch: WriteJob): Promise<readonly EntryFacts[]> => {
        try {
          const answer = await workers().run({ kind: 'entries', wheel: wheel.file, shown, stop, job: batch })
          if (answer.kind !== 'entries') throw lost
          return answer.facts
        } catch (error) {
          if (error !== lost) {
            // What the others write now is for nothing.
            Atomics.store(stop, 0, 1)
            throw error
          }
          // A thread that ended, or never came to be, may have left some of its files.
          for (const { file } of batch.entries) disk.removeTree(file)
          return await alone(batch)
        }
      }
      const answers = await Promise.allSettled(inBatches(job).map(one))
      const faults = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
      if (faults.length > 0)
        throw faults.find((fault) => !(fault instanceof DenError && fault.code === 'aborted')) ?? faults[0]
      return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    }
    return here(wheel, write)
  }

  const unpack = async (wheel: PackedWheel): Promise<Unpacked> => {
    const size = wheel.bytes?.length ?? context.host.files.stat(wheel.file!)?.size ?? 0
    const shown = wheel.shown ?? wheel.filename
    seen += size
    wheels += 1
    if (threads === 0 || (seen < worthWorkers && wheels < manyWheels)) return await here(wheel)
    const stop = new Int32Array(new SharedArrayBuffer(4))
    const halt = (): void => void Atomics.store(stop, 0, 1)
    context.signal?.addEventListener('abort', halt, { once: true })
    if (context.signal?.aborted === true) halt()
    try {
      if (wheel.file !== undefined && size >= worthSharing && unpacking === 1) return await together(wheel, shown, stop)
      return await there(wheel, shown, stop)
    } catch (error) {
      if (error !== lost) throw error
      // What the thread left is of no use.
      disk.removeTree(wheel.directory)
      return await here(wheel)
    } finally {
      context.signal?.removeEventListener('abort', halt)
    }
  }

  return {
    async unpack(wheel) {
      unpacking += 1
      try {
        return await unpack(wheel)
      } finally {
        unpacking -= 1
      }
    },
    close() {
      pool?.close()
      pool = undefined
    },
  }
}

function sourceOf({ bytes, file }: PackedWheel): { readonly source: ByteSource; close(): void } {
  if (bytes !== undefined) return { source: bytesSource(bytes), close: () => undefined }
  const source = openFileSource(file)
  return { source, close: () => source.close() }
}

function inBatches(job: WriteJob): readonly WriteJob[] {
  const batches: WriteJob[] = []
  let entries: WriteJob['entries'][number][] = []
  let size = 0
  for (const one of job.entries) {
    entries.push(one)
    size += one.entry.size
    if (size < batchSize && entries.length < batchEntries) continue
    batches.push({ ...job, entries })
    entries = []
    size = 0
  }
  if (entries.length > 0) batches.push({ ...job, entries })
  return batches
}

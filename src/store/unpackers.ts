// Who writes the entries of wheels: this thread, and beside it worker threads where there is enough to do and a second core.

import { DenError } from '../base/error.ts'
import type { ErrorCode } from '../base/errors/catalogue.ts'
import type { ByteSource } from '../format/zip.ts'
import { realDisk } from '../host/disk.ts'
import type { Context } from '../host/host.ts'
import { memoryRelief } from '../host/memory.ts'
import { slicer } from '../host/slices.ts'
import { openWorkers, spareThreads, type WorkerPool } from '../host/workers.ts'
import type { FileJob } from './unpack-worker.ts'
import { type EntryFacts, type WriteJob, writeEntries } from './write-entries.ts'

export interface Unpackers {
  /** Writes the entries, in any order and at once; the answers come in the order of the entries. `file` is where the wheel lies. */
  write(source: ByteSource, job: WriteJob, file: string | undefined): Promise<readonly EntryFacts[]>
  /** Ends the threads; a later `write` starts them again. */
  close(): void
}

/** A worker costs ten milliseconds to start; so much is unpacked in about twenty. Of one run's wheels together: most are small. */
const worthWorkers = 2 ** 23
/** Less than that is unpacked before it is handed over. */
const worthHandingOver = 2 ** 17
/** What goes to a thread at once. */
const batchSize = 2 ** 22
const batchEntries = 400

declare const DEN_VERSION: string | undefined

/** Bundled, every file but the entries stands at the top; the entries keep their folders. */
function workerUrl(): URL {
  if (typeof DEN_VERSION === 'undefined') return new URL('./unpack-worker.ts', import.meta.url)
  const folder = import.meta.url.slice(0, import.meta.url.lastIndexOf('/'))
  return new URL(
    /\/(?:cli|store)$/.test(folder) ? '../store/unpack-worker.js' : './store/unpack-worker.js',
    import.meta.url,
  )
}

const lost = new Error('the worker thread ended')

export function openUnpackers(context: Context): Unpackers {
  const { disk } = context.host
  const relieve = memoryRelief()
  let seen = 0
  let pool: WorkerPool<FileJob, readonly EntryFacts[]> | undefined
  // A disk that isn't the real one (a test's, one with faults) exists on this thread alone.
  const threads = disk === realDisk ? spareThreads() : 0
  const workers = (): typeof pool => {
    pool ??= openWorkers({
      url: workerUrl(),
      size: threads,
      lost,
      revive: ({ code, detail, message }) =>
        code === undefined ? new Error(message) : new DenError(code as ErrorCode, detail as never),
    })
    return pool
  }
  return {
    async write(source, job, file) {
      const slice = slicer({ operation: `unpacking ${job.shown}`, signal: context.signal })
      const pause = (bytes: number): Promise<void> => {
        relieve(bytes)
        return slice()
      }
      const total = job.entries.reduce((sum, { entry }) => sum + entry.size + 4096, 0)
      seen += total
      if (threads === 0 || file === undefined || seen < worthWorkers || total < worthHandingOver)
        return await writeEntries(disk, source, job, pause)

      const batches = inBatches(job)
      const answers: EntryFacts[][] = []
      let next = 0
      let failure: { readonly error: unknown } | undefined
      const finish = async (index: number, facts: Promise<readonly EntryFacts[]>): Promise<void> => {
        try {
          answers[index] = [...(await facts)]
        } catch (error) {
          failure ??= { error }
        }
      }
      /** A thread that ended, or never came to be, may have left some of its files. */
      const again = async (batch: WriteJob, error: unknown): Promise<readonly EntryFacts[]> => {
        if (error !== lost) throw error
        for (const one of batch.entries) disk.removeTree(one.file)
        return await writeEntries(disk, source, batch, pause)
      }
      const helped: Promise<void>[] = []
      while (next < batches.length && failure === undefined) {
        // Workers first, this thread with what is left.
        const run = workers()!.tryRun({ ...batches[next]!, wheel: file })
        const index = next
        next += 1
        if (run === undefined) await finish(index, writeEntries(disk, source, batches[index]!, pause))
        else
          helped.push(
            finish(
              index,
              run.catch((error) => again(batches[index]!, error)),
            ),
          )
      }
      await Promise.all(helped)
      if (failure !== undefined) throw failure.error
      return answers.flat()
    },
    close() {
      pool?.close()
      pool = undefined
    },
  }
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

// The worker thread that writes entries of wheels (writeEntries): reads the wheel from its file, since memory isn't shared.

import { parentPort } from 'node:worker_threads'
import { isDenError } from '../base/error.ts'
import { openFileSource } from '../host/byte-source.ts'
import { realDisk } from '../host/disk.ts'
import { memoryRelief } from '../host/memory.ts'
import type { WorkerReply } from '../host/workers.ts'
import { type EntryFacts, type WriteJob, writeEntries } from './write-entries.ts'

export interface FileJob extends WriteJob {
  /** Where the wheel lies. */
  readonly wheel: string
}

const relieve = memoryRelief()

async function run(job: FileJob): Promise<WorkerReply<readonly EntryFacts[]>> {
  try {
    const source = openFileSource(job.wheel)
    try {
      return { answer: await writeEntries(realDisk, source, job, async (bytes) => relieve(bytes)) }
    } finally {
      source.close()
    }
  } catch (error) {
    if (isDenError(error)) return { failure: { code: error.code, detail: error.detail, message: error.message } }
    return { failure: { message: String(error instanceof Error ? (error.stack ?? error) : error) } }
  }
}

parentPort?.on('message', (job: FileJob) => void run(job).then((reply) => parentPort?.postMessage(reply)))

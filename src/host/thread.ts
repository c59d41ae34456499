// One thread for one job of plain data and shared memory, with one answer.

import type { Worker } from 'node:worker_threads'

export interface Thread<Answer> {
  /** What it has to say; undefined when it ended without a word. The process waits for it from now on. */
  answer(): Promise<Answer | undefined>
  /** Ends it, whatever it is doing. */
  end(): void
}

/** Runs the module at `url`, which finds the job in `workerData`. undefined where no thread can be had. */
export function startThread<Answer>(url: URL, job: object): Thread<Answer> | undefined {
  let worker: Worker
  try {
    const threads = process.getBuiltinModule('node:worker_threads')
    worker = new threads.Worker(url, { execArgv: [], workerData: job })
  } catch {
    return undefined
  }
  const answer = new Promise<Answer | undefined>((resolve) => {
    worker.on('message', resolve)
    worker.on('error', () => resolve(undefined))
    worker.on('exit', () => resolve(undefined))
  })
  worker.unref()
  return {
    answer: () => {
      worker.ref()
      return answer
    },
    end: () => {
      worker.removeAllListeners()
      // An error that nobody listens for would end the process.
      worker.on('error', () => undefined)
      void worker.terminate()
    },
  }
}

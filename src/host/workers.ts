// Worker threads for jobs that are plain data. They are started when there is work for them and end with it, keep no process alive,
// and whatever keeps them from starting only means that the caller does the work itself.

import type { Worker } from 'node:worker_threads'

export interface WorkerPool<Job, Answer> {
  /** Does the job on a free worker; undefined when none is free or none can be had. Rejects with what the worker's job threw. */
  tryRun(job: Job): Promise<Answer> | undefined
  /** Ends the workers. What they are doing is given up. */
  close(): void
}

/** What a worker sends back. */
export type WorkerReply<Answer> =
  | { readonly answer: Answer }
  | { readonly failure: { readonly code?: string; readonly detail?: object; readonly message: string } }

interface Hand<Answer> {
  readonly worker: Worker
  busy: { resolve(answer: Answer): void; reject(error: unknown): void } | undefined
}

/** How many threads may work beside the one that calls. */
export function spareThreads(): number {
  return Math.max(0, Math.min(4, process.getBuiltinModule('node:os').availableParallelism()) - 1)
}

/**
 * A pool of at most `size` workers that run the module at `url`. `revive` makes an error of what one sent. A worker that dies hands its
 * job back as `undefined` would have been: by rejecting with `lost`.
 */
export function openWorkers<Job, Answer>(options: {
  readonly url: URL
  readonly size: number
  readonly revive: (failure: Extract<WorkerReply<Answer>, { failure: unknown }>['failure']) => unknown
  readonly lost: unknown
}): WorkerPool<Job, Answer> {
  const hands: Hand<Answer>[] = []
  let broken = false
  const start = (): Hand<Answer> | undefined => {
    if (broken || hands.length >= options.size) return undefined
    let worker: Worker
    try {
      const threads = process.getBuiltinModule('node:worker_threads')
      worker = new threads.Worker(options.url, { execArgv: [] })
    } catch {
      broken = true
      return undefined
    }
    const hand: Hand<Answer> = { worker, busy: undefined }
    const fail = (): void => {
      broken = true
      const at = hands.indexOf(hand)
      if (at !== -1) hands.splice(at, 1)
      const job = hand.busy
      hand.busy = undefined
      job?.reject(options.lost)
    }
    worker.on('message', (reply: WorkerReply<Answer>) => {
      const job = hand.busy
      hand.busy = undefined
      worker.unref()
      if ('answer' in reply) job?.resolve(reply.answer)
      else job?.reject(options.revive(reply.failure))
    })
    worker.on('error', fail)
    worker.on('exit', fail)
    worker.unref()
    hands.push(hand)
    return hand
  }
  return {
    tryRun(job) {
      const hand = hands.find(({ busy }) => busy === undefined) ?? start()
      if (hand === undefined) return undefined
      return new Promise<Answer>((resolve, reject) => {
        hand.busy = { resolve, reject }
        // While a job is out, the process waits for it.
        hand.worker.ref()
        hand.worker.postMessage(job)
      })
    },
    close() {
      for (const { worker } of hands.splice(0)) {
        worker.removeAllListeners()
        void worker.terminate()
      }
    },
  }
}

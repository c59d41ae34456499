// Worker threads for jobs that are plain data. They are started when there is work for them and end with it, keep no process alive,
// and whatever keeps them from starting only means that the caller does the work itself.

import type { Worker } from 'node:worker_threads'
import type { Platform } from './host.ts'

export interface WorkerPool<Job, Answer> {
  /** Does the job on a free worker; undefined when none is free or none can be had. Rejects with what the worker's job threw. */
  tryRun(job: Job, given?: readonly ArrayBuffer[]): Promise<Answer> | undefined
  /** The same, but waits for its turn; rejects with `lost` where no worker can be had. What is `given` is the worker's from then on. */
  run(job: Job, given?: readonly ArrayBuffer[]): Promise<Answer>
  /** Ends the workers. What they are doing is given up. */
  close(): void
}

/** What a worker sends back. */
export type WorkerReply<Answer> =
  | { readonly answer: Answer }
  | { readonly failure: { readonly code?: string; readonly detail?: object; readonly message: string } }

interface Awaited<Answer> {
  resolve(answer: Answer): void
  reject(error: unknown): void
}

interface Hand<Answer> {
  readonly worker: Worker
  /** What it was given, in that order, which is the order of its answers. */
  readonly jobs: Awaited<Answer>[]
}

/** How many threads may work beside the one that calls. */
export function spareThreads(): number {
  return Math.max(0, Math.min(4, process.getBuiltinModule('node:os').availableParallelism()) - 1)
}

/** How many threads are worth having: one a core; none beside the one that calls where there is a single core. */
export function usefulThreads(platform: Platform): number {
  // What is pretended of the machine they would not know.
  if (platform !== process.platform) return 0
  const cores = Math.min(4, process.getBuiltinModule('node:os').availableParallelism())
  return cores < 2 ? 0 : cores
}

/** Bun's workers take a small heap where they are told to; the type is Node's. */
const workerOptions: object = { execArgv: [], smol: true }

/**
 * A pool of at most `size` workers that run the module at `url` and answer in the order they are asked. `revive` makes an error of what
 * one sent. A worker that dies hands its jobs back as `undefined` would have been: by rejecting with `lost`. Up to `depth` jobs (1 unless
 * said) lie with a worker at once, so that it need not wait for this thread to be given its next.
 */
export function openWorkers<Job, Answer>(options: {
  readonly url: URL
  readonly size: number
  readonly depth?: number
  readonly revive: (failure: Extract<WorkerReply<Answer>, { failure: unknown }>['failure']) => unknown
  readonly lost: unknown
}): WorkerPool<Job, Answer> {
  const { size, depth = 1 } = options
  const hands: Hand<Answer>[] = []
  const turns: (() => void)[] = []
  let broken = false
  const start = (): Hand<Answer> | undefined => {
    if (broken || hands.length >= size) return undefined
    let worker: Worker
    try {
      const threads = process.getBuiltinModule('node:worker_threads')
      worker = new threads.Worker(options.url, workerOptions)
    } catch {
      broken = true
      return undefined
    }
    const hand: Hand<Answer> = { worker, jobs: [] }
    const fail = (): void => {
      broken = true
      const at = hands.indexOf(hand)
      if (at !== -1) hands.splice(at, 1)
      for (const job of hand.jobs.splice(0)) job.reject(options.lost)
      for (const turn of turns.splice(0)) turn()
    }
    worker.on('message', (reply: WorkerReply<Answer>) => {
      const job = hand.jobs.shift()
      if (hand.jobs.length === 0) worker.unref()
      turns.shift()?.()
      if ('answer' in reply) job?.resolve(reply.answer)
      else job?.reject(options.revive(reply.failure))
    })
    worker.on('error', fail)
    worker.on('exit', fail)
    worker.unref()
    hands.push(hand)
    return hand
  }
  /** One without a job, a new one, or the one with the fewest jobs of those that take more. */
  const freeHand = (): Hand<Answer> | undefined => {
    const idle = hands.find(({ jobs }) => jobs.length === 0) ?? start()
    if (idle !== undefined) return idle
    const [first, ...others] = hands.filter(({ jobs }) => jobs.length < depth)
    return others.reduce((least, hand) => (hand.jobs.length < least!.jobs.length ? hand : least), first)
  }
  const tryRun = (job: Job, given: readonly ArrayBuffer[] = []): Promise<Answer> | undefined => {
    const hand = freeHand()
    if (hand === undefined) return undefined
    return new Promise<Answer>((resolve, reject) => {
      hand.jobs.push({ resolve, reject })
      // While a job is out, the process waits for it.
      hand.worker.ref()
      hand.worker.postMessage(job, given)
    })
  }
  return {
    tryRun,
    async run(job, given) {
      for (;;) {
        const answer = tryRun(job, given)
        if (answer !== undefined) return await answer
        if (hands.length === 0) throw options.lost
        await new Promise<void>((resolve) => turns.push(resolve))
      }
    },
    close() {
      for (const { worker } of hands.splice(0)) {
        worker.removeAllListeners()
        void worker.terminate()
      }
      for (const turn of turns.splice(0)) turn()
    },
  }
}

/** The same bytes in a buffer of their own, which can be given away: a piece of a larger one would take that along. */
export function giveable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  return whole && bytes.buffer instanceof ArrayBuffer
    ? (bytes as Uint8Array<ArrayBuffer>)
    : (Uint8Array.prototype.slice.call(bytes) as Uint8Array<ArrayBuffer>)
}

// Long runs of short synchronous calls, cut so that nothing else in the process waits for long.

import { DenError } from '../base/error.ts'

export interface SliceOptions {
  /** What is said to have been stopped. */
  readonly operation: string
  readonly signal?: AbortSignal | undefined
  /** How long the event loop may go without a turn; 10 unless said. */
  readonly milliseconds?: number
}

/** Gives the event loop its turn whenever `milliseconds` have passed since the last, and stops when the signal says so. */
export function slicer(options: SliceOptions): () => Promise<void> {
  const turn = turns(options)
  return async () => await turn()
}

/** The same where calls are too short for a promise each: there is one only when it is the event loop's turn. */
export function turns({ operation, signal, milliseconds = 10 }: SliceOptions): () => Promise<void> | undefined {
  const check = (): void => {
    if (signal?.aborted) throw new DenError('aborted', { operation }, { cause: signal.reason })
  }
  let last = performance.now()
  const giveWay = async (): Promise<void> => {
    await new Promise<void>((resolve) => setImmediate(resolve))
    last = performance.now()
    check()
  }
  return () => {
    check()
    return performance.now() - last < milliseconds ? undefined : giveWay()
  }
}

// Long runs of short synchronous calls, cut so that nothing else in the process waits for long.

import { DenError } from '../base/error.ts'

/** Gives the event loop its turn whenever `milliseconds` have passed since the last, and stops when the signal says so. */
export function slicer(options: {
  operation: string
  signal?: AbortSignal | undefined
  milliseconds?: number
}): () => Promise<void> {
  const { operation, signal, milliseconds = 10 } = options
  let last = performance.now()
  return async () => {
    if (signal?.aborted) throw new DenError('aborted', { operation }, { cause: signal.reason })
    const now = performance.now()
    if (now - last < milliseconds) return
    await new Promise<void>((resolve) => setImmediate(resolve))
    last = performance.now()
    if (signal?.aborted) throw new DenError('aborted', { operation }, { cause: signal.reason })
  }
}

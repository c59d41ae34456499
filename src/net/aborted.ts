// What a request that was stopped ends with.

import { DenError } from '../base/error.ts'
import type { SafeUrl } from '../base/safe-url.ts'

export function abortedError(url: SafeUrl, signals: readonly AbortSignal[]): DenError {
  const cause = signals.find(({ aborted }) => aborted)?.reason as unknown
  return new DenError('aborted', { operation: `fetching ${url}` }, { cause })
}

export function throwIfAborted(url: SafeUrl, signals: readonly AbortSignal[]): void {
  if (signals.some(({ aborted }) => aborted)) throw abortedError(url, signals)
}

// Tries again what may pass: silence, broken answers, overload; and says what it was when it doesn't.

import { DenError, isDenError } from '../base/error.ts'
import type { SafeUrl } from '../base/safe-url.ts'
import { throwIfAborted } from './aborted.ts'
import { delayBefore, isPassing, pause } from './retry.ts'

/** A status that may pass: worth another attempt, after what the server asks for. */
export class TryLater extends Error {
  readonly status: number
  readonly retryAfter: string | undefined
  constructor(status: number, retryAfter: string | undefined) {
    super(`it answered with ${status}`)
    this.status = status
    this.retryAfter = retryAfter
  }
}

/** Wraps what no other attempt can mend and no network caused, such as a full disk under a download. */
export class Fatal extends Error {}

export function fatal(cause: unknown): Fatal {
  return new Fatal('fatal', { cause })
}

export interface Attempts {
  readonly url: SafeUrl
  /** In all. */
  readonly most: number
  /** Milliseconds of the first pause. */
  readonly pause: number
  readonly signals: readonly AbortSignal[]
  readonly now: () => number
  /** Whether something came of an attempt that failed: then the count begins anew. */
  readonly progressed?: () => boolean
}

/** So many kept connections may turn out to be closed by the server in a row; that is nobody's failure and costs no attempt. */
const mostStale = 64

/** Attempts that a silent one counts for: with the usual four a dead server is given up after twice the idle time. */
const costOfSilence = 2

/** Throws `http-status`, `fetch-failed`, `certificate-refused`, `aborted`, and whatever DenError `attempt` throws. */
export async function tryAgain<Value>(options: Attempts, attempt: () => Promise<Value>): Promise<Value> {
  const { url, most, signals, progressed = () => false } = options
  let failures = 0
  let all = 0
  let stale = 0
  for (;;) {
    throwIfAborted(url, signals)
    let wait: number
    try {
      return await attempt()
    } catch (error) {
      if (isDenError(error)) throw error
      if (error instanceof Fatal) throw error.cause
      const problem = error as NodeJS.ErrnoException & { readonly stale?: boolean; readonly silent?: boolean }
      if (problem.stale === true && stale < mostStale) {
        stale += 1
        continue
      }
      failures = (progressed() ? 0 : failures) + (problem.silent === true ? costOfSilence : 1)
      all += 1
      const shown = String(url)
      if (isCertificateProblem(problem))
        throw new DenError('certificate-refused', { url: shown, reason: problem.message }, { cause: error })
      const last = failures >= most
      if (problem instanceof TryLater && last) throw new DenError('http-status', { url: shown, status: problem.status })
      if (last || !isPassing(problem)) {
        const reason = problem.message || ((error as NodeJS.ErrnoException).code ?? 'no reason given')
        throw new DenError('fetch-failed', { url: shown, reason, attempts: all }, { cause: error })
      }
      const retryAfter = problem instanceof TryLater ? problem.retryAfter : undefined
      const delay = delayBefore(failures, options.pause, retryAfter, options.now())
      if (typeof delay !== 'number') {
        const { status } = problem as TryLater
        throw new DenError(
          'http-status',
          { url: shown, status, notBefore: momentOf(delay.notBefore) },
          { cause: error },
        )
      }
      wait = delay
    }
    await pause(wait, signals)
  }
}

function isCertificateProblem(error: NodeJS.ErrnoException): boolean {
  return /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|UNKNOWN_)/.test(
    error.code ?? '',
  )
}

/** Some send numbers that are no time any more. */
function momentOf(milliseconds: number): string {
  return `${new Date(Math.min(milliseconds, 8.64e15)).toISOString().slice(0, -5)}Z`
}

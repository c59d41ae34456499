// The one error type of den. The throw site gives data; the catalogue (base/errors/) turns it into words.

import { catalogue, type ErrorCode, type ErrorDetails } from './errors/catalogue.ts'
import { hideCredentials } from './safe-url.ts'

/** What a reader is told of an error: plain data, the same in a terminal, in JSON and in an editor. */
export interface Diagnosis {
  readonly code: ErrorCode
  /** One sentence that names the thing. */
  readonly what: string
  /** The facts found; absent where `what` says it all. */
  readonly why?: string
  /** Commands or edits to try, best first; empty where none is known. */
  readonly fix: readonly string[]
}

/** An error that a user can meet. `code` is stable API and types `detail`. */
export class DenError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name: 'DenError' = 'DenError'
  readonly code: Code
  readonly detail: ErrorDetails[Code]

  constructor(code: Code, detail: ErrorDetails[Code], options?: { readonly cause?: unknown }) {
    super(hideCredentials(catalogue[code].what(detail)), options)
    this.code = code
    this.detail = detail
  }
}

/** Recognizes by name and code, not by class: errors cross bundles and realms. */
export function isDenError<Code extends ErrorCode>(error: unknown, ...codes: readonly Code[]): error is DenError<Code> {
  return (
    error instanceof Error &&
    error.name === 'DenError' &&
    'code' in error &&
    (codes.length === 0 || codes.includes(error.code as Code))
  )
}

/** The words for an error's data. */
export function diagnose<Code extends ErrorCode>(error: DenError<Code>): Diagnosis {
  const text = catalogue[error.code]
  const why = text.why?.(error.detail)
  const fix = (text.fix?.(error.detail) ?? []).map(hideCredentials)
  const what = hideCredentials(text.what(error.detail))
  return { code: error.code, what, ...(why === undefined ? {} : { why: hideCredentials(why) }), fix }
}

/** What `work` gives; undefined where it fails. For what is of use and not needed, as a cache is: den's own faults are thrown on. */
export function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work()
  } catch (error) {
    if (isDenError(error)) return undefined
    throw error
  }
}

/** The exit code that an error ends the program with: 1, or 2 where the command line itself was wrong. */
export function exitCodeOf(error: DenError): 1 | 2 | 130 {
  return catalogue[error.code].exit ?? 1
}

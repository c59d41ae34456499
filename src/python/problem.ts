// Why something that looks like a Python is none den can use: a code for programs, a sentence for people.

import { type DenError, diagnose } from '../base/error.ts'

export type PythonProblemCode =
  | 'not-found'
  | 'dangling-link'
  | 'link-loop'
  | 'not-a-file'
  | 'not-executable'
  | 'unreadable'
  | 'missing-library'
  | 'foreign'
  | 'store-stub'
  | 'shim-without-target'
  | 'broken-environment'
  | 'not-asked'
  | 'crashed'
  | 'hung'
  | 'garbage'

export interface PythonProblem {
  readonly code: PythonProblemCode
  /** What is wrong, without the path: "the link leads to /opt/python, which isn't there". */
  readonly text: string
}

/** An error met on the way as a problem of the interpreter it was met at. */
export function problemOf(code: PythonProblemCode, error: DenError): PythonProblem {
  const { what, why } = diagnose(error)
  return { code, text: why === undefined ? what : `${what} (${why})` }
}

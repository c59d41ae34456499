// What reading an installation's files comes to.

import type { Binary } from '../binary/reader.ts'
import type { Interpreter } from '../interpreter.ts'
import type { PythonProblem } from '../problem.ts'

export type Reading =
  | { readonly kind: 'interpreter'; readonly interpreter: Interpreter }
  /** The executable belongs to a virtual environment that only its lib directory tells of (virtualenv before 20). */
  | { readonly kind: 'environment'; readonly root: string; readonly base: string }
  | { readonly kind: 'problem'; readonly problem: PythonProblem }
  /** The files don't tell; the interpreter itself has to be asked. */
  | { readonly kind: 'unknown'; readonly why: string }

/** What is known when a layout's reader is called. */
export interface Program {
  /** The path to call it by. */
  readonly executable: string
  /** Where its own links end; directory links kept. */
  readonly linkEnd: string
  readonly realExecutable: string
  readonly binary: Binary
}

export function unknown(why: string): Reading {
  return { kind: 'unknown', why }
}

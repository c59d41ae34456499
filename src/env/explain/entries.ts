// One entry of sys.path with the reason why it is there, and the list as it grows while Python starts.

import type { Source } from './world.ts'

export type PathEntryKind =
  | 'start'
  | 'pythonpath'
  | 'zip'
  | 'stdlib'
  | 'extensions'
  | 'registry'
  | 'site-packages'
  | 'user-site'
  | 'pth'
  | 'code'

/** One entry of sys.path. */
export interface PathEntry {
  /** As Python has it; "" is the directory in which it is started. */
  readonly path: string
  readonly kind: PathEntryKind
  readonly exists: boolean
  /** One sentence. */
  readonly why: string
  readonly from: Source
}

export type NewEntry = Omit<PathEntry, 'exists'>

/** Something whose effect can't be known without running it. */
export interface Uncertainty {
  readonly from: Source
  readonly why: string
}

/** What keeps Python from starting, or makes it complain while it does. */
export interface StartProblem {
  readonly from: Source
  readonly what: string
  /** Python ends before it runs anything. */
  readonly fatal: boolean
}

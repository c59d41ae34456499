// Progress, as data: every command takes one function `report` and tells it what happens. Rendering is the reader's business.

import type { Diagnosis } from './error.ts'

/** What happened, in the order it happened. Discriminated by `kind`; new kinds may be added in any release. */
export type DenEvent =
  | { readonly kind: 'warning'; readonly warning: Diagnosis }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'python.found'; readonly executable: string; readonly version?: string }
  | { readonly kind: 'python.asked'; readonly executable: string; readonly milliseconds: number }
  | { readonly kind: 'create.started'; readonly path: string; readonly python: string }
  | { readonly kind: 'create.done'; readonly path: string }
  | {
      readonly kind: 'resolve.done'
      readonly milliseconds: number
      /** What is to be put in, what is there and will do left out. `by`: what requires it; nobody: it was asked for. */
      readonly chosen: readonly { readonly name: string; readonly version: string; readonly by: readonly string[] }[]
    }
  | { readonly kind: 'fetch.started'; readonly url: string; readonly bytes?: number }
  | { readonly kind: 'fetch.progress'; readonly url: string; readonly received: number; readonly bytes?: number }
  | { readonly kind: 'fetch.done'; readonly url: string; readonly bytes: number }
  | { readonly kind: 'store.unpacked'; readonly distribution: string; readonly files: number }
  | { readonly kind: 'install.linked'; readonly distribution: string; readonly files: number; readonly mode: string }
  | { readonly kind: 'build.started'; readonly distribution: string; readonly what: 'wheel' | 'editable' | 'metadata' }
  | { readonly kind: 'build.output'; readonly distribution: string; readonly line: string }
  | {
      readonly kind: 'build.done'
      readonly distribution: string
      readonly file?: string
      readonly milliseconds: number
    }
  | { readonly kind: 'apply.started'; readonly path: string; readonly install: number; readonly remove: number }
  | { readonly kind: 'apply.done'; readonly path: string; readonly install: number; readonly remove: number }
  | { readonly kind: 'remove.done'; readonly path: string }

export type Report = (event: DenEvent) => void

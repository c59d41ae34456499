// Bringing a project's environment, or a script's, to what its lock says.

import { printable } from '../span.ts'
import type { ErrorTexts } from './text.ts'

export interface SyncErrorDetails {
  'no-extra': { readonly file: string; readonly extra: string; readonly known: readonly string[] }
}

export const syncErrors: ErrorTexts<SyncErrorDetails> = {
  'no-extra': {
    what: ({ file, extra }) => `${file} has no extra ${printable(extra)}`,
    why: ({ known }) => (known.length === 0 ? 'it has none at all' : `it has: ${printable(known.join(', '))}`),
  },
}

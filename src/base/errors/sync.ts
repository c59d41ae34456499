// Bringing a project's environment, or a script's, to what its lock says.

import { shellWord } from '../shell-word.ts'
import { printable } from '../span.ts'
import type { ErrorTexts } from './text.ts'

export interface SyncErrorDetails {
  'no-extra': { readonly file: string; readonly extra: string; readonly known: readonly string[] }
  'lock-missing': { readonly directory: string }
  /** `because`: sentences. */
  'lock-stale': { readonly directory: string; readonly because: readonly string[] }
  'python-not-for-project': {
    /** The executable. */
    readonly python: string
    readonly version: string
    readonly requires: string
    /** The file that requires it. */
    readonly file: string
    /** `--python`, or the file that asks for this Python. */
    readonly from?: string
  }
}

export const syncErrors: ErrorTexts<SyncErrorDetails> = {
  'no-extra': {
    what: ({ file, extra }) => `${file} has no extra ${printable(extra)}`,
    why: ({ known }) => (known.length === 0 ? 'it has none at all' : `it has: ${printable(known.join(', '))}`),
  },
  'lock-missing': {
    what: ({ directory }) => `the project in ${directory} has no lock`,
    why: () => 'there is no pylock.toml, and none is to be made',
    fix: () => ['make it: den lock'],
  },
  'lock-stale': {
    what: ({ directory }) => `the lock of the project in ${directory} is not what the project asks for`,
    why: ({ because }) => printable(because.join('; ')),
    fix: () => ['make it anew: den lock', 'take it as it stands: --frozen'],
  },
  'python-not-for-project': {
    what: ({ version, python }) => `Python ${version} at ${python} is not for this project`,
    why: ({ requires, file, from }) =>
      `${file} says requires-python = "${requires}"${from === undefined ? '' : `, and ${from} asks for this one`}`,
    fix: ({ requires, from }) => [
      from === undefined || from === '--python'
        ? `take another: --python ${shellWord(requires)}`
        : `let ${from} ask for another, or take one: --python ${shellWord(requires)}`,
    ],
  },
}

// Bringing a project's environment, or a script's, to what its lock says.

import { shellWord } from '../shell-word.ts'
import { printable } from '../span.ts'
import { type ParseDetail, parseError } from './spec.ts'
import type { ErrorTexts } from './text.ts'

export interface SyncErrorDetails {
  'no-extra': { readonly file: string; readonly extra: string; readonly known: readonly string[] }
  /** `directory`: the project's; `script`: that has none; `told`: there was to be told of the lock, which makes none. */
  'lock-missing': { readonly directory: string; readonly script?: string; readonly told?: true }
  /** The lock of a project, or of a script. */
  'lock-unreadable': ParseDetail & { readonly script?: string }
  'env-file-missing': { readonly path: string }
  /** An export was to be written where the lock is that it is made from. */
  'export-over-lock': { readonly file: string }
  /** `status`: what a server answered. */
  /** `status`: what a server answered. `elsewhere`: it is there, but no file of this machine, which is what was to be changed. */
  'script-missing': { readonly script: string; readonly status?: number; readonly elsewhere?: true }
  /** `lock`: a file; `other`: the script whose lock it is. */
  'script-lock-taken': { readonly lock: string; readonly script: string; readonly other: string }
  /** `because`: sentences. */
  'lock-stale': { readonly directory: string; readonly script?: string; readonly because: readonly string[] }
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
    what: ({ directory, script, told }) =>
      `${script ?? `the project in ${directory}`} has no lock${told === true ? ' yet' : ''}`,
    why: ({ script, told }) => {
      if (told === true) return 'what is told here is read from the lock, pylock.toml'
      return `there is no ${script === undefined ? 'pylock.toml' : 'lock beside it'}, and none is to be made`
    },
    fix: ({ script }) => [`make it: den lock${script === undefined ? '' : ` --script ${shellWord(script)}`}`],
  },
  'export-over-lock': {
    what: ({ file }) => `${file} is the lock that this would be made from`,
    why: () =>
      'an export holds only what was asked for, without what den keeps in a lock: the other versions would be lost',
    fix: () => [
      'write it under another name: den export -o pylock.NAME.toml',
      'pip and uv install from the lock as it is: it needs no export',
    ],
  },
  'lock-unreadable': {
    ...parseError('what a lock can hold'),
    fix: ({ script }) => [
      'put back the file as it was before, from version control or a copy',
      `make it anew, with the versions that can still be read in it: den lock${script === undefined ? '' : ` --script ${shellWord(script)}`} --force`,
    ],
  },
  'env-file-missing': {
    what: ({ path }) => `there is no file of variables at ${path}`,
    fix: () => ['go on without: --no-env-file'],
  },
  'script-missing': {
    what: ({ script, elsewhere }) =>
      elsewhere === true ? `${script} is no file of this machine` : `there is no script ${script}`,
    why: ({ status, elsewhere }) => {
      if (elsewhere === true) return 'what lies at an address is run, and neither changed nor locked'
      return status === undefined ? undefined : `the server answered ${status}`
    },
    fix: ({ script, elsewhere }) => (elsewhere === true ? [`save it first: curl -O ${shellWord(script)}`] : []),
  },
  'script-lock-taken': {
    what: ({ script, other }) => `${script} cannot be locked beside ${other}`,
    why: ({ lock, other }) =>
      `${lock} is the lock of ${other}: the names of locks have no dots, and both would have this one`,
    fix: () => ['rename one of the two scripts, or put it into another directory'],
  },
  'lock-stale': {
    what: ({ directory, script }) =>
      script === undefined
        ? `the lock of the project in ${directory} is not what the project asks for`
        : `the lock of ${script} is not what the script asks for`,
    why: ({ because }) => printable(because.join('; ')),
    fix: ({ script }) => [
      `make it anew: den lock${script === undefined ? '' : ` --script ${shellWord(script)}`}`,
      'take it as it stands: --frozen',
    ],
  },
  'python-not-for-project': {
    what: ({ version, python, file }) =>
      `Python ${version} at ${python} is not for this ${/pyproject\.toml$/.test(file) ? 'project' : 'script'}`,
    why: ({ requires, file, from }) =>
      `${file} says requires-python = "${requires}"${from === undefined ? '' : `, and ${from} asks for this one`}`,
    fix: ({ requires, from }) => [
      from === undefined || from === '--python'
        ? `take another: --python ${shellWord(requires)}`
        : `let ${from} ask for another, or take one: --python ${shellWord(requires)}`,
    ],
  },
}

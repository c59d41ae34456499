// Archives, wheels, the store, and what is put into environments or taken out of them.

import type { ErrorTexts } from './text.ts'

export interface InstallErrorDetails {
  /** A zip that two readers could read differently, or that reaches out of its place. */
  'invalid-archive': { readonly file: string; readonly reason: string; readonly entry?: string }
  'invalid-wheel': { readonly file: string; readonly reason: string }
  'hash-mismatch': { readonly file: string; readonly expected: string; readonly actual: string }
  'store-damaged': { readonly distribution: string; readonly path: string; readonly reason: string }
  'install-refused': { readonly distribution: string; readonly path: string; readonly reason: string }
  'uninstall-refused': { readonly distribution: string; readonly path: string; readonly reason: string }
  'no-launcher': { readonly machine: string }
  'no-seed': { readonly project: string; readonly python: string; readonly tried: readonly string[] }
}

const badFile = [
  'get the file again, or another release',
  'tell the project’s maintainers: the file breaks the standard',
]

export const installErrors: ErrorTexts<InstallErrorDetails> = {
  'invalid-archive': {
    what: ({ file, entry }) =>
      `${file} is refused${entry === undefined ? '' : ` because of its entry ${quote(entry)}`}`,
    why: ({ reason }) => reason,
    fix: () => badFile,
  },
  'invalid-wheel': {
    what: ({ file }) => `${file} is not a valid wheel`,
    why: ({ reason }) => reason,
    fix: () => badFile,
  },
  'hash-mismatch': {
    what: ({ file }) => `${file} is not the file that was promised`,
    why: ({ expected, actual }) => `its SHA-256 is ${actual}, expected was ${expected}`,
    fix: () => ['try again: the download may have been damaged', 'if it stays so, do not use this file'],
  },
  'store-damaged': {
    what: ({ distribution, path }) => `den's store holds a damaged copy of ${distribution}: ${path}`,
    why: ({ reason }) => reason,
    fix: () => ['the copy could not be made again by itself: make its source reachable and repeat the command'],
  },
  'install-refused': {
    what: ({ distribution, path }) => `${distribution} may not put ${quote(path)} into an environment`,
    why: ({ reason }) => reason,
    fix: () => badFile,
  },
  'uninstall-refused': {
    what: ({ distribution, path }) => `${distribution} is not removed: its RECORD lists ${quote(path)}`,
    why: ({ reason }) => reason,
    fix: () => ['look at the RECORD file in its dist-info directory, and remove the files by hand'],
  },
  'no-launcher': {
    what: ({ machine }) => `den has no Windows launcher for ${machine}`,
    why: () => 'a console script on Windows needs a small .exe in front of it',
    fix: () => ['run the module instead: python -m NAME'],
  },
  'no-seed': {
    what: ({ project, python }) => `no ${project} for Python ${python} was found`,
    why: ({ tried }) => `looked in: ${tried.join('; ')}`,
    fix: ({ project }) => [
      `put its wheel into a directory and name that: PIP_FIND_LINKS=DIRECTORY (or --find-links)`,
      'go online once: the store remembers it',
      project === 'pip'
        ? 'make the environment without pip: den create, or den venv --without-pip'
        : `leave ${project} out`,
    ],
  },
}

function quote(text: string): string {
  return JSON.stringify(text)
}

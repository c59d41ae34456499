// What indexes, links and version control say of projects and files.

import type { ErrorTexts } from './text.ts'

export interface IndexesErrorDetails {
  /** Files are wanted from before a time, and the index does not tell theirs. */
  'no-upload-times': { readonly index: string; readonly file: string }
  /** A distribution whose metadata says something else than its name, or than the metadata that stood beside it. */
  'metadata-mismatch': {
    readonly file: string
    readonly field: string
    readonly expected: string
    readonly actual: string
    /** The promise is a name that somebody wrote beside an address, and no index's. */
    readonly written?: true
  }
  /** An entry of the cache turned out to be damaged in the middle of its use. It has been removed. */
  'cache-damaged': { readonly project: string }
  /** A file of the public index's, by a lock, that the index in its place does not have. */
  'locked-file-missing': { readonly file: string; readonly indexes: readonly string[] }
  'invalid-link': { readonly link: string; readonly reason: string }
  'link-not-found': {
    readonly link: string
    readonly path: string
    /** The project that is to come from there, where that is known. */
    readonly project?: string
  }
  'vcs-missing': { readonly program: string; readonly link: string }
  'vcs-failed': { readonly link: string; readonly operation: string; readonly output: string }
}

export const indexesErrors: ErrorTexts<IndexesErrorDetails> = {
  'no-upload-times': {
    what: ({ index, file }) => `${index} does not say when ${file} was uploaded`,
    why: () => 'only files from before a time are wanted, and for this one that cannot be known',
    fix: () => ['leave out the limit on upload times', 'use an index that tells them (simple API 1.1, PEP 700)'],
  },
  'metadata-mismatch': {
    what: ({ file, field }) => `the metadata of ${file} is not what was promised: ${field}`,
    why: ({ expected, actual }) => `promised was ${quote(expected)}, it has ${quote(actual)}`,
    fix: ({ actual, written }) =>
      written === true
        ? [`call it by its own name where it is asked for: ${actual}`]
        : ['ask for another release', 'tell the project’s or the index’s maintainers'],
  },
  'cache-damaged': {
    what: ({ project }) => `den's cache holds a damaged page of ${project}`,
    why: () => 'it was removed',
    fix: () => ['run the command again: the page is fetched anew'],
  },
  'locked-file-missing': {
    what: ({ file, indexes }) =>
      `the lock names ${file}, and ${indexes.length === 0 ? 'no place that is to be asked' : indexes.join(' and ')} does not have it`,
    why: () =>
      'it came from the public index, and here others are asked in its place; a file with another hash is not the one',
    fix: () => [
      'let the mirror have it, or ask the public index for this once: --index-url with its address',
      'take what is to be had here instead: den lock --upgrade',
    ],
  },
  'invalid-link': {
    what: ({ link }) => `den cannot install from ${quote(link)}`,
    why: ({ reason }) => reason,
  },
  'link-not-found': {
    what: ({ link, project }) =>
      project === undefined
        ? `there is nothing at ${quote(link)}`
        : `${project} is to come from ${quote(link)}, and there is nothing`,
    why: ({ link, path }) => (link === path ? undefined : `that is ${path}`),
    fix: ({ link, project }) =>
      project !== undefined && /^\d+(?:\.\d+)*$/.test(link) ? [`if a version is meant: ${project}==${link}`] : [],
  },
  'vcs-missing': {
    what: ({ program, link }) => `${link} needs ${program}, which is not on PATH`,
    fix: ({ program }) => [`install ${program}`],
  },
  'vcs-failed': {
    what: ({ link, operation }) => `${operation} failed for ${link}`,
    why: ({ output }) => output || undefined,
  },
}

function quote(text: string): string {
  return `'${text.length > 200 ? `${text.slice(0, 200)}…` : text}'`
}

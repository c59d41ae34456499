// Texts that don't follow their standard, and values that can't be written by it.

import { drawSpan, printable, type Span } from '../span.ts'
import type { ErrorText, ErrorTexts } from './text.ts'

/** What every parse error tells: the text, the place in it, and what is wrong there. */
export interface ParseDetail {
  /** The text that was read, whole or the line that matters. */
  readonly source: string
  /** The place in `source`. */
  readonly span: Span
  /** What is wrong there: "the release segment is missing". */
  readonly reason: string
  /** The file that it stands in, where there is one. */
  readonly file?: string
  /** The line in that file, from 1. */
  readonly line?: number
}

export interface SpecErrorDetails {
  'invalid-version': ParseDetail
  'invalid-specifier': ParseDetail
  'invalid-name': ParseDetail
  /** A dependency specifier (PEP 508). */
  'invalid-requirement': ParseDetail
  /** The part of one after `;`. */
  'invalid-marker': ParseDetail
  'invalid-python-request': ParseDetail
  'invalid-filename': ParseDetail
  'invalid-ini': ParseDetail
  'invalid-record': ParseDetail
  /** METADATA, WHEEL or entry_points.txt of a distribution. */
  'invalid-metadata': ParseDetail
  'invalid-requirements': ParseDetail
  'requirements-file-missing': {
    readonly path: string
    readonly constraint: boolean
    /** The file and line that include it. */
    readonly file?: string
    readonly line?: number
  }
  'requirements-file-recursive': {
    readonly path: string
    readonly file: string
    readonly line: number
    /** The file that included it first. */
    readonly first?: string
  }
  'undecodable-file': { readonly file: string; readonly encoding: string }
  /** What a requirements file says without effect, or what it seems to mean; a warning. */
  'requirements-doubtful': {
    readonly kind: 'hash-without-requirement' | 'missing-archive' | 'guessed-encoding' | 'ignored'
    readonly file: string
    readonly line: number
    readonly text: string
  }
  'invalid-toml': ParseDetail
  /** pylock.toml. */
  'invalid-lock-file': ParseDetail
  'unsupported-lock-file': { readonly file: string; readonly version: string }
  /** A lock file that has nothing for this target, or several things where one can be. */
  'lock-file-mismatch': {
    readonly file: string
    readonly reason: string
    /** What to do, where that is not to take another environment. */
    readonly instead?: string
  }
  'invalid-dependency-groups': ParseDetail
  'no-dependency-group': { readonly file: string; readonly group: string; readonly known: readonly string[] }
  'invalid-script-metadata': ParseDetail
  'no-script-metadata': { readonly file: string }
  'invalid-pyproject': ParseDetail
  'invalid-direct-url': { readonly file?: string; readonly reason: string }
  'invalid-index-page': { readonly url: string; readonly reason: string }
  'invalid-build-details': { readonly file?: string; readonly key: string; readonly reason: string }
  'unwritable-value': { readonly file: string; readonly key: string; readonly value: string; readonly reason: string }
}

/** The words that all parse errors share: what it was taken for, the place drawn, and the ways out. */
export function parseError(noun: string, fix: readonly string[] = []): ErrorText<ParseDetail> {
  return {
    what: ({ source, file, line }) => {
      const where = file === undefined ? shorten(source) : `${line === undefined ? '' : `line ${line} of `}${file}`
      return `${where} is not ${noun}`
    },
    why: ({ source, span, reason }) => `${printable(reason)}\n${drawSpan(source, span)}`,
    fix: () => fix,
  }
}

function shorten(source: string): string {
  const line = source.split('\n', 1)[0]!
  const short = line.length > 60 || line.length < source.length ? `${line.slice(0, 60)}…` : line
  return `'${printable(short)}'`
}

export const specErrors: ErrorTexts<SpecErrorDetails> = {
  'invalid-version': parseError('a valid version', ['write it as the standard has it: 1.2.3, 2.0rc1, 1.0.post1']),
  'invalid-specifier': parseError('a valid version specifier', ['write it like >=3.8,<3.13 or ~=1.4 or ==2.*']),
  'invalid-name': parseError('a valid name', ['use letters, digits, and . _ - between them']),
  'invalid-requirement': parseError('a valid requirement', [
    "write it like 'name[extra]>=1.2,<2; python_version < \"3.12\"' or 'name @ https://example.org/name-1.0.zip'",
  ]),
  'invalid-marker': parseError('a valid environment marker', [
    'write it like \'python_version >= "3.9" and sys_platform == "linux"\'',
  ]),
  'invalid-python-request': {
    ...parseError('a valid request for a Python'),
    // Only what comes with a checkout has lines, and that may name no path.
    fix: ({ line }) => [
      `write a version (3.12, 3.13t, '>=3.8,<3.13'), an implementation (pypy3.10)${line === undefined ? ", a path, or a program's name" : ', or the name of an environment of pyenv'}`,
      'see the Pythons that are here: den python list',
      ...(line === undefined ? [] : ['take a Python by its path for yourself: --python PATH']),
    ],
  },
  'invalid-filename': parseError('a valid filename of a wheel or source distribution'),
  'invalid-ini': parseError('valid in an INI file'),
  'invalid-record': parseError('a valid entry of a RECORD', [
    'the wheel is damaged or was made wrongly: get it again, or another release',
  ]),
  'invalid-metadata': parseError('valid metadata', [
    'the distribution is damaged or was made wrongly: get it again, or another release',
  ]),
  'invalid-requirements': parseError('a valid line of a requirements file', [
    'write a requirement (name>=1.0), a path (./project), an address (name @ https://…) or an option (-r other.txt)',
  ]),
  'requirements-file-missing': {
    what: ({ path, constraint }) =>
      `there is no ${constraint ? 'constraints' : 'requirements'} file ${printable(path)}`,
    why: ({ file, line }) => (file === undefined ? undefined : `it is included by line ${line} of ${file}`),
    fix: ({ file }) => [
      file === undefined
        ? 'give the path of a file that is there'
        : 'correct the path: it is relative to the file that includes it',
    ],
  },
  'requirements-file-recursive': {
    what: ({ path }) => `${printable(path)} includes itself`,
    why: ({ file, line, first }) =>
      `line ${line} of ${file} includes it again${first === undefined ? '' : `; ${first} did so first`}`,
    fix: ({ file, line }) => [`remove line ${line} of ${file}`],
  },
  'undecodable-file': {
    what: ({ file, encoding }) => `${file} is no text in ${printable(encoding)}`,
    why: () => 'some of its bytes mean nothing in that encoding, or the encoding is not known',
    fix: () => ['save it as UTF-8, or name its encoding in the first line: # -*- coding: latin-1 -*-'],
  },
  'requirements-doubtful': {
    what: ({ kind, file, line, text }) => {
      const place = `line ${line} of ${printable(file)}`
      switch (kind) {
        case 'hash-without-requirement':
          return `${place} has a hash and no requirement that it belongs to`
        case 'missing-archive':
          return `${place} looks like the name of a file, but there is none: ${printable(text)}`
        case 'guessed-encoding':
          return `${printable(file)} is no UTF-8, and was read as ${printable(text)}`
        default:
          return `${place} says more than is looked at there: ${printable(text)}`
      }
    },
    fix: ({ kind }) => {
      switch (kind) {
        case 'hash-without-requirement':
          return ['write the hash behind the requirement: name==1.0 --hash=sha256:…']
        case 'missing-archive':
          return []
        case 'guessed-encoding':
          return ['save it as UTF-8, or name its encoding in the first line: # -*- coding: latin-1 -*-']
        case 'ignored':
          return ['write each option on a line of its own, and each requirement too']
      }
    },
  },
  'invalid-toml': parseError('valid TOML'),
  'invalid-lock-file': parseError('valid in a lock file (pylock.toml)', [
    'have the lock file made again by the tool that made it; if that is den, remove it first: den lock',
  ]),
  'unsupported-lock-file': {
    what: ({ file, version }) => `${file} is of version ${version}, which this den does not know`,
    why: () => 'lock files of version 1 can be read',
    fix: () => [
      'get a newer den: den self update',
      'or have the file made again: by an older tool, or where it is a project’s by den lock --force',
    ],
  },
  'lock-file-mismatch': {
    what: ({ file }) => `${file} cannot be installed here`,
    why: ({ reason }) => printable(reason),
    fix: ({ instead }) => [
      instead ?? 'use an environment that the file was made for, or have it made again for this one too',
    ],
  },
  'invalid-dependency-groups': parseError('valid in [dependency-groups]'),
  'no-dependency-group': {
    what: ({ file, group }) => `${file} has no dependency group ${printable(group)}`,
    why: ({ known }) => (known.length === 0 ? 'it has none at all' : `it has: ${printable(known.join(', '))}`),
  },
  'no-script-metadata': {
    what: ({ file }) => `${file} does not say what it needs`,
    why: () => 'a script says so in comment lines, from # /// script to # ///',
    fix: () => ['write at its top: # /// script, # dependencies = ["name"], # ///'],
  },
  'invalid-script-metadata': parseError("valid in a script's metadata (the block # /// script)"),
  'invalid-pyproject': parseError('valid in pyproject.toml'),
  'invalid-direct-url': {
    what: ({ file }) => `${file ?? 'direct_url.json'} does not say where the distribution came from`,
    why: ({ reason }) => reason,
  },
  'invalid-index-page': {
    what: ({ url }) => `the answer of ${url} is no page of a package index`,
    why: ({ reason }) => reason,
  },
  'invalid-build-details': {
    what: ({ file, key }) => `${file ?? 'build-details.json'} says something else than the standard at ${key}`,
    why: ({ reason }) => reason,
  },
  'unwritable-value': {
    what: ({ file, key, value }) => `${file} cannot hold ${key} = '${printable(value)}'`,
    why: ({ reason }) => reason,
    fix: () => ['choose another name or directory, without such characters'],
  },
}

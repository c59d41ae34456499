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
  'invalid-python-request': ParseDetail
  'invalid-filename': ParseDetail
  'invalid-ini': ParseDetail
  'invalid-record': ParseDetail
  /** METADATA, WHEEL or entry_points.txt of a distribution. */
  'invalid-metadata': ParseDetail
  'invalid-index-page': { readonly url: string; readonly reason: string }
  'invalid-build-details': { readonly file?: string; readonly key: string; readonly reason: string }
  'unwritable-value': { readonly file: string; readonly key: string; readonly value: string; readonly reason: string }
}

/** The words that all parse errors share: what it was taken for, the place drawn, and the ways out. */
function parseError(noun: string, fix: readonly string[] = []): ErrorText<ParseDetail> {
  return {
    what: ({ source, file, line }) => {
      const where = file === undefined ? shorten(source) : `${line === undefined ? '' : `line ${line} of `}${file}`
      return `${where} is not ${noun}`
    },
    why: ({ source, span, reason }) => `${reason}\n${drawSpan(source, span)}`,
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
  'invalid-python-request': parseError('a valid request for a Python', [
    "write a version (3.12, 3.13t, '>=3.8,<3.13'), an implementation (pypy3.10), a path, or a program's name",
    'see the Pythons that are here: den python list',
  ]),
  'invalid-filename': parseError('a valid filename of a wheel or source distribution'),
  'invalid-ini': parseError('valid in an INI file'),
  'invalid-record': parseError('a valid entry of a RECORD', [
    'the wheel is damaged or was made wrongly: get it again, or another release',
  ]),
  'invalid-metadata': parseError('valid metadata', [
    'the distribution is damaged or was made wrongly: get it again, or another release',
  ]),
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

// Requirements (PEP 508; "Dependency specifiers" on packaging.python.org): `name[extra]>=1.2,<2; python_version < "3.12"` and
// `name @ https://example.org/name-1.0.zip ; marker`. Read letter by letter: an index's metadata holds tens of thousands of them.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { Marker } from './marker-expression.ts'
import { type Cursor, cursorOn, failAt, readMarker, skipBlanks } from './marker-parser.ts'
import { normalizeName } from './name.ts'
import { formatSpecifiers, readSpecifier, type Specifier, type SpecifierSet, specifierSet } from './specifier.ts'

export type { ExtraName } from '../base/brand.ts'

export interface Requirement {
  readonly name: ProjectName
  /** As written. */
  readonly rawName: string
  /** Sorted, each once. */
  readonly extras: readonly ExtraName[]
  /** Empty where an address is given. */
  readonly specifiers: SpecifierSet
  /** The address after `@`, as written. */
  readonly url?: string
  readonly marker?: Marker
}

const anyVersion: SpecifierSet = specifierSet([])

/** Parses a requirement. Throws `invalid-requirement`. */
export function parseRequirement(text: string): Requirement {
  const cursor = cursorOn(text, 'invalid-requirement')
  skipBlanks(cursor)
  const start = cursor.at
  const rawName = readIdentifier(cursor)
  if (rawName === '') failAt(cursor, 'a requirement starts with the name of a project')
  // packaging lets a last _ through, and with it a normal form ("name-") that is no name.
  if (rawName.endsWith('_')) failAt(cursor, 'a name ends with a letter or a digit', cursor.at, start)
  skipBlanks(cursor)
  const extras = text.charCodeAt(cursor.at) === 0x5b ? readExtras(cursor) : []
  skipBlanks(cursor)

  let url: string | undefined
  let specifiers = anyVersion
  if (text.charCodeAt(cursor.at) === 0x40) url = readUrl(cursor)
  else specifiers = readSpecifiers(cursor)

  skipBlanks(cursor)
  let marker: Marker | undefined
  if (cursor.at < text.length) {
    if (text.charCodeAt(cursor.at) !== 0x3b) failAt(cursor, expectation(cursor, url, specifiers), text.length)
    cursor.at++
    marker = readMarker(cursor)
    if (cursor.at < text.length) failAt(cursor, 'here the marker should end, or go on with and or or', text.length)
  }
  const requirement: { -readonly [Field in keyof Requirement]: Requirement[Field] } = {
    name: normalizeName(rawName),
    rawName,
    extras,
    specifiers,
  }
  if (url !== undefined) requirement.url = url
  if (marker !== undefined) requirement.marker = marker
  return requirement
}

/** Parses a requirement; undefined for what is none. */
export function tryParseRequirement(text: string): Requirement | undefined {
  try {
    return parseRequirement(text)
  } catch (error) {
    if (error instanceof DenError && error.code === 'invalid-requirement') return undefined
    throw error
  }
}

/** The requirement on one line; reads back as the same. */
export function formatRequirement(requirement: Requirement): string {
  const { rawName, extras, specifiers, url, marker } = requirement
  let text = rawName
  if (extras.length > 0) text += `[${extras.join(',')}]`
  text += formatSpecifiers(specifiers)
  // After an address, the space is what ends it.
  if (url !== undefined) text += ` @ ${url}${marker === undefined ? '' : ' '}`
  if (marker !== undefined) text += `; ${marker.text}`
  return text
}

/** Letters, digits and `. _ -`, as far as they end with a letter, a digit or `_`. */
function readIdentifier(cursor: Cursor): string {
  const { text, at } = cursor
  let end = at
  let scan = at
  for (;;) {
    const code = text.charCodeAt(scan)
    if ((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a)) end = ++scan
    else if (scan > at && code === 0x5f) end = ++scan
    else if (scan > at && (code === 0x2d || code === 0x2e)) scan++
    else break
  }
  cursor.at = end
  return text.slice(at, end)
}

function readExtras(cursor: Cursor): ExtraName[] {
  const { text } = cursor
  const opened = cursor.at
  const extras: string[] = []
  cursor.at++
  skipBlanks(cursor)
  while (text.charCodeAt(cursor.at) !== 0x5d) {
    const start = cursor.at
    const extra = readIdentifier(cursor)
    if (extra.endsWith('_')) failAt(cursor, 'the name of an extra ends with a letter or a digit', cursor.at, start)
    if (cursor.at >= text.length) failAt(cursor, 'this bracket is not closed', undefined, opened)
    if (extra === '') failAt(cursor, 'the name of an extra is expected here')
    const name: string = normalizeName(extra)
    if (!extras.includes(name)) extras.push(name)
    skipBlanks(cursor)
    const code = text.charCodeAt(cursor.at)
    if (code === 0x2c) {
      cursor.at++
      skipBlanks(cursor)
      if (text.charCodeAt(cursor.at) === 0x5d) failAt(cursor, 'the name of an extra is expected here')
    } else if (code !== 0x5d) {
      if (cursor.at >= text.length) failAt(cursor, 'this bracket is not closed', undefined, opened)
      failAt(cursor, 'a comma between extras, or ], is expected here')
    }
  }
  cursor.at++
  return (extras.length > 1 ? extras.sort() : extras) as ExtraName[]
}

function readUrl(cursor: Cursor): string {
  const { text } = cursor
  cursor.at++
  skipBlanks(cursor)
  const start = cursor.at
  let code = text.charCodeAt(cursor.at)
  while (cursor.at < text.length && code !== 0x20 && code !== 0x09) code = text.charCodeAt(++cursor.at)
  if (cursor.at === start) failAt(cursor, 'an address is expected after @')
  return text.slice(start, cursor.at)
}

function readSpecifiers(cursor: Cursor): SpecifierSet {
  const { text } = cursor
  const opened = text.charCodeAt(cursor.at) === 0x28 ? cursor.at : -1
  if (opened !== -1) {
    cursor.at++
    skipBlanks(cursor)
  }
  const specifiers: Specifier[] = []
  // Each begins with an operator; a comma may stand after the last one.
  while (startsOperator(text.charCodeAt(cursor.at))) {
    specifiers.push(readOneSpecifier(cursor))
    skipBlanks(cursor)
    if (text.charCodeAt(cursor.at) !== 0x2c) break
    cursor.at++
    skipBlanks(cursor)
  }
  if (opened !== -1) {
    if (cursor.at >= text.length) failAt(cursor, 'this parenthesis is not closed', undefined, opened)
    if (text.charCodeAt(cursor.at) !== 0x29) failAt(cursor, 'a comma between specifiers, or ), is expected here')
    cursor.at++
  }
  return specifiers.length === 0 ? anyVersion : specifierSet(specifiers)
}

function startsOperator(code: number): boolean {
  return code === 0x3d || code === 0x3e || code === 0x3c || code === 0x7e || code === 0x21
}

function readOneSpecifier(cursor: Cursor): Specifier {
  const { text } = cursor
  const start = cursor.at
  let end = start
  while (startsOperator(text.charCodeAt(end))) end++
  // Any space may stand between operator and version, a line end too; inside a version there is none.
  while (isSpace(text, end)) end++
  const versionStart = end
  while (end < text.length && !endsVersion(text.charCodeAt(end))) end++
  const written = text.slice(start, end)
  const found = readSpecifier(written)
  if ('reason' in found) return failAt(cursor, found.reason, start + found.end, start + found.start)
  // Space at the end would be taken off silently, and what only looks like a letter too.
  if (end > versionStart && isSpace(text, end - 1))
    failAt(cursor, 'a line end can stand in no requirement', end, end - 1)
  cursor.at = end
  return found
}

function endsVersion(code: number): boolean {
  return code === 0x2c || code === 0x3b || code === 0x20 || code === 0x29 || code === 0x09
}

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code <= 0x20 ? true : code >= 0x7f && /\s/.test(text.charAt(at))
}

function expectation(cursor: Cursor, url: string | undefined, specifiers: SpecifierSet): string {
  if (url !== undefined) return 'after the address and a space, only ; and a marker can follow'
  const code = cursor.text.charCodeAt(cursor.at)
  if (code === 0x0a || code === 0x0d) return 'a line end can stand in no requirement'
  return specifiers.specifiers.length === 0
    ? 'after a name comes an operator such as >=, [ with extras, @ with an address, or ; with a marker'
    : 'after a specifier comes a comma and another, or ; with a marker'
}

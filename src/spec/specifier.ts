// Version specifiers (PEP 440; the specification "Version specifiers" on packaging.python.org): `>=3.8,!=3.9.*,<4`. The meaning of
// each operator is a range of version keys; the policy for pre-releases is that of the library `packaging` since 26.0.

import { DenError } from '../base/error.ts'
import type { Span } from '../base/span.ts'
import { strip, stripStart } from '../format/python-text.ts'
import {
  afterLocals,
  afterVersion,
  exactRange,
  fullRange,
  highestKey,
  intersectRanges,
  lowestKey,
  rangeContains,
  type VersionRange,
} from './range.ts'
import {
  canonicalVersion,
  explainVersion,
  firstDevOf,
  firstDevOfRelease,
  isPlainRelease,
  isPrerelease,
  nextSibling,
  tryParseVersion,
  type Version,
} from './version.ts'

export type SpecifierOperator = '===' | '==' | '!=' | '~=' | '<=' | '>=' | '<' | '>'

export interface Specifier {
  readonly operator: SpecifierOperator
  /** The version as written, with its `.*`. */
  readonly versionText: string
  /** The version without `.*`; absent where `===` names something that is none. */
  readonly version?: Version
  readonly wildcard: boolean
  /** What the operator lets through; for `===`, which compares text, the one version that may be written so. */
  readonly range: VersionRange
}

export interface SpecifierSet {
  /** In the order written. Empty: every version. */
  readonly specifiers: readonly Specifier[]
  /** What all of them let through. With `===` among them, versions in it may still be written in another way. */
  readonly range: VersionRange
  /** Whether one of them names a pre-release, and by that asks for pre-releases. */
  readonly namesPrerelease: boolean
}

export interface PrereleaseOptions {
  /** true: any pre-release may match; false: none. Absent: as the standard recommends (see each function). */
  readonly prereleases?: boolean
}

const operators = ['===', '==', '!=', '~=', '<=', '>=', '<', '>'] as const

/** Parses a comma-separated set; the empty text is the set of all versions. Throws `invalid-specifier`. */
export function parseSpecifiers(text: string): SpecifierSet {
  if (text === '') return specifierSet([])
  const specifiers: Specifier[] = []
  let place = 0
  for (const part of text.split(',')) {
    const body = strip(part)
    if (body !== '') {
      const found = readSpecifier(body)
      if ('reason' in found) {
        const begin = place + part.length - stripStart(part).length
        const span: Span = { start: begin + found.start, end: begin + found.end }
        throw new DenError('invalid-specifier', { source: text, span, reason: found.reason })
      }
      specifiers.push(found)
    }
    place += part.length + 1
  }
  return specifierSet(specifiers)
}

/** Parses one specifier, in which a comma has no meaning; undefined for what is none. */
export function tryParseSpecifier(text: string): Specifier | undefined {
  const found = readSpecifier(strip(text))
  return 'reason' in found ? undefined : found
}

/** Parses a set; undefined for what the standard doesn't know. */
export function tryParseSpecifiers(text: string): SpecifierSet | undefined {
  try {
    return parseSpecifiers(text)
  } catch (error) {
    if (error instanceof DenError && error.code === 'invalid-specifier') return undefined
    throw error
  }
}

export function specifierSet(specifiers: readonly Specifier[]): SpecifierSet {
  let range = fullRange
  let namesPrerelease = false
  for (const one of specifiers) {
    range = intersectRanges(range, one.range)
    if (asksForPrerelease(one)) namesPrerelease = true
  }
  return { specifiers, range, namesPrerelease }
}

/** Whether one specifier lets a version through, pre-releases like any other. A text that is no version is matched by `===` alone. */
export function specifierContains(specifier: Specifier, candidate: Version | string): boolean {
  const isText = typeof candidate === 'string'
  if (specifier.operator === '===') return matchesText(specifier, isText ? candidate : candidate.text)
  const version = isText ? tryParseVersion(candidate) : candidate
  return version !== undefined && rangeContains(specifier.range, version)
}

/**
 * Whether a version is in the set. Pre-releases match unless `prereleases` is false: one version has no alternative, and then the
 * standard says to take the pre-release. A text that is no version is matched by `===` and by the empty set alone.
 */
export function specifiersContain(
  set: SpecifierSet,
  candidate: Version | string,
  options: PrereleaseOptions = {},
): boolean {
  const version = typeof candidate === 'string' ? tryParseVersion(candidate) : candidate
  if (version === undefined) return set.specifiers.every((one) => matchesText(one, candidate as string))
  if (options.prereleases === false && isPrerelease(version)) return false
  if (!rangeContains(set.range, version)) return false
  const text = typeof candidate === 'string' ? candidate : candidate.text
  return set.specifiers.every((one) => one.operator !== '===' || matchesText(one, text))
}

/**
 * The items whose version is in the set, in their order. Without `prereleases`, pre-releases are among them when the set names one,
 * or when nothing else is in the set.
 */
export function filterBySpecifiers<Item>(
  set: SpecifierSet,
  items: Iterable<Item>,
  versionOf: (item: Item) => Version,
  options: PrereleaseOptions = {},
): Item[] {
  const prereleases = options.prereleases ?? (set.namesPrerelease ? true : undefined)
  const matching = [...items].filter((item) =>
    specifiersContain(set, versionOf(item), prereleases === undefined ? {} : { prereleases }),
  )
  if (prereleases !== undefined) return matching
  const finals = matching.filter((item) => !isPrerelease(versionOf(item)))
  return finals.length > 0 ? finals : matching
}

/** The set as text, each specifier as written, sorted, of equal ones the first: the same text for the same specifiers in any order. */
export function formatSpecifiers(set: SpecifierSet): string {
  const [only, ...others] = set.specifiers
  if (only === undefined) return ''
  if (others.length === 0) return only.operator + only.versionText
  const texts = new Map<string, string>()
  for (const one of [...set.specifiers].sort(byText)) {
    const key = one.operator + comparableVersion(one)
    if (!texts.has(key)) texts.set(key, one.operator + one.versionText)
  }
  return [...texts.values()].join(',')
}

function byText(a: Specifier, b: Specifier): number {
  const [left, right] = [a.operator + a.versionText, b.operator + b.versionText]
  return left < right ? -1 : left > right ? 1 : 0
}

/** The same text for versions that the operator takes for the same: `~=` counts zeros. */
function comparableVersion({ operator, version, versionText, wildcard }: Specifier): string {
  if (version === undefined || wildcard || operator === '===') return versionText
  return operator === '~=' ? version.text : canonicalVersion(version)
}

function matchesText(one: Specifier, text: string): boolean {
  return one.operator === '===' && one.versionText.toLowerCase() === text.toLowerCase()
}

/** "If the version specifier includes a pre-release": not for `!=`, nor for a wildcard, which can't name one. */
function asksForPrerelease({ operator, version, wildcard }: Specifier): boolean {
  return operator !== '!=' && !wildcard && version !== undefined && isPrerelease(version)
}

/** Whether it asks for one version and no other: `==1.0`, `===1.0`. */
export function namesOneVersion({ operator, wildcard }: Specifier): boolean {
  return operator === '===' || (operator === '==' && !wildcard)
}

/** What is wrong with a specifier, and where in it. */
export interface SpecifierFault {
  readonly reason: string
  readonly start: number
  readonly end: number
}

/** Reads one specifier from a text without blanks around it. */
export function readSpecifier(text: string): Specifier | SpecifierFault {
  const operator = readOperator(text)
  if (operator === undefined) {
    return { reason: `a specifier starts with one of ${operators.join(' ')}`, start: 0, end: text.length }
  }
  const versionText = strip(text.slice(operator.length))
  return specifierOf(operator, versionText, text.length - versionText.length)
}

/** A specifier from its two parts, the version without blanks around it; `start` is where that stands, for the fault. */
export function specifierOf(operator: SpecifierOperator, versionText: string, start = 0): Specifier | SpecifierFault {
  const length = start + versionText.length
  const fault = (reason: string, from = start, end = length): SpecifierFault => ({ reason, start: from, end })
  if (operator === '===') {
    const wrong = /[\s;)]/.exec(versionText)
    if (wrong !== null) return fault('no space, ; or ) can stand in what === compares', start + wrong.index)
    const version = tryParseVersion(versionText)
    return version === undefined
      ? { operator, versionText, wildcard: false, range: [] }
      : { operator, versionText, version, wildcard: false, range: exactRange(version) }
  }

  if (versionText === '') return fault('the version is missing')
  const wildcard = versionText.charCodeAt(versionText.length - 1) === 0x2a && versionText.endsWith('.*')
  const base = wildcard ? versionText.slice(0, -2) : versionText
  const version = tryParseVersion(base)
  if (version === undefined) {
    const { reason, span } = explainVersion(base)
    return fault(reason, start + span.start, start + span.end)
  }
  const exact = operator === '==' || operator === '!='
  if (wildcard && !exact) return fault('.* goes with == and != only', length - 2)
  if (wildcard && !(isPlainRelease(version) && isDigit(base.charCodeAt(base.length - 1)))) {
    return fault('.* follows a plain release, without pre, post, dev or local part')
  }
  if (version.local !== undefined && !exact) {
    return fault('a local version goes with == and != only', start + base.indexOf('+'))
  }
  if (operator === '~=' && version.release.length < 2) return fault('~= needs at least two numbers, as in ~=1.4')
  return { operator, versionText, version, wildcard, range: rangeOf(operator, version, wildcard) }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function readOperator(text: string): SpecifierOperator | undefined {
  const next = text.charCodeAt(1) === 0x3d
  switch (text.charCodeAt(0)) {
    case 0x3d: // =
      return next ? (text.charCodeAt(2) === 0x3d ? '===' : '==') : undefined
    case 0x21: // !
      return next ? '!=' : undefined
    case 0x7e: // ~
      return next ? '~=' : undefined
    case 0x3c: // <
      return next ? '<=' : '<'
    case 0x3e: // >
      return next ? '>=' : '>'
    default:
      return undefined
  }
}

function rangeOf(operator: Exclude<SpecifierOperator, '==='>, version: Version, wildcard: boolean): VersionRange {
  const { key } = version
  switch (operator) {
    case '>=':
      return [{ low: key, high: highestKey }]
    case '<=':
      return [{ low: lowestKey, high: afterLocals(version) }]
    case '>':
      return [{ low: afterPosts(version), high: highestKey }]
    case '<':
      // "must not allow a pre-release of the specified version unless the specified version is itself a pre-release"
      return below(isPrerelease(version) ? key : firstDevOf(version))
    case '~=':
      // "~= V.N is >= V.N, == V.*"
      return [{ low: key, high: nextSibling(version, version.release.length - 1) }]
    case '==':
    case '!=': {
      const low = wildcard ? firstDevOfRelease(version) : key
      const high = wildcard
        ? nextSibling(version, version.release.length)
        : version.local === undefined
          ? afterLocals(version)
          : afterVersion(version)
      if (operator === '==') return [{ low, high }]
      return [...below(low), { low: high, high: highestKey }]
    }
  }
}

/** Nothing is below the first of all versions. */
function below(high: string): VersionRange {
  return lowestKey < high ? [{ low: lowestKey, high }] : []
}

/** Where `>` begins: ">V must not match a post-release or a local version of V, unless V is itself a post-release." */
export function afterPosts(version: Version): string {
  if (version.post !== undefined || version.dev !== undefined) return afterLocals(version)
  // The key ends with the ranks "no post" and "no dev"; every post-release of V has \2 in place of the first.
  return `${version.key.slice(0, version.publicKeyLength - 2)}\x03`
}

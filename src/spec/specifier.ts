// Version specifiers (PEP 440; the specification "Version specifiers" on packaging.python.org): `>=3.8,!=3.9.*,<4`. The meaning of
// each operator is a range of version keys; the policy for pre-releases is that of the library `packaging` since 26.0.

import { DenError } from '../base/error.ts'
import type { Span } from '../base/span.ts'
import { strip, stripStart } from '../format/python-text.ts'
import {
  afterLocals,
  afterVersion,
  fullRange,
  highestKey,
  intersectRanges,
  lowestKey,
  rangeContains,
  type VersionRange,
} from './range.ts'
import { isPrerelease, parseVersion, publicVersion, tryParseVersion, type Version } from './version.ts'

export type SpecifierOperator = '===' | '==' | '!=' | '~=' | '<=' | '>=' | '<' | '>'

export interface Specifier {
  readonly operator: SpecifierOperator
  /** The version as written, with its `.*`. */
  readonly versionText: string
  /** The version without `.*`; absent where `===` names something that is none. */
  readonly version?: Version
  readonly wildcard: boolean
  /** What the operator lets through; everything for `===`, which compares text. */
  readonly range: VersionRange
}

export interface SpecifierSet {
  /** In the order written. Empty: every version. */
  readonly specifiers: readonly Specifier[]
  /** What all of them let through, `===` left out. */
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
  const specifiers: Specifier[] = []
  let place = 0
  for (const part of text.split(',')) {
    if (strip(part) !== '') specifiers.push(parseOne(text, place, part))
    place += part.length + 1
  }
  return specifierSet(specifiers)
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
  return {
    specifiers,
    range: specifiers.reduce<VersionRange>((range, one) => intersectRanges(range, one.range), fullRange),
    namesPrerelease: specifiers.some(asksForPrerelease),
  }
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

/** The set as text, each specifier as written, without doubles and sorted: the same text for the same specifiers in any order. */
export function formatSpecifiers(set: SpecifierSet): string {
  return [...new Set(set.specifiers.map((one) => `${one.operator}${one.versionText}`))].sort().join(',')
}

function matchesText(one: Specifier, text: string): boolean {
  return one.operator === '===' && one.versionText.toLowerCase() === text.toLowerCase()
}

/** "If the version specifier includes a pre-release": not for `!=`, nor for a wildcard, which can't name one. */
function asksForPrerelease({ operator, version, wildcard }: Specifier): boolean {
  return operator !== '!=' && !wildcard && version !== undefined && isPrerelease(version)
}

function parseOne(source: string, place: number, part: string): Specifier {
  const begin = place + part.length - stripStart(part).length
  const text = strip(part)
  const fail = (reason: string, start: number, end: number): never => {
    const span: Span = { start: begin + start, end: begin + end }
    throw new DenError('invalid-specifier', { source, span, reason })
  }
  const operator = operators.find((one) => text.startsWith(one))
  if (operator === undefined) return fail(`a specifier starts with one of ${operators.join(' ')}`, 0, text.length)
  const versionText = strip(text.slice(operator.length))
  const versionStart = text.length - versionText.length

  if (operator === '===') {
    const wrong = /[\s;)]/.exec(versionText)
    if (wrong !== null) fail('no space, ; or ) can stand in what === compares', versionStart + wrong.index, text.length)
    const version = tryParseVersion(versionText)
    return {
      operator,
      versionText,
      ...(version === undefined ? {} : { version }),
      wildcard: false,
      range: fullRange,
    }
  }

  if (versionText === '') fail('the version is missing', operator.length, text.length)
  const wildcard = versionText.endsWith('.*')
  const base = wildcard ? versionText.slice(0, -2) : versionText
  let version: Version
  try {
    version = parseVersion(base)
  } catch (error) {
    if (!(error instanceof DenError) || error.code !== 'invalid-version') throw error
    const { reason, span } = (error as DenError<'invalid-version'>).detail
    return fail(reason, versionStart + span.start, versionStart + span.end)
  }
  const exact = operator === '==' || operator === '!='
  if (wildcard && !exact) fail('.* goes with == and != only', text.length - 2, text.length)
  if (wildcard && !/^v?(?:\d+!)?[\d.]+$/i.test(base)) {
    fail('.* follows a plain release, without pre, post, dev or local part', versionStart, text.length)
  }
  if (version.local !== undefined && !exact) {
    fail('a local version goes with == and != only', versionStart + base.indexOf('+'), text.length)
  }
  if (operator === '~=' && version.release.length < 2) {
    fail('~= needs at least two numbers, as in ~=1.4', versionStart, text.length)
  }
  return { operator, versionText, version, wildcard, range: rangeOf(operator, version, wildcard) }
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
      return [{ low: lowestKey, high: isPrerelease(version) ? key : firstDevOf(publicVersion(version)) }]
    case '~=':
      // "~= V.N is >= V.N, == V.*"
      return [{ low: key, high: nextSibling(releaseNumbers(version).slice(0, -1), version) }]
    case '==':
    case '!=': {
      const low = wildcard ? firstDevOf(releaseText(releaseNumbers(version), version)) : key
      const high = wildcard
        ? nextSibling(releaseNumbers(version), version)
        : version.local === undefined
          ? afterLocals(version)
          : afterVersion(version)
      if (operator === '==') return [{ low, high }]
      return [
        { low: lowestKey, high: low },
        { low: high, high: highestKey },
      ]
    }
  }
}

/** ">V must not match a post-release or a local version of V, unless V is itself a post-release." */
function afterPosts(version: Version): string {
  if (version.post !== undefined || version.dev !== undefined) return afterLocals(version)
  // The key ends with the ranks "no post" and "no dev"; every post-release of V has \2 in place of the first.
  return `${version.key.slice(0, version.publicKeyLength - 2)}\x03`
}

function firstDevOf(text: string): string {
  return parseVersion(`${text}.dev0`).key
}

/** The first version of the next release in the same place: after 1.2 comes 1.3.dev0. */
function nextSibling(numbers: readonly string[], version: Version): string {
  const next = [...numbers.slice(0, -1), String(BigInt(numbers.at(-1)!) + 1n)]
  return firstDevOf(releaseText(next, version))
}

/** The release's numbers as digits, exact whatever their size. */
function releaseNumbers(version: Version): string[] {
  return /^(?:\d+!)?([\d]+(?:\.\d+)*)/.exec(version.text)![1]!.split('.')
}

function releaseText(numbers: readonly string[], version: Version): string {
  const epoch = /^\d+!/.exec(version.text)?.[0] ?? ''
  return epoch + numbers.join('.')
}

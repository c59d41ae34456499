// The versions for which a marker's comparison holds, as ranges of python_full_version (or implementation_version): python_version is
// its first two numbers, and so the one algebra serves both.

import type { MarkerComparison, MarkerOperator } from './marker-expression.ts'
import { complementRange, fullRange, highestKey, lowestKey, unionRanges, type VersionRange } from './range.ts'
import { afterPosts } from './specifier.ts'
import { firstDevOfRelease, isPrerelease, tryParseVersion, type Version, zeroKey } from './version.ts'

/** The versions for which it holds; undefined where they can't be told by a range. */
export function rangeOfComparison(comparison: MarkerComparison): VersionRange | 'meaningless' | undefined {
  const { field, operator, value, reversed, specifier } = comparison
  const short = field === 'python_version'
  if (operator === 'in' || operator === 'not in') {
    if (reversed || value.length > longestList) return undefined
    const within = exactVersions(substrings(value), short)
    return operator === 'in' ? within : complementRange(within)
  }
  if (reversed) {
    const range = reversedRange(operator, value)
    return range !== undefined && short ? shortRange(range) : range
  }
  if (specifier === undefined) {
    // The other side is no version, and so never the text of one.
    if (operator === '~=' || operator === '===') return 'meaningless'
    return operator === '!=' ? fullRange : []
  }
  if (operator === '===') return exactVersions([value.toLowerCase()], short)
  const { range, version } = specifier
  if (version === undefined || !isOrdinary(version)) return undefined
  const places = range.map(({ low, high }) => ({ low: placed(low), high: placed(high) }))
  return short ? shortRange(places) : places
}

/** A version as Pythons have them: no epoch, no post or local part, no number that fills more than one character of a key. */
function isOrdinary(version: Version): boolean {
  return (
    version.epoch === 0 &&
    version.post === undefined &&
    version.local === undefined &&
    (version.dev ?? 0) < 10_000 &&
    (version.pre?.number ?? 0) < 10_000 &&
    version.release.every((number) => number < 10_000)
  )
}

/** `"3.8" <= python_version`: the field's text is the specifier's version, and the value is asked whether it is let through. */
function reversedRange(operator: MarkerOperator, value: string): VersionRange | undefined {
  const version = tryParseVersion(value)
  if (version === undefined || !isOrdinary(version)) return undefined
  const { key } = version
  const after = placed(afterPosts(version))
  switch (operator) {
    case '<=':
      return [{ low: key, high: highestKey }]
    case '>=':
      return [{ low: lowestKey, high: after }]
    case '>':
      return [{ low: lowestKey, high: key }]
    case '<': {
      if (!isPrerelease(version)) return [{ low: after, high: highestKey }]
      // "<3.9" lets no pre-release of 3.9 through: such a value is before all that comes after it, but that release.
      const release = key.slice(0, version.releaseKeyLength)
      return [
        { low: after, high: `${release}\x05\x01\x02` },
        { low: `${release}\x05\x03`, high: highestKey },
      ]
    }
    case '==':
      return [{ low: key, high: after }]
    case '!=':
      return complementRange([{ low: key, high: after }])
    default:
      return undefined
  }
}

/** How long a text may be whose every part is looked at. */
const longestList = 200

/** All parts of a text that could be the text of a Python's version. */
function substrings(text: string): readonly string[] {
  const found = new Set<string>()
  for (let start = 0; start < text.length; start++) {
    const match = /^[\d.]+(?:(?:a|b|rc)\d+)?/.exec(text.slice(start))
    if (match === null) continue
    for (let end = 1; end <= match[0].length; end++) found.add(match[0].slice(0, end))
  }
  return [...found]
}

/** The versions that are written exactly so: as X.Y, or as X.Y.Z with what may follow. */
function exactVersions(texts: readonly string[], short: boolean): VersionRange {
  let range: VersionRange = []
  for (const text of texts) {
    const version = tryParseVersion(text)
    if (version === undefined || version.text !== text || !isOrdinary(version)) continue
    if (short ? !/^\d+\.\d+$/.test(text) : version.release.length !== 3) continue
    const one = [{ low: version.key, high: afterPosts(version) }]
    range = unionRanges(range, short ? shortRange(one) : one)
  }
  return range
}

/**
 * No Python has post-releases, and local versions only between two releases; so "after V" and "after V and all its posts" are one place,
 * the latter, which `>` can name.
 */
function placed(place: string): string {
  // Neither post nor dev, then what is after all locals.
  return place.endsWith(`\x01\x02${highestKey}`) ? `${place.slice(0, -3)}\x03` : place
}

/** A range over texts X.Y as a range over whole versions: X.Y stands for all from its first development release to that of X.(Y+1). */
function shortRange(range: VersionRange): VersionRange {
  const whole: { low: string; high: string }[] = []
  for (const { low, high } of range) {
    const from = firstShort(low)
    const to = firstShort(high)
    if (from < to) whole.push({ low: from, high: to })
  }
  return whole
}

/** The first development release of the first X.Y that is not before a place. */
function firstShort(place: string): string {
  if (place === lowestKey || place === highestKey) return place
  // Epochs and numbers above 9,999 come after all Pythons.
  if (place.charCodeAt(0) !== 0x100) return highestKey
  const [major, minor] = [shortNumber(place, 1), shortNumber(place, 2)]
  if (major === undefined || minor === undefined) return highestKey
  for (const text of [`${major}.${minor}`, `${major}.${minor + 1}`]) {
    const version = tryParseVersion(text)!
    if (version.key < place) continue
    // "0.0" is the first of all; nothing is before it.
    if (version.key === firstKey) return lowestKey
    return firstDevOfRelease(version)
  }
  return highestKey
}

const firstKey = `${zeroKey}\x05\x01\x02`

/** The number at a place of a key's release; 0 where the release has ended; undefined for one that is written with digits. */
function shortNumber(key: string, at: number): number | undefined {
  for (let place = 1; place <= at; place++) {
    const code = key.charCodeAt(place)
    if (Number.isNaN(code) || code < 0x100 || code === 0xffff) return 0
    if (code >= 0x3000) return undefined
    if (place === at) return code - 0x100
  }
  return 0
}

// The versions that a requirement lets through, as den writes them: a bound for what is new, and the bounds of what is there raised to a
// newer version, in the way in which they were written.

import {
  parseSpecifiers,
  type Specifier,
  type SpecifierSet,
  specifierContains,
  specifierSet,
  specifiersContain,
} from '../spec/specifier.ts'
import { publicVersion, type Version } from '../spec/version.ts'

/** `lower`: from this version on; `major`, `minor`: and below the next major or minor one; `exact`: this one alone. */
export type BoundKind = 'lower' | 'major' | 'minor' | 'exact'

/** What is asked for of a project that was added without a word on versions, where this one was chosen. */
export function boundFor(version: Version, kind: BoundKind = 'lower'): string {
  const text = publicVersion(version)
  if (kind === 'exact') return `==${text}`
  if (kind === 'lower') return `>=${text}`
  return `>=${text},<${nextOf(version, kind === 'major' ? 0 : 1)}`
}

/**
 * The specifiers with their lower bounds raised to the version. An upper bound stays where it lets the version through; where it does not
 * (`latest` was asked for), it moves up by as much as it takes, in the width that it has. A pin is moved. What says nothing of how old a
 * version may be stays as it is: nothing asked for remains nothing asked for.
 */
export function raisedBounds(set: SpecifierSet, version: Version): string {
  return set.specifiers.map((one) => raisedOne(one, version)).join(',')
}

/** The specifiers without those that keep newer versions out: what `latest` looks for. */
export function withoutUpperBounds(set: SpecifierSet): SpecifierSet {
  return specifierSet(
    set.specifiers.filter(({ operator }) => operator === '>=' || operator === '>' || operator === '!='),
  )
}

function raisedOne(one: Specifier, version: Version): string {
  const { operator, versionText, wildcard } = one
  const text = publicVersion(version)
  const asIs = `${operator}${versionText}`
  switch (operator) {
    case '>=':
      return `>=${shortened(text, version, one)}`
    case '>':
      // It was written to leave one version out, which is behind now.
      return `>=${text}`
    case '==':
      return wildcard ? `==${cut(version, digitsOf(one))}.*` : specifierContains(one, version) ? asIs : `==${text}`
    case '===':
      return specifierContains(one, version) ? asIs : `===${text}`
    case '~=':
      return compatible(version, Math.max(2, digitsOf(one)))
    case '<':
    case '<=':
      if (specifierContains(one, version)) return asIs
      return operator === '<=' ? `<=${text}` : `<${aboveFor(one, version)}`
    case '!=':
      return asIs
  }
}

/** `>=1.4` becomes `>=2.1` where 2.1 or 2.1.0 was chosen: a number more would say nothing more. */
function shortened(text: string, { release, pre, post, dev }: Version, one: Specifier): string {
  const digits = digitsOf(one)
  const isPlain = pre === undefined && post === undefined && dev === undefined
  return isPlain && release.slice(digits).every((number) => number === 0)
    ? text.split('.').slice(0, digits).join('.')
    : text
}

/** With as many numbers as it had: by them it is as wide as it was. */
function compatible(version: Version, digits: number): string {
  const short = `~=${cut(version, digits)}`
  if (specifiersContain(parseSpecifiers(short), version)) return short
  // A pre-release comes before its release.
  const suffix = publicVersion(version).replace(/^(?:\d+!)?\d+(?:\.\d+)*/, '')
  return `~=${cut(version, Math.max(digits, version.release.length))}${suffix}`
}

/** The upper bound that is as wide as this one was: `<2` for 3.1 is `<4`, `<0.5` for 0.7.2 is `<0.8`. */
function aboveFor(one: Specifier, version: Version): string {
  const numbers = one.version?.release ?? []
  // The last number that counts tells how wide the bound is.
  let last = numbers.length - 1
  while (last > 0 && numbers[last] === 0) last -= 1
  return nextNumber(version, last, numbers.length)
}

/** The next version whose number at this place, leading zeros apart, is greater: 1.2.3 → 2.0.0, 0.1.2 → 0.2.0. */
function nextOf(version: Version, place: number): string {
  const { release } = version
  const zeros = release.findIndex((number) => number !== 0)
  if (zeros === -1) return nextNumber(version, Math.min(place, release.length - 1), release.length)
  return nextNumber(version, Math.min(zeros + place, Math.max(release.length - 1, zeros)), release.length)
}

function nextNumber({ epoch, release }: Version, place: number, length: number): string {
  const numbers = Array.from({ length: Math.max(length, place + 1) }, (_, index) => {
    const number = release[index] ?? 0
    return index < place ? number : index === place ? number + 1 : 0
  })
  return `${epoch === 0 ? '' : `${epoch}!`}${numbers.join('.')}`
}

function digitsOf({ version }: Specifier): number {
  return version?.release.length ?? 1
}

function cut({ epoch, release }: Version, digits: number): string {
  const numbers = Array.from({ length: digits }, (_, index) => release[index] ?? 0)
  return `${epoch === 0 ? '' : `${epoch}!`}${numbers.join('.')}`
}

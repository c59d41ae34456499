// Version constraints in poetry's words, in those of the standard: ^1.2, ~1.2, 1.*, a bare version, blanks or commas between, || for either.

import { DenError } from '../base/error.ts'
import { isSubsetRange, rangesDisjoint, unionRanges, type VersionRange } from '../spec/range.ts'
import { parseSpecifiers, type Specifier, type SpecifierSet } from '../spec/specifier.ts'
import { firstDevOf, parseVersion, type Version } from '../spec/version.ts'

/** Throws `invalid-specifier`, for alternatives too that no one set of specifiers says. */
export function parsePoetryConstraint(text: string): SpecifierSet {
  const sets = poetryAlternatives(text)
  if (sets.length === 1) return sets[0]!
  const around = outermost(sets)
  // "<2" and ">=2" leave out nothing but the pre-releases of 2.
  const before = sets.flatMap(({ specifiers }) =>
    specifiers.flatMap(
      ({ operator, version }): VersionRange =>
        operator === '<' && version !== undefined ? [{ low: firstDevOf(version), high: version.key }] : [],
    ),
  )
  const filled = before.reduce<VersionRange>((range, gap) => unionRanges(range, [gap]), unionOf(sets))
  if (isSubsetRange(around.range, filled)) return around
  throw fault(text, 'these alternatives are no one range: write one, with != for what lies between')
}

/** The same for `python`, of whose release lines not many lie between two alternatives: each of them is taken out. */
export function parsePoetryPython(text: string): SpecifierSet {
  const sets = poetryAlternatives(text)
  if (sets.length === 1) return sets[0]!
  const union = unionOf(sets)
  const around = outermost(sets)
  const left = pythonLines.filter((line) => {
    const own = parseSpecifiers(`==${line}.*`).range
    return !rangesDisjoint(own, around.range) && rangesDisjoint(own, union)
  })
  return parseSpecifiers([...around.specifiers.map(written), ...left.map((line) => `!=${line}.*`)].join(','))
}

const pythonLines: readonly string[] = [
  ...Array.from({ length: 8 }, (_, minor) => `2.${minor}`),
  ...Array.from({ length: 30 }, (_, minor) => `3.${minor}`),
]

function unionOf(sets: readonly SpecifierSet[]): VersionRange {
  return sets.reduce<VersionRange>((range, set) => unionRanges(range, set.range), [])
}

/** From the lowest bound of all to the highest. */
function outermost(sets: readonly SpecifierSet[]): SpecifierSet {
  const known = sets.filter(({ range }) => range.length > 0)
  const lowest = known.toSorted((a, b) => (a.range[0]!.low < b.range[0]!.low ? -1 : 1))[0]
  const highest = known.toSorted((a, b) => (a.range.at(-1)!.high > b.range.at(-1)!.high ? -1 : 1))[0]
  const bounds = (set: SpecifierSet | undefined, side: RegExp): readonly string[] =>
    (set?.specifiers ?? []).flatMap(asBounds).filter((one) => side.test(one))
  return parseSpecifiers([...bounds(lowest, /^>/), ...bounds(highest, /^</)].join(','))
}

/** `==` as the two bounds that it is. */
function asBounds(specifier: Specifier): readonly string[] {
  const { operator, versionText, wildcard } = specifier
  if (operator !== '==') return [written(specifier)]
  if (!wildcard) return [`>=${versionText}`, `<=${versionText}`]
  const base = versionText.slice(0, -2)
  const { release } = parseVersion(base)
  return [`>=${base}`, `<${next(release, release.length - 1)}`]
}

function written({ operator, versionText }: Specifier): string {
  return operator + versionText
}

/** The alternatives between ||, each as a set. Throws `invalid-specifier`. */
export function poetryAlternatives(text: string): readonly SpecifierSet[] {
  return text.split(/\|\|?/).map((part) => {
    const words = part.trim().replace(/([<>=!~^]+)\s+/g, '$1')
    const specifiers = words.split(/\s*,\s*|\s+/).flatMap((word) => (word === '' ? [] : wordInStandard(word, text)))
    return parseSpecifiers(specifiers.join(','))
  })
}

function wordInStandard(word: string, text: string): readonly string[] {
  if (/^(?:==?)?[*xX]$/.test(word)) return []
  const [, operator = '', written = ''] = /^(\^|~=?|<>|!=|>=?|<=?|===?|=)?(.*)$/s.exec(word)!
  const version = written.replace(/(?:\.[*xX])+$/, '.*')
  switch (operator) {
    case '^': {
      const { release } = versionOf(version, text)
      const first = release.findIndex((part) => part > 0)
      return [`>=${version}`, `<${next(release, first === -1 ? release.length - 1 : first)}`]
    }
    case '~': {
      const { release } = versionOf(version, text)
      return [`>=${version}`, `<${next(release, Math.min(1, release.length - 1))}`]
    }
    case '':
    case '=':
      return [`==${version}`]
    case '<>':
      return [`!=${version}`]
    default:
      return [operator + version]
  }
}

/** The release after all that begin with the same numbers up to the index. */
function next(release: readonly number[], index: number): string {
  return [...release.slice(0, index), release[index]! + 1].join('.')
}

function versionOf(written: string, text: string): Version {
  try {
    return parseVersion(written)
  } catch (error) {
    if (error instanceof DenError && error.code === 'invalid-version') throw fault(text, 'this is no version')
    throw error
  }
}

function fault(source: string, reason: string): DenError<'invalid-specifier'> {
  return new DenError('invalid-specifier', { source, span: { start: 0, end: source.length }, reason })
}

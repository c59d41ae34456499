// Conditions on environments that are combined thousands of times over: markers as nodes of one decision diagram, for as long as a
// resolution takes. Conditions that mean the same are the same object. Fields that always go together are one here: platform_system
// "Windows" and os_name "nt" are sys_platform "win32", and platform_python_implementation "PyPy" is implementation_name "pypy".

import { evaluateMarker, type Marker } from './marker.ts'
import { type ConditionContext, conditionOf, pythonVariable } from './marker-condition.ts'
import {
  always,
  both,
  type DiagramNode,
  either,
  negated,
  never,
  openDiagrams,
  rangeCondition,
  restricted,
} from './marker-diagram.ts'
import {
  comparisonOf,
  formatExpression,
  type MarkerComparison,
  type MarkerEnvironment,
  type MarkerExpression,
} from './marker-expression.ts'
import { wordsOf } from './marker-words.ts'
import { fullRange, highestKey, lowestKey, unionRanges, type VersionRange } from './range.ts'
import type { SpecifierSet } from './specifier.ts'

/**
 * The Pythons that a Requires-Python lets through: from a release on with its pre-releases, as python_version has it. `open`: without
 * the upper bounds. (Those say what was tried when it was written; who heeds them gets older versions that have none.)
 */
export function pythonsLetThrough({ range }: Pick<SpecifierSet, 'range'>, bounds: 'open' | 'closed'): VersionRange {
  const whole = range.map(({ low, high }) => ({ low: firstOfShort(low), high }))
  const [lowest] = whole
  return bounds === 'closed' || lowest === undefined ? whole : [{ low: lowest.low, high: highestKey }]
}

/** "3.9" as its first development release; the place of any other version as it is. */
function firstOfShort(place: string): string {
  const release = place.slice(0, -finalKey.length)
  const isShort = place.endsWith(finalKey) && release.length <= 3 && [...release].every((one) => one < '\u3000')
  return isShort ? (release.length === 1 ? lowestKey : release + firstDevKey) : place
}

const finalKey = '\x05\x01\x02'
const firstDevKey = '\x01\x01\x01\u0100'

/** Environments, as seen from one space. Compare with `===`. */
export type Condition = DiagramNode

export interface MarkerSpace {
  readonly always: Condition
  readonly never: Condition
  /** Where a lock file's marker holds: `extras` and `dependency_groups` are left open. Throws `invalid-marker`. */
  of(marker: Marker): Condition
  /** Where a requirement's marker holds when one extra, or none, is asked for. Throws `invalid-marker`. */
  ofRequirement(marker: Marker, extra?: string): Condition
  /** The environments with these Pythons. */
  pythons(range: VersionRange): Condition
  /** The Pythons for which a condition can hold at all. */
  pythonsOf(condition: Condition): VersionRange
  both(a: Condition, b: Condition): Condition
  either(a: Condition, b: Condition): Condition
  not(a: Condition): Condition
  areDisjoint(a: Condition, b: Condition): boolean
  implies(a: Condition, b: Condition): boolean
  /** The simplest marker that says the same among `within`; undefined where it always holds there. Throws `invalid-marker`. */
  words(condition: Condition, within: Condition): Marker | undefined
}

/** The key of the earliest Python in a condition, to order conditions by; '' where there is none. */
export function firstPython(space: MarkerSpace, condition: Condition): string {
  return space.pythonsOf(condition)[0]?.low ?? ''
}

/** A resolution meets thousands of markers, which come to a few hundred conditions. */
const forOneResolution = { nodes: 500_000, conjunctions: 5_000_000 }

export function openMarkerSpace(): MarkerSpace {
  const context: ConditionContext = { diagrams: openDiagrams(forOneResolution), questions: new Map() }
  const { diagrams } = context
  const node = (expression: MarkerExpression): Condition => conditionOf(context, expression)
  const conjunction = (a: Condition, b: Condition): Condition => both(diagrams, a, b)
  const not = (a: Condition): Condition => negated(diagrams, a)
  const inWords = (condition: Condition): Marker | undefined => {
    const words = wordsOf(context, condition)
    if (words === 'always') return undefined
    if (words === 'never') return { text: formatExpression(nowhere), expression: nowhere }
    const expression = mapComparisons(words, plain)
    return { text: formatExpression(expression), expression }
  }
  // Thousands of dependencies are said to hold in a few dozen places, and every part of a scope asks for the same Pythons.
  const worded = new Map<Condition, Map<Condition, Marker | undefined>>()
  const pythonsKnown = new Map<Condition, VersionRange>()
  return {
    always,
    never,
    of: ({ expression }) => node(mapComparisons(expression, together)),
    ofRequirement: ({ expression }, extra) => {
      const extras = extra === undefined ? new Set<string>() : new Set([extra])
      const walk = (one: MarkerExpression): Condition => {
        if (one.kind !== 'comparison') {
          const join = one.kind === 'and' ? conjunction : (a: Condition, b: Condition) => either(diagrams, a, b)
          return one.parts.map(walk).reduce(join)
        }
        if (one.field !== 'extra' && one.field !== 'extras' && one.field !== 'dependency_groups')
          return node(together(one))
        return evaluateMarker({ text: '', expression: one }, {}, { extras }) ? always : never
      }
      return walk(expression)
    },
    pythons: (range) => rangeCondition(diagrams, pythonVariable, range),
    pythonsOf: (condition) => {
      if (condition.kind === 'never') return []
      // Nothing stands before Python's version in the order of variables.
      if (condition.kind !== 'range' || condition.variable.name !== pythonVariable.name) return fullRange
      const known = pythonsKnown.get(condition)
      if (known !== undefined) return known
      let range: VersionRange = []
      for (const { low, high, child } of condition.edges)
        if (child.kind !== 'never') range = unionRanges(range, [{ low, high }])
      pythonsKnown.set(condition, range)
      return range
    },
    both: conjunction,
    either: (a, b) => (a === b || b.kind === 'never' ? a : a.kind === 'never' ? b : either(diagrams, a, b)),
    not,
    areDisjoint: (a, b) => conjunction(a, b).kind === 'never',
    implies: (a, b) => a === b || b.kind === 'always' || conjunction(a, not(b)).kind === 'never',
    words: (condition, within) => {
      if (within.kind === 'never') return inWords(condition)
      if (condition === within) return undefined
      let known = worded.get(within)
      if (known === undefined) {
        known = new Map()
        worded.set(within, known)
      }
      if (known.has(condition)) return known.get(condition)
      const words = inWords(restricted(diagrams, condition, within))
      known.set(condition, words)
      return words
    },
  }
}

const nowhere: MarkerExpression = comparisonOf('python_version', '<', '0')

function mapComparisons(
  expression: MarkerExpression,
  change: (comparison: MarkerComparison) => MarkerComparison,
): MarkerExpression {
  if (expression.kind === 'comparison') return change(expression)
  return { kind: expression.kind, parts: expression.parts.map((part) => mapComparisons(part, change)) }
}

/** `"3.11.5" > python_full_version` the usual way round: what that says of pre-releases of 3.11.5 is nobody's matter. */
function plain(comparison: MarkerComparison): MarkerComparison {
  const { field, operator, value, reversed } = comparison
  if (field !== 'python_full_version' || !reversed || operator !== '>') return comparison
  return comparisonOf(field, '<', value)
}

type Pair = readonly [field: keyof MarkerEnvironment, value: string, isOpposite?: true]

/** What one field's value says of another field. */
const goTogether: ReadonlyMap<string, Pair> = new Map<string, Pair>([
  ['platform_system Windows', ['sys_platform', 'win32']],
  ['platform_system Linux', ['sys_platform', 'linux']],
  ['platform_system Darwin', ['sys_platform', 'darwin']],
  ['os_name nt', ['sys_platform', 'win32']],
  ['os_name posix', ['sys_platform', 'win32', true]],
  ['platform_python_implementation CPython', ['implementation_name', 'cpython']],
  ['platform_python_implementation PyPy', ['implementation_name', 'pypy']],
  ['platform_python_implementation GraalVM', ['implementation_name', 'graalpy']],
])

function together(comparison: MarkerComparison): MarkerComparison {
  const { field, operator, value, reversed } = comparison
  // Only pre-releases of 3.9 tell python_full_version ">=3.9" from python_version ">=3.9", and nobody who writes it means those.
  if (
    field === 'python_full_version' &&
    !reversed &&
    /^(?:>=|<)$/.test(operator) &&
    /^ *\d+\.\d+(?:\.0)? *$/.test(value)
  )
    return comparisonOf('python_version', operator, value.trim().replace(/^(\d+\.\d+)\.0$/, '$1'))
  if (operator !== '==' && operator !== '!=') return comparison
  const pair = goTogether.get(`${field} ${value}`)
  if (pair === undefined) return comparison
  const [other, text, isOpposite] = pair
  return comparisonOf(other, (operator === '==') === (isOpposite !== true) ? '==' : '!=', text)
}

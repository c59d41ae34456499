// Environment markers (PEP 508; "Dependency specifiers" on packaging.python.org): `python_version < "3.9" and extra == "test"`.
// What a comparison means is decided by its field, as the library `packaging` decides it; each rule stands where it is applied.

import { DenError } from '../base/error.ts'
import {
  formatComparison,
  holdsVersions,
  type Marker,
  type MarkerComparison,
  type MarkerEnvironment,
  type MarkerExpression,
} from './marker-expression.ts'
import { cursorOn, failAt, readMarker } from './marker-parser.ts'
import { normalizeName } from './name.ts'
import { specifierContains, tryParseSpecifier } from './specifier.ts'

export type {
  Marker,
  MarkerComparison,
  MarkerEnvironment,
  MarkerExpression,
  MarkerField,
  MarkerOperator,
} from './marker-expression.ts'

/** What is asked for beside the environment. */
export interface MarkerOptions {
  /** Normalized; `extra == "x"` holds for each of them. Without any, `extra` is the empty text. */
  readonly extras?: ReadonlySet<string>
  /** Normalized. */
  readonly dependencyGroups?: ReadonlySet<string>
}

/** Parses a marker. Throws `invalid-marker`. */
export function parseMarker(text: string): Marker {
  const cursor = cursorOn(text, 'invalid-marker')
  const marker = readMarker(cursor)
  if (cursor.at < text.length) failAt(cursor, 'here the marker should end, or go on with and or or', text.length)
  return marker
}

/** Parses a marker; undefined for what is none. */
export function tryParseMarker(text: string): Marker | undefined {
  try {
    return parseMarker(text)
  } catch (error) {
    if (error instanceof DenError && error.code === 'invalid-marker') return undefined
    throw error
  }
}

export function formatMarker(marker: Marker): string {
  return marker.text
}

/**
 * Whether the marker holds. Throws `invalid-marker` where the answer hangs on a comparison that means nothing (`os_name ~= "x"`) or
 * on a field that the environment does not tell: who asks for a candidate's sake takes that for "not eligible".
 */
export function evaluateMarker(
  marker: Marker,
  environment: Partial<MarkerEnvironment>,
  also: MarkerOptions = {},
): boolean {
  return evaluate(marker.expression, environment, also)
}

function evaluate(expression: MarkerExpression, environment: Partial<MarkerEnvironment>, also: MarkerOptions): boolean {
  if (expression.kind === 'comparison') return evaluateComparison(expression, environment, also)
  const decisive = expression.kind === 'or'
  for (const part of expression.parts) if (evaluate(part, environment, also) === decisive) return decisive
  return !decisive
}

function evaluateComparison(
  comparison: MarkerComparison,
  environment: Partial<MarkerEnvironment>,
  also: MarkerOptions,
): boolean {
  const { field } = comparison
  if (field === 'extra') return compareExtras(comparison, also.extras)
  if (field === 'extras') return compareSet(comparison, also.extras)
  if (field === 'dependency_groups') return compareSet(comparison, also.dependencyGroups)
  const actual = environment[field]
  if (actual === undefined) throw meaningless(comparison, `the environment does not tell ${field}`)
  // Builds that are between two releases call themselves "3.13.5+", which is no version.
  if (field === 'python_full_version' && actual.endsWith('+')) return compare(comparison, `${actual}local`)
  return compare(comparison, actual)
}

function compare(comparison: MarkerComparison, actual: string): boolean {
  const { operator, reversed, value } = comparison
  const left = reversed ? value : actual
  const right = reversed ? actual : value
  if (holdsVersions(comparison.field)) {
    // "If there is no PEP 440 version on the right, the comparison is one of texts."
    const specifier = reversed ? tryParseSpecifier(operator + right) : comparison.specifier
    if (specifier !== undefined) return specifierContains(specifier, left)
  }
  switch (operator) {
    case '==':
    case '<=':
    case '>=':
      return left === right
    case '!=':
      return left !== right
    case '<':
    case '>':
      // Texts have no order.
      return false
    case 'in':
      return right.includes(left)
    case 'not in':
      return !right.includes(left)
    case '~=':
    case '===':
      throw meaningless(comparison, `${operator} compares versions, and here is none`)
  }
}

/** `extra` stands for each extra asked for: what is denied must hold for all of them, all else for one. */
function compareExtras(comparison: MarkerComparison, extras: ReadonlySet<string> | undefined): boolean {
  if (extras === undefined || extras.size === 0) return compare(comparison, '')
  const denied = comparison.operator === '!=' || comparison.operator === 'not in'
  for (const extra of extras) if (compare(comparison, extra) !== denied) return !denied
  return denied
}

/** `extras` and `dependency_groups` are sets (PEP 751): they are asked for a member. */
function compareSet(comparison: MarkerComparison, members: ReadonlySet<string> | undefined): boolean {
  const { field, operator, reversed, value } = comparison
  if (!reversed) throw meaningless(comparison, `${field} is a set: write it as "${value}" in ${field}`)
  switch (operator) {
    case 'in':
      return members?.has(normalizeName(value)) ?? false
    case 'not in':
      return !(members?.has(normalizeName(value)) ?? false)
    case '~=':
    case '===':
      throw meaningless(comparison, `${field} is a set: write it as "${value}" in ${field}`)
    default:
      // A text is never equal to a set.
      return operator === '!='
  }
}

function meaningless(comparison: MarkerComparison, reason: string): DenError<'invalid-marker'> {
  const source = formatComparison(comparison)
  return new DenError('invalid-marker', { source, span: { start: 0, end: source.length }, reason })
}

// A marker where some of what it asks is settled: which extras and groups are wanted. What is left asks of the environment alone.

import type { MarkerCondition } from './marker-algebra.ts'
import {
  formatExpression,
  joinExpressions,
  type Marker,
  type MarkerComparison,
  type MarkerExpression,
} from './marker-expression.ts'
import { normalizeName } from './name.ts'

export interface Settled {
  /** Normalized; absent: not settled. */
  readonly extras?: ReadonlySet<string>
  /** Normalized; absent: not settled. */
  readonly groups?: ReadonlySet<string>
  /** What the field `extra` stands for, each in turn; empty: nothing. Normalized; absent: not settled. */
  readonly extra?: ReadonlySet<string>
}

/** The marker with what is settled worked out. */
export function restrictMarker(marker: Marker, settled: Settled): MarkerCondition {
  const left = restrict(marker.expression, settled)
  if (left === marker.expression) return marker
  if (left === true) return 'always'
  if (left === false) return 'never'
  return { text: formatExpression(left), expression: left }
}

function restrict(expression: MarkerExpression, settled: Settled): MarkerExpression | boolean {
  if (expression.kind === 'comparison') return answerOf(expression, settled) ?? expression
  const decisive = expression.kind === 'or'
  const parts: MarkerExpression[] = []
  for (const part of expression.parts) {
    const left = restrict(part, settled)
    if (left === decisive) return decisive
    if (typeof left !== 'boolean') parts.push(left)
  }
  if (parts.length === 0) return !decisive
  const isSame = parts.length === expression.parts.length && parts.every((part, at) => part === expression.parts[at])
  return isSame ? expression : joinExpressions(expression.kind, parts)
}

/** undefined: not settled, or nothing that is known of it. */
function answerOf({ field, operator, value, reversed }: MarkerComparison, settled: Settled): boolean | undefined {
  if (field === 'extra') {
    if (settled.extra === undefined || (operator !== '==' && operator !== '!=')) return undefined
    return settled.extra.has(normalizeName(value)) === (operator === '==')
  }
  const members = field === 'extras' ? settled.extras : field === 'dependency_groups' ? settled.groups : undefined
  if (members === undefined || !reversed || (operator !== 'in' && operator !== 'not in')) return undefined
  return members.has(normalizeName(value)) === (operator === 'in')
}

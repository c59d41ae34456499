// A parsed marker as plain data, and its parts as text.

import { strip } from '../format/python-text.ts'
import { type Specifier, specifierOf } from './specifier.ts'

/** What the fields of markers stand for on one machine and Python. */
export interface MarkerEnvironment {
  readonly implementation_name: string
  readonly implementation_version: string
  readonly os_name: string
  readonly platform_machine: string
  readonly platform_python_implementation: string
  readonly platform_release: string
  readonly platform_system: string
  readonly platform_version: string
  readonly python_full_version: string
  readonly python_version: string
  readonly sys_platform: string
}

/** The fields that a marker may name: those of the environment, and what a requirement or a lock file is read for. */
export type MarkerField = keyof MarkerEnvironment | 'extra' | 'extras' | 'dependency_groups'
export type MarkerOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '~=' | '===' | 'in' | 'not in'

export interface MarkerComparison {
  readonly kind: 'comparison'
  readonly field: MarkerField
  readonly operator: MarkerOperator
  /** The text that the field is compared with. */
  readonly value: string
  /** The text stands left of the operator, the field right. */
  readonly reversed: boolean
  /** What operator and value ask of a version, where the field holds versions and they ask for one. */
  readonly specifier?: Specifier
}

export type MarkerExpression =
  | MarkerComparison
  /** Two parts or more. */
  | { readonly kind: 'and' | 'or'; readonly parts: readonly MarkerExpression[] }

export interface Marker {
  /** The normal form: spaces, quotes and parentheses set by rule, extras normalized. */
  readonly text: string
  readonly expression: MarkerExpression
}

/** Fields whose values are compared as versions, where the other side is one. */
const versionFields: ReadonlySet<string> = new Set([
  'implementation_version',
  'platform_release',
  'python_full_version',
  'python_version',
])

export function holdsVersions(field: MarkerField): boolean {
  return versionFields.has(field)
}

/** A comparison from its parts, with what it asks of a version. */
export function comparisonOf(
  field: MarkerField,
  operator: MarkerOperator,
  value: string,
  reversed = false,
): MarkerComparison {
  if (!reversed && operator !== 'in' && operator !== 'not in' && holdsVersions(field)) {
    const specifier = specifierOf(operator, strip(value))
    if (!('reason' in specifier)) return { kind: 'comparison', field, operator, value, reversed, specifier }
  }
  return { kind: 'comparison', field, operator, value, reversed }
}

export function formatComparison({ field, operator, value, reversed }: MarkerComparison): string {
  const text = quoteMarkerValue(value)
  return reversed ? `${text} ${operator} ${field}` : `${field} ${operator} ${text}`
}

/** The parts as one, those of the same kind taken apart; of one part that itself. */
export function joinExpressions(kind: 'and' | 'or', parts: readonly MarkerExpression[]): MarkerExpression {
  if (parts.length === 1) return parts[0]!
  const flat: MarkerExpression[] = []
  for (const part of parts) {
    if (part.kind !== kind) flat.push(part)
    else for (const inner of part.parts) flat.push(inner)
  }
  return { kind, parts: flat }
}

/** The expression as text, with the parentheses that and needs around or. */
export function formatExpression(expression: MarkerExpression): string {
  if (expression.kind === 'comparison') return formatComparison(expression)
  const parts: string[] = []
  for (const part of expression.parts) {
    const text = formatExpression(part)
    parts.push(expression.kind === 'and' && part.kind === 'or' ? `(${text})` : text)
  }
  return parts.join(` ${expression.kind} `)
}

/** A text as a marker's string: in double quotes where it can be, escaped where it must be, so that it reads back as itself. */
function quoteMarkerValue(value: string): string {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if (code === 0x22 || code === 0x5c || code === 0x0a || code === 0x0d || code === 0) return escapeMarkerValue(value)
  }
  return `"${value}"`
}

function escapeMarkerValue(value: string): string {
  const quote = value.includes('"') && !value.includes("'") ? "'" : '"'
  const body = value.replace(/[\\\n\r\0"]/g, (character) => {
    if (character === '\\') return '\\\\'
    if (character === '\n') return '\\n'
    if (character === '\r') return '\\r'
    if (character === '\0') return '\\x00'
    // A quote in a marker's string ends it, escaped or not: it can only be told by its number.
    return quote === '"' ? '\\x22' : character
  })
  return quote + body + quote
}

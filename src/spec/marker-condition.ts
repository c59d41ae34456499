// From a marker's comparisons to the nodes of a decision diagram: which variable each asks, and for which answers it holds.

import {
  always,
  both,
  choiceNode,
  type DiagramNode,
  type Diagrams,
  type DiagramVariable,
  either,
  negated,
  never,
  rangeCondition,
  textNode,
  tooLarge,
} from './marker-diagram.ts'
import {
  comparisonOf,
  type MarkerComparison,
  type MarkerExpression,
  type MarkerField,
  type MarkerOperator,
} from './marker-expression.ts'
import { complementRange, fullRange, highestKey, lowestKey, unionRanges, type VersionRange } from './range.ts'
import { afterPosts } from './specifier.ts'
import { firstDevOfRelease, isPrerelease, tryParseVersion, type Version, zeroKey } from './version.ts'

/** A question that is answered by yes or no, and how both answers are written; some have no words for no. */
export interface Question {
  readonly yes: MarkerComparison
  readonly no: MarkerComparison | undefined
}

export interface ConditionContext {
  readonly diagrams: Diagrams
  /** Variable's name to its question. */
  readonly questions: Map<string, Question>
}

const order: readonly MarkerField[] = [
  'python_full_version',
  'python_version',
  'implementation_version',
  'implementation_name',
  'platform_python_implementation',
  'os_name',
  'sys_platform',
  'platform_system',
  'platform_machine',
  'platform_release',
  'platform_version',
  'dependency_groups',
  'extras',
  'extra',
]

/** The variable of a field itself. Questions about it come right after it. */
export function fieldVariable(field: MarkerField): DiagramVariable {
  return { rank: 2 * order.indexOf(field), name: field }
}

/** One variable for both fields: python_version is the first two numbers of python_full_version. */
export const pythonVariable: DiagramVariable = fieldVariable('python_full_version')

export function conditionOf(context: ConditionContext, expression: MarkerExpression): DiagramNode {
  if (expression.kind === 'comparison') return comparisonCondition(context, expression)
  const { diagrams } = context
  // Two by two, so that many alternatives make small diagrams first.
  let nodes = expression.parts.map((part) => conditionOf(context, part))
  const join = expression.kind === 'and' ? both : either
  while (nodes.length > 1) {
    const half: DiagramNode[] = []
    for (let at = 0; at < nodes.length; at += 2) {
      half.push(at + 1 < nodes.length ? join(diagrams, nodes[at]!, nodes[at + 1]!) : nodes[at]!)
    }
    nodes = half
  }
  return nodes[0]!
}

function comparisonCondition(context: ConditionContext, comparison: MarkerComparison): DiagramNode {
  switch (comparison.field) {
    case 'python_version':
    case 'python_full_version':
    case 'implementation_version':
      return versionCondition(context, comparison)
    case 'platform_release':
      return releaseCondition(context, comparison)
    case 'extra':
    case 'extras':
    case 'dependency_groups':
      return setCondition(context, comparison)
    default:
      return textCondition(context, comparison)
  }
}

// Texts

function textCondition(context: ConditionContext, comparison: MarkerComparison): DiagramNode {
  const { diagrams } = context
  const { field, operator, value, reversed } = comparison
  switch (operator) {
    case '==':
    case '<=':
    case '>=':
      return textNode(diagrams, fieldVariable(field), [{ text: value, child: always }], never)
    case '!=':
      return textNode(diagrams, fieldVariable(field), [{ text: value, child: never }], always)
    case '<':
    case '>':
      return never
    case 'in':
    case 'not in':
      return question(context, comparison, (text) => (reversed ? text.includes(value) : value.includes(text)))
    case '~=':
    case '===':
      return meaningless(context, comparison)
  }
}

const opposites: Readonly<Record<MarkerOperator, MarkerOperator | undefined>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
  in: 'not in',
  'not in': 'in',
  '~=': undefined,
  '===': undefined,
}
const positive: ReadonlySet<MarkerOperator> = new Set(['==', '>=', '>', 'in', '===', '~='])

/** More questions than any marker asks: diagrams are gone through as deep as there are questions. */
const mostQuestions = 1000

function ask(context: ConditionContext, name: string, question: Question): void {
  context.questions.set(name, question)
  if (context.questions.size > mostQuestions) throw tooLarge()
}

/** A comparison that is a variable of its own; it and its opposite are one. */
function question(
  context: ConditionContext,
  comparison: MarkerComparison,
  holds?: (text: string) => boolean,
): DiagramNode {
  const { field, value, reversed } = comparison
  const opposite = opposites[comparison.operator]
  const other = opposite === undefined ? undefined : comparisonOf(field, opposite, value, reversed)
  const isPositive = positive.has(comparison.operator)
  const [yes, no] = isPositive ? [comparison, other] : [other!, comparison]
  const name = questionName(yes)
  const variable: DiagramVariable = { rank: fieldVariable(yes.field).rank + 1, name }
  ask(context, name, { yes, no })
  const about = holds === undefined ? {} : { about: { name: yes.field, holds } }
  const node = choiceNode(context.diagrams, { variable, ...about }, always, never)
  return isPositive ? node : negated(context.diagrams, node)
}

/** A comparison whose evaluation is an error is kept as it is, and so is its opposite. */
function meaningless(context: ConditionContext, comparison: MarkerComparison): DiagramNode {
  const name = questionName(comparison)
  ask(context, name, { yes: comparison, no: comparison })
  const variable = { rank: fieldVariable(comparison.field).rank + 1, name }
  return choiceNode(context.diagrams, { variable }, always, never)
}

function questionName({ field, operator, value, reversed }: MarkerComparison): string {
  return `${field}\0${operator}\0${reversed}\0${value}`
}

// Extras and groups

function setCondition(context: ConditionContext, comparison: MarkerComparison): DiagramNode {
  const { field, operator, reversed } = comparison
  if (operator === '~=' || operator === '===') return meaningless(context, comparison)
  if (field === 'extra') {
    if (operator === '<' || operator === '>') return never
    const equal = operator === '>=' || operator === '<='
    // Which side the text is on makes a difference to in alone.
    const sideless = reversed && operator !== 'in' && operator !== 'not in'
    return question(context, comparisonOf(field, equal ? '==' : operator, comparison.value, !sideless && reversed))
  }
  if (!reversed) return meaningless(context, comparison)
  if (operator === 'in' || operator === 'not in') return question(context, comparison)
  return operator === '!=' ? always : never
}

// Versions

/**
 * The kernel's release is often no version, and then no comparison with one holds, nor its opposite: each is a question of its own.
 * So the negation of one is its opposite only for those releases that are versions; markers have no words for more.
 */
function releaseCondition(context: ConditionContext, comparison: MarkerComparison): DiagramNode {
  const { operator, reversed, specifier } = comparison
  if (reversed || specifier !== undefined || operator === 'in' || operator === 'not in') {
    return question(context, comparison)
  }
  if (operator === '~=' || operator === '===') return meaningless(context, comparison)
  if (operator === '<' || operator === '>') return never
  return question(context, comparisonOf(comparison.field, operator === '!=' ? '!=' : '==', comparison.value, false))
}

function versionCondition(context: ConditionContext, comparison: MarkerComparison): DiagramNode {
  const range = rangeOfComparison(comparison)
  if (range === undefined) return question(context, comparison)
  if (range === 'meaningless') return meaningless(context, comparison)
  const variable = comparison.field === 'implementation_version' ? fieldVariable(comparison.field) : pythonVariable
  return rangeCondition(context.diagrams, variable, range)
}

/** The versions for which it holds; undefined where they can't be told by a range. */
function rangeOfComparison(
  comparison: MarkerComparison,
): VersionRange | 'meaningless' | undefined {
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

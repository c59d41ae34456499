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
import { rangeOfComparison } from './marker-range.ts'

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

// What markers mean together: and, or, not, whether two can hold at once, and which Pythons one leaves. Exact over all Pythons and
// machines, where markers have words for it (marker-condition.ts tells where they have none); not known are facts that tie fields to each
// other, as that os_name "nt" goes with sys_platform "win32".

import { DenError } from '../base/error.ts'
import { type ConditionContext, conditionOf, fieldVariable, pythonVariable } from './marker-condition.ts'
import { always, both, type DiagramNode, negated, never, openDiagrams, rangeNode } from './marker-diagram.ts'
import { formatExpression, joinExpressions, type Marker } from './marker-expression.ts'
import { tryWordsOf, type Words, wordsOf } from './marker-words.ts'
import { fullRange, unionRanges, type VersionRange } from './range.ts'

/** A marker, or what no marker can say: that all machines fit, or none. */
export type MarkerCondition = Marker | 'always' | 'never'

export interface SimplifyOptions {
  /** The Pythons there are at all: what a marker says of others does not count. */
  readonly requiresPython?: VersionRange
}

/** What holds where all hold, in the words that they have. */
export function andMarkers(first: Marker, ...others: readonly Marker[]): Marker {
  return joinMarkers('and', [first, ...others])
}

/** What holds where one holds, in the words that they have. */
export function orMarkers(first: Marker, ...others: readonly Marker[]): Marker {
  return joinMarkers('or', [first, ...others])
}

function joinMarkers(kind: 'and' | 'or', markers: readonly Marker[]): Marker {
  const expression = joinExpressions(
    kind,
    markers.map(({ expression }) => expression),
  )
  return { text: formatExpression(expression), expression }
}

/**
 * What holds where the marker doesn't, in the simplest words. Throws `invalid-marker` where there are none (`"3.8" ~= python_version`). Of
 * `platform_release`, where a version is asked for, it is the opposite comparison: neither holds for a release that is no version.
 */
export function negateMarker(marker: MarkerCondition): MarkerCondition {
  const context = openContext()
  const words = wordsOf(context, negated(context.diagrams, nodeOf(context, marker)))
  return conditionFrom(words)
}

/**
 * The simplest words for the same; markers that mean the same get the same words. What is too large for that, or has no words, stays as
 * it is.
 */
export function simplifyMarker(marker: MarkerCondition, options: SimplifyOptions = {}): MarkerCondition {
  return unlessTooLarge(marker, (context) => {
    let node = nodeOf(context, marker)
    if (options.requiresPython !== undefined) node = amongPythons(context, node, options.requiresPython)
    const words = tryWordsOf(context, node)
    return words === undefined ? marker : conditionFrom(words)
  })
}

/** Whether they can't hold at once, as far as that can be told. */
export function markersDisjoint(a: MarkerCondition, b: MarkerCondition): boolean {
  return unlessTooLarge(
    false,
    (context) => both(context.diagrams, nodeOf(context, a), nodeOf(context, b)).kind === 'never',
  )
}

/** Whether `b` holds wherever `a` does, as far as that can be told. */
export function markerImplies(a: MarkerCondition, b: MarkerCondition): boolean {
  return unlessTooLarge(false, (context) => {
    const { diagrams } = context
    return both(diagrams, nodeOf(context, a), negated(diagrams, nodeOf(context, b))).kind === 'never'
  })
}

/** Whether they hold for the same, as far as that can be told. */
export function equalMarkers(a: MarkerCondition, b: MarkerCondition): boolean {
  return unlessTooLarge(false, (context) => nodeOf(context, a) === nodeOf(context, b))
}

/** The versions of Python (`python_full_version`) for which it can hold at all. */
export function impliedRequiresPython(marker: MarkerCondition): VersionRange {
  return unlessTooLarge(fullRange, (context) => {
    const node = nodeOf(context, marker)
    if (node.kind === 'never') return []
    // Nothing stands before Python's version in the order of variables.
    if (node.kind !== 'range' || node.variable.name !== pythonVariable.name) return fullRange
    let range: VersionRange = []
    for (const { low, high, child } of node.edges) {
      if (child.kind !== 'never') range = unionRanges(range, [{ low, high }])
    }
    return range
  })
}

/** The answer that is always safe where the work grows beyond its bounds. */
function unlessTooLarge<Answer>(safe: Answer, work: (context: ConditionContext) => Answer): Answer {
  try {
    return work(openContext())
  } catch (error) {
    if (error instanceof DenError && error.code === 'invalid-marker') return safe
    throw error
  }
}

function openContext(): ConditionContext {
  return { diagrams: openDiagrams(), questions: new Map() }
}

function nodeOf(context: ConditionContext, marker: MarkerCondition): DiagramNode {
  return marker === 'always' ? always : marker === 'never' ? never : conditionOf(context, marker.expression)
}

function conditionFrom(words: Words): MarkerCondition {
  return typeof words === 'string' ? words : { text: formatExpression(words), expression: words }
}

/** The diagram for these Pythons alone: what it says of others becomes what it says of their neighbours, and so no word. */
function amongPythons(context: ConditionContext, node: DiagramNode, pythons: VersionRange): DiagramNode {
  if (node.kind !== 'range' || node.variable.name !== pythonVariable.name || pythons.length === 0) return node
  const edges: { low: string; high: string; child: DiagramNode }[] = []
  for (const edge of node.edges) {
    const reached = pythons.some(({ low, high }) => low < edge.high && edge.low < high)
    const last = edges.at(-1)
    if (reached) edges.push({ ...edge, low: last === undefined ? node.edges[0]!.low : edge.low })
    else if (last !== undefined) last.high = edge.high
  }
  return rangeNode(context.diagrams, fieldVariable('python_full_version'), edges)
}

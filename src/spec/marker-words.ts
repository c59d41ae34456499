// From a decision diagram back to a marker: the fewest words that were found for each node. Equal diagrams give equal words.

import { DenError } from '../base/error.ts'
import type { Question } from './marker-condition.ts'
import {
  both,
  type ChoiceNode,
  type DiagramNode,
  type Diagrams,
  negated,
  type RangeNode,
  type TextNode,
} from './marker-diagram.ts'
import {
  comparisonOf,
  formatComparison,
  joinExpressions,
  type MarkerComparison,
  type MarkerExpression,
  type MarkerField,
} from './marker-expression.ts'
import { complementRange, highestKey, lowestKey, unionRanges, type VersionRange } from './range.ts'

export interface WordsContext {
  readonly diagrams: Diagrams
  readonly questions: ReadonlyMap<string, Question>
}

/** An expression, or what needs none. */
export type Words = MarkerExpression | 'always' | 'never'

/** How many nodes are put into words at most: a diagram shares what words must repeat. */
const mostNodes = 20_000

/** The words for a diagram; undefined where there are too many. Throws `invalid-marker` where there are none. */
export function tryWordsOf(context: WordsContext, node: DiagramNode): Words | undefined {
  return describe(context, node, { left: mostNodes })
}

/** The words for a diagram. Throws `invalid-marker` where there are none, or too many. */
export function wordsOf(context: WordsContext, node: DiagramNode): Words {
  const words = tryWordsOf(context, node)
  if (words === undefined) throw wordless('', `it takes more than ${mostNodes} words`)
  return words
}

interface Budget {
  left: number
}

function describe(context: WordsContext, node: DiagramNode, budget: Budget): Words | undefined {
  budget.left--
  if (budget.left < 0) return undefined
  switch (node.kind) {
    case 'always':
    case 'never':
      return node.kind
    case 'range':
      return describeRange(context, node, budget)
    case 'text':
      return describeTexts(context, node, budget)
    case 'choice':
      return describeChoice(context, node, budget)
  }
}

function describeChoice(context: WordsContext, { variable, yes, no }: ChoiceNode, budget: Budget): Words | undefined {
  const question = context.questions.get(variable.name)!
  const parts: Alternative[] = []
  for (const [child, other] of [
    [yes, no],
    [no, yes],
  ] as const) {
    if (child.kind === 'never') continue
    const rest = describe(context, child, budget)
    if (rest === undefined) return undefined
    // Where one answer's rest holds whenever the other's does, the other needs no condition.
    const condition = implies(context, child, other) ? 'always' : child === yes ? question.yes : opposite(question)
    parts.push({ child, words: conjunction([condition, rest]) })
  }
  return alternatives(parts)
}

interface Alternative {
  readonly child: DiagramNode
  readonly words: Words
}

/** What needs nothing further comes first: it asks for this variable alone, and those are in order. */
function alternatives(parts: readonly Alternative[]): Words {
  const [plain, further]: [Words[], Words[]] = [[], []]
  for (const { child, words } of parts) (child.kind === 'always' ? plain : further).push(words)
  return disjunction([...plain, ...further])
}

function opposite({ yes, no }: Question): MarkerComparison {
  if (no !== undefined) return no
  throw wordless(formatComparison(yes), 'markers have no words for the opposite of this')
}

function wordless(source: string, reason: string): DenError<'invalid-marker'> {
  return new DenError('invalid-marker', { source, span: { start: 0, end: source.length }, reason })
}

function implies({ diagrams }: WordsContext, a: DiagramNode, b: DiagramNode): boolean {
  return both(diagrams, a, negated(diagrams, b)).kind === 'never'
}

// Texts

function describeTexts(context: WordsContext, node: TextNode, budget: Budget): Words | undefined {
  const field = node.variable.name as MarkerField
  const children = new Set(node.edges.map(({ child }) => child))
  const parts: Alternative[] = []
  for (const child of children) {
    if (child.kind === 'never') continue
    const own = node.edges.filter((edge) => edge.child === child).map(({ text }) => text)
    // The texts under which at least this holds: with them, the condition may be shorter, or none.
    const wide = node.edges.filter((edge) => implies(context, child, edge.child)).map(({ text }) => text)
    const rest = describe(context, child, budget)
    if (rest === undefined) return undefined
    if (implies(context, child, node.others)) {
      const but = node.edges.map(({ text }) => text).filter((text) => !wide.includes(text))
      parts.push({ child, words: conjunction([...but.map((text) => comparisonOf(field, '!=', text)), rest]) })
    } else {
      parts.push({ child, words: conjunction([disjunction(own.map((text) => comparisonOf(field, '==', text))), rest]) })
    }
  }
  if (node.others.kind !== 'never') {
    const but = node.edges.filter(({ child }) => !implies(context, node.others, child)).map(({ text }) => text)
    const rest = describe(context, node.others, budget)
    if (rest === undefined) return undefined
    const words = conjunction([...but.map((text) => comparisonOf(field, '!=', text)), rest])
    parts.push({ child: node.others, words })
  }
  return alternatives(parts)
}

// Versions

function describeRange(context: WordsContext, node: RangeNode, budget: Budget): Words | undefined {
  const field = node.variable.name as MarkerField
  const children = new Set(node.edges.map(({ child }) => child))
  const parts: Alternative[] = []
  for (const child of children) {
    if (child.kind === 'never') continue
    const own = rangeUnder(node, (edge) => edge.child === child)
    const wide = rangeUnder(node, (edge) => implies(context, child, edge.child))
    const rest = describe(context, child, budget)
    if (rest === undefined) return undefined
    const [short, long] = [conditionOfRange(field, wide), conditionOfRange(field, own)]
    parts.push({ child, words: conjunction([countOf(short) <= countOf(long) ? short : long, rest]) })
  }
  return alternatives(parts)
}

function rangeUnder(node: RangeNode, wanted: (edge: RangeNode['edges'][number]) => boolean): VersionRange {
  let range: VersionRange = []
  for (const edge of node.edges) {
    if (wanted(edge)) range = unionRanges(range, [{ low: edge.low, high: edge.high }])
  }
  return range
}

function countOf(words: Words): number {
  if (typeof words === 'string') return 0
  if (words.kind === 'comparison') return 1
  let count = 0
  for (const part of words.parts) count += countOf(part)
  return count
}

/** The shorter of two ways: the intervals one by one, or outer bounds and what is missing between them. */
function conditionOfRange(field: MarkerField, range: VersionRange): Words {
  if (range.length === 0) return 'never'
  const intervals = disjunction(range.map(({ low, high }) => intervalWords(field, low, high)))
  if (range.length === 1) return intervals
  const outer = intervalWords(field, range[0]!.low, range.at(-1)!.high)
  const missing: Words[] = []
  for (const { low, high } of complementRange(range)) {
    if (low === lowestKey || high === highestKey) continue
    const value = exactValue(field, low, high)
    if (value === undefined) return intervals
    missing.push(comparisonOf(value.field, '!=', value.text))
  }
  const around = conjunction([outer, ...missing])
  return countOf(around) < countOf(intervals) ? around : intervals
}

function intervalWords(field: MarkerField, low: string, high: string): Words {
  const exact = exactValue(field, low, high)
  if (exact !== undefined) return comparisonOf(exact.field, '==', exact.text)
  const parts: Words[] = []
  if (low !== lowestKey) {
    const place = placeOf(field, low)
    parts.push(
      place.kind === 'after'
        ? comparisonOf(place.field, '>', place.text)
        : // ">=3.8.dev0" lets all of 3.8 through, as python_version ">=3.8" does.
          comparisonOf(
            place.field,
            '>=',
            place.kind === 'first' && place.field !== 'python_version' ? `${place.text}.dev0` : place.text,
          ),
    )
  }
  if (high !== highestKey) {
    const place = placeOf(field, high)
    if (place.kind === 'after') parts.push(comparisonOf(place.field, '<=', place.text))
    else if (place.kind === 'at' && !place.prerelease) {
      // "<3.8" lets no pre-release of 3.8 through; "not >=3.8" does, and this way round says that.
      parts.push(comparisonOf(place.field, '>', place.text, true))
    } else parts.push(comparisonOf(place.field, '<', place.text))
  }
  return conjunction(parts)
}

/** The value that `==` names this interval by. */
function exactValue(
  field: MarkerField,
  low: string,
  high: string,
): { readonly field: MarkerField; readonly text: string } | undefined {
  if (low === lowestKey || high === highestKey) return undefined
  const from = placeOf(field, low)
  const to = placeOf(field, high)
  if (from.kind === 'at' && to.kind === 'after' && from.text === to.text) return { field: from.field, text: from.text }
  if (from.kind !== 'first' || to.kind !== 'first') return undefined
  // X.Y to X.(Y+1) is one python_version; X.Y.Z to X.Y.(Z+1), and X to X+1, are what == with .* names.
  const numbers = from.text.split('.').map(Number)
  const next = to.text.split('.').map(Number)
  if (from.field === 'python_version' && to.field === 'python_version') {
    const [major = 0, minor = 0] = numbers
    if (next[0] === major && (next[1] ?? 0) === minor + 1) return { field: from.field, text: `${major}.${minor}` }
  }
  const length = Math.max(next.length, numbers.length)
  while (numbers.length < length) numbers.push(0)
  const last = numbers.length - 1
  if (next.length !== length || next[last] !== numbers[last]! + 1) return undefined
  for (let at = 0; at < last; at++) if (next[at] !== numbers[at]) return undefined
  return { field, text: `${numbers.join('.')}.*` }
}

interface PlaceWords {
  readonly field: MarkerField
  readonly text: string
  /** The first development release of `text`, `text` itself, or after it. */
  readonly kind: 'first' | 'at' | 'after'
  readonly prerelease: boolean
}

/** What a place among version keys is called; only those occur that marker-condition.ts makes. */
function placeOf(field: MarkerField, place: string): PlaceWords {
  let at = 1
  const numbers: number[] = []
  while (place.charCodeAt(at) >= 0x100 && place.charCodeAt(at) < 0x3000) numbers.push(place.charCodeAt(at++) - 0x100)
  let text = numbers.length === 0 ? '0' : numbers.join('.')
  const rest = place.slice(at)
  if (rest === '\x05\x01\x02') return { field, text, kind: 'at', prerelease: false }
  if (rest === '\x05\x03') return { field, text, kind: 'after', prerelease: false }
  if (rest === '\x01\x01\x01\u0100') {
    const short = field === 'python_full_version' && numbers.length <= 2
    return { field: short ? 'python_version' : field, text, kind: 'first', prerelease: true }
  }
  let end = 0
  const letter = ['', '', 'a', 'b', 'rc'][rest.charCodeAt(0)]
  if (letter !== undefined && letter !== '') {
    text += `${letter}${rest.charCodeAt(1) - 0x100}`
    end = 2
  } else end = 1
  const tail = rest.slice(end)
  if (tail.startsWith('\x01\x01')) {
    text += `.dev${tail.charCodeAt(2) - 0x100}`
    return { field, text, kind: tail.length > 3 ? 'after' : 'at', prerelease: true }
  }
  return { field, text, kind: tail.startsWith('\x03') ? 'after' : 'at', prerelease: true }
}

// Joining

function conjunction(parts: readonly Words[]): Words {
  return joined('and', parts)
}

function disjunction(parts: readonly Words[]): Words {
  return joined('or', parts)
}

function joined(kind: 'and' | 'or', parts: readonly Words[]): Words {
  const [neutral, decisive] = kind === 'and' ? (['always', 'never'] as const) : (['never', 'always'] as const)
  const kept: MarkerExpression[] = []
  for (const part of parts) {
    if (part === decisive) return decisive
    if (typeof part !== 'string') kept.push(part)
  }
  return kept.length === 0 ? neutral : joinExpressions(kind, kept)
}

// Markers as decision diagrams: each node asks for one variable and has a child for each kind of answer. Variables stand in one order on
// every path, nodes that lead to the same are one node, and a node that changes nothing is left out; so two markers that mean the same
// are the same node. (Bryant 1986; with ranges and texts for answers.) A workspace lives for one call, or for one resolution.

import { compareTexts } from '../base/compare.ts'
import { DenError } from '../base/error.ts'
import { highestKey, lowestKey } from './range.ts'

/** What a node asks. Ordered by `rank`, then by `name`. */
export interface DiagramVariable {
  readonly rank: number
  /** Unique among all variables. */
  readonly name: string
}

/** A version: answers are intervals of version keys. */
export interface RangeNode {
  readonly kind: 'range'
  readonly id: number
  readonly variable: DiagramVariable
  /** Cover all versions, in order; neighbours lead elsewhere. `high` is where the next begins. */
  readonly edges: readonly { readonly low: string; readonly high: string; readonly child: DiagramNode }[]
}

/** A text: answers are some texts, and all others. */
export interface TextNode {
  readonly kind: 'text'
  readonly id: number
  readonly variable: DiagramVariable
  /** Sorted by text; none leads where the others do. */
  readonly edges: readonly { readonly text: string; readonly child: DiagramNode }[]
  readonly others: DiagramNode
}

/** A question answered by yes and no. */
export interface ChoiceNode {
  readonly kind: 'choice'
  readonly id: number
  readonly variable: DiagramVariable
  /** For a question about a text field: that field's variable, and the answer for a given text. */
  readonly about?: { readonly name: string; readonly holds: (text: string) => boolean }
  readonly yes: DiagramNode
  readonly no: DiagramNode
}

interface EndNode<Kind extends 'always' | 'never'> {
  readonly kind: Kind
  readonly id: number
}

export type DiagramNode = EndNode<'always'> | EndNode<'never'> | RangeNode | TextNode | ChoiceNode

export const always: DiagramNode = { kind: 'always', id: 1 }
export const never: DiagramNode = { kind: 'never', id: 0 }

export interface Diagrams {
  /** Nodes by what they are made of. */
  readonly nodes: Map<string, DiagramNode>
  /** Conjunctions, by the ids of their two parts. */
  readonly both: Map<number, DiagramNode>
  readonly negated: Map<number, DiagramNode>
  readonly limits: DiagramLimits
}

export interface DiagramLimits {
  readonly nodes: number
  readonly conjunctions: number
}

/** Some markers have no small diagram; those are left as they are. The time for these numbers is under a second. */
const forOneCall: DiagramLimits = { nodes: 20_000, conjunctions: 200_000 }

/** More than there are nodes in any workspace: two ids make one number. */
const idsPerNode = 2 ** 24

export function openDiagrams(limits: DiagramLimits = forOneCall): Diagrams {
  return { nodes: new Map(), both: new Map(), negated: new Map(), limits }
}

/** What ends the work on a marker that is too large for it. */
export function tooLarge(): DenError<'invalid-marker'> {
  const reason = 'it is too large to be compared with others'
  return new DenError('invalid-marker', { source: '', span: { start: 0, end: 0 }, reason })
}

function intern(diagrams: Diagrams, key: string, make: (id: number) => DiagramNode): DiagramNode {
  let node = diagrams.nodes.get(key)
  if (node === undefined) {
    if (diagrams.nodes.size >= diagrams.limits.nodes) throw tooLarge()
    node = make(diagrams.nodes.size + 2)
    diagrams.nodes.set(key, node)
  }
  return node
}

/** A node over a version's intervals, which cover all versions in order. */
export function rangeNode(diagrams: Diagrams, variable: DiagramVariable, edges: RangeNode['edges']): DiagramNode {
  const merged: { low: string; high: string; child: DiagramNode }[] = []
  let key = variable.name
  for (const { low, high, child } of edges) {
    const last = merged.at(-1)
    if (last?.child === child) last.high = high
    else merged.push({ low, high, child })
  }
  if (merged.length === 1) return merged[0]!.child
  for (const { high, child } of merged) key += `\0${high}\0${child.id}`
  return intern(diagrams, key, (id) => ({ kind: 'range', id, variable, edges: merged }))
}

/** A node over a field's texts. What lies under a text knows it: questions about the field are answered there. */
export function textNode(
  diagrams: Diagrams,
  variable: DiagramVariable,
  edges: TextNode['edges'],
  others: DiagramNode,
): DiagramNode {
  const kept: { text: string; child: DiagramNode }[] = []
  let key = `${variable.name}\0${others.id}`
  for (const { text, child } of edges) {
    const known = knowing(child, variable.name, text)
    // What would hold for this text if it were one of the others.
    if (known === knowing(others, variable.name, text)) continue
    kept.push({ text, child: known })
    key += `\0${JSON.stringify(text)}\0${known.id}`
  }
  if (kept.length === 0) return others
  return intern(diagrams, key, (id) => ({ kind: 'text', id, variable, edges: kept, others }))
}

export function choiceNode(
  diagrams: Diagrams,
  { variable, about }: Pick<ChoiceNode, 'variable' | 'about'>,
  yes: DiagramNode,
  no: DiagramNode,
): DiagramNode {
  if (yes === no) return yes
  return intern(diagrams, `${variable.name}\0${yes.id}\0${no.id}`, (id) =>
    about === undefined ? { kind: 'choice', id, variable, yes, no } : { kind: 'choice', id, variable, about, yes, no },
  )
}

/** The node with the questions about a field answered, which stand right below the field's own node. */
function knowing(node: DiagramNode, field: string, text: string): DiagramNode {
  let rest = node
  while (rest.kind === 'choice' && rest.about?.name === field) rest = rest.about.holds(text) ? rest.yes : rest.no
  return rest
}

export function negated(diagrams: Diagrams, node: DiagramNode): DiagramNode {
  if (node.kind === 'always') return never
  if (node.kind === 'never') return always
  let result = diagrams.negated.get(node.id)
  if (result === undefined) {
    result = mapChildren(diagrams, node, (child) => negated(diagrams, child))
    diagrams.negated.set(node.id, result)
    diagrams.negated.set(result.id, node)
  }
  return result
}

function mapChildren(
  diagrams: Diagrams,
  node: RangeNode | TextNode | ChoiceNode,
  change: (child: DiagramNode) => DiagramNode,
): DiagramNode {
  switch (node.kind) {
    case 'range':
      return rangeNode(
        diagrams,
        node.variable,
        node.edges.map(({ low, high, child }) => ({ low, high, child: change(child) })),
      )
    case 'text':
      return textNode(
        diagrams,
        node.variable,
        node.edges.map(({ text, child }) => ({ text, child: change(child) })),
        change(node.others),
      )
    case 'choice':
      return choiceNode(diagrams, node, change(node.yes), change(node.no))
  }
}

/** What holds where one or the other does. */
export function either(diagrams: Diagrams, a: DiagramNode, b: DiagramNode): DiagramNode {
  return negated(diagrams, both(diagrams, negated(diagrams, a), negated(diagrams, b)))
}

/** What holds where both do. */
export function both(diagrams: Diagrams, a: DiagramNode, b: DiagramNode): DiagramNode {
  if (a.kind === 'never' || b.kind === 'never') return never
  if (a.kind === 'always' || a === b) return b
  if (b.kind === 'always') return a
  const key = a.id < b.id ? a.id * idsPerNode + b.id : b.id * idsPerNode + a.id
  let result = diagrams.both.get(key)
  if (result === undefined) {
    if (diagrams.both.size >= diagrams.limits.conjunctions) throw tooLarge()
    result = combine(diagrams, a, b)
    diagrams.both.set(key, result)
  }
  return result
}

type InnerNode = RangeNode | TextNode | ChoiceNode

function combine(diagrams: Diagrams, a: InnerNode, b: InnerNode): DiagramNode {
  const order = a.variable.rank - b.variable.rank || compareTexts(a.variable.name, b.variable.name)
  if (order < 0) return mapChildren(diagrams, a, (child) => both(diagrams, child, b))
  if (order > 0) return mapChildren(diagrams, b, (child) => both(diagrams, a, child))
  if (a.kind === 'range' && b.kind === 'range') return combineRanges(diagrams, a, b)
  if (a.kind === 'text' && b.kind === 'text') return combineTexts(diagrams, a, b)
  const [left, right] = [a as ChoiceNode, b as ChoiceNode]
  return choiceNode(diagrams, left, both(diagrams, left.yes, right.yes), both(diagrams, left.no, right.no))
}

function combineRanges(diagrams: Diagrams, a: RangeNode, b: RangeNode): DiagramNode {
  const edges: { low: string; high: string; child: DiagramNode }[] = []
  for (let i = 0, j = 0; i < a.edges.length && j < b.edges.length; ) {
    const left = a.edges[i]!
    const right = b.edges[j]!
    const low = left.low > right.low ? left.low : right.low
    const high = left.high < right.high ? left.high : right.high
    edges.push({ low, high, child: both(diagrams, left.child, right.child) })
    if (left.high === high) i++
    if (right.high === high) j++
  }
  return rangeNode(diagrams, a.variable, edges)
}

function combineTexts(diagrams: Diagrams, a: TextNode, b: TextNode): DiagramNode {
  const left = new Map(a.edges.map(({ text, child }) => [text, child]))
  const right = new Map(b.edges.map(({ text, child }) => [text, child]))
  const texts = [...new Set([...left.keys(), ...right.keys()])].sort(compareTexts)
  const edges = texts.map((text) => ({
    text,
    child: both(diagrams, left.get(text) ?? a.others, right.get(text) ?? b.others),
  }))
  return textNode(diagrams, a.variable, edges, both(diagrams, a.others, b.others))
}

/**
 * The node made smaller by what is known to hold: where `care` holds it says the same, elsewhere whatever takes the fewest words.
 * (Coudert and Madre's "restrict".) `care` may not be never.
 */
export function restricted(diagrams: Diagrams, node: DiagramNode, care: DiagramNode): DiagramNode {
  const known = new Map<number, DiagramNode>()
  const visit = (one: DiagramNode, cared: DiagramNode): DiagramNode => {
    if (cared.kind === 'always' || one.kind === 'always' || one.kind === 'never' || cared.kind === 'never') return one
    const key = one.id * idsPerNode + cared.id
    let result = known.get(key)
    if (result === undefined) {
      const order = one.variable.rank - cared.variable.rank || compareTexts(one.variable.name, cared.variable.name)
      result =
        order > 0 ? visit(one, anyChild(diagrams, cared)) : restrictedAt(diagrams, one, cared, order === 0, visit)
      known.set(key, result)
    }
    return result
  }
  return visit(node, care)
}

/** What is known whatever the answer to a node's question is. */
function anyChild(diagrams: Diagrams, node: InnerNode): DiagramNode {
  const children = childrenOf(node)
  return children.reduce((all, child) => either(diagrams, all, child), never)
}

function childrenOf(node: InnerNode): readonly DiagramNode[] {
  if (node.kind === 'choice') return [node.yes, node.no]
  const edges: readonly { readonly child: DiagramNode }[] = node.edges
  const children = edges.map(({ child }) => child)
  return node.kind === 'text' ? [...children, node.others] : children
}

/** Answers that cannot be given take over what stands beside them. */
function restrictedAt(
  diagrams: Diagrams,
  one: InnerNode,
  cared: InnerNode,
  same: boolean,
  visit: (one: DiagramNode, cared: DiagramNode) => DiagramNode,
): DiagramNode {
  if (!same) return mapChildren(diagrams, one, (child) => visit(child, cared))
  const part = (child: DiagramNode, care: DiagramNode): DiagramNode | undefined =>
    care.kind === 'never' ? undefined : visit(child, care)
  if (one.kind === 'range' && cared.kind === 'range') {
    const edges: { low: string; high: string; child: DiagramNode }[] = []
    let from = lowestKey
    for (let i = 0, j = 0; i < one.edges.length && j < cared.edges.length; ) {
      const [left, right] = [one.edges[i]!, cared.edges[j]!]
      const high = left.high < right.high ? left.high : right.high
      const child = part(left.child, right.child)
      const last = edges.at(-1)
      if (child !== undefined) {
        edges.push({ low: last === undefined ? lowestKey : from, high, child })
        from = high
      } else if (last !== undefined) {
        last.high = high
        from = high
      }
      if (left.high === high) i++
      if (right.high === high) j++
    }
    return rangeNode(diagrams, one.variable, edges)
  }
  if (one.kind === 'text' && cared.kind === 'text') {
    const left = new Map(one.edges.map(({ text, child }) => [text, child]))
    const right = new Map(cared.edges.map(({ text, child }) => [text, child]))
    const texts = [...new Set([...left.keys(), ...right.keys()])].sort(compareTexts)
    const edges = texts.flatMap((text) => {
      const child = part(left.get(text) ?? one.others, right.get(text) ?? cared.others)
      return child === undefined ? [] : [{ text, child }]
    })
    const others = part(one.others, cared.others)
    const rest = others ?? (edges.some(({ child }) => child.kind === 'never') ? never : edges[0]!.child)
    return textNode(diagrams, one.variable, edges, rest)
  }
  const [left, right] = [one as ChoiceNode, cared as ChoiceNode]
  const yes = part(left.yes, right.yes)
  const no = part(left.no, right.no)
  return choiceNode(diagrams, left, yes ?? no!, no ?? yes!)
}

/** A version's condition alone: holds for the versions in the range. */
export function rangeCondition(
  diagrams: Diagrams,
  variable: DiagramVariable,
  range: readonly { readonly low: string; readonly high: string }[],
): DiagramNode {
  const edges: { low: string; high: string; child: DiagramNode }[] = []
  let from = lowestKey
  for (const { low, high } of range) {
    if (from < low) edges.push({ low: from, high: low, child: never })
    edges.push({ low, high, child: always })
    from = high
  }
  if (from < highestKey) edges.push({ low: from, high: highestKey, child: never })
  return rangeNode(diagrams, variable, edges)
}

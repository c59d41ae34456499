// The grammar of markers (PEP 508), read letter by letter and without recursion: a marker's depth is its author's choice, and the
// stack is den's. A requirement's marker is read in place, so that what is wrong is shown in the requirement.

import { DenError } from '../base/error.ts'
import {
  comparisonOf,
  formatComparison,
  joinExpressions,
  type Marker,
  type MarkerExpression,
  type MarkerField,
  type MarkerOperator,
} from './marker-expression.ts'
import { tryParsePythonString } from './marker-string.ts'
import { normalizeName } from './name.ts'

/** A place in a text, and what an error about it is called. */
export interface Cursor {
  readonly text: string
  at: number
  readonly code: 'invalid-marker' | 'invalid-requirement'
}

export function cursorOn(text: string, code: Cursor['code']): Cursor {
  return { text, at: 0, code }
}

/** Throws the error that the text is wrong from `start` (the cursor, if not given) to `end` (by default one letter on). */
export function failAt(cursor: Cursor, reason: string, end?: number, start: number = cursor.at): never {
  const { text, code } = cursor
  const span = { start, end: Math.max(start, Math.min(end ?? start + 1, text.length)) }
  throw new DenError(code, { source: text, span, reason })
}

/** The grammar's blanks are space and tab; a line end is none. */
export function skipBlanks(cursor: Cursor): void {
  const { text } = cursor
  let code = text.charCodeAt(cursor.at)
  while (code === 0x20 || code === 0x09) code = text.charCodeAt(++cursor.at)
}

/** How deep parentheses may stand in each other: packaging runs out of stack at less than half of that. */
const deepest = 1000

const fields: ReadonlyMap<string, MarkerField> = new Map<string, MarkerField>([
  ['python_version', 'python_version'],
  ['python_full_version', 'python_full_version'],
  ['os_name', 'os_name'],
  ['os.name', 'os_name'],
  ['sys_platform', 'sys_platform'],
  ['sys.platform', 'sys_platform'],
  ['platform_release', 'platform_release'],
  ['platform_system', 'platform_system'],
  ['platform_version', 'platform_version'],
  ['platform.version', 'platform_version'],
  ['platform_machine', 'platform_machine'],
  ['platform.machine', 'platform_machine'],
  ['platform_python_implementation', 'platform_python_implementation'],
  ['platform.python_implementation', 'platform_python_implementation'],
  ['python_implementation', 'platform_python_implementation'],
  ['implementation_name', 'implementation_name'],
  ['implementation_version', 'implementation_version'],
  ['extra', 'extra'],
  ['extras', 'extras'],
  ['dependency_groups', 'dependency_groups'],
])

/** What stands between a parenthesis and its end, as far as it is read. */
interface Group {
  /** Where its parenthesis stands; -1 for the whole marker. */
  readonly opened: number
  /** The alternatives that are complete, and the parts of the one being read. */
  alternatives: MarkerExpression[]
  parts: MarkerExpression[]
  text: string
  /** How many comparisons and groups it has; a group of one is that one. */
  count: number
}

/** A comparison or a group: `compound` where it needs parentheses to stand beside others. */
interface Item {
  readonly expression: MarkerExpression
  readonly text: string
  readonly compound: boolean
}

/** Reads a marker and the blanks after it; stops before what can't belong to it. */
export function readMarker(cursor: Cursor): Marker {
  const { text } = cursor
  skipBlanks(cursor)
  if (text.charCodeAt(cursor.at) !== 0x28) {
    // Most markers are one comparison.
    const start = cursor.at
    const { expression, text: normal } = readComparison(cursor)
    skipBlanks(cursor)
    if (cursor.at >= text.length) return { text: normal, expression }
    cursor.at = start
  }
  const outer: Group[] = []
  let group = openGroup(-1)
  for (;;) {
    skipBlanks(cursor)
    if (text.charCodeAt(cursor.at) === 0x28) {
      if (outer.length === deepest) failAt(cursor, `parentheses are nested deeper than ${deepest}`)
      outer.push(group)
      group = openGroup(cursor.at)
      cursor.at++
      continue
    }
    let item: Item = readComparison(cursor)
    for (;;) {
      addItem(group, item)
      skipBlanks(cursor)
      const word = readWord(cursor)
      if (word === 'and' || word === 'or') {
        group.text += ` ${word} `
        if (word === 'or') closeAlternative(group)
        break
      }
      cursor.at -= word.length
      item = closeGroup(group)
      if (group.opened === -1) return { text: item.text, expression: item.expression }
      if (text.charCodeAt(cursor.at) !== 0x29) {
        const reason = cursor.at < text.length ? 'and, or or ) is expected here' : 'this parenthesis is not closed'
        failAt(cursor, reason, undefined, cursor.at < text.length ? cursor.at : group.opened)
      }
      cursor.at++
      group = outer.pop()!
    }
  }
}

function openGroup(opened: number): Group {
  return { opened, alternatives: [], parts: [], text: '', count: 0 }
}

function addItem(group: Group, item: Item): void {
  // The text of a lone item stays bare; when another joins it, the first gets the parentheses it needs.
  group.parts.push(item.expression)
  group.count++
  group.text += item.compound ? `(${item.text})` : item.text
}

function closeAlternative(group: Group): void {
  // Parentheses around an "and" within an "and" stay in the text alone.
  group.alternatives.push(joinExpressions('and', group.parts))
  group.parts = []
}

function closeGroup(group: Group): Item {
  closeAlternative(group)
  const expression = joinExpressions('or', group.alternatives)
  if (group.count > 1) return { expression, text: group.text, compound: true }
  // A group around one group is the inner group.
  const wrapped = group.text.startsWith('(')
  return { expression, text: wrapped ? group.text.slice(1, -1) : group.text, compound: wrapped }
}

function readComparison(cursor: Cursor): Item {
  const start = cursor.at
  const left = readOperand(cursor)
  skipBlanks(cursor)
  const operator = readOperator(cursor)
  skipBlanks(cursor)
  const right = readOperand(cursor)
  if (left.field === undefined && right.field === undefined) {
    failAt(cursor, 'one side of a comparison is a field, such as python_version', cursor.at, start)
  }
  const reversed = left.field === undefined
  const field = (left.field ?? right.field)!
  // A field on the right of a field stands for its own name: so does packaging take it, and nobody writes it.
  let value = reversed ? left.value! : (right.value ?? right.field!)
  if (field === 'extra' || (reversed && (field === 'extras' || field === 'dependency_groups'))) {
    value = normalizeName(value)
  }
  const expression = comparisonOf(field, operator, value, reversed)
  return { expression, text: formatComparison(expression), compound: false }
}

interface Operand {
  readonly field?: MarkerField
  readonly value?: string
}

function readOperand(cursor: Cursor): Operand {
  const { text, at } = cursor
  const quote = text.charCodeAt(at)
  if (quote === 0x22 || quote === 0x27) {
    const end = text.indexOf(quote === 0x22 ? '"' : "'", at + 1)
    if (end === -1) failAt(cursor, 'this string is not closed', text.length)
    const value = tryParsePythonString(text.slice(at + 1, end))
    if (value === undefined) failAt(cursor, 'this is no string as Python has them', end + 1)
    cursor.at = end + 1
    return { value }
  }
  const word = readWord(cursor, true)
  const field = fields.get(word)
  if (field !== undefined) return { field }
  cursor.at = at
  if (word === '') failAt(cursor, 'a field such as python_version, or a quoted string, is expected here')
  return failAt(cursor, 'there is no such field', at + word.length)
}

function readOperator(cursor: Cursor): MarkerOperator {
  const { text, at } = cursor
  const next = text.charCodeAt(at + 1) === 0x3d
  switch (text.charCodeAt(at)) {
    case 0x3d: // =
      if (!next) break
      if (text.charCodeAt(at + 2) === 0x3d) {
        cursor.at += 3
        return '==='
      }
      cursor.at += 2
      return '=='
    case 0x21: // !
      if (!next) break
      cursor.at += 2
      return '!='
    case 0x7e: // ~
      if (!next) break
      cursor.at += 2
      return '~='
    case 0x3c: // <
      cursor.at += next ? 2 : 1
      return next ? '<=' : '<'
    case 0x3e: // >
      cursor.at += next ? 2 : 1
      return next ? '>=' : '>'
    default: {
      const word = readWord(cursor)
      if (word === 'in') return 'in'
      if (word === 'not') {
        const end = cursor.at
        skipBlanks(cursor)
        if (cursor.at > end && readWord(cursor) === 'in') return 'not in'
      }
      cursor.at = at
    }
  }
  return failAt(cursor, 'a comparison is expected here: == != < <= > >= ~= === in or not in')
}

/** The letters, digits and underscores (dots too, in old fields' names) at the cursor. */
function readWord(cursor: Cursor, dots = false): string {
  const { text, at } = cursor
  let end = at
  for (;;) {
    const code = text.charCodeAt(end)
    // a–z, _, then the rest by how common it is
    const isWord =
      (code >= 0x61 && code <= 0x7a) ||
      code === 0x5f ||
      (code >= 0x30 && code <= 0x39) ||
      (code >= 0x41 && code <= 0x5a) ||
      (dots && code === 0x2e)
    if (!isWord) break
    end++
  }
  cursor.at = end
  return text.slice(at, end)
}

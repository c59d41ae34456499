// Edits of a TOML text that leave everything else as it stands, byte for byte: order, style, line ends, every comment. What stands at a path
// is found among the statements (toml-statements.ts), the text is cut and filled there, and the outcome is read again: it must mean what
// the edit says, or nothing is handed out.

import { isTomlTable, parseToml, type TomlTable, type TomlValue } from './toml.ts'
import { insertElement, removeElement } from './toml-edit-elements.ts'
import { indentAt, keepComments, lineEndAt, lineStartAt, newlineOf, splice } from './toml-edit-lines.ts'
import { applyEdit, sameToml } from './toml-edit-value.ts'
import type { TomlPath } from './toml-places.ts'
import {
  readTomlStatements,
  type TomlElement,
  type TomlHeader,
  type TomlNode,
  type TomlPair,
  type TomlStatements,
} from './toml-statements.ts'
import { formatTomlKey, formatTomlValue } from './toml-write.ts'

export type TomlEdit =
  /**
   * Puts a value where one is or none is; tables on the way are made. A table gets a header of its own with a line for each entry, where
   * its surroundings allow that, unless it is to be `inline`.
   */
  | {
      readonly kind: 'set'
      readonly path: TomlPath
      readonly value: TomlValue
      readonly inline?: boolean
      readonly after?: string
    }
  /** Takes out a value, a table with all that is in it, or an element of an array. What isn't there is none. */
  | { readonly kind: 'remove'; readonly path: TomlPath }
  /** Puts an element into an array, before the one that has the index now. The array must be there. */
  | { readonly kind: 'insert'; readonly path: TomlPath; readonly index: number; readonly value: TomlValue }
  /** Puts one more `[[table]]` behind those that there are (`first`: before them), or into an array of inline ones; makes the first. */
  | {
      readonly kind: 'append-table'
      readonly path: readonly string[]
      readonly value: TomlTable
      readonly after?: string
      readonly first?: boolean
    }

/**
 * The text with the edits made, one after the other. `after` names the table of the top behind which a new one goes; without it, and
 * where it isn't there, that is the end. Comments of what is removed stay, on lines of their own. Throws `invalid-toml` for a text that is
 * none, and a RangeError for an edit that the document has no place for: a key in a number, an element among those
 * that [[headers]] make.
 */
export function editToml(text: string, edits: readonly TomlEdit[]): string {
  let current = text
  let value = parseToml(text, { exactIntegers: true })
  for (const edit of edits) {
    value = applyEdit(value, edit)
    current = editOnce(current, edit)
    if (!sameToml(parseToml(current, { exactIntegers: true }), value)) {
      throw new Error(`the edit ${edit.kind} of ${edit.path.join('.')} came out as something else`)
    }
  }
  return current
}

/** A header with the pairs under it; the first of all has none. */
interface Section {
  readonly path: TomlPath
  readonly header?: TomlHeader
  readonly pairs: TomlPair[]
  /** Where the header begins. */
  readonly start: number
  end: number
}

interface Parsed extends TomlStatements {
  readonly text: string
  readonly sections: readonly Section[]
}

function read(text: string): Parsed {
  const found = readTomlStatements(text)
  const sections: Section[] = [{ path: [], pairs: [], start: 0, end: text.length }]
  /** How many elements each array of tables has so far, by the path of the array. */
  const counts = new Map<string, number>()
  const resolve = (keys: readonly string[]): (string | number)[] => {
    const path: (string | number)[] = []
    for (const key of keys) {
      path.push(key)
      const count = counts.get(JSON.stringify(path))
      if (count !== undefined) path.push(count - 1)
    }
    return path
  }
  for (const statement of found.statements) {
    if (statement.kind === 'pair') {
      sections.at(-1)!.pairs.push(statement)
      continue
    }
    const names = statement.keys.map(({ key }) => key)
    const base = [...resolve(names.slice(0, -1)), names.at(-1)!]
    if (statement.isArray) {
      const id = JSON.stringify(base)
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
    const start = statement.span.start
    sections.at(-1)!.end = start
    sections.push({ path: resolve(names), header: statement, pairs: [], start, end: text.length })
  }
  return { ...found, text, sections }
}

function editOnce(text: string, edit: TomlEdit): string {
  const parsed = read(text)
  switch (edit.kind) {
    case 'set':
      return setValue(parsed, edit)
    case 'remove':
      return removeValue(parsed, edit.path)
    case 'insert': {
      const node = findNode(parsed, edit.path)
      if (node === undefined) throw new RangeError(`no array stands at ${edit.path.join('.')}`)
      return insertElement(text, parsed.comments, node, edit.index, written(edit.value))
    }
    case 'append-table':
      return appendTable(parsed, edit)
  }
}

const fullPath = (section: Section, pair: TomlPair): TomlPath => [...section.path, ...pair.keys.map(({ key }) => key)]

function startsWith(path: TomlPath, prefix: TomlPath): boolean {
  return prefix.length <= path.length && prefix.every((key, index) => key === path[index])
}

/** What the node means for a path that leads into it, of an element: its keys, or its index. */
function elementPath(element: TomlElement, index: number): TomlPath {
  return element.keys.length === 0 ? [index] : element.keys.map(({ key }) => key)
}

/** The value that stands at a path, as far as it is one with a span. */
function findNode(parsed: Parsed, path: TomlPath): TomlNode | undefined {
  for (const section of parsed.sections) {
    for (const pair of section.pairs) {
      const full = fullPath(section, pair)
      if (startsWith(path, full)) return nodeIn(pair.value, path.slice(full.length))
    }
  }
  return undefined
}

function nodeIn(node: TomlNode, path: TomlPath): TomlNode | undefined {
  if (path.length === 0) return node
  for (const [index, element] of (node.elements ?? []).entries()) {
    const own = elementPath(element, index)
    if (startsWith(path, own)) return nodeIn(element.value, path.slice(own.length))
  }
  return undefined
}

function setValue(parsed: Parsed, edit: TomlEdit & { readonly kind: 'set' }): string {
  const { path, value } = edit
  const { text, sections, comments } = parsed
  for (const section of sections) {
    for (const pair of section.pairs) {
      const full = fullPath(section, pair)
      if (startsWith(path, full)) return setInside(parsed, pair, pair.value, path.slice(full.length), value)
    }
  }
  const isThere =
    path.length > 0 &&
    sections.some(
      (section) =>
        startsWith(section.path, path) || section.pairs.some((pair) => startsWith(fullPath(section, pair), path)),
    )
  // A table of headers and dotted keys has no one place that a value could take.
  if (isThere && typeof path.at(-1) === 'number') throw new RangeError('what [[headers]] make takes no other form')
  if (isThere) {
    const left = removeValue(parsed, path)
    const made = editOnce(left, edit)
    const ended = text.endsWith('\n') ? made : made.replace(/\r?\n$/, '')
    // Where nothing is left, nothing tells the line end any more.
    return left.includes('\n') ? ended : ended.replaceAll('\n', newlineOf(text))
  }

  const hasHeader = isTomlTable(value) && edit.inline !== true
  for (let length = path.length - 1; length >= 0; length--) {
    const prefix = path.slice(0, length)
    const rest = path.slice(length)
    const own = sections.find((section) => same(section.path, prefix))
    if (own !== undefined && rest.length === 1 && !hasHeader) {
      return addPair(text, own, rest.map(String), written(value), comments)
    }
    const dotted = sections.findLast((section) =>
      section.pairs.some((pair) => isBelow(fullPath(section, pair), prefix) && section.path.length < length),
    )
    if (dotted !== undefined) {
      const before = dotted.pairs.findLast((pair) => isBelow(fullPath(dotted, pair), prefix))!
      const keys = path.slice(dotted.path.length).map(String)
      return addPair(text, dotted, keys, written(value), comments, before)
    }
    if (own === undefined && !sections.some((section) => isBelow(section.path, prefix))) continue
    const [header, entries] = hasHeader
      ? [path, Object.entries(value)]
      : [path.slice(0, -1), [[String(path.at(-1)), value] as const]]
    return addSection(parsed, sectionText(names(header), entries, newlineOf(text)), prefix, edit.after)
  }
  throw new RangeError(`there is no place for ${path.join('.')}`)
}

/** On one line; with blanks inside braces, as people write them. */
function written(value: TomlValue): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (!isTomlTable(value)) return formatTomlValue(value)
  const pairs = Object.entries(value).map(([key, item]) => `${formatTomlKey(key)} = ${written(item)}`)
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
}

function isBelow(path: TomlPath, prefix: TomlPath): boolean {
  return path.length > prefix.length && startsWith(path, prefix)
}

function same(a: TomlPath, b: TomlPath): boolean {
  return a.length === b.length && startsWith(a, b)
}

/** The words of a header: an index means the last element so far. */
function names(path: TomlPath): readonly string[] {
  return path.filter((key) => typeof key === 'string')
}

function sectionText(
  header: readonly string[],
  entries: readonly (readonly [string, TomlValue])[],
  newline: string,
  isArray = false,
): string {
  const name = header.map(formatTomlKey).join('.')
  const lines = entries.map(([key, value]) => `${formatTomlKey(key)} = ${written(value)}`)
  return [isArray ? `[[${name}]]` : `[${name}]`, ...lines].join(newline)
}

/** Sets what lies inside the value of a pair, or the value itself. */
function setInside(parsed: Parsed, pair: TomlPair, node: TomlNode, path: TomlPath, value: TomlValue): string {
  const { text, comments } = parsed
  if (path.length === 0) {
    const kept = keepComments(text, comments, node.span, pair.span.start)
    return splice(splice(text, node.span.start, node.span.end, written(value)), ...kept)
  }
  const elements = node.elements
  if (elements === undefined) throw new RangeError('a value that is no table has no keys')
  for (const [index, element] of elements.entries()) {
    const own = elementPath(element, index)
    if (startsWith(path, own)) return setInside(parsed, pair, element.value, path.slice(own.length), value)
  }
  const isArray = text.charAt(node.span.start) === '['
  const dotted = elements.flatMap((element, index) => (isBelow(elementPath(element, index), path) ? [index] : []))
  if (dotted.length > 0) {
    const last = dotted.at(-1)!
    // One dotted key less; the rest follows.
    const moved = withoutElement(parsed, pair, node, last)
    return setInside(moved.parsed, moved.pair, moved.node, path, value)
  }
  // The longest beginning that dotted keys of this table share: a table made by them takes no other form.
  let shared = 0
  for (let length = path.length - 1; length > 0 && shared === 0; length--) {
    const prefix = path.slice(0, length)
    if (elements.some((element, index) => isBelow(elementPath(element, index), prefix))) shared = length
  }
  const keys = path.slice(0, shared + 1)
  const inner = path.slice(shared + 1).reduceRight<TomlValue>((made, key) => ({ [key]: made }), value)
  const filling = written(inner)
  const element = isArray ? filling : `${keys.map((key) => formatTomlKey(String(key))).join('.')} = ${filling}`
  return insertElement(text, comments, node, elements.length, element)
}

function nodeStarting(node: TomlNode, start: number): TomlNode | undefined {
  if (node.span.start === start) return node
  for (const { value } of node.elements ?? []) {
    if (value.span.start <= start && start < value.span.end) return nodeStarting(value, start)
  }
  return undefined
}

/** A line more in a section: behind `before`, or behind its last. */
function addPair(
  text: string,
  section: Section,
  keys: readonly string[],
  value: string,
  comments: Parsed['comments'],
  before: TomlPair | undefined = section.pairs.at(-1),
): string {
  const newline = newlineOf(text)
  const anchor = before?.span ?? section.header?.span
  const line = `${keys.map(formatTomlKey).join('.')} = ${value}`
  if (anchor === undefined) return addFirstPair(text, line, comments)
  const indent = indentAt(text, anchor.start)
  const end = lineEndAt(text, anchor.end)
  return splice(text, end, end, `${newline}${indent}${line}`)
}

/** At the top, behind a comment that an empty line parts from what follows. */
function addFirstPair(text: string, line: string, comments: Parsed['comments']): string {
  const newline = newlineOf(text)
  const from = text.startsWith('\ufeff') ? 1 : 0
  let at = from
  if (comments[0] !== undefined && text.slice(from, comments[0].start).trim() === '') {
    const block = /(?:[ \t]*#[^\n]*(?:\n|$))+/y
    block.lastIndex = from
    const found = block.exec(text)
    const end = found === null ? from : from + found[0].length
    if (end >= text.length || /^[ \t]*\r?\n/.test(text.slice(end))) at = end
  }
  const head = text.slice(0, at)
  const rest = text.slice(at)
  const opening = at > from ? (head.endsWith('\n') ? newline : `${newline}${newline}`) : ''
  if (rest.trim() === '') return `${head}${opening}${line}${head.length > from && !head.endsWith('\n') ? '' : newline}`
  // Behind a comment's empty line, in front of what follows.
  const gap = /^(?:[ \t]*\r?\n)+/.exec(rest)?.[0] ?? ''
  return `${head}${at > from ? gap : ''}${line}${newline}${newline}${rest.slice(gap.length)}`
}

/** A section more: behind the last of those under `prefix`, behind the table that is named, or at the end. */
function addSection(parsed: Parsed, section: string, prefix: TomlPath, after: string | undefined): string {
  const { text, sections } = parsed
  const newline = newlineOf(text)
  const family =
    prefix.length > 0
      ? sections.findLast(({ path }) => startsWith(path, prefix))
      : after === undefined
        ? undefined
        : sections.findLast(({ path }) => path[0] === after)
  const last = family ?? sections.at(-1)!
  if (last === sections.at(-1)) {
    const end = text.trimEnd().length
    const isEmpty = text.slice(0, end).replace('\ufeff', '') === ''
    const tail = text.slice(end).includes('\n') || isEmpty ? newline : ''
    const body = text.slice(0, end)
    return `${body}${isEmpty ? '' : `${newline}${newline}`}${section}${tail}`
  }
  const at = tailOf(parsed, last)
  const rest = text.slice(at)
  const gap = /^(?:[ \t]*\r?\n){2}/.test(rest) ? '' : newline
  return `${text.slice(0, at)}${newline}${newline}${section}${gap}${rest}`
}

/** Where the lines begin that belong to a header: its own, and those of the comments right above it. */
function headOf({ text, comments }: Parsed, { start }: Section): number {
  let head = lineStartAt(text, start)
  for (const comment of comments.toReversed()) {
    if (comment.start >= head) continue
    const line = lineStartAt(text, comment.start)
    const isAlone = text.slice(line, comment.start).replace('\ufeff', '').trim() === ''
    if (!isAlone || text.slice(comment.end, head).replace('\r', '') !== '\n') break
    head = line
  }
  return head
}

function samePath(a: TomlPath, b: TomlPath): boolean {
  return a.length === b.length && startsWith(a, b)
}

/**
 * The end of the last line that belongs to a section. Comments below it do, as far as an empty line parts them from the next header:
 * what stands right above a header is about that.
 */
function tailOf({ text, comments }: Parsed, { header, pairs, end }: Section): number {
  const anchor = pairs.at(-1)?.span.end ?? header?.span.end ?? 0
  let tail = lineEndAt(text, anchor)
  let line = tail
  for (const comment of comments) {
    if (comment.start <= tail || comment.start >= end) continue
    // The comment's line must be the next one, and the one after it must be empty for the run to count.
    line = comment.end
    if (/^\r?\n[ \t]*\r?\n/.test(text.slice(line))) tail = line
  }
  return tail
}

function removeValue(parsed: Parsed, path: TomlPath): string {
  const { text, sections, comments } = parsed
  if (path.length === 0) throw new RangeError('the document itself cannot be removed')
  for (const section of sections) {
    for (const pair of section.pairs) {
      const full = fullPath(section, pair)
      if (isBelow(path, full)) return removeInside(parsed, pair, pair.value, path.slice(full.length))
    }
  }
  /** Statements, the last first: cutting one leaves the places of those before it. */
  const gone: { readonly span: TomlPair['span']; readonly isHeader: boolean }[] = []
  for (const section of sections) {
    const whole = startsWith(section.path, path)
    if (whole && section.header !== undefined) gone.push({ span: section.header.span, isHeader: true })
    for (const pair of section.pairs) {
      if (whole || startsWith(fullPath(section, pair), path)) gone.push({ span: pair.span, isHeader: false })
    }
  }
  let current = text
  for (const { span, isHeader } of gone.toReversed()) current = removeLines(current, comments, span, isHeader)
  return current
}

function removeInside(parsed: Parsed, pair: TomlPair, node: TomlNode, path: TomlPath): string {
  const elements = node.elements ?? []
  const gone: number[] = []
  for (const [index, element] of elements.entries()) {
    const own = elementPath(element, index)
    if (isBelow(path, own)) return removeInside(parsed, pair, element.value, path.slice(own.length))
    if (startsWith(own, path)) gone.push(index)
  }
  const [last] = gone.slice(-1)
  if (last === undefined) return parsed.text
  const moved = withoutElement(parsed, pair, node, last)
  return gone.length === 1 ? moved.parsed.text : removeInside(moved.parsed, moved.pair, moved.node, path)
}

interface Moved {
  readonly parsed: Parsed
  readonly pair: TomlPair
  readonly node: TomlNode
}

/** The document with an element less, and where the pair and the node are now. */
function withoutElement({ text, comments, sections }: Parsed, pair: TomlPair, node: TomlNode, index: number): Moved {
  const parsed = read(removeElement(text, comments, node, index, pair.span.start))
  const number = sections.flatMap(({ pairs }) => pairs).indexOf(pair)
  const found = parsed.sections.flatMap(({ pairs }) => pairs)[number]!
  return { parsed, pair: found, node: nodeStarting(found.value, node.span.start + found.span.start - pair.span.start)! }
}

/** Takes a statement's lines out; its comments stay, and with a header the empty lines above it go. */
function removeLines(text: string, comments: Parsed['comments'], span: TomlPair['span'], isHeader: boolean): string {
  const start = lineStartAt(text, span.start)
  const end = lineEndAt(text, span.end)
  const indent = text.slice(start, span.start).replace('\ufeff', '')
  const kept = comments.filter((comment) => comment.start >= start && comment.end <= end)
  if (kept.length > 0) {
    const lines = kept.map((comment) => `${indent}${text.slice(comment.start, comment.end)}`)
    return splice(text, span.start - indent.length, end, lines.join(newlineOf(text)))
  }
  const from = text.startsWith('\ufeff') && start === 0 ? 1 : start
  const next = end + (/^\r?\n/.exec(text.slice(end, end + 2))?.[0].length ?? 0)
  // The last line without a line end: what stands before it loses its own.
  if (next === end && from > 0)
    return splice(text, text.slice(0, from).replace(/(?:\r?\n[ \t]*)+$/, '').length, end, '')
  const above = isHeader ? blankLinesAbove(text, from) : from
  // Of the empty lines above and below a table that goes, those below stay.
  const isGapBelow = /^[ \t]*(?:\r?\n|$)/.test(text.slice(next))
  return splice(text, above < from && !isGapBelow ? lineEndAt(text, above) + newlineOf(text).length : above, next, '')
}

/** Where the empty lines above a line begin. */
function blankLinesAbove(text: string, line: number): number {
  let start = line
  while (start > 0) {
    const above = lineStartAt(text, start - 1)
    if (text.slice(above, start).replace('\ufeff', '').trim() !== '') break
    start = above
  }
  return text.startsWith('\ufeff') ? Math.max(start, 1) : start
}

function appendTable(parsed: Parsed, edit: TomlEdit & { readonly kind: 'append-table' }): string {
  const { path, value, after, first = false } = edit
  const { text, sections, comments } = parsed
  const node = findNode(parsed, path)
  if (node !== undefined) {
    return insertElement(text, comments, node, first ? 0 : (node.elements?.length ?? 0), written(value))
  }
  const section = sectionText(path, Object.entries(value), newlineOf(text), true)
  const next = first
    ? sections.find((one) => one.header?.isArray === true && samePath(one.path, [...path, 0]))
    : undefined
  if (next !== undefined) {
    const place = headOf(parsed, next)
    return splice(text, place, place, `${section}${newlineOf(text)}${newlineOf(text)}`)
  }
  // In a value, and in a table that dotted keys have made, a header can add nothing.
  const isClosed = sections.some((section) =>
    section.pairs.some((pair) => {
      const full = fullPath(section, pair)
      const shared = full.findIndex((key, index) => key !== path[index])
      return (shared === -1 ? full.length : shared) > section.path.length
    }),
  )
  if (isClosed) return setValue(parsed, { kind: 'set', path, value: [value] })
  for (let length = path.length; length > 0; length--) {
    const prefix = path.slice(0, length)
    if (sections.some((section) => startsWith(section.path, prefix))) return addSection(parsed, section, prefix, after)
  }
  return addSection(parsed, section, [], after)
}

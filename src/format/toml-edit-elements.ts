// Elements put into and taken out of arrays and inline tables, in the style that is there: on lines of their own or in one, with a comma
// after the last or without.

import type { Span } from '../base/span.ts'
import { indentAt, keepComments, lineEndAt, lineStartAt, newlineOf, splice } from './toml-edit-lines.ts'
import type { TomlNode } from './toml-statements.ts'

/** Puts an element before the one of that index. Into an empty array it goes on a line of its own, unless the array stands in a table of braces. */
export function insertElement(
  text: string,
  comments: readonly Span[],
  { span, elements = [] }: TomlNode,
  index: number,
  element: string,
): string {
  if (elements.length === 0) return insertFirst(text, comments, span, element)
  const newline = newlineOf(text)
  const next = elements[index]
  if (next !== undefined) {
    const from = index === 0 ? span.start + 1 : elements[index - 1]!.comma! + 1
    if (!text.slice(from, next.span.start).includes('\n')) {
      return splice(text, next.span.start, next.span.start, `${element}, `)
    }
    const at = lineEndAt(text, from)
    return splice(text, at, at, `${newline}${indentAt(text, next.span.start)}${element},`)
  }
  const last = elements.at(-1)!
  const hasComma = last.comma !== undefined
  const at = hasComma ? last.comma + 1 : last.span.end
  const before = text.slice(lineStartAt(text, last.span.start), last.span.start)
  const isOnOwnLine = before.trim() === '' && lineStartAt(text, last.span.start) > span.start
  if (!isOnOwnLine) {
    return splice(text, at, at, hasComma ? ` ${element},` : `, ${element}`)
  }
  const line = `${newline}${before}${element}${hasComma ? ',' : ''}`
  const end = lineEndAt(text, at)
  const isLineDone = /^[ \t]*(?:#.*)?$/.test(text.slice(at, end))
  const put = splice(text, isLineDone ? end : at, isLineDone ? end : at, line)
  return hasComma ? put : splice(put, at, at, ',')
}

function insertFirst(text: string, comments: readonly Span[], span: Span, element: string): string {
  const newline = newlineOf(text)
  const isTable = text.charAt(span.start) === '{'
  const close = span.end - 1
  const comment = comments.findLast(({ start }) => start > span.start && start < close)
  if (comment !== undefined) {
    // A comment ends its line, so that the bracket stands on one of its own.
    const isAlone = text.slice(lineStartAt(text, comment.start), comment.start).trim() === ''
    const indent = isAlone ? indentAt(text, comment.start) : `${indentAt(text, close)}    `
    return splice(text, comment.end, comment.end, `${newline}${indent}${element}${isTable ? '' : ','}`)
  }
  if (isTable) return splice(text, span.start, span.end, `{ ${element} }`)
  // Where the array is no pair's own value, but lies in braces or brackets, one line is what fits.
  const indent = indentAt(text, span.start)
  const head = text.slice(lineStartAt(text, span.start), span.start)
  if (/[{[]|^[ \t]*$/.test(head)) return splice(text, span.start, span.end, `[${element}]`)
  return splice(text, span.start, span.end, `[${newline}${indent}    ${element},${newline}${indent}]`)
}

/**
 * Takes an element out. Comments in it and at the end of its line stay, on lines of their own: in an array where it was, of a table in
 * braces, which has no place for them, above the statement that begins at `statement`.
 */
export function removeElement(
  text: string,
  comments: readonly Span[],
  node: TomlNode,
  index: number,
  statement: number,
): string {
  const { span, elements = [] } = node
  const newline = newlineOf(text)
  const element = elements[index]!
  const { start } = element.span
  const end = element.comma === undefined ? element.span.end : element.comma + 1
  const isLast = index === elements.length - 1
  const previous = index > 0 ? elements[index - 1]! : undefined
  /** Whether the comma before it would become one after the last. */
  const dropsComma = isLast && element.comma === undefined && previous !== undefined

  const lineStart = lineStartAt(text, start)
  const lineEnd = lineEndAt(text, end)
  const indent = text.slice(lineStart, start)
  const rest = text.slice(end, lineEnd)
  const isTable = text.charAt(span.start) === '{'
  const above = keepComments(text, isTable ? comments : [], element.span, statement)
  const inside = isTable ? [] : comments.filter((one) => one.start >= start && one.end <= end)
  const next = elements[index + 1]

  let removed: string
  if (indent.trim() === '' && lineStart > span.start && /^[ \t]*(?:#.*)?$/.test(rest)) {
    const atEnd = comments.filter((one) => one.start >= end && one.end <= lineEnd)
    const lines = [...inside, ...atEnd].map((one) => `${indent}${text.slice(one.start, one.end)}${newline}`)
    const nextLine = lineEnd + (/^\r?\n/.exec(text.slice(lineEnd, lineEnd + 2))?.[0].length ?? 0)
    removed = splice(text, lineStart, nextLine, lines.join(''))
  } else if (inside.length > 0) {
    const lines = inside.map((one) => `${text.slice(one.start, one.end)}${newline}`)
    removed = splice(text, start, end, lines.join(''))
  } else if (next !== undefined && text.slice(end, next.span.start).trim() === '') {
    removed = splice(text, start, next.span.start, '')
  } else if (previous !== undefined && !text.slice(previous.comma, start).includes('\n')) {
    removed = splice(text, previous.comma! + 1, end, '')
  } else {
    removed = splice(text, start, end, '')
  }
  if (dropsComma) removed = splice(removed, previous.comma!, previous.comma! + 1, '')
  return splice(elements.length > 1 ? removed : collapsed(removed, span.start), ...above)
}

/** `[ ]` and brackets with an empty line between them as `[]`. */
function collapsed(text: string, start: number): string {
  const [blank] = /^[[{]\s*[\]}]/.exec(text.slice(start)) ?? []
  return blank === undefined ? text : splice(text, start + 1, start + blank.length - 1, '')
}

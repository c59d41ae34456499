// The lines of a text that is being edited: where they begin and end, how they are indented, which line end they have.

import type { Span } from '../base/span.ts'

export function splice(text: string, start: number, end: number, put: string): string {
  return text.slice(0, start) + put + text.slice(end)
}

/** The line end that the text has in its first line. */
export function newlineOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n'
}

export function lineStartAt(text: string, at: number): number {
  // lastIndexOf takes a negative place for 0.
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
}

/** Before the line's end, `\r\n` being one. */
export function lineEndAt(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  if (end === -1) return text.length
  return end > at && text.charAt(end - 1) === '\r' ? end - 1 : end
}

/** The blanks that the line begins with. */
export function indentAt(text: string, at: number): string {
  return /^\ufeff?([ \t]*)/.exec(text.slice(lineStartAt(text, at), at))![1]!
}

/** What puts the comments within a span on lines above the line of `at`: the arguments of `splice`. */
export function keepComments(
  text: string,
  comments: readonly Span[],
  span: Span,
  at: number,
): [start: number, end: number, put: string] {
  const kept = comments.filter(({ start, end }) => start >= span.start && end <= span.end)
  const indent = indentAt(text, at)
  const place = at - indent.length
  const put = kept.map(({ start, end }) => `${indent}${text.slice(start, end)}${newlineOf(text)}`).join('')
  return [place, place, put]
}

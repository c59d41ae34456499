// Where in a text something is wrong, and the lines that show it: the text with `~~^` under the place.

/** Places in a text, counted in UTF-16 units: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** How many characters of a line are shown at most; longer lines are cut around the span. */
const widest = 100

/**
 * The line of `source` that holds the start of `span`, and `~~^` under the span in the line below it.
 * Untrusted text is made fit to print: control characters become visible ones, so that no escape sequence reaches a terminal.
 */
export function drawSpan(source: string, span: Span): string {
  const start = wholeCharacter(source, Math.max(0, Math.min(span.start, source.length)))
  const end = wholeCharacter(source, Math.max(start, Math.min(span.end, source.length)))
  const lineStart = lineStartBefore(source, start)
  const lineEnd = lineEndAfter(source, start)

  let from = lineStart
  let to = lineEnd
  if (to - from > widest) {
    from = wholeCharacter(source, Math.max(lineStart, Math.min(start - Math.floor(widest / 3), lineEnd - widest)))
    to = wholeCharacter(source, Math.min(lineEnd, from + widest))
  }
  const before = source.slice(from, start)
  const marked = source.slice(start, Math.min(end, to))
  const head = from > lineStart ? '…' : ''
  const tail = to < lineEnd ? '…' : ''
  const line = `${head}${printable(source.slice(from, to))}${tail}`
  // The last marked character carries the arrow; an empty span points at the place where something is missing.
  const arrow = `${'~'.repeat(Math.max(0, columnsOf(marked) - 1))}^`
  return `${line}\n${' '.repeat(head.length + columnsOf(before))}${arrow}`
}

/** The number of the line, from 1, that holds the place. */
export function lineOf(source: string, place: number): number {
  let line = 1
  for (let at = source.indexOf('\n'); at !== -1 && at < place; at = source.indexOf('\n', at + 1)) line++
  return line
}

/** The text with every control and invisible character shown as an escape. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0)!
    if (code === 0x09) return ' '
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    if (code === 0x7f) return '\u2421'
    return `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** The place, or the one before it when it would cut a character of two units in halves. */
function wholeCharacter(source: string, place: number): number {
  const cut = /[\udc00-\udfff]/.test(source.charAt(place)) && /[\ud800-\udbff]/.test(source.charAt(place - 1))
  return cut ? place - 1 : place
}

function columnsOf(text: string): number {
  return [...printable(text)].length
}

function lineStartBefore(source: string, place: number): number {
  return place === 0 ? 0 : source.lastIndexOf('\n', place - 1) + 1
}

function lineEndAfter(source: string, place: number): number {
  const end = source.indexOf('\n', place)
  return end === -1 ? source.length : end
}

// The logical lines of a requirements file, as pip makes them: broken where Python breaks lines, joined at a backslash, without
// comments, with `${VARIABLES}` replaced.

import { splitLines, strip } from '../format/python-text.ts'

export interface LogicalLine {
  /** The number of its first line, from 1. */
  readonly number: number
  /** As the file has it, joined and without its comment. */
  readonly written: string
  /** With its variables replaced. May hold secrets: it is never shown. */
  readonly text: string
  /** What the variables held, so that it can be kept out of errors. */
  readonly secrets: readonly string[]
}

/** Splits a file's text. `variable` answers what the environment holds; undefined or empty leaves `${NAME}` as it stands. */
export function requirementsLines(text: string, variable: (name: string) => string | undefined): LogicalLine[] {
  const lines: LogicalLine[] = []
  const finish = (number: number, joined: string): void => {
    const written = strip(withoutComment(joined))
    if (written !== '') lines.push({ number, written, ...expandVariables(written, variable) })
  }
  let first = 0
  let parts: string[] = []
  for (const [index, line] of splitLines(text).entries()) {
    const comment = /^#/.test(strip(line))
    if (line.endsWith('\\') && !comment) {
      if (parts.length === 0) first = index + 1
      parts.push(withoutOuterBackslashes(line))
      continue
    }
    // A comment ends what was joined so far; the space makes it one, whatever stands before it.
    const last = comment ? ` ${line}` : line
    finish(parts.length === 0 ? index + 1 : first, parts.join('') + last)
    parts = []
  }
  if (parts.length > 0) finish(first, parts.join(''))
  return lines
}

/** Those at the start go too: so does pip. */
function withoutOuterBackslashes(line: string): string {
  let start = 0
  let end = line.length
  while (line.charAt(start) === '\\') start++
  while (end > start && line.charAt(end - 1) === '\\') end--
  return line.slice(start, end)
}

/** `#` begins a comment at the start of the line and after a space, not inside a word. */
function withoutComment(line: string): string {
  for (let at = line.indexOf('#'); at !== -1; at = line.indexOf('#', at + 1)) {
    if (at === 0 || strip(line.charAt(at - 1)) === '') return line.slice(0, at)
  }
  return line
}

function expandVariables(
  line: string,
  variable: (name: string) => string | undefined,
): Pick<LogicalLine, 'text' | 'secrets'> {
  let text = line
  const secrets: string[] = []
  for (const [reference, name] of line.matchAll(/\$\{([A-Z0-9_]+)\}/g)) {
    const value = variable(name!)
    if (value === undefined || value === '') continue
    text = text.replaceAll(reference, () => value)
    secrets.push(value)
  }
  return { text, secrets }
}

// Text as Python's own readers see it: what they strip, where they break lines, how they quote. JavaScript's `trim` and `\s`
// differ (they take the byte order mark for a space and U+001C–1F for none), and a difference here is a difference in meaning.

const spaces = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
// Built where they are needed: few texts have such an end, and den's start is counted in microseconds.
const leading = (): RegExp => new RegExp(`^[${spaces}]+`)
const anySpace = (): RegExp => new RegExp(`[${spaces}]`)

/** A character of ASCII that is no space: nearly always, and known without building the expressions above. */
function isGraphic(code: number): boolean {
  return code > 0x20 && code < 0x7f
}

/** `str.strip()`. */
export function strip(text: string): string {
  return stripEnd(stripStart(text))
}

/** `str.lstrip()`. */
export function stripStart(text: string): string {
  if (isGraphic(text.charCodeAt(0))) return text
  return text.replace(leading(), '')
}

/** `str.rstrip()`. */
export function stripEnd(text: string): string {
  if (isGraphic(text.charCodeAt(text.length - 1))) return text
  // Letter by letter: an unanchored search for trailing spaces is quadratic in their number.
  const space = anySpace()
  let end = text.length
  while (end > 0 && space.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

/** The lines of a file opened as text: `\r\n`, `\r` and `\n` end a line, nothing else does. No last empty line. */
export function textLines(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** What `str.splitlines()` breaks at: more than a text file's line ends. */
export const lineBreak: RegExp = /[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/

/** `str.splitlines()`. */
export function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** `repr()` of a string: quoted, on one line, with everything escaped that is not printable. */
export function pythonRepr(text: string): string {
  // Most names are like this, and an expression over Unicode's categories takes long to build.
  if (/^[\w ./:=@-]*$/.test(text)) return `'${text}'`
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const body = text.replace(/[\\'"\p{C}\p{Z}]/gu, (character) => {
    if (character === ' ') return character
    if (character === '\\') return '\\\\'
    if (character === "'" || character === '"') return character === quote ? `\\${quote}` : character
    if (character === '\n') return '\\n'
    if (character === '\r') return '\\r'
    if (character === '\t') return '\\t'
    const code = character.codePointAt(0)!
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
    if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`
    return `\\U${code.toString(16).padStart(8, '0')}`
  })
  return `${quote}${body}${quote}`
}

/** What stands behind a backslash for one character, in literals of every kind. */
export const simpleEscapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** Reads back what `repr()` wrote; undefined for what is no quoted string literal. */
export function tryParsePythonRepr(text: string): string | undefined {
  const quote = text.charAt(0)
  if ((quote !== "'" && quote !== '"') || text.length < 2 || !text.endsWith(quote)) return undefined
  const body = text.slice(1, -1)
  let sound = true
  const value = body.replace(
    /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S]|$)|['"]/g,
    (whole, escaped: string | undefined) => {
      if (escaped === undefined) {
        if (whole === quote) sound = false
        return whole
      }
      const simple = simpleEscapes[escaped]
      if (simple !== undefined) return simple
      const code = Number.parseInt(escaped.slice(1), 16)
      if (escaped.length > 1 && code <= 0x10ffff) return String.fromCodePoint(code)
      sound = false
      return whole
    },
  )
  return sound ? value : undefined
}

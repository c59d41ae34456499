// The statements of a TOML document with the place of everything in them: headers, pairs, the elements of arrays and inline tables with
// their commas, comments. Parsers give values and throw the places away; this reads a document that a parser has accepted a second time,
// for errors about what a value means and for edits. Nothing here checks anything.

import type { Span } from '../base/span.ts'

export interface TomlKey {
  readonly key: string
  readonly span: Span
}

export interface TomlNode {
  readonly span: Span
  /** Of an array or an inline table. */
  readonly elements?: readonly TomlElement[]
}

/** What stands between two commas. */
export interface TomlElement {
  /** From the first key, or the value, to the end of the value. */
  readonly span: Span
  /** Empty in an array. */
  readonly keys: readonly TomlKey[]
  readonly value: TomlNode
  /** Where the comma after it stands. */
  readonly comma?: number
}

export interface TomlHeader {
  readonly kind: 'header'
  /** Of `[[name]]`. */
  readonly isArray: boolean
  readonly keys: readonly TomlKey[]
  readonly span: Span
}

export interface TomlPair extends Omit<TomlElement, 'comma'> {
  readonly kind: 'pair'
}

export interface TomlStatements {
  readonly statements: readonly (TomlHeader | TomlPair)[]
  /** Each from its `#` to before its line end. */
  readonly comments: readonly Span[]
}

export function readTomlStatements(text: string): TomlStatements {
  const statements: (TomlHeader | TomlPair)[] = []
  const comments: Span[] = []
  let at = text.startsWith('\ufeff') ? 1 : 0

  const skip = (pattern: RegExp): void => {
    pattern.lastIndex = at
    at += pattern.exec(text)?.[0].length ?? 0
  }
  const blanks = /[ \t]*/y

  /** Blanks, line ends and comments. */
  const skipSpaces = (): void => {
    for (;;) {
      skip(/[ \t\r\n]+/y)
      if (text.charAt(at) !== '#') return
      const start = at
      skip(/[^\n]*/y)
      comments.push({ start, end: text.charAt(at - 1) === '\r' ? at - 1 : at })
    }
  }

  const readString = (): string => {
    const quote = text.charAt(at)
    const long = text.startsWith(quote.repeat(3), at)
    const start = at
    at += long ? 3 : 1
    const end = quote.repeat(long ? 3 : 1)
    while (at < text.length && !text.startsWith(end, at)) at += text.charAt(at) === '\\' && quote === '"' ? 2 : 1
    at += end.length
    // Up to two quotes more belong to a long string that ends with them.
    while (long && text.charAt(at) === quote && at - start < text.length) at++
    const body = text.slice(start + end.length, at - end.length)
    return quote === '"' ? unescaped(body) : body
  }

  /** Keys with dots between them, up to and with `end`. */
  const readKeys = (end: string): TomlKey[] => {
    const parts: TomlKey[] = []
    for (;;) {
      skip(blanks)
      const start = at
      if (/["']/.test(text.charAt(at))) parts.push({ key: readString(), span: { start, end: at } })
      else {
        skip(/[A-Za-z0-9_-]*/y)
        parts.push({ key: text.slice(start, at), span: { start, end: at } })
      }
      skip(blanks)
      const stop = text.charAt(at)
      at++
      if (stop === end || stop !== '.') return parts
    }
  }

  const readPair = (): Omit<TomlElement, 'comma'> => {
    const keys = readKeys('=')
    skip(blanks)
    const value = readValue()
    return { keys, value, span: { start: keys[0]!.span.start, end: value.span.end } }
  }

  const readItem = (): Omit<TomlElement, 'comma'> => {
    const value = readValue()
    return { keys: [], value, span: value.span }
  }

  const readElements = (read: () => Omit<TomlElement, 'comma'>): readonly TomlElement[] => {
    const elements: TomlElement[] = []
    for (;;) {
      at++
      skipSpaces()
      if (at >= text.length || text.charAt(at) === ']' || text.charAt(at) === '}') break
      const element = read()
      skipSpaces()
      const isLast = text.charAt(at) !== ','
      elements.push(isLast ? element : { ...element, comma: at })
      if (isLast) break
    }
    at++
    return elements
  }

  const readValue = (): TomlNode => {
    const start = at
    const first = text.charAt(at)
    if (first === '[' || first === '{') {
      const elements = readElements(first === '[' ? readItem : readPair)
      return { span: { start, end: at }, elements }
    }
    if (first === '"' || first === "'") readString()
    // A date and its time may be parted by one space.
    else skip(/\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*|[^\s,\]}#]*/y)
    return { span: { start, end: at } }
  }

  for (skipSpaces(); at < text.length; skipSpaces()) {
    const start = at
    if (text.charAt(at) !== '[') {
      statements.push({ kind: 'pair', ...readPair() })
      continue
    }
    const isArray = text.charAt(at + 1) === '['
    at += isArray ? 2 : 1
    const keys = readKeys(']')
    if (isArray) at++
    statements.push({ kind: 'header', isArray, keys, span: { start, end: at } })
  }
  return { statements, comments }
}

function unescaped(body: string): string {
  return body.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gi, (_, x, u, wide, letter) => {
    const code = x ?? u ?? wide
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16))
    return { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\x1b' }[letter as string] ?? letter
  })
}

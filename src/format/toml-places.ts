// Where the keys and values of a TOML document stand. Parsers give values and throw the places away; this reads a document that a
// parser has accepted a second time, for errors about what a value means. Nothing here checks anything.

import type { Span } from '../base/span.ts'

/** Keys and indexes from the root: ['project', 'dependencies', 0]. */
export type TomlPath = readonly (string | number)[]

export interface TomlPlace {
  span: Span
  readonly children: Map<string | number, TomlPlace>
  /** Made by [[headers]]: those after it mean its last element. */
  isArray?: true
}

/** The place of a value; where it isn't there, that of the nearest thing around it. */
export function findTomlPlace(root: TomlPlace, path: TomlPath): Span | undefined {
  let place = root
  for (const key of path) {
    const next = place.children.get(key)
    if (next === undefined) break
    place = next
  }
  return place === root ? undefined : place.span
}

export function readTomlPlaces(text: string): TomlPlace {
  const root: TomlPlace = { span: { start: 0, end: 0 }, children: new Map() }
  let table = root
  let at = text.startsWith('\ufeff') ? 1 : 0

  const skip = (pattern: RegExp): void => {
    pattern.lastIndex = at
    at += pattern.exec(text)?.[0].length ?? 0
  }
  const blanks = /[ \t]*/y
  const spaces = /(?:[ \t\r\n]+|#[^\n]*)*/y

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

  const readKey = (end: string): { readonly key: string; readonly span: Span }[] => {
    const parts: { key: string; span: Span }[] = []
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

  const childOf = (parent: TomlPlace, key: string | number, span: Span): TomlPlace => {
    const known = parent.children.get(key)
    if (known !== undefined) return known
    const made: TomlPlace = { span, children: new Map() }
    parent.children.set(key, made)
    return made
  }

  /** The table under a dotted key: the last one, where [[headers]] made several. */
  const walk = (from: TomlPlace, parts: readonly { readonly key: string; readonly span: Span }[]): TomlPlace => {
    let place = from
    for (const { key, span } of parts) {
      place = childOf(place, key, span)
      if (place.isArray === true) place = place.children.get(place.children.size - 1)!
    }
    return place
  }

  const readPair = (into: TomlPlace): void => {
    const parts = readKey('=')
    const last = parts.at(-1)!
    const parent = walk(into, parts.slice(0, -1))
    skip(blanks)
    parent.children.set(last.key, readValue())
  }

  const readValue = (): TomlPlace => {
    const start = at
    const children = new Map<string | number, TomlPlace>()
    const place = { span: { start, end: start }, children }
    const first = text.charAt(at)
    if (first === '"' || first === "'") readString()
    else if (first === '[' || first === '{') {
      at++
      for (let index = 0; ; index++) {
        skip(spaces)
        if (at >= text.length || text.charAt(at) === ']' || text.charAt(at) === '}') break
        if (first === '[') children.set(index, readValue())
        else readPair(place)
        skip(spaces)
        if (text.charAt(at) !== ',') break
        at++
      }
      at++
    } else {
      // A date and its time may be parted by one space.
      skip(/\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*|[^\s,\]}#]*/y)
    }
    place.span = { start, end: at }
    return place
  }

  for (skip(spaces); at < text.length; skip(spaces)) {
    if (text.charAt(at) !== '[') {
      readPair(table)
      continue
    }
    const isArray = text.charAt(at + 1) === '['
    at += isArray ? 2 : 1
    const parts = readKey(']')
    if (!isArray) {
      table = walk(root, parts)
      continue
    }
    at++
    const last = parts.at(-1)!
    const array = childOf(walk(root, parts.slice(0, -1)), last.key, last.span)
    array.isArray = true
    table = childOf(array, array.children.size, last.span)
  }
  return root
}

function unescaped(body: string): string {
  return body.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gi, (_, x, u, wide, letter) => {
    const code = x ?? u ?? wide
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16))
    return { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\x1b' }[letter as string] ?? letter
  })
}

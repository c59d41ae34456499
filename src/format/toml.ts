// TOML, read by smol-toml, with what it leaves to do: errors that show their place, dates kept as written (it turns 30 February into
// 2 March, and microseconds into milliseconds), a bound on nesting that also keeps readers of the result from overflowing.
// TOML 1.1 is read, of which 1.0 is a part.

import { parse, TomlDate } from 'smol-toml'
import { DenError } from '../base/error.ts'
import type { ParseDetail } from '../base/errors/spec.ts'
import type { Span } from '../base/span.ts'
import { findTomlPlace, readTomlPlaces, type TomlPath } from './toml-places.ts'

/** Tells moments from tables, whatever keys those have. */
const mark: unique symbol = Symbol.for('den.toml.moment')

/** A date, a time or both, as written. */
export interface TomlMoment {
  readonly kind: 'offset-date-time' | 'local-date-time' | 'date' | 'time'
  readonly text: string
  readonly [mark]: true
}

/** Whole numbers beyond ±2^53 are bigints (all of them, where that was asked for); everything else is what it is in JSON. */
export type TomlValue = string | number | bigint | boolean | TomlMoment | readonly TomlValue[] | TomlTable

/** Those that were read have no prototype, so that every key is one that was written. */
export interface TomlTable {
  readonly [key: string]: TomlValue
}

export interface ParseTomlOptions {
  readonly file?: string
  /** Every whole number as a bigint: the only way to tell 1 from 1.0. */
  readonly exactIntegers?: boolean
  /** The line of the file that the text begins in, where it is a part of one; from 1. */
  readonly firstLine?: number
}

/** How deep arrays and tables may nest; Python's own reader ends at a similar depth. */
const deepest = 100

/** Reads a document. Throws `invalid-toml`. */
export function parseToml(text: string, options: ParseTomlOptions = {}): TomlTable {
  const { file, exactIntegers = false, firstLine = 1 } = options
  const fault = (span: Span, reason: string): DenError<'invalid-toml'> => {
    const line = firstLine + text.slice(0, span.start).split('\n').length - 1
    return new DenError('invalid-toml', { source: text, span, reason, ...(file === undefined ? {} : { file }), line })
  }
  let table: unknown
  try {
    table = parse(text, { integersAsBigInt: exactIntegers ? true : 'asNeeded', maxDepth: deepest })
  } catch (error) {
    const { line, column, message } = error as { readonly line?: number; readonly column?: number; message: string }
    if (line === undefined || column === undefined) throw error
    // Behind the last word there is nothing to be drawn: what is missing is missing after that.
    const start = Math.min(placeOf(text, line, column), text.trimEnd().length)
    throw fault({ start, end: Math.min(text.length, start + 1) }, reasonOf(message))
  }
  return withMoments(table as TomlTable, text, fault)
}

/** Whether it is a table: no list, no moment. */
export function isTomlTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value) && !(mark in value)
}

/** Whether it is a date or a time. */
export function isTomlMoment(value: TomlValue | undefined): value is TomlMoment {
  return typeof value === 'object' && mark in value
}

/** A date with its time and `Z` or an offset, as TOML and ISO 8601 write it; undefined for any other text. */
export function tryTomlMoment(text: string): TomlMoment | undefined {
  const moment = momentOf(text)
  return typeof moment === 'object' && moment.kind === 'offset-date-time' ? moment : undefined
}

/** The moment, of milliseconds since 1970, in the years that TOML knows; undefined before and after those. */
export function tomlMomentOf(milliseconds: number): TomlMoment | undefined {
  const date = new Date(milliseconds)
  if (Number.isNaN(date.getTime())) return undefined
  const text = date.toISOString()
  // "-000001-…" and "+010000-…": years of six digits.
  if (text.length !== 24 || text.startsWith('0000')) return undefined
  return { kind: 'offset-date-time', text: text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text, [mark]: true }
}

/** What a value is, in TOML's words. */
export function tomlTypeOf(value: TomlValue): string {
  if (Array.isArray(value)) return 'an array'
  if (isTomlTable(value)) return 'a table'
  if (isTomlMoment(value)) return 'a date or time'
  if (typeof value === 'string') return 'a string'
  if (typeof value === 'boolean') return 'a boolean'
  return 'a number'
}

/** A document with what errors about its meaning need. */
export interface TomlDocument {
  readonly text: string
  readonly file?: string
  readonly table: TomlTable
  /** The line of the file that the text begins in, where it is a part of one; from 1. */
  readonly firstLine?: number
}

/** Reads a document and keeps its text. Throws `invalid-toml`. */
export function parseTomlDocument(text: string, options: ParseTomlOptions = {}): TomlDocument {
  const { file, firstLine } = options
  return {
    text,
    table: parseToml(text, options),
    ...(file === undefined ? {} : { file }),
    ...(firstLine === undefined ? {} : { firstLine }),
  }
}

/** What a parse error tells of the value at a path; with `within`, of a part of its text. */
export function tomlFault(document: TomlDocument, path: TomlPath, reason: string, within?: Span): ParseDetail {
  const { text, file, firstLine = 1 } = document
  const whole = tomlSpan(text, path)
  // Inside a plain string the parts keep their places; escapes and long quotes would move them.
  const plain = /^(?:"[^"\\\n]*"|'[^'\n]*')$/.test(text.slice(whole.start, whole.end))
  const span =
    within === undefined || !plain
      ? whole
      : { start: whole.start + 1 + within.start, end: whole.start + 1 + within.end }
  const line = firstLine + text.slice(0, span.start).split('\n').length - 1
  return { source: text, span, reason, ...(file === undefined ? {} : { file }), line }
}

/** Where a value stands; its key, where the value is one that a header makes; the beginning of the text as a last resort. */
export function tomlSpan(text: string, path: TomlPath): Span {
  return findTomlPlace(readTomlPlaces(text), path) ?? { start: 0, end: 0 }
}

/** The parser counts `\r\n` as one line end, and every place in UTF-16 units, as spans do. */
function placeOf(text: string, line: number, column: number): number {
  let start = 0
  for (let number = 1; number < line; number++) start = text.indexOf('\n', start) + 1
  return Math.min(text.length, start + column - 1)
}

function reasonOf(message: string): string {
  return message.replace(/^Invalid TOML document: /, '').split('\n', 1)[0]!
}

/** Replaces the parser's dates, in place: the tree is ours. Goes by a list and not by calls, for headers nest without a bound. */
function withMoments(root: TomlTable, text: string, fault: (span: Span, reason: string) => DenError): TomlTable {
  type Node = Record<string | number, TomlValue>
  const pending: { readonly node: Node; readonly path: TomlPath; readonly depth: number }[] = [
    { node: root as Node, path: [], depth: 0 },
  ]
  let places: ReturnType<typeof readTomlPlaces> | undefined
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, path, depth } = next
    for (const key of Array.isArray(node) ? node.keys() : Object.keys(node)) {
      const value: unknown = node[key]
      if (typeof value !== 'object') continue
      const at = [...path, key]
      if (value instanceof TomlDate) {
        places ??= readTomlPlaces(text)
        const span = findTomlPlace(places, at)!
        const moment = momentOf(text.slice(span.start, span.end))
        if (typeof moment === 'string') throw fault(span, moment)
        node[key] = moment
        continue
      }
      if (depth >= deepest) throw fault(tomlSpan(text, at), 'tables nest too deep here')
      pending.push({ node: value as Node, path: at, depth: depth + 1 })
    }
  }
  return root
}

/** The moment, or what is wrong with it. */
function momentOf(text: string): TomlMoment | string {
  const [whole, year, month, day, time, offset] =
    /^(?:(\d{4})-(\d\d)-(\d\d))?(?:[Tt ]?(\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?([Zz]|[+-]\d\d:\d\d)?$/.exec(text) ?? []
  if (whole === undefined) return 'this is no date or time'
  if (year === undefined) return { kind: 'time', text, [mark]: true }
  const leap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0)
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(month) - 1] ?? 0
  if (Number(year) === 0 || Number(day) === 0 || Number(day) > days) return 'there is no such day'
  if (time === undefined) return { kind: 'date', text, [mark]: true }
  return { kind: offset === undefined ? 'local-date-time' : 'offset-date-time', text, [mark]: true }
}

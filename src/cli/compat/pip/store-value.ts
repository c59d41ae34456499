// What one occurrence of an option does to the values: pip's types, and its callbacks one by one.

import { DenError } from '../../../base/error.ts'
import { pipFlag } from '../../../config/pip-config.ts'
import type { Host } from '../../../host/host.ts'
import { applyNameControl } from '../../../spec/requirements-txt.ts'
import type { PipOption } from './grammar.ts'
import { parseIsoDatetime } from './iso-datetime.ts'
import type { FormatControl, ReleaseControl } from './options.ts'

/** By `dest`, as they come to be. */
export type PipValues = Record<string, unknown>

export type ValueHost = Pick<Host, 'home' | 'path' | 'cwd' | 'now'>

export interface StoreRequest {
  readonly option: PipOption
  /** Undefined for a switch. */
  readonly text: string | undefined
  readonly values: PipValues
  readonly host: ValueHost
  /** The spelling, the variable, or the file with its line. */
  readonly source: string
  readonly command: string
}

/** Stores one value. Throws `bad-option-value`. */
export function storeValue(request: StoreRequest): void {
  const { option, text, values } = request
  const { dest } = option
  switch (option.action) {
    case 'store_true':
      values[dest] = true
      return
    case 'store_false':
      values[dest] = false
      return
    case 'store_const':
      values[dest] = option.constant
      return
    case 'count':
      values[dest] = ((values[dest] as number | undefined) ?? 0) + 1
      return
    case 'store':
      values[dest] = convert(request)
      return
    case 'append':
      values[dest] = [...((values[dest] as readonly unknown[] | undefined) ?? []), convert(request)]
      return
    case 'callback':
      callbacks[option.callback!]!(request, text ?? '')
      return
    case 'help':
      return
  }
}

function wrong({ source, text, command }: StoreRequest, expected: string): DenError {
  return new DenError('bad-option-value', { source, value: text ?? '', expected, command, suggestions: [] })
}

function convert(request: StoreRequest): string | number {
  const { option, text = '', host } = request
  switch (option.type) {
    case 'int': {
      const value = parseInteger(text)
      if (value === undefined) throw wrong(request, 'a whole number')
      return value
    }
    case 'float': {
      const digits = text.trim().replace(/(?<=\d)_(?=\d)/g, '')
      if (/^[+-]?(?:inf|infinity)$/i.test(digits)) return digits.startsWith('-') ? -Infinity : Infinity
      if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(digits)) throw wrong(request, 'a number')
      return Number(digits)
    }
    case 'choice':
      if (!option.choices!.includes(text)) throw wrong(request, `one of ${option.choices!.join(', ')}`)
      return text
    case 'path':
      return expandUser(text, host)
    case 'project':
      return normalName(text)
    default:
      return text
  }
}

/** Python's `int()`, with optparse's rule for the base: 0x, 0b, and a leading 0 for eight. */
function parseInteger(text: string): number | undefined {
  const lower = text.toLowerCase()
  const [base, digits] = lower.startsWith('0x')
    ? [16, lower.slice(2)]
    : lower.startsWith('0b')
      ? [2, lower.slice(2) || '0']
      : [lower.startsWith('0') ? 8 : 10, lower.trim()]
  const [, sign = '', plain] = /^([+-]?)([0-9a-f]+(?:_[0-9a-f]+)*)$/.exec(digits) ?? []
  if (plain === undefined || (sign !== '' && base !== 10)) return undefined
  const cleaned = plain.replaceAll('_', '')
  const allowed = { 16: /^[0-9a-f]+$/, 10: /^\d+$/, 8: /^[0-7]+$/, 2: /^[01]+$/ }[base]!
  if (!allowed.test(cleaned)) return undefined
  return Number.parseInt(cleaned, base) * (sign === '-' ? -1 : 1)
}

/** `~` and `~/x`; another user's home is left as it is written. */
export function expandUser(text: string, { home, path }: ValueHost): string {
  return home !== undefined && /^~(?:[/\\]|$)/.test(text) ? path.join(home, text.slice(1)) : text
}

/** As names are compared. What is no name stays what it is: pip checks none here. */
export function normalName(text: string): string {
  return text.replace(/[-_.]+/g, '-').toLowerCase()
}

type Callback = (request: StoreRequest, text: string) => void

const callbacks: Readonly<Record<string, Callback>> = {
  'no-cache-dir': (request, text) => {
    if (request.text !== undefined && pipFlag(text) === undefined) {
      throw wrong(request, 'yes or no, true or false, on or off, 1 or 0')
    }
    // pip's rule: said in any way, also as "no", it means no cache.
    request.values[request.option.dest] = false
  },
  'python-version': (request, text) => {
    const parts = text.split('.')
    if (parts.length > 3) throw wrong(request, 'at most three numbers, divided by dots')
    if (parts.length === 1 && text.length > 1) parts.splice(0, 1, text[0]!, text.slice(1))
    const numbers = parts.map((part) =>
      /^\s*[+-]?\d+(?:_\d+)*\s*$/.test(part) ? Number(part.replaceAll('_', '')) : Number.NaN,
    )
    if (text !== '' && numbers.some(Number.isNaN)) throw wrong(request, 'numbers divided by dots: 3, 3.7, 37 or 3.7.3')
    request.values[request.option.dest] = text === '' ? undefined : numbers
  },
  src: ({ option, values, host }, text) => {
    values[option.dest] = host.path.resolve(host.cwd, expandUser(text, host))
  },
  'config-settings': (request, text) => {
    const { values, option } = request
    const equals = text.indexOf('=')
    if (equals === -1) throw wrong(request, 'KEY=VALUE')
    const [key, value] = [text.slice(0, equals), text.slice(equals + 1)]
    const all = (values[option.dest] as Record<string, string | readonly string[]> | undefined) ?? {}
    const before = Object.hasOwn(all, key) ? all[key] : undefined
    const joined = before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value]
    values[option.dest] = Object.fromEntries([...Object.entries(all).filter(([name]) => name !== key), [key, joined]])
  },
  'dependency-group': (request, text) => {
    const { values, option, host } = request
    const colon = text.lastIndexOf(':')
    const place = colon === -1 ? 'pyproject.toml' : text.slice(0, colon)
    const file = host.path.basename(place.replace(/\[[^\]]*\]$/, ''))
    const isLock = /^pylock(?:\.[^.]+)?\.toml$/.test(file) && !/^[a-z]+:\/\//i.test(place)
    if (host.path.basename(place) !== 'pyproject.toml' && !isLock) {
      throw wrong(request, 'GROUP, or the path of a pyproject.toml or pylock.toml, a colon, and the group')
    }
    const before = (values[option.dest] as readonly (readonly [string, string])[] | undefined) ?? []
    values[option.dest] = [...before, [place, text.slice(colon + 1)]]
  },
  'uploaded-prior-to': (request, text) => {
    const days = /^P(\d+)D$/.exec(text)?.[1]
    const moment = days === undefined ? parseIsoDatetime(text) : request.host.now() - Number(days) * 86_400_000
    if (moment === undefined) {
      throw wrong(request, 'a date (2026-01-31), a date and time (2026-01-31T12:00:00Z), or days before now (P3D)')
    }
    request.values[request.option.dest] = moment
  },
  'no-binary': (request, text) => formatControl(request, text, 'noBinary'),
  'only-binary': (request, text) => formatControl(request, text, 'onlyBinary'),
  'all-releases': (request, text) => releaseControl(request, text, 'allReleases'),
  'only-final': (request, text) => releaseControl(request, text, 'onlyFinal'),
  'refresh-package': (request, text) => {
    refuseOption(request, text)
    const { values, option } = request
    const before = (values[option.dest] as ReadonlySet<string> | undefined) ?? new Set()
    values[option.dest] = choose(text, before, new Set()).chosen
  },
}

/** A value that looks like an option is one whose value was forgotten. */
function refuseOption(request: StoreRequest, text: string): void {
  if (text.startsWith('-')) throw wrong(request, ':all:, :none:, or names of projects divided by commas')
}

function formatControl(request: StoreRequest, text: string, side: keyof FormatControl): void {
  refuseOption(request, text)
  const { values, option } = request
  const now = (values[option.dest] as FormatControl | undefined) ?? { noBinary: new Set(), onlyBinary: new Set() }
  const other = side === 'noBinary' ? 'onlyBinary' : 'noBinary'
  const { chosen, remaining } = choose(text, now[side], now[other])
  values[option.dest] = { ...now, [side]: chosen, [other]: remaining }
}

function releaseControl(request: StoreRequest, text: string, side: keyof ReleaseControl): void {
  refuseOption(request, text)
  const { values, option } = request
  const now = (values[option.dest] as ReleaseControl | undefined) ?? { allReleases: new Set(), onlyFinal: new Set() }
  const other = side === 'allReleases' ? 'onlyFinal' : 'allReleases'
  const { chosen, remaining } = choose(text, now[side], now[other])
  values[option.dest] = { ...now, [side]: chosen, [other]: remaining }
}

/** Names join a set and leave its opposite. */
function choose(
  text: string,
  before: ReadonlySet<string>,
  opposite: ReadonlySet<string>,
): { readonly chosen: ReadonlySet<string>; readonly remaining: ReadonlySet<string> } {
  const chosen = new Set(before)
  const remaining = new Set(opposite)
  applyNameControl(text, chosen, remaining)
  return { chosen, remaining }
}

// TOML against Python's own reader, tomllib: generated documents, sound and damaged. DEN_PEERS names a virtual environment with
// Python 3.11 or newer; DEN_SEED varies the cases, DEN_CASES their number.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../../../src/base/error.ts'
import { isTomlMoment, isTomlTable, parseToml, type TomlTable, type TomlValue } from '../../../src/format/toml.ts'
import { findTomlPlace, readTomlPlaces, type TomlPath } from '../../../src/format/toml-places.ts'
import { askOracle, skipWithout } from '../../kit/oracle.ts'
import { caseCount as count, diceFrom, seed } from '../../kit/random.ts'

const skip = skipWithout(['python'], 'agreement with tomllib')

const { random, below, one, list } = diceFrom(seed)

const blank = (): string => one(['', ' ', ' ', '  ', '\t'])
const bare = (): string => one(['a', 'b', 'c', 'name', 'x-y', 'A_1', '10', '2', '__proto__', 'constructor'])
const key = (): string =>
  [
    one([bare, bare, bare, () => '"q.r"', () => "'l it'", () => '"\\u00e9"', () => '""'])(),
    ...list(random() < 0.3 ? 2 : 0, bare),
  ].join(one(['.', '.', ' . ']))
const text = (): string =>
  one([
    '"plain"',
    "'literal \\ x'",
    '"es\\"caped \\\\ \\t \\u0041 \\U0001F600"',
    '"""multi\nline \\\n   joined"""',
    "'''raw\n'' lines'''",
    '"""ends with ""quotes"""""',
    "'''''two'''''",
    '""',
    "''",
    '"""\n"""',
    '"\u{1F600}ü"',
    '"# no comment"',
    '"bad \\q"',
    '"\\ud800"',
    '"""a\\\n\n  b"""',
    '"open',
    '"tab\there"',
    "'nul\u0001'",
  ])
const scalar = (): string =>
  one([
    text,
    text,
    text,
    () =>
      one([
        '0',
        '1',
        '-17',
        '+5',
        '1_000',
        '0xDEAD_beef',
        '0o17',
        '0b101',
        '9223372036854775807',
        '99999999999999999999',
        '01',
        '1__0',
        '-0',
        '+0',
      ]),
    () =>
      one([
        '1.0',
        '-0.5',
        '1e3',
        '6.26e-3',
        'inf',
        '-inf',
        'nan',
        '1_0.0_1',
        '5.',
        '.5',
        '1.e2',
        '1E+2',
        '0e0',
        '3.14159265358979323846',
      ]),
    () => one(['true', 'false', 'True', 'tru']),
    () =>
      one([
        '1979-05-27T07:32:00Z',
        '1979-05-27 07:32:00',
        '1979-05-27T00:32:00.999999-07:00',
        '1979-05-27',
        '07:32:00',
        '00:32:00.5',
        '2025-02-30',
        '2024-02-29',
        '2023-02-29T01:00:00',
        '1979-05-27t07:32:00z',
        '25:00:00',
        '1979-13-01',
        '0000-01-01',
        '1979-05-27T07:32:00+24:00',
        '1979-05-27 07:32:00.123456Z',
        '23:59:60',
      ]),
  ])()
const value = (depth: number): string => {
  const choice = random()
  if (depth > 2 || choice < 0.7) return scalar()
  if (choice < 0.88) {
    const space = (): string => one(['', ' ', '\n', '\n  # note ] \n', ' \n '])
    return `[${list(3, () => space() + value(depth + 1) + space()).join(',')}${one(['', '', ','])}${space()}]`
  }
  return `{${blank()}${list(3, () => `${key()}${blank()}=${blank()}${value(depth + 1)}`).join(`${blank()},${blank()}`)}${blank()}}`
}
const line = (): string =>
  one([
    () => `${blank()}${key()}${blank()}=${blank()}${value(0)}${blank()}${one(['', '', '# end'])}`,
    () => `${blank()}${key()}${blank()}=${blank()}${value(0)}`,
    () => `${blank()}[${blank()}${key()}${blank()}]${blank()}${one(['', '# t'])}`,
    () => `[[${key()}]]`,
    () => one(['', '# comment', '  ', '#\u0001', '# \u007f']),
  ])()
const document = (): string => {
  const made = `${one(['', '', '', '\ufeff'])}${list(7, line).join(one(['\n', '\n', '\n', '\r\n', '\n\n']))}${one(['', '\n'])}`
  if (random() > 0.15) return made
  const at = below(made.length + 1)
  return (
    made.slice(0, at) +
    one(['', '"', "'", '[', ']', '=', '.', '\n', '\r', '#', '{', '}', ',', '\\', '\0', '\u2028', 'é']) +
    made.slice(at + 1)
  )
}

function typed(value: TomlValue): unknown {
  if (isTomlMoment(value)) return { moment: isoOf(value.text) }
  if (Array.isArray(value)) return { array: value.map(typed) }
  if (isTomlTable(value))
    return { table: Object.fromEntries(Object.entries(value).map(([name, item]) => [name, typed(item)])) }
  if (typeof value === 'bigint') return { integer: String(value) }
  if (typeof value === 'number') return { float: value }
  return typeof value === 'boolean' ? { boolean: value } : { string: value }
}

/** As Python writes it: T between date and time, microseconds, +00:00 for Z. */
function isoOf(written: string): string {
  return written
    .replace(/^(\d{4}-\d\d-\d\d)[Tt ]/, '$1T')
    .replace(/[zZ]$/, '+00:00')
    .replace(/\.(\d+)/, (_, digits: string) =>
      /^0*$/.test(digits.slice(0, 6)) ? '' : `.${digits.slice(0, 6).padEnd(6, '0')}`,
    )
}

function numbers(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (name, item: unknown) =>
    name === 'float' && typeof item === 'string'
      ? Number(item.replace(/^(-?)inf$/, '$1Infinity').replace(/^nan$/, 'NaN'))
      : item,
  )
}

/** What TOML 1.1 allows and Python's readers of 1.0 don't. */
const newer = /\\[ex]|\{[^}]*\n|,\s*\}|\d\d:\d\d(?![:\d])/

function checkPlaces(source: string, table: TomlTable): void {
  const places = readTomlPlaces(source)
  const walk = (value: TomlValue, at: TomlPath): void => {
    if (isTomlTable(value)) for (const [name, item] of Object.entries(value)) walk(item, [...at, name])
    else if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, [...at, index])
    else {
      const { start, end } = findTomlPlace(places, at)!
      const again = parseToml(`x = ${source.slice(start, end)}`, { exactIntegers: true })
      assert.deepEqual(again['x'], value, `${JSON.stringify(source)} at ${JSON.stringify(at)}`)
    }
  }
  walk(table, [])
}

test(`TOML means what tomllib takes it to mean, and every value is found again (seed ${seed})`, { skip }, () => {
  const documents = Array.from({ length: count }, document)
  // On purpose: den reads over a byte order mark.
  const answers = askOracle<readonly unknown[]>(
    'pip_files_toml_oracle',
    documents.map((one) => one.replace(/^\ufeff/, '')),
  )
  let sound = 0
  for (const [index, source] of documents.entries()) {
    const expected = answers[index]
    let table: TomlTable | undefined
    try {
      table = parseToml(source, { exactIntegers: true })
    } catch (error) {
      if (!isDenError(error, 'invalid-toml')) throw error
      const { span } = error.detail
      assert.ok(span.start >= 0 && span.end <= source.length && span.start <= span.end, JSON.stringify(source))
    }
    if (expected === null) {
      assert.ok(table === undefined || newer.test(source), `tomllib refuses ${JSON.stringify(source)}`)
      continue
    }
    assert.ok(table !== undefined, `tomllib reads ${JSON.stringify(source)}`)
    assert.deepEqual(typed(table), numbers(expected), JSON.stringify(source))
    checkPlaces(source, table)
    sound++
  }
  assert.ok(sound > count / 8, `only ${sound} were sound`)
})

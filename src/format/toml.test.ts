import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { diceFrom, many, seed } from '../../tests/kit/random.ts'
import { diagnose, isDenError } from '../base/error.ts'
import {
  isTomlMoment,
  isTomlTable,
  parseToml,
  parseTomlDocument,
  tomlFault,
  tomlMomentOf,
  tryTomlMoment,
} from './toml.ts'
import { findTomlPlace, readTomlPlaces } from './toml-places.ts'
import { formatTomlKey, formatTomlString, formatTomlTable, formatTomlValue } from './toml-write.ts'

function refusal(text: string): { reason: string; shown: string; line: number | undefined } {
  try {
    parseToml(text, { file: 'x.toml' })
  } catch (error) {
    assert.ok(isDenError(error, 'invalid-toml'), String(error))
    const { reason, span, source, line } = error.detail
    assert.match(diagnose(error).what, /line \d+ of x.toml is not valid TOML/)
    return { reason, line, shown: source.slice(span.start, span.end) }
  }
  assert.fail(`${JSON.stringify(text).slice(0, 80)} was accepted`)
}

describe('parseToml()', () => {
  test('keeps dates as they are written, and refuses days that are none', () => {
    const { a, b } = parseToml('a = 2025-01-25T11:30:10.164985+00:00\nb = [07:32:00]\n')
    assert.ok(isTomlMoment(a))
    assert.equal(a.text, '2025-01-25T11:30:10.164985+00:00')
    assert.equal(a.kind, 'offset-date-time')
    assert.ok(Array.isArray(b) && isTomlMoment(b[0]))
    for (const day of ['2025-02-30', '2023-02-29T10:00:00Z', '0000-01-01', '1900-02-29 01:02:03']) {
      assert.deepEqual(refusal(`x = 1\ny.z = ${day} # no`), { reason: 'there is no such day', line: 2, shown: day })
    }
    assert.ok(isTomlMoment(parseToml('a = 2000-02-29')['a']))
  })

  test('what ends too early is shown at its last word, not at an empty line behind it', () => {
    const text = '[project]\ndependencies = ["a"\n\n'
    assert.throws(
      () => parseToml(text),
      (error) => {
        assert.ok(isDenError(error, 'invalid-toml'), String(error))
        assert.equal(error.detail.line, 2)
        assert.deepEqual(error.detail.span, { start: text.length - 2, end: text.length - 1 })
        return true
      },
    )
  })

  test('tells large whole numbers from others, and whole ones from floats on request', () => {
    assert.deepEqual(parseToml('a = 9007199254740993\nb = 1\n'), { __proto__: null, a: 9007199254740993n, b: 1 })
    assert.deepEqual(parseToml('a = 1\nb = 1.0\n', { exactIntegers: true }), { __proto__: null, a: 1n, b: 1 })
  })

  test('refuses what is nested too deep, by brackets, headers or dots, and does not overflow', () => {
    for (const text of [
      `a = ${'['.repeat(100_000)}`,
      `a = ${'{a='.repeat(100_000)}`,
      `[${Array(3000).fill('a').join('.')}]\nb = 1\n`,
      `${Array(3000).fill('a').join('.')} = 1\n`,
    ]) {
      assert.match(refusal(text).reason, /nest/)
    }
    assert.ok(parseToml(`a = ${'['.repeat(90)}${']'.repeat(90)}`))
  })

  test('shows the place of what is wrong', () => {
    assert.equal(refusal('a = 1\r\nb = 2\r\na = 3\r\n').line, 3)
    assert.equal(refusal('a = 1\n[b]\nc = "x').line, 3)
    assert.equal(refusal('[a]\n[a]\n').line, 2)
    assert.equal(refusal('a = tru\n').line, 1)
  })

  test('takes keys for nothing but keys', () => {
    const table = parseToml('__proto__ = {x = 1}\nconstructor = 2\n')
    assert.deepEqual(Object.keys(table), ['__proto__', 'constructor'])
    assert.ok(isTomlTable(Object.values(table)[0]))
    assert.equal(table['toString'], undefined)
    assert.equal(({} as Record<string, unknown>)['x'], undefined)
  })
})

test('readTomlPlaces() finds keys and values, and the nearest thing around what is not there', () => {
  const text = `# [no]
[project]
name = "x" # y = 1
"dotted.key" . inner = 'v'
list = [
  1, # ]
  { a = "}" , b = [2] },
  """
]"""
]
[[packages]]
name = 1
[[packages]]
name = 2
[packages.tool]
deep = 3
`
  const places = readTomlPlaces(text)
  const at = (...path: (string | number)[]): string | undefined => {
    const span = findTomlPlace(places, path)
    return span && text.slice(span.start, span.end)
  }
  assert.equal(at('project', 'name'), '"x"')
  assert.equal(at('project', 'dotted.key', 'inner'), "'v'")
  assert.equal(at('project', 'list', 1, 'b', 0), '2')
  assert.equal(at('project', 'list', 2), '"""\n]"""')
  assert.equal(at('packages', 0, 'name'), '1')
  assert.equal(at('packages', 1, 'name'), '2')
  assert.equal(at('packages', 1, 'tool', 'deep'), '3')
  assert.equal(at('project', 'name', 'no'), '"x"')
  assert.equal(at('project', 'missing'), 'project')
  assert.equal(at('nowhere'), undefined)
})

test('tomlFault() points into plain strings, and counts lines of the file around', () => {
  const document = parseTomlDocument('a = 1\nb = ["x", "foo >> 1"]\n', { file: 'f', firstLine: 10 })
  const plain = tomlFault(document, ['b', 1], 'wrong', { start: 4, end: 6 })
  assert.equal(plain.source.slice(plain.span.start, plain.span.end), '>>')
  assert.equal(plain.line, 11)
  const escaped = parseTomlDocument('b = "\\u0041 >> 1"')
  assert.deepEqual(tomlFault(escaped, ['b'], 'wrong', { start: 2, end: 4 }).span, { start: 4, end: 17 })
})

test('formatTomlValue() and formatTomlTable() write what is read again as the same', () => {
  const text = `[tool.x]
"a b" = "q\\"\\\\\\n\\u0001\\u007f\u{1F600}"
n = [1, -2, 1.5, true, 1979-05-27, {k = [], "\\u00e9" = {}}]
big = 99999999999999999999
far = inf

[tool.x.y]
z = 1

[tool.empty]
`
  const read = parseToml(text)
  const written = formatTomlTable(['tool'], read['tool'] as never)
  assert.deepEqual(parseToml(written), read)
  assert.equal(formatTomlTable(['tool'], parseToml(written)['tool'] as never), written)
  assert.equal(formatTomlValue(-0), '-0.0')
  assert.equal(formatTomlValue(1e300), '1e+300')
  assert.equal(formatTomlValue('\ud800'), '"\ufffd"')
  assert.deepEqual(parseToml(`x = ${formatTomlValue(1e21)}`)['x'], 1e21)
})

test('formatTomlString() and formatTomlKey() write any text so that it is read again as the same', () => {
  const { one, list } = diceFrom(seed)
  const controls = ['\n', '\r', '\t', '\b', '\f', '\0', '\x1f', '\x7f', '\x80', '\u2028', '\ufeff']
  const quotes = ['"', "'", "'''", '"""', '\\', '\\u0041', '#', '=', '[', ']']
  const letters = ['a', 'Z', '0', ' ', '.', '-', '_', 'ä', '\u{1f600}', ...quotes, ...controls]
  for (const text of ['', ...letters, ...many(() => list(12, () => one(letters)).join(''))]) {
    const written = formatTomlString(text)
    assert.doesNotMatch(written, /[\n\r]/)
    const table = parseToml(`key = ${written}\n${formatTomlKey(`k${text}`)} = 1\n`)
    assert.deepEqual(
      Object.entries(table),
      [
        ['key', text],
        [`k${text}`, 1],
      ],
      written,
    )
  }
  // Half of a character is none.
  assert.equal(parseToml(`key = ${formatTomlString('a\ud800')}\n`)['key'], 'a\ufffd')
})

test('tomlMomentOf() writes what tryTomlMoment() reads, and knows the years of four digits alone', () => {
  for (const text of [
    '1970-01-01T00:00:00Z',
    '2025-01-25T11:30:10Z',
    '2025-01-25T11:30:10.005Z',
    '9999-12-31T23:59:59Z',
  ])
    assert.deepEqual(tomlMomentOf(Date.parse(text)), tryTomlMoment(text))
  for (const outside of [Date.parse('0000-06-01T00:00:00Z'), Date.parse('+010000-01-01T00:00:00Z'), Number.NaN, 9e15])
    assert.equal(tomlMomentOf(outside), undefined, String(outside))
})

test('tryTomlMoment() takes a date with its time and offset, and nothing else', () => {
  assert.equal(tryTomlMoment('2025-01-25T11:30:10.5Z')!.text, '2025-01-25T11:30:10.5Z')
  for (const text of ['2025-01-25', '11:30:10', '2025-01-25T11:30:10', '2025-02-30T00:00:00Z', 'soon', '']) {
    assert.equal(tryTomlMoment(text), undefined, text)
  }
})

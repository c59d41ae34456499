// Edits of TOML texts: random documents in every style, random edits. The outcome means what the edit says (for Python's own reader too),
// every comment is still there, statements that the edit does not touch are the same bytes in the same order, and line ends are kept.
// DEN_SEED varies the cases, DEN_CASES their number.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { isDenError } from '../../src/base/error.ts'
import { isTomlMoment, isTomlTable, parseToml, type TomlTable, type TomlValue } from '../../src/format/toml.ts'
import { editToml, type TomlEdit } from '../../src/format/toml-edit.ts'
import { applyEdit } from '../../src/format/toml-edit-value.ts'
import type { TomlPath } from '../../src/format/toml-places.ts'
import { readTomlStatements } from '../../src/format/toml-statements.ts'
import { pythons } from '../kit/pythons.ts'
import { diceFrom, seed } from '../kit/random.ts'

const count = Number(process.env['DEN_CASES'] ?? 4000)
const { random, below, one, list, some } = diceFrom(seed)

const words = ['a', 'b', 'c', 'dev', 'x-y', '"q.r"', "'l'"]
let comments = 0
const comment = (): string => `# ${one(['words', 'say "this"', '[not] a = table', "it's"])} ${comments++}`
const blank = (): string => one(['', ' ', ' ', '  '])
const scalar = (): string =>
  one([
    '"text"',
    "'raw'",
    '1',
    '-2.5',
    'true',
    '2026-01-31',
    '"# no"',
    '"""long\n[x]\n"""',
    "'''\n# in it\n'''",
    '"a, b]"',
  ])
const keys = (): string => [one(words), ...list(random() < 0.3 ? 2 : 0, () => one(words))].join(one(['.', ' . ']))

function array(depth: number): string {
  const items = list(4, () => value(depth - 1))
  if (random() < 0.4)
    return `[${blank()}${items.join(one([', ', ',']))}${items.length > 0 ? one(['', ',', ' ,']) : ''}${blank()}]`
  const lines = items.map((item, index) => {
    const comma = index < items.length - 1 ? ',' : one(['', ','])
    return `${some(0.2, () => `    ${comment()}\n`)}    ${item}${comma}${some(0.3, () => `  ${comment()}`)}\n`
  })
  return `[${some(0.2, comment)}\n${lines.join('')}${some(0.2, () => `    ${comment()}\n`)}${one(['', '  '])}]`
}

function inline(depth: number): string {
  const pairs = list(3, () => `${keys()}${blank()}=${blank()}${value(depth - 1)}`)
  return `{${blank()}${pairs.join(one([', ', ',']))}${blank()}}`
}

function value(depth: number): string {
  return depth <= 0 || random() < 0.5 ? scalar() : random() < 0.6 ? array(depth) : inline(depth)
}

function makeDocument(): string {
  const pairs = (): string =>
    list(4, () => {
      const above = some(0.2, () => `${comment()}\n`)
      const indent = some(0.1, () => '  ')
      return `${above}${indent}${keys()}${blank()}=${blank()}${value(2)}${some(0.2, () => `  ${comment()}`)}\n`
    }).join(one(['', '', '\n']))
  const sections = list(4, () => {
    const header = random() < 0.25 ? `[[${keys()}]]` : `[${blank()}${keys()}]`
    return `${some(0.2, () => `${comment()}\n`)}${header}${some(0.2, () => ` ${comment()}`)}\n${pairs()}`
  })
  const text = [some(0.2, () => `${comment()}\n\n`), some(0.6, pairs), ...sections].join(one(['', '\n', '\n\n']))
  const ended = random() < 0.2 ? text.trimEnd() : text
  const marked = random() < 0.05 ? `\ufeff${ended}` : ended
  return random() < 0.2 ? marked.replaceAll('\n', '\r\n') : marked
}

/** Every path of the document, tables and elements too. */
function pathsOf(root: TomlValue, at: TomlPath = []): TomlPath[] {
  const inner = Array.isArray(root)
    ? root.flatMap((item: TomlValue, index) => pathsOf(item, [...at, index]))
    : isTomlTable(root)
      ? Object.entries(root).flatMap(([key, item]) => pathsOf(item, [...at, key]))
      : []
  return at.length === 0 ? inner : [at, ...inner]
}

function makeEdit(root: TomlTable): TomlEdit {
  const paths = pathsOf(root)
  const known = paths.length > 0 ? one(paths) : ['a']
  const fresh = [...(random() < 0.6 ? known : []), 'new', ...list(2, () => one(['a', 'n', 'q r']))]
  const made = one<TomlValue>(['made', 5, true, ['x', 'y'], [], { k: 'v', 'l m': [1] }, {}])
  switch (below(6)) {
    case 0:
      return { kind: 'set', path: known, value: made }
    case 1:
      return {
        kind: 'set',
        path: fresh,
        value: made,
        ...(random() < 0.3 ? { after: 'a' } : {}),
        inline: random() < 0.3,
      }
    case 2:
    case 3:
      return { kind: 'remove', path: known }
    case 4: {
      const arrays = paths.filter((path) => Array.isArray(at(root, path)))
      const path = arrays.length > 0 ? one(arrays) : ['a']
      const length = (at(root, path) as readonly TomlValue[] | undefined)?.length ?? 0
      return { kind: 'insert', path, index: below(length + 1), value: one<TomlValue>(['made', { k: 1 }]) }
    }
    default:
      return {
        kind: 'append-table',
        path: one([['t'], ['a', 't'], fresh.map(String)]),
        value: { k: 'v' },
        first: random() < 0.5,
      }
  }
}

function at(root: TomlValue, path: TomlPath): TomlValue | undefined {
  return path.reduce<TomlValue | undefined>(
    (value, key) => (value as Readonly<Record<string | number, TomlValue>> | undefined)?.[key],
    root,
  )
}

function commentsOf(text: string): readonly string[] {
  return readTomlStatements(text)
    .comments.map(({ start, end }) => text.slice(start, end))
    .sort()
}

/** The statements of a text, but those that an edit of the path may touch: what leads there, what lies there. */
function untouched(text: string, path: TomlPath): readonly string[] {
  let table: readonly string[] = []
  const names = path.filter((key) => typeof key === 'string')
  return readTomlStatements(text).statements.flatMap((statement) => {
    const own = statement.keys.map(({ key }) => key)
    if (statement.kind === 'header') table = own
    const full = statement.kind === 'header' ? own : [...table, ...own]
    const shared = Math.min(full.length, names.length)
    const isTouched = full.slice(0, shared).every((key, index) => key === names[index])
    return isTouched && !(statement.kind === 'header' && full.length < names.length)
      ? []
      : [text.slice(statement.span.start, statement.span.end)]
  })
}

function isSubsequence(few: readonly string[], many: readonly string[]): boolean {
  let found = 0
  for (const item of many) if (item === few[found]) found++
  return found === few.length
}

interface Case {
  readonly text: string
  readonly edit: TomlEdit
  readonly edited: string
  readonly expected: TomlTable
}

function makeCases(): readonly Case[] {
  const cases: Case[] = []
  let refused = 0
  while (cases.length < count) {
    const text = makeDocument()
    let root: TomlTable
    try {
      root = parseToml(text, { exactIntegers: true })
    } catch (error) {
      assert.ok(isDenError(error, 'invalid-toml'))
      continue
    }
    const edit = makeEdit(root)
    let expected: TomlTable
    try {
      expected = applyEdit(root, edit)
    } catch (error) {
      assert.ok(error instanceof RangeError, String(error))
      continue
    }
    const shown = `${JSON.stringify(edit)}\n${text}\n-----\n`
    let edited: string
    try {
      edited = editToml(text, [edit])
    } catch (error) {
      // Among those that [[headers]] make, an element goes to the end, as one of them.
      if (error instanceof RangeError && edit.kind !== 'remove' && ++refused < count / 20) continue
      assert.fail(`${shown}${(error as Error).stack}`)
    }
    assert.deepEqual(commentsOf(edited), commentsOf(text), shown + edited)
    assert.ok(isSubsequence(untouched(text, edit.path), untouched(edited, ['nowhere'])), shown + edited)
    if (/\n/.test(text) && !/(?<!\r)\n/.test(text)) assert.doesNotMatch(edited, /(?<!\r)\n/, shown + edited)
    if (!text.includes('\r')) assert.doesNotMatch(edited, /\r/, shown + edited)
    if (edited.trim() !== '' && text.trim() !== '')
      assert.equal(edited.endsWith('\n'), text.endsWith('\n'), shown + edited)
    cases.push({ text, edit, edited, expected })
  }
  return cases
}

/** A value as both readers give it: moments as texts, tables with nothing in them left out. */
function plain(value: TomlValue): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (isTomlMoment(value)) return value.text
  // tomllib reads each line end as \n.
  if (typeof value === 'string') return value.replaceAll('\r\n', '\n')
  if (Array.isArray(value)) return value.map(plain)
  if (!isTomlTable(value)) return value
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const made = plain(item)
    return isEmpty(made) ? [] : [[key, made] as const]
  })
  return Object.fromEntries(entries)
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

const program = `
import json, sys, tomllib
def plain(value):
    if isinstance(value, dict):
        made = {key: plain(item) for key, item in value.items()}
        return {key: item for key, item in made.items() if item != {} and item != []}
    if isinstance(value, list): return [plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool)) else value.isoformat()
answers = []
for before, after in json.load(sys.stdin):
    try: tomllib.loads(before)
    except tomllib.TOMLDecodeError: answers.append(None); continue
    try: answers.append(plain(tomllib.loads(after)))
    except tomllib.TOMLDecodeError as error: answers.append(str(error))
json.dump(answers, sys.stdout)
`

test('edits of random documents mean what they say and leave the rest alone', (t) => {
  const cases = makeCases()
  const python = pythons().find(({ version }) => /^3\.(?:1[1-9]|[2-9]\d)/.test(version))
  if (python === undefined) return t.diagnostic('NOT TESTED: agreement with tomllib (no Python 3.11 or newer)')
  const input = JSON.stringify(cases.map(({ text, edited }) => [text, edited].map((one) => one.replace('\ufeff', ''))))
  const done = spawnSync(python.executable, ['-I', '-X', 'utf8', '-c', program], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  assert.equal(done.status, 0, done.stderr)
  const answers = JSON.parse(done.stdout) as readonly unknown[]
  let compared = 0
  for (const [index, { text, edit, edited, expected }] of cases.entries()) {
    if (answers[index] === null) continue
    compared++
    assert.deepEqual(answers[index], plain(expected), `${JSON.stringify(edit)}\n${text}\n-----\n${edited}`)
  }
  assert.ok(compared > count / 2, `${compared}`)
})

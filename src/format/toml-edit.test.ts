import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { editToml, type TomlEdit } from './toml-edit.ts'

/** One edit; `|` in the examples stands for nothing, it only keeps the left margin. */
function edited(text: string, edit: TomlEdit): string {
  return editToml(text, [edit])
}

const insert = (text: string, index: number): string => edited(text, { kind: 'insert', path: ['a'], index, value: 'x' })
const remove = (text: string, ...path: (string | number)[]): string => edited(text, { kind: 'remove', path })
const set = (text: string, ...path: (string | number)[]): string => edited(text, { kind: 'set', path, value: 'v' })

test('an element goes into an array in the style that is there', () => {
  assert.equal(insert('a = ["b"]', 1), 'a = ["b", "x"]')
  assert.equal(insert('a = [ "b", ]\n', 1), 'a = [ "b", "x", ]\n')
  assert.equal(insert('a = ["b", "c"]\n', 0), 'a = ["x", "b", "c"]\n')
  assert.equal(insert('a = [\n  "b",\n  "c",\n]\n', 2), 'a = [\n  "b",\n  "c",\n  "x",\n]\n')
  assert.equal(insert('a = [\n  "b",\n  "c"\n]\n', 2), 'a = [\n  "b",\n  "c",\n  "x"\n]\n')
  assert.equal(insert('a = [\n\t"b" # of b\n]\n', 1), 'a = [\n\t"b", # of b\n\t"x"\n]\n')
  assert.equal(insert('a = [\n  "b",\n  # of c\n  "c",\n]\n', 1), 'a = [\n  "b",\n  "x",\n  # of c\n  "c",\n]\n')
  assert.equal(insert('a = [\n  # of b\n  "b",\n]\n', 0), 'a = [\n  "x",\n  # of b\n  "b",\n]\n')
  assert.equal(insert('a = [\r\n  "b",\r\n]\r\n', 1), 'a = [\r\n  "b",\r\n  "x",\r\n]\r\n')
})

test('the first element of an array gets a line of its own, but not inside of braces', () => {
  assert.equal(insert('a = []\n', 0), 'a = [\n    "x",\n]\n')
  assert.equal(insert('a = [\n  # none\n]\n', 0), 'a = [\n  # none\n  "x",\n]\n')
  assert.equal(
    edited('o = { a = [] }\n', { kind: 'insert', path: ['o', 'a'], index: 0, value: 'x' }),
    'o = { a = ["x"] }\n',
  )
})

test('an element is taken out; its comments stay on lines of their own', () => {
  assert.equal(remove('a = ["b", "c"]\n', 'a', 0), 'a = ["c"]\n')
  assert.equal(remove('a = ["b", "c"]\n', 'a', 1), 'a = ["b"]\n')
  assert.equal(remove('a = ["b"]\n', 'a', 0), 'a = []\n')
  assert.equal(remove('a = [\n  "b",\n]\n', 'a', 0), 'a = []\n')
  assert.equal(remove('a = [\n  "b",\n  "c"\n]\n', 'a', 1), 'a = [\n  "b"\n]\n')
  assert.equal(
    remove('a = [\n  # above\n  "b",  # beside\n  "c",\n]\n', 'a', 0),
    'a = [\n  # above\n  # beside\n  "c",\n]\n',
  )
  assert.equal(remove('o = { a = 1, b = [ # why\n  2 ] }\n', 'o', 'b'), '# why\no = { a = 1 }\n')
})

test('a value is set where it stands, and beside its kind where it is new', () => {
  assert.equal(set('[t]\nk = 1  # one\n', 't', 'k'), '[t]\nk = "v"  # one\n')
  assert.equal(set('[t]\n  k = 1\n\n# of u\n[u]\n', 't', 'l'), '[t]\n  k = 1\n  l = "v"\n\n# of u\n[u]\n')
  assert.equal(set('[p]\no.k = 1\n[p.q]\n', 'p', 'o', 'l'), '[p]\no.k = 1\no.l = "v"\n[p.q]\n')
  assert.equal(set('t = { k = 1 }\n', 't', 'l', 'm'), 't = { k = 1, l = { m = "v" } }\n')
  assert.equal(set('[t]\n', 'k'), 'k = "v"\n\n[t]\n')
  assert.equal(set('# top\n\n[t]\n', 'k'), '# top\n\nk = "v"\n\n[t]\n')
  assert.equal(set('', 'k'), 'k = "v"\n')
  assert.equal(set('[a]\nk = 1', 'b', 'k'), '[a]\nk = 1\n\n[b]\nk = "v"')
})

test('a table of several goes before the first, with what stands above that one left there', () => {
  const first = (text: string): string =>
    edited(text, { kind: 'append-table', path: ['t', 'i'], value: { k: 1 }, first: true })
  assert.equal(first(''), '[[t.i]]\nk = 1\n')
  assert.equal(
    first('[t]\na = 1\n\n# of b\n[[t.i]]\nk = 0\n[[t.i]]\n'),
    '[t]\na = 1\n\n[[t.i]]\nk = 1\n\n# of b\n[[t.i]]\nk = 0\n[[t.i]]\n',
  )
  assert.equal(first('t.a = """\n# x"""\nt.i = [{ k = 0 }]\n'), 't.a = """\n# x"""\nt.i = [{ k = 1 }, { k = 0 }]\n')
  assert.equal(first('a = """\n# x"""\n[[t.i]]\n'), 'a = """\n# x"""\n[[t.i]]\nk = 1\n\n[[t.i]]\n')
})

test('a table is made behind its kin, or behind the one that is named', () => {
  assert.equal(
    set('[tool.a]\nk = 1\n# of a\n\n# of z\n[z]\n', 'tool', 'b', 'k'),
    '[tool.a]\nk = 1\n# of a\n\n[tool.b]\nk = "v"\n\n# of z\n[z]\n',
  )
  assert.equal(
    edited('[p]\nk = 1\n\n[tool.a]\n', { kind: 'set', path: ['g'], value: { d: ['x'] }, after: 'p' }),
    '[p]\nk = 1\n\n[g]\nd = ["x"]\n\n[tool.a]\n',
  )
})

test('a table goes behind the [[tables]] that there are', () => {
  const append = (text: string): string => edited(text, { kind: 'append-table', path: ['t', 'i'], value: { k: 1 } })
  assert.equal(append('[[t.i]]\nk = 0\n\n[u]\n'), '[[t.i]]\nk = 0\n\n[[t.i]]\nk = 1\n\n[u]\n')
  assert.equal(append('[t]\ni = [{ k = 0 }]\n'), '[t]\ni = [{ k = 0 }, { k = 1 }]\n')
  assert.equal(append('[u]\n'), '[u]\n\n[[t.i]]\nk = 1\n')
  assert.equal(append('t.j = 1\n'), 't.j = 1\nt.i = [{ k = 1 }]\n')
})

test('a table is taken out with all its parts, and the comments stay', () => {
  assert.equal(remove('[a]\n\n[t]\nk = 1\n\n[t.u]\nl = 1\n\n[b]\n', 't'), '[a]\n\n[b]\n')
  assert.equal(remove('[a]\n\n[t] # why\nk = 1\n', 't'), '[a]\n\n# why\n')
  assert.equal(remove('[[t]]\nk = 1\n[[t]]\nk = 2\n', 't', 0), '[[t]]\nk = 2\n')
  assert.equal(remove('o.a = 1\np = 1\no.b = 2\n', 'o'), 'p = 1\n')
  assert.equal(remove('[a]\n', 'b', 'c'), '[a]\n')
})

test('what has no place is refused, and a text that is no TOML too', () => {
  for (const edit of [
    { kind: 'set', path: ['k', 'l'], value: 1 },
    { kind: 'insert', path: ['k'], index: 0, value: 1 },
    { kind: 'insert', path: ['l'], index: 3, value: 1 },
    { kind: 'set', path: ['t', 0], value: 1 },
    { kind: 'remove', path: [] },
  ] as const) {
    assert.throws(() => edited('k = 1\nl = [1]\n[[t]]\n', edit), RangeError, JSON.stringify(edit))
  }
  assert.throws(
    () => set('k = ', 'l'),
    (error) => isDenError(error, 'invalid-toml'),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawSpan, lineOf, printable } from './span.ts'

test('drawSpan() points under the place', () => {
  assert.equal(drawSpan('>=3.x', { start: 3, end: 5 }), '>=3.x\n   ~^')
  assert.equal(drawSpan('abc', { start: 1, end: 2 }), 'abc\n ^')
})

test('drawSpan() points behind the text when something is missing at its end', () => {
  assert.equal(drawSpan('a==', { start: 3, end: 3 }), 'a==\n   ^')
  assert.equal(drawSpan('', { start: 0, end: 0 }), '\n^')
})

test('drawSpan() shows the line that holds the start, and stays on it', () => {
  assert.equal(drawSpan('one\ntwo three\nfour', { start: 8, end: 13 }), 'two three\n    ~~~~^')
  assert.equal(drawSpan('one\ntwo', { start: 1, end: 6 }), 'one\n ~^')
})

test('drawSpan() cuts long lines around the place', () => {
  const text = `${'a'.repeat(500)}X${'b'.repeat(500)}`
  const [line = '', arrow = ''] = drawSpan(text, { start: 500, end: 501 }).split('\n')
  assert.ok(line.length <= 102)
  assert.equal(line.charAt(arrow.indexOf('^')), 'X')
  assert.ok(line.startsWith('…') && line.endsWith('…'))
})

test('drawSpan() counts characters, and lets no control sequence through', () => {
  const [line = '', arrow = ''] = drawSpan('\u{1f600}\x1b[31mX', { start: 7, end: 8 }).split('\n')
  assert.equal(line, '\u{1f600}\u241b[31mX')
  assert.equal([...line][arrow.indexOf('^')], 'X')
})

test('drawSpan() holds spans that lie outside the text inside it', () => {
  assert.equal(drawSpan('ab', { start: 5, end: 9 }), 'ab\n  ^')
})

test('printable() shows line separators, formatting characters and NUL', () => {
  assert.equal(printable('a\0b\u2028c\u200bd\x7f\t'), 'a\u2400b\\u2028c\\u200bd\u2421 ')
})

test('lineOf() counts from one', () => {
  assert.equal(lineOf('a\nb\nc', 0), 1)
  assert.equal(lineOf('a\nb\nc', 2), 2)
  assert.equal(lineOf('a\nb\nc', 4), 3)
})

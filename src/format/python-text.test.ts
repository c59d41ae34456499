import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pythonRepr, splitLines, strip, stripEnd, stripStart, textLines, tryParsePythonRepr } from './python-text.ts'

test('strip() takes away what str.strip() takes away, and no more', () => {
  assert.equal(strip('\x1c\x85\u3000 a b \t\n\u2028'), 'a b')
  assert.equal(strip('\ufeffa\u200b'), '\ufeffa\u200b')
  assert.equal(stripStart('  a '), 'a ')
  assert.equal(stripEnd('  a '), '  a')
  assert.equal(strip(' \t '), '')
})

test('textLines() breaks at the three line ends of text files alone', () => {
  assert.deepEqual(textLines('a\nb\r\nc\rd\x0be\u2028f\n'), ['a', 'b', 'c', 'd\x0be\u2028f'])
  assert.deepEqual(textLines(''), [])
  assert.deepEqual(textLines('\n'), [''])
})

test('splitLines() breaks where str.splitlines() does', () => {
  assert.deepEqual(splitLines('a\x0bb\x1cc\x85d\u2028e\r\nf'), ['a', 'b', 'c', 'd', 'e', 'f'])
})

test('pythonRepr() stays on one line and picks its quotes as Python does', () => {
  assert.equal(pythonRepr('plain'), "'plain'")
  assert.equal(pythonRepr("it's"), `"it's"`)
  assert.equal(pythonRepr(`it's "it"`), `'it\\'s "it"'`)
  assert.equal(pythonRepr('a\nhome = /evil\r\t\0'), "'a\\nhome = /evil\\r\\t\\x00'")
  assert.equal(pythonRepr('ü\u2028\u{1f600}\u{e0001}\\'), "'ü\\u2028\u{1f600}\\U000e0001\\\\'")
})

test('tryParsePythonRepr() reads back what pythonRepr() wrote', () => {
  for (const text of ['', 'a', "'", '"', `'"`, '\\', '\\n', '\n\r\t\0\x7f\u2028', '\u{1f600}\u{e0001}']) {
    assert.equal(tryParsePythonRepr(pythonRepr(text)), text)
  }
})

test('tryParsePythonRepr() refuses what is no string literal', () => {
  for (const text of ['', "'", 'a', "'a", "'a'b'", "'\\x1'", "'\\'", '"a\'']) {
    assert.equal(tryParsePythonRepr(text), undefined, text)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  batchQuote,
  cshQuote,
  fishQuote,
  nuQuote,
  posixQuote,
  powershellQuote,
  pythonQuote,
  xonshQuote,
} from './quote.ts'

const nasty = `a'b"c$d\`e\\f!g%h#i‘é😀`

test('posixQuote() ends the literal for a single quote and leaves the rest alone', () => {
  assert.equal(posixQuote(''), "''")
  assert.equal(posixQuote(nasty), `'a'\\''b"c$d\`e\\f!g%h#i‘é😀'`)
})

test('fishQuote() escapes single quotes and backslashes', () => {
  assert.equal(fishQuote(nasty), `'a\\'b"c$d\`e\\\\f!g%h#i‘é😀'`)
})

test('cshQuote() keeps ! from history', () => {
  assert.equal(cshQuote("it's!"), `'it'\\''s\\!'`)
})

test('powershellQuote() doubles quotes, and writes what is beyond ASCII as bytes', () => {
  assert.equal(powershellQuote("it's $x"), "'it''s $x'")
  assert.equal(powershellQuote('‘é'), '([Text.Encoding]::UTF8.GetString([Byte[]](226, 128, 152, 195, 169)))')
})

test('batchQuote() doubles % and has a single quote for a double one', () => {
  assert.equal(batchQuote('50% "off"'), "50%% 'off'")
})

test('nuQuote() escapes quotes and backslashes', () => {
  assert.equal(nuQuote('a"b\\c#'), '"a\\"b\\\\c#"')
})

test("pythonQuote() keeps UTF-8 as it is, for Python 2.7's bytes", () => {
  assert.equal(pythonQuote("é'\\"), "'é\\'\\\\'")
})

test('xonshQuote() is ASCII', () => {
  assert.equal(xonshQuote('é😀'), "'\\u00e9\\U0001f600'")
  assert.match(xonshQuote(nasty), /^[\x20-\x7e]+$/)
})

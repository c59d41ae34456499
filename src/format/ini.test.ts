import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose, isDenError } from '../base/error.ts'
import { findIniOption, parseIni } from './ini.ts'

function refused(text: string): { line: number | undefined; why: string | undefined } {
  try {
    parseIni(text, { file: 'pip.conf' })
  } catch (error) {
    assert.ok(isDenError(error, 'invalid-ini'))
    return { line: error.detail.line, why: diagnose(error).why }
  }
  return assert.fail(`accepted ${JSON.stringify(text)}`)
}

test('parseIni() keeps the line of each option', () => {
  const ini = parseIni(
    '# pip\n[global]\nindex-url = https://example.org/simple\n\nfind-links =\n    /a\n    /b\n\n[install]\nuser: no\n',
  )
  assert.deepEqual(findIniOption(ini, 'global', 'index-url'), { value: 'https://example.org/simple', line: 3 })
  assert.deepEqual(findIniOption(ini, 'global', 'find-links'), { value: '\n/a\n/b', line: 5 })
  assert.deepEqual(findIniOption(ini, 'install', 'user'), { value: 'no', line: 10 })
})

test('parseIni() takes # and ; for comments at the start of a line alone', () => {
  const ini = parseIni('[a]\nx = 1 # one\n; y = 2\n  # in between\n')
  assert.equal(findIniOption(ini, 'a', 'x')?.value, '1 # one')
  assert.equal(findIniOption(ini, 'a', 'y'), undefined)
})

test('parseIni() joins deeper lines to the option above, section headers included', () => {
  assert.equal(findIniOption(parseIni('[a]\nx = 1\n  [b]\n  y = 2\n'), 'a', 'x')?.value, '1\n[b]\ny = 2')
})

test('findIniOption() falls back to DEFAULT, in sections that exist', () => {
  const ini = parseIni('[DEFAULT]\nx = 1\n[a]\ny = 2\n')
  assert.equal(findIniOption(ini, 'a', 'x')?.value, '1')
  assert.equal(findIniOption(ini, 'b', 'x'), undefined)
})

test('parseIni() lower-cases option names unless told otherwise', () => {
  assert.equal(findIniOption(parseIni('[a]\nIndex-URL=x\n'), 'a', 'index-url')?.value, 'x')
  assert.equal(findIniOption(parseIni('[a]\nIndex-URL=x\n', { keepCase: true }), 'a', 'Index-URL')?.value, 'x')
})

test('parseIni() passes over a byte order mark, and reads every line end', () => {
  assert.equal(findIniOption(parseIni('\ufeff[a]\r\nx=1\r\ny=2\rz=3'), 'a', 'z')?.value, '3')
})

test('parseIni() refuses what configparser refuses, and points at it', () => {
  assert.deepEqual(refused('[a]\nx = 1\nX = 2\n'), {
    line: 3,
    why: 'the option x was set already, in line 2\nX = 2\n^',
  })
  assert.deepEqual(refused('[a]\n[b]\n[a]\n'), {
    line: 3,
    why: 'the section [a] stands here for the second time\n[a]\n~~^',
  })
  assert.equal(refused('x = 1\n').line, 1)
  assert.equal(refused('[a]\nword\n').line, 2)
  assert.equal(refused('[a]\n = 1\n').line, 2)
})

test('parseIni() lets the last of doubles win where asked', () => {
  const ini = parseIni('[a]\nx = 1\n[a]\nx = 2\n', { allowDuplicates: true })
  assert.deepEqual(findIniOption(ini, 'a', 'x'), { value: '2', line: 4 })
})

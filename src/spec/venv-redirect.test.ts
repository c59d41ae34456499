import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { formatVenvRedirect, parseVenvRedirect } from './venv-redirect.ts'

test('parseVenvRedirect() reads the one line', () => {
  for (const text of ['../envs/foo', '../envs/foo\n', '../envs/foo\r\n', '\ufeff../envs/foo\n']) {
    assert.equal(parseVenvRedirect(text), '../envs/foo')
  }
  assert.equal(parseVenvRedirect('C:\\envs\\my env\n'), 'C:\\envs\\my env')
})

test('parseVenvRedirect() takes nothing else for a path', () => {
  for (const text of ['', '\n', 'a\nb\n', 'a\0b', 'a\u2028b', '  ']) assert.equal(parseVenvRedirect(text), undefined)
})

test('formatVenvRedirect() writes what parseVenvRedirect() reads, or refuses', () => {
  assert.equal(parseVenvRedirect(formatVenvRedirect('/envs/a b')), '/envs/a b')
  for (const path of ['a\nb', ' a', '', 'a\0', 'a\ud800']) {
    assert.throws(
      () => formatVenvRedirect(path),
      (error) => isDenError(error, 'unwritable-value'),
      JSON.stringify(path),
    )
  }
})

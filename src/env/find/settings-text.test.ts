import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tomlString } from './settings-text.ts'

test('tomlString() reads a string of a table, dotted or with a header', () => {
  const text =
    'cache-dir = "/c"\nvirtualenvs.path = \'/dotted\'\n[other]\npath = "no"\n[ virtualenvs ] # remark\npath = "a\\"b" # remark\n'
  assert.equal(tomlString(text, '', 'cache-dir'), '/c')
  assert.equal(tomlString(text, 'virtualenvs', 'path'), '/dotted')
  assert.equal(tomlString('[virtualenvs]\npath = "a\\"b"\n', 'virtualenvs', 'path'), 'a"b')
  assert.equal(tomlString(text, 'virtualenvs', 'none'), undefined)
  assert.equal(tomlString('[a]\npath = 3\n', 'a', 'path'), undefined)
})

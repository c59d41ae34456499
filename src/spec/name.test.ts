import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { escapedName, normalizeName, parseProjectName, tryParseProjectName } from './name.ts'

test('parseProjectName() gives the one form of all spellings', () => {
  for (const text of ['Zope.Interface', 'zope-interface', 'ZOPE__interface', 'zope._-interface']) {
    assert.equal(parseProjectName(text), 'zope-interface')
  }
})

test('parseProjectName() refuses what is no name', () => {
  for (const text of ['', '-a', 'a-', 'a b', 'é', 'a/b', '..', 'a\n', '\u212aelvin', 'a.']) {
    assert.throws(
      () => parseProjectName(text),
      (error) => isDenError(error, 'invalid-name'),
      JSON.stringify(text),
    )
    assert.equal(tryParseProjectName(text), undefined)
  }
})

test('escapedName() is the name in filenames', () => {
  assert.equal(escapedName(parseProjectName('zope.interface')), 'zope_interface')
  assert.equal(normalizeName('_X'), '-x')
})

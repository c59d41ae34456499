import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fullRange, intersectRanges, rangeContains, type VersionRange } from './range.ts'
import { parseSpecifiers } from './specifier.ts'
import { parseVersion } from './version.ts'

const range = (text: string): VersionRange => parseSpecifiers(text).range

test('intersectRanges() is what both let through', () => {
  assert.deepEqual(intersectRanges(range('>=1,<3'), range('!=2')), range('>=1,!=2,<3'))
  assert.deepEqual(intersectRanges(range('<1'), range('>=1')), [])
  assert.deepEqual(intersectRanges(fullRange, range('!=2')), range('!=2'))
  assert.deepEqual(intersectRanges([], fullRange), [])
})

test('rangeContains() looks at the bounds alone', () => {
  assert.ok(rangeContains(range('!=1'), parseVersion('2')) && rangeContains(range('!=1'), parseVersion('0')))
  assert.ok(!rangeContains(range('!=1'), parseVersion('1+local')))
  assert.ok(!rangeContains([], parseVersion('1')))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  complementRange,
  fullRange,
  intersectRanges,
  isEmptyRange,
  isSubsetRange,
  rangeContains,
  rangesDisjoint,
  unionRanges,
  type VersionRange,
} from './range.ts'
import { parseSpecifiers, specifiersContain } from './specifier.ts'
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

test('unionRanges(), complementRange() and what compares ranges', () => {
  assert.deepEqual(unionRanges(range('<1'), range('>=1.dev0')), fullRange)
  assert.deepEqual(unionRanges(range('==1.*'), range('==3.*')), [...range('==1.*'), ...range('==3.*')])
  assert.deepEqual(complementRange(range('!=2')), range('==2'))
  assert.deepEqual(complementRange(fullRange), [])
  assert.deepEqual(complementRange([]), fullRange)
  assert.ok(isEmptyRange(range('<1,>2')) && !isEmptyRange(range('==1')))
  assert.ok(isSubsetRange(range('~=1.4'), range('>=1,<2')) && !isSubsetRange(range('>=1'), range('<2')))
  assert.ok(rangesDisjoint(range('<1'), range('>1')) && !rangesDisjoint(range('<=1'), range('>=1')))
})

test('=== is one version in ranges, and a text among the versions that it may be', () => {
  assert.deepEqual(range('===1.0'), range('===1.0.0'))
  assert.ok(isSubsetRange(range('===1.0'), range('==1.0')) && !rangeContains(range('===1.0'), parseVersion('1.0+x')))
  assert.deepEqual(range('===nonsense'), [])
  assert.ok(specifiersContain(parseSpecifiers('===nonsense'), 'NONSENSE'))
  assert.ok(!specifiersContain(parseSpecifiers('===1.0'), '1.0.0'))
})

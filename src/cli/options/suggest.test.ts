import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closest, editDistance } from './suggest.ts'

test('editDistance() counts insertions, deletions, replacements and swaps of neighbours', () => {
  assert.equal(editDistance('create', 'create'), 0)
  assert.equal(editDistance('craete', 'create'), 1)
  assert.equal(editDistance('creat', 'create'), 1)
  assert.equal(editDistance('', 'abc'), 3)
  assert.equal(editDistance('kitten', 'sitting'), 3)
})

test('closest() offers what could have been meant, nearest first, and nothing for nonsense', () => {
  assert.deepEqual(closest('craete', ['create', 'repair', 'run']), ['create'])
  assert.deepEqual(closest('comp', ['completions', 'create']), ['completions'])
  assert.deepEqual(closest('xyzzy', ['create', 'run']), [])
})

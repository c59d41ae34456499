import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closest, editDistance, insteadOf } from './suggest.ts'
import { commands, commandsUnder, findCommand } from './table.ts'

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

test('insteadOf() speaks of words that are no commands, and names commands that there are', () => {
  for (const word of ['install', 'activate', 'deactivate', 'list', 'rm', 'mv', 'new', 'exec', 'clean']) {
    assert.equal(findCommand([word]), undefined, word)
    assert.deepEqual(commandsUnder(word), [], word)
    const lines = insteadOf(word)
    assert.ok(lines.length > 0, word)
    for (const line of lines) {
      const words = /den (.*)$/.exec(line)?.[1]?.split(' ')
      if (words !== undefined)
        assert.ok(words[0] === 'shell: exit' || findCommand(words) !== undefined || words[0] === 'shell:', line)
    }
  }
  for (const { name } of commands) assert.deepEqual(insteadOf(name), [], name)
})

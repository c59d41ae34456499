import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCommand } from './options/environments.ts'
import { spellings } from './options/option.ts'
import { runFlags, runValues, splitRun, wordsOf } from './recall.ts'

test('what splitRun() takes for options of den run are options of den run, with values or without', () => {
  const kinds = new Map(runCommand.options.flatMap((option) => spellings(option).map((word) => [word, option.kind])))
  for (const word of runValues) assert.match(kinds.get(word) ?? 'none', /^(?:text|list)$/, word)
  for (const word of runFlags) assert.match(kinds.get(word) ?? 'none', /^(?:flag|count)$/, word)
  for (const [word, kind] of kinds) assert.ok(!runValues.has(word) || !/flag|count/.test(kind), word)
})

test('splitRun() parts den’s own options from the program, and gives up where that takes more', () => {
  const split = (...words: readonly string[]): string => {
    const found = splitRun(words)
    return found === undefined ? '-' : `${found.key.slice(2).join(' ')} | ${found.command.join(' ')} | ${found.module}`
  }
  assert.equal(split('pytest', '-q', 'x.py'), '--  | pytest -q x.py | false')
  assert.equal(split('-q', '--extra', 'tls', 'pytest'), '-q --extra tls --  | pytest | false')
  assert.equal(split('--group=docs', '--', 'make', '-m'), '--group=docs --  | make -m | false')
  assert.equal(split('-m', 'pytest.py', '-x'), '-m --  | pytest.py -x | true')
  // A Python file may say what it needs, and so belongs to the question.
  assert.equal(split('tool.py', 'a'), '-- tool.py | tool.py a | false')
  for (const words of [[], ['-'], ['-p'], ['--unknown', 'x'], ['-pq', 'x'], ['https://example.org/x.py'], ['--', '-']])
    assert.equal(split(...words), '-', words.join(' '))
})

test('wordsOf() keeps den’s own words apart from pip’s', () => {
  assert.deepEqual(wordsOf(['sync', '-q']), ['den', 'sync', '-q'])
  assert.deepEqual(wordsOf(['pip', 'install', 'x']), ['install', 'x'])
  assert.equal(wordsOf(['pip', 'sync', 'x']), undefined)
  assert.equal(wordsOf(['create']), undefined)
  assert.equal(wordsOf(['sync', '\uFFFD']), undefined)
})

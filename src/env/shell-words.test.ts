import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { shellWord } from '../base/shell-word.ts'
import { unquoteShellWords } from './shell-words.ts'

test('unquoteShellWords() reads quotes and backslashes as a shell does', () => {
  for (const [text, words] of [
    ['', []],
    ['  den  ', ['den']],
    ["'/opt/my den/den' /x/y.js", ['/opt/my den/den', '/x/y.js']],
    [`'it'\\''s' "a \\"b\\" \\$c \\d" ''`, ["it's", 'a "b" $c \\d', '']],
    ['a\\ b', ['a b']],
  ] as const)
    assert.deepEqual(unquoteShellWords(text), words, text)
  for (const open of ["'den", '"den', 'den\\']) assert.equal(unquoteShellWords(open), undefined, open)
})

test('what shellWord() writes is read back, here and by a real shell', { skip: process.platform === 'win32' }, () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !/[\0\n]/.test(text))
  const samples = fc.sample(fc.array(word, { minLength: 1, maxLength: 4 }), { numRuns: 200, seed: 7 })
  for (const words of samples) assert.deepEqual(unquoteShellWords(words.map(shellWord).join(' ')), words)
  const script = samples.map((words) => `printf '%s\\0' ${words.map(shellWord).join(' ')}`).join('\n')
  const shell = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' })
  assert.deepEqual(shell.stdout.split('\0').slice(0, -1), samples.flat())
})

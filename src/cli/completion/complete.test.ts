import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Ask, complete } from './complete.ts'

const ask: Ask = {
  pythons: async () => [{ value: '3.12' }, { value: '3.13', says: '/usr/bin/python3.13' }, { value: 'pypy3.10' }],
  environments: async () => [{ value: 'science' }],
  programs: async () => [{ value: 'pip' }, { value: 'python' }],
}

/** The line up to the bar; the last word is the one being typed. */
async function values(line: string): Promise<readonly string[]> {
  const words = line.split(' ')
  const { candidates } = await complete(words.slice(0, -1), words.at(-1)!, ask)
  return candidates.map(({ value }) => value)
}

async function paths(line: string): Promise<string> {
  const words = line.split(' ')
  return (await complete(words.slice(0, -1), words.at(-1)!, ask)).paths
}

test('complete() offers commands, and the second word of those that have two', async () => {
  assert.deepEqual(await values('cre'), ['create'])
  assert.deepEqual(await values('env '), ['list', 'remove', 'mv', 'cp', 'size'])
  assert.deepEqual(await values('python f'), ['find'])
  assert.ok(!(await values('')).includes('__complete'))
})

test('complete() offers a command’s own options, and those before a command', async () => {
  assert.deepEqual(await values('create --rel'), ['--relocatable'])
  assert.deepEqual(await values('virtualenv --no-d'), ['--no-download'])
  assert.deepEqual(await values('--dir'), ['--directory'])
  assert.deepEqual(await values('-C /tmp cre'), ['create'])
})

test('complete() offers the values of the option before the word, and of the one it begins with', async () => {
  assert.deepEqual(await values('create -p 3.1'), ['3.12', '3.13'])
  assert.deepEqual(await values('create --link-mode c'), ['clone', 'copy'])
  const answer = await complete(['create'], '--python=py', ask)
  assert.deepEqual(answer, { prefix: '--python=', paths: 'files', candidates: [{ value: 'pypy3.10' }] })
})

test('complete() counts operands, and skips options with their values', async () => {
  assert.deepEqual(await values('completions b'), ['bash'])
  assert.deepEqual(await values('completions bash b'), [])
  assert.deepEqual(await values('explain --name x s'), ['science'])
  assert.equal(await paths('create one two '), 'directories')
})

test('complete() leaves the line alone once it belongs to another program', async () => {
  assert.deepEqual(await values('run p'), ['pip', 'python'])
  assert.deepEqual(await values('run python -'), [])
  assert.equal(await paths('run python x'), 'files')
})

test('complete() offers names alone where only a name will do', async () => {
  assert.deepEqual(await values('run -n s'), ['science'])
  assert.equal(await paths('run -n s'), 'none')
  assert.equal(await paths('explain s'), 'directories')
})

test('complete() offers, after a command that others begin with, its operands and those others', async () => {
  assert.deepEqual(await values('hook '), ['bash', 'zsh', 'sh', 'fish', 'nushell', 'xonsh', 'powershell', 'allow'])
  assert.deepEqual(await values('hook bash '), [])
  assert.deepEqual(await values('--vers'), ['--version'])
})

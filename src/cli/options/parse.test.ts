import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../../base/error.ts'
import type { Option } from './option.ts'
import { parseArguments } from './parse.ts'

const python: Option<string> = { name: 'python', short: 'p', kind: 'text', value: 'SPEC', help: '', since: '0' }
const prompt: Option<string> = { name: 'prompt', kind: 'text', value: 'TEXT', help: '', since: '0' }
const quiet: Option<number> = { name: 'quiet', short: 'q', kind: 'count', help: '', since: '0' }
const requirement: Option<readonly string[]> = {
  name: 'requirement',
  short: 'r',
  kind: 'list',
  value: 'FILE',
  help: '',
  since: '0',
}
const seed: Option<readonly string[]> = {
  name: 'seed',
  kind: 'list',
  value: 'LIST',
  commas: true,
  choices: ['pip', 'wheel'],
  help: '',
  since: '0',
}
const search: Option<readonly string[]> = {
  name: 'search',
  kind: 'list',
  value: 'D',
  greedy: true,
  help: '',
  since: '0',
}
const download: Option<boolean> = {
  name: 'download',
  kind: 'flag',
  negations: ['no-download', 'never-download'],
  excludes: 'download',
  help: '',
  since: '0',
}
const copies: Option<boolean> = {
  name: 'copies',
  aliases: ['always-copy'],
  kind: 'flag',
  excludes: 'links',
  help: '',
  since: '0',
}
const symlinks: Option<boolean> = { name: 'symlinks', kind: 'flag', excludes: 'links', help: '', since: '0' }
const options: readonly Option[] = [python, prompt, quiet, requirement, seed, search, download, copies, symlinks]

function parse(line: string | readonly string[], more: { grammar?: 'argparse'; passThrough?: boolean } = {}) {
  const argv = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line
  const { given, operands } = parseArguments({ argv, options, command: 'den test', ...more })
  return { operands, ...Object.fromEntries([...given].map(([option, value]) => [option.name, value])) }
}

function refusal(line: string | readonly string[], more: Parameters<typeof parse>[1] = {}): string {
  try {
    parse(line, more)
  } catch (error) {
    if (isDenError(error)) return error.code
    throw error
  }
  return 'accepted'
}

test('parseArguments() reads the four ways to give a value', () => {
  for (const line of ['--python 3.12', '--python=3.12', '-p 3.12', '-p3.12', '-p=3.12']) {
    assert.deepEqual(parse(`${line} here`), { python: '3.12', operands: ['here'] }, line)
  }
})

test('parseArguments() takes clusters of short options, the last with its value', () => {
  assert.deepEqual(parse('-qqp3.12'), { quiet: 2, python: '3.12', operands: [] })
  assert.deepEqual(parse('-qrone -rtwo -r three'), { quiet: 1, requirement: ['one', 'two', 'three'], operands: [] })
})

test('parseArguments() keeps an empty value and an equals sign inside one', () => {
  assert.deepEqual(parse(['--prompt=', '--python', 'a=b']), { prompt: '', python: 'a=b', operands: [] })
})

test('parseArguments() ends the options at --', () => {
  assert.deepEqual(parse('-q -- -q --python'), { quiet: 1, operands: ['-q', '--python'] })
})

test('parseArguments() takes a lone dash for an operand and for a value', () => {
  assert.deepEqual(parse('- -r -'), { requirement: ['-'], operands: ['-'] })
})

test('parseArguments() leaves everything after the first operand alone where the command passes it through', () => {
  const line = ['-q', 'python', '-q', '--', '--python', '-Z']
  assert.deepEqual(parse(line, { passThrough: true }), { quiet: 1, operands: ['python', '-q', '--', '--python', '-Z'] })
  assert.deepEqual(parse(['--', '-q', '-x'], { passThrough: true }), { operands: ['-q', '-x'] })
})

test('parseArguments() divides a comma list and checks each part', () => {
  assert.deepEqual(parse('--seed pip,wheel'), { seed: ['pip', 'wheel'], operands: [] })
  assert.equal(refusal('--seed pip,wheels'), 'bad-option-value')
})

test('parseArguments() gives a greedy list every value up to the next option', () => {
  assert.deepEqual(parse('--search a b -q c'), { search: ['a', 'b'], quiet: 1, operands: ['c'] })
})

test('parseArguments() sets a flag to false by its negations, and lets only one of them stand', () => {
  assert.deepEqual(parse('--never-download'), { download: false, operands: [] })
  assert.equal(refusal('--download --no-download'), 'options-conflict')
  assert.equal(refusal('--copies --symlinks'), 'options-conflict')
  assert.deepEqual(parse('--copies --copies'), { copies: true, operands: [] })
})

test('parseArguments() refuses what the table does not have, and says what is near', () => {
  assert.equal(refusal('--pyhton 3'), 'unknown-option')
  assert.equal(refusal('-x'), 'unknown-option')
  assert.throws(
    () => parse('--pyhton 3'),
    (error) => isDenError(error, 'unknown-option') && error.detail.suggestions.includes('--python'),
  )
})

test('parseArguments() refuses a missing value, also where the next word is an option', () => {
  assert.equal(refusal('--python'), 'option-needs-value')
  assert.equal(refusal('--python --quiet'), 'option-needs-value')
  assert.equal(refusal('--quiet=1'), 'option-takes-no-value')
})

test('parseArguments() abbreviates in argparse’s grammar only', () => {
  assert.equal(refusal('--pyth 3'), 'unknown-option')
  assert.deepEqual(parse('--pyth 3 --alw', { grammar: 'argparse' }), { python: '3', copies: true, operands: [] })
  assert.equal(refusal('--p 3', { grammar: 'argparse' }), 'ambiguous-option')
})

test('parseArguments() does not count den’s additions when argparse’s grammar abbreviates', () => {
  const added: Option<string> = { ...python, addition: true }
  const { given } = parseArguments({
    argv: ['--p', 'x'],
    options: [added, prompt],
    grammar: 'argparse',
    command: 'den test',
  })
  assert.deepEqual([...given], [[prompt, 'x']])
})

test('parseArguments() reads dashes as argparse does in its grammar', () => {
  assert.equal(refusal(['--prompt', '-z'], { grammar: 'argparse' }), 'option-needs-value')
  assert.deepEqual(parse(['--prompt', '-1'], { grammar: 'argparse' }), { prompt: '-1', operands: [] })
  assert.deepEqual(parse(['--prompt', '-a b'], { grammar: 'argparse' }), { prompt: '-a b', operands: [] })
})

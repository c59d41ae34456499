import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDotenv } from './dotenv.ts'

function read(text: string, env: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(parseDotenv(text, (name) => env[name]).variables)
}

test('parseDotenv() reads names and values, bare and in quotes', () => {
  const text = [
    '# about',
    'A=1',
    '  export B = two words  # a remark',
    "C='single $A ${A} \\' # kept'",
    'D="a\\tb \\"c\\" # kept" # not',
    'E=',
    'F=with#sign',
    'G="line one',
    'line two"',
    'H=last',
  ].join('\r\n')
  assert.deepEqual(read(text), {
    A: '1',
    B: 'two words',
    C: "single $A ${A} ' # kept",
    D: 'a\tb "c" # kept',
    E: '',
    F: 'with#sign',
    G: 'line one\nline two',
    H: 'last',
  })
})

test('parseDotenv() fills in what other variables say; the surroundings come first', () => {
  assert.deepEqual(read('A=1\nB=${A}/${HOME}\nC="${NONE:-else}"\nD=${NONE}x', { HOME: '/h', A: '2' }), {
    A: '1',
    B: '2//h',
    C: 'else',
    D: 'x',
  })
})

test('parseDotenv() passes over what says nothing, and tells where', () => {
  const { variables, passed } = parseDotenv('A=1\nwhat is this\n\n=2\nB="open\nC=3\n', () => undefined)
  assert.deepEqual([...variables.keys()], ['A', 'B', 'C'])
  assert.deepEqual(passed, [2, 4])
})

test('parseDotenv() takes time in proportion to the text', () => {
  const start = performance.now()
  parseDotenv('A="'.repeat(100_000), () => undefined)
  parseDotenv(`A='${'\\'.repeat(200_001)}`, () => undefined)
  parseDotenv('a b\n'.repeat(100_000), () => undefined)
  assert.ok(performance.now() - start < 4000)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { divideRequirements } from './requirement-words.ts'

test('a comma divides requirements where a name follows it', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['six', ['six']],
    ['six,idna', ['six', 'idna']],
    ['six , idna>=3,<4,requests[socks,use-chardet]~=2.0', ['six', 'idna>=3,<4', 'requests[socks,use-chardet]~=2.0']],
    ['six (>=1,<2), idna', ['six (>=1,<2)', 'idna']],
    ['six>=1, !=1.5', ['six>=1, !=1.5']],
    ['six; python_version in "3.8,3.9"', ['six; python_version in "3.8,3.9"']],
    ['./a,b', ['./a,b']],
    ['x @ https://host/a,b', ['x @ https://host/a,b']],
  ]
  for (const [word, parts] of cases) assert.deepEqual(divideRequirements(word), parts, word)
})

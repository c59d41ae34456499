import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doubtsOfPythons } from './python-doubts.ts'
import { parseSpecifiers, specifiersContain } from './specifier.ts'
import { parseVersion } from './version.ts'

const told = (text: string): readonly string[] => doubtsOfPythons(parseSpecifiers(text))

test('what two numbers of a Python mean is said where it is seldom what was meant, and is so', () => {
  const cases = [
    ['~=3.11', '~=3.11 is >=3.11,<4: for 3.11 alone write ==3.11.*', '3.12.0', true],
    ['==3.11', '==3.11 is 3.11.0 alone: for all of 3.11 write ==3.11.*', '3.11.1', false],
    ['<=3.13', '<=3.13 leaves out 3.13.1 and what follows it: for all of 3.13 write <3.14', '3.13.1', false],
    ['>3.9', '>3.9 takes in 3.9.1 and what follows it: for 3.10 and newer write >=3.10', '3.9.1', true],
  ] as const
  for (const [text, doubt, version, isIn] of cases) {
    assert.deepEqual(told(text), [doubt])
    assert.equal(specifiersContain(parseSpecifiers(text), parseVersion(version)), isIn, text)
  }
  assert.equal(told('>3.8,<=3.13').length, 2)
  for (const plain of [
    '',
    '>=3.11',
    '>=3.11,<4',
    '~=3.11.0',
    '==3.11.*',
    '!=3.9',
    '<3.14',
    '<=3.13.1',
    '==3.11.7',
    '~=3.11rc1',
  ])
    assert.deepEqual(told(plain), [], plain)
})

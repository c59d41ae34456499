import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { parseWheelFile } from './wheel-file.ts'

test('parseWheelFile() reads the fields', () => {
  assert.deepEqual(
    parseWheelFile(
      'Wheel-Version: 1.0\nGenerator: x (1)\nRoot-Is-Purelib: TRUE\nTag: py2-none-any\nTag: py3-none-any\nBuild: 1\n\n',
    ),
    {
      wheelVersion: [1, 0],
      rootIsPurelib: true,
      tags: ['py2-none-any', 'py3-none-any'],
      generator: 'x (1)',
      build: '1',
      newerMinor: false,
    },
  )
  assert.equal(parseWheelFile('Wheel-Version: 1.9\nRoot-Is-Purelib: false\n').newerMinor, true)
})

test('parseWheelFile() refuses another major version, and what is missing', () => {
  for (const text of [
    'Wheel-Version: 2.0\nRoot-Is-Purelib: true\n',
    'Wheel-Version: one\nRoot-Is-Purelib: true\n',
    'Root-Is-Purelib: true\n',
    'Wheel-Version: 1.0\n',
    'Wheel-Version: 1.0\nRoot-Is-Purelib: maybe\n',
    '',
  ]) {
    assert.throws(
      () => parseWheelFile(text),
      (error) => isDenError(error, 'invalid-metadata'),
      text,
    )
  }
})

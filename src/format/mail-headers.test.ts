import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findHeader, headerValues, parseMailMessage } from './mail-headers.ts'

test('parseMailMessage() parts fields from the body', () => {
  const message = parseMailMessage('Name: foo\nSummary:  two  words \nClassifier: a\nclassifier: b\n\nBody: no field\n')
  assert.equal(findHeader(message, 'NAME')?.value, 'foo')
  assert.equal(findHeader(message, 'Summary')?.value, 'two  words ')
  assert.deepEqual(headerValues(message, 'Classifier'), ['a', 'b'])
  assert.equal(message.body, 'Body: no field\n')
  assert.equal(findHeader(message, 'Body'), undefined)
})

test('parseMailMessage() keeps folded lines as they stand', () => {
  const message = parseMailMessage('License: one\r\n        |two\r\n\tthree\r\nName: x\r\n')
  assert.equal(findHeader(message, 'License')?.value, 'one\r\n        |two\r\n\tthree')
  assert.deepEqual(findHeader(message, 'Name'), { name: 'Name', value: 'x', line: 4 })
})

test('parseMailMessage() takes the first line that is no field for the body', () => {
  assert.deepEqual(parseMailMessage('A: 1\nnot a field\nB: 2\n'), {
    headers: [{ name: 'A', value: '1', line: 1 }],
    body: 'not a field\nB: 2\n',
  })
})

test('parseMailMessage() reads an empty text', () => {
  assert.deepEqual(parseMailMessage(''), { headers: [], body: '' })
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { recordRowPath, updateRecord } from './record-rows.ts'

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url')
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('recordRowPath() reads plain and quoted paths', () => {
  assert.equal(recordRowPath('a/b.py,sha256=x,1'), 'a/b.py')
  assert.equal(recordRowPath('"a,b ""c"".py",sha256=x,1'), 'a,b "c".py')
  assert.equal(recordRowPath(''), '')
})

test('updateRecord() gives changed rows their new hash and size and leaves every other byte', () => {
  const text =
    'a.py,sha256=old,3\r\n"b,c.py",sha256=old,3\r\n../../../bin/tool,sha256=old,9\r\nx.dist-info/RECORD,,\r\n'
  const updated = updateRecord(
    text,
    new Map([
      ['../../../bin/tool', bytes('new!')],
      ['b,c.py', bytes('')],
    ]),
  )
  assert.equal(
    updated,
    `a.py,sha256=old,3\r\n"b,c.py",sha256=${hash('')},0\r\n../../../bin/tool,sha256=${hash('new!')},4\r\nx.dist-info/RECORD,,\r\n`,
  )
})

test('updateRecord() leaves rows without a hash without one, and takes removed files away', () => {
  assert.equal(updateRecord('a.pyc,,\nb.py,sha256=x,1\n', new Map([['a.pyc', bytes('x')]])), undefined)
  assert.equal(updateRecord('a.pyc,,\nb.py,sha256=x,1\n', new Map([['a.pyc', undefined]])), 'b.py,sha256=x,1\n')
})

test('updateRecord() has nothing to say of a RECORD that lists none of the files', () => {
  assert.equal(updateRecord('a.py,sha256=x,1\n', new Map([['b.py', bytes('')]])), undefined)
})

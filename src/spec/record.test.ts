import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { Sha256 } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import { formatRecord, isStrongHash, parseRecord, parseRecordHash, recordHash, sha256OfRecordHash } from './record.ts'

test('parseRecord() reads rows with and without hash and size', () => {
  assert.deepEqual(
    parseRecord('a/b.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\r\n"a, b.py",,\nx.dist-info/RECORD,,\n'),
    [
      { path: 'a/b.py', hash: { algorithm: 'sha256', digest: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU' }, size: 0 },
      { path: 'a, b.py' },
      { path: 'x.dist-info/RECORD' },
    ],
  )
})

test('parseRecord() refuses paths that leave the wheel, and allows them where they belong', () => {
  for (const path of ['/etc/passwd', '../x', 'a/../../x', 'C:/x', 'a\\b', 'a//b', './a', 'a/./b', 'a\0b', '']) {
    assert.throws(
      () => parseRecord(`ok,,\n${path},,\n`, { file: 'RECORD' }),
      (error) => isDenError(error, 'invalid-record') && error.detail.line === 2,
      path,
    )
  }
  assert.deepEqual(
    parseRecord('../../../bin/pip,,\n/abs,,\n', { outside: 'allow' }).map((entry) => entry.path),
    ['../../../bin/pip', '/abs'],
  )
})

test('parseRecord() refuses hashes, sizes and rows that mean nothing', () => {
  for (const row of ['a,sha256,1', 'a,sha256=!,1', 'a,,x', 'a,,-1', 'a,,1.5', 'a,,1,2']) {
    assert.throws(
      () => parseRecord(`${row}\n`),
      (error) => isDenError(error, 'invalid-record'),
      row,
    )
  }
})

test('parseRecord() takes a row twice for once, unless they contradict', () => {
  assert.equal(parseRecord('a,,1\na,,1\n').length, 1)
  assert.throws(() => parseRecord('a,,1\na,,2\n'))
})

test('recordHash() and sha256OfRecordHash() turn hex into base64 and back', () => {
  for (const content of ['', 'a', 'den', 'x'.repeat(1000)]) {
    const hex = createHash('sha256').update(content).digest('hex') as Sha256
    const hash = recordHash(hex)
    assert.equal(hash.digest, createHash('sha256').update(content).digest('base64url'))
    assert.equal(sha256OfRecordHash(hash), hex)
  }
  const { digest } = recordHash('0'.repeat(64) as Sha256)
  assert.equal(sha256OfRecordHash({ algorithm: 'sha256', digest: `${digest.slice(0, -1)}B` }), undefined)
  assert.equal(sha256OfRecordHash({ algorithm: 'sha512', digest }), undefined)
})

test('isStrongHash() refuses what the standard refuses', () => {
  const strong = (text: string): boolean => isStrongHash(parseRecordHash(text)!)
  assert.ok(strong('sha256=aa') && strong('sha512=aa') && strong('blake2b=aa'))
  assert.ok(!strong('md5=aa') && !strong('sha1=aa') && !strong('sha224=aa'))
})

test('formatRecord() writes what parseRecord() reads', () => {
  const entries = [{ path: 'a,"b"\n.py', hash: { algorithm: 'sha256', digest: 'abc' }, size: 3 }, { path: 'RECORD' }]
  assert.deepEqual(parseRecord(formatRecord(entries)), entries)
  assert.equal(formatRecord([{ path: 'RECORD' }]), 'RECORD,,\n')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { findHeader } from '../format/mail-headers.ts'
import { parseMetadata } from './metadata.ts'

test('parseMetadata() reads what an installer needs', () => {
  const metadata = parseMetadata(
    'Metadata-Version: 2.4\nName: Foo.Bar\nVersion: 1.0RC1\nSummary: short\nRequires-Python: >=3.8\nRequires-Dist: a>=1;\n  extra == "x"\nRequires-Dist: b\nProvides-Extra: x\nDynamic: Requires-Dist\nLicense-Expression: MIT\n\nLong text\n',
  )
  assert.deepEqual(metadata.metadataVersion, [2, 4])
  assert.equal(metadata.name, 'foo-bar')
  assert.equal(metadata.rawName, 'Foo.Bar')
  assert.equal(metadata.version.text, '1.0rc1')
  assert.equal(metadata.summary, 'short')
  assert.equal(metadata.requiresPython, '>=3.8')
  assert.deepEqual(metadata.requiresDist, ['a>=1; extra == "x"', 'b'])
  assert.deepEqual(metadata.providesExtra, ['x'])
  assert.deepEqual(metadata.dynamic, ['requires-dist'])
  assert.equal(findHeader(metadata.message, 'License-Expression')?.value, 'MIT')
  assert.equal(metadata.message.body, 'Long text\n')
})

test('parseMetadata() reads old PKG-INFO, its UNKNOWN and its missing version', () => {
  const metadata = parseMetadata('Name: foo\nVersion: 1\nSummary: UNKNOWN\n')
  assert.deepEqual(metadata.metadataVersion, [1, 0])
  assert.equal(metadata.summary, undefined)
})

test('parseMetadata() refuses what names no project, no version, or a format to come', () => {
  for (const text of [
    'Version: 1\n',
    'Name: foo\n',
    'Name: -\nVersion: 1\n',
    'Name: foo\nVersion: x\n',
    'Metadata-Version: 3.0\nName: foo\nVersion: 1\n',
    'Metadata-Version: x\nName: foo\nVersion: 1\n',
    '',
  ]) {
    assert.throws(
      () => parseMetadata(text),
      (error) => isDenError(error, 'invalid-metadata'),
      text,
    )
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMailMessage } from '../format/mail-headers.ts'
import { dedentHeader, metadataFields } from './metadata-fields.ts'
import { metadataJson } from './metadata-json.ts'

const message = parseMailMessage(`Metadata-Version: 2.6
Name: Foo
Version: 1.0
Summary: short
Keywords: one,two , three
License-Expression: MIT
License-File: LICENSE
License-File: vendored/LICENSE
Classifier: Programming Language :: Python
Project-URL: Home, https://example.org/?a,b
Import-Name: foo
Import-Name: _foo ; private
Import-Namespace:
Author: UNKNOWN
License: MIT
        |  no bar

Long text
`)

test('metadataFields() gives each field its type', () => {
  const fields = metadataFields(message)
  assert.deepEqual(fields.keywords, ['one', 'two', 'three'])
  assert.equal(fields.licenseExpression, 'MIT')
  assert.deepEqual(fields.licenseFiles, ['LICENSE', 'vendored/LICENSE'])
  assert.deepEqual(fields.projectUrls, [{ label: 'Home', url: 'https://example.org/?a,b' }])
  assert.deepEqual(fields.importNames, [
    { name: 'foo', private: false },
    { name: '_foo', private: true },
  ])
  assert.deepEqual(fields.importNamespaces, [], 'told to be none')
  assert.equal(fields.author, undefined, 'UNKNOWN is nothing')
  assert.equal(fields.description, 'Long text\n')
  assert.equal(metadataFields(parseMailMessage('Name: a\n')).importNames, undefined, 'not told')
})

test('metadataFields() reads the descriptions of old metadata', () => {
  const description = (text: string): string | undefined => metadataFields(parseMailMessage(text)).description
  assert.equal(description('Description: a\n       |  b\n       |c\n'), 'a\n  b\nc')
  assert.equal(description('Description: a\n          b\n        c\n'), 'a\n  b\nc')
  assert.equal(description('Description: UNKNOWN\n'), undefined)
  assert.equal(dedentHeader('a\n'), 'a\n')
})

test('metadataJson() is what pip reports', () => {
  assert.deepEqual(Object.keys(metadataJson(message)), [
    'metadata_version',
    'name',
    'version',
    'summary',
    'description',
    'keywords',
    'author',
    'license',
    'license_expression',
    'license_file',
    'classifier',
    'project_url',
  ])
  assert.deepEqual(metadataJson(message)['keywords'], ['one', 'two', 'three'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { parseIndexHtml, parseIndexJson, parseIndexPage } from './simple-index.ts'

const url = 'https://index.example.org/simple/foo/'
const digest = 'ab'.repeat(32)

test('both forms of one page give one value', () => {
  const html = parseIndexHtml(
    `<html><head><meta name="pypi:repository-version" content="1.4"><meta name="pypi:project-status" content="archived"><meta name="pypi:project-status-reason" content="done"></head><body>
<a href="../../files/foo-1.0-py3-none-any.whl#sha256=${digest}" data-requires-python="&gt;=3.8" data-core-metadata="sha256=${digest}" data-yanked="broken &lt;1&gt;" data-gpg-sig="true" data-provenance="https://index.example.org/p">foo-1.0-py3-none-any.whl</a>
<a href="https://files.example.org/foo-0.9.tar.gz">foo-0.9.tar.gz</a></body></html>`,
    { url },
  )
  const json = parseIndexJson(
    JSON.stringify({
      meta: { 'api-version': '1.4' },
      name: 'foo',
      versions: ['0.9', '1.0'],
      'project-status': { status: 'archived', reason: 'done' },
      files: [
        {
          filename: 'foo-1.0-py3-none-any.whl',
          url: '../../files/foo-1.0-py3-none-any.whl',
          hashes: { sha256: digest.toUpperCase() },
          'requires-python': '>=3.8',
          'core-metadata': { sha256: digest },
          yanked: 'broken <1>',
          'gpg-sig': true,
          provenance: 'https://index.example.org/p',
        },
        {
          filename: 'foo-0.9.tar.gz',
          url: 'https://files.example.org/foo-0.9.tar.gz',
          hashes: {},
          yanked: false,
          'core-metadata': false,
          provenance: null,
        },
      ],
    }),
    { url },
  )
  assert.deepEqual(html, { files: json.files, apiVersion: json.apiVersion, status: json.status })
  assert.equal(json.name, 'foo')
  assert.deepEqual(json.versions, ['0.9', '1.0'])
  assert.deepEqual(json.files[0], {
    filename: 'foo-1.0-py3-none-any.whl',
    url: 'https://index.example.org/files/foo-1.0-py3-none-any.whl',
    hashes: { sha256: digest },
    requiresPython: '>=3.8',
    yanked: 'broken <1>',
    metadata: { sha256: digest },
    hasSignature: true,
    provenance: 'https://index.example.org/p',
  })
})

test('parseIndexJson() reads size and upload time, and the old name of the metadata key', () => {
  const page = parseIndexJson(
    JSON.stringify({
      files: [
        {
          filename: 'foo-1.zip',
          url: 'foo-1.zip',
          hashes: {},
          size: 12,
          'upload-time': '2026-01-02T03:04:05.6Z',
          'dist-info-metadata': true,
          yanked: true,
        },
      ],
    }),
    { url },
  )
  assert.partialDeepStrictEqual(page.files[0], {
    size: 12,
    uploadTime: '2026-01-02T03:04:05.6Z',
    metadata: true,
    yanked: true,
  })
})

test('parseIndexHtml() resolves by the first base, and decodes a name once', () => {
  const page = parseIndexHtml(
    '<base href="/mirror/"><base href="/no/"><a href="foo-1.0%2Blocal-py3-none-any.whl">x</a><a href="foo-1.0%252Fx.zip">y</a>',
    { url },
  )
  assert.deepEqual(
    page.files.map((file) => [file.filename, file.url]),
    [
      ['foo-1.0+local-py3-none-any.whl', 'https://index.example.org/mirror/foo-1.0%2Blocal-py3-none-any.whl'],
      ['foo-1.0%2Fx.zip', 'https://index.example.org/mirror/foo-1.0%252Fx.zip'],
    ],
  )
})

test('addresses of both forms are resolved as a browser does, whatever they look like', () => {
  const addresses = [
    '../../files/foo/foo-1.zip',
    '../../files/foo/foo-2.zip',
    '../../files/bar/../foo/foo-1.zip',
    '/abs/foo-1.zip',
    '//other.example.org/d/foo-1.zip',
    'foo-1.zip',
    './foo-1.zip',
    'a/./b/foo-1.zip',
    'a//b/foo-1.zip',
    'a b/foo-1.zip',
    'a/%2e%2e/foo-1.zip',
    'http:foo-1.zip',
    'x?y=/foo-1.zip',
    'a\\b/foo-1.zip',
    'https://cdn.example.org/a/b/foo-1.zip',
    'https://cdn.example.org/a/../foo-1.zip',
    'HTTPS://CDN.example.org/foo-1.zip',
  ]
  const files = addresses.map((address) => ({ filename: 'foo-1.zip', url: address, hashes: {} }))
  const wanted = addresses.map((address) => new URL(address, url).href)
  assert.deepEqual(
    parseIndexJson(JSON.stringify({ files }), { url }).files.map((file) => file.url),
    wanted,
  )
  const html = parseIndexHtml(addresses.map((address) => `<a href="${address}">foo-1.zip</a>`).join(''), { url })
  assert.deepEqual(
    html.files.map((file) => file.url),
    wanted,
  )
})

test('parseIndexHtml() takes data-yanked without a value for a yank, and the text where the address tells no name', () => {
  const page = parseIndexHtml('<a href="/download?id=7" data-yanked>foo-1.0.tar.gz</a>', { url })
  assert.deepEqual(page.files, [
    { filename: 'foo-1.0.tar.gz', url: 'https://index.example.org/download?id=7', hashes: {}, yanked: true },
  ])
})

test('no form lets a name through that would leave its directory', () => {
  const evil = ['../foo-1.zip', 'a/foo-1.zip', '..', '', 'foo\\..\\1.zip', 'foo\0-1.zip', 'foo\n-1.zip']
  const json = parseIndexJson(JSON.stringify({ files: evil.map((filename) => ({ filename, url: 'x', hashes: {} })) }), {
    url,
  })
  assert.deepEqual(json.files, [])
  const html = parseIndexHtml(
    '<a href="..%2F..%2Ffoo-1.zip">../foo-1.zip</a><a href="%E0%A4%A.zip">x</a><a href="javascript:foo-1">x</a>',
    { url },
  )
  assert.deepEqual(html.files, [])
})

test('single files that make no sense are passed over', () => {
  const page = parseIndexJson(
    JSON.stringify({
      files: [
        1,
        null,
        {},
        { filename: 'a-1.zip' },
        { filename: 'a-1.zip', url: 'http://[' },
        { filename: 'a-2.zip', url: 'a-2.zip', hashes: { sha256: 5, md5: 'zz' }, size: -1, 'requires-python': null },
      ],
    }),
    { url },
  )
  assert.deepEqual(page.files, [{ filename: 'a-2.zip', url: `${url}a-2.zip`, hashes: {} }])
})

test('a page of another kind or a later major version is refused', () => {
  const cases: (() => unknown)[] = [
    () => parseIndexJson('<html>', { url }),
    () => parseIndexJson('[]', { url }),
    () => parseIndexJson('{}', { url }),
    () => parseIndexJson('{"meta":{"api-version":"2.0"},"files":[]}', { url }),
    () => parseIndexHtml('<meta name="pypi:repository-version" content="2.0">', { url }),
    () => parseIndexPage('{}', { url, contentType: 'image/png' }),
    () => parseIndexPage('{}', { url, contentType: '' }),
  ]
  for (const make of cases) assert.throws(make, (error) => isDenError(error, 'invalid-index-page'))
})

test('parseIndexPage() goes by the media type', () => {
  assert.deepEqual(
    parseIndexPage('<a href="a-1.zip">', { url, contentType: 'text/html; charset=utf-8' }).files.length,
    1,
  )
  assert.deepEqual(
    parseIndexPage('{"files":[]}', { url, contentType: 'application/vnd.pypi.simple.v1+json' }).files.length,
    0,
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import zlib from 'node:zlib'
import type { ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import type { Platform } from '../host/host.ts'
import { encodeBody, type PageBody } from './page-body.ts'
import { openPageEncoder } from './page-encoder.ts'

const here = process.platform as Platform

/** A page of 2,000 releases: three of them are worth a thread. */
function pageOf(name: string, state = 'active'): Buffer {
  const files = Array.from({ length: 2000 }, (_, index) => ({
    filename: `${name}-${index}.0-py3-none-any.whl`,
    url: `../../files/${name}/${name}-${index}.0-py3-none-any.whl`,
    hashes: { sha256: index.toString(16).padStart(64, `${name.length}a`) },
    'upload-time': new Date(1.7e12 + index * 1e6).toISOString(),
  }))
  return Buffer.from(JSON.stringify({ meta: { 'api-version': '1.3' }, 'project-status': { status: state }, files }))
}

function bodyOf(name: string, content: Uint8Array, more: Partial<PageBody> = {}): PageBody {
  const url = `https://index.example.org/simple/${name}/`
  const contentType = 'application/vnd.pypi.simple.v1+json'
  return { name: name as ProjectName, body: Uint8Array.from(content), maxBytes: 2 ** 27, url, contentType, ...more }
}

test('encode() gives for many pages what reading them here gives, packed or not', async (t) => {
  const encoder = openPageEncoder(here)
  t.after(encoder.close)
  const names = Array.from({ length: 12 }, (_, index) => `${'p'.repeat(index + 1)}`)
  const bodies = names.map((name, index) => {
    const plain = pageOf(name, index % 2 === 0 ? 'active' : 'archived')
    return () => (index % 3 === 0 ? bodyOf(name, plain) : bodyOf(name, zlib.gzipSync(plain), { coding: 'gzip' }))
  })
  const parts = await Promise.all(bodies.map((body) => encoder.encode(body())))
  for (const [index, found] of parts.entries()) {
    const expected = encodeBody(bodies[index]!())!
    assert.equal(found?.encoded.count, 2000)
    assert.deepEqual(Buffer.from(found!.encoded.versions), Buffer.from(expected.encoded.versions))
    assert.deepEqual(Buffer.from(found!.encoded.files), Buffer.from(expected.encoded.files))
    const facts = ({ encoded, ...rest }: typeof expected) => [encoded.filesPart, encoded.requires, rest]
    assert.deepEqual(facts(found!), facts(expected))
  }
})

test('encode() tells on either thread what is no page, and gives nothing for what cannot be unpacked', async (t) => {
  const encoder = openPageEncoder(here)
  t.after(encoder.close)
  const large = pageOf('app')
  for (const round of ['on this thread', 'on the other']) {
    const refused = await encoder.encode(bodyOf('app', Buffer.from('{"files": 1}'))).catch((error: unknown) => error)
    assert.ok(isDenError(refused, 'invalid-index-page'), round)
    assert.equal(refused.detail.reason, 'it has no list of files', round)
    assert.equal(await encoder.encode(bodyOf('app', Buffer.from('no gzip'), { coding: 'gzip' })), undefined, round)
    const packed = zlib.gzipSync(large)
    assert.equal(await encoder.encode(bodyOf('app', packed, { coding: 'gzip', maxBytes: 1000 })), undefined, round)
    assert.equal((await encoder.encode(bodyOf('app', large)))?.encoded.count, 2000, round)
  }
})

test('encode() works on after its threads were ended', async (t) => {
  const encoder = openPageEncoder(here)
  t.after(encoder.close)
  await encoder.encode(bodyOf('app', pageOf('app')))
  encoder.close()
  assert.equal((await encoder.encode(bodyOf('app', pageOf('app'))))?.encoded.count, 2000)
})

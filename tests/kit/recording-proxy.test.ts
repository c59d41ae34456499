import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { servedWheel, serveIndex } from './index-server.ts'
import { openRecordingProxy, type ProxyOptions, type RecordingProxy, spawnRecordingProxy } from './recording-proxy.ts'
import { scratch } from './scratch.ts'

const json = { accept: 'application/vnd.pypi.simple.v1+json' }
const app = servedWheel({ name: 'app', version: '1.0', requires: ['dep'] }, { uploadTime: '2026-01-01T00:00:00Z' })
const { metadata, ...bare } = servedWheel({ name: 'bare', version: '1.0', requires: ['dep'] })

async function setup(t: TestContext, open = openRecordingProxy) {
  const real = await serveIndex(t, [app, bare])
  const directory = path.join(scratch(t), 'recorded')
  const start = async (options: ProxyOptions = {}): Promise<RecordingProxy> => {
    const proxy = await open({ upstream: real.url, directory, ...options })
    t.after(() => proxy.close())
    return proxy
  }
  return { real, directory, start }
}

interface Page {
  readonly files: readonly {
    readonly url: string
    readonly 'upload-time'?: string
    readonly 'core-metadata': unknown
  }[]
}

for (const [where, open] of [
  ['in this process', openRecordingProxy],
  ['in its own', spawnRecordingProxy],
] as const) {
  test(`the recording proxy (${where}) asks the real index once, and serves the same without it`, async (t) => {
    const { real, start } = await setup(t, open)
    const look = async (proxy: RecordingProxy) => {
      const response = await fetch(`${proxy.url}app/`, { headers: json })
      const page = (await response.json()) as Page
      const [file] = page.files
      const url = new URL(file!.url, response.url).href
      assert(url.startsWith(new URL(proxy.url).origin), url)
      return {
        page,
        bytes: Buffer.from(await (await fetch(url)).arrayBuffer()),
        metadata: await (await fetch(`${url}.metadata`)).text(),
        missing: (await fetch(`${proxy.url}none/`, { headers: json })).status,
        outside: (await fetch(`${new URL(proxy.url).origin}/files/app/..%2F..%2Fpages%2Fapp.json`)).status,
      }
    }
    const recording = await start()
    const seen = await look(recording)
    assert.equal(seen.page.files[0]!['upload-time'], '2026-01-01T00:00:00Z')
    assert.deepEqual(seen.bytes, Buffer.from(app.bytes))
    assert.equal(seen.metadata, app.metadata)
    assert.equal(seen.missing, 404)
    assert.equal(seen.outside, 404)
    const asked = real.requests.length
    assert.deepEqual(await look(recording), seen)
    assert.deepEqual(await look(await start({ offline: true })), seen)
    assert.equal(real.requests.length, asked)
    assert.deepEqual(await recording.counts(), {
      pages: 2,
      notModified: 0,
      metadata: 2,
      files: 2,
      ranges: 0,
      missing: 4,
      bytes: (await recording.counts()).bytes,
    })
    await recording.reset()
    assert.equal((await recording.counts()).pages, 0)
  })
}

test('the recording proxy has metadata where the real index has none, HTML, ranges, ETags and a delay', async (t) => {
  const { start, directory } = await setup(t)
  const proxy = await start({ delay: 60 })
  const before = performance.now()
  const response = await fetch(`${proxy.url}bare/`, { headers: json })
  assert(performance.now() - before >= 55)
  await proxy.delay(0)
  const page = (await response.json()) as Page
  assert.equal(page.files[0]!['core-metadata'], true)
  const url = new URL(page.files[0]!.url, response.url).href
  assert.equal(await (await fetch(`${url}.metadata`)).text(), metadata)
  const part = await fetch(url, { headers: { range: 'bytes=-10' } })
  assert.equal(part.status, 206)
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), Buffer.from(bare.bytes.subarray(-10)))
  const etag = response.headers.get('etag')!
  assert.equal((await fetch(`${proxy.url}bare/`, { headers: { ...json, 'if-none-match': etag } })).status, 304)
  assert.match(
    await (await fetch(`${proxy.url}bare/`)).text(),
    /data-core-metadata="true">bare-1\.0-py3-none-any\.whl</,
  )
  const { notModified, ranges, metadata: asked } = await proxy.counts()
  assert.deepEqual({ notModified, ranges, asked }, { notModified: 1, ranges: 1, asked: 1 })
  assert.deepEqual(fs.readdirSync(directory).sort(), ['files', 'pages'])
})

test('the recording proxy says when the real index cannot be asked, and tries again the next time', async (t) => {
  const { real, start } = await setup(t)
  const proxy = await start()
  real.fault({ on: '/simple/', kind: 'status', status: 403, times: 1 })
  assert.equal((await fetch(`${proxy.url}app/`, { headers: json })).status, 502)
  assert.equal((await fetch(`${proxy.url}app/`, { headers: json })).status, 200)
})

import assert from 'node:assert/strict'
import fs from 'node:fs'
import type http from 'node:http'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { serveHttp } from '../../tests/kit/http-server.ts'
import { isDenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { type CachedResponse, type HttpCache, type HttpCacheOptions, httpBucket, openHttpCache } from './cache.ts'
import { openTransport } from './transport.ts'

const maxBytes = 2 ** 20
const hour = 60 * 60 * 1000
const year = 365 * 24 * hour

interface Setting {
  now: number
  offline: boolean
  options: Partial<HttpCacheOptions>
}

/** A server that counts, and a cache that can be opened again and again as later dens would. */
async function setUp(
  t: TestContext,
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
): Promise<{
  setting: Setting
  requests: http.IncomingHttpHeaders[]
  notes: () => readonly string[]
  bucket: string
  at: (path: string) => SafeUrl
  open: () => HttpCache
  get: (path: string, headers?: Record<string, string>) => Promise<CachedResponse & { text: string }>
}> {
  const requests: http.IncomingHttpHeaders[] = []
  const server = await serveHttp(t, (request, response) => {
    requests.push(request.headers)
    answer(request, response)
  })
  const setting: Setting = { now: Date.now(), offline: false, options: {} }
  const context = testContext(t, { host: { now: () => setting.now } })
  const at = (path: string): SafeUrl => tryParseUrl(`${server.origin}${path}`)!
  const open = (): HttpCache => {
    const transport = openTransport(context, { offline: setting.offline, pauseMilliseconds: 1, attempts: 1 })
    t.after(() => transport.close())
    return openHttpCache(context, { transport, directory: context.places.cache, ...setting.options })
  }
  return {
    setting,
    requests,
    notes: () => context.events.flatMap((event) => (event.kind === 'note' ? [event.text] : [])),
    bucket: path.join(context.places.cache, httpBucket),
    at,
    open,
    get: async (place, headers = {}) => {
      const response = await open().fetch({ url: at(place), headers, maxBytes, compressed: true })
      return { ...response, text: Buffer.from(response.body).toString() }
    },
  }
}

const entriesIn = (bucket: string): string[] =>
  fs
    .readdirSync(bucket, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes(path.sep))
    .map((name) => path.join(bucket, name))

test('a fresh answer is used unasked, an old one is asked about', async (t) => {
  let text = 'one'
  const { setting, requests, get } = await setUp(t, (request, response) => {
    response.setHeader('cache-control', 'max-age=600')
    response.setHeader('etag', `"${text}"`)
    if (request.headers['if-none-match'] === `"${text}"`) return void response.writeHead(304).end()
    response.end(text)
  })
  const first = await get('/a')
  assert.deepEqual([first.from, first.text], ['network', 'one'])
  const second = await get('/a')
  assert.deepEqual([second.from, second.text, second.status, second.headers['etag']], ['fresh', 'one', 200, '"one"'])
  assert.equal(requests.length, 1)
  setting.now += 601_000
  assert.deepEqual([(await get('/a')).from, requests.length], ['revalidated', 2])
  // What was asked about is fresh again.
  assert.deepEqual([(await get('/a')).from, requests.length], ['fresh', 2])
  setting.now += 601_000
  text = 'two'
  const changed = await get('/a')
  assert.deepEqual([changed.from, changed.text, requests[2]!['if-none-match']], ['network', 'two', '"one"'])
})

test('a date does as a validator', async (t) => {
  const modified = new Date(Date.now() - hour).toUTCString()
  const { get } = await setUp(t, (request, response) => {
    response.setHeader('last-modified', modified)
    if (request.headers['if-modified-since'] === modified) return void response.writeHead(304).end()
    response.end('text')
  })
  await get('/a')
  const again = await get('/a')
  assert.deepEqual([again.from, again.text], ['revalidated', 'text'])
})

test('clocks ten years off make nothing fresh that is not', async (t) => {
  const { setting, requests, get } = await setUp(t, (_, response) => {
    response.setHeader('cache-control', 'max-age=999999999999')
    response.end('text')
  })
  const start = setting.now
  await get('/a')
  for (const years of [-10, 10]) {
    const before = requests.length
    setting.now = start + years * year
    await get('/a')
    assert.equal(requests.length, before + 1, `${years} years`)
    setting.now = start
    await get('/a')
    assert.equal(requests.length, before + 2, `back from ${years} years`)
  }
})

test('no-store, Vary: * and refusals leave nothing; Vary is followed', async (t) => {
  const { requests, bucket, get } = await setUp(t, (request, response) => {
    if (request.url === '/store') response.setHeader('cache-control', 'no-store')
    else response.setHeader('cache-control', 'max-age=600')
    if (request.url === '/star') response.setHeader('vary', '*')
    if (request.url === '/vary') response.setHeader('vary', 'Accept-Language, Accept-Encoding')
    response.end(`${request.headers['accept-language']}`)
  })
  for (const place of ['/store', '/star']) {
    await get(place)
    await get(place)
  }
  assert.equal(requests.length, 4)
  assert.deepEqual(entriesIn(bucket), [])
  await get('/vary', { 'accept-language': 'sv' })
  assert.equal((await get('/vary', { 'Accept-Language': 'sv' })).from, 'fresh')
  assert.deepEqual([(await get('/vary', { 'accept-language': 'de' })).text, requests.length], ['de', 6])
})

test('--refresh asks about fresh answers, but not about immutable ones', async (t) => {
  const { setting, requests, get } = await setUp(t, (request, response) => {
    response.setHeader('cache-control', request.url === '/file' ? 'max-age=600, immutable' : 'max-age=600')
    response.setHeader('etag', '"one"')
    if (request.headers['if-none-match'] === '"one"') return void response.writeHead(304).end()
    response.end('text')
  })
  for (const place of ['/page', '/file']) await get(place)
  setting.options = { refresh: true }
  assert.deepEqual([(await get('/page')).from, (await get('/file')).from, requests.length], ['revalidated', 'fresh', 3])
  setting.options = { refresh: (href) => href.endsWith('/other') }
  assert.equal((await get('/page')).from, 'fresh')
})

test('offline, old answers do and that is said; what is not kept is refused', async (t) => {
  const { setting, requests, notes, get } = await setUp(t, (_, response) => response.end('text'))
  await get('/a')
  setting.offline = true
  setting.now += 30 * 24 * hour
  const stale = await get('/a')
  assert.deepEqual([stale.from, stale.text, requests.length], ['stale', 'text', 1])
  assert.match(notes().join('\n'), /offline: .*\/a .* as of 20/)
  await assert.rejects(get('/b'), (error) => isDenError(error, 'offline'))
})

test('a redirected answer does for the address offline only', async (t) => {
  let target = '/one'
  const { setting, requests, get } = await setUp(t, (request, response) => {
    if (request.url === '/a') return void response.writeHead(302, { location: target }).end()
    response.setHeader('cache-control', 'max-age=600')
    response.setHeader('etag', '"same"')
    if (request.headers['if-none-match'] !== undefined) return void response.writeHead(304).end()
    response.end(request.url)
  })
  await get('/a')
  target = '/two'
  assert.deepEqual([(await get('/a')).text, requests.length], ['/two', 4])
  setting.offline = true
  assert.equal((await get('/a')).text, '/two')
})

test('every damage to an entry is a miss, and mended', async (t) => {
  const { requests, bucket, get } = await setUp(t, (_, response) => {
    response.setHeader('cache-control', 'max-age=600')
    response.end('some text')
  })
  await get('/a')
  const [file] = entriesIn(bucket)
  const whole = fs.readFileSync(file!)
  let asked = requests.length
  for (let at = 0; at < whole.length; at += 7) {
    const flipped = Buffer.from(whole)
    flipped[at]! ^= 1 << (at % 8)
    for (const damaged of [flipped, whole.subarray(0, at)]) {
      fs.writeFileSync(file!, damaged)
      assert.equal((await get('/a')).text, 'some text', `at ${at}`)
      asked += 1
      assert.equal(requests.length, asked, `at ${at}`)
    }
  }
  assert.equal((await get('/a')).from, 'fresh')
})

test('a 304 that speaks of something else is not believed', async (t) => {
  const { setting, get } = await setUp(t, (request, response) => {
    response.setHeader('etag', request.headers['if-none-match'] === undefined ? '"one"' : '"other"')
    if (request.headers['if-none-match'] !== undefined) return void response.writeHead(304).end()
    response.end('text')
  })
  await get('/a')
  setting.now += hour
  const again = await get('/a')
  assert.deepEqual([again.from, again.text], ['network', 'text'])
})

test('no secret is written: neither cookies nor credentials', async (t) => {
  const { bucket, at, open } = await setUp(t, (_, response) => {
    response.setHeader('set-cookie', 'session=hunter2')
    response.setHeader('cache-control', 'max-age=600')
    response.setHeader('vary', 'X-Token, Authorization')
    response.end('text')
  })
  const url = tryParseUrl(at('/a').href.replace('//', '//me:hunter2@'))!
  await open().fetch({ url, headers: { 'x-token': 'hunter2', authorization: 'hunter2' }, maxBytes })
  const files = entriesIn(bucket)
  assert.equal(files.length, 1)
  assert.doesNotMatch(fs.readFileSync(files[0]!, 'latin1'), /hunter2|aHVudGVyM/)
  assert.equal(fs.statSync(bucket).mode & 0o077, 0)
})

test('a cache that is a link, or cannot be written, costs nothing but time', async (t) => {
  const { bucket, notes, get } = await setUp(t, (_, response) => {
    response.setHeader('cache-control', 'max-age=600')
    response.end('text')
  })
  const elsewhere = path.join(path.dirname(bucket), 'elsewhere')
  fs.mkdirSync(elsewhere, { recursive: true })
  fs.symlinkSync(elsewhere, bucket)
  assert.equal((await get('/a')).text, 'text')
  assert.deepEqual(fs.readdirSync(elsewhere), [])
  assert.match(notes().join('\n'), /not a directory of this user/)
  fs.unlinkSync(bucket)
  fs.writeFileSync(bucket, 'a file')
  assert.equal((await get('/a')).text, 'text')
})

test('what was used longest ago goes first when the cache is too large', async (t) => {
  const { setting, requests, bucket, open, at, get } = await setUp(t, (_, response) => {
    response.setHeader('cache-control', 'max-age=31536000')
    response.end(Buffer.alloc(10_000, 120))
  })
  setting.options = { budget: 50_000 }
  for (let count = 0; count < 8; count += 1) await get(`/${count}`)
  for (const [index, file] of entriesIn(bucket).entries()) {
    const time = (setting.now - (20 - index) * hour) / 1000
    fs.utimesSync(file, time, time)
  }
  // Used now, and so among the last to go.
  assert.equal((await get('/0')).from, 'fresh')
  const cache = open()
  await cache.fetch({ url: at('/9'), maxBytes })
  cache.close()
  const size = entriesIn(bucket).reduce((total, file) => total + fs.statSync(file).size, 0)
  assert.ok(size <= 50_000, String(size))
  const before = requests.length
  assert.equal((await get('/0')).from, 'fresh')
  assert.equal((await get('/9')).from, 'fresh')
  assert.equal(requests.length, before)
})

test('asked for twice at once, it is fetched once', async (t) => {
  const { requests, open, at } = await setUp(t, (_, response) => void setTimeout(() => response.end('text'), 30))
  const cache = open()
  await Promise.all(Array.from({ length: 5 }, () => cache.fetch({ url: at('/a'), maxBytes })))
  assert.equal(requests.length, 1)
})

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { noise, serveFile, serveHttp, sha256 } from '../../tests/kit/http-server.ts'
import { isDenError } from '../base/error.ts'
import type { ErrorCode } from '../base/errors/catalogue.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { sha256Stream } from '../host/hash.ts'
import type { Sink } from './download.ts'
import { openTransport, type Transport, type TransportOptions } from './transport.ts'

const url = (text: string): SafeUrl => tryParseUrl(text)!
const maxBytes = 2 ** 24

function client(t: TestContext, options: TransportOptions = {}, signal?: AbortSignal): Transport {
  const context = testContext(t, signal === undefined ? {} : { signal })
  const transport = openTransport(context, { idleMilliseconds: 400, pauseMilliseconds: 1, ...options })
  t.after(() => transport.close())
  return transport
}

/** A sink as the caller has it: the bytes, and a hash that runs along. */
function hashing(): Sink & { digest(): string; size(): number } {
  let hash = sha256Stream()
  let size = 0
  return {
    write: (chunk) => {
      hash.update(chunk)
      size += chunk.length
    },
    restart: () => {
      hash = sha256Stream()
      size = 0
    },
    digest: () => hash.hex(),
    size: () => size,
  }
}

async function rejects(promise: Promise<unknown>, code: ErrorCode, detail = /./): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(isDenError(error, code), String(error))
    assert.match(JSON.stringify(error.detail), detail)
    return true
  })
}

const bytes = noise(300_000)

test('download() takes a broken connection up again where it broke', async (t) => {
  const server = await serveFile(t, { bytes, etag: '"one"' })
  server.cuts.push(100_000, 0, 50_000)
  const sink = hashing()
  const done = await client(t).download({ url: url(`${server.origin}/f.whl`), maxBytes }, sink)
  assert.equal(sink.digest(), sha256(bytes))
  assert.deepEqual([done.bytes, done.resumed, done.restarted], [300_000, 3, 0])
  assert.deepEqual(
    server.requests.map(({ range, 'if-range': condition }) => [range, condition]),
    [
      [undefined, undefined],
      ['bytes=100000-', '"one"'],
      ['bytes=100000-', '"one"'],
      ['bytes=150000-', '"one"'],
    ],
  )
})

test('download() asks for no range where the caller wants none, or the last one was false', async (t) => {
  const server = await serveFile(t, { bytes, etag: '"one"' })
  server.manner = 'shifted'
  server.cuts.push(100_000)
  const address = url(`${server.origin}/f`)
  const first = hashing()
  // Bytes of the right number and with the right label: only the hash can tell.
  const lied = await client(t).download({ url: address, maxBytes }, first)
  assert.deepEqual([lied.resumed, first.digest() === sha256(bytes)], [1, false])
  server.cuts.push(100_000)
  const second = hashing()
  const done = await client(t).download({ url: address, maxBytes, resume: false }, second)
  assert.deepEqual([done.resumed, done.restarted, second.digest() === sha256(bytes)], [0, 1, true])
})

test('download() begins anew when the file has changed in between', async (t) => {
  const other = noise(200_000, 2)
  const server = await serveFile(t, { bytes, etag: '"one"' })
  server.cuts.push(100_000)
  const sink = hashing()
  let changed = false
  const done = await client(t).download(
    { url: url(`${server.origin}/f`), maxBytes },
    {
      ...sink,
      write: (chunk) => {
        if (!changed) Object.assign(server.content, { bytes: other, etag: '"two"' })
        changed = true
        return sink.write(chunk)
      },
    },
  )
  assert.equal(sink.digest(), sha256(other))
  assert.deepEqual([done.bytes, done.restarted], [200_000, 1])
})

test('download() puts no other range behind what it has', async (t) => {
  for (const manner of ['from the start', 'unlabelled', 'multipart', 'ignored'] as const) {
    const server = await serveFile(t, { bytes, etag: '"one"' })
    server.manner = manner
    server.cuts.push(100_000)
    const sink = hashing()
    const done = await client(t).download({ url: url(`${server.origin}/f`), maxBytes }, sink)
    assert.equal(sink.digest(), sha256(bytes), manner)
    assert.deepEqual([done.resumed, done.restarted], [0, 1], manner)
  }
})

test('download() notices a changed file where the server does not look at If-Range', async (t) => {
  const other = noise(300_000, 2)
  const server = await serveFile(t, { bytes, etag: '"one"' })
  server.manner = 'unconditional'
  server.cuts.push(100_000)
  const sink = hashing()
  await client(t).download(
    { url: url(`${server.origin}/f`), maxBytes },
    {
      ...sink,
      write: (chunk) => {
        Object.assign(server.content, { bytes: other, etag: '"two"' })
        return sink.write(chunk)
      },
    },
  )
  assert.equal(sink.digest(), sha256(other))
})

test('download() without a validator begins anew, unless the caller has a hash', async (t) => {
  for (const hashed of [false, true]) {
    const server = await serveFile(t, { bytes, etag: 'W/"weak"' })
    server.cuts.push(100_000)
    const sink = hashing()
    const done = await client(t).download({ url: url(`${server.origin}/f`), maxBytes, hashed }, sink)
    assert.equal(sink.digest(), sha256(bytes))
    assert.deepEqual([done.resumed, done.restarted], hashed ? [1, 0] : [0, 1])
  }
})

test('download() takes an old date for a validator, a young one not', async (t) => {
  for (const [age, resumed] of [
    [3600_000, 1],
    [0, 0],
  ] as const) {
    const server = await serveFile(t, { bytes, lastModified: new Date(Date.now() - age).toUTCString() })
    server.cuts.push(100_000)
    const done = await client(t).download({ url: url(`${server.origin}/f`), maxBytes }, hashing())
    assert.equal(done.resumed, resumed)
  }
})

test('download() fails where the file changed and the sink cannot begin anew', async (t) => {
  const server = await serveFile(t, { bytes })
  server.cuts.push(100_000)
  const running = client(t).download({ url: url(`${server.origin}/f`), maxBytes }, { write: () => undefined })
  await rejects(running, 'fetch-failed', /changed/)
})

test('download() gives up after its attempts, but not while much comes', async (t) => {
  const short = await serveFile(t, { bytes, etag: '"one"' })
  short.cuts.push(1000, 1000, 1000, 1000, 1000)
  const giving = client(t).download({ url: url(`${short.origin}/f`), maxBytes }, hashing())
  await rejects(giving, 'fetch-failed', /"attempts":4/)
  const long = noise(8 * 2 ** 20)
  const server = await serveFile(t, { bytes: long, etag: '"one"' })
  server.cuts.push(...Array.from({ length: 6 }, () => 1.25 * 2 ** 20))
  const sink = hashing()
  const done = await client(t).download({ url: url(`${server.origin}/f`), maxBytes }, sink)
  assert.equal(sink.digest(), sha256(long))
  assert.equal(done.resumed, 6)
})

test('download() reads no faster than the sink writes', async (t) => {
  const size = 64 * 2 ** 20
  let sent = 0
  const piece = Buffer.alloc(2 ** 20)
  const server = await serveHttp(t, (_, response) => {
    response.writeHead(200, { 'content-length': size })
    const more = (): void => {
      while (sent < size) {
        sent += piece.length
        if (!response.write(piece)) return void response.once('drain', more)
      }
      response.end()
    }
    more()
  })
  let received = 0
  let ahead = 0
  let open = 0
  await client(t, { idleMilliseconds: 300 }).download(
    { url: url(`${server.origin}/f`), maxBytes: size },
    {
      write: async (chunk) => {
        open += 1
        assert.equal(open, 1)
        // Longer than the silence that ends an attempt: a slow caller is no silent server.
        if (received === 0) await new Promise((resolve) => setTimeout(resolve, 700))
        received += chunk.length
        ahead = Math.max(ahead, sent - received)
        open -= 1
      },
    },
  )
  assert.equal(received, size)
  assert.ok(ahead < 24 * 2 ** 20, `the server was ${ahead} bytes ahead`)
})

test('download() bears a sink that is slow all the time', async (t) => {
  const server = await serveFile(t, { bytes: noise(40_000) })
  let received = 0
  // Each write takes half of a silence, all of them many periods of the watch for dripping servers.
  await client(t, { idleMilliseconds: 60 }).download(
    { url: url(`${server.origin}/f`), maxBytes, attempts: 1 },
    {
      write: async (chunk) => {
        for (let rest = chunk.length; rest > 0; rest -= 1500) await new Promise((resolve) => setTimeout(resolve, 30))
        received += chunk.length
      },
    },
  )
  assert.equal(received, 40_000)
})

test('download() makes one call of the sink at a time, also when the connection breaks during it', async (t) => {
  const server = await serveFile(t, { bytes, etag: '"one"' })
  server.cuts.push(90_000, 60_000, 30_000)
  const sink = hashing()
  let open = 0
  const one = async (work: () => void): Promise<void> => {
    open += 1
    assert.equal(open, 1)
    // Longer than it takes the server to break off and the client to come back.
    await new Promise((resolve) => setTimeout(resolve, 60))
    work()
    open -= 1
  }
  const done = await client(t).download(
    { url: url(`${server.origin}/f`), maxBytes },
    { write: (chunk) => one(() => void sink.write(chunk)), restart: () => one(() => void sink.restart?.()) },
  )
  assert.deepEqual([open, done.bytes, sink.digest()], [0, 300_000, sha256(bytes)])
})

test('download() hands on what the sink throws, and asks no more', async (t) => {
  const server = await serveFile(t, { bytes, etag: '"one"' })
  const full = new Error('disk full')
  for (const write of [
    (): void => {
      throw full
    },
    (): Promise<void> => Promise.reject(full),
  ]) {
    const before = server.requests.length
    await assert.rejects(client(t).download({ url: url(`${server.origin}/f`), maxBytes }, { write }), full)
    assert.equal(server.requests.length, before + 1)
  }
})

test('download() refuses what is too large, absent or silent, and stops by either signal', async (t) => {
  const server = await serveFile(t, { bytes })
  const file = url(`${server.origin}/f`)
  await rejects(client(t).download({ url: file, maxBytes: 1000 }, hashing()), 'answer-too-large')
  const odd = await serveHttp(t, (request, response) => {
    if (request.url === '/absent') return void response.writeHead(404).end()
    response.writeHead(200, request.url === '/endless' ? {} : { 'content-length': 1000 })
    if (request.url === '/silent') return void response.write('x')
    const more = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(65536), () => setTimeout(more, 1))
    }
    more()
  })
  const at = (path: string): SafeUrl => url(`${odd.origin}${path}`)
  await rejects(client(t).download({ url: at('/absent'), maxBytes }, hashing()), 'http-status')
  await rejects(client(t).download({ url: at('/endless'), maxBytes: 2 ** 20 }, hashing()), 'answer-too-large')
  const silent = client(t).download({ url: at('/silent'), maxBytes, attempts: 1 }, hashing())
  await rejects(silent, 'fetch-failed', /no byte came/)
  for (const whose of ['context', 'request'] as const) {
    const controller = new AbortController()
    const { signal } = controller
    const transport = client(t, {}, whose === 'context' ? signal : undefined)
    const own = whose === 'request' ? { signal } : {}
    const running = transport.download({ url: at('/endless'), maxBytes: 2 ** 34, ...own }, hashing())
    setTimeout(() => controller.abort(), 60)
    await rejects(running, 'aborted')
  }
})

test('download() gives the bytes as they come, whatever coding the server claims', async (t) => {
  const server = await serveHttp(t, (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bytes.length }).end(bytes),
  )
  const sink = hashing()
  await client(t).download({ url: url(`${server.origin}/app-1.0.tar.gz`), maxBytes }, sink)
  assert.equal(sink.digest(), sha256(bytes))
})

test('download() tells how it goes', async (t) => {
  const server = await serveFile(t, { bytes: noise(2 ** 20), etag: '"one"' })
  server.cuts.push(2 ** 19)
  const context = testContext(t)
  const transport = openTransport(context, { pauseMilliseconds: 1 })
  t.after(() => transport.close())
  await transport.download({ url: url(`${server.origin}/f`), maxBytes }, hashing())
  const received = context.events.flatMap((event) => (event.kind === 'fetch.progress' ? [event.received] : []))
  assert.deepEqual(
    received,
    [...received].sort((a, b) => a - b),
  )
  assert.equal(context.events.filter(({ kind }) => kind === 'fetch.started').length, 1)
  assert.equal(context.events.filter(({ kind }) => kind === 'fetch.done').length, 1)
})

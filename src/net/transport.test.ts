import assert from 'node:assert/strict'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { serveBytes, serveHttp } from '../../tests/kit/http-server.ts'
import { servedWheel, serveIndex } from '../../tests/kit/index-server.ts'
import { diagnose, isDenError } from '../base/error.ts'
import type { ErrorCode } from '../base/errors/catalogue.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { openTransport, type Transport, type TransportOptions } from './transport.ts'

const url = (text: string): SafeUrl => tryParseUrl(text)!
const maxBytes = 2 ** 20

function client(t: TestContext, env: Record<string, string> = {}, options: TransportOptions = {}): Transport {
  const transport = openTransport(testContext(t, { env }), { idleMilliseconds: 300, pauseMilliseconds: 1, ...options })
  t.after(() => transport.close())
  return transport
}

async function rejects(promise: Promise<unknown>, code: ErrorCode, reason?: RegExp): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(isDenError(error, code), String(error))
    if (reason !== undefined) assert.match(JSON.stringify(error.detail), reason)
    return true
  })
}

const wheel = servedWheel({ name: 'app', version: '1.0' })

test('fetch() gives the bytes and keeps the connection', async (t) => {
  const index = await serveIndex(t, [wheel])
  const transport = client(t)
  const file = url(`${index.origin}/files/${wheel.filename}`)
  assert.deepEqual(Buffer.from((await transport.fetch({ url: file, maxBytes })).body), Buffer.from(wheel.bytes))
  assert.equal((await transport.fetch({ url: url(`${index.url}nothing/`), maxBytes })).status, 404)
})

test('fetch() tries again after 503, a cut body, a reset and a stall', async (t) => {
  const index = await serveIndex(t, [wheel])
  const file = url(`${index.origin}/files/${wheel.filename}`)
  const transport = client(t)
  for (const fault of [
    { kind: 'status', status: 503, times: 2 },
    { kind: 'truncate', times: 2 },
    { kind: 'reset', times: 2 },
    { kind: 'stall', where: 'headers', times: 1 },
    { kind: 'stall', where: 'body', times: 1 },
  ] as const) {
    index.fault({ on: '/files/', ...fault })
    const before = index.requests.length
    assert.equal((await transport.fetch({ url: file, maxBytes })).body.length, wheel.bytes.length)
    assert.equal(index.requests.length - before, fault.times + 1, fault.kind)
  }
})

test('fetch() knows a refusal by its status, whatever its page is', async (t) => {
  const answers: Record<string, (response: http.ServerResponse) => void> = {
    '/long': (response) => response.writeHead(403).end('x'.repeat(3 * 2 ** 20)),
    '/announced': (response) => response.writeHead(403, { 'content-length': 2 ** 30 }).write('x'),
    '/encoded': (response) => response.writeHead(404, { 'content-encoding': 'br' }).end('x'),
    '/moved': (response) => response.writeHead(302, { location: '/here' }).end('x'.repeat(3 * 2 ** 20)),
    '/here': (response) => response.end('here'),
  }
  const server = http.createServer((request, response) => answers[request.url!]!(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const transport = client(t)
  const at = (path: string): SafeUrl => url(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
  await rejects(transport.fetch({ url: at('/long'), maxBytes }), 'http-status', /403/)
  await rejects(transport.fetch({ url: at('/announced'), maxBytes }), 'http-status', /403/)
  assert.equal((await transport.fetch({ url: at('/encoded'), maxBytes })).status, 404)
  assert.equal(Buffer.from((await transport.fetch({ url: at('/moved'), maxBytes })).body).toString(), 'here')
})

test('fetch() waits no longer than the transport does, whatever the request would bear', async (t) => {
  const index = await serveIndex(t, [wheel])
  index.fault({ on: '/files/', kind: 'stall', where: 'headers' })
  const file = url(`${index.origin}/files/${wheel.filename}`)
  const fetching = client(t).fetch({ url: file, maxBytes, attempts: 1, idleMilliseconds: 60_000 })
  await rejects(fetching, 'fetch-failed', /no byte came for 0\.3 s/)
})

test('fetch() gives up after its attempts, saying why', async (t) => {
  const index = await serveIndex(t, [wheel])
  const file = url(`${index.origin}/files/${wheel.filename}`)
  index.fault({ on: '/files/', kind: 'truncate' })
  await rejects(client(t).fetch({ url: file, maxBytes, attempts: 2 }), 'fetch-failed', /"attempts":2/)
  const down = await serveIndex(t)
  down.fault({ on: '/', kind: 'status', status: 503 })
  await rejects(client(t).fetch({ url: url(down.url), maxBytes }), 'http-status', /503/)
  assert.equal(down.requests.length, 4)
})

test('fetch() does not ask again for what will not pass', async (t) => {
  const index = await serveIndex(t, [], { login: { user: 'u', password: 'p' } })
  await rejects(client(t).fetch({ url: url(index.url), maxBytes }), 'http-status', /401/)
  assert.equal(index.requests.length, 1)
})

test('fetch() follows Retry-After', async (t) => {
  const index = await serveIndex(t, [wheel])
  index.fault({ on: '/files/', kind: 'status', status: 429, retryAfter: '1', times: 1 })
  const start = performance.now()
  await client(t).fetch({ url: url(`${index.origin}/files/${wheel.filename}`), maxBytes })
  assert.ok(performance.now() - start > 900)
})

test('a server that wants to be left alone for long is not waited for', async (t) => {
  const index = await serveIndex(t, [wheel])
  const start = performance.now()
  for (const retryAfter of ['86400', new Date(Date.now() + 86_400_000).toUTCString(), '9'.repeat(40)]) {
    index.fault({ on: '/files/', kind: 'status', status: 429, retryAfter, times: 1 })
    const asked = index.requests.length
    const at = url(`${index.origin}/files/${wheel.filename}`)
    for (const way of ['fetch', 'download'] as const) {
      if (way === 'download') index.fault({ on: '/files/', kind: 'status', status: 503, retryAfter, times: 1 })
      const transport = client(t)
      const going =
        way === 'fetch'
          ? transport.fetch({ url: at, maxBytes })
          : transport.download({ url: at, maxBytes }, { write: () => undefined })
      await assert.rejects(going, (error: unknown) => {
        assert.ok(isDenError(error, 'http-status'))
        const { why } = diagnose(error)
        assert.match(why ?? '', retryAfter.startsWith('9') ? /left alone until \+?2\d+-/ : /left alone until 20\d\d-/)
        return true
      })
    }
    assert.equal(index.requests.length, asked + 2)
  }
  assert.ok(performance.now() - start < 10_000)
})

test('fetch() sends credentials to their own origin only, and prints them nowhere', async (t) => {
  const other = await serveIndex(t, [wheel])
  const index = await serveIndex(t, [wheel], { login: { user: 'user', password: 'p@ss word' } })
  const own = url(`http://user:p%40ss%20word@127.0.0.1:${index.port}/simple/app/`)
  const transport = client(t)
  assert.equal((await transport.fetch({ url: own, maxBytes })).status, 200)
  index.fault({ on: '/simple/app/', kind: 'redirect', to: `${other.origin}/simple/app/`, times: 1 })
  const moved = await transport.fetch({ url: own, maxBytes })
  assert.equal(moved.url.origin, other.origin)
  assert.equal(other.requests[0]!.headers.authorization, undefined)
  index.fault({ on: '/simple/app/', kind: 'status', status: 500 })
  await assert.rejects(transport.fetch({ url: own, maxBytes }), (error: unknown) => {
    assert.ok(isDenError(error, 'http-status'))
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error.detail)}`, /p@ss|p%40ss/)
    return true
  })
})

test('fetch() refuses redirects to files, in circles, and to what is no address', async (t) => {
  const index = await serveIndex(t)
  const transport = client(t)
  index.fault({ on: '/simple/a/', kind: 'redirect', to: 'file:///etc/passwd' })
  index.fault({ on: '/simple/b/', kind: 'redirect', to: '/simple/b/' })
  index.fault({ on: '/simple/c/', kind: 'redirect', to: 'http://[' })
  await rejects(transport.fetch({ url: url(`${index.url}a/`), maxBytes }), 'redirect-refused', /no http address/)
  await rejects(transport.fetch({ url: url(`${index.url}b/`), maxBytes }), 'redirect-refused', /10 redirects/)
  assert.equal(index.requests.length, 12)
  await rejects(transport.fetch({ url: url(`${index.url}c/`), maxBytes }), 'redirect-refused')
})

test('fetch() decompresses what may be compressed, within the limit', async (t) => {
  const index = await serveIndex(t, [wheel], { gzip: true })
  const transport = client(t)
  const page = await transport.fetch({ url: url(`${index.url}app/`), maxBytes, compressed: true })
  assert.match(Buffer.from(page.body).toString(), /app-1\.0/)
  index.fault({ on: '/bomb', kind: 'answer', contentType: 'text/html', body: await gzip(2 ** 22), encoding: 'gzip' })
  await rejects(transport.fetch({ url: url(`${index.origin}/bomb`), maxBytes, compressed: true }), 'answer-too-large')
  index.fault({ on: '/junk', kind: 'answer', contentType: 'text/html', body: 'no gzip', encoding: 'gzip' })
  await rejects(
    transport.fetch({ url: url(`${index.origin}/junk`), maxBytes, attempts: 1 }),
    'fetch-failed',
    /decompress/,
  )
})

async function gzip(size: number): Promise<Uint8Array> {
  const { gzipSync } = await import('node:zlib')
  return gzipSync(Buffer.alloc(size))
}

test('fetch() refuses more bytes than the limit, announced or not', async (t) => {
  const index = await serveIndex(t, [wheel])
  const transport = client(t)
  await rejects(
    transport.fetch({ url: url(`${index.origin}/files/${wheel.filename}`), maxBytes: 10 }),
    'answer-too-large',
  )
  const server = http.createServer((_, response) => {
    for (let i = 0; i < 100; i += 1) response.write('x'.repeat(1000))
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.closeAllConnections())
  t.after(() => void server.close())
  const { port } = server.address() as AddressInfo
  await rejects(transport.fetch({ url: url(`http://127.0.0.1:${port}/`), maxBytes: 5000 }), 'answer-too-large')
})

test('fetch() stops by the signal', async (t) => {
  const index = await serveIndex(t, [wheel])
  index.fault({ on: '/simple/', kind: 'stall', where: 'headers' })
  index.fault({ on: '/files/', kind: 'stall', where: 'body' })
  for (const path of ['/simple/', `/files/${wheel.filename}`]) {
    const controller = new AbortController()
    const transport = openTransport(testContext(t, { signal: controller.signal }))
    t.after(() => transport.close())
    const running = transport.fetch({ url: url(`${index.origin}${path}`), maxBytes })
    setTimeout(() => controller.abort(), 50)
    await rejects(running, 'aborted')
  }
})

test('fetch() asks nobody when offline', async (t) => {
  const index = await serveIndex(t, [wheel])
  await rejects(client(t, {}, { offline: true }).fetch({ url: url(index.url), maxBytes }), 'offline')
  await rejects(client(t, { DEN_OFFLINE: '1' }).fetch({ url: url(index.url), maxBytes }), 'offline')
  assert.equal(index.requests.length, 0)
})

test('fetch() goes through HTTP_PROXY, with its credentials, and not where NO_PROXY says', async (t) => {
  const index = await serveIndex(t, [wheel])
  const seen: string[] = []
  const proxy = http.createServer((request, response) => {
    seen.push(`${request.url} ${request.headers['proxy-authorization']}`)
    response.end('from the proxy')
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.after(() => void proxy.close())
  t.after(() => proxy.closeAllConnections())
  const { port } = proxy.address() as AddressInfo
  const through = client(t, { http_proxy: `http://me:secret@127.0.0.1:${port}` })
  const answer = await through.fetch({ url: url('http://pkg.example.org/simple/app/'), maxBytes })
  assert.equal(Buffer.from(answer.body).toString(), 'from the proxy')
  assert.deepEqual(seen, [`http://pkg.example.org/simple/app/ Basic ${Buffer.from('me:secret').toString('base64')}`])
  const direct = client(t, { HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: '127.0.0.0/8' })
  assert.equal((await direct.fetch({ url: url(`${index.url}app/`), maxBytes })).status, 200)
  assert.equal(seen.length, 1)
})

test('fetch() says what a proxy answers that makes no tunnel', async (t) => {
  const proxy = net.createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n'))
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.after(() => void proxy.close())
  const { port } = proxy.address() as AddressInfo
  const through = client(t, { HTTPS_PROXY: `http://127.0.0.1:${port}` })
  await rejects(through.fetch({ url: url('https://pkg.example.org/'), maxBytes }), 'proxy-failed', /407/)
})

test('what goes out is what was asked for: no coding, name or proxy of the runtime’s own', async (t) => {
  const asked: http.IncomingHttpHeaders[] = []
  const server = await serveHttp(t, ({ headers }, response) => {
    asked.push(headers)
    response.end('ok')
  })
  // The process's own variables, which are not those of the host: nothing listens there.
  const before = process.env['HTTP_PROXY']
  process.env['HTTP_PROXY'] = 'http://127.0.0.1:1'
  t.after(() => {
    if (before === undefined) delete process.env['HTTP_PROXY']
    else process.env['HTTP_PROXY'] = before
  })
  const transport = client(t, {}, { attempts: 1 })
  const address = url(server.origin)
  await transport.fetch({ url: address, maxBytes, headers: { accept: 'text/x' } })
  await transport.fetch({
    url: address,
    maxBytes,
    compressed: true,
    post: { contentType: 'a/b', body: Buffer.from('?') },
  })
  const host = server.origin.replace('http://', '')
  const [got, posted] = asked.map(({ connection, ...headers }) => ({
    ...headers,
    connection: connection?.toLowerCase(),
  }))
  const common = { host, 'user-agent': 'den', connection: 'keep-alive' }
  assert.deepEqual(got, { ...common, accept: 'text/x', 'accept-encoding': 'identity' })
  const { accept = '*/*', ...rest } = posted!
  assert.equal(accept, '*/*')
  const question = { 'content-type': 'a/b', 'content-length': '1' }
  assert.deepEqual(rest, { ...common, 'accept-encoding': 'gzip', ...question })
})

test('a header that comes twice is one, its values joined, also where it is a cookie', async (t) => {
  const server = await serveBytes(t, (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nset-cookie: a\r\nset-cookie: b\r\ncontent-length: 2\r\n\r\nok'),
  )
  const { headers } = await client(t).fetch({ url: url(server.origin), maxBytes })
  assert.equal(headers['x-a'], '1, 2')
  assert.equal(headers['set-cookie'], 'a, b')
})

test('a head that comes slowly, but comes, is borne', async (t) => {
  let asked = 0
  const server = await serveBytes(t, (socket) => {
    asked += 1
    const head = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
    let at = 0
    const timer = setInterval(() => {
      socket.write(head.slice(at, at + 5))
      at += 5
      if (at >= head.length) clearInterval(timer)
    }, 60)
    socket.on('close', () => clearInterval(timer))
  })
  const { status } = await client(t).fetch({ url: url(server.origin), maxBytes })
  assert.equal(status, 200)
  assert.ok(asked <= 2, String(asked))
})

test('what failed is told in words for who uses den', async (t) => {
  const gone = await serveBytes(t, (socket) => void socket.end())
  const odd = await serveBytes(t, (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n'))
  for (const [address, reason] of [
    ['http://127.0.0.1:1/', /connect ECONNREFUSED 127\.0\.0\.1(?::1)?/],
    [gone.origin, /./],
    [odd.origin, /./],
  ] as const) {
    const failing = client(t).fetch({ url: url(address), maxBytes })
    await assert.rejects(failing, (error) => {
      assert.ok(isDenError(error, 'fetch-failed'), String(error))
      assert.match(error.detail.reason, reason)
      assert.doesNotMatch(error.detail.reason, /verbose|second argument|fetch\(|undefined|Is the computer/)
      return true
    })
  }
})

test('close() ends what is under way and leaves no connection behind', async (t) => {
  const sockets = new Set<net.Socket>()
  const server = await serveHttp(t, (request, response) => {
    sockets.add(request.socket)
    request.socket.once('close', () => sockets.delete(request.socket))
    if (request.url === '/all') response.end('ok')
    else response.write('o')
  })
  const transport = client(t, {}, { idleMilliseconds: 60_000, attempts: 1 })
  await transport.fetch({ url: url(`${server.origin}/all`), maxBytes })
  const running = transport.fetch({ url: url(`${server.origin}/half`), maxBytes })
  const ended = assert.rejects(running, (error) => isDenError(error, 'fetch-failed'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.ok(sockets.size > 0)
  transport.close()
  await ended
  for (let waited = 0; sockets.size > 0 && waited < 100; waited += 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(sockets.size, 0)
})

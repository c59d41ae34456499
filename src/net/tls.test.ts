import assert from 'node:assert/strict'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { certificateOr, type TestCertificate } from '../../tests/kit/tls.ts'
import { isDenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { trustedCertificates } from './certificates.ts'
import { isSecureOrigin, isTrusted } from './origins.ts'
import { type FetchResponse, openTransport, type TransportOptions } from './transport.ts'

const url = (text: string): SafeUrl => tryParseUrl(text)!

async function serveTls(
  t: TestContext,
  { key, cert }: TestCertificate,
  more: https.ServerOptions = {},
): Promise<{ port: number; connections: () => number }> {
  let connections = 0
  const server = https.createServer({ key, cert, ...more }, (request, response) =>
    response.end(`${request.headers.host} ${request.url}`),
  )
  server.on('secureConnection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

/** A proxy that makes tunnels to `port`, and what it was asked for. */
async function serveProxy(
  t: TestContext,
  port: number,
): Promise<{ readonly origin: string; readonly asked: string[] }> {
  const asked: string[] = []
  const proxy = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.end('by the proxy')
  })
  proxy.on('connect', (request, socket, head) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`)
    const far = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      far.write(head)
      far.pipe(socket)
      socket.pipe(far)
    })
    for (const one of [far, socket]) one.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.after(() => void proxy.close())
  t.after(() => proxy.closeAllConnections())
  return { asked, origin: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` }
}

async function fetchWith(
  t: TestContext,
  env: Record<string, string>,
  ...addresses: readonly string[]
): Promise<FetchResponse[]> {
  const transport = openTransport(testContext(t, { env }), { idleMilliseconds: 2000, pauseMilliseconds: 1 })
  t.after(() => transport.close())
  const responses: FetchResponse[] = []
  for (const address of addresses)
    responses.push(await transport.fetch({ url: url(address), maxBytes: 1000, attempts: 2 }))
  return responses
}

test('fetch() trusts the certificates that SSL_CERT_FILE names, and no others', async (t) => {
  const certificate = certificateOr(t)
  if (certificate === undefined) return
  const { port } = await serveTls(t, certificate)
  const address = `https://localhost:${port}/x`
  for (const name of ['SSL_CERT_FILE', 'PIP_CERT', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS']) {
    const [response] = await fetchWith(t, { [name]: certificate.certFile }, address)
    assert.equal(Buffer.from(response!.body).toString(), `localhost:${port} /x`, name)
  }
  const [byDirectory] = await fetchWith(t, { SSL_CERT_DIR: path.dirname(certificate.certFile) }, address)
  assert.equal(byDirectory!.status, 200)
  await assert.rejects(fetchWith(t, {}, address), (error) => isDenError(error, 'certificate-refused'))
})

test('fetch() refuses a certificate of another name', async (t) => {
  const certificate = certificateOr(t)
  if (certificate === undefined) return
  const { port } = await serveTls(t, certificate)
  const running = fetchWith(t, { SSL_CERT_FILE: certificate.certFile }, `https://127.0.0.2:${port}/`)
  await assert.rejects(running, (error) => isDenError(error, 'certificate-refused', 'fetch-failed'))
})

test('fetch() goes to https through a proxy’s tunnel, and checks the certificate of the far end', async (t) => {
  const certificate = certificateOr(t)
  if (certificate === undefined) return
  const { port } = await serveTls(t, certificate)
  const { origin, asked } = await serveProxy(t, port)
  const env = {
    SSL_CERT_FILE: certificate.certFile,
    HTTPS_PROXY: origin.replace('//', '//me:secret@'),
  }
  const [first, second] = await fetchWith(t, env, 'https://pkg.example.org/a', 'https://pkg.example.org/b')
  assert.equal(Buffer.from(first!.body).toString(), 'pkg.example.org /a')
  assert.equal(Buffer.from(second!.body).toString(), 'pkg.example.org /b')
  assert.equal(asked[0], `pkg.example.org:443 Basic ${Buffer.from('me:secret').toString('base64')}`)
  await assert.rejects(fetchWith(t, env, 'https://wrong.example.org/'), (error) =>
    isDenError(error, 'certificate-refused'),
  )
})

test('trustedCertificates() says which setting is wrong', (t) => {
  const context = testContext(t, { env: { PIP_CERT: 'none.pem' } })
  assert.throws(
    () => trustedCertificates(context.host),
    (error) => isDenError(error, 'invalid-setting') && /PIP_CERT/.test(error.message),
  )
  writeTree(context.root, { 'empty.pem': 'no certificate' })
  const other = testContext(t, { root: context.root, env: { SSL_CERT_FILE: 'empty.pem' } })
  assert.throws(
    () => trustedCertificates(other.host),
    (error) => isDenError(error, 'invalid-setting') && /SSL_CERT_FILE/.test(error.message),
  )
})

async function bodyWith(
  t: TestContext,
  options: TransportOptions,
  address: string,
  env: Record<string, string> = {},
): Promise<string> {
  const transport = openTransport(testContext(t, { env }), { idleMilliseconds: 2000, attempts: 1, ...options })
  t.after(() => transport.close())
  return Buffer.from((await transport.fetch({ url: url(address), maxBytes: 1000 })).body).toString()
}

const isRefused = (error: unknown): boolean => isDenError(error, 'certificate-refused')

test('--cert goes before every variable', async (t) => {
  const certificate = certificateOr(t)
  if (certificate === undefined) return
  const { port } = await serveTls(t, certificate)
  const address = `https://localhost:${port}/`
  const env = { SSL_CERT_FILE: '/dev/null/none', PIP_CERT: 'none.pem' }
  for (const given of [certificate.certFile, path.dirname(certificate.certFile)])
    assert.equal(await bodyWith(t, { certificate: given }, address, env), `localhost:${port} /`)
  const missing = bodyWith(t, { certificate: 'none.pem' }, address)
  await assert.rejects(missing, (error) => isDenError(error, 'invalid-setting') && /--cert/.test(error.message))
})

test('the certificate of a trusted host is not checked, directly and through a tunnel, and that of others is', async (t) => {
  const certificate = certificateOr(t)
  if (certificate === undefined) return
  const { port } = await serveTls(t, certificate)
  const address = `https://localhost:${port}/`
  for (const trusted of ['localhost', 'LOCALHOST', `localhost:${port}`])
    assert.equal(await bodyWith(t, { trustedHosts: ['other', trusted] }, address), `localhost:${port} /`)
  for (const other of ['localhost:1', 'example.org', 'host', ''])
    await assert.rejects(bodyWith(t, { trustedHosts: [other] }, address), isRefused, other)
  const { origin } = await serveProxy(t, port)
  const proxied = (trustedHosts: readonly string[]): Promise<string> =>
    bodyWith(t, { trustedHosts, proxy: origin }, 'https://pkg.example.org/')
  assert.equal(await proxied(['pkg.example.org']), 'pkg.example.org /')
  await assert.rejects(proxied(['127.0.0.1']), isRefused)
})

test('one transport trusts one host and checks the next', async (t) => {
  const certificate = certificateOr(t)
  if (certificate === undefined) return
  const one = await serveTls(t, certificate)
  const two = await serveTls(t, certificate)
  const transport = openTransport(testContext(t), { trustedHosts: [`localhost:${one.port}`], attempts: 1 })
  t.after(() => transport.close())
  const get = (port: number): Promise<FetchResponse> =>
    transport.fetch({ url: url(`https://localhost:${port}/`), maxBytes: 1000 })
  assert.equal((await get(one.port)).status, 200)
  await assert.rejects(get(two.port), isRefused)
  assert.equal((await get(one.port)).status, 200)
})

test('a client certificate is shown to servers that ask for one, by --client-cert or PIP_CLIENT_CERT', async (t) => {
  const certificate = certificateOr(t)
  if (certificate === undefined) return
  const guard = { requestCert: true, rejectUnauthorized: true, ca: certificate.cert }
  const { port } = await serveTls(t, certificate, guard)
  const address = `https://localhost:${port}/`
  const context = testContext(t)
  writeTree(context.root, {
    'both.pem': `${certificate.cert}\n${certificate.key}`,
    'locked.pem': `${certificate.cert}\n-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----`,
  })
  const both = path.join(context.root, 'both.pem')
  const locked = path.join(context.root, 'locked.pem')
  const trust = { certificate: certificate.certFile }
  assert.equal(await bodyWith(t, { ...trust, clientCertificate: both }, address), `localhost:${port} /`)
  assert.equal(await bodyWith(t, trust, address, { PIP_CLIENT_CERT: both }), `localhost:${port} /`)
  await assert.rejects(bodyWith(t, trust, address), (error) => isDenError(error, 'fetch-failed', 'certificate-refused'))
  for (const [file, why] of [
    [certificate.certFile, /no private key/],
    [locked, /password/],
    ['none.pem', /no such file/],
  ] as const)
    await assert.rejects(bodyWith(t, { ...trust, clientCertificate: file }, address), (error) => {
      assert.ok(isDenError(error, 'invalid-setting'), String(error))
      assert.match(error.detail.reason, why)
      assert.equal(error.detail.setting, '--client-cert')
      return true
    })
})

test('--proxy goes before the variables; --no-proxy-env leaves them all out', async (t) => {
  const certificate = certificateOr(t)
  if (certificate === undefined) return
  const { port } = await serveTls(t, certificate)
  const given = await serveProxy(t, port)
  const fromEnvironment = await serveProxy(t, port)
  const env = { HTTPS_PROXY: fromEnvironment.origin, http_proxy: fromEnvironment.origin }
  const options = { certificate: certificate.certFile }
  const address = `https://localhost:${port}/`
  await bodyWith(t, { ...options, proxy: given.origin.replace('http://', '') }, address, env)
  assert.deepEqual([given.asked.length, fromEnvironment.asked.length], [1, 0])
  await bodyWith(t, { ...options, fromEnvironment: false }, address, env)
  assert.deepEqual([given.asked.length, fromEnvironment.asked.length], [1, 0])
  assert.equal(await bodyWith(t, { proxy: given.origin }, 'http://pkg.example.org/x', env), 'by the proxy')
  assert.equal(given.asked[1], 'GET http://pkg.example.org/x')
  // NO_PROXY is one of the variables.
  const none = { NO_PROXY: 'localhost' }
  await bodyWith(t, { ...options, proxy: given.origin }, address, none)
  assert.equal(given.asked.length, 2)
  await bodyWith(t, { ...options, proxy: given.origin, fromEnvironment: false }, address, none)
  assert.equal(given.asked.length, 3)
})

test('trustedCertificates() takes each authority once, and of a directory what OpenSSL would look up', (t) => {
  const pem = (text: string): string => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`
  const context = testContext(t)
  writeTree(context.root, {
    'bundle.pem': `# one\n${pem('one')}\n# two\n${pem('two')}\n`,
    'hashed/0123abcd.0': pem('two'),
    'hashed/0123abcd.1': pem('three'),
    'hashed/all.crt': `${pem('two')}\n${pem('three')}\n${pem('four')}`,
    'plain/a.pem': pem('five'),
  })
  const found = (env: Record<string, string>): readonly string[] =>
    trustedCertificates(testContext(t, { root: context.root, env }).host).map((text) => text.split('\n')[1]!)
  assert.deepEqual(found({ SSL_CERT_FILE: 'bundle.pem', SSL_CERT_DIR: 'hashed' }), ['one', 'two', 'three'])
  assert.deepEqual(found({ SSL_CERT_DIR: 'plain', NODE_EXTRA_CA_CERTS: 'bundle.pem' }), ['five', 'one', 'two'])
})

test('isTrusted() and isSecureOrigin() know hosts, ports, brackets and this machine', () => {
  const cases: readonly (readonly [string, readonly string[], boolean, boolean])[] = [
    ['https://a.example.org/', [], false, true],
    ['http://a.example.org/', [], false, false],
    ['http://a.example.org/', ['a.example.org'], true, true],
    ['http://a.example.org/', ['a.example.org:80'], true, true],
    ['https://a.example.org/', ['a.example.org:443'], true, true],
    ['http://a.example.org:8080/', ['a.example.org:80'], false, false],
    ['http://b.a.example.org/', ['a.example.org'], false, false],
    ['http://a.example.org.evil.example/', ['a.example.org'], false, false],
    ['http://[fd00::1]:81/', ['[fd00::1]:81'], true, true],
    ['http://localhost:81/', [], false, true],
    ['http://127.0.0.9/', [], false, true],
    ['http://[::1]/', [], false, true],
    ['http://127.0.0.1.evil.example/', [], false, false],
  ]
  for (const [address, trusted, isOne, isSecure] of cases) {
    assert.equal(isTrusted(url(address), trusted), isOne, address)
    assert.equal(isSecureOrigin(url(address), trusted), isSecure, address)
  }
})

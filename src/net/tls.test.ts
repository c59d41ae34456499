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
import { type FetchResponse, openTransport } from './transport.ts'

const url = (text: string): SafeUrl => tryParseUrl(text)!

async function serveTls(
  t: TestContext,
  { key, cert }: TestCertificate,
): Promise<{ port: number; connections: () => number }> {
  let connections = 0
  const server = https.createServer({ key, cert }, (request, response) =>
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
  const asked: string[] = []
  const proxy = http.createServer()
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
  const env = {
    SSL_CERT_FILE: certificate.certFile,
    HTTPS_PROXY: `http://me:secret@127.0.0.1:${(proxy.address() as AddressInfo).port}`,
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

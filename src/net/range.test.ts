import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { noise, type RangeManner, serveFile, serveHttp } from '../../tests/kit/http-server.ts'
import { isDenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import { parseContentRange, type RangeAnswer, type Span } from './range.ts'
import { openTransport, type RangeRequest, type Transport } from './transport.ts'

function client(t: TestContext): Transport {
  const transport = openTransport(testContext(t), { idleMilliseconds: 400, pauseMilliseconds: 1 })
  t.after(() => transport.close())
  return transport
}

const bytes = noise(100_000)

function reader(t: TestContext, origin: string): (span: Span, more?: Partial<RangeRequest>) => Promise<RangeAnswer> {
  const transport = client(t)
  return (span, more = {}) => transport.readRange({ url: tryParseUrl(`${origin}/app.whl`)!, span, ...more })
}

function piece(answer: RangeAnswer): readonly [number, Buffer, number | undefined] {
  assert.equal(answer.kind, 'range')
  return [answer.start, Buffer.from(answer.bytes), answer.total]
}

test('readRange() gives the piece, from the front and from the end', async (t) => {
  const server = await serveFile(t, { bytes, etag: '"one"' })
  const read = reader(t, server.origin)
  assert.deepEqual(piece(await read({ start: 10, end: 19 })), [10, Buffer.from(bytes.subarray(10, 20)), 100_000])
  assert.deepEqual(piece(await read({ last: 50 })), [99_950, Buffer.from(bytes.subarray(-50)), 100_000])
  assert.deepEqual(piece(await read({ last: 200_000 })), [0, Buffer.from(bytes), 100_000])
  // Shorter only where the file ends.
  assert.deepEqual(piece(await read({ start: 99_990, end: 200_000 }))[1].length, 10)
  const past = await read({ start: 100_000, end: 100_001 })
  assert.deepEqual(past, { kind: 'none', reason: 'unsatisfiable', status: 416, total: 100_000 })
})

test('readRange() says clearly what a server does instead', async (t) => {
  const server = await serveFile(t, { bytes })
  const read = reader(t, server.origin)
  const reasons: readonly (readonly [RangeManner, string])[] = [
    ['ignored', 'ignored'],
    ['from the start', 'false'],
    ['unlabelled', 'false'],
    ['multipart', 'false'],
    ['refused', 'refused'],
  ]
  for (const [manner, reason] of reasons) {
    server.manner = manner
    const answer = await read({ start: 10, end: 19 })
    assert.equal(answer.kind === 'none' && answer.reason, reason, manner)
  }
  server.manner = 'ignored'
  const whole = await read({ start: 10, end: 19 }, { wholeUpTo: 100_000 })
  assert.deepEqual(whole.kind === 'whole' && Buffer.from(whole.bytes), Buffer.from(bytes))
  const tooLong = await read({ last: 10 }, { wholeUpTo: 99_999 })
  assert.deepEqual(tooLong, { kind: 'none', reason: 'ignored', status: 200, total: 100_000 })
})

test('readRange() puts no pieces of two files together', async (t) => {
  for (const manner of ['honoured', 'unconditional'] as const) {
    const server = await serveFile(t, { bytes, etag: '"one"' })
    server.manner = manner
    const read = reader(t, server.origin)
    const first = await read({ last: 100 })
    assert.ok(first.kind === 'range')
    const { validator } = first
    assert.equal(validator, '"one"')
    assert.equal((await read({ start: 0, end: 9 }, { validator })).kind, 'range')
    Object.assign(server.content, { bytes: noise(100_000, 2), etag: '"two"' })
    const second = await read({ start: 0, end: 9 }, { validator })
    assert.equal(second.kind === 'none' && second.reason, 'changed', manner)
  }
})

test('readRange() tries again what broke off, and refuses more or less than was asked for', async (t) => {
  const server = await serveFile(t, { bytes })
  server.cuts.push(5, 5)
  assert.equal((await reader(t, server.origin)({ start: 10, end: 19 })).kind, 'range')
  assert.equal(server.requests.length, 3)
  const lies = [
    ['bytes 10-19/100', 11],
    ['bytes 10-19/100', 9],
    ['bytes 10-29/100', 20],
    ['bytes 10-14/100', 5],
    ['bytes 11-19/100', 9],
    ['bytes 19-10/100', 10],
    ['bytes 10-19/15', 10],
    ['bytes 10-19', 10],
    ['pages 10-19/100', 10],
  ] as const
  for (const [label, length] of lies) {
    const liar = await serveHttp(t, (_, response) =>
      response.writeHead(206, { 'content-range': label, 'content-length': length }).end(bytes.subarray(0, length)),
    )
    const answer = await reader(t, liar.origin)({ start: 10, end: 19 })
    assert.equal(answer.kind === 'none' && answer.reason, 'false', `${label} with ${length} bytes`)
  }
})

test('readRange() knows absent files, coded pieces and errors', async (t) => {
  const server = await serveHttp(t, (request, response) => {
    if (request.url!.includes('absent')) return void response.writeHead(404).end()
    if (request.url!.includes('broken')) return void response.writeHead(500).end()
    const headers = { 'content-range': 'bytes 0-9/10', 'content-encoding': 'gzip' }
    response.writeHead(206, headers).end(bytes.subarray(0, 10))
  })
  const transport = client(t)
  const span = { start: 0, end: 9 }
  const at = (place: string): RangeRequest => ({ url: tryParseUrl(`${server.origin}${place}`)!, span })
  assert.deepEqual(await transport.readRange(at('/absent')), { kind: 'none', reason: 'absent', status: 404 })
  assert.deepEqual(await transport.readRange(at('/coded')), { kind: 'none', reason: 'false', status: 206 })
  await assert.rejects(transport.readRange(at('/broken')), (error) => isDenError(error, 'http-status'))
})

test('parseContentRange() takes what the standard writes', () => {
  assert.deepEqual(parseContentRange('bytes 0-0/1'), { start: 0, end: 0, total: 1 })
  assert.deepEqual(parseContentRange(' Bytes 5-9/* '), { start: 5, end: 9, total: undefined })
  for (const text of [
    undefined,
    '',
    'bytes */5',
    'bytes 5-4/9',
    'bytes 0-9/9',
    'bytes 0-9999999999999999/*',
    'bytes -1-2/5',
  ])
    assert.equal(parseContentRange(text), undefined, String(text))
})

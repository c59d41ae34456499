// The three places that vulnerability data comes from: an OSV service on a loopback port, an index, files of this machine.

import assert from 'node:assert/strict'
import type http from 'node:http'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { serveHttp } from '../../tests/kit/http-server.ts'
import { type Cleanup, writeTree } from '../../tests/kit/scratch.ts'
import { buildZip } from '../../tests/kit/zip.ts'
import type { ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import { openTransport, type Transport } from '../net/transport.ts'
import { judgeVersion } from '../spec/osv.ts'
import { readOsvFiles } from './osv-files.ts'
import { askIndexVulnerabilities } from './osv-index.ts'
import { askOsvService } from './osv-service.ts'

const thing = 'thing' as ProjectName
const advisory = (id: string, project = 'thing'): object => ({
  id,
  affected: [{ package: { ecosystem: 'PyPI', name: project }, versions: ['1.0'] }],
})

interface Served {
  readonly transport: Transport
  readonly origin: string
  /** Method, path and body of each request. */
  readonly asked: readonly (readonly [method: string, path: string, body: string])[]
}

type Answer = (
  path: string,
  body: string,
) => { readonly status?: number; readonly headers?: http.OutgoingHttpHeaders; readonly json?: unknown }

async function serve(t: Cleanup, answer: Answer): Promise<Served> {
  const asked: [string, string, string][] = []
  const { origin } = await serveHttp(t, (request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      asked.push([request.method ?? '', request.url ?? '', body])
      const { status = 200, headers = {}, json = {} } = answer(request.url ?? '', body)
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json))
    })
  })
  const transport = openTransport(testContext(t), { attempts: 2, pauseMilliseconds: 1 })
  t.after(() => transport.close())
  return { transport, origin, asked }
}

const ask = (served: Served, releases: readonly (readonly [string, string])[]): ReturnType<typeof askOsvService> =>
  askOsvService(
    releases.map(([name, version]) => ({ name: name as ProjectName, version })),
    { transport: served.transport, fetch: served.transport.fetch, service: tryParseUrl(`${served.origin}/`)! },
  )

test('one question for all releases, one for each record', async (t) => {
  const served = await serve(t, (url) =>
    url === '/v1/querybatch'
      ? { json: { results: [{ vulns: [{ id: 'A' }, { id: 'B' }] }, {}, { vulns: [{ id: 'A' }] }] } }
      : { json: advisory(url.slice('/v1/vulns/'.length)) },
  )
  const records = await ask(served, [
    ['thing', '1.0'],
    ['fine', '2'],
    ['other', '3'],
  ])
  assert.deepEqual(records.map(({ id }) => id).sort(), ['A', 'B'])
  const [[method, , body], ...rest] = served.asked as [Served['asked'][number], ...Served['asked']]
  assert.equal(method, 'POST')
  assert.deepEqual(JSON.parse(body), {
    queries: [
      { package: { name: 'thing', ecosystem: 'PyPI' }, version: '1.0' },
      { package: { name: 'fine', ecosystem: 'PyPI' }, version: '2' },
      { package: { name: 'other', ecosystem: 'PyPI' }, version: '3' },
    ],
  })
  assert.deepEqual(rest.map(([how, what]) => `${how} ${what}`).sort(), ['GET /v1/vulns/A', 'GET /v1/vulns/B'])
})

test('an answer that goes on is asked for to its end, and 1,000 releases at a time', async (t) => {
  const served = await serve(t, (url, body) => {
    if (url !== '/v1/querybatch') return { json: advisory(url.slice('/v1/vulns/'.length)) }
    const { queries } = JSON.parse(body) as { queries: { package: { name: string }; page_token?: string }[] }
    assert.ok(queries.length <= 1000)
    return {
      json: {
        results: queries.map(({ package: { name }, page_token: token }) =>
          name !== 'p0'
            ? {}
            : token === undefined
              ? { vulns: [{ id: 'A' }], next_page_token: 'more' }
              : { vulns: [{ id: 'B' }] },
        ),
      },
    }
  })
  const records = await ask(
    served,
    Array.from({ length: 1500 }, (_, index) => [`p${index}`, '1'] as const),
  )
  assert.deepEqual(records.map(({ id }) => id).sort(), ['A', 'B'])
  assert.equal(served.asked.filter(([method]) => method === 'POST').length, 2)
})

test('an answer that always goes on is given up', async (t) => {
  const served = await serve(t, () => ({ json: { results: [{ vulns: [{ id: 'A' }], next_page_token: 'more' }] } }))
  await assert.rejects(ask(served, [['p', '1']]), (error) => isDenError(error, 'invalid-osv'))
  assert.equal(served.asked.length, 101)
})

test('a question is not sent on to where a redirect leads', async (t) => {
  const served = await serve(t, () => ({ status: 307, headers: { location: 'http://example.com/v1/querybatch' } }))
  await assert.rejects(ask(served, [['thing', '1.0']]), (error: unknown) => isDenError(error, 'redirect-refused'))
})

test('an overloaded service is asked again; one that answers nonsense is not believed', async (t) => {
  let failures = 1
  const served = await serve(t, (url) => {
    if (failures > 0) {
      failures -= 1
      return { status: 503 }
    }
    return url === '/v1/querybatch' ? { json: { results: [{}] } } : {}
  })
  assert.deepEqual(await ask(served, [['thing', '1.0']]), [])
  const nonsense = await serve(t, () => ({ json: { results: [] } }))
  await assert.rejects(ask(nonsense, [['thing', '1.0']]), (error: unknown) => isDenError(error, 'invalid-osv'))
})

test('an id that is none never becomes part of an address', async (t) => {
  const served = await serve(t, () => ({ json: { results: [{ vulns: [{ id: '../../secret' }, { id: 7 }] }] } }))
  assert.deepEqual(await ask(served, [['thing', '1.0']]), [])
  assert.equal(served.asked.length, 1)
})

test('an index’s own data: this release is affected, and what it calls fixed ends it', async (t) => {
  const served = await serve(t, () => ({
    json: {
      info: {},
      vulnerabilities: [
        {
          id: 'PYSEC-1',
          aliases: ['CVE-1'],
          fixed_in: ['0.9', '2.0', '1.4'],
          link: 'https://example.com/1',
          withdrawn: null,
        },
        { id: 'PYSEC-2', withdrawn: '2024-01-01' },
      ],
    },
  }))
  const index = tryParseUrl(`${served.origin}/team/simple/`)!
  const records = await askIndexVulnerabilities(
    { name: thing, version: '1.0' },
    { index, fetch: served.transport.fetch },
  )
  assert.equal(served.asked[0]?.[1], '/team/pypi/thing/1.0/json')
  const [first, second] = records
  const verdict = judgeVersion(first!, thing, '1.0')
  assert.deepEqual(verdict.kind === 'affected' && verdict.fixed.map(({ text }) => text), ['1.4'])
  assert.equal(judgeVersion(first!, thing, '1.4').kind, 'unaffected')
  assert.deepEqual(first?.references, ['https://example.com/1'])
  assert.equal(second?.withdrawn, '2024-01-01')
})

test('an index without such a page, or without the list, has told nothing', async (t) => {
  for (const answer of [{ status: 404 }, { json: { info: {} } }] as const) {
    const served = await serve(t, () => answer)
    const index = tryParseUrl(`${served.origin}/simple/`)!
    const asked = askIndexVulnerabilities({ name: thing, version: '1.0' }, { index, fetch: served.transport.fetch })
    await assert.rejects(asked, (error: unknown) => isDenError(error, 'audit-unanswered'))
  }
})

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const projects = new Set([thing])

test('files: one record, a list, the service’s answer, a directory, a zip file', async (t) => {
  const context = testContext(t)
  writeTree(context.root, {
    'one.json': JSON.stringify(advisory('A')),
    'list.json': JSON.stringify([advisory('A'), advisory('B', 'other')]),
    'answer.json': JSON.stringify({ vulns: [advisory('A')] }),
    'folder/deep/a.json': JSON.stringify(advisory('A')),
    'folder/readme.txt': 'no record',
    'all.zip': buildZip([
      { name: 'A.json', data: encode(advisory('A')) },
      { name: 'B.json', data: encode(advisory('B', 'other')) },
    ]),
  })
  for (const name of ['one.json', 'list.json', 'answer.json', 'folder', 'all.zip']) {
    const records = await readOsvFiles(context, path.join(context.root, name), projects)
    assert.deepEqual(
      records.map(({ id }) => id),
      ['A'],
      name,
    )
  }
})

test('what is there and holds no record is no proof that nothing is known', async (t) => {
  const context = testContext(t)
  writeTree(context.root, {
    'broken.json': '{',
    'empty/readme.txt': '',
    'other.json': '{"hello": 1}',
    'empty.zip': buildZip([{ name: 'readme.txt', data: encode('') }]),
  })
  const code = async (name: string): Promise<string> => {
    try {
      await readOsvFiles(context, path.join(context.root, name), projects)
    } catch (error) {
      if (isDenError(error)) return error.code
      throw error
    }
    return 'read'
  }
  assert.deepEqual(await Promise.all(['broken.json', 'empty', 'other.json', 'empty.zip', 'nowhere'].map(code)), [
    'invalid-osv',
    'invalid-osv',
    'invalid-osv',
    'invalid-osv',
    'audit-source-missing',
  ])
})

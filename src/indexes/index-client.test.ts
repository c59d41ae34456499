import assert from 'node:assert/strict'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type TestContext as Den, testContext } from '../../tests/kit/context.ts'
import { type ServedIndex, type ServeOptions, servedWheel, serveIndex } from '../../tests/kit/index-server.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import type { ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import { openTransport, type Transport } from '../net/transport.ts'
import { readFindLinks } from './find-links.ts'
import { type IndexClient, openIndexClient } from './index-client.ts'
import { encodeBody, type PageBody } from './page-body.ts'

const app = 'app' as ProjectName
const file = servedWheel({ name: 'app', version: '1.0', requiresPython: '>=3.8' }, { yanked: 'broken' })

async function setup(
  t: TestContext,
  options: ServeOptions & { files?: readonly ReturnType<typeof servedWheel>[]; userInfo?: string } = {},
): Promise<{ index: ServedIndex; client: IndexClient; context: Den; transport: Transport }> {
  const index = await serveIndex(t, options.files ?? [file], options)
  const context = testContext(t)
  const transport = openTransport(context, { idleMilliseconds: 500, pauseMilliseconds: 1 })
  t.after(() => transport.close())
  const url = tryParseUrl(index.url.replace('//', `//${options.userInfo ?? ''}`))!
  return { index, context, transport, client: openIndexClient(context, { transport, url }) }
}

for (const format of ['json', 'html'] as const) {
  test(`fetchProjectPage() reads ${format}, and fetchFile() what it links`, async (t) => {
    const { client, index } = await setup(t, { format })
    const page = await client.fetchProjectPage(app)
    const [found] = page!.files
    assert.equal(found!.filename, file.filename)
    assert.equal(found!.requiresPython, '>=3.8')
    assert.equal(found!.yanked, 'broken')
    assert.deepEqual(Buffer.from(await client.fetchFile(found!)), Buffer.from(file.bytes))
    assert.equal(await client.fetchProjectPage('none' as ProjectName), undefined)
    assert.deepEqual(index.paths(), ['/simple/app/', `/files/${file.filename}`, '/simple/none/'])
  })
}

test('fetchFile() refuses a file that is not the promised one', async (t) => {
  const { client, index } = await setup(t)
  const [found] = (await client.fetchProjectPage(app))!.files
  index.fault({ on: '/files/', kind: 'flip', times: 1 })
  await assert.rejects(client.fetchFile(found!), (error) => isDenError(error, 'hash-mismatch'))
  index.fault({ on: '/files/', kind: 'answer', contentType: 'text/html', body: '<h1>log in</h1>' })
  await assert.rejects(client.fetchFile(found!), (error) => isDenError(error, 'hash-mismatch'))
})

test('fetchFile() takes a file without a hash, and says so', async (t) => {
  const { client, context } = await setup(t, { files: [{ ...file, sha256: false }] })
  const [found] = (await client.fetchProjectPage(app))!.files
  await client.fetchFile(found!)
  assert.ok(context.events.some((event) => event.kind === 'note' && /no SHA-256/.test(event.text)))
})

test('fetchProjectPage() refuses a page that is none', async (t) => {
  const { client, index } = await setup(t)
  index.fault({ on: '/simple/', kind: 'answer', contentType: 'application/pdf', body: 'x' })
  await assert.rejects(client.fetchProjectPage(app), (error) => isDenError(error, 'invalid-index-page'))
})

test('requestPageParts() asks once more for a page that cannot be unpacked, and then says what is wrong with it', async (t) => {
  const { client, index } = await setup(t)
  const encode = (body: PageBody) => Promise.resolve(encodeBody(body))
  const damaged = {
    on: '/simple/',
    kind: 'answer',
    contentType: 'application/vnd.pypi.simple.v1+json',
    body: 'this is no gzip data',
    encoding: 'gzip',
  } as const
  index.fault({ ...damaged, times: 1 })
  const answer = await client.requestPageParts(app, encode)
  assert.equal(answer.kind === 'page' ? answer.parts.encoded.count : answer.kind, 1)
  assert.equal(index.requests.length, 2)
  index.fault(damaged)
  await assert.rejects(client.requestPageParts(app, encode), (error) => isDenError(error, 'fetch-failed'))
})

test('an index’s credentials are sent to it for pages and files, and show nowhere', async (t) => {
  const { client, index, context } = await setup(t, {
    login: { user: 'me', password: 'secret' },
    userInfo: 'me:secret@',
  })
  const [found] = (await client.fetchProjectPage(app))!.files
  await client.fetchFile(found!)
  assert.equal(index.requests.length, 2)
  assert.doesNotMatch(JSON.stringify(context.events), /secret/)
})

test('readFindLinks() reads directories, file addresses and pages', async (t) => {
  const { context, index, transport } = await setup(t)
  writeTree(context.root, {
    'wheels/app-1.0-py3-none-any.whl': 'x',
    'wheels/readme.txt': '',
    'wheels/sub/b-1.0-py3-none-any.whl': '',
  })
  const read = async (place: string): Promise<readonly string[]> => {
    const options = { transport: () => transport, filter: (name: string) => name.startsWith('app') }
    return (await readFindLinks(context, place, options)).map((one) => `${one.kind} ${one.filename}`)
  }
  assert.deepEqual(await read('wheels'), ['path app-1.0-py3-none-any.whl'])
  assert.deepEqual(await read(pathToFileURL(path.join(context.root, 'wheels')).href), ['path app-1.0-py3-none-any.whl'])
  assert.deepEqual(await read(`${index.url}app/`), ['url app-1.0-py3-none-any.whl'])
  assert.deepEqual(await read(`${index.url}none/`), [])
  assert.deepEqual(await read('nowhere'), [])
})

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type TestContext as Den, testContext } from '../../tests/kit/context.ts'
import {
  type ServedFile,
  type ServedIndex,
  type ServeOptions,
  servedWheel,
  serveIndex,
} from '../../tests/kit/index-server.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { buildSdist } from '../../tests/kit/tar.ts'
import type { ProjectName } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { openTransport, type Transport } from '../net/transport.ts'
import type { ProjectFiles } from './distribution-file.ts'
import { inMemory } from './fetch-file.ts'
import { openPackageSource, type PackageSource, type SourceSettings } from './package-source.ts'
import { statusWarning } from './project-files.ts'

const app = 'app' as ProjectName
const wheel = (version: string, changes: Partial<ServedFile> = {}): ServedFile =>
  servedWheel({ name: 'app', version, requiresPython: '>=3.8', requires: ['dep>=1', 'other; extra == "x"'] }, changes)

const versions = (project: ProjectFiles | undefined): readonly string[] =>
  project?.versions.map(({ version }) => version.text) ?? []
const firstFile = (project: ProjectFiles | undefined) => project!.versions[0]!.files[0]!

function open(
  t: TestContext,
  context: Den,
  settings: Partial<SourceSettings> & { urls?: readonly string[] },
): PackageSource {
  const { urls = [], offline = false, ...others } = settings
  const transport = openTransport(context, { offline, idleMilliseconds: 20_000, pauseMilliseconds: 1 })
  t.after(() => transport.close())
  return openPackageSource(context, {
    indexes: urls.map((url) => ({ url: tryParseUrl(url)! })),
    findLinks: [],
    policy: 'first-index',
    offline,
    transport,
    ...others,
  })
}

async function setup(
  t: TestContext,
  files: readonly ServedFile[],
  options: ServeOptions & Partial<SourceSettings> = {},
): Promise<{ context: Den; index: ServedIndex; source: PackageSource }> {
  const context = testContext(t)
  const index = await serveIndex(t, files, options)
  return { context, index, source: open(t, context, { urls: [index.url], ...options }) }
}

for (const format of ['json', 'html'] as const) {
  test(`project() lists a page's files by version, newest first (${format})`, async (t) => {
    const { source, index } = await setup(t, [wheel('1.0'), wheel('1.10'), wheel('1.9', { yanked: 'bad' })], { format })
    const project = await source.project(app)
    assert.deepEqual(versions(project), ['1.10', '1.9', '1.0'])
    const file = project!.versions[1]!.files[0]!
    assert.equal(file.yanked, 'bad')
    assert.equal(file.requiresPython, '>=3.8')
    assert.equal(file.parsed.filename, 'app-1.9-py3-none-any.whl')
    assert.equal(file.foundAt, index.url)
    assert.equal(await source.project('none' as ProjectName), undefined)
    // Asked once, however often it is wanted.
    await source.project(app)
    assert.deepEqual(index.paths(), ['/simple/app/', '/simple/none/'])
  })
}

test('a page is asked for again by its validators, and not while it is fresh', async (t) => {
  const clock = { now: 1_700_000_000_000 }
  const context = testContext(t, { host: { now: () => clock.now } })
  const index = await serveIndex(t, [wheel('1.0')], { cacheControl: 'max-age=600', etags: true })
  const find = async (settings: Partial<SourceSettings> = {}) => {
    const source = open(t, context, { urls: [index.url], ...settings })
    const cached = versions(source.cachedProject(app))
    return { cached, found: versions(await source.project(app)) }
  }
  assert.deepEqual(await find(), { cached: [], found: ['1.0'] })
  index.add(wheel('2.0'))
  assert.deepEqual(await find(), { cached: ['1.0'], found: ['1.0'] }, 'fresh: nobody is asked')
  assert.equal(index.requests.length, 1)
  assert.deepEqual(await find({ refresh: new Set([app]) }), { cached: [], found: ['2.0', '1.0'] })
  clock.now += 601_000
  assert.deepEqual(await find(), { cached: [], found: ['2.0', '1.0'] })
  assert.equal(index.requests.length, 3)
  assert.equal(index.requests[2]!.headers['if-none-match'], index.etagOf(app))
  assert.deepEqual(await find(), { cached: ['2.0', '1.0'], found: ['2.0', '1.0'] }, '304 renews')
  assert.equal(index.requests.length, 3)
  clock.now += 10 ** 9
  assert.deepEqual(await find({ offline: true }), { cached: ['2.0', '1.0'], found: ['2.0', '1.0'] })
  await assert.rejects(open(t, context, { urls: [index.url], offline: true }).project('b' as ProjectName), (error) =>
    isDenError(error, 'offline'),
  )
})

test('a damaged page in the cache is a miss, whatever byte is damaged', async (t) => {
  const context = testContext(t, { host: { now: () => 1_700_000_000_000 } })
  const index = await serveIndex(t, [wheel('1.0'), wheel('2.0')], { cacheControl: 'max-age=600' })
  const source = () => open(t, context, { urls: [index.url] })
  await source().project(app)
  const bucket = path.join(context.places.cache, 'pages-v1')
  const entries = fs.readdirSync(bucket, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  assert.equal(entries.length, 2)
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name)
    const whole = fs.readFileSync(file)
    for (const damage of [
      ...Array.from({ length: 40 }, (_, step) => {
        const bytes = Buffer.from(whole)
        bytes[Math.floor((step / 40) * bytes.length)]! ^= 0x41
        return bytes
      }),
      whole.subarray(0, 10),
      Buffer.alloc(0),
      undefined,
    ]) {
      if (damage === undefined) fs.rmSync(file)
      else fs.writeFileSync(file, damage)
      const read = async (): Promise<readonly string[]> => {
        const project = await source().project(app)
        return project!.versions.map(({ files }) => files[0]!.parsed.filename)
      }
      let found: readonly string[]
      try {
        found = await read()
      } catch (error) {
        // Noticed when the files are looked at; the entry is gone then, so the next one asks.
        assert(isDenError(error, 'cache-damaged'))
        found = await read()
      }
      assert.deepEqual(found, ['app-2.0-py3-none-any.whl', 'app-1.0-py3-none-any.whl'])
      assert.deepEqual(fs.readFileSync(file), whole, 'mended')
    }
  }
})

test('several indexes: the first that has it, all of them, or the one it is pinned to', async (t) => {
  const first = await serveIndex(t, [wheel('1.0')])
  const second = await serveIndex(t, [wheel('9.0'), { ...wheel('1.0'), project: 'app' }])
  const urls = [first.url, second.url]
  const find = async (settings: Partial<SourceSettings>) => {
    const project = await open(t, testContext(t), { urls, ...settings }).project(app)
    return project?.versions.map(({ version, files }) => [version.text, ...files.map(({ foundAt }) => foundAt)])
  }
  assert.deepEqual(await find({}), [['1.0', first.url]])
  assert.equal(second.requests.length, 0, 'the name is not even told to the second')
  assert.deepEqual(await find({ policy: 'best-version' }), [
    ['9.0', second.url],
    ['1.0', first.url, second.url],
  ])
  const pinned = [{ url: tryParseUrl(first.url)! }, { url: tryParseUrl(second.url)!, projects: [app] }]
  assert.deepEqual(
    (await find({ indexes: pinned }))?.map(([text]) => text),
    ['9.0', '1.0'],
  )
  const elsewhere = [{ url: tryParseUrl(first.url)!, projects: ['other' as ProjectName] }]
  assert.equal(await find({ indexes: elsewhere }), undefined, 'a pinned index has nothing else')
  // One that refuses must not hand the name on to the next one, unless that is wished.
  first.fault({ on: '/simple/', kind: 'status', status: 403 })
  await assert.rejects(find({}), (error) => isDenError(error, 'http-status'))
  assert.deepEqual(
    (await find({ unreachable: 'skip' }))?.map(([text]) => text),
    ['9.0', '1.0'],
  )
  second.fault({ on: '/simple/', kind: 'status', status: 403 })
  // "Nobody has it" is no answer where nobody could be asked.
  await assert.rejects(find({ unreachable: 'skip' }), (error) => isDenError(error, 'http-status'))
  // Both fail, and only one of them can be told.
  second.fault({ on: '/links', kind: 'status', status: 403 })
  await assert.rejects(find({ findLinks: [`${second.origin}/links`] }), (error) => isDenError(error, 'http-status'))
})

test('find-links: directories, pages in them, addresses; their files go first, and a remote page names no local file', async (t) => {
  const { index, context } = await setup(t, [wheel('1.0')])
  const { filename, bytes } = wheel('1.0')
  writeTree(context.root, {
    [`links/${filename}`]: bytes,
    'links/app-0.9.tar.gz': 'x',
    'links/notes.txt': '',
    'links/more.html': `<a href="../deep/app-0.8-py3-none-any.whl">x</a><a href="${index.origin}/files/${filename}">y</a>`,
    'deep/app-0.8-py3-none-any.whl': 'x',
    'mirror/app/index.html': '<a href="../../deep/app-0.8-py3-none-any.whl#sha256=aa">x</a>',
  })
  const find = async (settings: Partial<SourceSettings> & { urls?: readonly string[] }) => {
    const project = await open(t, context, settings).project(app)
    return project?.versions.map(({ version, files }) => `${version.text} ${files.map(({ place }) => place.kind)}`)
  }
  assert.deepEqual(await find({ urls: [index.url], findLinks: ['links'] }), [
    '1.0 path,url,url',
    '0.9 path',
    '0.8 path',
  ])
  assert.deepEqual(await find({ findLinks: [pathToFileURL(path.join(context.root, 'links')).href, 'nowhere'] }), [
    '1.0 path,url',
    '0.9 path',
    '0.8 path',
  ])
  assert.deepEqual(await find({ findLinks: [`${index.url}app/`] }), ['1.0 url'])
  const mirror = `${pathToFileURL(path.join(context.root, 'mirror')).href}/`
  assert.deepEqual(await find({ urls: [mirror] }), ['0.8 path'])
  index.fault({
    on: '/evil',
    kind: 'answer',
    contentType: 'text/html',
    body: `<a href="${pathToFileURL(path.join(context.root, 'deep/app-0.8-py3-none-any.whl')).href}">x</a>`,
  })
  assert.equal(await find({ findLinks: [`${index.origin}/evil`] }), undefined)
})

test('files newer than a time do not exist; one whose time is not told is an error, not a guess', async (t) => {
  const day = (number: number): number => Date.UTC(2026, 0, number)
  const at = (version: string, number: number): ServedFile =>
    wheel(version, { uploadTime: new Date(day(number)).toISOString() })
  const { source, context } = await setup(t, [at('1.0', 1), at('2.0', 5), at('3.0', 9)], { uploadedBefore: day(5) })
  const project = await source.project(app)
  assert.deepEqual(versions(project), ['1.0'])
  assert.equal(project!.head!.textOf(0), '1.0')
  writeTree(context.root, { 'links/app-0.5-py3-none-any.whl': 'x' })
  const linked = await setup(t, [at('1.0', 1)], {
    uploadedBefore: day(5),
    findLinks: [path.join(context.root, 'links')],
  })
  assert.deepEqual(versions(await linked.source.project(app)), ['1.0', '0.5'], 'a file of this machine is of no time')
  const silent = await setup(t, [wheel('1.0')], { uploadedBefore: day(5) })
  const files = await silent.source.project(app)
  assert.throws(
    () => files!.versions[0]!.files,
    (error) => isDenError(error, 'no-upload-times'),
  )
})

test('a quarantined project has no files', async (t) => {
  const { source, index } = await setup(t, [])
  const page = {
    meta: { 'api-version': '1.4', 'project-status': 'quarantined', 'project-status-reason': 'malware' },
    name: 'app',
    files: [{ filename: 'app-1.0-py3-none-any.whl', url: 'x.whl', hashes: {} }],
  }
  const contentType = 'application/vnd.pypi.simple.v1+json'
  index.fault({ on: '/simple/app/', kind: 'answer', contentType, body: JSON.stringify(page) })
  const project = await source.project(app)
  assert.deepEqual(versions(project), [])
  assert.equal(statusWarning(project!), 'app is quarantined by its index, which offers none of its files: malware')
})

test('fetch() puts on disk what is too large for memory, for as long as it is needed', async (t) => {
  const bytes = Buffer.alloc(inMemory + 3_000_001)
  for (let at = 0; at < bytes.length; at += 4096) bytes.writeUInt32LE(at, at)
  const large = { project: 'app', filename: 'app-1.0-py3-none-any.whl', bytes }
  const { source, index, context } = await setup(t, [large])
  const file = firstFile(await source.project(app))
  const old = path.join(context.places.cache, 'files-v1', `partial-${'0'.repeat(24)}`)
  writeTree(context.places.cache, { [path.relative(context.places.cache, old)]: 'left by a killed process' })
  fs.utimesSync(old, 1, 1)
  const fetched = await source.fetch(file)
  assert.equal(fs.existsSync(old), false)
  assert.equal(fetched.bytes, undefined)
  assert(fs.readFileSync(fetched.path!).equals(bytes))
  const [one, other] = await Promise.all([source.fetch(file), source.fetch(file)])
  assert.equal(one.path, other.path)
  one.release!()
  assert(fs.readFileSync(other.path!).equals(bytes), 'the other still has it')
  other.release!()
  fetched.release!()
  const left = () => fs.readdirSync(path.join(context.places.cache, 'files-v1'), { recursive: true })
  assert.deepEqual(
    left().filter((name) => /partial|whl/.test(String(name))),
    [],
  )
  const kept = await source.fetch(file, { keep: true })
  assert.match(kept.path!, /app-1\.0-py3-none-any\.whl$/)
  fs.rmSync(kept.path!)
  index.fault({ on: '/files/', kind: 'flip', times: 1 })
  await assert.rejects(source.fetch(file), (error) => isDenError(error, 'hash-mismatch'))
  assert.deepEqual(
    left().filter((name) => /partial|whl/.test(String(name))),
    [],
  )
})

test('without a cache nothing is read that was kept, and nothing is left', async (t) => {
  const { source, index, context } = await setup(t, [wheel('1.0')], { cacheControl: 'max-age=600' })
  await source.project(app)
  const kept = () => fs.readdirSync(context.places.cache).sort()
  const before = kept()
  const bare = open(t, context, { urls: [index.url], cache: false })
  assert.equal(bare.cachedProject(app), undefined)
  const file = firstFile(await bare.project(app))
  await bare.metadata(file)
  const { path: place } = await bare.fetch(file, { keep: true })
  assert(fs.existsSync(place!))
  bare.close()
  assert.deepEqual(kept(), before)
})

test('a page from a host that is not trusted is passed over where that is wished', async (t) => {
  const context = testContext(t)
  const asked: string[] = []
  const transport = {
    fetchConditional: async ({ url }: { url: SafeUrl }) => {
      asked.push(url.href)
      throw new DenError('fetch-failed', { url: url.href, reason: 'no such host', attempts: 1 })
    },
  } as unknown as Transport
  const urls = ['http://index.example/simple/']
  const find = async (settings: Partial<SourceSettings>) =>
    await open(t, context, { urls, transport, ...settings }).project(app)
  assert.equal(await find({ insecure: 'skip', findLinks: ['http://links.example/'] }), undefined)
  assert.deepEqual(asked, [])
  const notes = context.events.flatMap((event) => (event.kind === 'note' ? [event.text] : []))
  assert.equal(notes.length, 2)
  await assert.rejects(find({ insecure: 'skip', connection: { trustedHosts: ['index.example'] } }))
  await assert.rejects(find({}))
  assert.equal(asked.length, 2)
})

for (const size of ['small', 'large'] as const) {
  test(`fetch() begins a file anew, once, where its halves turn out not to fit: ${size}`, async (t) => {
    const bytes = size === 'small' ? wheel('1.0').bytes : Buffer.alloc(inMemory * 3, 'den')
    const { source, index, context } = await setup(t, [{ ...wheel('1.0'), bytes }], { ranges: true })
    const file = firstFile(await source.project(app))
    const on = '/files/'
    const asked = async (fetching: Promise<unknown>): Promise<readonly (string | undefined)[]> => {
      const before = index.requests.length
      await fetching
      return index.requests.slice(before).map(({ headers }) => headers['range']?.replace(/\d+/, 'N'))
    }
    const refused = (): Promise<unknown> =>
      assert.rejects(source.fetch(file), (error) => isDenError(error, 'hash-mismatch'))
    index.fault({ on, kind: 'truncate', times: 1 })
    index.fault({ on, kind: 'flip', times: 1 })
    const fetching = source.fetch(file)
    assert.deepEqual(await asked(fetching), [undefined, 'bytes=N-', undefined])
    const fetched = await fetching
    assert.ok(Buffer.from(fetched.bytes ?? fs.readFileSync(fetched.path!)).equals(bytes))
    fetched.release?.()
    index.fault({ on, kind: 'truncate', times: 1 })
    index.fault({ on, kind: 'flip', times: 2 })
    assert.deepEqual(await asked(refused()), [undefined, 'bytes=N-', undefined])
    // What came wrong in one piece is not asked for again.
    index.fault({ on, kind: 'flip', times: 1 })
    assert.deepEqual(await asked(refused()), [undefined])
    const kept = path.join(context.places.cache, 'files-v1')
    assert.deepEqual(fs.existsSync(kept) ? fs.readdirSync(kept) : [], [])
  })
}

test('fetch() hands a wheel over in memory, keeps what is to stay, and refuses other bytes', async (t) => {
  const { source, index, context } = await setup(t, [wheel('1.0')])
  const file = firstFile(await source.project(app))
  const [fetched, again] = await Promise.all([source.fetch(file), source.fetch(file)])
  assert.deepEqual(Buffer.from(fetched.bytes!), Buffer.from(wheel('1.0').bytes))
  assert.equal(fetched, again, 'one download for two')
  assert.equal(fetched.path, undefined)
  assert.equal(fs.existsSync(path.join(context.places.cache, 'files-v1')), false)
  const kept = await source.fetch(file, { keep: true })
  assert.deepEqual(fs.readFileSync(kept.path!), Buffer.from(wheel('1.0').bytes))
  const asked = index.requests.length
  assert.equal((await source.fetch(file)).path, kept.path)
  assert.equal(index.requests.length, asked)
  fs.writeFileSync(kept.path!, 'damaged')
  assert.deepEqual(Buffer.from((await source.fetch(file)).bytes!), Buffer.from(wheel('1.0').bytes))
  index.fault({ on: '/files/', kind: 'flip', times: 1 })
  await assert.rejects(source.fetch(file), (error) => isDenError(error, 'hash-mismatch'))
})

test('what was learned of a page stands behind its head: the next run reads neither the files nor the metadata apart', async (t) => {
  const bytes = buildSdist({
    name: 'app',
    version: '3.0',
    files: { 'PKG-INFO': 'Metadata-Version: 2.1\nName: app\nVersion: 3.0\n' },
  })
  const sdist: ServedFile = { project: 'app', filename: 'app-3.0.tar.gz', bytes }
  const { context, index, source } = await setup(t, [wheel('1.0'), wheel('2.0'), sdist], {
    cacheControl: 'max-age=600',
  })
  const page = (await source.project(app))!
  const [newest, second] = page.versions
  assert.equal(await source.metadata(newest!.files[0]!), undefined)
  assert.equal((await source.metadata(second!.files[0]!))?.version.text, '2.0')
  page.notes!.note(1, '0123456789abcdef', second!.files[0]!)
  page.notes!.note(0, '0123456789abcdef', 'files')
  source.close()

  const asked = index.paths().length
  const others = fs.readdirSync(context.places.cache).filter((name) => name !== 'pages-v1')
  for (const name of others) fs.rmSync(path.join(context.places.cache, name), { recursive: true })
  const next = open(t, context, { urls: [index.url] })
  const again = next.cachedProject(app)!
  const file = again.notes!.recall(1, '0123456789abcdef')
  assert.ok(typeof file === 'object')
  assert.equal(file.parsed.filename, 'app-2.0-py3-none-any.whl')
  assert.equal(
    file.place.kind === 'url' && file.place.url.href,
    second!.files[0]!.place.kind === 'url' && second!.files[0]!.place.url.href,
  )
  assert.equal(again.notes!.recall(0, '0123456789abcdef'), 'files')
  assert.equal(again.notes!.recall(0, 'ffffffffffffffff'), undefined)
  assert.deepEqual(next.cachedMetadata(file)?.requiresDist, ['dep>=1', 'other; extra == "x"'])
  // That a source distribution tells nothing is remembered as well: it is not fetched again.
  assert.equal(await next.metadata(again.versions[0]!.files[0]!), undefined)
  assert.equal(index.paths().length, asked)
  next.close()
})

test('notes outlive a page that changed as far as they are true of it', async (t) => {
  const clock = { now: 1_700_000_000_000 }
  const context = testContext(t, { host: { now: () => clock.now } })
  const index = await serveIndex(t, [wheel('1.0'), wheel('2.0')], { cacheControl: 'max-age=60' })
  const first = open(t, context, { urls: [index.url] })
  const page = (await first.project(app))!
  for (const [at, { files }] of page.versions.entries()) {
    await first.metadata(files[0]!)
    page.notes!.note(at, '0123456789abcdef', files[0]!)
  }
  first.close()
  clock.now += 120_000
  const [before] = [index.paths().length]
  index.add(wheel('3.0'))
  index.add(servedWheel({ name: 'app', version: '2.0', tag: 'py2-none-any' }))
  const second = open(t, context, { urls: [index.url] })
  const changed = (await second.project(app))!
  assert.deepEqual(versions(changed), ['3.0', '2.0', '1.0'])
  const recalled = [0, 1, 2].map((at) => changed.notes!.recall(at, '0123456789abcdef'))
  assert.deepEqual(
    recalled.map((one) => (typeof one === 'object' ? one.parsed.filename : one)),
    [undefined, undefined, 'app-1.0-py3-none-any.whl'],
  )
  assert.equal((await second.metadata(changed.versions[1]!.files[0]!))?.version.text, '2.0')
  assert.equal(index.paths().length, before + 1, 'only the page was asked for')
  second.close()
})

test('damaged notes are no notes', async (t) => {
  const { context, index, source } = await setup(t, [wheel('1.0')], { cacheControl: 'max-age=600' })
  await source.metadata(firstFile(await source.project(app)))
  source.close()
  const heads = fs
    .readdirSync(path.join(context.places.cache, 'pages-v1'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.head'))
  const head = path.join(context.places.cache, 'pages-v1', heads[0]!)
  const whole = fs.readFileSync(head)
  fs.rmSync(path.join(context.places.cache, 'metadata-v1'), { recursive: true })
  const tries: readonly Buffer[] = [
    whole.subarray(0, -1),
    Buffer.concat([whole.subarray(0, -2), Buffer.from('xx')]),
    Buffer.concat([whole, Buffer.from([1, 2, 3])]),
  ]
  const seen = tries.map((bytes) => {
    fs.writeFileSync(head, bytes)
    const next = open(t, context, { urls: [index.url] })
    const project = next.cachedProject(app)
    const metadata = project && next.cachedMetadata(firstFile(project))
    next.close()
    return [versions(project), metadata?.version.text]
  })
  assert.deepEqual(seen, [
    [['1.0'], undefined],
    [['1.0'], undefined],
    [['1.0'], '1.0'],
  ])

  // What is learned anew is not hidden by what was left.
  fs.writeFileSync(head, whole.subarray(0, -1))
  for (const expected of [undefined, '1.0']) {
    const next = open(t, context, { urls: [index.url] })
    const file = firstFile(next.cachedProject(app))
    assert.equal(next.cachedMetadata(file)?.version.text, expected)
    await next.metadata(file)
    next.close()
    fs.rmSync(path.join(context.places.cache, 'metadata-v1'), { recursive: true, force: true })
  }
})

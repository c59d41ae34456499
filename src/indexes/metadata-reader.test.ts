import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import zlib from 'node:zlib'
import { type TestContext as Den, testContext } from '../../tests/kit/context.ts'
import {
  type ServedFile,
  type ServedIndex,
  type ServeOptions,
  servedWheel,
  serveIndex,
} from '../../tests/kit/index-server.ts'
import type { ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import { sha256Hex } from '../host/hash.ts'
import { openTransport } from '../net/transport.ts'
import { parseMetadata } from '../spec/metadata.ts'
import type { DistributionFile } from './distribution-file.ts'
import { differingField } from './metadata-reader.ts'
import { openPackageSource, type PackageSource } from './package-source.ts'

/** What no compression makes small. */
const noise = (seed: number): string => Array.from({ length: 40 }, (_, index) => sha256Hex(`${seed} ${index}`)).join('')
const big = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`app/m${index}.py`, noise(index)]))
const served = (changes: Partial<ServedFile> = {}, files: Record<string, string> = {}): ServedFile =>
  servedWheel({ name: 'app', version: '1.0', requires: ['dep>=1', 'other; extra == "x"'], files }, changes)

interface Setup {
  readonly context: Den
  readonly index: ServedIndex
  readonly file: DistributionFile
  open(): PackageSource
}

async function setup(t: TestContext, files: readonly ServedFile[], options: ServeOptions = {}): Promise<Setup> {
  const context = testContext(t)
  const index = await serveIndex(t, files, { cacheControl: 'max-age=600', ...options })
  const open = (): PackageSource => {
    const transport = openTransport(context, { idleMilliseconds: 20_000, pauseMilliseconds: 1 })
    t.after(() => transport.close())
    const indexes = [{ url: tryParseUrl(index.url)! }]
    return openPackageSource(context, { indexes, findLinks: [], policy: 'first-index', offline: false, transport })
  }
  const project = await open().project('app' as ProjectName)
  return { context, index, open, file: project!.versions[0]!.files[0]! }
}

const requires = ['dep>=1', 'other; extra == "x"']

test('metadata() takes what stands beside the file, once, and remembers it', async (t) => {
  const { index, open, file } = await setup(t, [served()])
  const source = open()
  assert.equal(source.cachedMetadata(file), undefined)
  const [metadata] = await Promise.all([source.metadata(file), source.metadata(file)])
  assert.deepEqual(metadata!.requiresDist, requires)
  assert.deepEqual(index.paths().slice(1), [`/files/${file.parsed.filename}.metadata`])
  const later = open()
  const cached = later.cachedMetadata(file)!
  assert.deepEqual({ ...cached, message: undefined }, { ...metadata, message: undefined })
  assert.deepEqual(cached.message, metadata!.message, 'the whole text is there when somebody wants it')
  assert.equal(await later.metadataText(file), served().metadata)
  assert.equal(index.requests.length, 2)
})

test('metadata beside a file has to be what the page promises, and of this release', async (t) => {
  const { index, open, file } = await setup(t, [served()])
  index.fault({ on: '.metadata', kind: 'flip', times: 1 })
  await assert.rejects(open().metadata(file), (error) => isDenError(error, 'hash-mismatch'))
  const lying = await setup(t, [served({ metadata: 'Metadata-Version: 2.1\nName: app\nVersion: 6.6\n' })])
  await assert.rejects(lying.open().metadata(lying.file), (error) => isDenError(error, 'metadata-mismatch'))
})

test('a large wheel’s metadata comes by range requests, of which few bytes are asked', async (t) => {
  const one = served({}, big)
  const { metadata: _, ...bare } = one
  const { index, open, file } = await setup(t, [bare], { ranges: true })
  const metadata = await open().metadata(file)
  assert.deepEqual(metadata!.requiresDist, requires)
  const asked = index.requests.slice(1).map(({ headers }) => headers.range)
  assert(asked.length <= 3 && asked.every((range) => range !== undefined), String(asked))
  assert(one.bytes.length > 2 ** 17, `${one.bytes.length}`)
})

test('without ranges the wheel is fetched whole, once, and kept', async (t) => {
  const { metadata: _, ...bare } = served({}, big)
  const { index, open, file } = await setup(t, [bare])
  const source = open()
  assert.deepEqual((await source.metadata(file))!.requiresDist, requires)
  const asked = index.requests.length
  const fetched = await source.fetch(file)
  assert.deepEqual(fs.readFileSync(fetched.path!), Buffer.from(bare.bytes))
  assert.equal(index.requests.length, asked)
})

test('a wheel that parts of two archives were put together to is refused or fetched whole', async (t) => {
  const { metadata: _, ...bare } = served({}, big)
  const { index, open, file } = await setup(t, [bare], { ranges: true })
  index.fault({ on: '/files/', kind: 'flip' })
  await assert.rejects(open().metadata(file), (error) => isDenError(error))
})

test('an entry of the cache that is damaged is a miss', async (t) => {
  const { context, index, open, file } = await setup(t, [served()])
  await open().metadata(file)
  const bucket = path.join(context.places.cache, 'metadata-v1')
  const [entry] = fs.readdirSync(bucket, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  const place = path.join(entry!.parentPath, entry!.name)
  const whole = fs.readFileSync(place)
  for (let at = 0; at < whole.length; at += 7) {
    const bytes = Buffer.from(whole)
    bytes[at]! ^= 0x41
    fs.writeFileSync(place, bytes)
    const metadata = await open().metadata(file)
    assert.deepEqual(metadata!.requiresDist, requires)
    assert.equal(await open().metadataText(file), served().metadata)
    assert.deepEqual(fs.readFileSync(place), whole)
  }
  assert(index.requests.length > 10)
})

test('two indexes that promise one hash for different files do not get each other’s metadata', async (t) => {
  const good = served()
  const context = testContext(t)
  const evil = await serveIndex(
    t,
    [{ ...good, metadata: good.metadata!.replace('Requires-Dist:', 'Requires-Dist: evil\nRequires-Dist:') }],
    {
      cacheControl: 'max-age=600',
    },
  )
  const honest = await serveIndex(t, [good], { cacheControl: 'max-age=600' })
  const read = async (index: ServedIndex): Promise<readonly string[]> => {
    const transport = openTransport(context)
    t.after(() => transport.close())
    const indexes = [{ url: tryParseUrl(index.url)! }]
    const source = openPackageSource(context, {
      indexes,
      findLinks: [],
      policy: 'first-index',
      offline: false,
      transport,
    })
    const project = await source.project('app' as ProjectName)
    return (await source.metadata(project!.versions[0]!.files[0]!))!.requiresDist
  }
  assert.equal((await read(evil)).length, 3)
  assert.deepEqual(await read(honest), requires)
})

for (const [what, info, expected] of [
  ['final', 'Metadata-Version: 2.2\nName: app\nVersion: 1.0\nRequires-Dist: dep\n', ['dep']],
  ['dynamic', 'Metadata-Version: 2.2\nName: app\nVersion: 1.0\nDynamic: Requires-Dist\n', undefined],
  ['old', 'Metadata-Version: 2.1\nName: app\nVersion: 1.0\nRequires-Dist: dep\n', undefined],
] as const) {
  test(`a source distribution's PKG-INFO that is ${what} ${expected === undefined ? 'leaves it to a build' : 'is enough'}`, async (t) => {
    const bytes = zlib.gzipSync(
      tar({ 'app-1.0/': '', 'app-1.0/PKG-INFO': info, 'app-1.0/setup.py': 'raise SystemExit' }),
    )
    const { open, file } = await setup(t, [{ project: 'app', filename: 'app-1.0.tar.gz', bytes }])
    assert.deepEqual((await open().metadata(file))?.requiresDist, expected)
  })
}

test('differingField() tells what a resolver would have seen otherwise', () => {
  const read = (...lines: readonly string[]) =>
    parseMetadata(['Metadata-Version: 2.1', 'Name: a', 'Version: 1', ...lines, ''].join('\n'))
  const base = read('Requires-Dist: b', 'Requires-Dist: c')
  assert.equal(differingField(base, read('Requires-Dist: c', 'Summary: other', 'Requires-Dist: b')), undefined)
  assert.deepEqual(differingField(base, read('Requires-Dist: b')), {
    field: 'Requires-Dist',
    expected: 'c',
    actual: 'nothing',
  })
  assert.deepEqual(differingField(base, read('Requires-Dist: b', 'Requires-Dist: d')), {
    field: 'Requires-Dist',
    expected: 'c',
    actual: 'd',
  })
  assert.equal(
    differingField(base, read('Requires-Dist: b', 'Requires-Dist: c', 'Requires-Python: >3'))!.field,
    'Requires-Python',
  )
})

function tar(entries: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(entries).flatMap(([name, text]) => {
    const header = Buffer.alloc(512)
    const content = Buffer.from(text)
    header.write(name, 0)
    header.write(name.endsWith('/') ? '0000755\0' : '0000644\0', 100)
    header.write('0000000\x000000000\0', 108)
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
    header.write('14000000000\0', 136)
    header.write('        ', 148)
    header.write(name.endsWith('/') ? '5' : '0', 156)
    header.write('ustar\x0000', 257)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

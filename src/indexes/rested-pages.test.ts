import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
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
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { ioError } from '../host/io-error.ts'
import { openTransport } from '../net/transport.ts'
import { openPackageSource, type PackageSource, type SourceSettings } from './package-source.ts'
import { pageDirectory } from './page-place.ts'
import {
  askedAnew,
  freshAsThen,
  type PageOrigin,
  type RestedPages,
  restOn,
  sameAsThen,
  stampsNow,
} from './rested-pages.ts'

const [app, base, none] = ['app', 'base', 'none'] as const
const names = [app, base, none].map((name) => name as string as ProjectName)
const wheel = (name: string, version: string): ServedFile => servedWheel({ name, version })

interface Scene {
  readonly den: Den
  readonly index: ServedIndex
  readonly url: SafeUrl
  readonly origin: PageOrigin
  readonly clock: { now: number }
  open(settings?: Partial<SourceSettings>): PackageSource
  /** A source that has read the three pages. */
  read(settings?: Partial<SourceSettings>): Promise<PackageSource>
  rested(): Promise<RestedPages>
  /** The index's directory of pages looks as if nothing had been written for a minute. */
  settle(): void
}

async function scene(
  t: TestContext,
  options: ServeOptions = { cacheControl: 'max-age=600', etags: true },
): Promise<Scene> {
  const clock = { now: Date.now() }
  const den = testContext(t, { host: { now: () => clock.now } })
  const index = await serveIndex(t, [wheel(app, '1.0'), wheel(base, '1.0')], options)
  const url = tryParseUrl(index.url)!
  const origin = { settings: { indexes: [{ url }] }, cache: den.places.cache }
  const open = (settings: Partial<SourceSettings> = {}): PackageSource => {
    const transport = openTransport(den, { idleMilliseconds: 20_000, pauseMilliseconds: 1 })
    t.after(() => transport.close())
    return openPackageSource(den, {
      indexes: [{ url }],
      findLinks: [],
      policy: 'first-index',
      offline: false,
      transport,
      ...settings,
    })
  }
  const read = async (settings?: Partial<SourceSettings>): Promise<PackageSource> => {
    const source = open(settings)
    await Promise.all(names.map((name) => source.project(name)))
    return source
  }
  const settle = (): void => {
    const before = (clock.now - 60_000) / 1000
    fs.utimesSync(pageDirectory(den.host, den.places, url), before, before)
  }
  return {
    den,
    index,
    url,
    origin,
    clock,
    open,
    read,
    settle,
    rested: async () => {
      await read()
      settle()
      const before = stampsNow(den.host, origin)
      const source = await read()
      const rested = restOn(den.host, origin, source.pagesRead(), before)
      assert.ok(rested !== undefined)
      return rested
    },
  }
}

const heads = (s: Scene): readonly string[] => {
  const directory = pageDirectory(s.den.host, s.den.places, s.url)
  return fs
    .readdirSync(directory)
    .filter((name) => name.endsWith('.head'))
    .map((name) => path.join(directory, name))
}

test('pages that nobody has touched are told by one look, fresh ones as long as the strictest is', async (t) => {
  const s = await scene(t)
  const rested = await s.rested()
  assert.deepEqual(rested.pages.map(([at, name]) => `${at} ${name}`).sort(), ['0 app', '0 base', '0 none'])
  const absent = rested.pages.find(([, name]) => name === none)
  assert.equal(absent?.[2], 'absent')
  const spied: string[] = []
  const host = {
    ...s.den.host,
    files: {
      ...s.den.host.files,
      readBytes: (...args: Parameters<typeof s.den.host.files.readBytes>) => {
        spied.push(args[0])
        return s.den.host.files.readBytes(...args)
      },
    },
  }
  assert.equal(await freshAsThen(host, s.origin, rested), rested)
  assert.equal(await sameAsThen(host, s.origin, rested), rested)
  assert.deepEqual(spied, [])
  s.clock.now = rested.freshUntil
  assert.equal(await freshAsThen(host, s.origin, rested), undefined)
  assert.equal(await sameAsThen(host, s.origin, rested), rested)
  // A clock that went back proves nothing.
  s.clock.now = rested.fetchedAt - 1
  assert.equal(await freshAsThen(host, s.origin, rested), undefined)
})

test('where something was written, each page is looked at', async (t) => {
  const s = await scene(t)
  const rested = await s.rested()
  const { host } = s.den
  const [head, ...others] = heads(s)
  const bytes = fs.readFileSync(head!)
  const put = (content: Uint8Array): void => {
    fs.writeFileSync(`${head}.new`, content)
    fs.renameSync(`${head}.new`, head!)
  }
  // As it was. In the moment of the look something may be written that leaves the time as it is: no stamp is worth anything yet.
  put(bytes)
  s.clock.now = Date.now()
  assert.equal(await freshAsThen(host, s.origin, rested), rested)
  // Once the directory has come to rest, there are other stamps, which do for the next look.
  s.clock.now += 5000
  const again = await freshAsThen(host, s.origin, rested)
  assert.deepEqual({ ...again, stamps: [] }, { ...rested, stamps: [] })
  assert.notDeepEqual(again!.stamps, rested.stamps)
  assert.equal(await freshAsThen(host, s.origin, again!), again)
  // A file system that keeps whole seconds, or two, is at rest later.
  const directory = path.dirname(head!)
  const second = Math.floor(Date.now() / 2000) * 2
  fs.utimesSync(directory, second, second)
  for (const [after, isAtRest] of [
    [2900, false],
    [3100, true],
  ] as const) {
    s.clock.now = second * 1000 + after
    assert.equal((await freshAsThen(host, s.origin, again!)) !== again, isAtRest)
  }
  // Another's page, one that is cut, none.
  for (const content of [fs.readFileSync(others[0]!), bytes.subarray(0, 50)]) {
    put(content)
    assert.equal(await freshAsThen(host, s.origin, rested), undefined)
    assert.equal(await sameAsThen(host, s.origin, rested), undefined)
  }
  put(bytes)
  assert.ok((await freshAsThen(host, s.origin, rested)) !== undefined)
  fs.rmSync(head!)
  assert.equal(await freshAsThen(host, s.origin, rested), undefined)
  fs.rmSync(path.dirname(head!), { recursive: true })
  assert.equal(await freshAsThen(host, s.origin, rested), undefined)
})

test('a page that is another by the time that an answer is to be kept is no ground for it', async (t) => {
  const s = await scene(t)
  const before = stampsNow(s.den.host, s.origin)
  const source = await s.read()
  // Somebody else has it meanwhile as it is now.
  s.index.add(wheel(app, '2.0'))
  await (await s.read({ refresh: true })).project(names[0]!)
  const holds = async (read: PackageSource, stamps?: typeof before): Promise<boolean> => {
    const rested = restOn(s.den.host, s.origin, read.pagesRead(), stamps)
    return rested !== undefined && (await sameAsThen(s.den.host, s.origin, rested)) !== undefined
  }
  assert.equal(await holds(source, before), false)
  assert.equal(await holds(source), false)
  const now = await s.read()
  assert.equal(await holds(now, before), true)
  assert.equal(await holds(now), true)
  // Nor is one of an index that is none of these, or nothing at all.
  const other = tryParseUrl('https://other.example/simple/')!
  assert.equal(restOn(s.den.host, { ...s.origin, settings: { indexes: [{ url: other }] } }, now.pagesRead()), undefined)
  assert.equal(restOn(s.den.host, s.origin, []), undefined)
})

test('stamps from before the first look spare one at each page where nothing was written', async (t) => {
  const s = await scene(t)
  await s.read()
  s.settle()
  const before = stampsNow(s.den.host, s.origin)
  const source = await s.read()
  for (const head of heads(s)) fs.rmSync(head)
  s.settle()
  const rested = restOn(s.den.host, s.origin, source.pagesRead(), before)
  assert.equal(rested?.stamps, before)
})

test('a page that could not be kept is no ground for an answer', async (t) => {
  const s = await scene(t)
  await s.read()
  s.settle()
  const before = stampsNow(s.den.host, s.origin)
  s.clock.now += 1000
  const { disk } = s.den.host
  const full = {
    ...disk,
    writeAtomic: (file: string): never => {
      throw ioError(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }), 'write', file)
    },
  }
  const den = { ...s.den, host: { ...s.den.host, disk: full } }
  const source = openPackageSource(den, {
    indexes: s.origin.settings.indexes,
    findLinks: [],
    policy: 'first-index',
    offline: false,
    refresh: true,
  })
  t.after(() => source.close())
  s.index.add(wheel(app, '2.0'))
  await source.project(names[0]!)
  assert.equal(source.pagesRead().length, 1)
  const rested = restOn(den.host, s.origin, source.pagesRead(), before)!
  assert.equal(await freshAsThen(den.host, s.origin, rested), undefined)
})

test('asked anew, pages that are as they were leave the answer standing, others do not', async (t) => {
  for (const etags of [true, false]) {
    const s = await scene(t, { cacheControl: 'max-age=600', etags })
    const rested = await s.rested()
    s.clock.now += 3_600_000
    assert.equal(await freshAsThen(s.den.host, s.origin, rested), undefined)
    const asked = s.index.paths().length
    const same = await askedAnew(s.den.host, s.origin, { source: s.open(), rested })
    const byName = ({ pages }: RestedPages): readonly string[] => pages.map((page) => page.join(' ')).sort()
    assert.deepEqual(byName(same!), byName(rested))
    assert.equal(s.index.paths().length, asked + names.length)
    assert.ok(same!.fetchedAt >= s.clock.now - 1000 && same!.freshUntil > s.clock.now)
    assert.ok((await freshAsThen(s.den.host, s.origin, same!)) !== undefined)

    s.clock.now += 3_600_000
    s.index.add(wheel(none, '1.0'))
    assert.equal(await askedAnew(s.den.host, s.origin, { source: s.open(), rested: same! }), undefined)
    const later = await s.rested()
    s.clock.now += 3_600_000
    // A file that was there is another: its page has as many bytes as before.
    s.index.add({ ...wheel(none, '1.0'), filename: 'none-1.1-py3-none-any.whl' })
    assert.equal(await askedAnew(s.den.host, s.origin, { source: s.open(), rested: later }), undefined)
  }
})

test('an index that cannot be asked leaves the ordinary way to tell so', async (t) => {
  const s = await scene(t)
  const rested = await s.rested()
  s.clock.now += 3_600_000
  s.index.fault({ kind: 'status', status: 403, on: '/simple/base/' })
  for (const unreachable of ['error', 'skip'] as const) {
    const source = s.open({ unreachable })
    assert.equal(await askedAnew(s.den.host, s.origin, { source, rested }), undefined)
  }
})

test('where no page can be had that is told at once', async (t) => {
  const s = await scene(t)
  const rested = await s.rested()
  s.clock.now += 3_600_000
  s.index.fault({ kind: 'status', status: 403, on: '/simple/' })
  await assert.rejects(askedAnew(s.den.host, s.origin, { source: s.open({ unreachable: 'error' }), rested }), (error) =>
    isDenError(error, 'http-status'),
  )
})

test('what was kept for other indexes, or is damaged, is no ground', async (t) => {
  const s = await scene(t)
  const rested = await s.rested()
  const other = tryParseUrl('https://other.example/simple/')!
  const more = { ...s.origin, settings: { indexes: [{ url: other }, { url: s.url }] } }
  assert.equal(await freshAsThen(s.den.host, more, rested), undefined)
  assert.equal(await freshAsThen(s.den.host, s.origin, { ...rested, stamps: [], pages: [[0, app, 'x']] }), undefined)
})

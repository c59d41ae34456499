import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { type ServedIndex, servedWheel, serveIndex } from '../../tests/kit/index-server.ts'
import { mutate } from '../../tests/kit/mutate.ts'
import { randomFrom, seed } from '../../tests/kit/random.ts'
import type { ProjectName } from '../base/brand.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import type { UniversalQuestion } from '../engine/resolve-question.ts'
import { noStatistics } from '../engine/resolve-request.ts'
import type { UniversalResult } from '../engine/universal-request.ts'
import { openPackageSource, type SourceSettings } from '../indexes/package-source.ts'
import { parseRequirement } from '../spec/requirement.ts'
import { rememberedUniversal, type Surroundings } from './remembered-resolution.ts'

const app = 'app' as ProjectName
const age = 86_400_000

type Changes = Partial<Omit<Surroundings, 'settings'>> & { readonly settings?: Partial<SourceSettings> }

interface Scene {
  readonly clock: { now: number }
  readonly index: ServedIndex
  readonly memory: string
  /** The version of the answer, and whether it was worked out for it. */
  ask(changes?: Changes): Promise<string>
}

/** A resolution that takes the newest version that there is, and as long as it is told. */
async function scene(t: TestContext, uploads: readonly number[], takes = 1): Promise<Scene> {
  const clock = { now: 1_800_000_000_000 }
  const den = testContext(t, { host: { now: () => clock.now } })
  const index = await serveIndex(
    t,
    uploads.map((time, at) =>
      servedWheel({ name: app, version: `${at + 1}.0` }, { uploadTime: new Date(time).toISOString() }),
    ),
    { cacheControl: 'max-age=31536000' },
  )
  const question: UniversalQuestion = {
    roots: [{ text: app, requirement: parseRequirement(app), extras: [] }],
    wholeFiles: true,
  }
  return {
    clock,
    index,
    memory: path.join(den.places.cache, 'resolutions-v1'),
    ask: async ({ settings: own, ...changes } = {}) => {
      const settings: SourceSettings = {
        indexes: [{ url: tryParseUrl(index.url)! }],
        findLinks: [],
        policy: 'first-index',
        offline: false,
        uploadedBefore: clock.now - age + 1,
        ...own,
      }
      const source = openPackageSource(den, settings)
      try {
        let worked = false
        const about: Surroundings = {
          host: den.host,
          cache: den.places.cache,
          source: async () => source,
          settings,
          ageLimit: { age, facts: 'a day' },
          builds: null,
          isOdd: () => false,
          ...changes,
        }
        const result = await rememberedUniversal(about, question, async (): Promise<UniversalResult> => {
          worked = true
          const project = await source.project(app)
          const newest = project?.versions[0]
          clock.now += takes
          return {
            packages:
              newest === undefined
                ? []
                : [{ name: app, version: newest.version, files: newest.files, extras: [], dependencies: [] }],
            roots: [],
            forks: [],
            yanked: [],
            unknownExtras: [],
            statistics: { ...noStatistics, forksTried: 1 },
          }
        })
        assert.equal(result.statistics.remembered === true, !worked)
        return `${result.packages[0]?.version.text ?? 'none'} ${worked ? 'worked out' : 'remembered'}`
      } finally {
        source.close()
      }
    },
  }
}

test('a file is taken from the millisecond on in which it is old enough, however long solving took', async (t) => {
  const young = 1_800_000_000_000 - age + 60_000
  const s = await scene(t, [1_600_000_000_000, young], 5000)
  assert.equal(await s.ask(), '1.0 worked out')
  assert.equal(await s.ask(), '1.0 remembered')
  s.clock.now = young + age - 1
  assert.equal(await s.ask(), '1.0 remembered')
  s.clock.now = young + age
  assert.equal(await s.ask(), '2.0 worked out')
  assert.equal(await s.ask(), '2.0 remembered')
  // By a clock that goes back it is too young again; the pages are believed for as long as they are fresh.
  s.clock.now = young + age - 1000
  assert.match(await s.ask(), /^1\.0 /)
})

test('one that comes of age while it is being solved is not left out for ever', async (t) => {
  const young = 1_800_000_000_000 - age + 2000
  const s = await scene(t, [1_600_000_000_000, young], 5000)
  assert.equal(await s.ask(), '1.0 worked out')
  assert.equal(await s.ask(), '2.0 worked out')
  assert.equal(await s.ask(), '2.0 remembered')
})

test('a limit that is a moment is another question at another moment', async (t) => {
  const s = await scene(t, [1_600_000_000_000, 1_700_000_000_000])
  const at = (uploadedBefore: number): Promise<string> => s.ask({ ageLimit: undefined, settings: { uploadedBefore } })
  assert.equal(await at(1_650_000_000_000), '1.0 worked out')
  assert.equal(await at(1_750_000_000_000), '2.0 worked out')
  s.clock.now += 1_000_000_000
  assert.equal(await at(1_650_000_000_000), '1.0 remembered')
  assert.equal(await at(1_750_000_000_000), '2.0 remembered')
})

test('each thing that an answer comes from beside the question tells it from others', async (t) => {
  const s = await scene(t, [1_600_000_000_000])
  assert.equal(await s.ask(), '1.0 worked out')
  const url = tryParseUrl(s.index.url)!
  const changes: readonly Changes[] = [
    { ageLimit: { age, facts: 'another day' } },
    { ageLimit: undefined, settings: { uploadedBefore: 1_700_000_000_000 } },
    { builds: ['another Python'] },
    { settings: { policy: 'best-version' } },
    { settings: { offline: true } },
    { settings: { unreachable: 'error' } },
    { settings: { unreachable: 'skip' } },
    { settings: { insecure: 'allow' } },
    { settings: { indexes: [{ url, projects: [app] }] } },
    { settings: { parted: new Map([[app, true]]) } },
    { settings: { connection: { trustedHosts: [url.host] } } },
  ]
  for (const [at, change] of changes.entries()) assert.match(await s.ask(change), /worked out/, String(at))
  assert.equal(fs.readdirSync(s.memory).length, changes.length + 1)
  for (const [at, change] of [undefined, ...changes].entries())
    assert.match(await s.ask(change), /remembered/, String(at))
})

test('what was odd, is looked for on this machine or may not be kept is not remembered', async (t) => {
  const s = await scene(t, [1_600_000_000_000])
  const changes: readonly Changes[] = [
    { isOdd: () => true },
    { cache: undefined },
    { settings: { cache: false } },
    { settings: { findLinks: [path.dirname(s.memory)] } },
  ]
  for (const change of changes)
    for (let round = 0; round < 2; round += 1) assert.match(await s.ask(change), /worked out/)
  assert.equal(fs.existsSync(s.memory), false)
})

test('pages are asked about where that is asked for, and the answer stands if they are as they were', async (t) => {
  const s = await scene(t, [1_600_000_000_000])
  await s.ask()
  for (const refresh of [true, new Set([app])] as const) {
    const asked = s.index.paths().length
    assert.equal(await s.ask({ settings: { refresh } }), '1.0 remembered')
    assert.equal(s.index.paths().length, asked + 1)
  }
  s.index.add(servedWheel({ name: app, version: '9.0' }, { uploadTime: new Date(1_600_000_000_000).toISOString() }))
  assert.equal(await s.ask(), '1.0 remembered')
  const asked = s.index.paths().length
  assert.equal(await s.ask({ settings: { refresh: new Set([app]) } }), '9.0 worked out')
  assert.deepEqual(s.index.paths().slice(asked), ['/simple/app/'])
})

test('what is kept, changed at random, is as good as nothing', async (t) => {
  const s = await scene(t, [1_600_000_000_000])
  await s.ask()
  const [name] = fs.readdirSync(s.memory)
  const file = path.join(s.memory, name!)
  const whole = fs.readFileSync(file)
  const random = randomFrom(seed)
  let changed = 0
  for (let round = 0; round < 300; round += 1) {
    const bytes = mutate(whole, random)
    fs.writeFileSync(file, bytes)
    const isSame = Buffer.compare(bytes, whole) === 0
    if (!isSame) changed += 1
    assert.equal(await s.ask(), isSame ? '1.0 remembered' : '1.0 worked out', `seed ${seed}, round ${round}`)
  }
  assert.ok(changed > 250)
})

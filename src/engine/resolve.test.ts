import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { servedWheel, serveIndex } from '../../tests/kit/index-server.ts'
import type { ProjectName } from '../base/brand.ts'
import { DenError, diagnose, isDenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import type { DistributionFile, ProjectFiles } from '../indexes/distribution-file.ts'
import { openPackageSource, type PackageSource } from '../indexes/package-source.ts'
import { projectOfFiles } from '../indexes/project-files.ts'
import type { Target } from '../python/target.ts'
import { tryParseDistributionFilename } from '../spec/filename.ts'
import { parseMarker } from '../spec/marker.ts'
import { type Metadata, parseMetadata } from '../spec/metadata.ts'
import { parseRequirement } from '../spec/requirement.ts'
import { parseSpecifiers } from '../spec/specifier.ts'
import { rankTags, supportedTags, type TagFacts } from '../spec/tag.ts'
import { parseVersion } from '../spec/version.ts'
import {
  type LinkedDistribution,
  type PresentDistribution,
  type ResolveRequest,
  type ResolveResult,
  resolve,
  type WantedRequirement,
} from './resolve.ts'
import { resolveUniversal } from './resolve-universal.ts'
import type { UniversalRoot } from './universal-request.ts'

const facts: TagFacts = {
  implementation: 'cpython',
  version: { major: 3, minor: 12 },
  abiFlags: '',
  freeThreaded: false,
  debug: false,
  soabi: 'cpython-312-x86_64-linux-gnu',
  bits: 64,
  machine: 'x86_64',
  platform: 'linux',
  libc: { kind: 'glibc', major: 2, minor: 36 },
}
const tags = supportedTags(facts)
const target: Target = {
  markers: {
    implementation_name: 'cpython',
    implementation_version: '3.12.1',
    os_name: 'posix',
    platform_machine: 'x86_64',
    platform_python_implementation: 'CPython',
    platform_release: '6.1',
    platform_system: 'Linux',
    platform_version: '#1',
    python_full_version: '3.12.1',
    python_version: '3.12',
    sys_platform: 'linux',
  },
  tags,
  ranks: rankTags(tags),
  pythonVersion: parseVersion('3.12.1'),
  platform: 'linux',
  machine: 'x86_64',
  facts,
}

/** A file's name, and what its metadata and its index say. */
interface Made {
  readonly requires?: readonly string[]
  readonly extras?: readonly string[]
  readonly python?: string
  /** What METADATA says of Python, where it is something else. */
  readonly metadataPython?: string
  readonly yanked?: string | true
  readonly sha256?: string
  /** Only a build tells its metadata. */
  readonly dynamic?: boolean
}

interface Fake extends PackageSource {
  readonly asked: string[]
  readonly all: ReadonlyMap<string, DistributionFile>
}

/** An index of the test's own. `late` answers nothing at once, and later in another order than asked. */
function fakeSource(files: Readonly<Record<string, Made>>, mode: 'cached' | 'late' = 'late'): Fake {
  const all = new Map<string, DistributionFile>()
  for (const [filename, { python, yanked, sha256 }] of Object.entries(files)) {
    all.set(filename, {
      parsed: tryParseDistributionFilename(filename)!,
      place: { kind: 'path', path: `/index/${filename}` },
      hashes: sha256 === undefined ? {} : { sha256 },
      foundAt: 'https://index.example/simple/',
      ...(python === undefined ? {} : { requiresPython: python }),
      ...(yanked === undefined ? {} : { yanked }),
    })
  }
  const project = (name: ProjectName): ProjectFiles | undefined => {
    const own = [...all.values()].filter(({ parsed }) => parsed.name === name)
    return own.length === 0 ? undefined : projectOfFiles(name, own)
  }
  const metadata = ({ parsed }: DistributionFile): Metadata | undefined => {
    const made = files[parsed.filename]!
    return made.dynamic === true ? undefined : metadataOf(parsed.name, parsed.version.text, made)
  }
  const asked: string[] = []
  let turn = 0
  const later = async <Answer>(answer: Answer): Promise<Answer> => {
    turn = (turn * 7 + 3) % 5
    for (let wait = turn; wait >= 0; wait--) await Promise.resolve()
    return answer
  }
  return {
    all,
    asked,
    project(name) {
      asked.push(name)
      return later(project(name))
    },
    metadata(file) {
      asked.push(file.parsed.filename)
      return later(metadata(file))
    },
    metadataText: async () => undefined,
    fetch: () => assert.fail('nothing is fetched to resolve'),
    cachedProject: (name) => (mode === 'cached' ? project(name) : undefined),
    pagesRead: () => [],
    cachedMetadata: (file) => (mode === 'cached' ? metadata(file) : undefined),
    close() {},
  }
}

function metadataOf(name: string, version: string, made: Made): Metadata {
  const python = made.metadataPython ?? made.python
  const lines = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    ...(python === undefined ? [] : [`Requires-Python: ${python}`]),
    ...(made.extras ?? []).map((extra) => `Provides-Extra: ${extra}`),
    ...(made.requires ?? []).map((line) => `Requires-Dist: ${line}`),
  ]
  return parseMetadata(`${lines.join('\n')}\n\n`)
}

function want(text: string, more: Partial<WantedRequirement> = {}): WantedRequirement {
  return { requirement: parseRequirement(text), extras: [], text, ...more }
}

function present(name: string, version: string, requires: readonly string[] = []): [ProjectName, PresentDistribution] {
  const metadata = (): Metadata => metadataOf(name, version, { requires })
  return [name as ProjectName, { name: name as ProjectName, version: parseVersion(version), metadata }]
}

type Wishes = Partial<Omit<ResolveRequest, 'requirements'>> & {
  readonly wants: readonly (string | WantedRequirement)[]
}

function ask(source: PackageSource, { wants, ...request }: Wishes): Promise<ResolveResult> {
  return resolve(
    { signal: undefined, host: { now: () => 0 } },
    {
      requirements: wants.map((one) => (typeof one === 'string' ? want(one) : one)),
      target,
      source,
      buildMetadata: () => assert.fail('nothing is built'),
      readLink: () => assert.fail('there are no links'),
      ...request,
    },
  )
}

const shown = ({ distributions }: ResolveResult): string[] =>
  distributions.map(
    (one) => one.file?.parsed.filename ?? `${one.name} ${one.version.text} (${one.present ? 'present' : 'link'})`,
  )

async function answer(files: Readonly<Record<string, Made>>, wishes: Wishes): Promise<string[]> {
  return shown(await ask(fakeSource(files), wishes))
}

async function failure(promise: Promise<unknown>): Promise<{ readonly code: string; readonly words: string }> {
  try {
    await promise
  } catch (error) {
    assert.ok(isDenError(error), String(error))
    const { code, what, why } = diagnose(error as DenError)
    return { code, words: `${what}\n${why}` }
  }
  return assert.fail('it went well')
}

const chain = {
  'app-1.0-py3-none-any.whl': { requires: ['lib>=1'] },
  'app-2.0-py3-none-any.whl': { requires: ['lib>=1', 'tool; sys_platform == "win32"'] },
  'lib-1.0-py3-none-any.whl': {},
  'lib-2.0-py3-none-any.whl': { requires: ['base'] },
  'base-1.0-py3-none-any.whl': {},
  'tool-1.0-py3-none-any.whl': {},
}

test('resolve() takes the newest, dependencies before what needs them', async () => {
  const result = await ask(fakeSource(chain), { wants: ['app'] })
  assert.deepEqual(shown(result), ['base-1.0-py3-none-any.whl', 'lib-2.0-py3-none-any.whl', 'app-2.0-py3-none-any.whl'])
  const app = result.distributions[2]!
  assert.equal(app.requested, true)
  assert.deepEqual(app.dependencies, ['lib'])
  assert.equal(app.metadata?.version.text, '2.0')
  assert.equal(result.distributions[0]!.requested, false)
})

test('resolve() asks for each page and each metadata once, and for nothing else', async () => {
  const source = fakeSource(chain)
  const { statistics } = await ask(source, { wants: ['app', 'lib'] })
  assert.deepEqual([...source.asked].sort(), [
    'app',
    'app-2.0-py3-none-any.whl',
    'base',
    'base-1.0-py3-none-any.whl',
    'lib',
    'lib-2.0-py3-none-any.whl',
  ])
  assert.equal(statistics.pagesAsked, 3)
  assert.equal(statistics.metadataAsked, 3)
})

test('resolve() tells early of what is pinned, and of nothing that may turn out otherwise', async () => {
  const sha256 = 'a'.repeat(64)
  const files = {
    'app-1.0-py3-none-any.whl': { requires: ['lib'], sha256 },
    'app-2.0-py3-none-any.whl': { sha256 },
    'lib-1.0-py3-none-any.whl': { sha256 },
    'free-1.0-py3-none-any.whl': { sha256 },
    'tool-1.0.tar.gz': { sha256 },
    'unproven-1.0-py3-none-any.whl': {},
  }
  const told = async (wishes: Wishes, mode?: 'cached'): Promise<string[]> => {
    const found: string[] = []
    await ask(fakeSource(files, mode), { ...wishes, likely: (file) => void found.push(file.parsed.filename) })
    return found.sort()
  }
  const wants = ['app==1.0', 'lib==1.0', 'free', 'tool==1.0', 'unproven==1.0']
  const pinned = ['app-1.0-py3-none-any.whl', 'lib-1.0-py3-none-any.whl']
  assert.deepEqual(await told({ wants }), pinned)
  assert.deepEqual(await told({ wants }, 'cached'), pinned)
  assert.deepEqual(await told({ wants: ['app==1.*', 'lib>=1.0'] }), [])
  const installed = new Map([present('lib', '1.0')])
  assert.deepEqual(await told({ wants, installed }), ['app-1.0-py3-none-any.whl'])
  const hashed = want('free==1.0', { hashes: [{ algorithm: 'sha256', digest: sha256 }] })
  assert.deepEqual(await told({ wants: [hashed] }), [])
})

test('resolve() asks nobody for what the cache has', async () => {
  const source = fakeSource(chain, 'cached')
  const { statistics, distributions } = await ask(source, { wants: ['app'] })
  assert.equal(distributions.length, 3)
  assert.deepEqual(source.asked, [])
  assert.equal(statistics.pagesCached, 3)
})

test('resolve() takes the best wheel: tag, then build number; a source distribution last', async () => {
  const files = {
    'app-1.0.tar.gz': { dynamic: true },
    'app-1.0-py3-none-any.whl': {},
    'app-1.0-cp312-cp312-win_amd64.whl': {},
    'app-1.0-1-cp312-cp312-manylinux_2_17_x86_64.whl': {},
    'app-1.0-10-cp312-cp312-manylinux_2_17_x86_64.whl': {},
    'app-1.0-cp312-abi3-manylinux_2_17_x86_64.whl': {},
  }
  assert.deepEqual(await answer(files, { wants: ['app'] }), ['app-1.0-10-cp312-cp312-manylinux_2_17_x86_64.whl'])
})

test('resolve() passes over versions that do not fit this Python or this machine', async () => {
  const files = {
    'app-1.0-py3-none-any.whl': {},
    'app-2.0-py3-none-any.whl': { python: '>=3.13' },
    'app-3.0-cp311-cp311-win_amd64.whl': {},
    'app-4.0-py3-none-any.whl': { metadataPython: '<3.12' },
  }
  assert.deepEqual(await answer(files, { wants: ['app'] }), ['app-1.0-py3-none-any.whl'])
  const ignoring = { wants: ['app'], ignoreRequiresPython: true }
  assert.deepEqual(await answer(files, ignoring), ['app-4.0-py3-none-any.whl'])
  const { code, words } = await failure(answer(files, { wants: ['app>=2,<4'] }))
  assert.equal(code, 'no-solution')
  assert.match(words, /2\.0 needs Python >=3\.13, and this is 3\.12\.1/)
  assert.match(words, /no file of 3\.0 fits this Python and this machine/)
})

test('resolve() obeys the control of formats, where a name goes before :all:', async () => {
  const files = {
    'app-1.0-py3-none-any.whl': {},
    'app-2.0.tar.gz': {},
    'lib-1.0-py3-none-any.whl': {},
    'lib-1.0.tar.gz': {},
  }
  const wants = ['app', 'lib']
  const all = new Set([':all:'])
  const formats = (more: ResolveRequest['formats']): Wishes => ({ wants, formats: more! })
  assert.deepEqual(await answer(files, { wants }), ['app-2.0.tar.gz', 'lib-1.0-py3-none-any.whl'])
  assert.deepEqual(await answer(files, formats({ onlyBinary: all })), [
    'app-1.0-py3-none-any.whl',
    'lib-1.0-py3-none-any.whl',
  ])
  assert.deepEqual(await answer(files, formats({ noBinary: all })), ['app-2.0.tar.gz', 'lib-1.0.tar.gz'])
  assert.deepEqual(await answer(files, formats({ noBinary: all, onlyBinary: new Set(['app']) })), [
    'app-1.0-py3-none-any.whl',
    'lib-1.0.tar.gz',
  ])
  assert.deepEqual(await answer(files, formats({ preferBinary: true })), [
    'app-1.0-py3-none-any.whl',
    'lib-1.0-py3-none-any.whl',
  ])
  const { words } = await failure(answer(files, { wants: ['app==2.0'], formats: { onlyBinary: all } }))
  assert.match(words, /2\.0 is there as source only, and only wheels may be taken/)
})

test('resolve() obeys the control of releases', async () => {
  const files = { 'app-1.0-py3-none-any.whl': {}, 'app-2.0rc1-py3-none-any.whl': {} }
  assert.deepEqual(await answer(files, { wants: ['app'] }), ['app-1.0-py3-none-any.whl'])
  const all = new Set([':all:'])
  assert.deepEqual(await answer(files, { wants: ['app'], releases: { allReleases: all } }), [
    'app-2.0rc1-py3-none-any.whl',
  ])
  const finals = { allReleases: all, onlyFinal: new Set(['app']) }
  assert.deepEqual(await answer(files, { wants: ['app'], releases: finals }), ['app-1.0-py3-none-any.whl'])
  const { words } = await failure(answer(files, { wants: ['app==2.0rc1'], releases: finals }))
  assert.match(words, /2\.0rc1 is a pre-release, and only final releases may be taken/)
})

test('resolve() takes a yanked version only when it is pinned, and a file that is not yanked of a version in part yanked', async () => {
  const files = {
    'app-1.0-py3-none-any.whl': {},
    'app-2.0-py3-none-any.whl': { yanked: 'broken' },
    'lib-1.0-cp312-cp312-manylinux_2_17_x86_64.whl': { yanked: true as const },
    'lib-1.0-py3-none-any.whl': {},
  }
  assert.deepEqual(await answer(files, { wants: ['app', 'lib'] }), [
    'app-1.0-py3-none-any.whl',
    'lib-1.0-py3-none-any.whl',
  ])
  assert.deepEqual(await answer(files, { wants: ['app==2.0'] }), ['app-2.0-py3-none-any.whl'])
})

test('resolve() builds metadata only of what it has to know, and never without dependencies', async () => {
  const files = {
    'app-1.0.tar.gz': { dynamic: true, requires: ['lib'] },
    'app-2.0.tar.gz': { dynamic: true, requires: ['lib>=2'] },
    'lib-1.0-py3-none-any.whl': {},
  }
  const built: string[] = []
  const buildMetadata = async ({ parsed }: DistributionFile): Promise<Metadata> => {
    built.push(parsed.filename)
    return metadataOf(parsed.name, parsed.version.text, files[parsed.filename as 'app-1.0.tar.gz'])
  }
  assert.deepEqual(await answer(files, { wants: ['app'], buildMetadata }), [
    'lib-1.0-py3-none-any.whl',
    'app-1.0.tar.gz',
  ])
  assert.deepEqual(built, ['app-2.0.tar.gz', 'app-1.0.tar.gz'])
  built.length = 0
  const result = await ask(fakeSource(files), { wants: ['app'], buildMetadata, dependencies: 'none' })
  assert.deepEqual(shown(result), ['app-2.0.tar.gz'])
  assert.equal(result.distributions[0]!.metadata, undefined)
  assert.deepEqual(built, [])
})

test('resolve() can leave out dependencies, or what was asked for', async () => {
  assert.deepEqual(await answer(chain, { wants: ['app'], dependencies: 'none' }), ['app-2.0-py3-none-any.whl'])
  assert.deepEqual(await answer(chain, { wants: ['app'], dependencies: 'only' }), [
    'base-1.0-py3-none-any.whl',
    'lib-2.0-py3-none-any.whl',
  ])
})

test('resolve() leaves requirements out whose markers do not hold', async () => {
  const wants = [
    'app; python_version < "3"',
    want('lib<2', { marker: parseRequirement('x; os_name == "posix"').marker! }),
  ]
  const result = await ask(fakeSource(chain), { wants })
  assert.deepEqual(shown(result), ['lib-1.0-py3-none-any.whl'])
  assert.deepEqual(
    result.ignored.map(({ text }) => text),
    ['app; python_version < "3"'],
  )
})

test('resolve() keeps what is installed and will do, and asks nobody about it', async () => {
  const source = fakeSource(chain)
  const installed = new Map([present('app', '1.0', ['lib>=1']), present('lib', '1.0')])
  assert.deepEqual(shown(await ask(source, { wants: ['app'], installed })), ['lib 1.0 (present)', 'app 1.0 (present)'])
  assert.deepEqual(source.asked, [])
})

test('resolve() upgrades what was asked for alone, or everything', async () => {
  const installed = new Map([present('app', '1.0', ['lib>=1']), present('lib', '1.0')])
  assert.deepEqual(await answer(chain, { wants: ['app'], installed, upgrade: 'requested' }), [
    'lib 1.0 (present)',
    'app-2.0-py3-none-any.whl',
  ])
  assert.deepEqual(await answer(chain, { wants: ['app'], installed, upgrade: 'all' }), [
    'base-1.0-py3-none-any.whl',
    'lib-2.0-py3-none-any.whl',
    'app-2.0-py3-none-any.whl',
  ])
  const lib = new Set(['lib' as ProjectName])
  assert.deepEqual(await answer(chain, { wants: ['app'], installed, upgrade: lib }), [
    'base-1.0-py3-none-any.whl',
    'lib-2.0-py3-none-any.whl',
    'app 1.0 (present)',
  ])
})

test('resolve() keeps an installed version that is the newest, also when it upgrades', async () => {
  const installed = new Map([present('base', '1.0')])
  assert.deepEqual(await answer(chain, { wants: ['base'], installed, upgrade: 'all' }), ['base 1.0 (present)'])
})

test('resolve() replaces what is installed where it will not do', async () => {
  const installed = new Map([present('lib', '1.0'), present('base', '0.9')])
  assert.deepEqual(await answer(chain, { wants: ['lib>=2'], installed }), [
    'base 0.9 (present)',
    'lib-2.0-py3-none-any.whl',
  ])
})

test('resolve() takes preferred versions where they will do', async () => {
  const preferences = new Map([['lib' as ProjectName, parseVersion('1.0')]])
  assert.deepEqual(await answer(chain, { wants: ['app'], preferences }), [
    'lib-1.0-py3-none-any.whl',
    'app-2.0-py3-none-any.whl',
  ])
})

test('resolve() takes the oldest that will do, of everything or of what is asked for', async () => {
  assert.deepEqual(await answer(chain, { wants: ['app'], strategy: 'lowest' }), [
    'lib-1.0-py3-none-any.whl',
    'app-1.0-py3-none-any.whl',
  ])
  assert.deepEqual(await answer(chain, { wants: ['app'], strategy: 'lowest-direct' }), [
    'base-1.0-py3-none-any.whl',
    'lib-2.0-py3-none-any.whl',
    'app-1.0-py3-none-any.whl',
  ])
})

test('resolve() obeys constraints, overrides and exclusions', async () => {
  assert.deepEqual(await answer(chain, { wants: ['app'], constraints: [want('lib<2'), want('tool<1')] }), [
    'lib-1.0-py3-none-any.whl',
    'app-2.0-py3-none-any.whl',
  ])
  assert.deepEqual(await answer(chain, { wants: ['app'], overrides: [parseRequirement('lib==1.0')] }), [
    'lib-1.0-py3-none-any.whl',
    'app-2.0-py3-none-any.whl',
  ])
  assert.deepEqual(await answer(chain, { wants: ['app'], exclusions: new Set(['lib' as ProjectName]) }), [
    'app-2.0-py3-none-any.whl',
  ])
  for (const constraint of [want('lib[x]<2'), want('lib', { editable: true, link: 'file:///src' })]) {
    const { code } = await failure(answer(chain, { wants: ['app'], constraints: [constraint] }))
    assert.equal(code, 'invalid-constraint')
  }
})

// Addresses

function linked(
  name: string,
  version: string,
  requires: readonly string[] = [],
  more: Partial<LinkedDistribution> = {},
): LinkedDistribution {
  return {
    name: name as ProjectName,
    version: parseVersion(version),
    metadata: metadataOf(name, version, { requires }),
    directUrl: {
      url: `https://example.org/${name}`,
      dirInfo: { editable: false },
    } as unknown as LinkedDistribution['directUrl'],
    editable: false,
    ...more,
  }
}

test('resolve() takes a project from the address it was asked for with, named or not, and asks no index for it', async () => {
  const source = fakeSource(chain)
  const readLink: ResolveRequest['readLink'] = async ({ address }) =>
    linked('app', '0.1', ['base'], { editable: address.startsWith('file:') })
  const named = await ask(source, { wants: ['app @ https://example.org/app.zip'], readLink })
  assert.deepEqual(shown(named), ['base-1.0-py3-none-any.whl', 'app 0.1 (link)'])
  const path: WantedRequirement = { link: 'file:///src/app', editable: true, extras: [], text: './app' }
  const unnamed = await ask(source, { wants: [path, 'app'], readLink })
  assert.deepEqual(shown(unnamed), ['base-1.0-py3-none-any.whl', 'app 0.1 (link)'])
  assert.equal(unnamed.distributions[1]!.editable, true)
  assert.ok(!source.asked.includes('app'))
})

const topped = {
  ...chain,
  'top-1.0-py3-none-any.whl': { requires: ['lib @ https://example.org/lib.zip'], extras: ['x'] },
  'half-1.0-py3-none-any.whl': { requires: ["lib @ https://example.org/lib.zip ; extra == 'x'"], extras: ['x'] },
}

test('resolve() takes an address from what an address holds, and from a constraint when the project is needed', async () => {
  const readLink = async ({ address }: { address: string }): Promise<LinkedDistribution> =>
    address.endsWith('lib.zip') ? linked('lib', '1.5') : linked('top', '1.0', ['lib @ https://example.org/lib.zip'])
  assert.deepEqual(await answer(chain, { wants: ['top @ https://example.org/top.zip', 'app'], readLink }), [
    'lib 1.5 (link)',
    'top 1.0 (link)',
    'app-2.0-py3-none-any.whl',
  ])
  const constraints = [want('lib @ https://example.org/lib.zip')]
  assert.deepEqual(await answer(chain, { wants: ['app'], constraints, readLink }), [
    'lib 1.5 (link)',
    'app-2.0-py3-none-any.whl',
  ])
  assert.deepEqual(await answer(chain, { wants: ['base'], constraints, readLink }), ['base-1.0-py3-none-any.whl'])
})

test('resolve() follows no address that a distribution of an index names, unless somebody else asks for it', async () => {
  const readLink = async (): Promise<LinkedDistribution> => linked('lib', '1.5')
  const { code, words } = await failure(answer(topped, { wants: ['top'] }))
  assert.equal(code, 'no-solution')
  assert.match(words, /top 1\.0 depends on lib @ https:\/\/example\.org\/lib\.zip.*ask for that address yourself/)
  assert.deepEqual(await answer(topped, { wants: ['top', 'lib @ https://example.org/lib.zip'], readLink }), [
    'lib 1.5 (link)',
    'top-1.0-py3-none-any.whl',
  ])
  // An extra that nobody asks for does no harm, and an older release without the address will do.
  assert.deepEqual(await answer(topped, { wants: ['half'] }), ['half-1.0-py3-none-any.whl'])
  assert.match((await failure(answer(topped, { wants: ['half[x]'] }))).words, /half\[x\] 1\.0 depends on lib @/)
  const older = { ...topped, 'top-0.9-py3-none-any.whl': {} }
  assert.deepEqual(await answer(older, { wants: ['top'] }), ['top-0.9-py3-none-any.whl'])
})

test('resolve() takes no wheel of another machine from an address, with its dependencies or without', async () => {
  const wheelAt = async ({ address }: { address: string }): Promise<LinkedDistribution> => {
    const filename = address.slice(address.lastIndexOf('/') + 1)
    const parsed = tryParseDistributionFilename(filename)!
    const file: DistributionFile = { parsed, place: { kind: 'path', path: address }, hashes: {}, foundAt: address }
    return linked('app', '1.0', [], { file })
  }
  const from = (wheel: string): Wishes => ({ wants: [`app @ https://example.org/${wheel}`], readLink: wheelAt })
  const fits = 'app-1.0-cp312-cp312-manylinux_2_17_x86_64.whl'
  assert.deepEqual(await answer(chain, from(fits)), [fits])
  for (const wheel of ['app-1.0-py3-none-win_amd64.whl', 'app-1.0-cp311-cp311-manylinux_2_17_x86_64.whl'])
    for (const more of [{}, { dependencies: 'none' as const }]) {
      const { code, words } = await failure(answer(chain, { ...from(wheel), ...more }))
      assert.equal(code, 'no-solution')
      assert.ok(words.includes(`${wheel} does not fit this Python and this machine`), words)
    }
})

test('resolve() refuses an address that holds another project, and two addresses for one', async () => {
  const readLink = async (): Promise<LinkedDistribution> => linked('other', '1.0')
  const { code } = await failure(answer(chain, { wants: ['app @ https://example.org/app.zip'], readLink }))
  assert.equal(code, 'metadata-mismatch')
  const two = ['app @ https://example.org/a.zip', 'app @ https://example.org/b.zip']
  const { words } = await failure(answer(chain, { wants: two, readLink: async () => linked('app', '1.0') }))
  assert.match(words, /you asked for app @ https:\/\/example\.org\/a\.zip/)
  const secret = ['app @ https://me:secret@example.org/a.zip', 'app>=2']
  const told = await failure(answer(chain, { wants: secret, readLink: async () => linked('app', '1.0') }))
  assert.match(told.words, /you asked for app>=2, .*it comes from https:\/\/\S*example\.org\/a\.zip, which has 1\.0/)
  assert.doesNotMatch(told.words, /secret/)
})

// Hashes

const digest = (letter: string): string => letter.repeat(64)
const hashed = (text: string, ...letters: string[]): WantedRequirement =>
  want(text, { hashes: letters.map((letter) => ({ algorithm: 'sha256', digest: digest(letter) })) })

test('resolve() takes the file whose hash is allowed', async () => {
  const files = {
    'app-1.0-py3-none-any.whl': { sha256: digest('a') },
    'app-1.0.tar.gz': { sha256: digest('b') },
  }
  const result = await ask(fakeSource(files), { wants: [hashed('app==1.0', 'b')] })
  assert.deepEqual(shown(result), ['app-1.0.tar.gz'])
  assert.deepEqual([...result.distributions[0]!.hashes!.get('sha256')!], [digest('b')])
  // Where none is, the one that would be installed is: it is refused when it comes.
  assert.deepEqual(await answer(files, { wants: [hashed('app==1.0', 'c')] }), ['app-1.0-py3-none-any.whl'])
})

test('resolve() wants everything pinned and hashed as soon as anything is', async () => {
  const files = {
    'app-1.0-py3-none-any.whl': { sha256: digest('a'), requires: ['lib'] },
    'lib-1.0-py3-none-any.whl': { sha256: digest('b') },
  }
  const missing = await failure(answer(files, { wants: [hashed('app==1.0', 'a')] }))
  assert.equal(missing.code, 'hashes-required')
  assert.match(missing.words, new RegExp(`lib==1\\.0 --hash=sha256:${digest('b')}`))
  const unpinned = await failure(answer(files, { wants: [hashed('app', 'a'), hashed('lib==1.0', 'b')] }))
  assert.match(unpinned.words, /not pinned with ==: app/)
  const wants = [hashed('app==1.0', 'a'), hashed('lib==1.0', 'b')]
  assert.equal((await answer(files, { wants })).length, 2)
  assert.equal((await answer(files, { wants: [hashed('app==1.0', 'a')], requireHashes: false })).length, 2)
  const bare = await failure(answer(files, { wants: ['app==1.0'], requireHashes: true }))
  assert.equal(bare.code, 'hashes-required')
  // A constraint may bring pin and hash.
  const constraints = [hashed('lib==1.0', 'b')]
  assert.equal((await answer(files, { wants: [hashed('app==1.0', 'a')], constraints })).length, 2)
})

test('resolve() cannot hash a directory', async () => {
  const wants: WantedRequirement[] = [{ link: 'file:///src/app', extras: [], text: './app' }]
  const { words } = await failure(
    answer({}, { wants, requireHashes: true, readLink: async () => linked('app', '1.0') }),
  )
  assert.match(words, /a directory or a checkout cannot be hashed: \.\/app/)
})

// Words, and the rest

test('resolve() tells which extras do not exist', async () => {
  const { unknownExtras, distributions } = await ask(fakeSource(chain), { wants: ['base[nope]'] })
  assert.deepEqual(
    unknownExtras.map(({ name, extra }) => `${name}[${extra}]`),
    ['base[nope]'],
  )
  assert.deepEqual(distributions[0]!.requestedExtras, ['nope'])
})

test('resolve() says what cannot be had together', async () => {
  const { code, words } = await failure(answer(chain, { wants: ['app', 'lib<1'] }))
  assert.equal(code, 'no-solution')
  assert.match(words, /no version of lib meets what is asked of it/)
  const conflict = await failure(answer({ ...chain, 'lib-0.5-py3-none-any.whl': {} }, { wants: ['app', 'lib<1'] }))
  assert.equal(
    conflict.words,
    'app and lib<1 cannot be installed together\n' +
      'you asked for app\nyou asked for lib<1\nevery version of app depends on lib>=1',
  )
})

async function fixesFor(promise: Promise<unknown>): Promise<readonly string[]> {
  try {
    await promise
  } catch (error) {
    assert.ok(isDenError(error, 'no-solution'), String(error))
    return diagnose(error).fix
  }
  return assert.fail('it went well')
}

test('resolve() offers what it tried in place of what cannot be had', async () => {
  const files = { ...chain, 'lib-0.5-py3-none-any.whl': {} }
  const wants = ['app', 'lib<1']
  assert.deepEqual(await fixesFor(answer(files, { wants, tryFixes: true })), [
    "ask for 'lib>=1' in place of 'lib<1': that takes lib 2.0",
  ])
  assert.deepEqual(await fixesFor(answer(files, { wants })), ['loosen what is asked of one of them, or leave one out'])
  const constrained = { wants: ['app'], constraints: [want('lib<1')], tryFixes: true }
  assert.deepEqual(await fixesFor(answer(files, constrained)), ["loosen the constraint 'lib<1': that takes lib 2.0"])
  // Hashes tie the versions that they are given for.
  const hashed = { wants: [want('app'), want('lib<1')], requireHashes: true, tryFixes: true }
  assert.deepEqual(await fixesFor(answer(files, hashed)), ['loosen what is asked of one of them, or leave one out'])
})

test('resolve() names the nearest Python under which it can be had, for all that needs and not for a part of it', async () => {
  const files = {
    'app-1.0-cp310-cp310-manylinux_2_17_x86_64.whl': {},
    'lib-1.0-py3-none-any.whl': {},
    'lib-2.0-py3-none-any.whl': { python: '>=3.14' },
    'top-1.0-py3-none-any.whl': { requires: ['lib>=2', 'tool; python_version >= "3.14"'] },
    'tool-1.0-py3-none-any.whl': {},
    'never-1.0-py3-none-any.whl': { requires: ['lib>=2', 'app'] },
  }
  const asking = (...wants: string[]): Promise<readonly string[]> => fixesFor(answer(files, { wants, tryFixes: true }))
  assert.deepEqual(await asking('app'), ['use Python 3.10: there it can be had'])
  assert.deepEqual(await asking('top'), ['use Python 3.14: there it can be had'])
  assert.deepEqual(await asking('never'), [])
})

test('resolve() builds nothing to find out what could be asked instead', async () => {
  const files = {
    'app-1.0.tar.gz': { dynamic: true },
    'app-0.9-py3-none-any.whl': {},
    'app-2.0-py3-none-any.whl': { requires: ['lib>=2'] },
    'lib-1.0-py3-none-any.whl': {},
    'lib-2.0.tar.gz': { dynamic: true },
  }
  assert.deepEqual(await fixesFor(answer(files, { wants: ['app>=2', 'lib<2'], tryFixes: true })), [
    "ask for 'app<2' in place of 'app>=2': that takes app 0.9",
  ])
})

const everywhere = (
  files: Readonly<Record<string, Made>>,
  ...roots: readonly (string | UniversalRoot)[]
): ReturnType<typeof resolveUniversal> =>
  resolveUniversal(
    { signal: undefined, host: { now: () => 0 } },
    {
      roots: roots.map((one) => (typeof one === 'string' ? want(one) : one)),
      requiresPython: parseSpecifiers('>=3.9'),
      source: fakeSource(files),
      buildMetadata: () => assert.fail('nothing is built'),
      readLink: () => assert.fail('there are no links'),
      tryFixes: true,
    },
  )

test('resolveUniversal() offers what it tried for all environments, and the scope without those that have no answer', async () => {
  const files = {
    'app-1.0-py3-none-any.whl': { requires: ['lib<2; sys_platform == "win32"'] },
    'lib-1.0-py3-none-any.whl': {},
    'lib-2.0-py3-none-any.whl': {},
    'lib-3.0-py3-none-any.whl': { python: '>=3.12' },
  }
  assert.deepEqual(await fixesFor(everywhere(files, 'app', 'lib>=2')), [
    "ask for 'lib<2' in place of 'lib>=2': that takes lib 1.0",
    'leave out the environments in which sys_platform == "win32" (requires-python, environments)',
  ])
  const roots = [
    { ...want('lib<2'), when: parseMarker("'old' in extras") },
    { ...want('lib>=2,<3'), when: parseMarker("'new' in extras") },
  ]
  assert.deepEqual(
    (await fixesFor(everywhere(files, ...roots))).at(-1),
    'if nobody is to have both, say so (conflicts): "new" in extras and "old" in extras',
  )
  // With any lib it is 2.0 here and 3.0 there, and one pin would not do for both.
  assert.deepEqual(await fixesFor(everywhere(files, 'lib==9')), [
    "ask for 'lib' in place of 'lib==9': that takes lib 2.0",
  ])
  assert.deepEqual(await fixesFor(everywhere({ 'old-1.0-py3-none-any.whl': { python: '>=3.10' } }, 'old')), [
    'leave out the environments in which python_version < "3.10" (requires-python, environments)',
  ])
})

test('resolve() waits for something else to ask only for a while', async () => {
  const source = fakeSource({
    'app-1.0-py3-none-any.whl': {},
    'app-2.0-py3-none-any.whl': { requires: ['lib>=2'] },
    'lib-1.0-py3-none-any.whl': {},
    'lib-2.0-py3-none-any.whl': {},
  })
  const metadata = (file: DistributionFile): Promise<Metadata | undefined> =>
    file.parsed.filename.startsWith('app-1.0') ? new Promise(() => {}) : source.metadata(file)
  const started = Date.now()
  const asked = resolve(
    { signal: undefined, host: { now: Date.now } },
    {
      requirements: [want('app>=2'), want('lib<2')],
      target,
      source: { ...source, metadata },
      buildMetadata: () => assert.fail('nothing is built'),
      readLink: () => assert.fail('there are no links'),
      tryFixes: true,
    },
  )
  assert.deepEqual(await fixesFor(asked), ["ask for 'lib>=2' in place of 'lib<2': that takes lib 2.0"])
  assert.ok(Date.now() - started < 5000)
})

test('resolve() passes over a version whose metadata is of another project, and tells it when there is no other', async () => {
  const source = fakeSource({ 'app-1.0-py3-none-any.whl': {}, 'app-2.0-py3-none-any.whl': { requires: ['what ever'] } })
  assert.deepEqual(shown(await ask(source, { wants: ['app'] })), ['app-1.0-py3-none-any.whl'])
  const { words } = await failure(ask(source, { wants: ['app>1'] }))
  assert.match(words, /app 2\.0 cannot be used: its metadata has an invalid requirement: what ever/)
})

test('resolve() passes over a version whose file cannot be read, and ends where a build fails', async () => {
  const wheels = fakeSource({ 'app-1.0-py3-none-any.whl': {}, 'app-2.0-py3-none-any.whl': {} })
  const faulty: PackageSource = {
    ...wheels,
    metadata: async (file) => {
      if (file.parsed.version.text === '1.0') return wheels.metadata(file)
      throw new DenError('invalid-wheel', { file: file.parsed.filename, reason: 'it has no METADATA' })
    },
  }
  assert.deepEqual(shown(await ask(faulty, { wants: ['app'] })), ['app-1.0-py3-none-any.whl'])
  assert.match((await failure(ask(faulty, { wants: ['app>1'] }))).words, /app 2\.0 cannot be used: .*no METADATA/)

  const sdists = { 'app-1.0.tar.gz': { dynamic: true }, 'app-2.0.tar.gz': { dynamic: true } }
  const fault = (code: 'invalid-archive' | 'build-invalid') => async (file: DistributionFile) => {
    if (file.parsed.version.text === '1.0') return metadataOf('app', '1.0', {})
    if (code === 'invalid-archive') throw new DenError(code, { file: file.parsed.filename, reason: 'it ends early' })
    throw new DenError(code, { distribution: 'app 2.0', reason: 'its backend made nothing' })
  }
  const cut = await ask(fakeSource(sdists), { wants: ['app'], buildMetadata: fault('invalid-archive') })
  assert.deepEqual(shown(cut), ['app-1.0.tar.gz'])
  const ended = await failure(ask(fakeSource(sdists), { wants: ['app'], buildMetadata: fault('build-invalid') }))
  assert.equal(ended.code, 'build-invalid')
})

test('resolve() builds at once what is asked for by name, and what is only needed when its turn has come', async () => {
  const files = {
    ...Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [`${name}-1.0.tar.gz`, { dynamic: true }])),
    'a-1.0.tar.gz': { dynamic: true, requires: ['needed'] },
    'needed-1.0.tar.gz': { dynamic: true },
  }
  let running = 0
  let most = 0
  const built: string[] = []
  const buildMetadata = async ({ parsed }: DistributionFile): Promise<Metadata> => {
    built.push(parsed.name)
    running++
    most = Math.max(most, running)
    await new Promise((done) => setTimeout(done, 20))
    running--
    return metadataOf(parsed.name, '1.0', files[parsed.filename as keyof typeof files] ?? {})
  }
  const result = await ask(fakeSource(files), { wants: ['a', 'b', 'c', 'd', 'e', 'f'], buildMetadata })
  assert.equal(result.distributions.length, 7)
  assert.equal(most, 4)
  assert.equal(built.length, 7)
  assert.equal(running, 0)
  most = 0
  await ask(fakeSource(files), { wants: ['a'], buildMetadata })
  assert.equal(most, 1)
})

test('resolve() takes metadata that was built before without waiting', async () => {
  const files = { 'app-1.0.tar.gz': { dynamic: true, requires: ['lib'] }, 'lib-1.0-py3-none-any.whl': {} }
  const source = fakeSource(files, 'cached')
  const result = await ask(source, {
    wants: ['app'],
    knownMetadata: () => metadataOf('app', '1.0', { requires: ['lib'] }),
  })
  assert.deepEqual(shown(result), ['lib-1.0-py3-none-any.whl', 'app-1.0.tar.gz'])
  assert.deepEqual(source.asked, [])
})

test('resolve() tells of yanked files, with the reason', async () => {
  const files = {
    'app-1.0-py3-none-any.whl': { yanked: 'it broke' },
    'lib-1.0-py3-none-any.whl': { yanked: true as const },
  }
  const { yanked } = await ask(fakeSource(files), { wants: ['app==1.0', 'lib==1.0'] })
  assert.deepEqual(
    yanked.map(({ name, reason }) => [name, reason]),
    [
      ['app', 'it broke'],
      ['lib', undefined],
    ],
  )
})

test('resolve() stops when it is told to', async () => {
  const controller = new AbortController()
  controller.abort()
  const request: ResolveRequest = {
    requirements: [want('app')],
    target,
    source: fakeSource(chain),
    buildMetadata: () => assert.fail(),
    readLink: () => assert.fail(),
  }
  await assert.rejects(resolve({ signal: controller.signal, host: { now: () => 0 } }, request), (error: unknown) =>
    isDenError(error, 'aborted'),
  )
})

test('resolve() ends with the error of a page that could not be had', async () => {
  const source: PackageSource = { ...fakeSource(chain), project: () => Promise.reject(new Error('no network')) }
  await assert.rejects(ask(source, { wants: ['app', 'lib'] }), /no network/)
})

test('resolve() over a served index: each page and each metadata once, and none of it the second time', async (t) => {
  const files = [
    servedWheel({ name: 'app', version: '1.0', requires: ['lib'] }),
    servedWheel({ name: 'app', version: '2.0', requires: ['lib>=2'] }),
    servedWheel({ name: 'lib', version: '1.0' }),
    servedWheel({ name: 'lib', version: '2.0' }, { yanked: 'broken' }),
  ]
  const index = await serveIndex(t, files, { cacheControl: 'max-age=600' })
  const context = testContext(t)
  const open = (): PackageSource =>
    openPackageSource(context, {
      indexes: [{ url: tryParseUrl(index.url)! }],
      findLinks: [],
      policy: 'first-index',
      offline: false,
    })
  const first = open()
  t.after(() => first.close())
  const expected = ['lib-1.0-py3-none-any.whl', 'app-1.0-py3-none-any.whl']
  assert.deepEqual(shown(await ask(first, { wants: ['app'] })), expected)
  const pages = index.paths().filter((path) => path.startsWith('/simple/'))
  assert.deepEqual([...pages].sort(), ['/simple/app/', '/simple/lib/'])
  assert.equal(new Set(index.paths()).size, index.paths().length)
  const before = index.paths().length
  const second = open()
  t.after(() => second.close())
  const again = await ask(second, { wants: ['app'] })
  assert.deepEqual(shown(again), expected)
  assert.equal(index.paths().length, before)
  assert.equal(again.statistics.pagesAsked + again.statistics.metadataAsked, 0)
})

test('resolve() asks the index again where what is kept of a page turns out to be damaged', async (t) => {
  const index = await serveIndex(t, [servedWheel({ name: 'app', version: '1.0' })], { cacheControl: 'max-age=600' })
  const context = testContext(t)
  const open = (): PackageSource =>
    openPackageSource(context, {
      indexes: [{ url: tryParseUrl(index.url)! }],
      findLinks: [],
      policy: 'first-index',
      offline: false,
    })
  const first = open()
  await first.project('app' as ProjectName)
  first.close()
  const pages = path.join(context.places.cache, 'pages-v1')
  const parts = fs.readdirSync(pages, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+-\w+$/.test(name))
  assert.equal(parts.length, 1)
  const part = path.join(pages, parts[0]!)
  fs.writeFileSync(part, Buffer.alloc(fs.statSync(part).size))
  const second = open()
  const { distributions } = await ask(second, { wants: ['app'] })
  second.close()
  assert.equal(distributions[0]!.file?.parsed.filename, 'app-1.0-py3-none-any.whl')
  assert.equal(index.paths().filter((one) => one === '/simple/app/').length, 2)
})

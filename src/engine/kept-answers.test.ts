import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ExtraName, ProjectName } from '../base/brand.ts'
import { revealUrl, type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import { RowFile, type RowText } from '../indexes/page-rows.ts'
import type { DirectUrl } from '../spec/direct-url.ts'
import { parseMarker } from '../spec/marker.ts'
import { parseMetadata } from '../spec/metadata.ts'
import { parseVersion } from '../spec/version.ts'
import { keptResult, keptUniversal, resultOfKept, universalOfKept } from './kept-answers.ts'
import {
  type LinkedDistribution,
  noStatistics,
  type ResolvedDistribution,
  type ResolveResult,
  type WantedRequirement,
} from './resolve-request.ts'
import type { UniversalPackage, UniversalResult } from './universal-request.ts'

const index = (text: string): { readonly url: SafeUrl } => ({ url: tryParseUrl(text)! })
const indexes = [index('https://me:secret@one.example/simple/'), index('https://two.example/simple/')]
const name = (text: string): ProjectName => text as ProjectName
const extras = (...all: readonly string[]): readonly ExtraName[] => all as readonly ExtraName[]

function file(at: number, row: RowText, project: string, version: string): RowFile {
  return new RowFile(row, { name: name(project), index: indexes[at]!.url, version: parseVersion(version) })
}

const sha256 = 'a'.repeat(64)
const wheel: RowText = [
  'app-1.0-cp312.cp313-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
  'https://one.example/files/app-1.0.whl',
  { sha256, blake2b_256: 'b'.repeat(64) },
  123,
  1_700_000_000_000,
  '>=3.8',
  'it was wrong',
  { sha256 },
  'https://one.example/provenance',
]
const sdist: RowText = ['app-1.0.tar.gz', 'https://files.example/a%20b.tar.gz', {}, null, null, null, true, true, null]
const zip: RowText = [
  'base-2.0.0.zip',
  'https://two.example/base-2.0.0.zip',
  { md5: 'c' },
  0,
  0,
  null,
  null,
  null,
  null,
]

/** What a file says of itself, whoever made it. */
function told(one: DistributionFile | undefined): unknown {
  if (one === undefined) return undefined
  const { parsed, hashes, foundAt, size, uploaded, requiresPython, yanked, metadata, provenance, place } = one
  const where = place.kind === 'url' ? revealUrl(place.url) : place
  return { parsed, hashes, foundAt, size, uploaded, requiresPython, yanked, metadata, provenance, where }
}

const byWire = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value

const requirements: readonly WantedRequirement[] = ['app', 'base; python_version < "3"', 'app>1'].map((text) => ({
  text,
  extras: [],
}))
const metadata = parseMetadata('Metadata-Version: 2.1\nName: App.Name\nVersion: 1.0\nRequires-Dist: base\n', {
  file: 'METADATA',
})

const result: ResolveResult = {
  distributions: [
    {
      name: name('base'),
      version: parseVersion('2'),
      file: file(1, zip, 'base', '2.0.0'),
      extras: [],
      requested: false,
      requestedExtras: [],
      dependencies: [],
    },
    {
      name: name('app'),
      version: parseVersion('1.0'),
      file: file(0, wheel, 'app', '1.0'),
      metadata,
      extras: extras('x', 'y'),
      requested: true,
      requestedExtras: extras('x'),
      hashes: new Map([
        ['sha256', new Set([sha256, 'd'.repeat(64)])],
        ['sha512', new Set(['e'])],
      ]),
      dependencies: [name('base')],
    },
  ],
  ignored: [requirements[1]!],
  yanked: [
    { name: name('app'), version: parseVersion('1.0'), file: wheel[0], reason: 'it was wrong' },
    { name: name('base'), version: parseVersion('2'), file: zip[0] },
  ],
  unknownExtras: [{ name: name('app'), version: parseVersion('1.0'), extra: 'none' }],
  statistics: { ...noStatistics, decisions: 7 },
}

test('an answer for one target comes back as it was', () => {
  const kept = keptResult(result, indexes, requirements)
  assert.ok(kept !== undefined)
  assert.doesNotMatch(JSON.stringify(kept), /secret/)
  const again = resultOfKept(byWire(kept), indexes, requirements)
  const shown = (one: ResolvedDistribution): unknown => {
    const { metadata: read, rawName, ...rest } = one
    return { ...rest, file: told(one.file), rawName: read?.rawName ?? rawName }
  }
  assert.deepEqual(again.distributions.map(shown), result.distributions.map(shown))
  assert.deepEqual(again.ignored, result.ignored)
  assert.equal(again.ignored[0], requirements[1])
  assert.deepEqual(again.yanked, result.yanked)
  assert.deepEqual(again.unknownExtras, result.unknownExtras)
  assert.deepEqual(again.statistics, { ...noStatistics, remembered: true })
  // And is kept again as it was kept.
  assert.deepEqual(keptResult(again, indexes, requirements), kept)
})

const where = parseMarker('sys_platform == "win32" and "x" in extras')
const [app, base]: readonly UniversalPackage[] = [
  {
    name: name('app'),
    version: parseVersion('1.0'),
    marker: where,
    requiresPython: '>=3.8',
    files: [file(0, wheel, 'app', '1.0'), file(0, sdist, 'app', '1.0')],
    extras: extras('x'),
    dependencies: [
      {
        name: name('base'),
        version: parseVersion('2.0.0'),
        extras: extras('z'),
        specifiers: '>=1,<3',
        marker: parseMarker('python_version < "3.12" and "g" in dependency_groups'),
      },
      { name: name('app'), version: parseVersion('1.0'), extras: [], specifiers: '' },
    ],
    metadata: { requiresDist: ['base>=1; extra == "x"', 'not a requirement at all'] },
  },
  {
    name: name('base'),
    version: parseVersion('2.0.0'),
    files: [file(1, zip, 'base', '2.0.0')],
    extras: [],
    dependencies: [],
  },
] as const
const universal: UniversalResult = {
  packages: [app!, base!],
  roots: [
    {
      name: name('app'),
      version: parseVersion('1.0'),
      extras: extras('x'),
      specifiers: '==1.0',
      marker: where,
      when: parseMarker('"dev" in dependency_groups'),
    },
    { name: name('base'), version: parseVersion('2.0.0'), extras: [], specifiers: '', when: where },
    { name: name('base'), version: parseVersion('2.0.0'), extras: [], specifiers: '' },
  ],
  forks: [where, parseMarker('sys_platform != "win32"')],
  yanked: [
    { name: name('app'), version: parseVersion('1.0'), reason: 'it was wrong' },
    { name: name('base'), version: parseVersion('2.0.0') },
  ],
  unknownExtras: [{ name: name('base'), version: parseVersion('2.0.0'), extra: 'z' }],
  statistics: { ...noStatistics, forksTried: 3 },
}

test('an answer for every environment comes back as it was, with its files and without', () => {
  const shown = ({ packages, ...rest }: UniversalResult, withFiles = true): unknown => {
    const { statistics: _, ...others } = rest
    return { ...others, packages: packages.map((one) => ({ ...one, files: withFiles ? one.files.map(told) : [] })) }
  }
  const kept = keptUniversal(universal, indexes)
  assert.ok(kept !== undefined)
  assert.doesNotMatch(JSON.stringify(kept), /secret/)
  const again = universalOfKept(byWire(kept), indexes)
  assert.deepEqual(shown(again), shown(universal))
  assert.deepEqual(again.statistics, { ...noStatistics, remembered: true, forksTried: 0 })
  assert.deepEqual(keptUniversal(again, indexes), kept)
  const bare = keptUniversal(universal, undefined)
  assert.deepEqual(shown(universalOfKept(byWire(bare!), indexes)), shown(universal, false))
})

test('what does not come from an index alone is not kept', () => {
  const linked: LinkedDistribution = {
    name: name('app'),
    version: parseVersion('1.0'),
    metadata,
    directUrl: { url: 'https://files.example/app.whl' } as DirectUrl,
    editable: false,
  }
  const elsewhere = new RowFile(wheel, {
    name: name('app'),
    index: tryParseUrl('https://three.example/simple/')!,
    version: parseVersion('1.0'),
  })
  // A file of a page of links, or of this machine.
  const loose = { ...(told(result.distributions[1]!.file) as object) } as DistributionFile
  const [, one] = result.distributions
  const { file: _, ...without } = one!
  const present = { name: name('app'), version: parseVersion('1.0'), metadata: () => metadata }
  const odd: readonly ResolvedDistribution[] = [
    without,
    { ...without, link: linked },
    { ...without, present },
    { ...one!, link: linked },
    { ...one!, file: elsewhere },
    { ...one!, file: loose },
  ]
  for (const distribution of odd)
    assert.equal(keptResult({ ...result, distributions: [distribution] }, indexes, requirements), undefined)
  assert.equal(keptUniversal({ ...universal, packages: [{ ...app!, link: linked }] }, indexes), undefined)
  assert.equal(keptUniversal({ ...universal, packages: [{ ...app!, link: linked }] }, undefined), undefined)
  for (const strange of [elsewhere, loose])
    assert.equal(keptUniversal({ ...universal, packages: [{ ...app!, files: [strange] }] }, indexes), undefined)
})

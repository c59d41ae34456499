import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import { projectOfFiles } from '../indexes/project-files.ts'
import { tiers } from '../resolve/python.ts'
import { openWishReader } from '../resolve/wish-reader.ts'
import { tryParseDistributionFilename } from '../spec/filename.ts'
import { parseMetadata } from '../spec/metadata.ts'
import { parseVersion } from '../spec/version.ts'
import type { IndexCandidate } from './resolve-candidates.ts'
import { openFacts } from './resolve-facts.ts'

test('of a version that comes from one index here and from another there, a damaged page gives each part its own file', async () => {
  const name = 'lib' as ProjectName
  const version = parseVersion('1.0')
  const places = ['https://one.example/simple/', 'https://two.example/simple/']
  const fileAt = (place: string): DistributionFile => ({
    parsed: tryParseDistributionFilename('lib-1.0-py3-none-any.whl')!,
    place: { kind: 'path', path: `${place}lib-1.0-py3-none-any.whl` },
    hashes: {},
    foundAt: place,
  })
  const page = projectOfFiles(name, places.map(fileAt))
  /** What the first reading gave turns out to be damaged when its file is looked at. */
  let readings = 0
  const candidatesOf = (): readonly IndexCandidate[] => {
    const isWhole = readings++ > 0
    return places.map((part) => ({
      kind: 'index',
      project: name,
      version,
      key: version.key,
      label: version.text,
      tier: tiers.ordinary,
      part,
      file: () => {
        if (!isWhole) throw new DenError('cache-damaged', { project: name })
        return fileAt(part)
      },
    }))
  }
  const metadata = parseMetadata('Metadata-Version: 2.1\nName: lib\nVersion: 1.0\n')
  const unused = (): never => assert.fail('nobody asks for it')
  const facts = openFacts({
    request: { buildMetadata: unused },
    source: {
      project: async () => page,
      cachedProject: () => page,
      cachedMetadata: () => undefined,
      metadata: async () => metadata,
      metadataText: unused,
      fetch: unused,
      pagesRead: unused,
      close: unused,
    },
    chooser: { candidatesOf, whyNot: unused, fitsPython: () => true, fitsMachine: () => true },
    reader: openWishReader({ holds: unused, both: unused }),
    present: () => undefined,
    fixed: new Map(),
    asked: new Set(),
    pinned: new Map(),
    passedOver: unused,
    readLink: unused,
  })
  const [fact] = facts.now([{ kind: 'candidates', project: name, direct: [], blocking: true }])
  assert.ok(fact?.kind === 'candidates')
  const candidates = fact.candidates as readonly IndexCandidate[]
  const none = facts.now(candidates.map((candidate) => ({ kind: 'wishes', project: name, candidate, blocking: true })))
  assert.deepEqual(none, [])
  assert.equal((await facts.later()).length, 2)
  assert.deepEqual(
    candidates.map((candidate) => facts.fileOf(candidate)?.foundAt),
    places,
  )
})

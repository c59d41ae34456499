// Policy and history against a real provenance document, without a network: what is fetched is handed over.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import type { DistributionFile, ProjectFiles } from '../indexes/distribution-file.ts'
import { projectOfFiles } from '../indexes/project-files.ts'
import type { FetchRequest, FetchResponse } from '../net/transport.ts'
import { parseSdistFilename } from '../spec/filename.ts'
import { parsePublisher } from '../spec/provenance.ts'
import type { ProvenanceWish } from '../spec/provenance-policy.ts'
import { type ChosenFile, checkProvenance, type VerifyChosen, verifyChosen } from './audit-provenance.ts'

const name = 'pypi-attestations' as ProjectName
const document = fs.readFileSync(
  path.resolve(import.meta.dirname, '../../tests/vectors/attestations/github.provenance.json'),
)
const signedHash = '9bb1add04b1b4e182be6b0b80931593f7a291eb49d69b4fd728a5d4cbcdc4bd3'
const address = 'https://index.example.com/simple/'

function fileOf(version: string, more: Partial<DistributionFile> = {}): DistributionFile {
  const filename = `pypi_attestations-${version}.tar.gz`
  return {
    parsed: parseSdistFilename(filename),
    place: { kind: 'url', url: tryParseUrl(`https://files.example.com/${filename}`)! },
    hashes: { sha256: 'a'.repeat(64) },
    foundAt: address,
    ...more,
  }
}

const signed = fileOf('0.0.19', { hashes: { sha256: signedHash }, provenance: 'https://index.example.com/provenance' })

interface Scene {
  readonly options: VerifyChosen
  readonly asked: string[]
}

function scene(
  files: readonly DistributionFile[],
  wish?: ProvenanceWish,
  all = true,
  status?: ProjectFiles['status'],
): Scene {
  const asked: string[] = []
  const fetch = async ({ url }: FetchRequest): Promise<FetchResponse> => {
    asked.push(url.href)
    return { url, status: 200, headers: {}, body: document }
  }
  const project = async (): Promise<ProjectFiles> => ({
    ...projectOfFiles(name, files),
    ...(status === undefined ? {} : { status }),
  })
  return { asked, options: { fetch, project, wanted: () => wish, all } }
}

const refusal = async (chosen: ChosenFile, { options }: Scene): Promise<string> => {
  try {
    await verifyChosen([chosen], options)
  } catch (error) {
    if (isDenError(error)) return error.code
    throw error
  }
  return 'taken'
}

test('by a policy: the publisher it names, another one, none', async () => {
  const wish = parsePublisher('github:trailofbits/pypi-attestations@release.yml')!
  const unsigned = fileOf('0.0.18')
  assert.equal(await refusal({ file: signed }, scene([signed], wish)), 'taken')
  assert.equal(await refusal({ file: signed }, scene([signed], parsePublisher('github:a/b')!)), 'publisher-mismatch')
  assert.equal(await refusal({ file: unsigned }, scene([unsigned], wish)), 'attestation-missing')
  assert.equal(await refusal({ file: unsigned }, scene([unsigned], 'any')), 'attestation-missing')
})

test('no step back: unsigned after signed is refused, unsigned before it is not', async () => {
  const [before, after] = [fileOf('0.0.18'), fileOf('0.0.20')]
  const files = [before, signed, after]
  assert.equal(await refusal({ file: after }, scene(files)), 'provenance-lost')
  assert.equal(await refusal({ file: before }, scene(files)), 'taken')
  // A release that was taken back is no measure.
  assert.equal(await refusal({ file: after }, scene([before, { ...signed, yanked: true }, after])), 'taken')
})

test('what arrived counts, not what the page says', async () => {
  assert.equal(await refusal({ file: signed, sha256: 'c'.repeat(64) }, scene([signed])), 'attestation-refused')
  assert.equal(await refusal({ file: signed, sha256: signedHash }, scene([signed])), 'taken')
})

test('nothing is asked for that neither the policy nor the user wants', async () => {
  const quiet = scene([signed], undefined, false)
  assert.equal(await refusal({ file: signed }, quiet), 'taken')
  assert.deepEqual(quiet.asked, [])
})

test('a file of this machine comes from no publisher', async () => {
  const local = fileOf('0.0.20', { place: { kind: 'path', path: '/w/pypi_attestations-0.0.20.tar.gz' } })
  assert.equal(await refusal({ file: local }, scene([signed])), 'taken')
  assert.equal(await refusal({ file: local }, scene([signed], 'any')), 'attestation-missing')
})

test('a report on what is installed: by its hash, else by what fits best; gone from the index is no proof', async () => {
  const { options } = scene([signed, fileOf('0.0.19', { hashes: { sha256: 'd'.repeat(64) } })])
  const report = (sha256?: string): ReturnType<typeof checkProvenance> =>
    checkProvenance({ name, version: '0.0.19', ...(sha256 === undefined ? {} : { sha256 }) }, options)
  const known = await report(signedHash)
  assert.deepEqual(
    [known.status, known.assumed, known.publishers],
    ['verified', false, ['github:trailofbits/pypi-attestations@release.yml']],
  )
  assert.deepEqual([(await report()).status, (await report()).assumed], ['verified', true])
  const elsewhere = await report('e'.repeat(64))
  assert.deepEqual([elsewhere.status, elsewhere.problem], ['absent', undefined])
})

test('what the index says of the project as a whole is handed on', async () => {
  const { options } = scene([], undefined, true, { state: 'quarantined', reason: 'malware' })
  const report = await checkProvenance({ name, version: '0.0.19' }, options)
  assert.equal(report.status, 'absent')
  assert.match(report.notice ?? '', /quarantined by its index.*malware/)
})

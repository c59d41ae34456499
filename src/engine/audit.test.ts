import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProjectName } from '../base/brand.ts'
import { readOsvRecord } from '../spec/osv.ts'
import { type AuditFindings, type AuditOptions, findVulnerabilities } from './audit.ts'

interface Vulnerability {
  readonly id: string
  readonly aliases?: readonly string[]
  readonly events: readonly object[]
  readonly score?: string
}

/** Looks up thing 1.0 among these. */
function lookUp(vulnerabilities: readonly Vulnerability[], options: Partial<AuditOptions> = {}): AuditFindings {
  const records = vulnerabilities.map(
    ({ id, aliases, events, score }) =>
      readOsvRecord({
        id,
        aliases,
        severity: score === undefined ? [] : [{ score }],
        affected: [{ package: { ecosystem: 'PyPI', name: 'thing' }, ranges: [{ type: 'ECOSYSTEM', events }] }],
      })!,
  )
  return findVulnerabilities([{ name: 'thing' as ProjectName, version: '1.0' }], records, {
    ignore: [],
    now: Date.UTC(2026, 0, 1),
    note: () => undefined,
    ...options,
  })
}

const until = (fixed: string): readonly object[] => [{ introduced: '0' }, { fixed }]

test('the gravest comes first, malware before all', () => {
  const { findings } = lookUp([
    { id: 'LOW', events: until('2'), score: 'CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N' },
    { id: 'HIGH', events: until('2'), score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
    { id: 'MAL-1', events: [{ introduced: '0' }] },
  ])
  assert.deepEqual(
    findings.map(({ id }) => id),
    ['MAL-1', 'HIGH', 'LOW'],
  )
})

test('the smallest step that ends all of it', () => {
  const { upgrades } = lookUp([
    { id: 'A', events: until('1.2') },
    { id: 'B', events: [{ introduced: '0' }, { fixed: '1.4' }, { introduced: '2.0' }, { fixed: '2.1' }] },
  ])
  assert.deepEqual(upgrades, [{ name: 'thing', version: '1.0', to: '1.4', ends: ['A', 'B'], leaves: [] }])
})

test('a step that another vulnerability begins with is none', () => {
  const { upgrades } = lookUp([
    { id: 'A', events: until('1.2') },
    { id: 'B', events: [{ introduced: '0' }, { fixed: '1.1' }, { introduced: '1.2' }, { fixed: '1.3' }] },
  ])
  assert.equal(upgrades[0]?.to, '1.3')
})

test('what no release ends is named, and the step still made', () => {
  const { upgrades, findings } = lookUp([
    { id: 'A', events: until('1.2') },
    { id: 'B', events: [{ introduced: '0' }] },
  ])
  assert.deepEqual(upgrades, [{ name: 'thing', version: '1.0', to: '1.2', ends: ['A'], leaves: ['B'] }])
  assert.deepEqual(findings.find(({ id }) => id === 'B')?.fixed, [])
})

test('a pre-release is a step only where nothing else is', () => {
  assert.equal(lookUp([{ id: 'A', events: until('2.0rc1') }]).upgrades[0]?.to, '2.0rc1')
  const both = lookUp([
    { id: 'A', aliases: ['CVE-1'], events: until('2.0rc1') },
    { id: 'B', aliases: ['CVE-1'], events: until('2.0') },
  ])
  assert.equal(both.upgrades[0]?.to, '2.0')
})

test('malware is no fault that an upgrade ends', () => {
  const { upgrades, findings } = lookUp([{ id: 'MAL-1', events: until('2.0') }])
  assert.equal(upgrades.length, 0)
  assert.equal(findings[0]?.malware, true)
})

test('where databases differ, a release is fixed when neither calls it affected', () => {
  const { findings } = lookUp([
    { id: 'GHSA-a', aliases: ['CVE-1'], events: until('1.2') },
    { id: 'PYSEC-1', aliases: ['CVE-1'], events: until('1.3') },
  ])
  assert.equal(findings.length, 1)
  assert.deepEqual(findings[0]?.fixed, ['1.3'])
})

test('ignored by any name, in any case, with the reason', () => {
  const { findings, ignored, upgrades } = lookUp([{ id: 'GHSA-a', aliases: ['CVE-1'], events: until('1.2') }], {
    ignore: [{ id: 'cve-1', reason: 'not reached' }],
  })
  assert.deepEqual([findings.length, upgrades.length], [0, 0])
  assert.deepEqual(
    ignored.map(({ id, reason }) => [id, reason]),
    [['GHSA-a', 'not reached']],
  )
})

test('what is ignored for a time, or until it is fixed, counts again', () => {
  const notes: string[] = []
  const ended = lookUp([{ id: 'A', events: until('1.2') }], {
    ignore: [{ id: 'A', until: Date.UTC(2025, 11, 31) }],
    note: (text) => notes.push(text),
  })
  assert.equal(ended.findings.length, 1)
  assert.match(notes[0] ?? '', /until 2025-12-31, and counts again/)
  const rule = { ignore: [{ id: 'A', untilFixed: true }] }
  assert.equal(lookUp([{ id: 'A', events: [{ introduced: '0' }] }], rule).findings.length, 0)
  assert.equal(lookUp([{ id: 'A', events: until('1.2') }], rule).findings.length, 1)
})

test('what cannot be told is said, and no finding', () => {
  const { findings, undecided } = lookUp([{ id: 'A', events: until('one-point-two') }])
  assert.equal(findings.length, 0)
  assert.equal(undecided[0]?.id, 'A')
})

test('an index tells of each release by itself: what it says of one hides nothing of another', () => {
  const record = (version: string): NonNullable<ReturnType<typeof readOsvRecord>> =>
    readOsvRecord({ id: 'A', affected: [{ package: { ecosystem: 'PyPI', name: 'thing' }, versions: [version] }] })!
  const releases = ['1.0', '2.0'].map((version) => ({ name: 'thing' as ProjectName, version }))
  const options = { ignore: [], now: 0, note: () => undefined }
  const { findings } = findVulnerabilities(releases, [record('1.0'), record('2.0')], options)
  assert.deepEqual(
    findings.map(({ id, version }) => [id, version]),
    [
      ['A', '1.0'],
      ['A', '2.0'],
    ],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ProjectName } from '../base/brand.ts'
import { judgeVersion, type OsvVerdict, readOsvRecord } from './osv.ts'
import { formatVersion } from './version.ts'

const name = 'thing' as ProjectName

function record(affected: object, more: object = {}): NonNullable<ReturnType<typeof readOsvRecord>> {
  return readOsvRecord({
    id: 'PYSEC-1',
    affected: [{ package: { ecosystem: 'PyPI', name: 'Thing' }, ...affected }],
    ...more,
  })!
}

const events = (...given: readonly object[]): object => ({ ranges: [{ type: 'ECOSYSTEM', events: given }] })
const verdict = (affected: object, version: string): OsvVerdict => judgeVersion(record(affected), name, version)
const kinds = (affected: object, ...versions: readonly string[]): readonly string[] =>
  versions.map((version) => verdict(affected, version).kind)

test('a range begins with its introduction and ends before its fix, by PEP 440', () => {
  const range = events({ introduced: '1.0' }, { fixed: '1.10' })
  assert.deepEqual(kinds(range, '0.9', '1.0', '1.9', '1.10rc1', '1.10', '1.10.post1', '2.0'), [
    'unaffected',
    'affected',
    'affected',
    'affected',
    'unaffected',
    'unaffected',
    'unaffected',
  ])
  // 1.0's pre-releases come before it, whatever the text looks like.
  assert.deepEqual(kinds(range, '1.0rc1', '1.0.dev0', '1!0.1'), ['unaffected', 'unaffected', 'unaffected'])
})

test('"0" stands before all versions, development releases of 0 too', () => {
  assert.deepEqual(kinds(events({ introduced: '0' }, { fixed: '2' }), '0.dev0', '0a1', '1', '2'), [
    'affected',
    'affected',
    'affected',
    'unaffected',
  ])
})

test('the last affected one is affected, what comes after it is not', () => {
  assert.deepEqual(kinds(events({ introduced: '0' }, { last_affected: '1.5' }), '1.5', '1.5.post1', '1.6'), [
    'affected',
    'unaffected',
    'unaffected',
  ])
})

test('a limit bounds what a range says; "*" bounds nothing', () => {
  assert.deepEqual(kinds(events({ introduced: '1' }, { limit: '3' }), '2', '3', '4'), [
    'affected',
    'unaffected',
    'unaffected',
  ])
  assert.deepEqual(kinds(events({ introduced: '1' }, { limit: '*' }), '2', '4'), ['affected', 'affected'])
})

test('versions in a list are compared as versions', () => {
  assert.deepEqual(kinds({ versions: ['1.0', '1.1.0'] }, '1', '1.1', '1.2'), ['affected', 'affected', 'unaffected'])
})

test('what was built from a release has its faults: a local segment counts for nothing', () => {
  assert.deepEqual(kinds(events({ introduced: '0' }, { last_affected: '1.0' }), '1.0+cu118'), ['affected'])
  assert.deepEqual(kinds({ versions: ['1.0'] }, '1.0+cu118', '1.0.1+cu118'), ['affected', 'unaffected'])
  assert.deepEqual(kinds({ versions: ['1.0+cu118'] }, '1.0+cu118', '1.0'), ['affected', 'unaffected'])
})

test('fixes are those that come later, oldest first', () => {
  const found = verdict(
    {
      ranges: [
        { type: 'ECOSYSTEM', events: [{ introduced: '2.0' }, { fixed: '2.0.3' }] },
        { type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.4.5' }] },
      ],
    },
    '1.2',
  )
  assert.equal(found.kind, 'affected')
  assert.deepEqual(found.kind === 'affected' && found.fixed.map(formatVersion), ['1.4.5', '2.0.3'])
  const late = verdict(events({ introduced: '0' }, { fixed: '1.4.5' }, { introduced: '2' }, { fixed: '2.0.3' }), '2.0')
  assert.deepEqual(late.kind === 'affected' && late.fixed.map(formatVersion), ['2.0.3'])
})

test('what is no version cannot be told, unless a list names it', () => {
  assert.deepEqual(kinds(events({ introduced: '0' }, { fixed: '1-beta-x' }), '1.0'), ['undecided'])
  assert.deepEqual(kinds(events({ introduced: '0' }), '2004d-x'), ['undecided'])
  assert.deepEqual(kinds({ versions: ['2004d-x'] }, '2004d-x', '1.0'), ['affected', 'unaffected'])
})

test('other ecosystems, other projects and commits say nothing', () => {
  const other = readOsvRecord({
    id: 'X',
    affected: [
      { package: { ecosystem: 'npm', name: 'thing' }, versions: ['1.0'] },
      { package: { ecosystem: 'PyPI', name: 'another' }, versions: ['1.0'] },
      { package: { ecosystem: 'PyPI', name: 'thing' }, ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] },
    ],
  })!
  assert.equal(judgeVersion(other, name, '1.0').kind, 'unaffected')
})

test('a record is read leniently: wrong kinds count as absent', () => {
  assert.equal(readOsvRecord(null), undefined)
  assert.equal(readOsvRecord({ aliases: [] }), undefined)
  const odd = readOsvRecord({
    id: 'X',
    aliases: 'CVE-1',
    affected: [7, { package: 3 }],
    references: [{}, 4],
    severity: 5,
  })
  assert.deepEqual(odd, { id: 'X', aliases: [], affected: [], references: [] })
})

test('severity: the worst vector, else the database’s word', () => {
  const vector = (score: string): object => ({ severity: [{ type: 'CVSS_V3', score }] })
  const both = record(
    {},
    { ...vector('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N'), database_specific: { severity: 'LOW' } },
  )
  assert.deepEqual([both.severity, both.score], ['high', 7.5])
  const word = record(
    {},
    { severity: [{ type: 'CVSS_V4', score: 'CVSS:4.0/AV:N' }], database_specific: { severity: 'MODERATE' } },
  )
  assert.deepEqual([word.severity, word.score], ['medium', undefined])
})

test('property: a chain of introductions and fixes is its half-open intervals, in whatever order it is written', () => {
  const chain = fc
    .uniqueArray(fc.nat({ max: 40 }), { minLength: 1, maxLength: 8 })
    .map((all) => all.sort((a, b) => a - b))
  fc.assert(
    fc.property(chain, fc.nat({ max: 41 }), fc.infiniteStream(fc.nat()), (points, at, order) => {
      const given = points.map((point, index) => ({ [index % 2 === 0 ? 'introduced' : 'fixed']: `${point}.0` }))
      const shuffled = given
        .map((event) => ({ event, key: order.next().value as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ event }) => event)
      const passed = points.filter((point) => point <= at).length
      assert.equal(verdict(events(...shuffled), `${at}`).kind, passed % 2 === 1 ? 'affected' : 'unaffected')
    }),
  )
})

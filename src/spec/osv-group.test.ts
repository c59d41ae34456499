import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOsvRecord } from './osv.ts'
import { groupRecords } from './osv-group.ts'

const records = (...given: readonly object[]): Parameters<typeof groupRecords>[0] =>
  given.map((one) => readOsvRecord(one)!)

test('records that name each other, or the same third, are one', () => {
  const groups = groupRecords(
    records(
      { id: 'GHSA-a', aliases: ['CVE-1'], summary: 'A hole' },
      { id: 'PYSEC-1', aliases: ['CVE-1', 'SNYK-9'], details: 'Long words' },
      { id: 'GHSA-b', aliases: ['CVE-2'] },
      { id: 'GHSA-c', aliases: ['GHSA-b'] },
    ),
  )
  assert.deepEqual(
    groups.map(({ id, aliases, summary }) => [id, aliases, summary]),
    [
      ['PYSEC-1', ['GHSA-a', 'CVE-1', 'SNYK-9'], 'A hole'],
      ['GHSA-b', ['GHSA-c', 'CVE-2'], undefined],
    ],
  )
})

test('what was taken back is left out, and joins nothing', () => {
  const groups = groupRecords(
    records(
      { id: 'GHSA-a', aliases: ['CVE-1'] },
      { id: 'GHSA-b', aliases: ['CVE-2'] },
      { id: 'PYSEC-1', aliases: ['CVE-1', 'CVE-2'], withdrawn: '2024-01-01T00:00:00Z' },
    ),
  )
  assert.deepEqual(
    groups.map(({ id }) => id),
    ['GHSA-a', 'GHSA-b'],
  )
})

test('malware is told by any of the names', () => {
  const groups = groupRecords(
    records({ id: 'GHSA-a', aliases: ['MAL-2025-1'] }, { id: 'MAL-2025-2' }, { id: 'GHSA-normal' }),
  )
  assert.deepEqual(Object.fromEntries(groups.map(({ id, malware }) => [id, malware])), {
    'MAL-2025-2': true,
    'GHSA-a': true,
    'GHSA-normal': false,
  })
})

test('the gravest of the records counts; details stand in for a summary with their first line', () => {
  const [group] = groupRecords(
    records(
      { id: 'PYSEC-1', aliases: ['CVE-1'], details: '### Impact\nMuch more' },
      {
        id: 'GHSA-a',
        aliases: ['CVE-1'],
        severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
        references: [
          { type: 'WEB', url: 'https://example.com/web' },
          { type: 'ADVISORY', url: 'https://example.com/advisory' },
        ],
      },
    ),
  )
  assert.deepEqual(
    [group?.severity, group?.score, group?.summary, group?.reference],
    ['critical', 9.8, 'Impact', 'https://example.com/advisory'],
  )
})

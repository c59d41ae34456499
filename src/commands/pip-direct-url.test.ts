import assert from 'node:assert/strict'
import { test } from 'node:test'
import { directUrlOf } from './pip-direct-url.ts'
import type { SeenDistribution } from './pip-distributions.ts'

const recordOf = (value: unknown): unknown =>
  directUrlOf({ readText: () => JSON.stringify(value) } as Partial<SeenDistribution> as SeenDistribution)

test('directUrlOf() knows no record that pip would not take', () => {
  const url = 'file:///project'
  assert.deepEqual(recordOf({ url, dir_info: { editable: true } }), { url, dir_info: { editable: true } })
  for (const wrong of [
    { url, dir_info: { editable: 'yes' } },
    { url: 'https://example.org/x.zip', dir_info: {} },
    { url, archive_info: { hash: 'sha256' } },
    { url, archive_info: { hash: 'sha256=ab', hashes: { sha256: 'cd' } } },
    { url, vcs_info: { vcs: 'git', commit_id: 'abc', requested_revision: 5 } },
    { url, dir_info: {}, archive_info: {} },
  ])
    assert.equal(recordOf(wrong), undefined, JSON.stringify(wrong))
})

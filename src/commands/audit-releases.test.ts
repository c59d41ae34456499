import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { namedReleases } from './audit-releases.ts'

test('namedReleases() reads releases off addresses, and passes over an address that names none', async (t) => {
  const context = testContext(t)
  writeTree(context.root, {
    'requirements.txt':
      'six @ https://example.org/six%2D1.0.tar.gz\nodd @ https://example.org/odd-1.0%zz.zip\nplain==2.0\n',
  })
  const { releases, skipped } = await namedReleases(context, [path.join(context.root, 'requirements.txt')], () =>
    Promise.reject(new Error('nothing is fetched')),
  )
  assert.deepEqual(
    releases.map(({ name, version }) => `${name} ${version}`),
    ['six 1.0', 'plain 2.0'],
  )
  assert.deepEqual(
    skipped.map(({ name }) => name),
    ['odd'],
  )
})

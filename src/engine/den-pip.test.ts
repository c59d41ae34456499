import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { interpreter } from '../../tests/kit/interpreters.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { denPipVersion } from '../env/den-pip.ts'
import { environmentPaths } from '../env/paths.ts'
import { openStore } from '../store/store.ts'
import { denPipSource, denPipTree } from './den-pip.ts'
import { seedEnvironment } from './seed.ts'

const python = interpreter('3.13.0')

test('the wheel is made once a store, and known again without being read', async (t) => {
  const context = testContext(t)
  const store = openStore(context, context.places.store)
  assert.equal(denPipSource(store, python).tree, undefined)
  const tree = await denPipTree(store, python, path.join(context.root, 'fallback'))
  assert.equal(tree.manifest.version, denPipVersion)
  assert.deepEqual(store.verify(tree), [])
  assert.equal(denPipSource(store, python).tree?.directory, tree.directory)
  assert.equal(denPipSource(store, interpreter('3.12.0')).tree, undefined, 'its scripts have other names')
  assert.equal(denPipSource(store, { ...python, platform: 'win32' }).tree, undefined)
})

test('a seed from the wheel: scripts on POSIX, launchers on Windows', async (t) => {
  const context = testContext(t)
  for (const [platform, expected] of [
    ['linux', ['pip', 'pip3', 'pip3.13']],
    ['win32', ['pip.exe', 'pip3.13.exe', 'pip3.exe']],
  ] as const) {
    const root = path.join(context.root, platform)
    const base = { ...python, platform, machine: 'AMD64' }
    const paths = environmentPaths(python, root, path.posix)
    writeTree(root, { 'pyvenv.cfg': '' })
    const made = await seedEnvironment(context, { interpreter: base, paths, staged: root, seeds: { pip: 'den' } })
    assert.deepEqual(made.installed, [{ name: 'pip', version: denPipVersion }])
    assert.deepEqual(fs.readdirSync(paths.scripts).sort(), expected)
    const again = await seedEnvironment(context, { interpreter: base, paths, staged: root, seeds: { pip: 'den' } })
    assert.deepEqual(again.installed, [])
  }
})

test('only pip is seeded from den', async (t) => {
  const context = testContext(t)
  const paths = environmentPaths(python, path.join(context.root, 'env'), path.posix)
  const seeds = { wheel: 'den' }
  await assert.rejects(seedEnvironment(context, { interpreter: python, paths, staged: '/x', seeds, download: false }), {
    code: 'invalid-version',
  })
})

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { buildWheel, wheelFilename } from '../../tests/kit/wheel.ts'
import { isDenError } from '../base/error.ts'
import { tryLock } from '../host/lock.ts'
import { collect, listTrees } from './collect.ts'
import { openStore, type Store, type Tree } from './store.ts'

async function setup(t: TestContext): Promise<{
  context: ReturnType<typeof testContext>
  store: Store
  trees: readonly [Tree, Tree]
  version: string
}> {
  const context = testContext(t)
  const store = openStore(context, context.places.store)
  const make = (name: string): Promise<Tree> => {
    const wheel = { name, version: '1.0' }
    const source = { filename: wheelFilename(wheel), identity: `file\0${name}`, read: () => buildWheel(wheel) }
    return store.ensure(source, path.join(context.root, 'private'))
  }
  const trees = [await make('one'), await make('two')] as const
  return { context, store, trees, version: path.join(context.places.store, 'v1') }
}

const later = Date.now() + 1e9

test('collect() removes what is no root, and what named it', async (t) => {
  const { context, store, trees, version } = await setup(t)
  const [one, two] = trees
  const options = { roots: new Set([one.manifest.sha256]), madeBefore: later }
  const planned = await collect(context, store.directory, { ...options, dryRun: true })
  assert.deepEqual(
    planned.removed.map(({ project }) => project),
    ['two'],
  )
  assert.ok(store.find(two.manifest.sha256) !== undefined)
  const done = await collect(context, store.directory, options)
  assert.deepEqual(done, planned)
  assert.equal(done.bytes, two.manifest.size)
  assert.equal(store.find(two.manifest.sha256), undefined)
  assert.equal(store.remembered('file\0two'), undefined)
  assert.deepEqual(store.verify(store.remembered('file\0one')!), [])
  assert.deepEqual(fs.readdirSync(path.join(version, 'work')), [])
  assert.equal(fs.readdirSync(path.join(version, 'sources')).length, 1)
  assert.deepEqual(
    listTrees(context.host, store.directory).map(({ project, files }) => [project, files]),
    [['one', one.manifest.fileCount]],
  )
})

test('collect() keeps what was made lately, and trees that are being made', async (t) => {
  const { context, store, trees, version } = await setup(t)
  const recent = await collect(context, store.directory, { roots: new Set(), madeBefore: Date.now() - 60_000 })
  assert.equal(recent.kept, 2)
  const lock = tryLock(path.join(version, 'locks', trees[0].manifest.sha256))!
  await collect(context, store.directory, { roots: new Set(), madeBefore: later })
  lock.release()
  assert.ok(store.find(trees[0].manifest.sha256) !== undefined)
  assert.equal(store.find(trees[1].manifest.sha256), undefined)
})

test('collect() waits for nobody who links, and many may link at once', async (t) => {
  const { context, store } = await setup(t)
  const holds = [await store.hold(), await store.hold()]
  const options = { roots: new Set<string>(), madeBefore: later }
  await assert.rejects(collect(context, store.directory, options), (error) => isDenError(error, 'store-busy'))
  for (const hold of holds) hold!.release()
  assert.equal((await collect(context, store.directory, options)).removed.length, 2)
  const collector = tryLock(path.join(context.places.store, 'v1/locks/collector'))!
  assert.equal(tryLock(path.join(context.places.store, 'v1/locks/collector'), { shared: true }), undefined)
  collector.release()
})

test('collect() follows no link and touches nothing that it does not know', async (t) => {
  const { context, store, trees, version } = await setup(t)
  const outside = path.join(context.root, 'outside')
  fs.mkdirSync(outside)
  fs.writeFileSync(path.join(outside, 'precious'), '')
  fs.symlinkSync(outside, path.join(version, 'trees', 'f'.repeat(64)))
  fs.chmodSync(trees[0].directory, 0o755)
  fs.symlinkSync(outside, path.join(trees[0].directory, 'link'))
  fs.mkdirSync(path.join(version, 'trees', 'notes'))
  await collect(context, store.directory, { roots: new Set(), madeBefore: later })
  assert.deepEqual(fs.readdirSync(outside), ['precious'])
  assert.deepEqual(fs.readdirSync(path.join(version, 'trees')).sort(), ['f'.repeat(64), 'notes'])
})

test('collect() of a store that is not there does nothing', async (t) => {
  const context = testContext(t)
  const done = await collect(context, context.places.store, { roots: new Set(), madeBefore: later })
  assert.deepEqual(done, { removed: [], bytes: 0, kept: 0 })
  assert.equal(fs.existsSync(context.places.store), false)
})

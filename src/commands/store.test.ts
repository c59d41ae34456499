// `den store` and `den cache` over a real store, registry and cache in a folder of the test's own.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { type TestContext, testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { buildWheel, wheelFilename } from '../../tests/kit/wheel.ts'
import type { ProjectName, Sha256 } from '../base/brand.ts'
import { formatHistoryEntry, historyFile } from '../env/history.ts'
import { registerEnvironment } from '../env/registry.ts'
import { openStore, type Tree } from '../store/store.ts'
import { cacheClear, cacheInfo, cachePrune } from './cache.ts'
import { storeCollect, storeSize, storeVerify } from './store.ts'

const day = 86_400_000

async function put(context: TestContext, name: string): Promise<Tree> {
  const wheel = { name, version: '1.0', files: { [`${name}/__init__.py`]: `NAME = ${JSON.stringify(name)}\n` } }
  const store = openStore(context, context.places.store)
  return await store.ensure(
    { filename: wheelFilename(wheel), read: () => buildWheel(wheel) },
    path.join(context.root, 'x'),
  )
}

/** An environment that den knows, whose history names these trees. */
function environment(context: TestContext, name: string, trees: readonly Sha256[]): string {
  const root = path.join(context.root, name)
  const entry = formatHistoryEntry({
    number: 1,
    time: 0,
    before: [],
    after: trees.map((tree, index) => ({ name: `p${index}` as ProjectName, version: '1.0', requested: true, tree })),
  })
  fs.mkdirSync(path.dirname(historyFile(context.host, root, 1)), { recursive: true })
  fs.writeFileSync(historyFile(context.host, root, 1), entry)
  registerEnvironment(context, context.places.registry, {
    root,
    version: '3.13.0',
    implementation: 'cpython',
    base: '/usr/bin/python3',
    created: 0,
    seeds: [],
  })
  return root
}

/** The same context some time later. */
const later = (context: TestContext, milliseconds: number): TestContext => ({
  ...context,
  host: { ...context.host, now: () => Date.now() + milliseconds },
})

test('what an environment’s history names, and what it is linked to, stays; the rest goes', async (t) => {
  const context = testContext(t)
  const [used, linked, unused] = [
    await put(context, 'used'),
    await put(context, 'linked'),
    await put(context, 'unused'),
  ]
  const root = environment(context, 'env', [used.manifest.sha256])
  fs.mkdirSync(path.join(root, 'lib'))
  fs.symlinkSync(path.join(linked.directory, 'linked'), path.join(root, 'lib', 'linked'))
  const size = await storeSize(context)
  assert.deepEqual(Object.fromEntries(size.trees.map(({ project, users }) => [project, users])), {
    used: [root],
    linked: [root],
    unused: [],
  })
  assert.equal(size.unused.trees, 1)
  const soon = later(context, day)
  const dry = await storeCollect(soon, { dryRun: true })
  assert.deepEqual(
    dry.removed.map(({ project }) => project),
    ['unused'],
  )
  assert.ok(fs.existsSync(unused.directory))
  const done = await storeCollect(soon)
  assert.deepEqual([done.removed.map(({ project }) => project), done.kept, done.waitingFor], [['unused'], 2, []])
  assert.deepEqual(
    [used, linked, unused].map(({ directory }) => fs.existsSync(directory)),
    [true, true, false],
  )
})

test('a tree that was just made stays, unless all is to go now', async (t) => {
  const context = testContext(t)
  const { directory } = await put(context, 'young')
  assert.equal((await storeCollect(context)).removed.length, 0)
  assert.equal((await storeCollect(context, { now: true })).removed.length, 1)
  assert.equal(fs.existsSync(directory), false)
})

test('an environment that is gone keeps what it could use for 30 days', async (t) => {
  const context = testContext(t)
  const { manifest } = await put(context, 'mine')
  const root = environment(context, 'env', [manifest.sha256])
  fs.rmSync(root, { recursive: true })
  const waiting = await storeCollect(later(context, 29 * day))
  assert.deepEqual([waiting.removed.length, waiting.waitingFor], [0, [root]])
  assert.equal((await storeCollect(later(context, 31 * day), { dryRun: true })).removed.length, 1)
  assert.equal((await storeCollect(context, { now: true })).removed.length, 1)
})

test('verify finds what was edited, emptied, removed; others stay sound', async (t) => {
  const context = testContext(t)
  const trees = await Promise.all(['edited', 'gone', 'sound'].map((name) => put(context, name)))
  const [edited, gone] = trees.map(({ directory }, index) =>
    path.join(directory, ['edited', 'gone', 'sound'][index]!, '__init__.py'),
  )
  const facts = fs.statSync(edited!)
  fs.chmodSync(edited!, 0o644)
  fs.writeFileSync(edited!, fs.readFileSync(edited!, 'utf8').replace('NAME', 'EMAN'))
  // Size and time as they were: only the hash tells.
  fs.utimesSync(edited!, facts.atime, facts.mtime)
  fs.chmodSync(path.dirname(gone!), 0o755)
  fs.rmSync(gone!)
  const { damaged, checked } = await storeVerify(context)
  assert.equal(checked, 3)
  assert.deepEqual(Object.fromEntries(damaged.map(({ project, paths }) => [project, paths])), {
    edited: ['edited/__init__.py'],
    gone: ['gone/__init__.py'],
  })
})

test('verify removes damaged trees when it is asked to, but none that an environment is made of links to', async (t) => {
  const context = testContext(t)
  const [loose, linked] = [await put(context, 'loose'), await put(context, 'linked')]
  const root = environment(context, 'env', [loose.manifest.sha256])
  fs.symlinkSync(linked.directory, path.join(root, 'link'))
  for (const [tree, name] of [
    [loose, 'loose'],
    [linked, 'linked'],
  ] as const) {
    const file = path.join(tree.directory, name, '__init__.py')
    fs.chmodSync(file, 0o644)
    fs.writeFileSync(file, '')
  }
  const { damaged } = await storeVerify(context, { remove: true })
  assert.deepEqual(Object.fromEntries(damaged.map(({ project, removed, users }) => [project, [removed, users]])), {
    loose: [true, [root]],
    linked: [false, [root]],
  })
  assert.deepEqual(
    [loose, linked].map(({ directory }) => fs.existsSync(directory)),
    [false, true],
  )
})

test('a damaged manifest is named by its key', async (t) => {
  const context = testContext(t)
  const { directory, manifest } = await put(context, 'thing')
  const file = path.join(path.dirname(directory), 'manifest')
  fs.chmodSync(file, 0o644)
  fs.appendFileSync(file, 'x')
  const { damaged } = await storeVerify(context)
  assert.deepEqual(
    damaged.map(({ sha256, paths }) => [sha256, paths]),
    [[manifest.sha256, []]],
  )
})

const mine = {
  'cache/http-v1/ab/cd': 'answer',
  'cache/pages-v1/x': 'page',
  'cache/pages-v0/x': 'page of before',
  'cache/built-v1/one/x.whl': 'wheel',
  'cache/built-v1/one/origin.json': 'note',
  'cache/vcs-v1/repo/objects/a': 'git',
  'cache/builds/run-abc123/work': 'work',
  'cache/run-0123456789abcdef/pages-v1/x': 'work',
  'cache/interpreters-v2.txt': 'facts',
  'cache/satisfied-v1/x.json': 'nothing to do',
}
const others = ['cache/builds/mine', 'cache/pages/notes.txt', 'cache/precious.txt', 'cache/run-the-marathon/plan']

const present = (root: string, names: readonly string[]): readonly string[] =>
  names.filter((name) => fs.existsSync(path.join(root, name)))

test('the cache knows its own parts, and clearing it touches nothing else', async (t) => {
  const context = testContext(t)
  writeTree(context.root, { ...mine, ...Object.fromEntries(others.map((name) => [name, 'mine'])) })
  const info = await cacheInfo(context)
  assert.equal(info.files, Object.keys(mine).length)
  assert.deepEqual(
    info.parts.filter(({ stale }) => stale).map(({ name }) => name),
    ['pages-v0'],
  )
  assert.equal((await cacheClear(context)).files, Object.keys(mine).length)
  assert.deepEqual(present(context.root, Object.keys(mine)), [])
  assert.deepEqual(present(context.root, others), others)
})

test('pruning takes what is stale or long unread, and whole things as wholes', async (t) => {
  const context = testContext(t)
  writeTree(context.root, mine)
  const old = (name: string, days: number): void => {
    const time = new Date(Date.now() - days * day)
    fs.utimesSync(path.join(context.root, name), time, time)
  }
  for (const name of ['http-v1/ab/cd', 'built-v1/one/x.whl', 'vcs-v1/repo/objects/a']) old(`cache/${name}`, 91)
  old('cache/pages-v1/x', 89)
  old('cache/builds/run-abc123/work', 2)
  const dry = await cachePrune(context, { dryRun: true })
  assert.deepEqual(present(context.root, Object.keys(mine)), Object.keys(mine))
  const done = await cachePrune(context)
  assert.deepEqual(done, dry)
  assert.deepEqual(present(context.root, Object.keys(mine)), [
    'cache/pages-v1/x',
    // Its note was read not long ago: the wheel stays with it.
    'cache/built-v1/one/x.whl',
    'cache/built-v1/one/origin.json',
    'cache/run-0123456789abcdef/pages-v1/x',
    'cache/interpreters-v2.txt',
    'cache/satisfied-v1/x.json',
  ])
  assert.equal(fs.existsSync(path.join(context.root, 'cache/vcs-v1')), false)
  assert.equal(fs.existsSync(path.join(context.root, 'cache/builds')), false)
  assert.ok((await cachePrune(context, { days: 0 })).files >= 4)
})

test('pruning keeps each kind within its budget, what was used longest ago first', async (t) => {
  const context = testContext(t)
  const files = Object.fromEntries(
    [1, 2, 3, 4, 5].flatMap((age) => [
      [`cache/files-v1/${age}`, 'x'.repeat(1000)],
      [`cache/vcs-v1/${age}/objects/a`, 'x'.repeat(600)],
      [`cache/vcs-v1/${age}/objects/b`, 'x'.repeat(400)],
      [`cache/satisfied-v1/${age}.json`, 'x'],
    ]),
  )
  writeTree(context.root, files)
  for (const name of Object.keys(files)) {
    const time = new Date(Date.now() - Number(name.split('/')[2]![0]) * 7_200_000)
    fs.utimesSync(path.join(context.root, name), time, time)
  }
  // Somebody reads of one at this moment.
  fs.utimesSync(path.join(context.root, 'cache/vcs-v1/5/objects/b'), new Date(), new Date())
  const { parts } = await cacheInfo(context)
  assert.deepEqual(
    parts.map(({ name, bytes, budget }) => [name, bytes, budget]),
    [
      ['files-v1', 5000, 4e9],
      ['satisfied-v1', 5, 1e8],
      ['vcs-v1', 5000, 4e9],
    ],
  )
  assert.equal((await cachePrune(context)).files, 0)
  const budgets = { downloads: 3000, checkouts: 100 }
  const dry = await cachePrune(context, { budgets, dryRun: true })
  assert.deepEqual(await cachePrune(context, { budgets }), dry)
  assert.deepEqual(dry.bytes, 3000 + 4000)
  assert.deepEqual(fs.readdirSync(path.join(context.root, 'cache/files-v1')).sort(), ['1', '2'])
  assert.deepEqual(fs.readdirSync(path.join(context.root, 'cache/vcs-v1')), ['5'])
  assert.equal(fs.readdirSync(path.join(context.root, 'cache/satisfied-v1')).length, 5)
})

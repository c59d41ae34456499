import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { buildWheel, wheelFilename } from '../../tests/kit/wheel.ts'
import { findBytecode, publishBytecode } from '../store/bytecode.ts'
import { openStore, type Tree } from '../store/store.ts'
import { shareBytecode } from './share-bytecode.ts'

const wheel = {
  name: 'app',
  version: '1.0',
  files: { 'app/__init__.py': 'init', 'app/x.py': 'x', 'app/sub/y.py': 'y', 'one.py': 'one' },
  data: { platlib: { 'native/z.py': 'z' } },
}
const kind = { tag: 'cpython-313', magic: 3571 }
const version = { major: 3, minor: 13 }
const modules = ['app/__init__', 'app/x', 'app/sub/y', 'one', 'native/z']
const compiled = modules.map((name) => name.replace(/([^/]+)$/, '__pycache__/$1.cpython-313.pyc'))

function inTree(place: string): string {
  return place.startsWith('native/') ? `app-1.0.data/platlib/${place}` : place
}

/** A compiled tree, and an environment that has second names of its modules. */
async function scene(t: TestContext) {
  const context = testContext(t)
  const store = openStore(context, context.places.store)
  const tree = await store.ensure({ filename: wheelFilename(wheel), read: () => buildWheel(wheel) }, 'unused')
  const bytes = Buffer.alloc(40)
  bytes.writeUInt16LE(kind.magic, 0)
  const work = path.join(context.places.store, 'v1', 'work', 'compiled')
  writeTree(work, Object.fromEntries(compiled.map((place) => [inTree(place), bytes])))
  await publishBytecode(context, context.places.store, tree, kind, work)
  const root = path.join(context.root, 'env')
  const site = path.join(root, 'site')
  for (const name of modules) {
    fs.mkdirSync(path.dirname(path.join(site, name)), { recursive: true })
    fs.linkSync(path.join(tree.directory, inTree(`${name}.py`)), path.join(site, `${name}.py`))
  }
  const environment = { root, purelib: site, platlib: site, journal: context.places.journal }
  return { context, tree, root, site, share: () => shareBytecode(context, environment, [tree], version) }
}

function isShared(tree: Tree, site: string, place: string): boolean {
  const file = path.join(site, place)
  return fs.existsSync(file) && fs.statSync(file).ino === fs.statSync(path.join(tree.directory, inTree(place))).ino
}

test('shareBytecode() gives an environment the files of the store, in .data too', async (t) => {
  const { tree, site, share } = await scene(t)
  assert.equal(await share(), 5)
  assert.deepEqual(
    compiled.filter((place) => !isShared(tree, site, place)),
    [],
  )
  assert.equal(await share(), 0)
})

test('What stands there stays, and modules that are not the tree’s own get none', async (t) => {
  const { tree, site, share } = await scene(t)
  writeTree(site, { [compiled[1]!]: 'of Python' })
  for (const name of ['app/sub/y.py', 'one.py']) {
    fs.rmSync(path.join(site, name))
    fs.writeFileSync(path.join(site, name), 'mine')
  }
  assert.equal(await share(), 2)
  assert.equal(fs.readFileSync(path.join(site, compiled[1]!), 'utf8'), 'of Python')
  assert.ok(isShared(tree, site, compiled[0]!) && isShared(tree, site, compiled[4]!))
  assert.ok(!fs.existsSync(path.join(site, 'app/sub/__pycache__')) && !fs.existsSync(path.join(site, '__pycache__')))
})

test('Nothing is put where the environment has gone or is being removed', async (t) => {
  const { root, site, share } = await scene(t)
  fs.rmSync(path.join(site, 'app'), { recursive: true })
  assert.equal(await share(), 2)
  assert.ok(!fs.existsSync(path.join(site, 'app')))
  fs.rmSync(root, { recursive: true })
  assert.equal(await share(), 0)
  assert.ok(!fs.existsSync(root))
})

/** Shares, and does something as soon as the first file has its second name. */
async function sharedMeanwhile(
  { context, tree, root, site }: Awaited<ReturnType<typeof scene>>,
  meanwhile: () => void,
): Promise<number> {
  const { disk } = context.host
  const { linkTrees: _, ...single } = disk
  let links = 0
  const hardLink = (from: string, to: string): void => {
    disk.hardLink(from, to)
    links += 1
    if (links === 1) meanwhile()
  }
  const host = { ...context.host, disk: { ...single, hardLink } }
  const environment = { root, purelib: site, platlib: site, journal: context.places.journal }
  return await shareBytecode({ ...context, host }, environment, [tree], version)
}

const caches = (root: string): readonly string[] =>
  fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('__pycache__'))

test('A removal that begins meanwhile is not run into', async (t) => {
  const s = await scene(t)
  fs.writeFileSync(path.join(s.root, 'pyvenv.cfg'), '')
  const linked = await sharedMeanwhile(s, () => fs.rmSync(path.join(s.root, 'pyvenv.cfg')))
  assert.deepEqual([linked, caches(s.root)], [0, []])
  const spools = fs.readdirSync(path.join(s.context.places.store, 'v1', 'work')).filter((name) => /^spool/.test(name))
  assert.deepEqual(spools, [])
})

test('Nothing more appears in a distribution of which something goes', async (t) => {
  const s = await scene(t)
  // The first one to be linked is that of the module at the top.
  const linked = await sharedMeanwhile(s, () => fs.rmSync(path.join(s.site, 'app', 'sub', 'y.py')))
  assert.equal(linked, 1)
  assert.deepEqual(caches(s.root), ['site/__pycache__'])
})

test('Damaged bytecode counts as not compiled', async (t) => {
  const { context, tree, site, share } = await scene(t)
  const damaged = path.join(tree.directory, compiled[1]!)
  fs.chmodSync(damaged, 0o644)
  fs.truncateSync(damaged, 20)
  assert.equal(await share(), 4)
  assert.ok(!fs.existsSync(path.join(site, compiled[1]!)))
  assert.equal(findBytecode(context.host, tree, kind), undefined)
})

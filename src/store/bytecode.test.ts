import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { buildWheel, wheelFilename } from '../../tests/kit/wheel.ts'
import { isDenError } from '../base/error.ts'
import { findBytecode, publishBytecode } from './bytecode.ts'
import { damageOf, quickDamageOf } from './damage.ts'
import { openStore, type Store, type Tree } from './store.ts'

const wheel = {
  name: 'app',
  version: '1.0',
  files: { 'app/__init__.py': '', 'app/sub/x.py': '', 'one.py': '', 'app/data/x.txt': '' },
}
const kind = { tag: 'cpython-313', magic: 3571 }

function pyc(magic: number): Uint8Array {
  const bytes = Buffer.alloc(40)
  bytes.writeUInt16LE(magic, 0)
  return bytes
}

async function setup(
  t: TestContext,
): Promise<{ context: ReturnType<typeof testContext>; store: Store; tree: Tree; compiled: string }> {
  const context = testContext(t)
  const store = openStore(context, context.places.store)
  const source = { filename: wheelFilename(wheel), read: () => buildWheel(wheel) }
  const tree = await store.ensure(source, path.join(context.root, 'private'))
  return { context, store, tree, compiled: path.join(context.places.store, 'v1', 'work', 'compiled') }
}

test('publishBytecode() puts files into the tree, which stays as it was made', async (t) => {
  const { context, store, tree, compiled } = await setup(t)
  writeTree(compiled, {
    '__pycache__/one.cpython-313.pyc': pyc(3571),
    'app/__pycache__/__init__.cpython-313.pyc': pyc(3571),
    'app/sub/__pycache__/x.cpython-313.pyc': pyc(3571),
    // Of another magic number, of another tag, and no bytecode: left out.
    'app/sub/__pycache__/y.cpython-313.pyc': pyc(3000),
    'app/sub/__pycache__/x.cpython-312.pyc': pyc(3571),
    'app/sub/__pycache__/note.txt': 'x',
  })
  assert.equal(findBytecode(context.host, tree, kind), undefined)
  const files = await publishBytecode(context, store.directory, tree, kind, compiled)
  assert.deepEqual(files.map(([name]) => name).sort(), [
    '__pycache__/one.cpython-313.pyc',
    'app/__pycache__/__init__.cpython-313.pyc',
    'app/sub/__pycache__/x.cpython-313.pyc',
  ])
  assert.deepEqual(findBytecode(context.host, tree, kind), files)
  assert.equal(findBytecode(context.host, tree, { ...kind, magic: 3572 }), undefined)
  for (const [name] of files) assert.equal(fs.statSync(path.join(tree.directory, name)).mode & 0o777, 0o444)
  assert.equal(fs.statSync(path.join(tree.directory, 'app')).mode & 0o777, 0o555)
  assert.deepEqual(
    [store.verify(tree), damageOf(context.host, tree), quickDamageOf(context.host, tree)],
    [[], undefined, undefined],
  )
  // A second process that compiled the same finds it done.
  assert.deepEqual(await publishBytecode(context, store.directory, tree, kind, compiled), files)
})

test('publishBytecode() refuses directories that hold no modules of the tree', async (t) => {
  for (const place of ['app/data', 'elsewhere']) {
    const { context, store, tree, compiled } = await setup(t)
    writeTree(compiled, { [`${place}/__pycache__/x.cpython-313.pyc`]: pyc(3571) })
    await assert.rejects(publishBytecode(context, store.directory, tree, kind, compiled), (error) =>
      isDenError(error, 'install-refused'),
    )
    assert.equal(findBytecode(context.host, tree, kind), undefined)
  }
})

test('quickDamageOf() sees what was added over, replaced or removed, by the directories alone', async (t) => {
  const damages: Readonly<Record<string, (file: string) => void>> = {
    removed: (file) => fs.rmSync(file),
    replaced: (file) => {
      fs.rmSync(file)
      fs.writeFileSync(file, 'other')
    },
    'made a link': (file) => {
      fs.rmSync(file)
      fs.symlinkSync('/etc/passwd', file)
    },
  }
  for (const [what, damage] of Object.entries(damages)) {
    const { context, tree } = await setup(t)
    for (const directory of ['app', 'app/sub']) fs.chmodSync(path.join(tree.directory, directory), 0o755)
    assert.equal(quickDamageOf(context.host, tree), undefined)
    damage(path.join(tree.directory, 'app/sub/x.py'))
    assert.equal(quickDamageOf(context.host, tree), 'app/sub/x.py', what)
  }
  const { context, tree } = await setup(t)
  fs.chmodSync(path.join(tree.directory, 'app'), 0o755)
  fs.mkdirSync(path.join(tree.directory, 'app/__pycache__'))
  assert.equal(quickDamageOf(context.host, tree), undefined)
})

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type TestContext as Den, testContext } from '../../tests/kit/context.ts'
import { buildWheel, type WheelInput, wheelFilename } from '../../tests/kit/wheel.ts'
import type { Sha256 } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import { realDisk } from '../host/disk.ts'
import { sha256Hex } from '../host/hash.ts'
import { tryLock } from '../host/lock.ts'
import { damageOf } from './damage.ts'
import { openSealed, sealJson } from './manifest.ts'
import { openStore, type Store, type WheelSource } from './store.ts'

const app: WheelInput = {
  name: 'app',
  version: '1.0',
  files: { 'app/__init__.py': 'one = 1\n', 'app/two.py': 'two = 2\n' },
}

interface Setup {
  readonly context: Den
  readonly store: Store
  readonly source: WheelSource & { readonly sha256: Sha256 }
  readonly fallback: string
  /** How often the wheel was read. */
  readonly reads: () => number
}

function setup(t: TestContext, options: Parameters<typeof testContext>[1] = {}): Setup {
  const context = testContext(t, options)
  const bytes = buildWheel(app)
  let reads = 0
  const read = (): Uint8Array => {
    reads += 1
    return bytes
  }
  const source = { filename: wheelFilename(app), sha256: sha256Hex(bytes), identity: 'file\0app', read }
  return {
    context,
    store: openStore(context, context.places.store),
    source,
    fallback: path.join(context.root, 'private'),
    reads: () => reads,
  }
}

test('sealJson() is read back, and any changed byte is noticed', () => {
  const text = sealJson({ a: ['ü', 1] })
  assert.deepEqual(JSON.parse(text).content, { a: ['ü', 1] })
  assert.deepEqual(openSealed(text), { a: ['ü', 1] })
  for (let at = 0; at < text.length; at += 1) {
    const changed = `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`
    assert.equal(openSealed(changed), undefined, changed)
  }
  for (let at = 0; at < text.length; at += 1) assert.equal(openSealed(text.slice(0, at)), undefined)
  assert.equal(openSealed(undefined), undefined)
})

test('openStore() does nothing to the disk', (t) => {
  const { context } = setup(t)
  assert.equal(fs.existsSync(context.places.store), false)
})

test('ensure() unpacks once, and finds by hash and by identity without reading the wheel', async (t) => {
  const { store, source, fallback, reads } = setup(t)
  assert.equal(store.find(source.sha256), undefined)
  const tree = await store.ensure(source, fallback)
  assert.equal(tree.private, false)
  assert.equal((await store.ensure(source, fallback)).directory, tree.directory)
  assert.equal(store.remembered('file\0app')!.directory, tree.directory)
  assert.equal(store.remembered('file\0other'), undefined)
  assert.equal(reads(), 1)
  assert.deepEqual(store.verify(tree), [])
})

test('ensure() refuses bytes that are not the promised ones', async (t) => {
  const { store, source, fallback, context } = setup(t)
  const wrong = { ...source, read: () => buildWheel({ ...app, files: { 'app.py': 'evil' } }) }
  await assert.rejects(store.ensure(wrong, fallback), (error) => isDenError(error, 'hash-mismatch'))
  assert.equal(fs.existsSync(context.places.store), false)
})

test('ensure() leaves nothing behind when a wheel is refused', async (t) => {
  const { store, fallback, context } = setup(t)
  const bytes = buildWheel({ ...app, extra: [{ name: 'evil.py', data: 'x' }] })
  const source = { filename: wheelFilename(app), read: () => bytes }
  await assert.rejects(store.ensure(source, fallback), (error) => isDenError(error, 'invalid-wheel'))
  assert.deepEqual(fs.readdirSync(path.join(context.places.store, 'v1/work')), [])
  assert.deepEqual(fs.readdirSync(path.join(context.places.store, 'v1/trees')), [])
})

for (const [what, damage] of Object.entries({
  'is cut': (file: string) => fs.truncateSync(file, 10),
  'is empty': (file: string) => fs.truncateSync(file, 0),
  'is gone': (file: string) => fs.rmSync(file),
  'has one byte changed': (file: string) => {
    const bytes = fs.readFileSync(file)
    bytes[200]! ^= 1
    fs.writeFileSync(file, bytes)
  },
})) {
  test(`ensure() makes the tree again when its manifest ${what}`, async (t) => {
    const { store, source, fallback, reads } = setup(t)
    const tree = await store.ensure(source, fallback)
    const manifest = path.join(path.dirname(tree.directory), 'manifest')
    fs.chmodSync(manifest, 0o644)
    damage(manifest)
    assert.equal(store.find(source.sha256), undefined)
    const again = await store.ensure(source, fallback)
    assert.deepEqual(store.verify(again), [])
    assert.equal(again.private, false)
    assert.equal(reads(), 2)
  })
}

test('verify() and damageOf() find what was changed, and restore() mends it', async (t) => {
  const { store, source, fallback, context } = setup(t)
  const tree = await store.ensure(source, fallback)
  const file = path.join(tree.directory, 'app/two.py')
  fs.chmodSync(file, 0o644)
  fs.writeFileSync(file, 'two = 3\n')
  assert.equal(damageOf(context.host, tree), 'app/two.py')
  assert.deepEqual(store.verify(tree), ['app/two.py'])
  const again = await store.restore(tree, source, fallback)
  assert.deepEqual(store.verify(again), [])
  assert.equal(fs.readFileSync(path.join(again.directory, 'app/two.py'), 'utf8'), 'two = 2\n')
  assert.deepEqual(fs.readdirSync(path.join(context.places.store, 'v1/work')), [])
})

test('restore() says so when the source has other bytes by now', async (t) => {
  const { store, source, fallback } = setup(t)
  const tree = await store.ensure(source, fallback)
  const { sha256: _, ...changed } = {
    ...source,
    read: () => buildWheel({ ...app, version: '1.0', files: { 'x.py': '' } }),
  }
  await assert.rejects(store.restore(tree, changed, fallback), (error) => isDenError(error, 'store-damaged'))
})

test('ensure() removes what killed processes left, and spares what others are making', async (t) => {
  const { store, source, fallback, context } = setup(t)
  const version = path.join(context.places.store, 'v1')
  const [dead, busy] = ['a'.repeat(64), 'b'.repeat(64)]
  for (const name of ['work', 'locks']) fs.mkdirSync(path.join(version, name), { recursive: true })
  fs.mkdirSync(path.join(version, 'work', `${dead}-1`, 'tree'), { recursive: true })
  fs.mkdirSync(path.join(version, 'work', `${busy}-1`, 'tree'), { recursive: true })
  fs.mkdirSync(path.join(version, 'work', `${source.sha256}-1`, 'tree'), { recursive: true })
  const lock = tryLock(path.join(version, 'locks', busy))!
  await store.ensure(source, fallback)
  assert.deepEqual(fs.readdirSync(path.join(version, 'work')), [`${busy}-1`])
  lock.release()
})

for (const errno of ['EROFS', 'EACCES'] as const) {
  test(`ensure() unpacks beside a store that cannot be written (${errno})`, async (t) => {
    const refuse = (name: string): never => {
      const code = errno === 'EROFS' ? 'read-only-disk' : 'permission-denied'
      throw new DenError(code, { operation: 'write', path: name, errno })
    }
    const inStore = (name: string): boolean => name.includes(`${path.sep}store${path.sep}`)
    const disk = {
      ...realDisk,
      makeDirectories: (name: string) => (inStore(name) ? refuse(name) : realDisk.makeDirectories(name)),
    }
    const { store, source, fallback, context } = setup(t, { host: { disk } })
    const tree = await store.ensure(source, fallback)
    assert.equal(tree.private, true)
    assert.equal(tree.directory, fallback)
    // The environment's own files are writable.
    assert.equal(fs.statSync(path.join(fallback, 'app/two.py')).mode & 0o200, 0o200)
    assert.ok(context.events.some((event) => event.kind === 'note' && /cannot be written/.test(event.text)))
  })
}

test('ensure() fails on a full disk and leaves nothing', async (t) => {
  let writes = 0
  const disk = {
    ...realDisk,
    writeSealed: (name: string, data: Uint8Array, facts: { mode: number; modified: number }) => {
      writes += 1
      if (writes === 3) throw new DenError('disk-full', { operation: 'write', path: name, errno: 'ENOSPC' })
      realDisk.writeSealed(name, data, facts)
    },
  }
  const { store, source, fallback, context } = setup(t, { host: { disk } })
  await assert.rejects(store.ensure(source, fallback), (error) => isDenError(error, 'disk-full'))
  assert.deepEqual(fs.readdirSync(path.join(context.places.store, 'v1/work')), [])
  assert.equal(fs.existsSync(fallback), false)
})

test('ensure() stops by the signal and leaves nothing', async (t) => {
  const controller = new AbortController()
  const { store, source, fallback, context } = setup(t, { signal: controller.signal })
  controller.abort()
  await assert.rejects(store.ensure(source, fallback), (error) => isDenError(error, 'aborted'))
  assert.deepEqual(fs.readdirSync(path.join(context.places.store, 'v1/trees')), [])
})

/** A wheel of a few megabytes that other threads may unpack, with one file that goes piece by piece. */
function largeWheel(): { bytes: Uint8Array; filename: string; modules: number } {
  const noise = Buffer.alloc(2 ** 20)
  for (let at = 0, value = 1; at < noise.length; at += 1) {
    value = (value * 48_271) % 2_147_483_647
    noise[at] = value
  }
  const files: Record<string, string | Uint8Array> = {
    'big/large.bin': Buffer.concat(Array.from({ length: 9 }, () => noise)),
  }
  const modules = 1200
  for (let index = 0; index < modules; index += 1)
    files[`big/m${index % 7}/x${index}.py`] = `x = ${index}\n`.repeat(index % 50)
  const wheel = { name: 'big', version: '1.0', files }
  return { bytes: buildWheel(wheel), filename: wheelFilename(wheel), modules }
}

for (const how of ['open', 'file', 'read', 'fetch', 'fetch to a file'] as const) {
  test(`ensure() takes a large wheel by ${how}, on several threads where it lies on disk`, async (t) => {
    const { context } = setup(t)
    const { bytes, filename, modules } = largeWheel()
    const file = path.join(context.root, filename)
    fs.writeFileSync(file, bytes)
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 70_000) yield bytes.subarray(at, at + 70_000)
    }
    let released = 0
    const release = (): void => {
      released += 1
    }
    const source = {
      open: { open: pieces },
      file: { file },
      read: { read: () => bytes },
      fetch: { fetch: async () => ({ bytes, release }) },
      'fetch to a file': { fetch: async () => ({ path: file, release }) },
    }[how]
    const store = openStore(context, context.places.store)
    const tree = await store.ensure({ filename, ...source }, path.join(context.root, 'private'))
    assert.equal(tree.manifest.fileCount, modules + 3)
    assert.equal(tree.manifest.sha256, sha256Hex(bytes))
    assert.deepEqual([store.verify(tree), damageOf(context.host, tree)], [[], undefined])
    assert.deepEqual(fs.readdirSync(path.join(context.places.store, 'v1/work')), [])
    assert.ok(fs.existsSync(file))
    assert.equal(released, how.startsWith('fetch') ? 1 : 0)
  })
}

for (const how of ['read', 'file'] as const) {
  test(`ensure() stops unpacking a wheel by ${how} when it is aborted, and leaves nothing`, async (t) => {
    const session = new AbortController()
    const context = testContext(t, { signal: session.signal })
    const { bytes, filename } = largeWheel()
    const file = path.join(context.root, filename)
    fs.writeFileSync(file, bytes)
    const store = openStore(context, context.places.store)
    const source = how === 'file' ? { file } : { read: () => bytes }
    const made = store.ensure({ filename, ...source }, path.join(context.root, 'private'))
    const work = path.join(context.places.store, 'v1/work')
    const begun = (): boolean => {
      const [name] = fs.existsSync(work) ? fs.readdirSync(work) : []
      return name !== undefined && fs.existsSync(path.join(work, name, 'tree/big/m0'))
    }
    made.catch(() => undefined)
    while (!begun()) await new Promise((resolve) => setTimeout(resolve, 1))
    const reason = new Error('enough')
    session.abort(reason)
    await assert.rejects(made, (error) => isDenError(error, 'aborted') && error.cause === reason)
    assert.deepEqual(fs.readdirSync(work), [])
    assert.deepEqual(fs.readdirSync(path.join(context.places.store, 'v1/trees')), [])
  })
}

test('ensure() refuses a large wheel whose last file is wrong, whoever finds it', async (t) => {
  const { context } = setup(t)
  const { bytes, filename } = largeWheel()
  const file = path.join(context.root, filename)
  const wrong = Buffer.from(bytes)
  // Within the stored or deflated noise: its checksum shows it.
  wrong[5_000_000]! ^= 1
  fs.writeFileSync(file, wrong)
  const store = openStore(context, context.places.store)
  await assert.rejects(store.ensure({ filename, file }, path.join(context.root, 'private')), (error) =>
    isDenError(error, 'invalid-archive'),
  )
  for (const name of ['work', 'trees'])
    assert.deepEqual(fs.readdirSync(path.join(context.places.store, 'v1', name)), [])
})

test('ensure() removes what a broken download left', async (t) => {
  const { context } = setup(t)
  const { bytes, filename } = largeWheel()
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 3_000_000)
    throw new Error('the line is dead')
  }
  const store = openStore(context, context.places.store)
  await assert.rejects(store.ensure({ filename, open: broken }, path.join(context.root, 'private')), /the line is dead/)
  assert.deepEqual(fs.readdirSync(path.join(context.places.store, 'v1/work')), [])
})

test('ensure() of many wheels at once unpacks each', async (t) => {
  const { context } = setup(t)
  const store = openStore(context, context.places.store)
  const wheels = Array.from({ length: 12 }, (_, index) => ({ ...app, name: `app${index}` }))
  const trees = await Promise.all(
    wheels.map((wheel) =>
      store.ensure(
        { filename: wheelFilename(wheel), read: () => buildWheel(wheel) },
        path.join(context.root, wheel.name),
      ),
    ),
  )
  assert.deepEqual(trees.map((tree) => tree.manifest.project as string).sort(), wheels.map(({ name }) => name).sort())
  for (const tree of trees) assert.deepEqual(store.verify(tree), [])
})

const damages: Readonly<Record<string, (file: string) => void>> = {
  'a byte changed': (file) => {
    const bytes = fs.readFileSync(file)
    bytes[Math.floor(bytes.length / 2)]! ^= 1
    fs.writeFileSync(file, bytes)
  },
  cut: (file) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2)),
  emptied: (file) => fs.truncateSync(file, 0),
  deleted: (file) => fs.rmSync(file),
  'made a link': (file) => {
    fs.rmSync(file)
    fs.symlinkSync('/dev/null', file)
  },
}

test('every file of the store, damaged in every way, is noticed and made again', async (t) => {
  const { store, source, fallback, context, reads } = setup(t)
  let tree = await store.ensure(source, fallback)
  const version = path.join(context.places.store, 'v1')
  const names = fs
    .readdirSync(version, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('locks') && !entry.name.startsWith('.'))
    .map((entry) => path.relative(version, path.join(entry.parentPath, entry.name)))
  assert.ok(names.length >= 6, names.join())
  let damaged = 0
  for (const name of names) {
    for (const [what, damage] of Object.entries(damages)) {
      const file = path.join(version, name)
      if (fs.statSync(file).size === 0 && what !== 'deleted' && what !== 'made a link') continue
      fs.chmodSync(path.dirname(file), 0o755)
      fs.chmodSync(file, 0o644)
      const before = fs.statSync(file)
      damage(file)
      const label = `${name} ${what}`
      if (name.startsWith('sources')) assert.equal(store.remembered('file\0app'), undefined, label)
      else if (name.endsWith('manifest')) assert.equal(store.find(source.sha256), undefined, label)
      else {
        assert.equal(store.verify(tree).length, 1, label)
        assert.notEqual(damageOf(context.host, tree), undefined, label)
        if (what === 'a byte changed') {
          // With its old time: only hashing finds it.
          fs.utimesSync(file, before.atime, before.mtime)
          assert.equal(damageOf(context.host, tree), undefined)
        }
        assert.equal(store.verify(tree).length, 1, label)
        tree = await store.restore(tree, source, fallback)
      }
      tree = await store.ensure(source, fallback)
      assert.deepEqual([store.verify(tree), damageOf(context.host, tree), tree.private], [[], undefined, false], label)
      assert.equal(store.remembered('file\0app')?.directory, tree.directory, label)
      damaged += 1
    }
  }
  assert.ok(damaged >= 25 && reads() > 10)
  assert.deepEqual(fs.readdirSync(path.join(version, 'work')), [])
})

test('ensure() refuses a file that changes while it is unpacked', async (t) => {
  const { context, fallback } = setup(t)
  const { bytes, filename } = largeWheel()
  const file = path.join(context.root, filename)
  fs.writeFileSync(file, bytes)
  // Touched when its first file is written: whatever it holds then, it isn't what was hashed.
  const disk = {
    ...realDisk,
    writeSealed: (name: string, data: Uint8Array, facts: { mode: number; modified: number }) => {
      realDisk.writeSealed(name, data, facts)
      fs.utimesSync(file, 1, 1)
    },
  }
  const store = openStore({ ...context, host: { ...context.host, disk } }, context.places.store)
  await assert.rejects(store.ensure({ filename, file }, fallback), (error) => isDenError(error, 'hash-mismatch'))
  assert.deepEqual(fs.readdirSync(path.join(context.places.store, 'v1/trees')), [])
})

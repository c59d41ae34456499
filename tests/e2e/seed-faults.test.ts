// Seeding while everything goes wrong: many at once on an empty store, killed at every change, a disk that fails at every change.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Sha256 } from '../../src/base/brand.ts'
import { DenError } from '../../src/base/error.ts'
import { seedEnvironment } from '../../src/engine/seed.ts'
import { environmentPaths } from '../../src/env/paths.ts'
import { realDisk } from '../../src/host/disk.ts'
import { faultyDisk } from '../../src/host/faults.ts'
import { openStore } from '../../src/store/store.ts'
import { type Ended, runSource } from '../kit/child.ts'
import { type TestContext as Den, testContext } from '../kit/context.ts'
import { interpreter } from '../kit/interpreters.ts'
import { quickScratch, writeTree } from '../kit/scratch.ts'
import { buildWheel } from '../kit/wheel.ts'

const pip = {
  name: 'pip',
  version: '24.2',
  files: { 'pip/__init__.py': 'x = 1\n', 'pip/sub/y.py': 'y = 1\n' },
  scripts: { pip: 'pip:main' },
}

function setup(t: TestContext): { context: Den; wheels: string } {
  const context = testContext(t, { root: quickScratch(t) })
  const wheels = path.join(context.root, 'wheels')
  writeTree(wheels, { 'pip-24.2-py3-none-any.whl': buildWheel(pip) })
  return { context, wheels }
}

const expected = [
  'bin/pip',
  'bin/pip3',
  'bin/pip3.13',
  ...[
    'pip/__init__.py',
    'pip/sub/y.py',
    ...['INSTALLER', 'METADATA', 'RECORD', 'REQUESTED', 'WHEEL', 'entry_points.txt'].map(
      (name) => `pip-24.2.dist-info/${name}`,
    ),
  ].map((name) => `lib/python3.13/site-packages/${name}`),
].sort()

function filesOf(root: string): readonly string[] {
  return (
    fs
      .readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
      // The next command of den takes away what a disk that fails has kept of a transaction (tests/e2e/faults-install.test.ts).
      .filter((name) => !name.startsWith('.den/'))
      .sort()
  )
}

async function seed(context: Den, wheels: string, root: string): Promise<void> {
  const base = interpreter('3.13.0', { wheelDirectories: [wheels] })
  const paths = environmentPaths(base, root, path.posix)
  fs.mkdirSync(paths.purelib, { recursive: true })
  await seedEnvironment(context, { interpreter: base, paths, staged: root, seeds: { pip: 'embed' } })
}

/** The store holds one whole tree and no leftovers. */
function checkStore(context: Den): void {
  const version = path.join(context.places.store, 'v1')
  const keys = fs.readdirSync(path.join(version, 'trees'))
  assert.equal(keys.length, 1)
  const store = openStore(context, context.places.store)
  assert.deepEqual(store.verify(store.find(keys[0] as Sha256)!), [])
  assert.deepEqual(fs.readdirSync(path.join(version, 'work')), [])
}

function child(context: Den, wheels: string, root: string, env: Record<string, string> = {}): Promise<Ended> {
  const script = path.resolve(import.meta.dirname, '../kit/seed-child.ts')
  return runSource(script, [JSON.stringify({ root, wheels })], {
    cwd: context.root,
    env: { ...context.host.env, NODE_NO_WARNINGS: '1', ...env },
  })
}

test('32 processes seed at once from an empty store: all whole, unpacked once, no lock left', async (t) => {
  const { context, wheels } = setup(t)
  const roots = Array.from({ length: 32 }, (_, index) => path.join(context.root, `env${index}`))
  const ended = await Promise.all(roots.map((root) => child(context, wheels, root)))
  for (const { code, output } of ended) assert.equal(code, 0, output)
  for (const root of roots) assert.deepEqual(filesOf(root), expected)
  checkStore(context)
})

test('killed at every change, the next command finds everything usable and clears what was left', async (t) => {
  const { context, wheels } = setup(t)
  const counted = path.join(context.root, 'count')
  await child(context, wheels, path.join(context.root, 'counted'), { DEN_TEST_FAULT: `count:${counted}` })
  const changes = Number(fs.readFileSync(counted, 'utf8'))
  assert.ok(changes > 20)
  // Each third one: a process takes its time, and in-process faults below meet every single one.
  for (let at = 1; at <= changes; at += 3) {
    for (const place of [context.places.store, context.places.journal])
      fs.rmSync(place, { recursive: true, force: true })
    const killed = await child(context, wheels, path.join(context.root, `killed${at}`), {
      DEN_TEST_FAULT: `kill:${at}`,
    })
    assert.equal(killed.signal, 'SIGKILL', `${at}: ${killed.output}`)
    const root = path.join(context.root, `after${at}`)
    await seed(context, wheels, root)
    assert.deepEqual(filesOf(root), expected)
    // What was left of this wheel goes when it is unpacked again; a whole tree is simply used.
    const work = path.join(context.places.store, 'v1/work')
    assert.ok((fs.existsSync(work) ? fs.readdirSync(work) : []).length === 0, `leftovers after ${at}`)
    assert.equal(fs.readdirSync(path.join(context.places.store, 'v1/trees')).length, 1)
  }
})

for (const how of ['ENOSPC', 'EIO', 'EROFS'] as const) {
  test(`a disk that fails with ${how} at any change leaves the store usable`, async (t) => {
    const { context, wheels } = setup(t)
    let failures = 0
    for (let at = 1; ; at += 1) {
      fs.rmSync(context.places.store, { recursive: true, force: true })
      const disk = faultyDisk(realDisk, { at, how })
      const faulty: Den = { ...context, host: { ...context.host, disk } }
      const root = path.join(context.root, `env${at}`)
      let failed = false
      try {
        await seed(faulty, wheels, root)
      } catch (error) {
        assert.ok(error instanceof DenError, String(error))
        failed = true
        failures += 1
      }
      if (!failed) assert.deepEqual(filesOf(root), expected, `success at ${at}, but files are missing`)
      const after = path.join(context.root, `after${at}`)
      await seed(context, wheels, after)
      assert.deepEqual(filesOf(after), expected)
      // A fault beyond the last change is none.
      if (!failed && at > 60) break
      assert.ok(at < 200)
    }
    assert.ok(failures > 10)
  })
}

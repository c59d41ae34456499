import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext as Test, test } from 'node:test'
import { type TestContext, testContext } from '../../tests/kit/context.ts'
import { Cut, countingDisk, dyingDisk, quickDisk, volatileDisk } from '../../tests/kit/faults-disk.ts'
import { randomFrom } from '../../tests/kit/random.ts'
import { quickScratch, writeTree } from '../../tests/kit/scratch.ts'
import { isDenError } from '../base/error.ts'
import type { Disk } from '../host/disk.ts'
import { ioError } from '../host/io-error.ts'
import { type FileChange, type FilesPlace, holdFiles, replaceFiles, settleFiles } from './replace-files.ts'

interface Scene {
  readonly context: TestContext
  readonly place: FilesPlace
  readonly changes: readonly FileChange[]
  /** What the project holds, den's own files included. */
  now(): Readonly<Record<string, string>>
}

const before = { manifest: 'old manifest\n', lock: 'old lock\n' }
const after = { manifest: 'new manifest\n', lock: 'new lock\n' }

const oldOf = (second: Second): Partial<typeof before> & Record<string, string> =>
  second === 'new' ? { manifest: before.manifest } : before
const newOf = (second: Second): Partial<typeof after> & Record<string, string> =>
  second === 'removed' ? { manifest: after.manifest } : after

/** What becomes of the second file beside the first. */
type Second = 'replaced' | 'new' | 'removed'

function scene(t: Test, second: Second = 'replaced'): Scene {
  const context = testContext(t, { root: quickScratch(t), host: { disk: quickDisk } })
  const directory = path.join(context.root, 'project')
  writeTree(directory, oldOf(second))
  return {
    context,
    place: { directory, journal: context.places.journal },
    changes: (['manifest', 'lock'] as const).map((name) => ({
      file: path.join(directory, name),
      before: oldOf(second)[name],
      after: newOf(second)[name],
    })),
    now: () =>
      Object.fromEntries(
        fs.readdirSync(directory).map((name) => [name, fs.readFileSync(path.join(directory, name), 'utf8')]),
      ),
  }
}

function withDisk(context: TestContext, disk: Disk): TestContext {
  return { ...context, host: { ...context.host, disk } }
}

/** Makes the change on this disk, as a process of its own would. */
async function attempt({ context, place, changes }: Scene, disk: Disk): Promise<unknown> {
  const lock = await holdFiles(context, place)
  try {
    replaceFiles(withDisk(context, disk), place.directory, changes)
    return undefined
  } catch (error) {
    return error
  } finally {
    lock.release()
  }
}

test('files change together, keep their modes, and nothing else stays', async (t) => {
  const it = scene(t)
  fs.chmodSync(path.join(it.place.directory, 'manifest'), 0o640)
  assert.equal(await attempt(it, quickDisk), undefined)
  assert.deepEqual(it.now(), after)
  assert.equal(fs.statSync(path.join(it.place.directory, 'manifest')).mode & 0o777, 0o640)
})

for (const second of ['replaced', 'new', 'removed'] as const)
  test(`killed before any step, both files are old or new, the second one ${second}`, async (t) => {
    const counted = countingDisk(quickDisk)
    const first = scene(t, second)
    assert.equal(await attempt(first, counted.disk), undefined)
    assert.deepEqual(first.now(), newOf(second))
    const seen = { old: 0, new: 0 }
    assert.ok(counted.count() > 8)
    for (let at = 1; at <= counted.count(); at += 1) {
      const it = scene(t, second)
      assert.ok((await attempt(it, dyingDisk(quickDisk, at))) instanceof Cut, String(at))
      // Who only reads looks for a change that has begun to count, and no further.
      await settleFiles(it.context, it.place)
      const { manifest, lock } = it.now()
      const isNew = manifest === after.manifest
      const expected = isNew ? newOf(second) : oldOf(second)
      assert.deepEqual({ manifest, ...(lock === undefined ? {} : { lock }) }, expected, String(at))
      seen[isNew ? 'new' : 'old'] += 1
      // Who changes something comes upon nothing of it.
      ;(await holdFiles(it.context, it.place)).release()
      assert.deepEqual(it.now(), expected, String(at))
    }
    assert.ok(seen.old > 2 && seen.new > 2, JSON.stringify(seen))
  })

test('killed while what was cut short is being finished', async (t) => {
  let finished = 0
  for (let at = 1; finished < 3 && at < 60; at += 1) {
    const it = scene(t)
    // Right behind the point from which the new holds.
    let renames = 0
    const stops: Disk = {
      ...quickDisk,
      rename: (from, to) => {
        renames += 1
        if (renames === 2) throw new Cut('rename')
        quickDisk.rename(from, to)
      },
    }
    assert.ok((await attempt(it, stops)) instanceof Cut)
    const dying = withDisk(it.context, dyingDisk(quickDisk, at))
    const killed = await settleFiles(dying, it.place).then(
      () => false,
      (error: unknown) => error instanceof Cut,
    )
    if (!killed) finished += 1
    await settleFiles(it.context, it.place)
    assert.deepEqual(it.now(), after, String(at))
  }
  assert.equal(finished, 3)
})

test('a power cut at any time leaves both old or both new', async (t) => {
  const random = randomFrom(7)
  const seen = { old: 0, new: 0 }
  for (let round = 0; round < 150; round += 1) {
    const it = scene(t)
    const attic = path.join(it.context.root, 'attic')
    const power = volatileDisk(quickDisk, attic, random)
    await attempt(it, dyingDisk(power.disk, 1 + Math.floor(random() * 14)))
    power.cut()
    ;(await holdFiles(it.context, it.place)).release()
    const { manifest, lock } = it.now()
    const isNew = manifest === after.manifest
    assert.deepEqual({ manifest, lock }, isNew ? after : before, String(round))
    seen[isNew ? 'new' : 'old'] += 1
    if (isNew) continue
    assert.equal(await attempt(it, quickDisk), undefined)
    assert.deepEqual(it.now(), after, String(round))
  }
  assert.ok(seen.old > 10 && seen.new > 10, JSON.stringify(seen))
})

for (const second of ['replaced', 'removed'] as const)
  test(`a failure at any step takes everything back, the second file ${second}`, async (t) => {
    const counted = countingDisk(quickDisk)
    assert.equal(await attempt(scene(t, second), counted.disk), undefined)
    for (let at = 1; at <= counted.count(); at += 1) {
      const it = scene(t, second)
      let count = 0
      let failed = ''
      const failing = Object.fromEntries(
        Object.entries(quickDisk).map(([name, change]) => [
          name,
          (...args: unknown[]) => {
            count += 1
            if (count === at) failed = `${name} ${String(args[0])}`
            if (count === at) throw ioError(Object.assign(new Error('EIO'), { code: 'EIO' }), name, String(args[0]))
            ;(change as (...all: unknown[]) => void)(...args)
          },
        ]),
      ) as unknown as Disk
      const error = await attempt(it, failing)
      // Second names are a help and no need; and once the change stands, what stays beside it is cleared by whoever comes next.
      if (error === undefined) assert.match(failed, /^hardLink |^removeFile .*\.den-(?:old|change)$/)
      else assert.ok(isDenError(error, 'io-failed'), String(at))
      await settleFiles(it.context, it.place)
      assert.deepEqual(it.now(), error === undefined ? newOf(second) : before, String(at))
    }
  })

test('what somebody else wrote meanwhile is not written over', async (t) => {
  const it = scene(t)
  fs.writeFileSync(path.join(it.place.directory, 'manifest'), 'edited\n')
  assert.ok(isDenError(await attempt(it, quickDisk), 'file-changed'))
  assert.deepEqual(it.now(), { manifest: 'edited\n', lock: before.lock })
})

test('what somebody wrote after a kill is not written over, and that is told', async (t) => {
  const it = scene(t)
  let renames = 0
  const stops: Disk = {
    ...quickDisk,
    rename: (from, to) => {
      renames += 1
      if (renames === 2) throw new Cut('rename')
      quickDisk.rename(from, to)
    },
  }
  assert.ok((await attempt(it, stops)) instanceof Cut)
  fs.writeFileSync(path.join(it.place.directory, 'manifest'), 'edited\n')
  await settleFiles(it.context, it.place)
  assert.deepEqual(it.now(), { manifest: 'edited\n', lock: before.lock })
  const told = it.context.events.flatMap((event) => (event.kind === 'warning' ? [event.warning.code] : []))
  assert.deepEqual(told, ['change-dropped'])
})

test('a file that is a link stays one', async (t) => {
  const it = scene(t)
  const elsewhere = path.join(it.context.root, 'elsewhere')
  writeTree(elsewhere, { manifest: before.manifest })
  fs.rmSync(path.join(it.place.directory, 'manifest'))
  fs.symlinkSync(path.join(elsewhere, 'manifest'), path.join(it.place.directory, 'manifest'))
  assert.equal(await attempt(it, quickDisk), undefined)
  assert.deepEqual(it.now(), after)
  assert.equal(fs.readFileSync(path.join(elsewhere, 'manifest'), 'utf8'), after.manifest)
  assert.deepEqual(fs.readdirSync(elsewhere), ['manifest'])
})

test('who reads waits for who is at it', async (t) => {
  const it = scene(t)
  const lock = await holdFiles(it.context, it.place)
  fs.writeFileSync(path.join(it.place.directory, '.den-change'), '')
  let waited = false
  const reading = settleFiles(it.context, it.place).then(() => {
    waited = true
  })
  await new Promise((resolve) => setTimeout(resolve, 60))
  assert.equal(waited, false)
  fs.rmSync(path.join(it.place.directory, '.den-change'))
  lock.release()
  await reading
})

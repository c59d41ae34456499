// Installing, upgrading and removing on a machine that fails: every single change of the disk is the last one of a killed process, fails
// once, fails for good, or is followed by a power cut. After den's next command the environment is exactly the old one or the new one.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext as Test, test } from 'node:test'
import { isDenError } from '../../src/base/error.ts'
import { openSession } from '../../src/commands/session.ts'
import { type ApplyRequest, applyPlan } from '../../src/engine/apply.ts'
import { historyNumbers } from '../../src/env/history.ts'
import type { Disk } from '../../src/host/disk.ts'
import { faultyDisk } from '../../src/host/faults.ts'
import { recoverTransactions } from '../../src/journal/transaction.ts'
import { type TestContext, testContext } from '../kit/context.ts'
import { Cut, countingDisk, dyingDisk, linkTree, quickDisk, stiffDisk, volatileDisk } from '../kit/faults-disk.ts'
import { change, makeScene, picture, remains, requestOf, type SceneChange, scenePaths } from '../kit/faults-scene.ts'
import { randomFrom } from '../kit/random.ts'
import { quickScratch, writeTree } from '../kit/scratch.ts'
import type { WheelInput } from '../kit/wheel.ts'

const site = 'lib/python3.13/site-packages'

function project(name: string, version: string, modules: number): WheelInput {
  const files: Record<string, string> = { [`${name}/__init__.py`]: `version = '${version}'\n` }
  for (let index = 0; index < modules; index += 1) {
    files[`${name}/sub${index % 3}/m${index}.py`] = `${version} ${index}\n`
    files[`${name}/only_${version.replaceAll('.', '_')}/m${index}.py`] = ''
  }
  return {
    name,
    version,
    files,
    scripts: { [name]: `${name}:main`, [`${name}-${version}`]: `${name}:main` },
    data: { data: { [`share/${name}/${version}.txt`]: version, [`share/${name}/same.txt`]: version } },
  }
}

interface Way {
  readonly before: SceneChange
  readonly change: SceneChange
  /** What users and Python put beside. */
  readonly files?: Readonly<Record<string, string>>
  /** Directories can't be renamed; their files are. */
  readonly stiff?: true
}

const ways: Readonly<Record<string, Way>> = {
  install: { before: {}, change: { install: [project('app', '1.0', 6)] } },
  upgrade: {
    before: { install: [project('app', '1.0', 6)] },
    change: { install: [project('app', '2.0', 6)] },
    files: {
      [`${site}/app/mine.txt`]: 'user',
      [`${site}/app/sub0/__pycache__/m0.cpython-313.pyc`]: 'bytecode',
      [`${site}/app/only_1_0/__pycache__/m1.cpython-313.pyc`]: 'bytecode',
    },
  },
  uninstall: {
    before: { install: [project('app', '1.0', 6), project('lib', '1.0', 2)] },
    change: { remove: ['app'] },
    files: { [`${site}/app/sub1/mine.txt`]: 'user' },
  },
  'upgrade, file by file': {
    before: { install: [project('app', '1.0', 4)] },
    change: { install: [project('app', '2.0', 4)] },
    files: { [`${site}/app/mine.txt`]: 'user' },
    stiff: true,
  },
  several: {
    before: { install: [project('app', '1.0', 4), project('lib', '1.0', 3), project('old', '1.0', 3)] },
    change: {
      install: [project('app', '2.0', 4), project('lib', '2.0', 3), project('fresh', '1.0', 2)],
      remove: ['old'],
    },
  },
}

interface Scene {
  readonly context: TestContext
  readonly old: Readonly<Record<string, string>>
  readonly new: Readonly<Record<string, string>>
  readonly changes: number
  /** The disk that the faults are added to. */
  readonly disk: Disk
  /** A fresh copy of the environment as it is before, and the change on that disk. */
  start(disk: (root: string) => Disk): { readonly root: string; readonly sound: TestContext; run(): Promise<unknown> }
  end(root: string): void
}

async function open(t: Test, { before, change: what, files = {}, stiff }: Way): Promise<Scene> {
  const disk = stiff === true ? stiffDisk : quickDisk
  // Before the folder is removed. Its files are those of every copy.
  let check = (): void => undefined
  t.after(() => check())
  const prepared = testContext(t, { root: quickScratch(t), host: { disk: quickDisk } })
  const context = { ...prepared, host: { ...prepared.host, disk } }
  const template = path.join(context.root, 'template')
  makeScene(template)
  if (before.install !== undefined) await change(prepared, template, before)
  writeTree(template, files)
  const untouched = picture(template)
  check = () =>
    assert.deepEqual(picture(template), untouched, 'a change wrote into a file of the environment as it was')
  const request = await requestOf(prepared, template, what)
  const at = (root: string): ApplyRequest => ({ ...request, environment: { root, paths: scenePaths(root) } })
  let number = 0
  const start: Scene['start'] = (disk) => {
    number += 1
    const root = path.join(context.root, `env${number}`)
    linkTree(template, root)
    const faulty = { ...context, host: { ...context.host, disk: disk(root) } }
    return { root, sound: context, run: () => applyPlan(faulty, at(root)) }
  }
  const end = (root: string): void => fs.rmSync(root, { recursive: true })
  const whole = start(() => disk)
  const inScripts = (root: string): Readonly<Record<string, string>> =>
    // Scripts name the environment's own path.
    Object.fromEntries(
      Object.entries(picture(root)).map(([name, text]) => [
        name,
        text.replaceAll(root, 'ROOT').replaceAll(template, 'ROOT'),
      ]),
    )
  const old = inScripts(whole.root)
  await whole.run()
  const fresh = inScripts(whole.root)
  end(whole.root)
  const counter = countingDisk(disk)
  const counted = start(() => counter.disk)
  await counted.run()
  end(counted.root)
  return { context, disk, old, new: fresh, changes: counter.count(), start, end }
}

/** "old", "new" or what is wrong; the scripts' and RECORDs' bytes depend on the path's length and are told by name alone. */
function judge(scene: Scene, root: string): string {
  const text = (name: string, content: string): string =>
    /\/RECORD$|^bin\//.test(name) ? String(content.length > 0) : content
  const plain = (all: Readonly<Record<string, string>>): string =>
    JSON.stringify(Object.entries(all).map(([name, content]) => [name, text(name, content)]))
  const now = plain(picture(root))
  const state = now === plain(scene.old) ? 'old' : now === plain(scene.new) ? 'new' : undefined
  if (state === undefined) {
    const names = new Set(Object.keys(picture(root)))
    const missing = (all: Readonly<Record<string, string>>): string =>
      Object.keys(all)
        .filter((name) => !names.has(name))
        .join()
    return `between: old lacks ${missing(scene.old)}; new lacks ${missing(scene.new)}`
  }
  const numbers = historyNumbers(scene.context.host, root).length
  const wanted = Object.keys(scene.old).some((name) => name.includes('dist-info')) ? 1 : 0
  return numbers === wanted + (state === 'new' ? 1 : 0) ? state : `${state}, but ${numbers} entries in the history`
}

let points = 0

for (const [name, way] of Object.entries(ways)) {
  test(`${name}: killed before any change of the disk, it is old or new when den runs next`, async (t) => {
    const scene = await open(t, way)
    const seen = new Set<string>()
    for (let at = 1; at <= scene.changes; at += 1) {
      const { root, sound, run } = scene.start(() => dyingDisk(scene.disk, at))
      await assert.rejects(run(), (error) => error instanceof Cut)
      recoverTransactions(sound, sound.places.journal)
      const state = judge(scene, root)
      assert.match(state, /^(?:old|new)$/, `killed at ${at} of ${scene.changes}: ${state}`)
      assert.deepEqual(remains(sound, root), [], `killed at ${at} of ${scene.changes}`)
      seen.add(state)
      points += 1
      scene.end(root)
    }
    assert.deepEqual([...seen].sort(), ['new', 'old'])
  })

  test(`${name}: killed again while den finishes it, it is finished by the one after`, async (t) => {
    const scene = await open(t, way)
    for (let at = Math.max(1, scene.changes - 45); at <= scene.changes; at += 3) {
      for (let second = 1; ; second += 2) {
        const { root, sound, run } = scene.start(() => dyingDisk(scene.disk, at))
        await assert.rejects(run(), (error) => error instanceof Cut)
        let died = false
        try {
          const dying = { ...sound, host: { ...sound.host, disk: dyingDisk(scene.disk, second) } }
          recoverTransactions(dying, sound.places.journal)
        } catch (error) {
          if (!(error instanceof Cut)) throw error
          died = true
        }
        recoverTransactions(sound, sound.places.journal)
        assert.match(judge(scene, root), /^(?:old|new)$/, `killed at ${at} and at ${second}`)
        assert.deepEqual(remains(sound, root), [], `killed at ${at} and at ${second}`)
        points += 1
        scene.end(root)
        if (!died) break
      }
    }
  })

  test(`${name}: when a change of the disk fails, everything is as before`, async (t) => {
    const scene = await open(t, way)
    for (const how of ['ENOSPC', 'EIO', 'EMFILE', 'EROFS'] as const) {
      for (let at = 1; at <= scene.changes; at += 1) {
        const label = `${how} at ${at} of ${scene.changes}`
        const { root, sound, run } = scene.start(() => faultyDisk(scene.disk, { at, how }))
        let failed = false
        try {
          await run()
        } catch (error) {
          failed = true
          assert.ok(
            isDenError(error, 'disk-full', 'io-failed', 'too-many-open-files', 'read-only-disk'),
            `${label}: ${error}`,
          )
        }
        // A disk that can't be written any more keeps things where they are; then the journal knows.
        if (how === 'EROFS') recoverTransactions(sound, sound.places.journal)
        const state = judge(scene, root)
        if (how === 'EROFS' && failed) assert.match(state, /^(?:old|new)$/, label)
        else assert.equal(state, failed ? 'old' : 'new', label)
        if (how === 'ENOSPC') assert.deepEqual(remains(sound, root), [], label)
        recoverTransactions(sound, sound.places.journal)
        assert.match(judge(scene, root), /^(?:old|new)$/, label)
        assert.deepEqual(remains(sound, root), [], label)
        points += 1
        scene.end(root)
      }
    }
  })

  test(`${name}: a power cut after any change loses what was not synced, and it is old or new all the same`, async (t) => {
    const scene = await open(t, way)
    const seen = new Set<string>()
    for (let at = 1; at <= scene.changes + 1; at += 1) {
      for (const seed of [1, 2, 3]) {
        const attic = path.join(scene.context.root, 'attic')
        const power = volatileDisk(scene.disk, attic, randomFrom(at * 1000 + seed))
        const { root, sound, run } = scene.start(() => dyingDisk(power.disk, at))
        await run().catch((error: unknown) => assert.ok(error instanceof Cut, String(error)))
        power.cut()
        recoverTransactions(sound, sound.places.journal)
        const state = judge(scene, root)
        assert.match(state, /^(?:old|new)$/, `cut at ${at} of ${scene.changes}, seed ${seed}: ${state}`)
        // The pointer may be lost with the power; then whoever works on the environment tidies up.
        seen.add(state)
        points += 1
        scene.end(root)
        fs.rmSync(attic, { recursive: true })
      }
    }
    assert.deepEqual([...seen].sort(), ['new', 'old'])
  })
}

test("any command finishes what a killed one left, and a session's command is enough", async (t) => {
  const scene = await open(t, ways['upgrade']!)
  const { root, sound, run } = scene.start(() => dyingDisk(scene.disk, scene.changes - 8))
  await assert.rejects(run(), (error) => error instanceof Cut)
  assert.notDeepEqual(remains(sound, root), [])
  const { host } = sound
  await using session = openSession({ host })
  await session.cacheClear()
  assert.match(judge(scene, root), /^(?:old|new)$/)
  assert.deepEqual(remains(sound, root), [])
})

test('the faults were tried at a thousand points or more', (t) => {
  t.diagnostic(`${points} points`)
  assert.ok(points >= 1000, String(points))
})

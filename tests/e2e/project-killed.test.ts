// Manifest and lock through kill -9, Ctrl-C and failing disks, with the real executable: both are old or both are new, whoever looks next,
// and nothing of den's stays beside them.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type ProjectScene, projectScene } from '../kit/change-scene.ts'
import { denCommand, denEnvironment } from '../kit/den.ts'

interface Pair {
  readonly manifest: string
  readonly lock: string
}

interface Scene {
  readonly scene: ProjectScene
  readonly old: Pair
  readonly fresh: Pair
  /** How many times `change` changes the disk. */
  readonly changes: number
  readonly change: readonly string[]
  reset(): void
  now(): Pair
}

async function killedScene(t: TestContext): Promise<Scene | undefined> {
  const scene = await projectScene(t)
  if (scene === undefined) return undefined
  const now = (): Pair => ({ manifest: scene.read('pyproject.toml'), lock: scene.read('pylock.toml') })
  await scene.done('lock')
  const old = now()
  const reset = (): void => {
    scene.write('pyproject.toml', old.manifest)
    scene.write('pylock.toml', old.lock)
  }
  const change = ['add', 'app', '--no-sync']
  await scene.done(...change)
  const fresh = now()
  assert.notEqual(old.manifest, fresh.manifest)
  assert.notEqual(old.lock, fresh.lock)
  reset()
  const log = path.join(scene.root, '..', 'count')
  await faulty(scene, `count:${log}`, change)
  assert.deepEqual(now(), fresh)
  reset()
  return { scene, old, fresh, changes: Number(fs.readFileSync(log, 'utf8')), change, reset, now }
}

function faulty(
  scene: ProjectScene,
  fault: string | undefined,
  args: readonly string[],
  signalAfter?: number,
): Promise<{ readonly code: number | null; readonly signal: string | null; readonly stderr: string }> {
  const [command, ...before] = denCommand()
  const home = path.join(path.dirname(scene.root), `.home-of-${path.basename(scene.root)}`)
  const env = denEnvironment(home, { ...scene.env, ...(fault === undefined ? {} : { DEN_TEST_FAULT: fault }) })
  return new Promise((resolve) => {
    const child = spawn(command, [...before, ...args], { cwd: scene.root, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (data) => {
      stderr += String(data)
    })
    if (signalAfter !== undefined) void pause(signalAfter).then(() => child.kill('SIGINT'))
    child.on('close', (code, signal) => resolve({ code, signal, stderr }))
  })
}

function stateOf({ old, fresh }: Pick<Scene, 'old' | 'fresh'>, now: Pair, label: string): 'old' | 'new' {
  if (now.manifest === old.manifest && now.lock === old.lock) return 'old'
  assert.deepEqual(now, fresh, label)
  return 'new'
}

test('killed at any change of the disk, a reader that comes next finds both old or both new', async (t) => {
  const it = await killedScene(t)
  if (it === undefined) return
  const { scene, changes, change, reset, now } = it
  const seen = { old: 0, new: 0 }
  for (let at = 1; at <= changes; at += 1) {
    reset()
    const run = await faulty(scene, `kill:${at}`, change)
    if (run.signal !== 'SIGKILL') continue
    // What is up to date is so either way; what reads finishes what has begun to count.
    const read = await scene.den('lock', '--check')
    assert.equal(read.code, 0, `${at}: ${read.stderr}`)
    seen[stateOf(it, now(), `killed at ${at} of ${changes}`)] += 1
    await scene.done(...change)
    assert.deepEqual(now(), it.fresh, String(at))
    const left = fs.readdirSync(scene.root).filter((name) => name.includes('den-') || name.endsWith('.tmp'))
    assert.deepEqual(left, [], String(at))
  }
  assert.ok(seen.old > 2 && seen.new > 2, JSON.stringify(seen))
})

test('on a disk that fails, both are old and that is told, or both are new', async (t) => {
  const it = await killedScene(t)
  if (it === undefined) return
  const { scene, changes, change, reset, now } = it
  for (const fault of ['ENOSPC', 'EIO']) {
    for (let at = 1; at <= changes; at += 1) {
      reset()
      const run = await faulty(scene, `${fault}:${at}`, change)
      const label = `${fault} at ${at} of ${changes}: ${run.code} ${run.stderr.slice(0, 300)}`
      await scene.den('lock', '--check')
      const state = stateOf(it, now(), label)
      assert.equal(state, run.code === 0 ? 'new' : 'old', label)
      if (run.code !== 0) assert.match(run.stderr, /error\[[\w-]+\]/, label)
    }
  }
})

test('Ctrl-C at any time leaves both old or both new', async (t) => {
  const it = await killedScene(t)
  if (it === undefined) return
  const { scene, change, reset, now } = it
  for (let round = 0; round < 12; round += 1) {
    reset()
    const run = await faulty(scene, undefined, change, 10 + round * 12)
    const state = stateOf(it, now(), `after ${10 + round * 12} ms: ${run.stderr}`)
    if (run.code === 0) assert.equal(state, 'new')
    assert.deepEqual(fs.readdirSync(scene.root).sort(), ['pylock.toml', 'pyproject.toml'])
  }
})

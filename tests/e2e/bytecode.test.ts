// Bytecode in environments of file links: compiled once for the store by a process in the background, linked into each environment, and
// gone with it, whatever happens meanwhile.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { servedWheel } from '../kit/index-server.ts'
import { type PipScene, pipScene } from '../kit/pip-scene.ts'
import type { WheelInput } from '../kit/wheel.ts'

const skip = process.platform === 'linux' ? false : 'looks for processes in /proc'

/** `modules` that take a while to compile, and files beside them. */
function wheel(name: string, modules: number, others = 0): WheelInput {
  const body = Array.from(
    { length: 200 },
    (_, line) => `def f${line}(a, b=${line}):\n    return [a, b, {a: b}]\n`,
  ).join('')
  const files: Record<string, string> = { [`${name}/__init__.py`]: '', [`${name}/sub/__init__.py`]: '' }
  for (let index = 0; index < modules; index += 1) files[`${name}/sub/m${index}.py`] = `${body}number = ${index}\n`
  for (let index = 0; index < others; index += 1) files[`${name}/data/${index}.txt`] = String(index)
  return { name, version: '1.0', tag: 'py3-none-any', files }
}

interface Scene extends PipScene {
  readonly store: string
  /** An environment of its own. */
  environment(name: string): Promise<{ readonly root: string; readonly site: string; readonly python: string }>
  install(environment: string, ...what: readonly string[]): Promise<void>
}

async function scene(t: TestContext, wheels: readonly WheelInput[]): Promise<Scene | undefined> {
  // Removed by the scratch folder's own clean-up, which comes first: nothing of ours may run by then.
  let root = ''
  t.after(() => stopBackground(root))
  const env = { DEN_COMPILE_BYTECODE: 'background', DEN_LINK_MODE: 'hardlink' }
  const s = await pipScene(t, { files: wheels.map((one) => servedWheel(one)), env })
  if (s === undefined) return undefined
  root = s.root
  return {
    ...s,
    store: path.join(path.dirname(s.root), `.home-of-${path.basename(s.root)}`, 'den-home', 'store'),
    environment: async (name) => {
      const made = await s.den('create', '-p', s.executable, '--seed', 'none', name)
      assert.equal(made.code, 0, made.stderr)
      const place = path.join(s.root, name)
      const site = path.join(place, 'lib', 'python3.12', 'site-packages')
      return { root: place, site, python: path.join(place, 'bin', 'python') }
    },
    install: async (environment, ...what) => void (await s.done('--python', environment, 'install', '-q', ...what)),
  }
}

/** The processes that den has left behind for this test, and the compilers that those have started. */
function background(root: string): readonly number[] {
  const home = `.home-of-${path.basename(root)}`
  return fs.readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const line = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8')
      const place = fs.readlinkSync(`/proc/${name}/cwd`)
      return line.includes(home) && line.includes('__compile')
        ? [Number(name)]
        : place.includes(home)
          ? [Number(name)]
          : []
    } catch {
      return []
    }
  })
}

function stopBackground(root: string): void {
  for (const id of background(root)) {
    try {
      process.kill(id, 'SIGKILL')
    } catch {}
  }
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const start = performance.now(); !isSo(); ) {
    assert.ok(performance.now() - start < 60_000, `${what} within a minute`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function ended(s: PipScene): Promise<void> {
  return until('the background process ends', () => background(s.root).length === 0)
}

/** The inodes of all bytecode below, by place. */
function bytecode(top: string): Readonly<Record<string, number>> {
  const names = fs.readdirSync(top, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pyc'))
  return Object.fromEntries(names.sort().map((name) => [name, fs.statSync(path.join(top, name)).ino]))
}

test('a second environment imports without compiling', { skip }, async (t) => {
  const s = await scene(t, [wheel('one', 5), wheel('two', 5)])
  if (s === undefined) return
  await s.install('.venv', 'one', 'two')
  await ended(s)
  const first = bytecode(s.site)
  assert.equal(Object.keys(first).length, 14)
  const second = await s.environment('second')
  await s.install('second', 'one', 'two')
  // There is nothing left to be done, and so nobody who does it.
  assert.deepEqual(background(s.root), [])
  assert.deepEqual(bytecode(second.site), first)
  const program = 'import one.sub.m1, two.sub.m4; print(one.sub.m1.f0.__code__.co_filename)'
  const ran = spawnSync(second.python, ['-v', '-c', program], { encoding: 'utf8' })
  assert.equal(ran.stdout, `${second.site}/one/sub/m1.py\n`)
  assert.match(ran.stderr, /matches \S*\/second\/\S*\/one\/sub\/m1\.py/)
  assert.doesNotMatch(ran.stderr, /(?:wrote|bytecode is stale for|could not create) \S*(?:one|two)/)
  assert.deepEqual(bytecode(second.site), first)
  await s.done('--python', 'second', 'uninstall', '-y', 'one', 'two')
  assert.deepEqual(fs.readdirSync(second.site), [])
  assert.deepEqual(bytecode(s.site), first)
})

test('bytecode of a large change is linked after it', { skip }, async (t) => {
  const s = await scene(t, [wheel('large', 30, 1600)])
  if (s === undefined) return
  await s.install('.venv', 'large')
  await ended(s)
  const first = bytecode(s.site)
  assert.equal(Object.keys(first).length, 32)
  const second = await s.environment('second')
  await s.install('second', 'large')
  await ended(s)
  assert.deepEqual(bytecode(second.site), first)
  await s.done('--python', 'second', 'uninstall', '-y', 'large')
  assert.deepEqual(fs.readdirSync(second.site), [])
})

test('--no-compile and DEN_COMPILE_BYTECODE=never mean none of it', { skip }, async (t) => {
  const s = await scene(t, [wheel('one', 5)])
  if (s === undefined) return
  await s.install('.venv', 'one')
  await ended(s)
  const second = await s.environment('second')
  await s.install('second', '--no-compile', 'one')
  assert.deepEqual([bytecode(second.site), background(s.root)], [{}, []])
})

test('a kill in the background leaves what the next install goes on from', { skip }, async (t) => {
  const s = await scene(t, [wheel('one', 400), wheel('two', 3)])
  if (s === undefined) return
  await s.install('.venv', 'one', 'two')
  await until('the compiler works', () => background(s.root).length > 1)
  stopBackground(s.root)
  await ended(s)
  assert.deepEqual(bytecode(s.site), {})
  assert.equal(await s.python('import one.sub.m1 as m; print(m.number)'), '1')
  const own = bytecode(path.join(s.site, 'one'))
  const second = await s.environment('second')
  await s.install('second', 'one', 'two')
  await ended(s)
  assert.equal(Object.keys(bytecode(second.site)).length, 407)
  // What Python wrote itself is left to it.
  assert.deepEqual(bytecode(path.join(s.site, 'one')), own)
  assert.deepEqual((await s.den('check', '.venv')).code, 0)
})

test('an environment that goes meanwhile is gone', { skip }, async (t) => {
  const s = await scene(t, [wheel('one', 300)])
  if (s === undefined) return
  await s.install('.venv', 'one')
  await s.environment('second')
  const removed = await s.den('env', 'remove', '--force', 'second')
  assert.equal(removed.code, 0, removed.stderr)
  await s.done('uninstall', '-y', 'one')
  assert.deepEqual(fs.readdirSync(s.site), [])
  fs.rmSync(path.join(s.root, '.venv'), { recursive: true })
  await ended(s)
  assert.deepEqual(
    fs.readdirSync(s.root).filter((name) => !name.startsWith('.home')),
    [],
  )
  // For the next one it was not in vain.
  assert.equal(Object.keys(bytecode(s.store)).length, 302)
})

test('removed the moment after it was filled, with the bytecode on its way', { skip }, async (t) => {
  const s = await scene(t, [wheel('large', 300, 1600)])
  if (s === undefined) return
  await s.install('.venv', 'large')
  await ended(s)
  for (let turn = 0; turn < 4; turn += 1) {
    const place: string = (await s.environment(`e${turn}`)).root
    await s.install(`e${turn}`, 'large')
    await new Promise((resolve) => setTimeout(resolve, turn * 25))
    const ran = spawnSync('rm', ['-rf', place], { encoding: 'utf8' })
    assert.deepEqual([ran.status, ran.stderr, fs.existsSync(place)], [0, '', false])
  }
  await ended(s)
  assert.deepEqual(
    fs.readdirSync(s.root).filter((name) => /^e\d/.test(name)),
    [],
  )
})

test('a store that can’t be written is no obstacle', { skip }, async (t) => {
  const s = await scene(t, [wheel('one', 5)])
  if (s === undefined) return
  await s.done('install', '-q', '--no-compile', 'one')
  const second = await s.environment('second')
  const work = path.join(s.store, 'v1', 'work')
  fs.rmSync(work, { recursive: true })
  fs.writeFileSync(work, '')
  await s.install('second', 'one')
  await ended(s)
  assert.deepEqual([bytecode(second.site), bytecode(s.store)], [{}, {}])
  const program = 'import one.sub.m1 as m; print(m.number)'
  assert.equal(spawnSync(second.python, ['-c', program], { encoding: 'utf8' }).stdout, '1\n')
})

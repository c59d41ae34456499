// Environments that are made with packages in them: the same as made first and filled then, at once for several, and there with all of their
// packages or not at all, whatever ends den.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { create } from '../../src/commands/create.ts'
import { placesOf } from '../../src/config/places.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import type { Disk } from '../../src/host/disk.ts'
import { realDisk } from '../../src/host/disk.ts'
import { sha256Hex } from '../../src/host/hash.ts'
import { type DenRun, den, denCommand, denEnvironment } from '../kit/den.ts'
import { Cut, countingDisk, dyingDisk, volatileDisk } from '../kit/faults-disk.ts'
import { type ServedIndex, servedWheel, serveIndex } from '../kit/index-server.ts'
import { pythonOr } from '../kit/pythons.ts'
import { randomFrom } from '../kit/random.ts'
import { scratch } from '../kit/scratch.ts'
import type { WheelInput } from '../kit/wheel.ts'

/** So many that a set is remembered of them; one has a script, one data in two places, one needs another. */
const wheels: readonly WheelInput[] = [
  ...[1, 2, 3, 4, 5, 6, 7].map(
    (number): WheelInput => ({ name: `one${number}`, version: '1.0', files: { [`one${number}/__init__.py`]: '' } }),
  ),
  { name: 'told', version: '2.0', files: { 'told.py': 'def main(): print("told")' }, scripts: { told: 'told:main' } },
  {
    name: 'App',
    version: '3.0',
    requires: ['told'],
    files: { 'app/__init__.py': '' },
    data: { data: { 'share/app/x.txt': 'x', 'etc/app.conf': 'y' } },
  },
]
const names = [1, 2, 3, 4, 5, 6, 7].map((number) => `one${number}`)

interface Scene {
  readonly root: string
  readonly python: string
  readonly index: ServedIndex
  readonly env: Readonly<Record<string, string>>
  run(words: readonly string[], more?: Readonly<Record<string, string>>): Promise<DenRun>
  site(name: string): string
}

async function scene(t: TestContext): Promise<Scene | undefined> {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return undefined
  const root = scratch(t)
  const other = { name: 'pip', version: '99.0', files: { 'pip/__init__.py': '' } }
  const files = [...wheels, other].map((wheel) => servedWheel(wheel))
  const index = await serveIndex(t, files, { cacheControl: 'max-age=600' })
  const env = { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null', DEN_COMPILE_BYTECODE: 'never' }
  fs.writeFileSync(path.join(root, 'wanted.txt'), [...names, 'app', ''].join('\n'))
  return {
    root,
    python: python.executable,
    index,
    env,
    run: (words, more = {}) => den(words, { cwd: root, env: { ...env, ...more } }),
    site: (name) => path.join(root, name, 'lib', 'python3.12', 'site-packages'),
  }
}

/** Everything in the environment by its place in it, wherever its generation is; what differs from one to the next is left out. */
function picture({ root }: Scene, name: string): Readonly<Record<string, string>> {
  const top = path.join(root, name)
  const seen: Record<string, string> = {}
  const walk = (directory: string, below: string): void => {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      const place = path.join(directory, entry.name)
      const told = `${below}/${entry.name}`.replace(/generations\/\d+/, 'generations/N')
      if (/__pycache__|\.den\/(?:lock|new|old)|history\/0/.test(told)) continue
      if (entry.isDirectory()) walk(place, told)
      else if (entry.isSymbolicLink())
        seen[told] = `-> ${fs.readlinkSync(place).replace(/generations\/\d+/, 'generations/N')}`
      else if (entry.name !== 'RECORD' && told !== '/pyvenv.cfg')
        seen[told] = sha256Hex(fs.readFileSync(place, 'utf8').replaceAll(top, 'ROOT')).slice(0, 12)
    }
  }
  walk(top, '')
  return seen
}

/** The generation that create made stays for a day in those that were filled later. */
const current = (found: Readonly<Record<string, string>>, s: Scene, name: string): readonly string[] => {
  assert.equal(fs.readdirSync(path.join(s.root, name, '.den/generations')).length, 1)
  return Object.keys(found)
}

test('several at once are as they would be if they had been made first and filled then', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  assert.equal((await s.run(['create', '-p', s.python, '--link-mode', 'instant', 'slow'])).code, 0)
  assert.equal((await s.run(['pip', '--python', 'slow', 'install', '-r', 'wanted.txt'])).code, 0)
  fs.rmSync(path.join(s.root, 'slow/.den/generations/1'), { recursive: true })
  const asked = s.index.paths().length
  // So many that another thread helps.
  const many = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']
  const words = ['create', '-p', s.python, '--link-mode', 'instant', '-r', 'wanted.txt', ...many]
  const made = await s.run(words)
  assert.equal(made.code, 0, made.stderr)
  assert.match(made.stderr, /created a1 .*\n.*\n?created a2 [\s\S]*with 9 packages/)
  assert.equal(s.index.paths().length, asked, 'what was resolved before is not asked again')
  const like = picture(s, 'slow')
  for (const name of many) {
    const found = picture(s, name)
    assert.deepEqual(current(found, s, name), Object.keys(like))
    assert.deepEqual(found, like)
    assert.equal(fs.realpathSync(path.join(s.root, name, 'share')), path.join(s.root, name, '.den/generations/1/share'))
    const told: string = spawnSync(path.join(s.root, name, 'bin/told'), { encoding: 'utf8' }).stdout
    assert.equal(told, 'told\n')
    const checked = await s.run(['check', name])
    assert.equal(checked.code, 0, checked.stdout)
  }
  const history = JSON.parse((await s.run(['history', '--json', '-C', 'a2'])).stdout)
  assert.equal(JSON.stringify(history).includes('"app"'), true)
  assert.equal((await s.run(['undo', '-C', 'a3'])).code, 0)
  assert.deepEqual(
    fs.readdirSync(s.site('a3')).filter((name) => name.endsWith('.dist-info')),
    fs.readdirSync(s.site('a3')).filter((name) => name.startsWith('pip-')),
  )
  const listed = JSON.parse((await s.run(['env', 'list', '--json'])).stdout)
  assert.equal(JSON.stringify(listed).includes(path.join(s.root, 'a3')), true)
  // Again: they are there, and have what is asked for.
  const again = await s.run([...words, 'a8'])
  assert.equal(again.code, 0, again.stderr)
  assert.match(again.stderr, /a1 is there already[\s\S]*created a8/)
  assert.deepEqual(picture(s, 'a8'), like)
})

test('what was put in ordinarily, what is there already and what replaces a seed', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const made = await s.run(['create', '-p', s.python, '--with', 'app', '--json', 'plain', 'other'])
  assert.equal(made.code, 0, made.stderr)
  assert.deepEqual(JSON.parse(made.stdout).packages, [
    { name: 'App', version: '3.0' },
    { name: 'told', version: '2.0' },
  ])
  for (const name of ['plain', 'other']) {
    assert.equal(fs.lstatSync(path.join(s.site(name), 'app')).isSymbolicLink(), false)
    assert.equal(fs.readFileSync(path.join(s.root, name, 'share/app/x.txt'), 'utf8'), 'x')
    assert.equal((await s.run(['check', name])).code, 0)
    const listed = (await s.run(['pip', '--python', name, 'list', '--format=freeze'])).stdout
    assert.match(listed, /^App==3\.0\npip==.*\+den\ntold==2\.0$/m)
  }
  assert.equal((await s.run(['create', '-p', s.python, '--with', 'one1', 'plain'])).code, 0)
  assert.equal(fs.existsSync(path.join(s.site('plain'), 'one1')), true)
  assert.equal((await s.run(['create', '-p', s.python, '--clear', '--with', 'one2', 'plain'])).code, 0)
  assert.deepEqual(
    [1, 2].map((number) => fs.existsSync(path.join(s.site('plain'), `one${number}`))),
    [false, true],
  )
  for (const mode of ['instant', 'hardlink']) {
    const words = ['create', '-p', s.python, '--link-mode', mode, '--with', 'pip==99.0', '--with', 'one1', mode]
    const other = await s.run(words)
    assert.equal(other.code, 0, other.stderr)
    const { stdout } = await s.run(['pip', '--python', mode, 'list', '--format=freeze'])
    assert.equal(stdout, 'one1==1.0\npip==99.0\n')
  }
})

test('what cannot be had leaves no environment behind', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const none = await s.run(['create', '-p', s.python, '--link-mode', 'instant', '--with', 'nowhere', 'deep/in/a', 'b'])
  assert.equal(none.code, 1)
  assert.match(none.stderr, /nowhere/)
  assert.deepEqual(fs.readdirSync(s.root).sort(), ['wanted.txt'])
  assert.equal((await s.run(['create', '-p', s.python, '--with', 'app', 'old'])).code, 0)
  const old = picture(s, 'old')
  const cleared = await s.run(['create', '-p', s.python, '--clear', '--with', 'nowhere', 'old'])
  assert.equal(cleared.code, 1)
  assert.deepEqual(picture(s, 'old'), old, 'what stands gives way only to what can be had')
  assert.deepEqual(fs.readdirSync(s.root).sort(), ['old', 'wanted.txt'])
  const dry = await s.run(['create', '-p', s.python, '--dry-run', '--with', 'app', 'a'])
  assert.equal(dry.code, 2)
  assert.match(dry.stderr, /--dry-run/)
})

test('killed at a change, or with a full disk, each is there with all of its packages or not at all', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const words = ['create', '-p', s.python, '--link-mode', 'instant', '-r', 'wanted.txt']
  assert.equal((await s.run([...words, 'like'])).code, 0)
  const like = picture(s, 'like')
  const log = path.join(s.root, 'count')
  assert.equal((await s.run([...words, 'c1', 'c2'], { DEN_TEST_FAULT: `count:${log}` })).code, 0)
  const changes = Number(fs.readFileSync(log, 'utf8'))
  const seen = { neither: 0, one: 0, both: 0 }
  const points = Array.from({ length: changes }, (_, at) => at + 1).filter((at) => at % 17 === 0 || at > changes - 12)
  for (const at of points) {
    for (const how of at % 2 === 0 ? ['kill'] : ['kill', 'ENOSPC']) {
      const pair = [`${how}${at}x`, `${how}${at}y`]
      const ended = await s.run([...words, ...pair], { DEN_TEST_FAULT: `${how}:${at}` })
      const there: readonly string[] = pair.filter((name) => fs.existsSync(path.join(s.root, name)))
      for (const name of there) assert.deepEqual(picture(s, name), like, `${how} at ${at}`)
      seen[there.length === 0 ? 'neither' : there.length === 1 ? 'one' : 'both'] += 1
      const left = (): readonly string[] => fs.readdirSync(s.root).filter((name) => name.includes('.den-'))
      if (how === 'ENOSPC' && ended.code !== 0) assert.deepEqual(left(), [], `${how} at ${at}`)
      const again: DenRun = await s.run([...words, ...pair])
      assert.equal(again.code, 0, `${how} at ${at}: ${again.stderr}`)
      for (const name of pair) assert.deepEqual(picture(s, name), like, `${how} at ${at}`)
      assert.deepEqual(left(), [], `${how} at ${at}`)
    }
  }
  t.diagnostic(`${points.length} of ${changes} changes: ${JSON.stringify(seen)}`)
  assert.ok(seen.neither > 0 && seen.both > 0)
})

test('killed while two threads are at it, each is there with all of its packages or not at all', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const words = ['create', '-q', '-p', s.python, '--link-mode', 'instant', '-r', 'wanted.txt']
  const env = denEnvironment(s.root, s.env)
  const [program, ...before] = denCommand()
  /** Kills it as soon as so many are begun. */
  const run = (names: readonly string[], enough = Number.POSITIVE_INFINITY): Promise<string> =>
    new Promise((resolve) => {
      const child = spawn(program!, [...before, ...words, ...names], { env, cwd: s.root, stdio: 'ignore' })
      const begun = (): number =>
        fs.readdirSync(s.root).filter((name) => name.includes(`${names[0]!.split('x')[0]}x`)).length
      const timer = setInterval(() => begun() >= enough && child.kill('SIGKILL'), 2)
      child.on('close', (code, signal) => {
        clearInterval(timer)
        resolve(signal ?? String(code))
      })
    })
  assert.equal(await run(['like']), '0')
  const like = picture(s, 'like')
  let [killed, whole] = [0, 0]
  // More than are forced to the disk at once: some have their names by then.
  for (const enough of [3, 20, 45, 53, 58]) {
    const names = Array.from({ length: 60 }, (_, at) => `m${enough}x${at}`)
    if ((await run(names, enough)) === 'SIGKILL') killed += 1
    for (const name of names) {
      if (!fs.existsSync(path.join(s.root, name))) continue
      whole += 1
      assert.deepEqual(picture(s, name), like, `${name}, killed when ${enough} were begun`)
    }
    assert.equal(await run(names), '0')
    for (const name of names) assert.deepEqual(picture(s, name), like, name)
    assert.deepEqual(
      fs.readdirSync(s.root).filter((name) => name.includes('.den-')),
      [],
    )
  }
  t.diagnostic(`${killed} of 5 were killed in time; ${whole} environments stood then`)
  assert.ok(killed >= 3 && whole > 0)
})

test('a power cut takes an environment with all that is in it, or nothing of it', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const home = path.join(s.root, 'home')
  const host = defaultHost({ cwd: s.root, home, env: { ...s.env, PATH: process.env['PATH'] ?? '', HOME: home } })
  const make = async (disk: Disk, ...paths: readonly string[]): Promise<void> => {
    const own = { ...host, disk }
    const request = { paths, python: s.python, linkMode: 'instant', with: { requirements: ['wanted.txt'] } } as const
    await create({ host: own, places: placesOf(own), report: () => undefined }, request)
  }
  await make(realDisk, 'like')
  const like = picture(s, 'like')
  const { linkTrees: _, placeRows: __, ...single } = realDisk
  const counting = countingDisk(single)
  await make(counting.disk, 'c1', 'c2')
  const changes = counting.count()
  const seen = { neither: 0, one: 0, both: 0 }
  for (let at = changes + 1; at > 0; at -= at > changes - 15 ? 1 : 23) {
    const attic = path.join(s.root, 'attic')
    const power = volatileDisk(single, attic, randomFrom(at))
    const pair = [`at${at}x`, `at${at}y`]
    await make(dyingDisk(power.disk, at), ...pair).catch((error: unknown) =>
      assert.ok(error instanceof Cut, String(error)),
    )
    power.cut()
    const there: readonly string[] = pair.filter((name) => fs.existsSync(path.join(s.root, name)))
    for (const name of there) assert.deepEqual(picture(s, name), like, `at ${at}`)
    seen[there.length === 0 ? 'neither' : there.length === 1 ? 'one' : 'both'] += 1
    fs.rmSync(attic, { recursive: true })
  }
  t.diagnostic(`${changes} changes: ${JSON.stringify(seen)}`)
  assert.ok(seen.neither > 0 && seen.both > 0)
})

// 32 dens at once, through the real executable: one store, one environment, installs, removals and collections mixed, some of them killed.
// None fails, the environment is whole at the end, and no lock outlives its holder.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { runToEnd } from '../kit/child.ts'
import { type DenRun, den, denCommand, denEnvironment } from '../kit/den.ts'
import { servedWheel, serveIndex } from '../kit/index-server.ts'
import { pythonOr } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'
import type { WheelInput } from '../kit/wheel.ts'

function project(name: string, version: string): WheelInput {
  const files: Record<string, string> = { [`${name}/__init__.py`]: `version = '${version}'\n` }
  for (let index = 0; index < 12; index += 1) files[`${name}/m${index}.py`] = `${name} = '${version} ${index}'\n`
  return { name, version, files, scripts: { [name]: `${name}:main` } }
}

const names = ['one', 'two', 'three', 'four']

interface Scene {
  readonly root: string
  readonly env: Readonly<Record<string, string>>
  den(...args: readonly string[]): Promise<DenRun>
  /** Ends it after so many milliseconds, as the system does when memory is short. */
  killed(milliseconds: number, ...args: readonly string[]): Promise<string>
}

async function scene(t: TestContext): Promise<Scene | undefined> {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return undefined
  const root = scratch(t)
  const wheels = names.flatMap((name) => [servedWheel(project(name, '1.0')), servedWheel(project(name, '2.0'))])
  const index = await serveIndex(t, wheels)
  const home = path.join(root, 'home')
  const env = { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null', HOME: home }
  const run = (...args: readonly string[]): Promise<DenRun> => den(args, { cwd: root, env, timeout: 240_000 })
  const made = await run('create', '-p', python.executable, '--seed', 'none', '.venv')
  assert.equal(made.code, 0, made.stderr)
  const killed = async (milliseconds: number, ...args: readonly string[]): Promise<string> => {
    const options = { cwd: root, env: denEnvironment(home, env), killAfter: milliseconds }
    const { code, signal } = await runToEnd([...denCommand(), ...args], options)
    return signal ?? `ended with ${code}`
  }
  return { root, env, den: run, killed }
}

/** What stands in site-packages, each distribution whole: its modules all of one version, and no part of another. */
function standing(root: string): Readonly<Record<string, string>> {
  const site = path.join(root, '.venv/lib/python3.12/site-packages')
  const found: Record<string, string> = {}
  for (const name of names) {
    const infos = fs.readdirSync(site).filter((entry) => entry.startsWith(`${name}-`))
    assert.ok(infos.length <= 1, `${name}: ${infos}`)
    const package_ = path.join(site, name)
    if (infos.length === 0) {
      assert.equal(fs.existsSync(package_), false, `${name} is not installed, and its modules are there`)
      continue
    }
    const version = /-(.*)\.dist-info$/.exec(infos[0]!)![1]!
    for (let index = 0; index < 12; index += 1)
      assert.equal(
        fs.readFileSync(path.join(package_, `m${index}.py`), 'utf8'),
        `${name} = '${version} ${index}'\n`,
        `${name} ${version}`,
      )
    assert.ok(fs.existsSync(path.join(root, '.venv/bin', name)), `the script of ${name}`)
    found[name] = version
  }
  return found
}

/** Nothing is left over, and whoever comes next gets every lock at once. */
async function checkQuiet(s: Scene): Promise<void> {
  const journal = path.join(s.root, 'home/den-home/journal')
  const open = fs.existsSync(journal) ? fs.readdirSync(journal).filter((name) => name.endsWith('.open')) : []
  assert.deepEqual(open, [])
  const own = fs.readdirSync(path.join(s.root, '.venv/.den')).filter((name) => !/^(?:lock|history)$/.test(name))
  assert.deepEqual(own, [])
  const started = performance.now()
  const last = await s.den('pip', 'install', 'one==1.0', 'two==2.0', 'three==1.0', 'four==2.0')
  assert.equal(last.code, 0, last.stderr)
  assert.ok(performance.now() - started < 30_000, 'a lock was waited for')
  assert.deepEqual(standing(s.root), { one: '1.0', two: '2.0', three: '1.0', four: '2.0' })
  const checked = await s.den('check')
  assert.equal(checked.code, 0, checked.stdout)
}

test('32 processes install, remove and collect in one environment: none fails, nothing is broken', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const works = Array.from({ length: 32 }, (_, index): readonly string[] => {
    const name = names[index % 4]!
    const version = (index >> 2) % 2 === 0 ? '1.0' : '2.0'
    if (index % 8 === 7) return ['pip', 'uninstall', '-y', name]
    if (index % 8 === 3) return ['pip', 'install', `one==${version}`, `two==${version}`]
    if (index % 8 === 5) return ['store', 'collect']
    return ['pip', 'install', `${name}==${version}`]
  })
  const ended = await Promise.all(works.map((work) => s.den(...work)))
  let refused = 0
  for (const [index, { code, stderr }] of ended.entries()) {
    // The collector does not wait for those who link; it says so.
    if (works[index]![0] === 'store' && /store-busy/.test(stderr)) refused += 1
    else assert.equal(code, 0, `${works[index]!.join(' ')}: ${stderr}`)
  }
  standing(s.root)
  await checkQuiet(s)
  t.diagnostic(
    `32 processes: 0 failed, 0 environments broken (${refused} of 4 collections said that the store is in use)`,
  )
})

test('32 processes, half of them killed on the way: the others get the locks, and nothing is broken', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  const kills: Promise<string>[] = []
  const runs: Promise<DenRun>[] = []
  for (let index = 0; index < 32; index += 1) {
    const name = names[index % 4]!
    const work = ['pip', 'install', `${name}==${index % 3 === 0 ? '1.0' : '2.0'}`]
    if (index % 2 === 0) kills.push(s.killed(50 + index * 60, ...work))
    else runs.push(s.den(...work))
  }
  for (const { code, stderr } of await Promise.all(runs)) assert.equal(code, 0, stderr)
  const ends = await Promise.all(kills)
  // Any next command finishes what the killed ones left.
  assert.equal((await s.den('env', 'list')).code, 0)
  standing(s.root)
  await checkQuiet(s)
  const died = ends.filter((end) => end === 'SIGKILL').length
  assert.ok(died > 0, ends.join())
  t.diagnostic(`16 processes of 32 were to be killed, ${died} were: 0 of the others failed, 0 environments broken`)
})

test('an environment is not removed or moved under an install, and an install does not bring a removed one back', async (t) => {
  const s = await scene(t)
  if (s === undefined) return
  for (let round = 0; round < 8; round += 1) {
    const place = path.join(s.root, 'there')
    const python = pythonOr(t, '3.12')!
    const made: DenRun = await s.den('create', '-p', python.executable, '--seed', 'none', 'there')
    assert.equal(made.code, 0, made.stderr)
    const [installed, removed]: readonly [DenRun, DenRun] = await Promise.all([
      s.den('pip', '--python', './there', 'install', 'one', 'two', 'three', 'four'),
      // Before it, in the midst of it, after it.
      pause(round * 20).then(() =>
        s.den('env', round % 2 === 0 ? 'remove' : 'mv', 'there', ...(round % 2 === 0 ? [] : [`moved${round}`])),
      ),
    ])
    assert.equal(removed.code, 0, removed.stderr)
    assert.equal(fs.existsSync(place), false, `round ${round}: ${fs.existsSync(place) ? fs.readdirSync(place) : ''}`)
    if (installed.code !== 0) assert.match(installed.stderr, /environment-not-found|io-failed|python-broken/)
    const moved = path.join(s.root, `moved${round}`)
    if (round % 2 === 1) {
      const checked = await s.den('check', moved)
      assert.equal(checked.code, 0, checked.stdout)
    }
  }
})

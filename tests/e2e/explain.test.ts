// The oracle of `den explain`: what den computes from files is what each real Python of this machine says of itself, over generated
// environments, variables, options and .pth files. DEN_TEST_CASES raises the number of cases for each Python (40), DEN_TEST_SEED
// chooses others.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { create } from '../../src/commands/create.ts'
import { explain } from '../../src/commands/explain.ts'
import { explainSysPath } from '../../src/env/explain/sys-path.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import { inspectPython } from '../../src/python/inspect.ts'
import type { Interpreter } from '../../src/python/interpreter.ts'
import { testContext } from '../kit/context.ts'
import { peerProgram, peers } from '../kit/oracle.ts'
import { pythonOr, pythons } from '../kit/pythons.ts'
import { type Cleanup, scratch } from '../kit/scratch.ts'
import { askOracle, makeCase, type SysPathAnswer, type SysPathCase } from '../kit/sys-path-cases.ts'

const count = Number(process.env['DEN_TEST_CASES'] ?? 40)
const firstSeed = Number(process.env['DEN_TEST_SEED'] ?? 1)
/** A directory with venvs called virtualenv-20 and virtualenv-16, the last lines that make environments for 2.7. */
const oldVirtualenvs = process.env['DEN_OLD_VIRTUALENVS']

/** Python is never started by the code under test. */
function hostOf(one: SysPathCase) {
  return defaultHost({
    env: one.env,
    cwd: one.cwd,
    home: one.home,
    spawn: () => Promise.reject(new Error('den explain started a program')),
  })
}

function answerOf(interpreter: Interpreter, one: SysPathCase): SysPathAnswer | string {
  const { executable, options } = one
  const mine = explainSysPath(hostOf(one), { interpreter, executable, options })
  for (const entry of mine.entries) assert.notEqual(entry.why, '', `${entry.path} has no reason`)
  if (!mine.starts) return mine.problems.map(({ what }) => what).join('; ')
  const site = mine.enableUserSite !== undefined
  return {
    executable: mine.executable,
    prefix: mine.prefix,
    execPrefix: mine.execPrefix,
    basePrefix: mine.basePrefix,
    path: mine.entries.map((entry) => entry.path),
    sitePackages: mine.sitePackages,
    userBase: site ? mine.userBase : undefined,
    userSite: site ? mine.userSite : undefined,
    enableUserSite: mine.enableUserSite,
  }
}

/** Environments by the tools at hand, each with and without the system's packages. */
async function readyEnvironments(t: Cleanup, interpreter: Interpreter): Promise<readonly string[]> {
  const root = scratch(t)
  const made: string[] = []
  const run = (command: string, args: readonly string[], place: string): void => {
    if (!fs.existsSync(command)) return
    const done = spawnSync(command, [...args, path.join(root, place)], {
      env: { PATH: '/usr/bin:/bin', HOME: root, UV_CACHE_DIR: path.join(root, 'cache'), UV_OFFLINE: '1' },
    })
    if (done.status === 0) made.push(path.join(root, place))
  }
  const { executable, version } = interpreter
  for (const [suffix, flags] of [
    ['', []],
    ['-system', ['--system-site-packages']],
  ] as const) {
    const core = testContext(t, { root })
    await create(core, {
      paths: [path.join(root, `den${suffix}`)],
      python: executable,
      systemSitePackages: suffix !== '',
    })
    made.push(path.join(root, `den${suffix}`))
    if (version.major === 3) run(executable, ['-m', 'venv', '--without-pip', ...flags], `venv${suffix}`)
    if (peers !== undefined && version.major === 3) {
      run(peerProgram('uv'), ['venv', '-q', '-p', executable, ...flags], `uv${suffix}`)
      run(peerProgram('virtualenv'), ['-q', '--no-seed', '-p', executable, ...flags], `virtualenv${suffix}`)
    }
    for (const line of oldVirtualenvs !== undefined && version.major === 2 ? ['virtualenv-20', 'virtualenv-16'] : []) {
      const bare = ['--no-download', '--no-pip', '--no-setuptools', '--no-wheel', '-p', executable, ...flags]
      run(path.join(oldVirtualenvs!, line, 'bin/virtualenv'), bare, `${line}${suffix}`)
    }
  }
  return made
}

/** Some at a time: most of a case is waiting for a process. */
async function eachOf(seeds: readonly number[], work: (seed: number) => Promise<void>): Promise<void> {
  const left = [...seeds]
  const worker = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) await work(seed)
  }
  await Promise.all([worker(), worker(), worker()])
}

const known = pythons()
test('the oracle has Pythons to ask', { skip: known.length > 0 ? false : 'NOT TESTED: no real Python here' }, () => {
  assert.ok(known.length > 0)
})

const asksOld =
  oldVirtualenvs === undefined
    ? 'NOT TESTED: DEN_OLD_VIRTUALENVS names no directory with virtualenv-20 and virtualenv-16'
    : false
test("virtualenv's own environments for 2.7 are among those asked about", { skip: asksOld }, () => {
  for (const name of ['virtualenv-20', 'virtualenv-16']) {
    assert.ok(fs.existsSync(path.join(oldVirtualenvs!, name, 'bin', 'virtualenv')), name)
  }
})

for (const { version, executable } of known) {
  test(`explainSysPath() says what Python ${version} says (${executable})`, async (t) => {
    const { interpreter } = await inspectPython(testContext(t), executable)
    assert.ok(interpreter !== undefined)
    const environments = await readyEnvironments(t, interpreter)
    t.diagnostic(`environments: ${environments.map((one) => path.basename(one)).join(' ')}`)
    const root = scratch(t)
    let started = 0
    await eachOf(
      Array.from({ length: count }, (_, index) => firstSeed + index),
      async (seed) => {
        const directory = path.join(root, String(seed))
        fs.mkdirSync(directory)
        const one = makeCase({ interpreter, seed, directory, environments })
        const real = await askOracle(one)
        const mine = answerOf(interpreter, one)
        const story = `seed ${seed}: ${one.label}\n${one.executable} ${JSON.stringify(one.options)}`
        if (typeof real === 'string') assert.equal(typeof mine, 'string', `${story}\nPython does not start: ${real}`)
        else {
          assert.deepEqual(mine, real, story)
          started += 1
        }
        fs.rmSync(directory, { recursive: true, force: true })
      },
    )
    assert.ok(started > count / 2, `only ${started} of ${count} cases started Python`)
  })
}

test('explain() tells an environment, its Python, what activation changes and who decides', async (t) => {
  const python = pythonOr(t, '3.12') ?? pythonOr(t, '3.11')
  if (python === undefined) return
  const core = testContext(t, { env: { PIP_TARGET: '/elsewhere', PYTHONPATH: 'src' } })
  const root = path.join(core.root, 'env')
  await create(core, { paths: [root], python: python.executable })
  const result = await explain(core, { path: root })
  assert.equal(result.subject.kind, 'environment')
  assert.equal(result.sysPath?.prefix, root)
  assert.equal(result.sysPath?.enableUserSite, false)
  assert.deepEqual(result.change?.pathAfter, [path.join(root, 'bin'), '/usr/bin', '/bin'])
  assert.deepEqual(result.change?.pathBefore, ['/usr/bin', '/bin'])
  assert.equal(result.activation.kind, 'none')
  const deciding = result.variables.filter(({ decides }) => decides).map(({ name }) => name)
  assert.deepEqual(deciding, ['PYTHONPATH', 'PIP_TARGET'])
  assert.ok(
    result.sysPath?.said.some(({ from }) => from.kind === 'file' && from.file === path.join(root, 'pyvenv.cfg')),
  )
  // Plain data, for --json and for other programs.
  assert.deepEqual(JSON.parse(JSON.stringify(result)), result)
})

test('explain() notices that the active environment is not in effect', async (t) => {
  const python = pythonOr(t, '3.11')
  if (python === undefined) return
  const root = scratch(t)
  const env = path.join(root, 'env')
  const context = testContext(t, { root, env: { VIRTUAL_ENV: env } })
  await create(context, { paths: [env], python: python.executable })
  const off = await explain(context)
  assert.equal(off.activation.kind, 'not-in-effect')
  assert.match(off.activation.why[0]!, /is not on PATH/)
  const on = testContext(t, { root, env: { VIRTUAL_ENV: env, PATH: `${env}/bin:/usr/bin:/bin` } })
  assert.equal((await explain(on)).activation.kind, 'in-effect')
  const alias = await explain(on, { shell: { aliases: { python: '/usr/bin/python3' } } })
  assert.equal(alias.activation.kind, 'not-in-effect')
  assert.deepEqual(alias.activation.fix, ['unalias python'])
})

test('explain() follows a script to its Python, and never starts what is not called like one', async (t) => {
  const python = pythonOr(t, '3.11')
  if (python === undefined) return
  const root = scratch(t, {
    'tools/pip': `#!${python.executable}\nimport sys\n`,
    'tools/deploy.sh': '#!/bin/sh\ntouch "$0.ran"\n',
  })
  for (const name of ['pip', 'deploy.sh']) fs.chmodSync(path.join(root, 'tools', name), 0o755)
  const core = testContext(t, { root })
  const { subject, python: explained } = await explain(core, { path: 'tools/pip' })
  assert.equal(explained?.executable, python.executable)
  assert.match(subject.kind === 'python' ? subject.because : '', /tools\/pip is a script run by /)
  await assert.rejects(explain(core, { path: 'tools/deploy.sh' }), { code: 'python-not-asked' })
  assert.deepEqual(fs.readdirSync(path.join(root, 'tools')).sort(), ['deploy.sh', 'pip'])
})

test('explain() calls .venv as activation does, and says that one stands in it', async (t) => {
  const python = pythonOr(t, '3.11')
  if (python === undefined) return
  const core = testContext(t)
  const project = path.join(core.root, 'shop')
  await create(core, { paths: [path.join(project, '.venv')], python: python.executable })
  const within = { ...core, host: { ...core.host, cwd: path.join(project, '.venv', 'bin') } }
  const { subject, change } = await explain(within)
  const expected = { root: path.join(project, '.venv'), name: 'shop', by: 'project', inside: true }
  assert.deepEqual(subject, { kind: 'environment', madeBy: 'den', systemSitePackages: false, ...expected })
  assert.equal(change?.variables.find(({ name }) => name === 'VIRTUAL_ENV_PROMPT')?.after, 'shop')
})

test("explain() tells of conda's environments what conda's activation does", async (t) => {
  const root = scratch(t, { 'envs/web/conda-meta/python-3.12.1-h0_0.json': '{}', 'envs/web/bin/python': '' })
  const web = path.join(root, 'envs/web')
  const core = testContext(t, { root, env: { CONDA_PREFIX: web } })
  const { change, activation } = await explain(core, { path: web })
  assert.deepEqual(
    change?.variables.map(({ name }) => name),
    ['PATH', 'CONDA_PREFIX', 'CONDA_DEFAULT_ENV', 'PS1'],
  )
  assert.equal(activation.kind, 'not-in-effect')
  assert.match(activation.why[0]!, /PATH was set anew since conda activated it/)
})

test('explain() tells what runs where pyvenv.cfg and the link have parted', async (t) => {
  const [old, next] = [pythonOr(t, '3.12'), pythonOr(t, '3.11')]
  if (old === undefined || next === undefined) return
  const core = testContext(t)
  const root = path.join(core.root, 'env')
  // venv leaves the link to the first and writes pyvenv.cfg for the second.
  for (const { executable } of [old, next]) spawnSync(executable, ['-m', 'venv', '--without-pip', root])
  const real = spawnSync(path.join(root, 'bin', 'python'), ['-Ic', 'import sys; print(sys.base_prefix, *sys.path[1:])'])
  const { python, sysPath } = await explain(core, { path: root })
  const mine = [sysPath?.basePrefix, ...(sysPath?.entries.map((entry) => entry.path) ?? []).slice(-3)]
  assert.deepEqual(mine, String(real.stdout).trim().split(' '))
  assert.ok(python?.version.startsWith('3.12.'))
})

test('explain() tells a broken environment as broken', async (t) => {
  const root = scratch(t, {
    'env/pyvenv.cfg': 'home = /nowhere/bin\ninclude-system-site-packages = false\n',
    'env/lib/python3.12/site-packages/x.py': '',
  })
  fs.mkdirSync(path.join(root, 'env/bin'))
  fs.symlinkSync('/nowhere/bin/python3.12', path.join(root, 'env/bin/python'))
  const result = await explain(testContext(t, { root }), { path: path.join(root, 'env') })
  assert.equal(result.python, undefined)
  assert.equal(result.problem?.code, 'broken-environment')
})

test('explain() refuses a path where no environment is', async (t) => {
  const context = testContext(t)
  await assert.rejects(explain(context, { path: 'nothing' }), { name: 'DenError', code: 'environment-not-found' })
})

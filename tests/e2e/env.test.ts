// den env mv, cp, remove, size and list on real environments: scripts work after, nothing outside is touched, and a fault at any
// moment leaves one whole environment.

import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { isDenError } from '../../src/base/error.ts'
import { create } from '../../src/commands/create.ts'
import { doctor } from '../../src/commands/doctor.ts'
import { envCopy, envList, envMove, envRemove, envSize } from '../../src/commands/env.ts'
import { realDisk } from '../../src/host/disk.ts'
import { faultyDisk } from '../../src/host/faults.ts'
import { runSource } from '../kit/child.ts'
import { type TestContext, testContext } from '../kit/context.ts'
import { directoriesOf, putDistribution, untrueRows } from '../kit/distribution.ts'
import { peerProgram, skipWithout } from '../kit/oracle.ts'
import { pythonOr, pythons, type Skipping } from '../kit/pythons.ts'
import { type Cleanup, writeTree } from '../kit/scratch.ts'
import { buildWheel, wheelFilename } from '../kit/wheel.ts'

const pyenvRoot = process.env['PYENV_ROOT'] ?? path.join(os.homedir(), '.pyenv')
const context = (t: Cleanup, env: Record<string, string> = {}): TestContext =>
  testContext(t, { env: { PYENV_ROOT: pyenvRoot, ...env } })

/** An environment of den's with one tool in it, and an editable one in its src directory. */
async function withTool(
  t: Cleanup & Skipping,
  core: TestContext,
  line = '3.12',
  name = 'env',
): Promise<string | undefined> {
  const python = pythonOr(t, line)
  if (python === undefined) return undefined
  const root = path.join(core.root, name)
  await create(core, { paths: [root], python: python.executable })
  const environment = directoriesOf(root)
  putDistribution(environment, {
    name: 'tool',
    files: { 'tool.py': 'def main():\n    print("tool ran")\n' },
    scripts: { tool: 'tool:main' },
  })
  const source = path.join(root, 'src', 'editable')
  writeTree(source, { 'editable.py': 'import sys\n\ndef main():\n    sys.stdout.write(__file__)\n' })
  putDistribution(environment, {
    name: 'editable',
    files: {
      '__editable__.editable.pth': `${source}\n`,
      '__editable___finder.py': `MAPPING = {'editable': '${source}/editable.py'}\n`,
    },
    scripts: { editable: 'editable:main' },
    directUrl: JSON.stringify({ url: `file://${source}`, dir_info: { editable: true } }),
  })
  return root
}

const output = (file: string, args: readonly string[] = []): string =>
  execFileSync(file, [...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

async function assertWorks(core: TestContext, root: string): Promise<void> {
  assert.equal(output(path.join(root, 'bin', 'tool')), 'tool ran\n')
  // Python 2 gives the name of the compiled file.
  const ran = output(path.join(root, 'bin', 'editable')).replace(/\.pyc$/, '.py')
  assert.equal(ran, path.join(root, 'src', 'editable', 'editable.py'))
  assert.equal(output(path.join(root, 'bin', 'python'), ['-c', 'import sys; sys.stdout.write(sys.prefix)']), root)
  assert.deepEqual(untrueRows(directoriesOf(root).purelib), [])
  const { environments } = await doctor(core, { path: root })
  assert.deepEqual(environments[0]!.findings, [])
}

/** Every file that names the directory, in bytes that are text. */
function mentions(root: string, old: string): readonly string[] {
  const result = spawnSync('grep', ['-rlIF', '--', old, root], { encoding: 'utf8' })
  return result.stdout.split('\n').filter((line) => line !== '')
}

for (const python of pythons()) {
  test(`envMove() and envCopy() of an environment of Python ${python.version}: everything works at the new path`, async (t) => {
    const core = context(t)
    const root = await withTool(t, core, python.version)
    if (root === undefined) return
    const moved = path.join(core.root, 'a place, with spaces', 'env')
    const result = await envMove(core, { environment: root, to: moved })
    assert.equal(result.done, true)
    assert.equal(fs.existsSync(root), false)
    assert.deepEqual(mentions(moved, root), [])
    await assertWorks(core, moved)
    const copy = path.join(core.root, 'copy')
    await envCopy(core, { environment: moved, to: copy })
    assert.deepEqual(mentions(copy, moved), [])
    await assertWorks(core, copy)
    await assertWorks(core, moved)
    assert.deepEqual(
      (await envList(core)).environments.map((environment) => environment.root).sort(),
      [moved, copy].sort(),
    )
  })
}

test('envMove() keeps what pip installed whole: scripts run, pip lists, checks and uninstalls', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const core = context(t)
  const root = path.join(core.root, 'env')
  execFileSync(python.executable, ['-m', 'venv', root])
  const wheel = {
    name: 'hello',
    version: '1.0',
    files: { 'hello.py': 'def main():\n    print("hello")\n' },
    entryPoints: '[console_scripts]\nhello = hello:main\n',
  }
  const file = path.join(core.root, wheelFilename(wheel))
  fs.writeFileSync(file, buildWheel(wheel))
  const pip = (at: string, ...args: readonly string[]): string =>
    output(path.join(at, 'bin', 'pip'), ['--disable-pip-version-check', ...args])
  pip(root, 'install', '--no-index', '--no-deps', file)
  const moved = path.join(core.root, 'moved')
  await envMove(core, { environment: root, to: moved })
  assert.deepEqual(mentions(moved, `${root}/`), [])
  assert.deepEqual(untrueRows(directoriesOf(moved).purelib), [])
  assert.equal(output(path.join(moved, 'bin', 'hello')), 'hello\n')
  assert.match(pip(moved, 'list'), /hello\s+1\.0/)
  pip(moved, 'uninstall', '--yes', 'hello')
  assert.equal(fs.existsSync(path.join(moved, 'bin', 'hello')), false)
})

test('envMove() keeps compiled files valid, and tracebacks name the new path', async (t) => {
  const core = context(t)
  const root = await withTool(t, core)
  if (root === undefined) return
  const { purelib } = directoriesOf(root)
  writeTree(purelib, { 'fails.py': 'def run():\n    raise ValueError\n' })
  output(path.join(root, 'bin', 'python'), [
    '-B',
    '-c',
    'import py_compile; py_compile.compile(__import__("sys").argv[1])',
    path.join(purelib, 'fails.py'),
  ])
  const moved = path.join(core.root, 'moved')
  for (const how of ['move', 'copy'] as const) {
    const from = how === 'move' ? root : moved
    const to = how === 'move' ? moved : path.join(core.root, 'copy')
    await (how === 'move' ? envMove : envCopy)(core, { environment: from, to })
    const cache = path.join(directoriesOf(to).purelib, '__pycache__')
    const before = fs.readdirSync(cache).map((name) => fs.statSync(path.join(cache, name)).ino)
    const ran = spawnSync(path.join(to, 'bin', 'python'), ['-v', '-c', 'import fails; fails.run()'], {
      encoding: 'utf8',
      env: {},
    })
    assert.match(ran.stderr, /matches .*fails\.py/, 'the .pyc is taken')
    assert.ok(ran.stderr.includes(`File "${directoriesOf(to).purelib}/fails.py"`))
    assert.deepEqual(
      fs.readdirSync(cache).map((name) => fs.statSync(path.join(cache, name)).ino),
      before,
    )
  }
})

test('envCopy() shares what the mode says and never what is written anew', async (t) => {
  const core = context(t)
  const root = await withTool(t, core)
  if (root === undefined) return
  const inode = (file: string): number => fs.statSync(file).ino
  for (const linkMode of ['auto', 'clone', 'copy', 'hardlink'] as const) {
    const copy = path.join(core.root, `by-${linkMode}`)
    const { carried } = await envCopy(core, { environment: root, to: copy, linkMode })
    const module = path.join('lib', 'python3.12', 'site-packages', 'tool.py')
    assert.equal(inode(path.join(copy, module)) === inode(path.join(root, module)), linkMode === 'hardlink')
    assert.notEqual(inode(path.join(copy, 'bin', 'tool')), inode(path.join(root, 'bin', 'tool')))
    assert.notEqual(inode(path.join(copy, 'pyvenv.cfg')), inode(path.join(root, 'pyvenv.cfg')) + 0.5)
    assert.ok((carried?.files ?? 0) > 5)
    assert.equal(fs.statSync(path.join(copy, module)).mtimeMs, fs.statSync(path.join(root, module)).mtimeMs)
    await assertWorks(core, copy)
  }
})

test('envMove() to another file system', async (t) => {
  const core = context(t)
  const root = await withTool(t, core)
  if (root === undefined) return
  if (!fs.existsSync('/dev/shm') || fs.statSync('/dev/shm').dev === fs.statSync(core.root).dev)
    return t.skip('NOT TESTED: there is no second file system (/dev/shm)')
  const other = fs.mkdtempSync('/dev/shm/den-test-')
  t.after(() => fs.rmSync(other, { recursive: true, force: true }))
  const moved = path.join(other, 'env')
  const { carried } = await envMove(core, { environment: root, to: moved })
  assert.equal(carried?.hardLinked, 0)
  assert.equal(fs.existsSync(root), false)
  await assertWorks(core, moved)
})

test('envMove() keeps links: those into the environment follow it, those out of it lead where they led', async (t) => {
  const core = context(t)
  const root = await withTool(t, core)
  if (root === undefined) return
  const outside = path.join(core.root, 'outside')
  writeTree(outside, { 'data.txt': 'data' })
  const share = path.join(root, 'share')
  fs.mkdirSync(share)
  fs.symlinkSync(path.join(root, 'lib'), path.join(share, 'absolute'))
  fs.symlinkSync('../lib', path.join(share, 'relative'))
  fs.symlinkSync('../../outside', path.join(share, 'out'))
  fs.symlinkSync(outside, path.join(share, 'out-absolute'))
  fs.symlinkSync('nowhere', path.join(share, 'dangling'))
  const moved = path.join(core.root, 'deeper', 'down', 'env')
  await envMove(core, { environment: root, to: moved })
  const link = (name: string): string => fs.readlinkSync(path.join(moved, 'share', name))
  assert.deepEqual(
    [link('absolute'), link('relative'), link('out-absolute'), link('dangling')],
    [path.join(moved, 'lib'), '../lib', outside, 'nowhere'],
  )
  assert.equal(fs.readFileSync(path.join(moved, 'share', 'out', 'data.txt'), 'utf8'), 'data')
  await assertWorks(core, moved)
})

test('envMove() and envCopy() refuse what would not work', async (t) => {
  const core = context(t)
  const root = await withTool(t, core)
  if (root === undefined) return
  writeTree(core.root, { 'full/file': 'x', 'conda/conda-meta/history': '', 'plain/file': '' })
  for (const [to, code] of [
    [path.join(core.root, 'full'), 'environment-path-taken'],
    [path.join(core.root, 'full', 'file'), 'environment-path-taken'],
    [path.join(root, 'inside'), 'environment-path-unusable'],
    [path.join(core.root, 'a:b'), 'environment-path-unusable'],
    [path.join(core.root, 'a\nb'), 'environment-path-unusable'],
  ] as const) {
    await assert.rejects(envMove(core, { environment: root, to }), { code }, to)
    await assert.rejects(envCopy(core, { environment: root, to }), { code }, to)
  }
  const to = path.join(core.root, 'new')
  await assert.rejects(envMove(core, { environment: path.join(core.root, 'conda'), to }), {
    code: 'environment-not-movable',
  })
  await assert.rejects(envMove(core, { environment: path.join(core.root, 'plain'), to }), {
    code: 'environment-not-found',
  })
  const planned = await envMove(core, { environment: root, to, dryRun: true })
  assert.equal(planned.done, false)
  assert.ok(planned.rewritten.includes('write bin/tool'))
  assert.deepEqual([fs.existsSync(to), fs.existsSync(root)], [false, true])
  await assertWorks(core, root)
})

test('a named environment is moved to a name', async (t) => {
  const core = context(t)
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  await create(core, { name: 'old', python: python.executable })
  const { to } = await envMove(core, { environment: 'old', to: 'new' })
  assert.equal(to, path.join(core.places.environments, 'new'))
  assert.deepEqual(
    (await envList(core)).environments.map(({ name }) => name),
    ['new'],
  )
})

test('a fault at any change of envMove() leaves one whole environment, and the next command cleans up', async (t) => {
  const core = context(t)
  const template = await withTool(t, core, '3.12', 'env')
  if (template === undefined) return
  const spare = path.join(core.root, 'spare')
  execFileSync('cp', ['-a', template, spare])
  const to = path.join(core.root, 'moved')
  let changes = 0
  for (const how of ['EIO', 'ENOSPC'] as const) {
    for (let at = 1; ; at += how === 'EIO' ? 1 : 3) {
      fs.rmSync(template, { recursive: true, force: true })
      fs.rmSync(to, { recursive: true, force: true })
      execFileSync('cp', ['-a', spare, template])
      const disk = faultyDisk(realDisk, { at, how })
      const faulty: TestContext = { ...core, host: { ...core.host, disk } }
      const failed = await envMove(faulty, { environment: template, to }).then(
        () => false,
        () => true,
      )
      const whole: readonly string[] = [template, to].filter((root) => fs.existsSync(path.join(root, 'pyvenv.cfg')))
      assert.ok(whole.length >= 1, `${how} at change ${at}: no environment is left`)
      // Not the doctor at every step: it would take the time of all other tests.
      for (const root of whole.slice(0, 1))
        assert.equal(output(path.join(root, 'bin', 'tool')), 'tool ran\n', `${how} at ${at}`)
      if (!failed) break
      changes = at
    }
  }
  assert.ok(changes > 30, `only ${changes} changes were tried`)
})

test('kill -9 at moments of envMove() and envRemove(): whole before or after, leftovers go with the next command', async (t) => {
  const core = context(t)
  const template = await withTool(t, core, '3.12', 'env')
  if (template === undefined) return
  const spare = path.join(core.root, 'spare')
  execFileSync('cp', ['-a', template, spare])
  const to = path.join(core.root, 'moved')
  const main = path.resolve(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')
  const den = async (args: readonly string[], fault?: string): Promise<number | null> => {
    const env = { ...core.host.env, ...(fault === undefined ? {} : { DEN_TEST_FAULT: fault }) }
    return (await runSource(main, args, { cwd: core.root, env })).code
  }
  const log = path.join(core.root, 'count')
  await den(['env', 'mv', template, to], `count:${log}`)
  const total = Number(fs.readFileSync(log, 'utf8'))
  for (const at of [2, 9, 20, total - 4, total - 3, total - 2, total - 1]) {
    for (const root of [template, to]) fs.rmSync(root, { recursive: true, force: true })
    execFileSync('cp', ['-a', spare, template])
    assert.equal(await den(['env', 'mv', template, to], `kill:${at}`), null, `killed at ${at} of ${total}`)
    const whole: readonly string[] = [template, to].filter((root) => fs.existsSync(path.join(root, 'pyvenv.cfg')))
    for (const root of whole) assert.equal(output(path.join(root, 'bin', 'tool')), 'tool ran\n', `killed at ${at}`)
    assert.ok(whole.length >= 1)
    for (const root of [template, to]) assert.equal(await den(['env', 'remove', root]), whole.includes(root) ? 0 : 1)
    assert.deepEqual(
      fs.readdirSync(core.root).filter((name) => name.includes('.den-')),
      [],
      `left of what was killed at ${at}`,
    )
  }
  fs.rmSync(to, { recursive: true, force: true })
  execFileSync('cp', ['-a', spare, template])
  assert.equal(await den(['env', 'remove', template], 'kill:2'), null)
  assert.equal(fs.existsSync(template), false)
  await den(['create', template])
  const left = fs.readdirSync(core.root).filter((name) => /\.den-/.test(name))
  assert.deepEqual(left, [])
})

test('envRemove() follows no link, and refuses what is no environment', async (t) => {
  const core = context(t)
  const root = await withTool(t, core)
  if (root === undefined) return
  const outside = path.join(core.root, 'outside')
  writeTree(outside, { 'precious.py': 'x = 1\n' })
  const { purelib } = directoriesOf(root)
  fs.symlinkSync(outside, path.join(purelib, 'linked'))
  fs.symlinkSync(path.join(outside, 'precious.py'), path.join(purelib, 'one.py'))
  fs.mkdirSync(path.join(purelib, 'closed'), { mode: 0o755 })
  fs.writeFileSync(path.join(purelib, 'closed', 'file'), '')
  fs.chmodSync(path.join(purelib, 'closed'), 0o000)
  await assert.rejects(envRemove(core, { environments: [outside] }), { code: 'not-an-environment' })
  await assert.rejects(envRemove(core, { environments: [root, path.join(core.root, 'none')] }), {
    code: 'environment-not-found',
  })
  assert.ok(fs.existsSync(root), 'nothing is removed when one of several is wrong')
  const planned = await envRemove(core, { environments: [root], dryRun: true })
  assert.deepEqual([planned.removed[0]!.removed, fs.existsSync(root)], [false, true])
  const { removed } = await envRemove(core, { environments: [root] })
  assert.ok((removed[0]!.size?.own.files ?? 0) > 5)
  assert.deepEqual(fs.readdirSync(outside), ['precious.py'])
  assert.equal(fs.existsSync(root), false)
  assert.deepEqual((await envList(core)).environments, [])
})

test('envRemove() leaves a project alone whose own directory was made the environment', async (t) => {
  const core = context(t)
  const root = path.join(core.root, 'project')
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  execFileSync(python.executable, ['-m', 'venv', '--without-pip', root])
  writeTree(root, { 'app.py': 'print(1)\n', '.git/config': '' })
  writeTree(core.root, { '.venv': `${root}\n` })
  for (const wanted of [root, '.venv']) {
    for (const dryRun of [true, false]) {
      await assert.rejects(envRemove(core, { environments: [wanted], dryRun, force: true }), (error) => {
        assert.ok(isDenError(error, 'not-an-environment'))
        assert.deepEqual(error.detail, { path: root, holds: ['.git', 'app.py'] })
        return true
      })
    }
  }
  assert.ok(fs.existsSync(path.join(root, 'app.py')))
})

test('envRemove() through a symlinked site-packages leaves what it leads to', async (t) => {
  const core = context(t)
  const root = await withTool(t, core)
  if (root === undefined) return
  const shared = path.join(core.root, 'shared-site')
  fs.renameSync(directoriesOf(root).purelib, shared)
  fs.symlinkSync(shared, path.join(root, 'lib', 'python3.12', 'site-packages'))
  await envRemove(core, { environments: [root] })
  assert.ok(fs.existsSync(path.join(shared, 'tool.py')))
})

test('envRemove() of a link removes the link; of a `.venv` file the environment and the file', async (t) => {
  const core = context(t)
  const root = await withTool(t, core)
  if (root === undefined) return
  const link = path.join(core.root, 'link')
  fs.symlinkSync(root, link)
  const { removed } = await envRemove(core, { environments: [link] })
  assert.equal(removed[0]!.linkTo, root)
  assert.deepEqual([fs.existsSync(link), fs.existsSync(root)], [false, true])
  const file = path.join(core.root, 'project', '.venv')
  writeTree(core.root, { 'project/.venv': '../env\n' })
  const redirected = await envRemove(core, { environments: [file] })
  assert.deepEqual([redirected.removed[0]!.root, redirected.removed[0]!.redirect], [root, file])
  assert.deepEqual([fs.existsSync(file), fs.existsSync(root)], [false, false])
})

test('envRemove() and envMove() refuse an environment in use unless forced', async (t) => {
  const core = context(t)
  const root = await withTool(t, core)
  if (root === undefined) return
  const active = testContext(t, { env: { VIRTUAL_ENV: root }, root: core.root })
  await assert.rejects(envRemove(active, { environments: [root] }), { code: 'environment-in-use' })
  if (process.platform === 'linux') {
    const child = spawn(path.join(root, 'bin', 'python'), [
      '-c',
      'import sys, time; sys.stdout.write("up"); sys.stdout.flush(); time.sleep(60)',
    ])
    t.after(() => void child.kill('SIGKILL'))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await assert.rejects(
      envRemove(core, { environments: [root] }),
      (error: Error & { detail?: { processes: { pid: number }[] } }) => {
        assert.deepEqual(
          error.detail?.processes.map(({ pid }) => pid),
          [child.pid],
        )
        return true
      },
    )
    await assert.rejects(envMove(core, { environment: root, to: path.join(core.root, 'moved') }), {
      code: 'environment-in-use',
    })
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
  }
  assert.equal((await envRemove(active, { environments: [root], force: true })).removed[0]!.removed, true)
})

test('envSize() tells own bytes from those with names elsewhere', async (t) => {
  const core = context(t)
  const root = await withTool(t, core)
  if (root === undefined) return
  const { purelib } = directoriesOf(root)
  fs.writeFileSync(path.join(purelib, 'own.bin'), new Uint8Array(100_000))
  fs.linkSync(path.join(purelib, 'own.bin'), path.join(purelib, 'own-twice.bin'))
  const before = (await envSize(core, { environments: [root] })).environments[0]!.size
  const store = path.join(core.root, 'store.bin')
  fs.writeFileSync(store, new Uint8Array(1_000_000))
  fs.linkSync(store, path.join(purelib, 'shared.bin'))
  const after = (await envSize(core, { environments: [root] })).environments[0]!.size
  assert.deepEqual([after.shared.apparent, after.shared.files], [1_000_000, 1])
  assert.equal(before.shared.files, 0)
  assert.equal(after.own.apparent, before.own.apparent)
  assert.ok(before.own.apparent > 100_000 && before.own.apparent < 200_000, 'two names inside count once')
  assert.ok(after.linksOut >= 1)
})

test('envList() finds project environments, redirects and broken ones, each once', async (t) => {
  const core = context(t)
  const root = await withTool(t, core, '3.12', 'project/.venv')
  if (root === undefined) return
  writeTree(core.root, {
    'other/.venv': '../project/.venv\n',
    'broken/env/pyvenv.cfg': 'home = /gone\nversion = 3.9.1\n',
  })
  fs.mkdirSync(path.join(core.root, 'broken', 'env', 'bin'))
  fs.symlinkSync('/gone/python', path.join(core.root, 'broken', 'env', 'bin', 'python'))
  const { environments } = await envList(core, { paths: ['project', 'other', 'broken', 'missing'] })
  const mine = environments.filter((environment) => environment.root.startsWith(core.root))
  const [found] = mine.filter((environment) => environment.root === root)
  assert.deepEqual([found?.kind, found?.version.startsWith('3.12'), found?.problem], ['den', true, undefined])
  assert.ok(Math.abs(Date.now() - (found?.lastUsed ?? 0)) < 3_600_000)
  const broken = mine.find((environment) => environment.root.endsWith('broken/env'))
  assert.deepEqual([broken?.version, broken?.problem?.code], ['3.9.1', 'dangling-executable'])
  assert.equal(
    mine.filter((environment) => environment.root === root || environment.alsoAt.includes(root)).length,
    1,
    'once, however it is reached',
  )
})

for (const [maker, args] of [
  ['virtualenv', ['-q', '--no-seed', '-p']],
  ['uv', ['venv', '-q', '-p']],
  ['uv', ['venv', '-q', '--relocatable', '-p']],
] as const) {
  test(`envMove() and envCopy() of an environment made by ${maker} ${args.slice(1, -1).join(' ')}: everything works`, {
    skip: skipWithout([maker], `environments of ${maker} moved and copied`),
  }, async (t) => {
    const python = pythonOr(t, '3.12')
    if (python === undefined) return
    const core = context(t)
    const root = path.join(core.root, 'env')
    execFileSync(peerProgram(maker), [...args, python.executable, root], { stdio: 'pipe' })
    const tool = {
      name: 'tool',
      files: { 'tool.py': 'def main():\n    print("tool ran")\n' },
      scripts: { tool: 'tool:main' },
    }
    putDistribution(directoriesOf(root), tool)
    const moved = path.join(core.root, 'moved env')
    await envMove(core, { environment: root, to: moved })
    const copy = path.join(core.root, 'copy')
    await envCopy(core, { environment: moved, to: copy })
    for (const place of [moved, copy]) {
      assert.equal(output(path.join(place, 'bin', 'tool')), 'tool ran\n')
      const script =
        '. "$1/bin/activate"; python -c "import sys; sys.stdout.write(sys.prefix)"; printf " %s" "$VIRTUAL_ENV"'
      assert.equal(output('bash', ['-c', script, 'bash', place]), `${place} ${place}`)
      assert.deepEqual((await doctor(core, { path: place })).environments[0]!.findings, [])
      // Scripts for shells of other systems have no use here and stay as they are.
      const named = mentions(place, `${root}/`).filter(
        (file) => !file.endsWith('.bat') && !file.endsWith('deactivate.csh'),
      )
      assert.deepEqual(named, [])
    }
  })
}

// Environments of every real Python of this machine: what the Python in them says of itself.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { isDenError } from '../../src/base/error.ts'
import { type CreateRequest, create } from '../../src/commands/create.ts'
import { type TestContext, testContext } from '../kit/context.ts'
import { pythonOr, pythons } from '../kit/pythons.ts'
import { writeTree } from '../kit/scratch.ts'

interface Told {
  readonly prefix: string
  readonly exec_prefix: string
  readonly base_prefix: string
  readonly executable: string
  readonly path: readonly string[]
  readonly site: readonly string[]
  readonly user: boolean
  readonly paths: Readonly<Record<string, string>>
  readonly version: readonly number[]
  readonly include: string
}

const ask = `
import json, site, sys, sysconfig
print(json.dumps({
  'prefix': sys.prefix, 'exec_prefix': sys.exec_prefix, 'base_prefix': sys.base_prefix, 'executable': sys.executable,
  'path': sys.path, 'site': site.getsitepackages(), 'user': bool(site.ENABLE_USER_SITE), 'paths': sysconfig.get_paths(),
  'version': list(sys.version_info[:3]), 'include': sysconfig.get_path('include'),
}))
`

function run(context: TestContext, python: string, ...args: readonly string[]): string {
  const env = { PATH: '/usr/bin:/bin', HOME: path.join(context.root, 'home'), PYTHONDONTWRITEBYTECODE: '1' }
  const done = spawnSync(python, args, { encoding: 'utf8', env, cwd: context.root })
  assert.equal(done.status, 0, `${python} ${args.join(' ')}\n${done.stderr}`)
  return done.stdout
}

function told(context: TestContext, python: string, ...flags: readonly string[]): Told {
  return JSON.parse(run(context, python, ...flags, '-c', ask)) as Told
}

async function made(context: TestContext, executable: string, request: CreateRequest = {}) {
  const { environments } = await create(context, { paths: ['env'], python: executable, ...request })
  return environments[0]!
}

/** "2.7", "3.13": as it stands in the names of directories. */
function short(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

for (const { version, executable } of pythons()) {
  const library = `lib/python${short(version)}`
  const isOld = version.startsWith('2.')

  test(`create: ${version} takes the environment for its own, and finds its library in the base`, async (t) => {
    const context = testContext(t)
    const { root, python, scripts, outcome } = await made(context, executable)
    assert.equal(outcome, 'created')
    const base = JSON.parse(
      run(context, executable, '-c', 'import json, sys; print(json.dumps([sys.prefix, [p for p in sys.path if p]]))'),
    ) as [string, string[]]
    const { prefix, exec_prefix, base_prefix, site, path: sysPath, user, paths } = told(context, python)
    assert.equal(prefix, root)
    assert.equal(exec_prefix, root)
    assert.equal(base_prefix, base[0])
    assert.equal(site[0], path.join(root, library, 'site-packages'))
    assert.equal(user, false)
    assert.equal(paths['purelib'], path.join(root, library, 'site-packages'))
    assert.equal(paths['platlib'], path.join(root, library, 'site-packages'))
    assert.equal(paths['scripts'], path.join(root, 'bin'))
    // Isolated: the base's library and the environment's packages, and nothing else.
    const own = sysPath.filter((entry) => entry.startsWith(root))
    assert.deepEqual(
      own.filter((entry) => entry !== ''),
      [path.join(root, library, 'site-packages')],
    )
    assert.deepEqual(
      sysPath.filter((entry) => entry !== '' && !entry.startsWith(root)),
      base[1].filter((entry) => !/(?:site|dist)-packages/.test(entry)),
    )
    const names = fs.readdirSync(scripts).filter((name) => /^python/.test(name))
    assert.deepEqual(names.sort(), ['python', `python${version[0]}`, `python${short(version)}`].sort())
    for (const name of names) assert.equal(told(context, path.join(scripts, name)).prefix, root, name)
  })

  test(`create: ${version} works through a link, from PATH, and with -S, -E and -s`, async (t) => {
    const context = testContext(t)
    const { root, python, scripts } = await made(context, executable)
    fs.symlinkSync(root, path.join(context.root, 'link'))
    assert.equal(told(context, path.join(context.root, 'link/bin/python')).prefix, path.join(context.root, 'link'))
    const byName = spawnSync('python', ['-c', 'import sys; print(sys.prefix)'], {
      encoding: 'utf8',
      env: { PATH: `${scripts}:/usr/bin:/bin` },
    })
    assert.equal(byName.stdout.trim(), root)
    for (const flag of ['-E', '-s']) assert.equal(told(context, python, flag).prefix, root)
    const withoutSite = run(
      context,
      python,
      '-S',
      '-c',
      'import os, json, subprocess, sys; print("site" in sys.modules)',
    )
    assert.equal(withoutSite.trim(), 'False')
  })

  test(`create: ${version} sees the base's packages with --system-site-packages, its own first`, async (t) => {
    const context = testContext(t)
    const user = path.join(context.root, 'home/.local', library, 'site-packages')
    writeTree(user, { 'from_user.py': '' })
    const { root, python } = await made(context, executable, { systemSitePackages: true })
    const { path: sysPath, user: enabled } = told(context, python)
    const own = sysPath.indexOf(path.join(root, library, 'site-packages'))
    const users = sysPath.indexOf(user)
    const base = sysPath.findIndex((entry) => /(?:site|dist)-packages$/.test(entry) && !entry.startsWith(context.root))
    assert.ok(enabled)
    assert.ok(own !== -1 && own < users && users < base, sysPath.join('\n'))
    run(context, python, '-c', 'import from_user')
    const isolated = await made(context, executable, { paths: ['isolated'] })
    const refused = spawnSync(isolated.python, ['-c', 'import from_user'], {
      env: { HOME: path.join(context.root, 'home') },
    })
    assert.equal(refused.status, 1)
  })

  test(`create: ${version} runs from copies too`, async (t) => {
    const context = testContext(t)
    const { root, python } = await made(context, executable, { copies: true })
    assert.ok(fs.lstatSync(fs.realpathSync(python)).isFile())
    assert.ok(fs.realpathSync(python).startsWith(root))
    const { prefix, base_prefix, paths } = told(context, python)
    assert.equal(prefix, root)
    assert.notEqual(base_prefix, root)
    assert.equal(paths['purelib'], path.join(root, library, 'site-packages'))
  })

  test(`create: ${version} can be moved and still takes the place for its own`, async (t) => {
    const context = testContext(t)
    const { root } = await made(context, executable, { relocatable: true })
    const moved = path.join(context.root, 'moved away')
    fs.renameSync(root, moved)
    assert.equal(told(context, path.join(moved, 'bin/python')).prefix, moved)
  })

  test(`create: from an environment of ${version} one gets an environment of its base`, async (t) => {
    const context = testContext(t)
    const outer = await made(context, executable)
    const inner = await made(context, outer.python, { paths: ['inner'] })
    assert.equal(inner.base, outer.base)
    assert.equal(told(context, inner.python).prefix, inner.root)
    if (isOld) return
    // The standard library's own venv must find the base from inside too.
    run(context, outer.python, '-m', 'venv', '--without-pip', path.join(context.root, 'nested'))
    const nested = told(context, path.join(context.root, 'nested/bin/python'))
    assert.equal(nested.base_prefix, told(context, outer.python).base_prefix)
    // Up to 3.10 CPython's own venv writes the outer environment down as the home of the inner one.
    const home = Number(version.split('.')[1]) < 11 ? outer.scripts : path.dirname(outer.base!)
    assert.ok(fs.readFileSync(path.join(context.root, 'nested/pyvenv.cfg'), 'utf8').startsWith(`home = ${home}\n`))
  })
}

test('create: C extensions find their headers in environments of 2.7 and 3.8', async (t) => {
  const gcc = spawnSync('gcc', ['--version'])
  if (gcc.error !== undefined) return t.skip('NOT TESTED: there is no C compiler on this machine')
  for (const line of ['2.7', '3.8']) {
    const real = pythonOr(t, line)
    if (real === undefined) return
    const context = testContext(t)
    const { root, python } = await made(context, real.executable)
    const before = snapshot(path.dirname(path.dirname(fs.realpathSync(real.executable))))
    writeTree(path.join(context.root, 'project'), {
      'setup.py': [
        'from distutils.core import setup, Extension',
        'setup(name="fast", version="1.0", py_modules=["slow"], headers=["fast.h"], scripts=["tool"],',
        '      ext_modules=[Extension("fast", ["fast.c"])])',
      ].join('\n'),
      'slow.py': 'answer = 42\n',
      tool: '#!/usr/bin/env python\nimport fast, slow\nprint(fast.answer(), slow.answer)\n',
      'fast.h': '#define ANSWER 42\n',
      'fast.c': extension,
    })
    const env = { PATH: '/usr/bin:/bin', HOME: path.join(context.root, 'home') }
    const install = spawnSync(python, ['setup.py', 'install'], {
      encoding: 'utf8',
      cwd: path.join(context.root, 'project'),
      env,
    })
    assert.equal(install.status, 0, install.stderr)
    assert.equal(
      spawnSync(path.join(root, 'bin/tool'), { encoding: 'utf8', env }).stdout,
      line === '2.7' ? '(42L, 42)\n' : '42 42\n',
    )
    assert.ok(fs.existsSync(path.join(root, 'include', `python${line}`, 'fast', 'fast.h')))
    // Headers, bytecode, scripts: all of it went into the environment.
    assert.deepEqual(snapshot(path.dirname(path.dirname(fs.realpathSync(real.executable)))), before)
  }
})

const extension = `
#include <Python.h>
#include "fast.h"
static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(ANSWER); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}};
#if PY_MAJOR_VERSION >= 3
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "fast", NULL, -1, methods};
PyMODINIT_FUNC PyInit_fast(void) { return PyModule_Create(&module); }
#else
PyMODINIT_FUNC initfast(void) { Py_InitModule("fast", methods); }
#endif
`

/** What stands under a directory, without following links. */
function walk(root: string, below: string = ''): readonly string[] {
  return fs.readdirSync(path.join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(below, entry.name)
    return entry.isDirectory() ? [name, ...walk(root, name)] : [name]
  })
}

/** Every file of a tree with its size and time. */
function snapshot(root: string): readonly string[] {
  return walk(root).map((name) => {
    const { size, mtimeMs } = fs.lstatSync(path.join(root, name))
    return `${name} ${size} ${mtimeMs}`
  })
}

test("create: 2.7's sys.flags, site and PYTHONPATH are its own", async (t) => {
  const real = pythonOr(t, '2.7')
  if (real === undefined) return
  const context = testContext(t)
  const { root, python } = await made(context, real.executable)
  const flags = run(
    context,
    python,
    '-c',
    'import sys; print sys.flags[8], sys.flags.no_user_site, type(sys.flags).__name__',
  )
  assert.equal(flags.trim(), '0 0 flags')
  assert.match(run(context, python, '-c', 'import site, os; print site.__file__, os.__file__'), /^(?!.*den-test).*$/s)
  const inside = path.join(root, 'lib/python2.7/mine')
  const env = { PATH: '/usr/bin:/bin', PYTHONPATH: inside }
  const kept = spawnSync(python, ['-c', 'import sys; print sys.path[1]'], { encoding: 'utf8', env })
  assert.equal(kept.stdout.trim(), inside)
  // pyvenv.cfg is lost: the landmark still tells the base, and nothing leaks in.
  fs.rmSync(path.join(root, 'pyvenv.cfg'))
  assert.equal(told(context, python).prefix, root)
})

test('create: 2.7 of Debian, whose site knows dist-packages only, gets its site-packages', async (t) => {
  const real = pythonOr(t, '2.7')
  if (real === undefined) return
  const context = testContext(t)
  const { root, python } = await made(context, real.executable, { systemSitePackages: true })
  // A base as Debian has it: the same library, and a site module that names other directories.
  const stdlib = path.join(path.dirname(path.dirname(fs.realpathSync(real.executable))), 'lib/python2.7')
  const debian = path.join(context.root, 'usr')
  fs.mkdirSync(path.join(debian, 'lib/python2.7/dist-packages'), { recursive: true })
  for (const name of fs.readdirSync(stdlib)) {
    if (/^site(?:-packages$|\.py)/.test(name)) continue
    fs.symlinkSync(path.join(stdlib, name), path.join(debian, 'lib/python2.7', name))
  }
  const site = fs.readFileSync(path.join(stdlib, 'site.py'), 'utf8').replaceAll('"site-packages"', '"dist-packages"')
  fs.writeFileSync(path.join(debian, 'lib/python2.7/site.py'), site)
  const cfg = path.join(root, 'pyvenv.cfg')
  fs.writeFileSync(cfg, fs.readFileSync(cfg, 'utf8').replace(/^(base-(?:exec-)?prefix) = .*$/gm, `$1 = ${debian}`))
  const { site: listed, path: sysPath } = told(context, python)
  const own = path.join(root, 'lib/python2.7/site-packages')
  assert.equal(listed[0], own)
  const base = sysPath.indexOf(path.join(debian, 'lib/python2.7/dist-packages'))
  assert.ok(sysPath.indexOf(own) !== -1 && sysPath.indexOf(own) < base, sysPath.join('\n'))
})

test('create: a second time nothing is made, and what differs is told', async (t) => {
  const [first, second] = [pythons()[0], pythons().at(-1)]
  if (first === undefined || second === undefined || first === second)
    return t.skip('NOT TESTED: fewer than two Pythons')
  const context = testContext(t)
  await made(context, second.executable, { prompt: 'mine' })
  const before = snapshot(path.join(context.root, 'env'))
  for (const request of [
    {},
    { python: second.executable, prompt: 'mine' },
    { systemSitePackages: false },
  ] as CreateRequest[]) {
    const { environments } = await create(context, { paths: ['env'], ...request })
    assert.equal(environments[0]?.outcome, 'kept')
    assert.equal(environments[0]?.changed, false)
  }
  const refusals: readonly (readonly [CreateRequest, RegExp])[] = [
    [{ python: first.executable }, /its Python is/],
    [{ prompt: 'other' }, /its prompt is mine/],
    [{ systemSitePackages: true }, /does not see/],
    [{ relocatable: true }, /not relocatable/],
    [{ copies: true }, /its Python is a link/],
    [{ seeds: { pip: 'bundle' } }, /it has no pip/],
  ]
  for (const [request, reason] of refusals) {
    await assert.rejects(
      create(context, { paths: ['env'], ...request }),
      (error) => isDenError(error, 'environment-exists') && reason.test(error.detail.differences.join()),
    )
  }
  await assert.rejects(create(context, { paths: ['env'], existing: 'refuse' }), (error) =>
    isDenError(error, 'environment-exists'),
  )
  assert.deepEqual(snapshot(path.join(context.root, 'env')), before)
})

test('create: --clear makes anew, reuse keeps packages and mends, --upgrade re-links', async (t) => {
  const real = pythons().at(-1)
  if (real === undefined) return t.skip('NOT TESTED: no Python on this machine')
  const context = testContext(t)
  const { root, python } = await made(context, real.executable, { prompt: 'mine' })
  const module = path.join(root, 'lib', `python${short(real.version)}`, 'site-packages', 'mine.py')
  const break_ = (): void => {
    fs.writeFileSync(module, '')
    fs.rmSync(python)
    fs.symlinkSync('/nowhere/python', python)
    fs.rmSync(path.join(root, 'bin/activate'))
  }
  break_()
  await assert.rejects(create(context, { paths: ['env'] }), (error) => isDenError(error, 'environment-broken'))
  const reused = await made(context, real.executable, { existing: 'reuse' })
  assert.equal(reused.outcome, 'refreshed')
  assert.equal(told(context, python).prefix, root)
  assert.ok(fs.existsSync(module))
  assert.ok(fs.existsSync(path.join(root, 'bin/activate')))
  assert.equal((await made(context, real.executable, { existing: 'reuse' })).changed, false)

  await made(context, real.executable, { existing: 'reuse', prompt: 'mine', systemSitePackages: true })
  break_()
  assert.equal((await made(context, real.executable, { existing: 'upgrade' })).outcome, 'refreshed')
  assert.equal(told(context, python).prefix, root)
  assert.ok(fs.existsSync(module))
  // An upgrade takes the settings as they are, and leaves the scripts alone.
  assert.match(fs.readFileSync(path.join(root, 'pyvenv.cfg'), 'utf8'), /^prompt = 'mine'$/m)
  assert.match(fs.readFileSync(path.join(root, 'pyvenv.cfg'), 'utf8'), /^include-system-site-packages = true$/m)
  assert.ok(!fs.existsSync(path.join(root, 'bin/activate')))

  assert.equal((await made(context, real.executable, { existing: 'clear' })).outcome, 'replaced')
  assert.ok(!fs.existsSync(module))
  assert.deepEqual(
    fs.readdirSync(context.root).filter((name) => name.startsWith('.')),
    [],
  )
})

test('create: --upgrade to another minor version is refused, reuse takes stale names away', async (t) => {
  const [one, other] = [pythonOr(t, '3.12'), pythonOr(t, '3.13')]
  if (one === undefined || other === undefined) return
  const context = testContext(t)
  const { scripts } = await made(context, one.executable)
  await assert.rejects(made(context, other.executable, { existing: 'upgrade' }), (error) =>
    isDenError(error, 'environment-upgrade-mismatch'),
  )
  await made(context, other.executable, { existing: 'reuse' })
  assert.deepEqual(
    fs.readdirSync(scripts).filter((name) => name.startsWith('python')),
    ['python', 'python3', 'python3.13'],
  )
})

test('create: refuses, before anything is made, what can bear no environment', async (t) => {
  const context = testContext(t)
  const { root } = context
  writeTree(root, { file: 'x', 'full/precious.txt': 'x', 'conda/conda-meta/history': '', 'conda/pyvenv.cfg': '' })
  // As `python -m venv .` leaves a project's own directory.
  writeTree(root, { 'project/pyvenv.cfg': 'home = /usr/bin\n', 'project/pyproject.toml': '', 'project/.git/HEAD': '' })
  fs.symlinkSync('nowhere', path.join(root, 'dangling'))
  fs.mkdirSync(path.join(root, 'home'))
  const before = snapshot(root)
  const cases: readonly (readonly [CreateRequest, string])[] = [
    [{ paths: ['file'] }, 'environment-path-taken'],
    [{ paths: ['dangling'] }, 'environment-path-taken'],
    [{ paths: ['file/env'] }, 'environment-path-taken'],
    [{ paths: ['dangling/deep/env'] }, 'environment-path-taken'],
    [{ paths: ['full'] }, 'not-an-environment'],
    [{ paths: ['full'], existing: 'clear' }, 'not-an-environment'],
    [{ paths: ['conda'], existing: 'clear' }, 'not-an-environment'],
    [{ paths: ['project'], existing: 'clear' }, 'not-an-environment'],
    [{ paths: ['a:b'] }, 'environment-path-unusable'],
    [{ paths: ['a\nhome = /evil'] }, 'environment-path-unusable'],
    [{ paths: ['a\0b'] }, 'environment-path-unusable'],
    [{ paths: ['a\uFFFDb'] }, 'path-not-utf8'],
    [{ paths: [''] }, 'environment-path-unusable'],
    [{ paths: ['/'] }, 'environment-path-unusable'],
    [{ paths: [path.join(root, 'home')] }, 'environment-path-unusable'],
    [{ prompt: 'a\nhome = /evil' }, 'environment-prompt-unusable'],
    [{ name: '../up' }, 'environment-name-unusable'],
    [{ name: '' }, 'environment-name-unusable'],
    [{ name: '.hidden' }, 'environment-name-unusable'],
    // One that can't be made keeps the others from being begun.
    [{ paths: ['good', 'full'] }, 'not-an-environment'],
    [{ paths: ['good', 'file/env'] }, 'environment-path-taken'],
    [{ paths: ['file/env'], dryRun: true }, 'environment-path-taken'],
  ]
  for (const [request, code] of cases) {
    await assert.rejects(
      create(context, request),
      (error) => isDenError(error) && error.code === code,
      JSON.stringify(request),
    )
  }
  assert.deepEqual(snapshot(root), before)
})

test('create: an existing directory stays the one it is, and gets an environment', async (t) => {
  const context = testContext(t)
  const { root } = context
  fs.mkdirSync(path.join(root, 'empty'), { mode: 0o700 })
  const inode = fs.statSync(path.join(root, 'empty')).ino
  const inside = { ...context, host: { ...context.host, cwd: path.join(root, 'empty') } }
  const { environments } = await create(inside, { paths: ['.'] })
  assert.equal(fs.statSync(path.join(root, 'empty')).ino, inode)
  assert.equal(told(context, environments[0]!.python).prefix, path.join(root, 'empty'))
  // The working directory isn't moved away by --clear either; nor is one behind a link.
  const cleared = await create(inside, { paths: ['.'], existing: 'clear' })
  assert.equal(cleared.environments[0]?.outcome, 'replaced')
  assert.equal(fs.statSync(path.join(root, 'empty')).ino, inode)
  fs.symlinkSync('empty', path.join(root, 'link'))
  await create(context, { paths: ['link'], existing: 'clear' })
  assert.equal(fs.statSync(path.join(root, 'empty')).ino, inode)
  assert.deepEqual(
    fs.readdirSync(path.join(root, 'empty')).filter((name) => /den-/.test(name)),
    [],
  )
})

test("create: reuse in a project's own directory overwrites nothing and ignores nothing", async (t) => {
  const context = testContext(t)
  writeTree(path.join(context.root, 'project'), { 'pyproject.toml': '', '.gitignore': 'dist\n' })
  await create(context, { paths: ['project'], existing: 'reuse' })
  assert.equal(fs.readFileSync(path.join(context.root, 'project/.gitignore'), 'utf8'), 'dist\n')
  assert.ok(!fs.existsSync(path.join(context.root, 'project/CACHEDIR.TAG')))
  writeTree(path.join(context.root, 'other'), { 'bin/activate': 'mine' })
  await assert.rejects(create(context, { paths: ['other'], existing: 'reuse' }), (error) =>
    isDenError(error, 'environment-files-in-the-way'),
  )
  assert.deepEqual(fs.readdirSync(path.join(context.root, 'other')), ['bin'])
  writeTree(path.join(context.root, 'third'), { lib: 'a file' })
  await assert.rejects(
    create(context, { paths: ['third'], existing: 'reuse' }),
    (error) =>
      isDenError(error, 'environment-files-in-the-way') &&
      error.detail.files.includes(path.join(context.root, 'third/lib')),
  )
  assert.deepEqual(fs.readdirSync(path.join(context.root, 'third')), ['lib'])
  fs.renameSync(path.join(context.root, 'project/bin'), path.join(context.root, 'project/was-bin'))
  fs.writeFileSync(path.join(context.root, 'project/bin'), '')
  await assert.rejects(
    create(context, { paths: ['project'], existing: 'reuse' }),
    (error) => isDenError(error, 'environment-path-taken') && error.detail.by === 'a file',
  )
  // A name that would be stale in an environment is somebody's in a directory that was none.
  fs.mkdirSync(path.join(context.root, 'tools/bin'), { recursive: true })
  fs.symlinkSync('/usr/bin/env', path.join(context.root, 'tools/bin/python2.6'))
  await create(context, { paths: ['tools'], existing: 'reuse' })
  assert.equal(fs.readlinkSync(path.join(context.root, 'tools/bin/python2.6')), '/usr/bin/env')
})

test('create: several at once, named ones, missing parents, and a plan that changes nothing', async (t) => {
  const context = testContext(t)
  const { root, places } = context
  const planned = await create(context, { paths: ['one', 'deep/er/two'], dryRun: true })
  assert.deepEqual(
    planned.environments.map(({ outcome, changed, plan }) => [outcome, changed, (plan?.entries.length ?? 0) > 10]),
    [
      ['planned', false, true],
      ['planned', false, true],
    ],
  )
  assert.ok(!fs.existsSync(path.join(root, 'one')) && !fs.existsSync(path.join(root, 'deep')))
  const several = await create(context, { paths: ['one', 'deep/er/two', 'one'] })
  assert.deepEqual(
    several.environments.map((environment) => environment.root),
    [path.join(root, 'one'), path.join(root, 'deep/er/two')],
  )
  const named = await create(context, { name: 'science' })
  assert.equal(named.environments[0]?.root, path.join(places.environments, 'science'))
  assert.deepEqual(fs.readdirSync(places.registry).length, 3)
})

test('create: the plan is what is made, entry for entry', async (t) => {
  for (const { executable, version } of pythons()) {
    const context = testContext(t)
    const { environments } = await create(context, { paths: ['env'], python: executable, dryRun: true })
    await made(context, executable)
    const plan = environments[0]!.plan!.entries.map(({ path }) => path).sort()
    const there = [...walk(path.join(context.root, 'env'))]
    assert.deepEqual(there.sort(), plan, version)
  }
})

test('create: the redirect file leads to the environment (PEP 832)', async (t) => {
  const context = testContext(t)
  const { root } = context
  const file = path.join(root, '.venv')
  await create(context, { paths: ['env'], redirect: 'project' })
  assert.ok(!fs.existsSync(file))
  writeTree(root, { 'pyproject.toml': '' })
  await create(context, { paths: ['env'], redirect: 'project', existing: 'clear' })
  assert.equal(fs.readFileSync(file, 'utf8'), 'env\n')
  await create(context, { name: 'science', redirect: 'always' })
  assert.equal(fs.readFileSync(file, 'utf8'), `${path.join(context.places.environments, 'science')}\n`)
  fs.rmSync(file)
  await create(context, { paths: ['.venv'], redirect: 'always' })
  assert.ok(fs.statSync(file).isDirectory())
  await assert.rejects(create(context, { paths: ['third'], redirect: 'always' }), (error) =>
    isDenError(error, 'venv-redirect-blocked'),
  )
})

test('create: nasty names of directory and prompt work, and nothing is executed', async (t) => {
  const nasty = [
    'two words',
    "it's",
    'a"b',
    '$HOME',
    '`touch pwned`',
    '$(touch pwned)',
    'a;touch pwned',
    'é',
    '🐍',
    '-x',
    '!x',
    '%d',
    '*',
    'back\\slash',
    '#x',
    'a=b',
    'x'.repeat(200),
  ]
  const real = pythons().at(-1)
  if (real === undefined) return t.skip('NOT TESTED: no Python on this machine')
  const context = testContext(t)
  for (const name of nasty) {
    const { environments } = await create(context, {
      paths: [path.join(context.root, name)],
      prompt: name,
      python: real.executable,
    })
    assert.equal(told(context, environments[0]!.python).prefix, path.join(context.root, name), name)
  }
  assert.ok(!fs.existsSync(path.join(context.root, 'pwned')))
})

test('create: an interrupted one takes back what it began', async (t) => {
  const controller = new AbortController()
  const context = testContext(t, { signal: controller.signal })
  controller.abort()
  await assert.rejects(create(context, { paths: ['a/b/env'] }), (error) => isDenError(error, 'aborted'))
  assert.ok(!fs.existsSync(path.join(context.root, 'a')))
})

test('create: a place that may not be written is named', async (t) => {
  if (process.getuid?.() === 0) {
    const context = testContext(t, { host: { cwd: '/proc' } })
    await assert.rejects(
      create(context, { paths: ['env'] }),
      (error) => isDenError(error) && !error.message.includes('.den-'),
    )
    return
  }
  const context = testContext(t)
  fs.chmodSync(context.root, 0o555)
  t.after(() => fs.chmodSync(context.root, 0o755))
  await assert.rejects(
    create(context, { paths: ['env'] }),
    (error) => isDenError(error, 'permission-denied') && error.detail.path === path.join(context.root, 'env'),
  )
})

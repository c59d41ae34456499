// den run takes what is said to it along, whichever environment the program gets.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { den } from '../kit/den.ts'
import { projectScene } from '../kit/project-scene.ts'
import { pythonOr } from '../kit/pythons.ts'

const plain = `[project]
name = "shop"
version = "0.1"
requires-python = ">=3.9"
dependencies = ["app<2"]
[project.optional-dependencies]
tls = ["tls"]
`

test('--no-sync takes the active environment where that is asked for', async (t) => {
  const s = await projectScene(t, { tree: { 'pyproject.toml': plain } })
  if (s === undefined) return
  await s.done('sync')
  await s.done('create', 'one', 'two')
  const show = ['python', '-c', 'import sys; print(sys.prefix)']
  for (const name of ['one', 'two', 'one']) {
    const active = path.join(s.root, name)
    const env = { ...s.env, VIRTUAL_ENV: active }
    const ran = await den(['run', '--no-sync', '--active', ...show], { cwd: s.root, env })
    assert.deepEqual([ran.stdout, ran.stderr], [`${active}\n`, ''])
  }
  assert.equal((await s.done('run', '--no-sync', ...show)).stdout, `${path.join(s.root, '.venv')}\n`)
})

test('--no-sync makes no lock anew, for an isolated run and for a script either', async (t) => {
  const script = (needs: string): string =>
    `# /// script\n# dependencies = ["${needs}"]\n# ///\nimport app; print(app.version)\n`
  const s = await projectScene(t, { tree: { 'pyproject.toml': plain, 'tool.py': script('app<2') } })
  if (s === undefined) return
  await s.done('lock')
  await s.done('lock', '--script', 'tool.py')
  s.write({ 'pyproject.toml': plain.replace('app<2', 'app>=2'), 'tool.py': script('app>=2') })
  const read = (name: string): string => fs.readFileSync(path.join(s.root, name), 'utf8')
  const before = [read('pylock.toml'), read('pylock.tool.toml')]
  const isolated = [
    'run',
    '--isolated',
    '--no-sync',
    '--extra',
    'tls',
    'python',
    '-c',
    'import app, tls; print(app.version)',
  ]
  for (const _ of [1, 2]) {
    assert.equal((await s.done(...isolated)).stdout, '1.0\n')
    assert.equal((await s.done('run', '--no-sync', 'tool.py')).stdout, '1.0\n')
  }
  assert.deepEqual([read('pylock.toml'), read('pylock.tool.toml')], before)
  assert.match(await s.refused('run', '--no-sync', '--locked', 'tool.py'), /error\[lock-stale\]/)
  assert.equal((await s.done('run', 'tool.py')).stdout, '2.0\n')
  // One that has none gets no lock, and runs.
  fs.rmSync(path.join(s.root, 'pylock.tool.toml'))
  assert.equal((await s.done('run', '--no-sync', 'tool.py')).stdout, '2.0\n')
})

test('what is to be built, and what must not be, makes another isolated environment', async (t) => {
  const s = await projectScene(t, { tree: { 'pyproject.toml': plain } })
  if (s === undefined) return
  const isolated = ['run', '--isolated', 'python', '-c', 'import app, sys; print(sys.prefix)']
  const { stdout } = await s.done(...isolated)
  assert.equal((await s.done(...isolated)).stdout, stdout)
  assert.match(
    await s.refused('run', '--isolated', '--no-binary-package', 'app', 'python', '-c', ''),
    /no source distribution of app 1\.0/,
  )
  const wheels = await s.done('run', '--isolated', '--no-build-package', 'app', ...isolated.slice(2))
  assert.notEqual(wheels.stdout, stdout)
})

test('a Python that a variable asks for is told as that, and one that was typed is not', async (t) => {
  const s = await projectScene(t, { tree: { 'pyproject.toml': plain } })
  if (s === undefined) return
  await s.done('sync')
  const said = async (asked: string, ...args: readonly string[]): Promise<string> =>
    (await den(args, { cwd: s.root, env: { ...s.env, DEN_PYTHON: asked } })).stderr.split('\n   fix:')[0]!
  for (const args of [['sync'], ['run', 'python'], ['create', 'new'], ['lock', '--refresh'], ['init', 'other']]) {
    assert.match(await said('3.99', ...args), /error\[python-not-found\]: .* is 3\.99, which DEN_PYTHON asks for\n/)
    assert.match(
      await said('/gone/python', ...args),
      /python-broken\]: \/gone\/python, which DEN_PYTHON asks for, is no/,
    )
    assert.match(await said('>=3.x', ...args), /error\[invalid-python-request\]: DEN_PYTHON is not a valid/)
    const typed = (await s.den(...args.slice(0, 1), '-p', '3.99', ...args.slice(1))).stderr
    assert.match(typed, /error\[python-not-found\]: no Python on this machine is 3\.99\n/)
  }
  s.write({ 'pyproject.toml': plain.replace('>=3.9', '>=3.13') })
  assert.match(await said(s.python, 'sync'), /error\[python-not-for-project\][\s\S]*and DEN_PYTHON asks for this one$/)
  assert.match((await s.den('sync', '-p', s.python)).stderr, /and --python asks for this one\n/)
  const other = pythonOr(t, '3.11')
  if (other === undefined) return
  s.write({ 'pyproject.toml': plain })
  assert.match(await said(other.executable, 'run', '--no-sync', 'python', '-V'), /and DEN_PYTHON asks for another\n/)
})

test('a Python file outside of every environment is told how it runs, and what Python runs is more than files', async (t) => {
  const s = await projectScene(t, { tree: { 'plain.py': 'print("plain")\n', 'pack/__main__.py': 'print("pack")\n' } })
  if (s === undefined) return
  assert.match(
    await s.refused('run', 'plain.py'),
    /no environment here[\s\S]*den run -p 3 plain\.py\n.*den add --script plain\.py PACKAGE\n.*den create/,
  )
  assert.match((await den(['run', '-'], { cwd: s.root, env: s.env, input: 'print(1)' })).stderr, /den run -p 3 -\n/)
  s.write({ '-dash.py': 'print("dash")\n', '-more.py': '# /// script\n# ///\nprint("more")\n' })
  for (const name of ['dash', 'more'])
    assert.equal((await s.done('run', '-p', s.python, '--', `-${name}.py`)).stdout, `${name}\n`)
  assert.match(await s.refused('run', 'gone.py'), /error\[script-missing\]: there is no script gone\.py/)
  assert.match(await s.refused('run', 'python'), /fix: make one: den create/)
  const alone = ['run', '-p', s.python]
  for (const word of ['pack', './pack', 'pack/']) assert.equal((await s.done(...alone, word)).stdout, 'pack\n')
  await s.done(...alone, 'python', '-m', 'zipapp', 'pack', '-o', 'app.pyz')
  assert.equal((await s.done(...alone, 'app.pyz')).stdout, 'pack\n')
  // A program of that name comes first, where it is not said to be the directory.
  await s.done('create', '--with', 'app<2')
  s.write({ 'app/__main__.py': 'print("directory")\n' })
  assert.equal((await s.done('run', 'app')).stdout, 'app 1.0\n')
  assert.equal((await s.done('run', './app')).stdout, 'directory\n')
  const several = ['run', '--with', 'tls,base>=1,<2', 'python', '-P', '-c', 'import tls, base; print(base.version)']
  assert.equal((await s.done(...several)).stdout, '1.0\n')
  s.write({ 'tool.py': '# /// script\n# dependencies = []\n# ///\n' })
  assert.match(
    (await s.done('lock', '--script', 'tool.py')).stderr,
    /note: tool\.py does not say which Pythons it is for/,
  )
})

test('a script of a project that is not built is told as that', async (t) => {
  const s = await projectScene(t, { tree: { 'pyproject.toml': `${plain}[project.scripts]\nhello = "shop:main"\n` } })
  if (s === undefined) return
  const said = await s.refused('run', 'hello')
  assert.match(said, /no program hello\n.*pyproject\.toml has it as a script[\s\S]*\[build-system\]/)
  assert.match(await s.refused('run', '--with', 'tls', 'hello'), /does not say how the project is built/)
  assert.doesNotMatch(await s.refused('run', 'other'), /\[build-system\]/)
})

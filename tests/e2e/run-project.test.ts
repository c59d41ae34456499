// den run in a project: it is brought up to date first, and what is remembered of that is never wrong.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { den } from '../kit/den.ts'
import { packageTree, projectScene, pyproject } from '../kit/project-scene.ts'
import { pythonOr } from '../kit/pythons.ts'

const version = ['python', '-P', '-c', 'import app; print(app.version)']

test('den run locks and syncs first, and leaves what is there besides', async (t) => {
  const s = await projectScene(t)
  if (s === undefined) return
  const first = await s.done('run', ...version)
  assert.equal(first.stdout, '2.0\n')
  assert.match(first.stderr, /made \.venv/)
  const asked = s.index.requests.length
  for (const _ of [1, 2, 3]) {
    const again = await s.done('run', ...version)
    assert.deepEqual([again.stdout, again.stderr], ['2.0\n', ''])
  }
  assert.equal(s.index.requests.length, asked)
  await s.done('pip', 'install', 'docs')
  assert.equal((await s.done('run', 'python', '-c', 'import docs; print(1)')).stdout, '1\n')
  assert.equal((await s.den('run', '--exact', 'python', '-c', 'import docs')).code, 1)

  // Twice each, so that what is remembered is there to be wrong.
  s.write(packageTree(pyproject(['app<2'])))
  assert.match(await s.refused('run', '--locked', ...version), /error\[lock-stale\]/)
  for (const _ of [1, 2]) assert.equal((await s.done('run', '--frozen', ...version)).stdout, '2.0\n')
  for (const _ of [1, 2]) assert.equal((await s.done('run', '--no-sync', ...version)).stdout, '2.0\n')
  for (const _ of [1, 2]) assert.equal((await s.done('run', ...version)).stdout, '1.0\n')
  await s.done('pip', 'uninstall', '-y', 'app')
  for (const _ of [1, 2]) assert.equal((await s.done('run', ...version)).stdout, '1.0\n')
  fs.rmSync(path.join(s.root, '.venv'), { recursive: true })
  for (const _ of [1, 2]) assert.equal((await s.done('run', 'app')).stdout, 'app 1.0\n')
  assert.match(await s.refused('run', 'no-such-program'), /error\[command-not-found\]/)
})

test('den run takes modules, parts of the project, packages for one run, and an environment of its own', async (t) => {
  const s = await projectScene(t)
  if (s === undefined) return
  await s.done('sync')
  s.write({ 'shop/__main__.py': 'import sys; print("shop", sys.argv[1:])\n' })
  for (const _ of [1, 2]) assert.equal((await s.done('run', '-m', 'shop', '-x')).stdout, "shop ['-x']\n")
  assert.equal((await s.done('run', '--extra', 'tls', 'python', '-c', 'import tls; print(1)')).stdout, '1\n')
  const layered = ['run', '--with', 'docs', 'python', '-P', '-c', 'import docs, app, shop, sys; print(sys.prefix)']
  const [one, other] = [await s.done(...layered), await s.done(...layered)]
  assert.match(one.stdout, /environments-v1/)
  assert.equal(one.stdout, other.stdout)
  assert.equal((await s.den('run', 'python', '-c', 'import docs')).code, 1)
  // The project's own programs run with the Python that sees both.
  assert.equal((await s.done('run', '--with', 'docs', 'app')).stdout, 'app 2.0\n')
  const isolated = await s.done('run', '--isolated', 'python', '-P', '-c', 'import app, sys; print(sys.prefix)')
  assert.match(isolated.stdout, /environments-v1/)
  assert.match(await s.refused('run', '-e', 'nowhere', 'python'), /error\[environment-not-found\]/)
})

test('den run says what it found in place of what was meant', async (t) => {
  const s = await projectScene(t, { tree: { ...packageTree(pyproject()), 'sub/tool.py': '', 'report.py': '' } })
  if (s === undefined) return
  // Nothing runs in the place of an environment that is not there.
  const without = await s.refused('run', '--no-sync', 'python', '-V')
  assert.match(without, /error\[environment-not-found\]: the project has no environment\n[\s\S]*den sync/)
  await s.done('sync')
  const meant = async (word: string): Promise<readonly string[]> =>
    [...(await s.refused('run', word)).matchAll(/if that was meant: den run (\S+)/g)].map(([, name]) => name!)
  assert.deepEqual(await meant('ap'), ['app'])
  assert.deepEqual(await meant('report'), ['report.py'])
  assert.deepEqual(await meant('sub/toll.py'), ['sub/tool.py'])
  assert.deepEqual(await meant('qwertyuiop'), [])
  if (pythonOr(t, '3.11') === undefined) return
  const other = await s.done('run', '--no-sync', '-p', '3.11', 'python', '-V')
  assert.match(other.stdout, /^Python 3\.12/)
  assert.match(other.stderr, /^note: .*\.venv is taken as it is: it has Python 3\.12.*--python asks for another$/m)
})

test('outside of everything a Python that is asked for will do', async (t) => {
  const s = await projectScene(t, {
    tree: { 'plain.py': 'import os, sys; print(sys.version_info[:2], os.environ.get("VIRTUAL_ENV"))' },
  })
  if (s === undefined) return
  // The variable says which Python environments are to have, and asks for nothing by itself.
  assert.match(await s.refused('run', 'plain.py'), /error\[environment-not-found\]/)
  for (const _ of [1, 2]) assert.equal((await s.done('run', '-p', s.python, 'plain.py')).stdout, '(3, 12) None\n')
  assert.equal((await s.done('run', '--isolated', 'plain.py')).stdout, '(3, 12) None\n')
  await s.done('create')
  assert.match((await s.done('run', '-p', s.python, 'plain.py')).stdout, /\.venv\n$/)
})

test('what is laid over is seen by old Pythons too', async (t) => {
  for (const line of ['3.8', '3.11']) {
    const s = await projectScene(t, { line, tree: {} })
    if (s === undefined) continue
    await s.done('create', '--with', 'app<2')
    const seen = ['run', '--with', 'docs', 'python', '-c', 'import docs, app; print(app.version)']
    const ran = await s.done(...seen)
    assert.deepEqual([ran.stdout, /NameError|Traceback/.test(ran.stderr)], ['1.0\n', false], line)
  }
})

test('den run reads .env, over which the calling shell goes', async (t) => {
  const s = await projectScene(t)
  if (s === undefined) return
  await s.done('sync')
  s.write({ '.env': 'GREETING="hello $x ${NAME:-you}"\nTOLD=file\nwhat\n', 'more.env': 'TOLD=more\n' })
  const show = ['python', '-c', 'import os; print(os.environ.get("GREETING"), os.environ.get("TOLD"))']
  const read = async (env: Record<string, string>, ...args: readonly string[]): Promise<string> => {
    const ran = await den(['run', ...args, ...show], { cwd: s.root, env: { ...s.env, ...env } })
    assert.equal(ran.code, 0, ran.stderr)
    return ran.stdout.trim()
  }
  for (const _ of [1, 2]) {
    assert.equal(await read({}), 'hello $x you file')
    assert.equal(await read({ NAME: 'me', TOLD: 'shell' }), 'hello $x me shell')
    assert.equal(await read({}, '--env-file', 'more.env'), 'None more')
    assert.equal(await read({ DEN_ENV_FILE: 'more.env' }), 'None more')
    assert.equal(await read({}, '--no-env-file'), 'None None')
  }
  assert.match((await s.done('run', ...show)).stderr, /line 3 of .*\.env is no NAME=value/)
  s.write({ '.env': 'TOLD=anew\n' })
  assert.equal(await read({}), 'None anew')
  // By the variable: Node takes `--env-file` for its own, even behind the script that it runs.
  const gone = await den(['run', ...show], { cwd: s.root, env: { ...s.env, DEN_ENV_FILE: 'gone' } })
  assert.match(gone.stderr, /error\[env-file-missing\]/)
})

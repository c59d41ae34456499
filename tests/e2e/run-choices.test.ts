// den run takes what is said to it along, whichever environment the program gets.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { den } from '../kit/den.ts'
import { projectScene } from '../kit/project-scene.ts'

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

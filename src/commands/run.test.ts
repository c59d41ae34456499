import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FakeMachine, fakeHost } from '../../tests/kit/fake-host.ts'
import { placesOf } from '../config/places.ts'
import { planRun, type RunPlan } from './run.ts'

function plan(machine: FakeMachine, command: readonly string[] = ['python']): RunPlan {
  const host = fakeHost(machine)
  const core = { host, places: placesOf(host), report: () => undefined, signal: undefined }
  return planRun(core, { command })
}

const project = { '/p/shop/.venv/pyvenv.cfg': 'home = /usr/bin\n', '/p/shop/.venv/bin/python': '', '/usr/bin/ls': '' }

test('planRun() sets what activation would: PATH, VIRTUAL_ENV and the prompt that was chosen', () => {
  const machine: FakeMachine = { files: project, cwd: '/p/shop', env: { PATH: '/x:/usr/bin', PYTHONHOME: '/bad' } }
  const { file, env } = plan(machine)
  assert.equal(file, '/p/shop/.venv/bin/python')
  assert.equal(env['PATH'], '/p/shop/.venv/bin:/x:/usr/bin')
  assert.deepEqual([env['VIRTUAL_ENV'], env['VIRTUAL_ENV_PROMPT']], ['/p/shop/.venv', 'shop'])
  assert.equal('PYTHONHOME' in env, false)
  const chosen = { ...project, '/p/shop/.venv/pyvenv.cfg': "home = /usr/bin\nprompt = 'the shop'\n" }
  assert.equal(plan({ ...machine, files: chosen }).env['VIRTUAL_ENV_PROMPT'], 'the shop')
})

test('planRun() never puts the working directory on PATH by an empty entry', () => {
  for (const env of [{}, { PATH: '' }]) {
    const machine: FakeMachine = {
      files: { ...project, '/p/shop/ls': { content: '', mode: 0o755 } },
      cwd: '/p/shop',
      env,
    }
    const { file, env: given } = plan(machine, ['ls'])
    assert.equal(given['PATH'], '/p/shop/.venv/bin:/usr/bin:/bin')
    assert.equal(file, '/usr/bin/ls')
  }
})

test("planRun() gives conda's environments conda's variables: VIRTUAL_ENV would send uv and pip astray", () => {
  const files = { '/c/envs/web/conda-meta/history': '', '/c/envs/web/bin/python': '', '/p/x': '' }
  const env = { PATH: '/usr/bin', CONDA_PREFIX: '/c/envs/web', VIRTUAL_ENV: '/gone' }
  const { file, env: given } = plan({ files, cwd: '/p', env })
  assert.equal(file, '/c/envs/web/bin/python')
  assert.deepEqual([given['CONDA_PREFIX'], given['CONDA_DEFAULT_ENV']], ['/c/envs/web', 'web'])
  assert.equal('VIRTUAL_ENV' in given, false)
})

test("planRun() finds the Python of conda's Windows environments, which stands in the root", () => {
  const files = {
    'C:\\c\\envs\\web\\conda-meta\\history': '',
    'C:\\c\\envs\\web\\python.exe': { content: '', mode: 0o755 },
  }
  const env = { Path: 'C:\\Windows', CONDA_PREFIX: 'C:\\c\\envs\\web' }
  const { file, env: given } = plan({ platform: 'win32', files, cwd: 'C:\\', env })
  assert.equal(file.toLowerCase(), 'c:\\c\\envs\\web\\python.exe')
  assert.match(
    given['Path']!,
    /^C:\\c\\envs\\web;C:\\c\\envs\\web\\Library\\bin;C:\\c\\envs\\web\\Scripts;C:\\Windows$/,
  )
})

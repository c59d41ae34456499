import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FakeMachine, fakeHost } from '../../tests/kit/fake-host.ts'
import { isDenError } from '../base/error.ts'
import { placesOf } from '../config/places.ts'
import { type Selection, selectEnvironment } from './select.ts'

function select(machine: FakeMachine, wanted: { path?: string; name?: string } = {}): Selection {
  const host = fakeHost(machine)
  return selectEnvironment({ host, places: placesOf(host) }, wanted)
}

const project = { '/p/.venv/pyvenv.cfg': '', '/p/.venv/bin/python': '', '/p/src/deep/x': '' }

test('the nearest .venv at or above the working directory', () => {
  assert.deepEqual(select({ files: project, cwd: '/p/src/deep' }), { root: '/p/.venv', by: 'project' })
  const nested = { ...project, '/p/src/.venv/pyvenv.cfg': '' }
  assert.equal(select({ files: nested, cwd: '/p/src/deep' }).root, '/p/src/.venv')
  const redirected = { '/p/.venv': '../envs/x\n', '/envs/x/pyvenv.cfg': '', '/p/src/x': '' }
  assert.equal(select({ files: redirected, cwd: '/p/src' }).root, '/envs/x')
  const odd = { '/p/.venv': '/envs/a=b\n', '/envs/a=b/pyvenv.cfg': '' }
  assert.equal(select({ files: odd, cwd: '/p' }).root, '/envs/a=b')
})

test('the environment that one stands in, whoever made it', () => {
  const inside = { by: 'project', inside: true }
  for (const cwd of ['/p/.venv', '/p/.venv/bin']) {
    assert.deepEqual(select({ files: project, cwd }), { root: '/p/.venv', ...inside })
  }
  // Its own name is no condition.
  assert.deepEqual(select({ files: { '/p/my/pyvenv.cfg': '', '/p/my/lib/x': '' }, cwd: '/p/my/lib' }), {
    root: '/p/my',
    ...inside,
  })
  const conda = { '/c/envs/web/conda-meta/history': '', '/c/envs/web/bin/python': '' }
  assert.deepEqual(select({ files: conda, cwd: '/c/envs/web/bin' }), { root: '/c/envs/web', ...inside })
  const old = {
    '/v/bin/activate_this.py': '',
    '/v/bin/python': '',
    '/v/lib/python2.7/orig-prefix.txt': '/usr',
  }
  assert.deepEqual(select({ files: old, cwd: '/v/bin' }), { root: '/v', ...inside })
})

test('standing in an environment comes before the active one, and a project in it before it', () => {
  const files = { ...project, '/a/pyvenv.cfg': '' }
  assert.deepEqual(select({ files, cwd: '/p/.venv/bin', env: { VIRTUAL_ENV: '/a' } }), {
    root: '/p/.venv',
    by: 'project',
    inside: true,
    activeElsewhere: '/a',
  })
  const within = { '/c/conda-meta/history': '', '/c/src/p/.venv/pyvenv.cfg': '' }
  assert.deepEqual(select({ files: within, cwd: '/c/src/p' }), { root: '/c/src/p/.venv', by: 'project' })
})

test('one environment under two names is not another one', () => {
  const files = { ...project, '/link': { link: '/p' } }
  assert.deepEqual(select({ files, cwd: '/p', env: { VIRTUAL_ENV: '/link/.venv' } }), {
    root: '/p/.venv',
    by: 'project',
  })
})

test('a VIRTUAL_ENV that outlived its environment is no other one', () => {
  const machine: FakeMachine = { files: project, cwd: '/p', env: { VIRTUAL_ENV: '/gone' } }
  assert.deepEqual(select(machine), { root: '/p/.venv', by: 'project' })
})

test('directories that this user may not look into are passed over; a closed .venv is told of', () => {
  const files = { '/locked': { closed: true }, '/locked/code/x': '', '/a/pyvenv.cfg': '' }
  assert.deepEqual(select({ files, cwd: '/locked/code', env: { VIRTUAL_ENV: '/a' } }), {
    root: '/a',
    by: 'VIRTUAL_ENV',
  })
  assert.throws(
    () => select({ files: { '/p/.venv': { closed: true } }, cwd: '/p' }),
    (error) => isDenError(error, 'permission-denied'),
  )
})

test('the active environment, then that of conda, where the directory tells nothing', () => {
  const files = { '/a/pyvenv.cfg': '', '/c/conda-meta/history': '', '/p/x': '' }
  const env = { VIRTUAL_ENV: '/a', CONDA_PREFIX: '/c' }
  assert.deepEqual(select({ files, cwd: '/p', env }), { root: '/a', by: 'VIRTUAL_ENV' })
  assert.deepEqual(select({ files, cwd: '/p', env: { ...env, VIRTUAL_ENV: '/gone' } }), {
    root: '/c',
    by: 'CONDA_PREFIX',
  })
  assert.throws(
    () => select({ files, cwd: '/p' }),
    (error) => isDenError(error, 'environment-not-found'),
  )
})

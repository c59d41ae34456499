import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FakeMachine, fakeHost } from '../../tests/kit/fake-host.ts'
import { type Environment, readEnvironment } from './environment.ts'

const read = (root: string, files: FakeMachine['files'], machine: FakeMachine = {}): Environment | undefined =>
  readEnvironment(fakeHost({ ...machine, files: files ?? {} }), root)

const posix = (cfg: string, library = 'python3.12'): FakeMachine['files'] => ({
  '/e/pyvenv.cfg': cfg,
  '/e/bin/python': 'binary',
  [`/e/lib/${library}/site-packages`]: undefined,
})

test('readEnvironment() knows the maker by its mark in pyvenv.cfg', () => {
  for (const [line, kind] of [
    ['', 'venv'],
    ['uv = 0.13.8', 'uv'],
    ['virtualenv = 20.0', 'virtualenv'],
    ['den = 0.1.0', 'den'],
  ] as const) {
    assert.equal(read('/e', posix(`home = /b/bin\n${line}\n`))?.kind, kind)
  }
})

test('readEnvironment() tells the version by the library, and the micro version only where pyvenv.cfg agrees', () => {
  assert.deepEqual(read('/e', posix('home = /b\nversion = 3.12.4\n'))?.pythonVersion, {
    major: 3,
    minor: 12,
    micro: 4,
    freeThreaded: false,
  })
  assert.deepEqual(read('/e', posix('home = /b\nversion = 3.11.4\n'))?.pythonVersion, {
    major: 3,
    minor: 12,
    freeThreaded: false,
  })
  assert.deepEqual(read('/e', posix('home = /b\n', 'python3.13t'))?.pythonVersion, {
    major: 3,
    minor: 13,
    freeThreaded: true,
  })
  const pypy = read('/e', posix('home = /b\n', 'pypy3.10'))
  assert.deepEqual([pypy?.implementation, pypy?.pythonVersion?.minor], ['pypy', 10])
  const upgraded = read('/e', { ...posix('home = /b\n'), '/e/lib/python3.9/site-packages': undefined })
  assert.equal(upgraded?.paths.purelib, '/e/lib/python3.12/site-packages')
})

test('readEnvironment() reads what pyvenv.cfg says besides', () => {
  const cfg =
    "home = /b/bin\ninclude-system-site-packages = true\nprompt = 'my env'\nbase-prefix = /b\nbase-executable = /b/bin/python3.12\nrelocatable = true\nseed = pip, wheel\n"
  const environment = read('/e', { ...posix(cfg), '/e/.project': '/srv/project\n' })!
  assert.deepEqual(environment.base, { home: '/b/bin', executable: '/b/bin/python3.12', prefix: '/b' })
  assert.deepEqual(
    [environment.prompt, environment.systemSitePackages, environment.relocatable],
    ['my env', true, true],
  )
  assert.deepEqual(
    [environment.seeds, environment.project, environment.problem],
    [['pip', 'wheel'], '/srv/project', undefined],
  )
})

test('readEnvironment() reads a Windows layout', () => {
  const files = {
    'C:\\e\\pyvenv.cfg': 'home = C:\\Python312\nversion = 3.12.1\n',
    'C:\\e\\Scripts\\python.exe': 'MZ',
    'C:\\e\\Lib\\site-packages': undefined,
  }
  const environment = read('C:\\e', files, { platform: 'win32' })!
  assert.deepEqual(
    [environment.paths.python, environment.paths.purelib, environment.pythonVersion?.micro, environment.problem],
    ['C:\\e\\Scripts\\python.exe', 'C:\\e\\Lib\\site-packages', 1, undefined],
  )
})

test('readEnvironment() reads conda, pixi and an environment without Python', () => {
  const meta = '/m/envs/data/conda-meta'
  const conda = read('/m/envs/data', {
    [`${meta}/history`]: '',
    [`${meta}/python-3.12.2-hab00c5b_0_cpython.json`]: '{}',
    '/m/envs/data/bin/python': 'x',
    '/m/envs/data/lib/python3.12/site-packages': undefined,
  })!
  assert.deepEqual(
    [conda.kind, conda.name, conda.pythonVersion, conda.problem],
    ['conda', 'data', { major: 3, minor: 12, micro: 2, freeThreaded: false }, undefined],
  )
  const pixi = read('/p/.pixi/envs/default', {
    '/p/.pixi/envs/default/conda-meta/pixi': '{}',
    '/p/.pixi/envs/default/bin/tool': '',
  })!
  assert.deepEqual([pixi.kind, pixi.name, pixi.problem?.code], ['pixi', undefined, 'no-python'])
  const base = read('/m', { '/m/conda-meta/history': '', '/m/condabin/conda': '' })!
  assert.equal(base.name, 'base')
  const windows = read(
    'C:\\m',
    {
      'C:\\m\\conda-meta\\python-3.11.0-0_cpython.json': '',
      'C:\\m\\python.exe': 'MZ',
      'C:\\m\\Lib\\site-packages': undefined,
    },
    { platform: 'win32' },
  )!
  assert.deepEqual([windows.paths.python, windows.paths.purelib], ['C:\\m\\python.exe', 'C:\\m\\Lib\\site-packages'])
})

test('readEnvironment() knows virtualenv before 20 without a pyvenv.cfg', () => {
  const library = '/e/lib/python2.7'
  const files = {
    '/e/bin/python': 'x',
    [`${library}/site-packages`]: undefined,
    [`${library}/orig-prefix.txt`]: '/usr\n',
  }
  const open = read('/e', files)!
  assert.deepEqual(
    [open.kind, open.base.prefix, open.systemSitePackages, open.pythonVersion?.major],
    ['virtualenv', '/usr', true, 2],
  )
  assert.equal(read('/e', { ...files, [`${library}/no-global-site-packages.txt`]: '' })?.systemSitePackages, false)
})

test('readEnvironment() reads broken environments and says what is wrong', () => {
  const { '/e/bin/python': _, ...noPython } = posix('home = /b\n') as Record<string, never>
  const problem = (files: FakeMachine['files']): string | undefined => read('/e', files)?.problem?.code
  assert.equal(problem(noPython), 'no-executable')
  assert.equal(problem({ ...noPython, '/e/bin/python': { link: '/gone/python' } }), 'dangling-executable')
  assert.equal(problem({ '/e/pyvenv.cfg': 'home = /b\n', '/e/bin/python': 'x' }), 'no-site-packages')
  assert.equal(
    problem({ '/e/bin/python': 'x', '/e/bin/activate': '', '/e/lib/python3.9/site-packages': undefined }),
    'no-configuration',
  )
  assert.equal(problem({ '/e': { closed: true } }), 'unreadable')
})

test('readEnvironment() finds none where there is none', () => {
  assert.equal(read('/e', {}), undefined)
  assert.equal(read('/e', { '/e/bin/ls': '' }), undefined)
  assert.equal(read('/usr', { '/usr/bin/python3': 'x', '/usr/lib/python3.11/os.py': '' }), undefined)
  assert.equal(read('/e', { '/e': 'a file' }), undefined)
})

test('readEnvironment() takes no installation for an environment because its bin is closed', () => {
  const files: FakeMachine['files'] = {
    '/v/3.12.1/bin': { closed: true },
    '/v/3.12.1/bin/python': '',
    '/v/3.12.1/lib/x': '',
  }
  assert.equal(read('/v/3.12.1', files), undefined)
})

test('readEnvironment() tells where a deleted library was', () => {
  const files = { '/e/pyvenv.cfg': 'home = /usr/bin\nversion = 3.12.1\n', '/e/bin/python': '' }
  const environment = read('/e', files)
  assert.equal(environment?.paths.purelib, '/e/lib/python3.12/site-packages')
  assert.equal(environment.problem?.code, 'no-site-packages')
})

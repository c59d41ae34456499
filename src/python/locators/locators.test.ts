import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FakeMachine, fakeHost } from '../../../tests/kit/fake-host.ts'
import { asdf } from './asdf.ts'
import { conda, environmentDirectories } from './conda.ts'
import { homebrew } from './homebrew.ts'
import type { Locator } from './locator.ts'
import { pythonOrg, xcode } from './mac.ts'
import { mise } from './mise.ts'
import { path } from './path.ts'
import { pyenv } from './pyenv.ts'
import { nix, system } from './system.ts'
import { uv } from './uv.ts'

async function find(locator: Locator, machine: FakeMachine): Promise<readonly (readonly [string, string?])[]> {
  const found: (readonly [string, string?])[] = []
  for await (const { executable, name } of locator.find(fakeHost(machine))) {
    found.push(name === undefined ? [executable] : [executable, name])
  }
  return found
}

test('path finds interpreters in the order of PATH, most telling name first, absolute directories only', async () => {
  const machine: FakeMachine = {
    files: {
      '/a/bin/python3': '',
      '/a/bin/python3.9': '',
      '/a/bin/python3.10': '',
      '/a/bin/python3-config': '',
      '/a/bin/pypy3': '',
      '/b/python': { link: '/gone' },
      '/home/me/rel/python': '',
    },
    env: { PATH: '/a/bin:rel:/missing:/b:/a/bin' },
  }
  assert.deepEqual(await find(path, machine), [
    ['/a/bin/python3.10'],
    ['/a/bin/python3.9'],
    ['/a/bin/python3'],
    ['/a/bin/pypy3'],
    ['/b/python'],
  ])
})

test('path takes shims for what they start, and leaves those that start nothing', async () => {
  const shim = '#!/usr/bin/env bash\nexec "/r/libexec/pyenv" exec "$program" "$@"\n'
  const machine: FakeMachine = {
    files: {
      '/r/shims/python3.12': shim,
      '/r/shims/python3.11': shim,
      '/r/version': '3.11.7',
      '/r/versions/3.11.7/bin/python3.11': '',
      '/r/versions/3.12.1/bin/python3.12': '',
    },
    env: { PATH: '/r/shims' },
  }
  const found: unknown[] = []
  for await (const candidate of path.find(fakeHost(machine))) found.push(candidate)
  assert.deepEqual(found, [{ executable: '/r/versions/3.11.7/bin/python3.11', alsoAt: ['/r/shims/python3.11'] }])
})

test("path leaves macOS's stub alone, which may ask to install Xcode", async () => {
  const machine: FakeMachine = { platform: 'darwin', files: { '/usr/bin/python3': '' }, env: { PATH: '/usr/bin' } }
  assert.deepEqual(await find(path, machine), [])
})

test('a directory that is closed to the user hides nothing of the others', async () => {
  const files = { '/closed': { closed: true }, '/closed/python3': '', '/open/python3': '' }
  assert.deepEqual(await find(path, { files, env: { PATH: '/closed:/open' } }), [['/open/python3']])
})

test('what is closed to the user is named, to be shown as broken, and ends no search', async () => {
  const files = {
    '/r/versions/3.12.1': { closed: true },
    '/r/versions/3.12.1/bin/python3.12': '',
    '/r/versions/3.11.7/bin/python3.11': '',
    '/r/shims/python3': { content: '#!/bin/sh\nexec pyenv exec', mode: 0o711, closed: true },
    '/opt/python': { closed: true },
  }
  assert.deepEqual(await find(pyenv, { files, env: { PYENV_ROOT: '/r' } }), [
    ['/r/versions/3.12.1/bin/python3.12', '3.12.1'],
    ['/r/versions/3.11.7/bin/python3.11', '3.11.7'],
  ])
  assert.deepEqual(await find(path, { files, env: { PATH: '/r/shims' } }), [['/r/shims/python3']])
  assert.deepEqual(await find(system, { files }), [])
})

test('pyenv finds versions newest first, then the environments of pyenv-virtualenv', async () => {
  const files = {
    '/r/versions/3.9.18/bin/python3.9': '',
    '/r/versions/3.12.1/bin/python3.12': '',
    '/r/versions/3.12.1/envs/web/bin/python': '',
    '/r/versions/3.13.1t/bin/python3.13t': '',
    '/r/versions/pypy3.10-7.3.12/bin/pypy3.10': '',
    '/r/versions/half-done/bin': undefined,
    '/r/versions/web': { link: '3.12.1/envs/web' },
  }
  assert.deepEqual(await find(pyenv, { files, env: { PYENV_ROOT: '/r' } }), [
    ['/r/versions/pypy3.10-7.3.12/bin/pypy3.10', 'pypy3.10-7.3.12'],
    ['/r/versions/half-done/bin/python', 'half-done'],
    ['/r/versions/3.13.1t/bin/python3.13t', '3.13.1t'],
    ['/r/versions/3.12.1/bin/python3.12', '3.12.1'],
    ['/r/versions/3.9.18/bin/python3.9', '3.9.18'],
    ['/r/versions/3.12.1/envs/web/bin/python', 'web'],
  ])
})

test('pyenv finds the versions of pyenv-win', async () => {
  const root = 'C:\\Users\\me\\.pyenv\\pyenv-win'
  const files = { [`${root}\\versions\\3.12.1\\python.exe`]: 'x', [`${root}\\versions\\3.9.13-win32\\python.exe`]: 'x' }
  assert.deepEqual(await find(pyenv, { platform: 'win32', files }), [
    [`${root}\\versions\\3.12.1\\python.exe`, '3.12.1'],
    [`${root}\\versions\\3.9.13-win32\\python.exe`, '3.9.13-win32'],
  ])
})

test('uv finds the links of minor versions before the releases behind them', async () => {
  const data = '/home/me/.local/share/uv/python'
  const files = {
    [`${data}/cpython-3.13.1-linux-x86_64-gnu/bin/python3.13`]: '',
    [`${data}/cpython-3.13-linux-x86_64-gnu`]: { link: 'cpython-3.13.1-linux-x86_64-gnu' },
    [`${data}/cpython-3.14.0+freethreaded-linux-x86_64-gnu/bin/python3.14t`]: '',
    [`${data}/.temp/x`]: '',
  }
  assert.deepEqual(await find(uv, { files }), [
    [`${data}/cpython-3.13-linux-x86_64-gnu/bin/python3.13`, 'cpython-3.13-linux-x86_64-gnu'],
    [
      `${data}/cpython-3.14.0+freethreaded-linux-x86_64-gnu/bin/python3.14t`,
      'cpython-3.14.0+freethreaded-linux-x86_64-gnu',
    ],
    [`${data}/cpython-3.13.1-linux-x86_64-gnu/bin/python3.13`, 'cpython-3.13.1-linux-x86_64-gnu'],
  ])
})

test('mise and asdf find installed versions, not the links to them', async () => {
  const files = {
    '/home/me/.local/share/mise/installs/python/3.12.1/bin/python3.12': '',
    '/home/me/.local/share/mise/installs/python/3.12': { link: './3.12.1' },
    '/home/me/.local/share/mise/installs/python/latest': { link: './3.12.1' },
    '/opt/asdf/installs/python/3.11.0/bin/python3.11': '',
  }
  assert.deepEqual(await find(mise, { files }), [
    ['/home/me/.local/share/mise/installs/python/3.12.1/bin/python3.12', '3.12.1'],
  ])
  assert.deepEqual(await find(asdf, { files, env: { ASDF_DATA_DIR: '/opt/asdf' } }), [
    ['/opt/asdf/installs/python/3.11.0/bin/python3.11', '3.11.0'],
  ])
})

test('conda finds the installation, its environments, listed ones and configured ones; without Python there is nothing to list', async () => {
  const environment = (prefix: string) => ({ [`${prefix}/conda-meta/history`]: '', [`${prefix}/bin/python`]: '' })
  const files = {
    ...environment('/home/me/miniconda3'),
    ...environment('/home/me/miniconda3/envs/web'),
    '/home/me/miniconda3/envs/tools/conda-meta/history': '',
    ...environment('/data/listed'),
    '/home/me/.conda/environments.txt': '/data/listed\n/data/gone\n',
    ...environment('/shared/envs/team'),
    '/home/me/.condarc': 'channels:\n  - conda-forge\nenvs_dirs:\n  - /shared/envs  # ours\n  - ~/elsewhere\n',
    ...environment('/home/me/elsewhere/own'),
  }
  assert.deepEqual(await find(conda, { files }), [
    ['/home/me/miniconda3/bin/python', 'base'],
    ['/data/listed/bin/python', 'listed'],
    ['/home/me/miniconda3/envs/web/bin/python', 'web'],
    ['/shared/envs/team/bin/python', 'team'],
    ['/home/me/elsewhere/own/bin/python', 'own'],
  ])
})

test('environmentDirectories() reads block and flow lists of .condarc', () => {
  assert.deepEqual(environmentDirectories('envs_dirs: [/a, "/b c"]\n'), ['/a', '/b c'])
  assert.deepEqual(environmentDirectories("envs_path:\n- '/a'\n# comment\n- /b\nchannels:\n- x\n"), ['/a', '/b'])
  assert.deepEqual(environmentDirectories('pkgs_dirs:\n  - /a\n'), [])
})

test("homebrew names the stable links, never the Cellar's directories", async () => {
  const files = {
    '/opt/homebrew/opt/python@3.12': undefined,
    '/opt/homebrew/opt/python@3.13': undefined,
    '/opt/homebrew/opt/python3': undefined,
    '/opt/homebrew/opt/git': undefined,
  }
  assert.deepEqual(await find(homebrew, { platform: 'darwin', files }), [
    ['/opt/homebrew/opt/python@3.13/bin/python3.13', 'python@3.13'],
    ['/opt/homebrew/opt/python@3.12/bin/python3.12', 'python@3.12'],
  ])
})

test("python.org's frameworks and Xcode's Pythons are found on macOS alone", async () => {
  const files = {
    '/Library/Frameworks/Python.framework/Versions/3.12/bin/python3.12': '',
    '/Library/Frameworks/Python.framework/Versions/Current': { link: '3.12' },
    '/Library/Frameworks/PythonT.framework/Versions/3.13/bin/python3.13t': '',
    '/Library/Developer/CommandLineTools/usr/bin/python3': '',
    '/Applications/Xcode-beta.app/Contents/Developer/usr/bin/python3': '',
  }
  assert.deepEqual(await find(pythonOrg, { platform: 'darwin', files }), [
    ['/Library/Frameworks/Python.framework/Versions/3.12/bin/python3.12', '3.12'],
    ['/Library/Frameworks/PythonT.framework/Versions/3.13/bin/python3.13t', '3.13t'],
  ])
  assert.deepEqual(await find(xcode, { platform: 'darwin', files }), [
    ['/Library/Developer/CommandLineTools/usr/bin/python3'],
    ['/Applications/Xcode-beta.app/Contents/Developer/usr/bin/python3'],
  ])
  assert.deepEqual(await find(pythonOrg, { platform: 'linux', files }), [])
})

test('system looks where the machine keeps programs, once on merged systems', async () => {
  const files = {
    '/usr/bin/python3.11': '',
    '/bin': { link: 'usr/bin' },
    '/usr/local/bin/python3.12': '',
    '/opt/python/cp313-cp313/bin/python': '',
  }
  assert.deepEqual(await find(system, { files }), [
    ['/usr/bin/python3.11'],
    ['/usr/local/bin/python3.12'],
    ['/opt/python/cp313-cp313/bin/python', 'cp313-cp313'],
  ])
})

test('nix finds the Pythons of its profiles', async () => {
  const files = {
    '/nix/store/abc-python3-3.12.1/bin/python3.12': '',
    '/home/me/.nix-profile/bin/python3.12': { link: '/nix/store/abc-python3-3.12.1/bin/python3.12' },
    '/etc/profiles/per-user/me/bin/python3': { link: '/nix/store/abc-python3-3.12.1/bin/python3.12' },
  }
  assert.deepEqual(await find(nix, { files, env: { USER: 'me' } }), [
    ['/home/me/.nix-profile/bin/python3.12'],
    ['/etc/profiles/per-user/me/bin/python3'],
  ])
})

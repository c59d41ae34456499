import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FakeMachine, fakeHost } from '../../tests/kit/fake-host.ts'
import { resolveShim } from './shims.ts'

const pyenvShim = '#!/usr/bin/env bash\nset -e\nprogram="${0##*/}"\nexec "/r/libexec/pyenv" exec "$program" "$@"\n'
const pyenv = {
  '/r/shims/python3': pyenvShim,
  '/r/shims/python3.12': pyenvShim,
  '/r/versions/3.11.7/bin/python3': 'x',
  '/r/versions/3.12.9/bin/python3': 'x',
  '/r/versions/3.12.10/bin/python3': 'x',
  '/r/versions/3.12.10/bin/python3.12': 'x',
  '/usr/bin/python3': 'x',
}

function target(machine: FakeMachine, shim: string): string | undefined {
  const found = resolveShim(fakeHost(machine), shim)
  return found === undefined ? 'no shim' : found.target
}

test('resolveShim() follows pyenv: variable, then .python-version upward, then the global file, then the system', () => {
  const env = { PATH: '/r/shims:/usr/bin' }
  const global = { ...pyenv, '/r/version': '3.11.7\n' }
  const local = { ...global, '/project/.python-version': '# ours\n3.12.9\n' }
  assert.equal(
    target({ files: local, env: { ...env, PYENV_VERSION: '3.12.10' }, cwd: '/project/a' }, '/r/shims/python3'),
    '/r/versions/3.12.10/bin/python3',
  )
  assert.equal(target({ files: local, env, cwd: '/project/a' }, '/r/shims/python3'), '/r/versions/3.12.9/bin/python3')
  assert.equal(target({ files: global, env }, '/r/shims/python3'), '/r/versions/3.11.7/bin/python3')
  assert.equal(target({ files: pyenv, env }, '/r/shims/python3'), '/usr/bin/python3')
})

test('resolveShim() takes the newest installed patch release for a line, and the first version that has the program', () => {
  const machine = (version: string): FakeMachine => ({ files: { ...pyenv, '/r/version': version } })
  assert.equal(target(machine('3.12'), '/r/shims/python3'), '/r/versions/3.12.10/bin/python3')
  assert.equal(target(machine('3.11.7 comment\n3.12.10'), '/r/shims/python3.12'), '/r/versions/3.12.10/bin/python3.12')
})

test('resolveShim() says which selection lacks the program', () => {
  const found = resolveShim(fakeHost({ files: { ...pyenv, '/r/version': '3.11.7' } }), '/r/shims/python3.12')
  assert.deepEqual(found, {
    tool: 'pyenv',
    why: "pyenv's shim for python3.12: 3.11.7 is selected by /r/version, which has no python3.12",
  })
})

test('resolveShim() does not let a version file lead out of the versions', () => {
  const files = {
    ...pyenv,
    '/project/.python-version': '../../evil\n',
    '/evil/bin/python3': 'x',
    '/r/version': '3.11.7',
  }
  assert.equal(target({ files, cwd: '/project' }, '/r/shims/python3'), '/r/versions/3.11.7/bin/python3')
})

test("resolveShim() takes the full name of pyenv-virtualenv's environments", () => {
  const files = { ...pyenv, '/r/versions/3.12.10/envs/web/bin/python3': 'x', '/evil/bin/python3': 'x' }
  const chosen = (line: string) =>
    target({ files: { ...files, '/project/.python-version': line }, cwd: '/project' }, '/r/shims/python3')
  assert.equal(chosen('3.12.10/envs/web\n'), '/r/versions/3.12.10/envs/web/bin/python3')
  for (const line of ['3.12.10/envs/../../../../evil\n', '3.12.10/envs/..\n', '../envs/x\n']) {
    assert.equal(chosen(line), undefined, line)
  }
})

test('resolveShim() follows asdf', () => {
  const files = {
    '/home/me/.asdf/shims/python3':
      '#!/usr/bin/env bash\n# asdf-plugin: python 3.12.1\nexec /opt/asdf/bin/asdf exec "python3" "$@"\n',
    '/home/me/.asdf/installs/python/3.12.1/bin/python3': 'x',
    '/home/me/.asdf/installs/python/3.11.0/bin/python3': 'x',
    '/home/me/.tool-versions': 'nodejs 20\npython 3.11.0\n',
    '/project/.tool-versions': 'python 3.12.1 # ours\n',
  }
  const shim = '/home/me/.asdf/shims/python3'
  assert.equal(target({ files, cwd: '/project' }, shim), '/home/me/.asdf/installs/python/3.12.1/bin/python3')
  assert.equal(target({ files, cwd: '/' }, shim), '/home/me/.asdf/installs/python/3.11.0/bin/python3')
  assert.equal(
    target({ files, cwd: '/', env: { ASDF_PYTHON_VERSION: '3.12.1' } }, shim),
    '/home/me/.asdf/installs/python/3.12.1/bin/python3',
  )
})

test('resolveShim() follows mise, whose shims are links to mise itself', () => {
  const data = '/home/me/.local/share/mise'
  const files = {
    '/usr/bin/mise': 'program',
    [`${data}/shims/python`]: { link: '/usr/bin/mise' },
    [`${data}/installs/python/3.13.1/bin/python`]: 'x',
    [`${data}/installs/python/3.12.4/bin/python`]: 'x',
    '/project/mise.toml': '[env]\npython = "no"\n[tools]\nnode = "20"\npython = ["3.13", "3.12"]\n',
    '/home/me/.config/mise/config.toml': '[tools]\npython = { version = "3.12.4" }\n',
  }
  assert.equal(target({ files, cwd: '/project' }, `${data}/shims/python`), `${data}/installs/python/3.13.1/bin/python`)
  assert.equal(target({ files, cwd: '/' }, `${data}/shims/python`), `${data}/installs/python/3.12.4/bin/python`)
})

test('resolveShim() follows pyenv-win, whose shims are batch files', () => {
  const root = 'C:\\Users\\me\\.pyenv\\pyenv-win'
  const files = {
    [`${root}\\shims\\python.bat`]: '@echo off\r\nchcp 1250 > NUL\r\ncall pyenv exec %~n0 %*\r\n',
    [`${root}\\versions\\3.12.1\\python.exe`]: 'x',
    [`${root}\\version`]: '3.12.1\r\n',
  }
  assert.equal(
    target({ platform: 'win32', files }, `${root}\\shims\\python.bat`),
    `${root}\\versions\\3.12.1\\python.exe`,
  )
})

test('resolveShim() takes no other script for a shim', () => {
  assert.equal(
    target({ files: { '/x/bin/python': '#!/bin/sh\nexec /usr/bin/python3 "$@"\n' } }, '/x/bin/python'),
    'no shim',
  )
  assert.equal(target({ files: { '/x/bin/python': '\x7fELF' } }, '/x/bin/python'), 'no shim')
  assert.equal(target({}, '/none'), 'no shim')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeHost } from '../../../tests/kit/fake-host.ts'
import { activationState } from './activation-state.ts'
import { explainCommands } from './which.ts'

const environment = {
  '/env/pyvenv.cfg': 'home = /usr/bin\n',
  '/env/bin/python': { link: '/usr/bin/python3.12' },
  '/env/bin/pip': '#!/env/bin/python\nimport pip\n',
  '/env/bin/activate': 'VIRTUAL_ENV="/env"\nexport VIRTUAL_ENV\n',
  '/usr/bin/python3.12': '\x7fELF',
  '/usr/bin/python3': { link: 'python3.12' },
  '/usr/bin/pip': '#!/usr/bin/python3\n',
}

test('explainCommands() walks PATH from left to right and says what each file leads to', () => {
  const host = fakeHost({ files: environment, env: { PATH: '/env/bin:/usr/bin' } })
  const [python, python3, pip] = explainCommands(host)
  assert.deepEqual(
    python?.files.map(({ path, kind, environment }) => [path, kind, environment]),
    [['/env/bin/python', 'python', '/env']],
  )
  assert.equal(python3?.files[0]?.environment, undefined)
  assert.deepEqual(
    pip?.files.map(({ interpreter, environment }) => [interpreter, environment]),
    [
      ['/env/bin/python', '/env'],
      ['/usr/bin/python3', undefined],
    ],
  )
})

test('explainCommands() follows a shim of pyenv without running it', () => {
  const files = {
    '/pyenv/shims/python': '#!/usr/bin/env bash\nexec "/pyenv/libexec/pyenv" exec "$program" "$@"\n',
    '/pyenv/version': '3.11.7\n',
    '/pyenv/versions/3.11.7/bin/python': '\x7fELF',
  }
  const host = fakeHost({ files, env: { PATH: '/pyenv/shims' }, cwd: '/' })
  const [python] = explainCommands(host)
  assert.equal(python?.files[0]?.kind, 'shim')
  assert.equal(python?.files[0]?.interpreter, '/pyenv/versions/3.11.7/bin/python')
  assert.deepEqual(host.spawned, [])
})

test('explainCommands() says when the interpreter of a script has gone', () => {
  const files = { '/env/pyvenv.cfg': '', '/env/bin/pip': '#!/old/env/bin/python\n' }
  const [, , pip] = explainCommands(fakeHost({ files, env: { PATH: '/env/bin' } }))
  assert.match(pip!.files[0]!.why, /\/old\/env\/bin\/python, which is not there.*\/env was moved or copied/)
})

test('explainCommands() puts what the shell knows before PATH', () => {
  const host = fakeHost({ files: environment, env: { PATH: '/env/bin' } })
  const hints = { aliases: { python: 'python2' }, functions: ['pip'], hashed: { python3: '/gone/python3' } }
  const kinds = explainCommands(host, hints).map(({ before }) => before?.kind)
  assert.deepEqual(kinds, ['alias', 'hash', 'function', undefined])
})

test('explainCommands() looks for the suffixes of PATHEXT on Windows', () => {
  const files = { 'C:\\env\\pyvenv.cfg': '', 'C:\\env\\Scripts\\python.exe': { content: 'MZ', mode: 0o755 } }
  const host = fakeHost({ platform: 'win32', files, env: { Path: 'C:\\env\\Scripts', PATHEXT: '.COM;.EXE' } })
  assert.equal(explainCommands(host)[0]?.files[0]?.path, 'C:\\env\\Scripts\\python.exe')
})

const stateIn = (env: Record<string, string>, files: Record<string, string | { link: string }> = environment) => {
  const host = fakeHost({ files, env })
  return activationState(host, explainCommands(host))
}

test('activationState() tells an environment in effect from one that is not', () => {
  assert.equal(stateIn({ PATH: '/usr/bin' }).kind, 'none')
  assert.equal(stateIn({ PATH: '/env/bin:/usr/bin' }).kind, 'path-only')
  assert.equal(stateIn({ PATH: '/env/bin:/usr/bin', VIRTUAL_ENV: '/env' }).kind, 'in-effect')
  const off = stateIn({ PATH: '/usr/bin', VIRTUAL_ENV: '/env' })
  assert.equal(off.kind, 'not-in-effect')
  assert.deepEqual(off.fix, ['source /env/bin/activate'])
})

test('activationState() names the directory that comes first', () => {
  const files = { ...environment, '/opt/bin/python': '\x7fELF' }
  const state = stateIn({ PATH: '/opt/bin:/env/bin', VIRTUAL_ENV: '/env' }, files)
  assert.equal(state.kind, 'not-in-effect')
  assert.match(state.why[0]!, /^\/opt\/bin comes before \/env\/bin/)
})

test('activationState() notices a directory that is gone, and one that was moved', () => {
  assert.equal(stateIn({ PATH: '/usr/bin', VIRTUAL_ENV: '/gone' }).kind, 'gone')
  const moved = { ...environment, '/env/bin/activate': "VIRTUAL_ENV='/old/env'\n" }
  const state = stateIn({ PATH: '/env/bin', VIRTUAL_ENV: '/env' }, moved)
  assert.match(state.why[0]!, /still names \/old\/env/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FakeHost, type FakeMachine, fakeHost } from '../../tests/kit/fake-host.ts'
import { posixPython, pypy } from '../../tests/kit/installations.ts'
import { type DenError, isDenError } from '../base/error.ts'
import { parsePythonRequest } from '../spec/python-request.ts'
import type { PythonContext } from './context.ts'
import { findPython, findPythons } from './find.ts'
import { type FoundPython, formatPythonVersion } from './interpreter.ts'
import type { FindPythonOptions } from './search.ts'

function world(machine: FakeMachine): PythonContext & { readonly host: FakeHost } {
  return { host: fakeHost(machine), report: () => undefined, places: { cache: '/cache' } }
}

async function all(machine: FakeMachine): Promise<readonly FoundPython[]> {
  const found: FoundPython[] = []
  for await (const one of findPythons(world(machine))) found.push(one)
  return found
}

async function first(machine: FakeMachine, request: string, options?: FindPythonOptions): Promise<string> {
  const found = await findPython(world(machine), parsePythonRequest(request), options)
  return `${formatPythonVersion(found.interpreter.version)} ${found.executable}`
}

const usr = posixPython({ prefix: '/usr', version: '3.11.2' })
const local = posixPython({ prefix: '/usr/local', version: '3.12.1' })
const old = posixPython({ prefix: '/opt/old', version: '2.7.18' })
const path = { PATH: '/usr/bin:/usr/local/bin' }

test('findPythons() gives each interpreter once, with all its names', async () => {
  const found = await all({
    files: { ...usr, '/bin': { link: 'usr/bin' }, '/a/python': { link: '/usr/bin/python3' } },
    env: { PATH: '/bin:/usr/bin:/a' },
  })
  assert.equal(found.length, 1)
  const [python] = found
  assert.equal(python?.executable, '/bin/python3.11')
  assert.deepEqual(python?.alsoAt, [
    '/bin/python3',
    '/bin/python',
    '/usr/bin/python3.11',
    '/usr/bin/python3',
    '/usr/bin/python',
    '/a/python',
  ])
})

test('findPython() takes a name for a directory of this one where PATH has no such program', async () => {
  const files = { ...usr, ...local, '/p/env/pyvenv.cfg': 'home = /usr/local/bin\n' }
  const machine: FakeMachine = {
    files: { ...files, '/p/env/bin/python': { link: '/usr/local/bin/python3.12' }, '/p/python3/x': '' },
    cwd: '/p',
    env: { PATH: '/usr/bin' },
  }
  assert.equal(await first(machine, 'env'), '3.12.1 /p/env/bin/python')
  assert.equal(await first(machine, 'python3'), '3.11.2 /usr/bin/python3')
  await assert.rejects(first(machine, 'nothing'), { code: 'python-not-found' })
  // A checkout may not choose what is run by its .python-version.
  const version = { ...machine, files: { ...machine.files, '/p/.python-version': 'env\n' } }
  await assert.rejects(first(version, ''), { code: 'python-not-found' })
})

test('findPython() passes over what this user is kept from reading, and findPythons() lists it', async () => {
  const machine: FakeMachine = {
    files: {
      ...usr,
      '/r/shims/python3': { content: '#!/bin/sh\nexec pyenv exec', mode: 0o711, closed: true },
      '/r/versions/3.12.1': { closed: true },
      '/r/versions/3.12.1/bin/python3.12': '',
      '/half': { closed: true },
      '/half/python3': '',
    },
    env: { PATH: '/half:/r/shims:/usr/bin', PYENV_ROOT: '/r' },
  }
  assert.equal(await first(machine, ''), '3.11.2 /usr/bin/python3')
  const found = await all(machine)
  assert.deepEqual(
    found.map(({ executable, problem }) => [executable, problem?.code]),
    [
      ['/r/shims/python3', 'unreadable'],
      ['/usr/bin/python3.11', undefined],
      ['/r/versions/3.12.1/bin/python3.12', 'unreadable'],
    ],
  )
})

test('findPythons() lists broken ones with their problem', async () => {
  const files = {
    ...usr,
    '/b/python3': { link: '/gone/python3' },
    '/b/python3.9': '#!/bin/false\n',
    '/closed': { closed: true },
  }
  const found = await all({
    files: { ...files, '/b/python3.9': { content: '#!/bin/false\n', mode: 0o755 } },
    env: { PATH: '/b:/closed:/usr/bin' },
  })
  assert.deepEqual(
    found.map(({ executable, problem }) => [executable, problem?.code]),
    [
      ['/b/python3.9', 'foreign'],
      ['/b/python3', 'dangling-link'],
      ['/usr/bin/python3.11', undefined],
    ],
  )
})

test('findPythons() keeps an environment apart from its base, and takes the name of the tool that knows one', async () => {
  const files = {
    ...posixPython({ prefix: '/r/versions/3.12.1', version: '3.12.1' }),
    '/e/pyvenv.cfg': 'home = /r/versions/3.12.1/bin\n',
    '/e/bin/python': { link: '/r/versions/3.12.1/bin/python3.12' },
  }
  const found = await all({ files, env: { PATH: '/e/bin:/r/versions/3.12.1/bin', PYENV_ROOT: '/r' } })
  assert.deepEqual(
    found.map(({ executable, environment, locator, name }) => [executable, environment, locator, name]),
    [
      ['/e/bin/python', '/e', 'path', undefined],
      ['/r/versions/3.12.1/bin/python3.12', undefined, 'path', '3.12.1'],
    ],
  )
})

test('findPythons() asks several at a time and gives them in order', async () => {
  const wrappers = Object.fromEntries(
    ['python3.6', 'python3.7', 'python3.8', 'python3.9', 'pypy3', 'python3', 'python'].map((name) => [
      `/w/bin/${name}`,
      '#!/bin/sh\n',
    ]),
  )
  let running = 0
  let most = 0
  const spawn = async () => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setTimeout(resolve, 5))
    running -= 1
    return { code: 1 }
  }
  const found = await all({ files: wrappers, env: { PATH: '/w/bin' }, spawn })
  assert.deepEqual(
    found.map(({ executable }) => executable.slice(7)),
    ['python3.9', 'python3.8', 'python3.7', 'python3.6', 'python3', 'python', 'pypy3'],
  )
  assert.equal(most, 4)
})

test('findPythons() stops at the signal', async () => {
  const context = { ...world({ files: usr, env: path }), signal: AbortSignal.abort() }
  await assert.rejects(
    async () => {
      for await (const _ of findPythons(context));
    },
    (error) => isDenError(error, 'aborted'),
  )
})

test('findPython() takes the first on PATH for nothing asked, and looks no further', async () => {
  const context = world({ files: { ...usr, ...local }, env: path })
  const listed: string[] = []
  const names = (name: string) => {
    listed.push(name)
    return context.host.files.names(name)
  }
  const files = { ...context.host.files, names, list: () => assert.fail('listed') }
  const found = await findPython({ ...context, host: { ...context.host, files } }, { kind: 'any' })
  assert.equal(found.executable, '/usr/bin/python3')
  assert.equal(found.because, 'it is the first that fits on PATH (/usr/bin/python3)')
  assert.deepEqual(listed, ['/usr/lib/python3.11/lib-dynload'])
})

test('findPython() takes Python 2, pre-releases, debug builds and other implementations only where nothing else is or they are asked for', async () => {
  const env = { PATH: '/opt/old/bin:/opt/new/bin:/opt/pypy/bin:/opt/d/bin:/usr/bin' }
  const rare = {
    ...old,
    ...posixPython({ prefix: '/opt/new', version: '3.15.0a1' }),
    ...pypy({ prefix: '/opt/pypy', version: '3.10.14', own: '7.3.17' }),
    ...posixPython({ prefix: '/opt/d', version: '3.12.1', flags: 'd' }),
  }
  assert.equal(await first({ files: { ...rare, ...usr }, env }, ''), '3.11.2 /usr/bin/python3')
  assert.equal(await first({ files: { ...rare, ...usr }, env }, '3'), '3.11.2 /usr/bin/python3')
  assert.equal(await first({ files: rare, env }, ''), '3.12.1 /opt/d/bin/python3')
  assert.equal(await first({ files: old, env }, ''), '2.7.18 /opt/old/bin/python')
  assert.equal(await first({ files: { ...rare, ...usr }, env }, '2.7'), '2.7.18 /opt/old/bin/python2.7')
  assert.equal(await first({ files: { ...rare, ...usr }, env }, '3.15'), '3.15.0a1 /opt/new/bin/python3.15')
  assert.equal(await first({ files: { ...rare, ...usr }, env }, 'pypy'), '3.10.14 /opt/pypy/bin/pypy3')
  assert.equal(await first({ files: { ...rare, ...usr }, env }, '3.12d'), '3.12.1 /opt/d/bin/python3.12')
})

test('findPython() goes by version on PATH, then takes the newest that fits elsewhere', async () => {
  const files = {
    ...usr,
    ...local,
    ...posixPython({ prefix: '/r/versions/3.9.18', version: '3.9.18' }),
    ...posixPython({ prefix: '/r/versions/3.10.13', version: '3.10.13' }),
  }
  const machine = { files, env: { ...path, PYENV_ROOT: '/r' } }
  assert.equal(await first(machine, '3.12'), '3.12.1 /usr/local/bin/python3.12')
  assert.equal(await first(machine, '>=3.12'), '3.12.1 /usr/local/bin/python3')
  assert.equal(await first(machine, '<3.11'), '3.10.13 /r/versions/3.10.13/bin/python3.10')
  assert.equal(await first(machine, 'python3.12'), '3.12.1 /usr/local/bin/python3.12')
})

test('findPython() tries first what it is told to try first, when it fits and works', async () => {
  const machine = { files: { ...usr, ...local, '/b/python': { link: '/gone' } }, env: path }
  assert.equal(
    await first(machine, '', { tryFirstWith: ['/usr/local/bin/python3.12'] }),
    '3.12.1 /usr/local/bin/python3.12',
  )
  assert.equal(
    await first(machine, '3.11', { tryFirstWith: ['/usr/local/bin/python3.12', '/b/python'] }),
    '3.11.2 /usr/bin/python3.11',
  )
})

test('findPython() prefers the active environment only when asked to', async () => {
  const files = {
    ...usr,
    ...local,
    '/e/pyvenv.cfg': 'home = /usr/local/bin\n',
    '/e/bin/python': { link: '/usr/local/bin/python3.12' },
  }
  const machine = { files, env: { ...path, VIRTUAL_ENV: '/e' } }
  assert.equal(await first(machine, ''), '3.11.2 /usr/bin/python3')
  assert.equal(await first(machine, '', { preferActive: true }), '3.12.1 /e/bin/python')
})

test('findPython() obeys the nearest .python-version when nothing is asked', async () => {
  const files = { ...usr, ...local, '/home/me/p/.python-version': '# team\n3.9\n3.12\n' }
  const machine = { files, env: path, cwd: '/home/me/p/sub' }
  assert.equal(await first(machine, ''), '3.12.1 /usr/local/bin/python3.12')
  assert.equal(await first(machine, '', { versionFile: false }), '3.11.2 /usr/bin/python3')
  assert.equal(await first(machine, '3.11'), '3.11.2 /usr/bin/python3.11')
  const found = await findPython(world(machine), { kind: 'any' })
  assert.equal(found.because, '/home/me/p/.python-version asks for 3.12')
})

test("findPython() takes a name in .python-version for a version manager's, never for a program on PATH", async () => {
  const files = {
    ...usr,
    '/usr/bin/evil': { link: 'python3.11' },
    ...posixPython({ prefix: '/r/versions/3.12.1', version: '3.12.1' }),
    '/r/versions/3.12.1/envs/web/pyvenv.cfg': 'home = /r/versions/3.12.1/bin\n',
    '/r/versions/3.12.1/envs/web/bin/python': { link: '/r/versions/3.12.1/bin/python3.12' },
    '/r/versions/web': { link: '3.12.1/envs/web' },
  }
  const env = { ...path, PYENV_ROOT: '/r' }
  assert.equal(
    await first({ files: { ...files, '/home/me/.python-version': 'web\n' }, env }, ''),
    '3.12.1 /r/versions/web/bin/python',
  )
  await assert.rejects(first({ files: { ...files, '/home/me/.python-version': 'evil\n' }, env }, ''), (error) =>
    isDenError(error, 'python-not-found'),
  )
})

test('findPython() takes a directory for the environment or installation in it, and ~ for home', async () => {
  const files = {
    ...usr,
    '/home/me/e/pyvenv.cfg': 'home = /usr/bin\n',
    '/home/me/e/bin/python': { link: '/usr/bin/python3.11' },
  }
  assert.equal(await first({ files }, '/usr'), '3.11.2 /usr/bin/python')
  assert.equal(await first({ files }, '~/e'), '3.11.2 /home/me/e/bin/python')
  assert.equal(await first({ files, cwd: '/home' }, './me/e/bin/python'), '3.11.2 /home/me/e/bin/python')
})

test('findPython() says what there is when there is not what was asked for', async () => {
  const files = { ...usr, '/usr/local/bin/python3': { link: '/gone' } }
  const error = await findPython(world({ files, env: path }), parsePythonRequest('3.13')).then(
    () => assert.fail('found'),
    (thrown: unknown) => thrown as DenError<'python-not-found'>,
  )
  assert.equal(error.code, 'python-not-found')
  assert.deepEqual(error.detail, {
    request: '3.13',
    looked: ['/usr/bin', '/usr/local/bin'],
    found: ['3.11.2 at /usr/bin/python3'],
    broken: ["/usr/local/bin/python3: the link leads to /gone, which isn't there"],
  })
})

test('findPython() throws python-broken for a path', async () => {
  await assert.rejects(first({}, '/none/python'), (error) => isDenError(error, 'python-broken'))
})

test('findPython() starts what files do not describe only after all that they do', async () => {
  const spawn = () => ({ code: 1 })
  const files = { ...local, '/usr/bin/python3': '#!/bin/sh\n' }
  const lazy = world({ files, env: { PATH: '/usr/local/bin' }, spawn })
  await findPython(lazy, parsePythonRequest('3.12'))
  assert.equal(lazy.host.spawned.length, 0)
  await assert.rejects(findPython(lazy, parsePythonRequest('3.13')))
  assert.equal(lazy.host.spawned.length, 1)
  const forbidden = world({ files, env: { PATH: '/usr/local/bin' }, spawn })
  await assert.rejects(findPython(forbidden, parsePythonRequest('3.13'), { spawn: false }))
  assert.equal(forbidden.host.spawned.length, 0)
})

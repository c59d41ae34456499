import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FakeHost, type FakeMachine, fakeHost } from '../../tests/kit/fake-host.ts'
import { posixPython } from '../../tests/kit/installations.ts'
import { DenError, isDenError } from '../base/error.ts'
import type { SpawnRequest, SpawnResult } from '../host/spawn.ts'
import type { PythonContext } from './context.ts'
import { inspectPython, requirePython } from './inspect.ts'
import { formatPythonVersion } from './interpreter.ts'

type World = PythonContext & { readonly host: FakeHost }

function world(machine: FakeMachine): World {
  return { host: fakeHost(machine), report: () => undefined, places: { cache: '/cache' } }
}

const facts = {
  executable: '/w/bin/python',
  implementation: 'cpython',
  version: [3, 12, 1, 'final', 0],
  free_threaded: false,
  debug: false,
  abi_flags: '',
  extension_suffix: '.cpython-312-x86_64-linux-gnu.so',
  bits: 64,
  machine: 'x86_64',
  platform: 'linux',
  libc: 'glibc',
  prefix: '/opt/py',
  exec_prefix: '/opt/py',
  base_prefix: '/opt/py',
  base_exec_prefix: '/opt/py',
  platlibdir: 'lib',
  stdlib: '/opt/py/lib/python3.12',
  platstdlib: '/opt/py/lib/python3.12',
  include: '/opt/py/include/python3.12',
}

function answering(change: object = {}): (request: SpawnRequest) => Partial<SpawnResult> {
  const stdout = new TextEncoder().encode(
    `sitecustomize says hello\nden-facts:${JSON.stringify({ ...facts, ...change })}\n`,
  )
  return () => ({ stdout })
}

const wrapper = { '/w/bin/python': '#!/bin/sh\nexec /opt/py/bin/python3.12 "$@"\n' }

test('inspectPython() starts nothing where files tell', async () => {
  const context = world({ files: posixPython({ prefix: '/opt/py', version: '3.12.1' }) })
  const found = await inspectPython(context, '/opt/py/bin/python')
  assert.equal(formatPythonVersion(found.interpreter!.version), '3.12.1')
  assert.deepEqual(context.host.spawned, [])
  assert.deepEqual(context.host.changes, ['makeDirectories /cache', 'writeAtomic /cache/interpreters-v2.txt'])
})

test('inspectPython() gives the base of an environment, and the environment', async () => {
  const files = {
    ...posixPython({ prefix: '/opt/py', version: '3.12.1' }),
    '/e/pyvenv.cfg': 'home = /opt/py/bin\n',
    '/e/bin/python': { link: '/opt/py/bin/python3.12' },
    '/n/pyvenv.cfg': 'home = /e/bin\n',
    '/n/bin/python': { link: '/e/bin/python' },
  }
  const found = await inspectPython(world({ files }), '/e/bin/python')
  assert.deepEqual(
    [found.executable, found.environment, found.interpreter?.executable],
    ['/e/bin/python', '/e', '/opt/py/bin/python3.12'],
  )
  // An environment made from an environment by a tool that didn't look behind it.
  const nested = await inspectPython(world({ files }), '/n/bin/python')
  assert.deepEqual([nested.environment, nested.interpreter?.prefix], ['/n', '/opt/py'])
})

test('inspectPython() ends where environments lead in a circle', async () => {
  const files = {
    '/a/pyvenv.cfg': 'home = /b/bin\n',
    '/a/bin/python': '',
    '/b/pyvenv.cfg': 'home = /a/bin\n',
    '/b/bin/python': '',
  }
  const found = await inspectPython(world({ files }), '/a/bin/python')
  assert.equal(found.problem?.code, 'broken-environment')
})

test('inspectPython() asks once, and remembers until the file changes', async () => {
  const context = world({ files: wrapper, spawn: answering() })
  for (let time = 0; time < 2; time += 1) {
    const found = await inspectPython(context, '/w/bin/python')
    assert.equal(found.interpreter?.source, 'asked')
    assert.equal(found.interpreter?.soabi, 'cpython-312-x86_64-linux-gnu')
  }
  assert.equal(context.host.spawned.length, 1)
  context.host.disk.writeAtomic('/w/bin/python', '#!/bin/sh\nexec elsewhere\n', 0o755)
  await inspectPython(context, '/w/bin/python')
  assert.equal(context.host.spawned.length, 2)
})

test('inspectPython() remembers what it read until a file changes that it rests on', async () => {
  const context = world({ files: posixPython({ prefix: '/p', version: '3.11.2', headers: false }) })
  let reads = 0
  const files = {
    ...context.host.files,
    readBytes: (...args: Parameters<typeof context.host.files.readBytes>) => {
      reads += 1
      return context.host.files.readBytes(...args)
    },
  }
  const watched = { ...context, host: { ...context.host, files } }
  const first = (await inspectPython(watched, '/p/bin/python')).interpreter
  assert.ok(first !== undefined && first.externallyManaged === undefined)
  const once = reads
  assert.ok(once > 0)
  assert.deepEqual((await inspectPython(watched, '/p/bin/python')).interpreter, first)
  assert.equal(reads, once, 'the program was not read again')
  context.host.disk.writeAtomic(`${first.stdlib}/EXTERNALLY-MANAGED`, '[externally-managed]\n')
  const marked = (await inspectPython(watched, '/p/bin/python')).interpreter
  assert.equal(marked?.externallyManaged, `${first.stdlib}/EXTERNALLY-MANAGED`)
  assert.ok(reads > once)
  const elsewhere = { ...watched, host: { ...watched.host, env: { LD_LIBRARY_PATH: '/other' } } }
  const before = reads
  await inspectPython(elsewhere, '/p/bin/python')
  assert.ok(reads > before, 'another search for libraries may find another one')
})

test('inspectPython() asks a wrapper again when what it starts is another Python', async () => {
  const files = { ...wrapper, '/opt/py/bin/python3': { link: 'python3.12' }, '/opt/py/bin/python3.12': 'x' }
  const spawn = answering({ executable: '/opt/py/bin/python3', shared_library: '/opt/py/lib/libpython3.12.so.1.0' })
  const env = { PATH: '/bin' }
  const context = world({ files, spawn, env })
  const asked = async (changed: Record<string, string> = env): Promise<number> => {
    const before = context.host.spawned.length
    await inspectPython({ ...context, host: { ...context.host, env: changed } }, '/w/bin/python')
    return context.host.spawned.length - before
  }
  assert.deepEqual([await asked(), await asked()], [1, 0])
  context.host.disk.writeAtomic('/opt/py/bin/python3.12', 'upgraded', 0o755)
  assert.deepEqual([await asked(), await asked()], [1, 0])
  // `exec python3 "$@"` goes by PATH, and the loader by its own variable.
  assert.deepEqual([await asked({ PATH: '/other' }), await asked({ PATH: '/other' })], [1, 0])
  const loader = { PATH: '/other', LD_LIBRARY_PATH: '/lab/lib' }
  assert.deepEqual([await asked(loader), await asked(loader), await asked({ PATH: '/other' })], [1, 0, 1])
})

test('inspectPython() takes a damaged cache for none', async () => {
  const context = world({ files: wrapper, spawn: answering() })
  await inspectPython(context, '/w/bin/python')
  const file = '/cache/interpreters-v2.txt'
  const sound = context.host.files.readText(file)!
  for (const damaged of ['', '{}', sound.slice(0, -20), sound.replace('3.12', '3.99'), `x${sound}`]) {
    context.host.disk.writeAtomic(file, damaged)
    const before = context.host.spawned.length
    assert.equal((await inspectPython(context, '/w/bin/python')).interpreter?.version.minor, 12)
    assert.equal(context.host.spawned.length, before + 1, JSON.stringify(damaged.slice(0, 40)))
  }
})

test('inspectPython() works where the cache cannot be written', async () => {
  const context = world({ files: wrapper, spawn: answering() })
  const refuse = (): never => {
    throw new DenError('read-only-disk', { operation: 'write', path: '/cache', errno: 'EROFS' })
  }
  const host = { ...context.host, disk: { ...context.host.disk, makeDirectories: refuse, writeAtomic: refuse } }
  const found = await inspectPython({ ...context, host }, '/w/bin/python')
  assert.equal(found.interpreter?.version.minor, 12)
})

test("inspectPython() keeps the user's variables from the interpreter that is asked", async () => {
  const env = {
    PATH: '/bin',
    PYTHONHOME: '/x',
    PYTHONPATH: '/y',
    __PYVENV_LAUNCHER__: '/z',
    VIRTUAL_ENV: '/e',
    LANG: 'C',
  }
  const context = world({ files: wrapper, spawn: answering(), env })
  await inspectPython(context, '/w/bin/python')
  const [request] = context.host.spawned
  assert.deepEqual(request?.env, { PATH: '/bin', LANG: 'C' })
  assert.equal(request?.cwd, '/')
  assert.deepEqual(request?.args, ['-E', '-s', '-B', '-'])
})

test('inspectPython() asks nothing when it may not', async () => {
  const context = world({ files: wrapper, spawn: answering() })
  const found = await inspectPython(context, '/w/bin/python', { spawn: false })
  assert.deepEqual(found.problem, { code: 'not-asked', text: 'it is a script' })
  assert.deepEqual(context.host.spawned, [])
})

test('inspectPython() makes problems of crashes, garbage and programs that cannot start', async () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const code = async (spawn: FakeMachine['spawn']): Promise<unknown> => {
    const found = await inspectPython(
      world({ files: wrapper, ...(spawn === undefined ? {} : { spawn }) }),
      '/w/bin/python',
    )
    return found.problem
  }
  assert.deepEqual(await code(() => ({ code: 1, stderr: bytes('\nlibfoo.so: cannot open\nmore\n') })), {
    code: 'crashed',
    text: 'it ended with code 1 when asked: libfoo.so: cannot open',
  })
  assert.deepEqual(await code(() => ({ code: undefined, signal: 'SIGSEGV' })), {
    code: 'crashed',
    text: 'it was ended by SIGSEGV when asked',
  })
  for (const garbage of [
    '',
    'hello\n',
    '\nden-facts:{\n',
    '\nden-facts:null\n',
    '\nden-facts:{"version":[3]}\n',
    '\nden-facts:[]\n',
  ]) {
    const problem = await code(() => ({ stdout: bytes(garbage) }))
    assert.equal((problem as { code: string }).code, 'garbage', JSON.stringify(garbage))
  }
  assert.equal(((await code(undefined)) as { code: string }).code, 'foreign')
  const hung = await code(() => {
    throw new DenError('spawn-timeout', { command: 'x', seconds: 15 })
  })
  assert.deepEqual(hung, { code: 'hung', text: 'it gave no answer within 15 s' })
})

test('inspectPython() lets an abort through', async () => {
  const context = world({
    files: wrapper,
    spawn: () => {
      throw new DenError('aborted', { operation: 'x' })
    },
  })
  await assert.rejects(inspectPython(context, '/w/bin/python'), (error) => isDenError(error, 'aborted'))
})

test('inspectPython() follows an answer out of an environment', async () => {
  const files = { ...wrapper, ...posixPython({ prefix: '/opt/py', version: '3.12.1' }) }
  const spawn = answering({ prefix: '/e', base_executable: '/opt/py/bin/python3.12' })
  const found = await inspectPython(world({ files, spawn }), '/w/bin/python')
  assert.deepEqual(
    [found.environment, found.interpreter?.executable, found.interpreter?.source],
    ['/e', '/opt/py/bin/python3.12', 'files'],
  )
})

test('inspectPython() takes the narrower word for the machine of a 32-bit Python on a 64-bit kernel', async () => {
  const found = await inspectPython(world({ files: wrapper, spawn: answering({ bits: 32 }) }), '/w/bin/python')
  assert.deepEqual([found.interpreter?.bits, found.interpreter?.machine], [32, 'i686'])
})

test('inspectPython() does not start what lies beside an environment because the environment says so', async () => {
  const program = wrapper['/w/bin/python' as keyof typeof wrapper]
  const files = {
    '/checkout/.venv/pyvenv.cfg': 'home = /checkout/tools/bin\n',
    '/checkout/.venv/bin/python': program,
    '/checkout/tools/bin/python': program,
    '/elsewhere/.venv/pyvenv.cfg': 'home = /checkout/tools/bin\n',
    '/elsewhere/.venv/bin/python': program,
  }
  const context = world({ files, spawn: answering() })
  const found = await inspectPython(context, '/checkout/.venv/bin/python')
  assert.equal(found.problem?.code, 'not-asked')
  assert.equal(found.environment, '/checkout/.venv')
  assert.deepEqual(context.host.spawned, [])
  // What somebody names is started, and known from then on.
  assert.equal((await inspectPython(context, '/checkout/tools/bin/python')).interpreter?.version.minor, 12)
  assert.equal((await inspectPython(context, '/checkout/.venv/bin/python')).interpreter?.version.minor, 12)
  assert.equal(context.host.spawned.length, 1)
  // An interpreter that somebody has installed is nobody's gift, and neither is one's own home.
  const installed = world({ files, spawn: answering() })
  assert.equal((await inspectPython(installed, '/elsewhere/.venv/bin/python')).interpreter?.version.minor, 12)
  const home = world({ files, spawn: answering(), home: '/checkout/me' })
  assert.equal((await inspectPython(home, '/checkout/.venv/bin/python')).interpreter?.version.minor, 12)
})

test('requirePython() throws what is wrong', async () => {
  const lost = { '/e/pyvenv.cfg': 'home = /gone/bin\n', '/e/bin/python': { link: '/gone/bin/python3' } }
  await assert.rejects(requirePython(world({ files: lost }), '/e/bin/python'), (error) =>
    isDenError(error, 'python-broken'),
  )
  await assert.rejects(requirePython(world({ files: wrapper }), '/w/bin/python', { spawn: false }), (error) =>
    isDenError(error, 'python-not-asked'),
  )
})

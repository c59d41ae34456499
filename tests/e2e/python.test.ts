// The machine's real Pythons: what den reads of them in files is what they say of themselves.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { pythonFind, pythonInfo, pythonList } from '../../src/commands/python.ts'
import { placesOf } from '../../src/config/places.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import type { SpawnRequest } from '../../src/host/spawn.ts'
import { askPython } from '../../src/python/ask.ts'
import type { PythonContext } from '../../src/python/context.ts'
import { inspectPython } from '../../src/python/inspect.ts'
import { formatPythonVersion, type Interpreter } from '../../src/python/interpreter.ts'
import { pythonOr, pythons } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'

interface World {
  readonly core: PythonContext & { readonly places: ReturnType<typeof placesOf> }
  /** What was started. */
  readonly spawned: readonly SpawnRequest[]
}

/** The real machine, but for the home directory and the places, which are the test's own. */
function world(t: TestContext, env: Readonly<Record<string, string>> = {}): World {
  const home = scratch(t)
  const base = defaultHost({ env: { HOME: home, PATH: '/usr/bin:/bin', ...env }, cwd: home })
  const spawned: SpawnRequest[] = []
  const host: typeof base = {
    ...base,
    spawn: (request) => {
      spawned.push(request)
      return base.spawn(request)
    },
  }
  return { core: { host, report: () => undefined, places: placesOf(host) }, spawned }
}

const real = pythons()

test('there are real Pythons to test with', (t) => {
  if (real.length === 0) t.skip('NOT TESTED: no Python on this machine')
  for (const { version, executable } of real) t.diagnostic(`${version} at ${executable}`)
})

for (const { version, executable } of real) {
  test(`${version} at ${executable}: every fact read from files is what the interpreter says`, async (t) => {
    const { core, spawned } = world(t)
    const found = await inspectPython(core, executable, { spawn: false })
    assert.deepEqual(found.problem, undefined)
    assert.deepEqual(spawned, [])
    const asked = await askPython(core, executable)
    assert.ok(asked.kind === 'interpreter', JSON.stringify(asked))
    assert.deepEqual({ ...found.interpreter, source: 'asked' }, asked.interpreter)
  })

  test(`${version} at ${executable}: links among directories and to the program lead to the same facts as in Python`, async (t) => {
    const { core } = world(t)
    const directory = scratch(t)
    fs.symlinkSync(executable, path.join(directory, 'linked'))
    fs.symlinkSync(path.join(directory, 'linked'), path.join(directory, 'twice'))
    fs.symlinkSync(path.dirname(path.dirname(executable)), path.join(directory, 'prefix'))
    for (const name of ['linked', 'twice', `prefix/bin/${path.basename(executable)}`]) {
      const place = path.join(directory, name)
      const asked = await askPython(core, place)
      assert.ok(asked.kind === 'interpreter', JSON.stringify(asked))
      const found = await inspectPython(core, place, { spawn: false })
      if (found.problem?.code === 'not-asked') continue
      // Through a directory link the library is found under its real path by one, under the linked one by the other.
      const plain = (facts: Interpreter): object => ({
        ...facts,
        source: '',
        sharedLibrary: real_(facts.sharedLibrary),
      })
      assert.deepEqual(plain(found.interpreter!), plain(asked.interpreter), name)
    }
  })
}

function real_(file: string | undefined): string | undefined {
  return file === undefined ? undefined : fs.realpathSync(file)
}

test('pythonList() finds them all and starts none', async (t) => {
  const root = process.env['PYENV_ROOT']
  const managed = real.find(({ executable }) => executable.includes('/versions/'))
  const pyenv = root ?? (managed === undefined ? '' : path.resolve(managed.executable, '../../../..'))
  const { core, spawned } = world(t, { PYENV_ROOT: pyenv })
  const { pythons: found } = await pythonList(core)
  assert.deepEqual(spawned, [])
  const addresses = new Set(found.map(({ interpreter }) => interpreter?.realExecutable))
  for (const { executable } of real) assert.ok(addresses.has(fs.realpathSync(executable)), executable)
  assert.equal(addresses.size, found.length)
  const versions = found
    .map(({ interpreter }) => interpreter!.version)
    .map(({ major, minor, micro }) => (major * 100 + minor) * 100 + micro)
  assert.deepEqual(
    versions,
    [...versions].sort((one, other) => other - one),
  )
})

test('a copied executable, which files do not describe, is asked once and remembered', async (t) => {
  const python = pythonOr(t, '3.13')
  if (python === undefined) return
  const { core, spawned } = world(t)
  const copy = path.join(scratch(t), 'python')
  fs.copyFileSync(fs.realpathSync(python.executable), copy)
  for (let time = 0; time < 2; time += 1) {
    const found = await inspectPython(core, copy)
    assert.equal(found.interpreter?.source, 'asked')
    assert.equal(found.interpreter?.prefix, path.resolve(python.executable, '../..'))
  }
  assert.equal(spawned.length, 1)
})

test('a wrapper script stands for the interpreter that it starts', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const { core } = world(t)
  const wrapper = path.join(scratch(t), 'python3')
  fs.writeFileSync(wrapper, `#!/bin/sh\nexec '${python.executable}' "$@"\n`, { mode: 0o755 })
  const found = await inspectPython(core, wrapper)
  assert.equal(found.executable, wrapper)
  assert.equal(found.interpreter?.executable, python.executable)
})

test('sitecustomize, PYTHONPATH and the working directory have no say in the answer', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const trap = scratch(t, {
    'json.py': 'raise SystemExit("hijacked")',
    'platform.py': 'raise SystemExit("hijacked")',
    'sitecustomize.py': 'raise SystemExit("hijacked")',
  })
  const { core } = world(t, { PYTHONPATH: trap, PYTHONHOME: trap, PYTHONSTARTUP: path.join(trap, 'json.py') })
  const asked = await askPython({ ...core, host: { ...core.host, cwd: trap } }, python.executable)
  assert.equal(asked.kind, 'interpreter')
})

test('broken ones are listed with their error while the others are found', async (t) => {
  const broken = scratch(t)
  const write = (name: string, text: string, mode = 0o755): void =>
    fs.writeFileSync(path.join(broken, name), text, { mode })
  write('python3.9', '#!/bin/sh\nkill -SEGV $$\n')
  write('python3.8', '#!/bin/sh\necho garbage\n')
  write('python3.7', '#!/bin/sh\nsleep 60\n')
  write('python3.6', 'no program\n')
  write('python3.5', '#!/nowhere/interpreter\n')
  write('python3', '#!/bin/sh\n', 0o644)
  write('pypy3', '#!/bin/sh\necho no >&2; exit 3\n')
  fs.symlinkSync('/nowhere/python', path.join(broken, 'python2'))
  fs.symlinkSync('python', path.join(broken, 'python'))
  const { core } = world(t, { PATH: `${broken}:/usr/bin` })
  const { findPythons } = await import('../../src/python/find.ts')
  const problems: Record<string, string | undefined> = {}
  let sound = 0
  for await (const { executable, problem } of findPythons(core, { timeout: 400 })) {
    if (executable.startsWith(broken)) problems[path.basename(executable)] = problem?.code
    else if (problem === undefined) sound += 1
  }
  assert.deepEqual(problems, {
    'python3.9': 'crashed',
    'python3.8': 'garbage',
    'python3.7': 'hung',
    'python3.6': 'foreign',
    'python3.5': 'foreign',
    python3: 'not-executable',
    pypy3: 'crashed',
    python2: 'dangling-link',
    python: 'link-loop',
  })
  assert.ok(sound >= real.filter(({ executable }) => executable.startsWith('/usr/bin')).length)
})

test('an environment made by venv leads to its base', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const { core, spawned } = world(t)
  const root = path.join(scratch(t), 'env')
  execFileSync(python.executable, ['-m', 'venv', '--without-pip', root])
  const { python: found } = await pythonInfo(core, { path: root })
  assert.equal(found.environment, root)
  assert.equal(found.interpreter.realExecutable, fs.realpathSync(python.executable))
  assert.deepEqual(spawned, [])
})

test('pythonFind() gives each line by its version', async (t) => {
  const managed = real.filter(({ executable }) => executable.includes('/versions/'))
  if (managed.length === 0) return t.skip('NOT TESTED: no pyenv on this machine')
  const { core, spawned } = world(t, { PYENV_ROOT: path.resolve(managed[0]!.executable, '../../../..') })
  for (const { version } of managed) {
    const { python } = await pythonFind(core, { request: version })
    assert.equal(formatPythonVersion(python.interpreter.version), version)
  }
  assert.deepEqual(spawned, [])
})

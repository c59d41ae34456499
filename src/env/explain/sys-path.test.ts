// What no Python of this machine can be asked: 3.14 and 3.15, free-threaded builds, Fedora's lib64, Windows, macOS. The expected
// values come from reading getpath.py, getpathp.c and site.py; the versions that are here are compared in tests/e2e/explain.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FakeMachine, fakeHost } from '../../../tests/kit/fake-host.ts'
import { interpreter } from '../../../tests/kit/interpreters.ts'
import type { Interpreter } from '../../python/interpreter.ts'
import type { PythonOptions } from './flags.ts'
import { explainSysPath, type SysPathExplanation } from './sys-path.ts'

interface Situation extends FakeMachine {
  readonly python: Interpreter
  readonly executable?: string
  readonly options?: PythonOptions
}

function explainIn({ python, executable, options, ...machine }: Situation): SysPathExplanation {
  const host = fakeHost({ cwd: machine.platform === 'win32' ? 'C:\\here' : '/here', ...machine })
  return explainSysPath(host, {
    interpreter: python,
    executable: executable ?? python.executable,
    options: options ?? {},
  })
}

/** The files of a base and of an environment made from it. */
function installed(python: Interpreter, cfg?: string): Record<string, string | undefined | { link: string }> {
  const library = python.stdlib.slice(python.prefix.length)
  return {
    [python.executable]: 'ELF',
    [`${python.stdlib}/os.py`]: '',
    [`${python.stdlib}/encodings/__init__.py`]: '',
    [`${python.stdlib}/lib-dynload`]: undefined,
    [`${python.stdlib}/site-packages`]: undefined,
    ...(cfg === undefined
      ? {}
      : {
          '/env/pyvenv.cfg': cfg,
          '/env/bin/python': { link: python.executable },
          [`/env${library}/site-packages`]: undefined,
        }),
  }
}

const paths = (result: SysPathExplanation): readonly string[] => result.entries.map(({ path }) => path)

test('explainSysPath() has the environment’s prefix under -S from 3.14 on, and not before', () => {
  const options = { noSite: true }
  for (const [release, prefix] of [
    ['3.13.0', '/opt/python/3.13.0'],
    ['3.14.0', '/env'],
  ] as const) {
    const python = interpreter(release)
    const files = installed(python, `home = ${python.prefix}/bin\n`)
    const result = explainIn({ python, files, executable: '/env/bin/python', options })
    assert.equal(result.prefix, prefix)
    assert.equal(result.basePrefix, python.prefix)
    assert.equal(result.sitePackages, undefined)
  }
})

test('explainSysPath() keeps the base behind the environment in 3.14', () => {
  const python = interpreter('3.14.0')
  const files = installed(python, `home = ${python.prefix}/bin\ninclude-system-site-packages = true\n`)
  const result = explainIn({ python, files, executable: '/env/bin/python' })
  assert.deepEqual(result.sitePackages, [
    '/env/lib/python3.14/site-packages',
    '/opt/python/3.14.0/lib/python3.14/site-packages',
  ])
  assert.deepEqual(paths(result).slice(-2), result.sitePackages)
})

test('explainSysPath() puts the "t" of a free-threaded build into its directories', () => {
  const python = interpreter('3.13.0', { freeThreaded: true })
  const result = explainIn({ python, files: installed(python) })
  assert.deepEqual(result.sitePackages, ['/opt/python/3.13.0/lib/python3.13t/site-packages'])
  assert.equal(result.userSite, '/home/me/.local/lib/python3.13t/site-packages')
})

test('explainSysPath() lists lib64 before lib where the platform’s library directory is lib64', () => {
  const python = interpreter('3.12.1', { platlibdir: 'lib64', stdlib: '/usr/lib64/python3.12', prefix: '/usr' })
  const result = explainIn({ python, files: installed(python) })
  assert.deepEqual(result.sitePackages, ['/usr/lib64/python3.12/site-packages', '/usr/lib/python3.12/site-packages'])
})

test('explainSysPath() runs the code of .pth files after all directories in 3.15, and .start files in its place', () => {
  const python = interpreter('3.15.0')
  const site = `${python.stdlib}/site-packages`
  const files = {
    ...installed(python),
    [`${site}/a.pth`]: 'import mystery\n/one\n',
    [`${site}/b.pth`]: 'import other\n  /two  \n',
    [`${site}/b.start`]: 'b:main\n',
    '/one': undefined,
    '/two': undefined,
  }
  const result = explainIn({ python, files })
  assert.deepEqual(paths(result).slice(-2), ['/one', '/two'])
  assert.deepEqual(
    result.uncertain.map(({ why }) => why),
    ['imports mystery', 'calls b:main'],
  )
})

test('explainSysPath() says that Python does not start when the library is not where PYTHONHOME says', () => {
  const python = interpreter('3.12.1')
  const result = explainIn({ python, files: installed(python), env: { PYTHONHOME: '/nowhere' } })
  assert.equal(result.starts, false)
  assert.match(result.problems.at(-1)!.what, /no module encodings in/)
})

test('explainSysPath() says which line keeps Python from starting: bytes that are no UTF-8', () => {
  const python = interpreter('3.12.1')
  const file = `${python.stdlib}/site-packages/bad.pth`
  const host = fakeHost({ cwd: '/here', files: { ...installed(python), [file]: new Uint8Array([0x2f, 0xe9, 0x0a]) } })
  const result = explainSysPath(host, { interpreter: python, executable: python.executable })
  assert.equal(result.starts, false)
  assert.deepEqual(result.problems.at(-1)!.from, { kind: 'file', file })
})

const windowsPython: Interpreter = interpreter('3.12.1', {
  platform: 'win32',
  executable: 'C:\\Python312\\python.exe',
  realExecutable: 'C:\\Python312\\python.exe',
  prefix: 'C:\\Python312',
  execPrefix: 'C:\\Python312',
  stdlib: 'C:\\Python312\\Lib',
  platstdlib: 'C:\\Python312\\DLLs',
})
const windowsFiles = {
  'C:\\Python312\\python.exe': 'MZ',
  'C:\\Python312\\Lib\\os.py': '',
  'C:\\Python312\\Lib\\encodings\\__init__.py': '',
  'C:\\Python312\\Lib\\site-packages': undefined,
  'C:\\Python312\\DLLs': undefined,
}

test('explainSysPath() has DLLs, Lib and the executable’s directory on Windows', () => {
  const result = explainIn({ platform: 'win32', python: windowsPython, files: windowsFiles })
  assert.deepEqual(paths(result), [
    '',
    'C:\\Python312\\python312.zip',
    'C:\\Python312\\DLLs',
    'C:\\Python312\\Lib',
    'C:\\Python312',
    'C:\\Python312\\Lib\\site-packages',
  ])
})

test('explainSysPath() takes an environment’s prefix on Windows from the pyvenv.cfg above Scripts', () => {
  const files = {
    ...windowsFiles,
    'C:\\env\\pyvenv.cfg': 'home = C:\\Python312\r\ninclude-system-site-packages = false\r\n',
    'C:\\env\\Scripts\\python.exe': 'MZ',
    'C:\\env\\Lib\\site-packages': undefined,
  }
  const result = explainIn({
    platform: 'win32',
    python: windowsPython,
    executable: 'C:\\env\\Scripts\\python.exe',
    files,
  })
  assert.equal(result.prefix, 'C:\\env')
  assert.equal(result.basePrefix, 'C:\\Python312')
  assert.deepEqual(result.sitePackages, ['C:\\env', 'C:\\env\\Lib\\site-packages'])
  assert.deepEqual(paths(result).slice(-2), ['C:\\env', 'C:\\env\\Lib\\site-packages'])
})

test('explainSysPath() lets a ._pth file replace everything on Windows', () => {
  const files = { ...windowsFiles, 'C:\\Python312\\python312._pth': 'python312.zip\n.\n# import site\n' }
  const result = explainIn({
    platform: 'win32',
    python: windowsPython,
    files,
    env: { PYTHONPATH: 'C:\\extra' },
    options: { safePath: true },
  })
  assert.deepEqual(paths(result), ['C:\\Python312\\python312.zip', 'C:\\Python312'])
})

test('explainSysPath() reads the PythonPath keys of the Windows registry', () => {
  const registry = { 'HKCU\\Software\\Python\\PythonCore\\3.12\\PythonPath\\Extra': { '': 'C:\\one;C:\\two' } }
  const result = explainIn({ platform: 'win32', python: windowsPython, files: windowsFiles, registry })
  assert.deepEqual(paths(result).slice(1, 4), ['C:\\Python312\\python312.zip', 'C:\\one', 'C:\\two'])
})

test('explainSysPath() finds the user site of a framework build under Library', () => {
  const prefix = '/Library/Frameworks/Python.framework/Versions/3.12'
  const python = interpreter('3.12.1', { platform: 'darwin', prefix, framework: 'Python' })
  const result = explainIn({ platform: 'darwin', python, files: installed(python) })
  assert.equal(result.prefix, prefix)
  assert.equal(result.userSite, '/Users/me/Library/Python/3.12/lib/python/site-packages')
})

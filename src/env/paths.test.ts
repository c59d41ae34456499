import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import type { Host } from '../host/host.ts'
import { environmentPaths, type LayoutFacts } from './paths.ts'

const posix = path.posix
const win32 = path.win32 as Host['path']

function facts(changes: Partial<LayoutFacts> & { readonly minor?: number } = {}): LayoutFacts {
  const { minor = 13, ...rest } = changes
  return {
    implementation: 'cpython',
    version: { major: 3, minor, micro: 0, level: 'final', serial: 0 },
    freeThreaded: false,
    abiFlags: '',
    platform: 'linux',
    platlibdir: 'lib',
    bits: 64,
    ...rest,
  }
}

test('environmentPaths() follows the venv scheme on POSIX', () => {
  assert.deepEqual(environmentPaths(facts(), '/e', posix), {
    root: '/e',
    scripts: '/e/bin',
    python: '/e/bin/python',
    purelib: '/e/lib/python3.13/site-packages',
    platlib: '/e/lib/python3.13/site-packages',
    include: '/e/include/site/python3.13',
    data: '/e',
  })
})

test('environmentPaths() names the library of a free-threaded build and of a lib64 system', () => {
  assert.equal(
    environmentPaths(facts({ freeThreaded: true, abiFlags: 't' }), '/e', posix).purelib,
    '/e/lib/python3.13t/site-packages',
  )
  const fedora = environmentPaths(facts({ platlibdir: 'lib64' }), '/e', posix)
  assert.equal(fedora.purelib, '/e/lib/python3.13/site-packages')
  assert.equal(fedora.platlib, '/e/lib64/python3.13/site-packages')
})

test("environmentPaths() knows PyPy's two layouts", () => {
  const pypy = facts({ implementation: 'pypy', minor: 10 })
  assert.equal(environmentPaths(pypy, '/e', posix).purelib, '/e/lib/pypy3.10/site-packages')
  assert.equal(
    environmentPaths({ ...pypy, version: { ...pypy.version, minor: 7 } }, '/e', posix).purelib,
    '/e/site-packages',
  )
})

test('environmentPaths() follows the nt scheme on Windows', () => {
  const paths = environmentPaths(facts({ platform: 'win32' }), 'C:\\e', win32)
  assert.equal(paths.scripts, 'C:\\e\\Scripts')
  assert.equal(paths.python, 'C:\\e\\Scripts\\python.exe')
  assert.equal(paths.platlib, 'C:\\e\\Lib\\site-packages')
})

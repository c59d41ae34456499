import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose, isDenError } from '../base/error.ts'
import {
  asksForPrerelease,
  formatPythonRequest,
  matchesRequest,
  type PythonFacts,
  parsePythonRequest,
  parsePythonVersionFile,
} from './python-request.ts'

function facts(version: string, more: Partial<PythonFacts> = {}): PythonFacts {
  const [, major, minor, micro, level = '', serial] = /^(\d+)\.(\d+)\.(\d+)(a|b|rc)?(\d+)?$/.exec(version)!
  return {
    implementation: 'cpython',
    version: {
      major: Number(major),
      minor: Number(minor),
      micro: Number(micro),
      level: ({ a: 'alpha', b: 'beta', rc: 'candidate' } as const)[level] ?? 'final',
      serial: Number(serial ?? 0),
    },
    freeThreaded: false,
    debug: false,
    bits: 64,
    machine: 'x86_64',
    platform: 'linux',
    libc: 'glibc',
    ...more,
  }
}

const matches = (request: string, version: string, more: Partial<PythonFacts> = {}): boolean =>
  matchesRequest(parsePythonRequest(request), facts(version, more))

function refused(text: string): string {
  try {
    parsePythonRequest(text)
  } catch (error) {
    assert.ok(isDenError(error, 'invalid-python-request'))
    return diagnose(error).why ?? ''
  }
  return assert.fail(`accepted ${text}`)
}

test('parsePythonRequest() reads one meaning from all its spellings', () => {
  const same = [
    ['3.12', '312', 'py312', 'py3.12', 'python3.12', 'python312', 'Python@3.12', ' 3.12 '],
    ['cpython3.11', 'cp311', 'cpython@3.11', 'cpython-3.11', 'CPython3.11'],
    ['pypy3.10', 'pp310', 'pypy@3.10', 'pypy310'],
    ['graalpy', 'gp', 'graalvm'],
    ['3.13t', '3.13+freethreaded', 'python3.13t', 'py313t'],
    ['3.13d', '3.13-dbg', '3.13+debug', '3.13-debug', 'python3.13d'],
    ['3.13td', '3.13+freethreaded+debug', '3.13t-dbg'],
    ['3.12-arm64', '3.12-aarch64', 'any-3.12-any-aarch64'],
    ['cpython-3.12.3-linux-x86_64-gnu', 'cpython3.12.3-linux-amd64-gnu'],
    ['any', '', 'default', 'ANY'],
    ['3.14rc1', '314rc1', '3.14c1'],
  ]
  for (const [first = '', ...others] of same) {
    for (const other of others) assert.deepEqual(parsePythonRequest(other), parsePythonRequest(first), other)
  }
})

test('parsePythonRequest() knows paths by their look', () => {
  for (const path of [
    '/usr/bin/python3',
    './python',
    '../x',
    '.venv',
    '~/env',
    '~',
    'a/b',
    'C:\\Python\\python.exe',
    'a\\b',
  ]) {
    assert.deepEqual(parsePythonRequest(path), { kind: 'path', path })
  }
})

test('parsePythonRequest() leaves other words to PATH', () => {
  for (const name of [
    'python3-dbg',
    'python3.13-dbg',
    'mypython',
    'python3-config',
    'conda',
    'pypy-c-jit-latest',
    'foo3.12',
  ]) {
    assert.deepEqual(parsePythonRequest(name), { kind: 'name', name })
  }
})

test('parsePythonRequest() refuses what looks like a version and is none, and points at it', () => {
  assert.equal(refused('>=3.x'), 'this is no pre (a, b, rc), post or dev part of a version\n>=3.x\n   ~^')
  assert.match(refused('3.12.1.2'), /three numbers/)
  assert.match(refused('cpython@latest'), / {8}~+\^$/)
  for (const text of [
    '3.x',
    '3rc1',
    'cpython@',
    '@3.11',
    'foo@3',
    '>=3.8-foo',
    '==',
    '3..12',
    'two words',
    'a\nb',
    '/a\0b',
  ])
    refused(text)
})

test('formatPythonRequest() gives a text that reads back the same', () => {
  for (const text of [
    '3',
    '3.12.1',
    '3.14rc1',
    '>=3.8,<3.13',
    'cpython~=3.10',
    'pypy',
    'pypy3.10-7.3.12',
    '3.13t',
    '3.13d',
    '3.13td',
    '3.13+gil',
    '3.13+gil+debug',
    '>=3.13+freethreaded+debug',
    '>=3.13+debug',
    'cpython3.12.3-64-linux-x86_64-gnu',
    'any',
    'python',
    'mypython',
    './x',
    'graalpy-24.1.0',
    '3.12-musl',
  ]) {
    const request = parsePythonRequest(text)
    assert.deepEqual(parsePythonRequest(formatPythonRequest(request)), request, text)
  }
})

test('matchesRequest() takes numbers as a beginning', () => {
  assert.ok(matches('3', '3.12.1') && matches('3.12', '3.12.1') && matches('3.12.1', '3.12.1'))
  assert.ok(!matches('3.1', '3.12.1') && !matches('2', '3.12.1') && !matches('3.12.2', '3.12.1'))
})

test('matchesRequest() lets pre-releases stand for their series, but not for the release itself', () => {
  assert.ok(
    matches('3.15', '3.15.0a1') &&
      matches('3', '3.15.0a1') &&
      matches('>=3.15', '3.15.0a1') &&
      matches('3.15a1', '3.15.0a1'),
  )
  assert.ok(matches('3.15.0a1', '3.15.0a1') && matches('>=3.15.0a1', '3.15.0a2'))
  assert.ok(
    !matches('3.15.0', '3.15.0a1') &&
      !matches('3.15a2', '3.15.0a1') &&
      !matches('3.15a1', '3.15.0') &&
      !matches('>=3.15.0rc1', '3.15.0a1'),
  )
  assert.ok(!matches('<3.15', '3.15.0a1'))
})

test('matchesRequest() compares specifiers by PEP 440', () => {
  assert.ok(matches('>=3.8,<3.13', '3.12.9') && !matches('>=3.8,<3.13', '3.13.0'))
  assert.ok(
    matches('~=3.10', '3.13.0') &&
      !matches('~=3.10.2', '3.11.0') &&
      matches('==3.12.*', '3.12.9') &&
      !matches('==3.12', '3.12.9'),
  )
})

test('matchesRequest() takes free-threaded builds by themselves from 3.14 on', () => {
  assert.ok(!matches('3.13', '3.13.0', { freeThreaded: true }) && matches('3.13t', '3.13.0', { freeThreaded: true }))
  assert.ok(matches('3.14', '3.14.0', { freeThreaded: true }) && !matches('3.14+gil', '3.14.0', { freeThreaded: true }))
  assert.ok(!matches('3.14t', '3.14.0'))
})

test('matchesRequest() looks at implementation, build and machine', () => {
  assert.ok(
    matches('pypy3.10', '3.10.14', { implementation: 'pypy' }) &&
      !matches('cpython', '3.10.14', { implementation: 'pypy' }),
  )
  assert.ok(matches('3.10', '3.10.14', { implementation: 'pypy' }))
  assert.ok(matches('pypy3.10-7.3', '3.10.14', { implementation: 'pypy', implementationVersion: '7.3.12' }))
  assert.ok(!matches('pypy3.10-7.3.11', '3.10.14', { implementation: 'pypy', implementationVersion: '7.3.12' }))
  assert.ok(
    matches('3.12d', '3.12.1', { debug: true }) &&
      !matches('3.12d', '3.12.1') &&
      matches('3.12', '3.12.1', { debug: true }),
  )
  assert.ok(matches('3.12-64', '3.12.1') && !matches('3.12-32', '3.12.1'))
  assert.ok(
    matches('3.12-arm64', '3.12.1', { machine: 'aarch64' }) &&
      matches('3.12-x86_64', '3.12.1', { machine: 'AMD64' }) &&
      !matches('3.12-arm64', '3.12.1'),
  )
  assert.ok(matches('3.12-linux-gnu', '3.12.1') && !matches('3.12-musl', '3.12.1') && !matches('3.12-macos', '3.12.1'))
})

test('asksForPrerelease() is true where the request itself names one', () => {
  assert.ok(
    asksForPrerelease(parsePythonRequest('3.15a1')) &&
      asksForPrerelease(parsePythonRequest('>=3.15.0a1')) &&
      asksForPrerelease(parsePythonRequest('./x')),
  )
  assert.ok(!asksForPrerelease(parsePythonRequest('3.15')) && !asksForPrerelease(parsePythonRequest('')))
})

test("parsePythonVersionFile() takes the full name of pyenv-virtualenv's environments, and no path like it", () => {
  assert.deepEqual(parsePythonVersionFile('3.12.1/envs/web\n3.11\n'), [
    { kind: 'name', name: '3.12.1/envs/web' },
    { kind: 'version', release: [3, 11] },
  ])
  for (const text of ['3.12.1/envs/../evil', '3.12.1/envs/..', '../envs/web', '/x/envs/web', '3.12.1/envs/a/b']) {
    assert.throws(() => parsePythonVersionFile(text), { code: 'invalid-python-request' }, text)
  }
})

test('parsePythonVersionFile() takes the first word of each line', () => {
  const requests = parsePythonVersionFile(
    '\ufeff# pinned\n\n  3.12.1  ignored\r\npypy3.10-7.3.12\nsystem\n3.10-dev\nmyenv\n>=3.8, <3.13 # both\n',
  )
  assert.deepEqual(requests.map(formatPythonRequest), [
    '3.12.1',
    'pypy3.10-7.3.12',
    'any',
    '3.10-dev',
    'myenv',
    '>=3.8,<3.13',
  ])
})

test('parsePythonVersionFile() refuses paths and says where they stand', () => {
  for (const text of ['3.12\n../evil\n', '3.12\n/bin/sh\n', '3.12\n..\n', '3.12\n~/x\n']) {
    assert.throws(
      () => parsePythonVersionFile(text, { file: '.python-version' }),
      (error) =>
        isDenError(error, 'invalid-python-request') &&
        error.detail.line === 2 &&
        error.detail.file === '.python-version' &&
        // What is refused is not what is suggested to be written there.
        !/a path/.test(diagnose(error).fix[0] ?? '') &&
        /--python PATH/.test(diagnose(error).fix.at(-1) ?? ''),
    )
  }
})

test('parsePythonVersionFile() points into the line for a specifier that is none', () => {
  assert.throws(
    () => parsePythonVersionFile('  >=3.x\n'),
    (error) =>
      isDenError(error, 'invalid-python-request') && (diagnose(error).why ?? '').endsWith('\n  >=3.x\n     ~^'),
  )
})

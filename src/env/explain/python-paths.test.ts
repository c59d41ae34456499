import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { pythonPaths } from './python-paths.ts'

const posix = pythonPaths({ platform: 'linux', cwd: '/here', path: path.posix })
const windows = pythonPaths({ platform: 'win32', cwd: 'C:\\here', path: path.win32 as typeof path.posix })

test('normalize() is os.path.normpath', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', '.'],
    ['/', '/'],
    ['//', '//'],
    ['///a', '/a'],
    ['//a/../b', '//b'],
    ['/../a', '/a'],
    ['../a/./b//c/..', '../a/b'],
    ['a/../..', '..'],
  ]
  for (const [given, wanted] of cases) assert.equal(posix.normalize(given), wanted, given)
})

test('absolute() starts from the working directory of the host', () => {
  assert.equal(posix.absolute('a/../b'), '/here/b')
  assert.equal(posix.absolute(''), '/here')
  assert.equal(windows.absolute('a/b\\'), 'C:\\here\\a\\b')
})

test('cut() is getpath’s way: nothing stands above the first level', () => {
  assert.equal(posix.cut('/usr/bin'), '/usr')
  assert.equal(posix.cut('/usr'), '')
  assert.equal(posix.cut('bin'), '')
  assert.equal(windows.cut('C:\\Python\\python.exe'), 'C:\\Python')
})

test('case() makes one of the spellings that Windows takes for one', () => {
  assert.equal(windows.case('C:/Python\\LIB'), 'c:\\python\\lib')
  assert.equal(posix.case('/A'), '/A')
})

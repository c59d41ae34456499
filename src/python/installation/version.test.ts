import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeElf } from '../../../tests/kit/binaries.ts'
import { fakeHost } from '../../../tests/kit/fake-host.ts'
import { patchLevel } from '../../../tests/kit/installations.ts'
import { formatPythonVersion } from '../interpreter.ts'
import { findVersionInConstants, parsePatchLevel, parseVersionText } from './version.ts'
import { versionOfResource } from './windows.ts'

test('parsePatchLevel() reads releases and pre-releases', () => {
  for (const version of ['2.7.18', '3.6.15', '3.13.0', '3.14.0a7', '3.14.0b1', '3.14.0rc2']) {
    assert.equal(formatPythonVersion(parsePatchLevel(patchLevel(version))!), version)
  }
})

test('parsePatchLevel() reads levels given as numbers', () => {
  const text = patchLevel('3.10.14').replace('PY_RELEASE_LEVEL_FINAL\n', '0xF\n')
  assert.equal(formatPythonVersion(parsePatchLevel(text)!), '3.10.14')
})

test('parsePatchLevel() gives nothing for a header without the five numbers', () => {
  assert.equal(parsePatchLevel(patchLevel('3.12.1').replace('PY_MICRO_VERSION', 'PY_MICRO')), undefined)
  assert.equal(parsePatchLevel(''), undefined)
})

test('parseVersionText() reads what sys.version begins with', () => {
  assert.equal(formatPythonVersion(parseVersionText('3.14.0rc1')!), '3.14.0rc1')
  assert.equal(formatPythonVersion(parseVersionText('3.11.2+')!), '3.11.2')
  assert.equal(parseVersionText('3.11'), undefined)
})

test('findVersionInConstants() takes the one string that is a version of the line', () => {
  const search = (constants: readonly string[], line: string): string | undefined => {
    const host = fakeHost({ files: { '/lib.so': fakeElf({ constants }) } })
    const version = findVersionInConstants(host.files, '/lib.so', { arch: 'x64', line })
    return version === undefined ? undefined : formatPythonVersion(version)
  }
  assert.equal(search(['1.2.13', '3.11', '3.11.2', 'python3.11'], '3.11'), '3.11.2')
  assert.equal(search(['3.1.4', '3.11.2'], '3.11'), '3.11.2')
  assert.equal(search(['3.12.0b4+'], '3.12'), '3.12.0b4')
  assert.equal(search(['3.11.2', '3.11.3'], '3.11'), undefined)
  assert.equal(search(['x3.11.2', '3.11.2x'], '3.11'), undefined)
})

test('versionOfResource() undoes field3 of python_ver_rc.h', () => {
  assert.equal(formatPythonVersion(versionOfResource([3, 12, 1150, 1013])!), '3.12.1')
  assert.equal(formatPythonVersion(versionOfResource([2, 7, 18150, 1013])!), '2.7.18')
  assert.equal(formatPythonVersion(versionOfResource([3, 13, 122, 1013])!), '3.13.0rc2')
  assert.equal(formatPythonVersion(versionOfResource([3, 13, 101, 1013])!), '3.13.0a1')
  assert.equal(versionOfResource([1, 1, 0, 14]), undefined)
})

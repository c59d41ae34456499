import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose, isDenError } from '../base/error.ts'
import {
  canonicalVersion,
  compareVersions,
  isPrerelease,
  parseVersion,
  publicVersion,
  tryParseVersion,
} from './version.ts'

test('parseVersion() normalises every spelling that PEP 440 lists', () => {
  const cases: Record<string, string> = {
    '1.1RC1': '1.1rc1',
    '1.1.a1': '1.1a1',
    '1.1-alpha_1': '1.1a1',
    '1.1preview2': '1.1rc2',
    '1.1c3': '1.1rc3',
    '1.2a': '1.2a0',
    '1.2-post2': '1.2.post2',
    '1.2rev4': '1.2.post4',
    '1.0-1': '1.0.post1',
    '1.2.post': '1.2.post0',
    '1.2-dev': '1.2.dev0',
    'v1.0': '1.0',
    ' 1.0\n': '1.0',
    '1!01.02': '1!1.2',
    '0!1.0': '1.0',
    '1.0+Ubuntu-01_x': '1.0+ubuntu.1.x',
    '1.0a5.post3.dev2+l': '1.0a5.post3.dev2+l',
  }
  for (const [text, normal] of Object.entries(cases)) assert.equal(parseVersion(text).text, normal)
})

test('compareVersions() orders as the standard lists', () => {
  const ordered = [
    '0',
    '1.dev0',
    '1.0.dev456',
    '1.0a1',
    '1.0a2.dev456',
    '1.0a12.dev456',
    '1.0a12',
    '1.0b1.dev456',
    '1.0b2',
    '1.0b2.post345.dev456',
    '1.0b2.post345',
    '1.0rc1.dev456',
    '1.0rc1',
    '1.0',
    '1.0+abc.5',
    '1.0+abc.7',
    '1.0+5',
    '1.0.post456.dev34',
    '1.0.post456',
    '1.0.15',
    '1.1.dev1',
    '1.10',
    '1.9999',
    '1.10000',
    '1.99999',
    '1.100000',
    '2',
    '20231231235959123456',
    '20231231235959123457',
    '1!0',
  ]
  for (const [index, newer] of ordered.entries()) {
    if (index === 0) continue
    const older = ordered[index - 1]!
    assert.equal(compareVersions(parseVersion(older), parseVersion(newer)), -1, `${older} < ${newer}`)
    assert.equal(compareVersions(parseVersion(newer), parseVersion(older)), 1, `${newer} > ${older}`)
  }
})

test('compareVersions() finds equal what differs in trailing zeros alone', () => {
  for (const [a = '', b = ''] of [
    ['1', '1.0.0'],
    ['0', '0.0'],
    ['1.0a1', '1a1'],
    ['1.0+a.01', '1+a.1'],
    ['1.0-1', '1.post1'],
  ]) {
    assert.equal(compareVersions(parseVersion(a), parseVersion(b)), 0)
    assert.equal(canonicalVersion(parseVersion(a)), canonicalVersion(parseVersion(b)))
  }
})

test('parseVersion() gives the parts', () => {
  assert.partialDeepStrictEqual(parseVersion('1!2.0rc3.post4.dev5+six.7'), {
    epoch: 1,
    release: [2, 0],
    pre: { letter: 'rc', number: 3 },
    post: 4,
    dev: 5,
    local: 'six.7',
  })
  assert.equal(publicVersion(parseVersion('1.0+local')), '1.0')
  assert.ok(
    isPrerelease(parseVersion('1.0.dev1')) &&
      isPrerelease(parseVersion('1.0b1')) &&
      !isPrerelease(parseVersion('1.0.post1')),
  )
})

test('parseVersion() refuses what is none, and points at the place', () => {
  const why = (text: string): string => {
    try {
      parseVersion(text)
    } catch (error) {
      assert.ok(isDenError(error, 'invalid-version'))
      return diagnose(error).why ?? ''
    }
    return assert.fail(`accepted ${text}`)
  }
  assert.equal(why('1.0foo'), 'this is no pre (a, b, rc), post or dev part of a version\n1.0foo\n   ~~^')
  assert.match(why('1.*'), /belongs into a specifier/)
  assert.match(why('1.0+'), /after \+ come/)
  assert.match(why('latest'), /starts with a number/)
  assert.match(why(''), /empty/)
  for (const text of ['1..0', '1.0.', '1 0', '1.0a1a2', '1.0+a+b', '1.0-', 'v', '\ufeff1.0', '1.０']) why(text)
})

test('tryParseVersion() bounds the digits of a number as Python does', () => {
  assert.equal(tryParseVersion('1'.repeat(4301)), undefined)
  assert.ok(tryParseVersion(`${'1'.repeat(4300)}`))
})

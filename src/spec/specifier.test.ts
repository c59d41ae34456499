import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose, isDenError } from '../base/error.ts'
import { filterBySpecifiers, formatSpecifiers, parseSpecifiers, specifiersContain } from './specifier.ts'
import { parseVersion } from './version.ts'

const contains = (set: string, version: string, prereleases?: boolean): boolean =>
  specifiersContain(parseSpecifiers(set), version, prereleases === undefined ? {} : { prereleases })

test('specifiersContain() follows the clauses of PEP 440', () => {
  // "a compatible release clause"
  assert.ok(
    contains('~=2.2', '2.9') && !contains('~=2.2', '3.0') && !contains('~=2.2', '2.1') && !contains('~=1.4.5', '1.5'),
  )
  assert.ok(!contains('~=2.2', '3.0.dev1'))
  // "by default, the version matching operator is based on a strict equality comparison"
  assert.ok(
    !contains('==1.1', '1.1.post1') &&
      contains('==1.1.*', '1.1.post1') &&
      !contains('==1.1', '1.1.dev1') &&
      contains('==1.1.*', '1.1a1'),
  )
  assert.ok(
    contains('==1.1', '1.1.0') &&
      !contains('==1.1.*', '1.11') &&
      contains('==1.1.0.*', '1.1') &&
      !contains('==1.1.1.*', '1.1'),
  )
  assert.ok(contains('!=1.1', '1.1.post1') && !contains('!=1.1.*', '1.1.post1'))
  // "local version identifiers are ignored when the specified version has none"
  assert.ok(
    contains('==1.1', '1.1+local') &&
      !contains('==1.1+other', '1.1+local') &&
      contains('==1.1+local', '1.1+local') &&
      !contains('==1.1+local', '1.1'),
  )
  assert.ok(contains('<=1.1', '1.1+local') && contains('>=1.1', '1.1+local'))
  // "exclusive ordered comparison"
  assert.ok(
    !contains('>1.7', '1.7.0.post1') &&
      contains('>1.7', '1.7.1') &&
      !contains('>1.7', '1.7+local') &&
      contains('>1.7.post2', '1.7.post3') &&
      !contains('>1.7.post2', '1.7.0'),
  )
  assert.ok(
    !contains('<3.1', '3.1.dev0') &&
      !contains('<3.1', '3.1rc1') &&
      contains('<3.1rc1', '3.1b1') &&
      contains('<3.1', '3.0.post1'),
  )
  // "arbitrary equality": a plain text comparison
  assert.ok(contains('===1.0', '1.0') && !contains('===1.0', '1.0.0') && contains('===Foobar', 'foobar'))
})

test('specifiersContain() asks every specifier of a set', () => {
  assert.ok(
    contains('>=3.8,!=3.9.*,<4', '3.10') &&
      !contains('>=3.8,!=3.9.*,<4', '3.9.2') &&
      !contains('>=3.8,!=3.9.*,<4', '4.0'),
  )
  assert.ok(contains('', '1.0') && contains(' , ', '1.0') && !contains('>2,<1', '1.5'))
})

test('specifiersContain() takes a lone pre-release unless told not to', () => {
  assert.ok(contains('>=1', '2.0a1') && !contains('>=1', '2.0a1', false) && contains('>=1', '2.0a1', true))
})

test('specifiersContain() lets what is no version through === and the empty set alone', () => {
  assert.ok(contains('', 'junk') && contains('===junk', 'JUNK') && !contains('>=0', 'junk'))
})

test('filterBySpecifiers() prefers releases, unless the set names a pre-release', () => {
  const filter = (set: string, versions: string[], prereleases?: boolean): string[] =>
    filterBySpecifiers(parseSpecifiers(set), versions, parseVersion, prereleases === undefined ? {} : { prereleases })
  assert.deepEqual(filter('>=1', ['0.5', '1.0', '2.0a1']), ['1.0'])
  assert.deepEqual(filter('>1', ['0.5', '1.0', '2.0a1']), ['2.0a1'])
  assert.deepEqual(filter('>=1.0a1', ['1.0', '2.0a1']), ['1.0', '2.0a1'])
  assert.deepEqual(filter('!=1.0a1', ['1.0', '2.0a1']), ['1.0'])
  assert.deepEqual(filter('>1', ['2.0a1'], false), [])
})

test('formatSpecifiers() gives one text whatever the order', () => {
  assert.equal(formatSpecifiers(parseSpecifiers(' >= 1.0 , <2,>=1.0')), '<2,>=1.0')
  assert.equal(formatSpecifiers(parseSpecifiers('<2,>=1.0')), '<2,>=1.0')
})

test('parseSpecifiers() refuses what is none, and points at the place in the set', () => {
  const why = (text: string): string => {
    try {
      parseSpecifiers(text)
    } catch (error) {
      assert.ok(isDenError(error, 'invalid-specifier'))
      return diagnose(error).why ?? ''
    }
    return assert.fail(`accepted ${text}`)
  }
  assert.equal(why('>=3.8, <3.x'), 'this is no pre (a, b, rc), post or dev part of a version\n>=3.8, <3.x\n         ~^')
  assert.equal(why('~=1'), '~= needs at least two numbers, as in ~=1.4\n~=1\n  ^')
  assert.match(why('>=1.*'), /goes with == and != only\n>=1\.\*\n {3}~\^$/)
  assert.match(why('>=1.0+local'), /local version/)
  assert.match(why('==1.0a1.*'), /plain release/)
  assert.match(why('1.0'), /starts with one of/)
  assert.match(why('>=1,=='), /version is missing/)
})

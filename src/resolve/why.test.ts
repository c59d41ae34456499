import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSpecifiers, specifiersContain } from '../spec/specifier.ts'
import { parseVersion } from '../spec/version.ts'
import { type Asking, type KnownVersion, type WhyQuestion, whyNotNewer, whySentences } from './why.ts'

const known = (text: string, more: Partial<KnownVersion> = {}): KnownVersion => ({
  version: parseVersion(text),
  ...more,
})
const asking = (text: string, more: Partial<Asking> = {}): Asking => ({
  kind: 'requirement',
  specifiers: parseSpecifiers(text),
  text,
  ...more,
})
const told = (question: Omit<WhyQuestion, 'name' | 'chosen'>, chosen = '1.0'): readonly string[] => {
  const whole = { name: 'lib', chosen: parseVersion(chosen), ...question }
  return whySentences(whole, whyNotNewer(whole))
}

test('whyNotNewer() says when there is nothing newer', () => {
  assert.deepEqual(told({ versions: [known('0.9'), known('1.0'), known('1.0rc1')], askings: [] }), [
    'lib 1.0 is the newest there is',
  ])
})

test('whyNotNewer() names who asks for less, and joins versions that meet with the same', () => {
  const versions = ['1.0', '2.0', '2.1', '2.2', '3.0', '3.1'].map((text) => known(text))
  const askings = [asking('<3', { by: 'app 1.0' }), asking('<2'), asking('>=1')]
  assert.deepEqual(told({ versions, askings }), [
    'lib 3.0, 3.1: app 1.0 depends on lib<3; you ask for lib<2',
    'lib 2.0 to 2.2: you ask for lib<2',
  ])
  assert.deepEqual(whyNotNewer({ name: 'lib', chosen: parseVersion('2.2'), versions, askings: [askings[0]!] }), [
    { versions: ['3.1', '3.0'], hindrances: [{ kind: 'asking', by: 'app 1.0', is: 'requirement', text: '<3' }] },
  ])
})

test('whyNotNewer() tells constraints, overrides and markers from requirements', () => {
  const askings = [
    asking('<2', { kind: 'constraint' }),
    asking('==1.0', { kind: 'override' }),
    asking('<2', { by: 'app 1.0', marker: "sys_platform == 'win32'" }),
  ]
  assert.deepEqual(told({ versions: [known('2.0')], askings }), [
    "lib 2.0: a constraint says lib<2; an override says lib==1.0; app 1.0 depends on lib<2 where sys_platform == 'win32'",
  ])
})

test('whyNotNewer() knows of Pythons, yanked versions, pre-releases and files', () => {
  const versions = [
    known('2.0', { requiresPython: '>=3.13' }),
    known('3.0', { yanked: 'broken' }),
    known('3.1', { yanked: true }),
    known('4.0rc1'),
    known('5.0', { unusable: 'no file of it fits this Python and this machine' }),
  ]
  const fitsPython = (text: string): boolean => specifiersContain(parseSpecifiers(text), parseVersion('3.12.1'))
  assert.deepEqual(told({ versions, askings: [], fitsPython, python: 'Python 3.12.1' }), [
    'lib 5.0: no file of it fits this Python and this machine',
    'lib 4.0rc1: a pre-release, and nothing asks for one',
    'lib 3.1: yanked',
    'lib 3.0: yanked: broken',
    'lib 2.0: needs Python >=3.13, and this is for Python 3.12.1',
  ])
  const free = 'nothing stands in the way, but another version was chosen before'
  assert.deepEqual(told({ versions: [known('4.0rc1')], askings: [], prereleases: true }), [`lib 4.0rc1: ${free}`])
  assert.deepEqual(told({ versions: [known('4.0rc1')], askings: [asking('>=1.0rc1')] }), [`lib 4.0rc1: ${free}`])
})

test('whyNotNewer() looks at what a newer version would need of the others', () => {
  const needs = [
    { name: 'base', specifiers: parseSpecifiers('>=2'), text: '>=2' },
    { name: 'tool', specifiers: parseSpecifiers('>=2'), text: '>=2' },
    { name: 'new', specifiers: parseSpecifiers(''), text: '' },
  ]
  const others = new Map([
    ['base', [parseVersion('1.0'), parseVersion('1.5')]],
    ['tool', [parseVersion('1.0'), parseVersion('2.0')]],
  ])
  assert.deepEqual(told({ versions: [known('2.0', { needs })], askings: [], others }), [
    'lib 2.0: needs base>=2, and base is at 1.0 and 1.5',
  ])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import {
  compareBuildTags,
  parseSdistFilename,
  parseWheelFilename,
  tryParseDistInfoName,
  tryParseDistributionFilename,
  tryParseWheelFilename,
  wheelTags,
} from './filename.ts'
import { parseProjectName } from './name.ts'

test('parseWheelFilename() gives name, version, build and tags', () => {
  const wheel = parseWheelFilename(
    'Zope.interface-5.0rc1-2b-cp312.CP313-abi3-manylinux1_x86_64.manylinux2014_x86_64.whl',
  )
  assert.equal(wheel.name, 'zope-interface')
  assert.equal(wheel.version.text, '5.0rc1')
  assert.deepEqual(wheel.build, { number: 2, suffix: 'b' })
  assert.deepEqual(
    [...wheelTags(wheel)],
    [
      'cp312-abi3-manylinux1_x86_64',
      'cp312-abi3-manylinux2014_x86_64',
      'cp313-abi3-manylinux1_x86_64',
      'cp313-abi3-manylinux2014_x86_64',
    ],
  )
})

test('parseWheelFilename() refuses what is no wheel', () => {
  for (const name of [
    'a-1.0-py3-none-any.zip',
    'a-1.0-py3-none.whl',
    'a-1.0-x-py3-none-any.whl',
    'a__b-1.0-py3-none-any.whl',
    '_a-1.0-py3-none-any.whl',
    'a-x-py3-none-any.whl',
    'a-1.0--none-any.whl',
    'a-1.0-py3..py2-none-any.whl',
    '../a-1.0-py3-none-any.whl',
    'a-1.0-p/y-none-any.whl',
    'a-1.0-1-1-py3-none-any.whl',
    'a- 1.0-py3-none-any.whl',
  ]) {
    assert.throws(
      () => parseWheelFilename(name),
      (error) => isDenError(error, 'invalid-filename'),
      name,
    )
    assert.equal(tryParseWheelFilename(name), undefined)
  }
})

test('parseSdistFilename() splits at the last dash, or after the name of the project', () => {
  const parts = (filename: string, project?: string): string[] => {
    const sdist = parseSdistFilename(filename, project === undefined ? {} : { project: parseProjectName(project) })
    return [sdist.name, sdist.version.text, sdist.format]
  }
  assert.deepEqual(parts('foo_bar-1.0.tar.gz'), ['foo-bar', '1.0', '.tar.gz'])
  assert.deepEqual(parts('foo-bar-1.0.zip'), ['foo-bar', '1.0', '.zip'])
  assert.deepEqual(parts('foo-1.0-1.tar.bz2', 'foo'), ['foo', '1.0.post1', '.tar.bz2'])
  assert.deepEqual(parts('foo-2-1.0.tar.gz', 'foo-2'), ['foo-2', '1.0', '.tar.gz'])
})

test('parseSdistFilename() refuses what is none', () => {
  for (const name of [
    'foo.tar.gz',
    'foo-1.0.rar',
    '-1.0.tar.gz',
    'foo-x.tar.gz',
    '../foo-1.0.tar.gz',
    'foo-1 .tar.gz',
  ]) {
    assert.throws(
      () => parseSdistFilename(name),
      (error) => isDenError(error, 'invalid-filename'),
      name,
    )
  }
  assert.throws(() => parseSdistFilename('foo-1.0.tar.gz', { project: parseProjectName('bar') }))
})

test('compareBuildTags() sorts by number, then suffix, none first', () => {
  const sorted = [
    undefined,
    { number: 0, suffix: '' },
    { number: 2, suffix: '' },
    { number: 2, suffix: 'a' },
    { number: 10, suffix: '' },
  ]
  for (const [i, a] of sorted.entries()) {
    for (const [j, b] of sorted.entries()) assert.equal(Math.sign(compareBuildTags(a, b)), Math.sign(i - j))
  }
})

test('tryParseDistInfoName() and tryParseDistributionFilename() know their own', () => {
  assert.equal(tryParseDistInfoName('Foo_bar-1.0.dist-info')?.name, 'foo-bar')
  assert.equal(tryParseDistInfoName('foo.dist-info'), undefined)
  assert.equal(tryParseDistInfoName('foo-1.0.egg-info'), undefined)
  assert.equal(tryParseDistributionFilename('a-1-py3-none-any.whl')?.kind, 'wheel')
  assert.equal(tryParseDistributionFilename('a-1.tar.gz')?.kind, 'sdist')
  assert.equal(tryParseDistributionFilename('a-1-py2.7.egg'), undefined)
})

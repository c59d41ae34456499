import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { parseEntryPoints, scriptEntryPoints, tryParseObjectReference } from './entry-points.ts'

test('parseEntryPoints() reads groups, indented lines and comments', () => {
  assert.deepEqual(parseEntryPoints('\n  [console_scripts]\n  # no\n  Foo = pkg.mod:main [x]\n[a.b]\nc=d=e\n'), [
    { group: 'console_scripts', name: 'Foo', value: 'pkg.mod:main [x]', line: 4 },
    { group: 'a.b', name: 'c', value: 'd=e', line: 6 },
  ])
})

test('tryParseObjectReference() splits module, attribute and extras', () => {
  assert.deepEqual(tryParseObjectReference('a.b : c.d [x, y]'), { module: 'a.b', attribute: 'c.d', extras: ['x', 'y'] })
  assert.deepEqual(tryParseObjectReference('a'), { module: 'a', extras: [] })
  assert.equal(tryParseObjectReference('a-b:c'), undefined)
  assert.equal(tryParseObjectReference(''), undefined)
})

test('scriptEntryPoints() gives the scripts; the last of one name stands', () => {
  const entries = parseEntryPoints('[console_scripts]\nx = a:b\nx = c:d\n[gui_scripts]\nx = e:f\n[other]\ny = g\n')
  assert.deepEqual(scriptEntryPoints(entries), [
    { name: 'x', gui: false, module: 'c', attribute: 'd' },
    { name: 'x', gui: true, module: 'e', attribute: 'f' },
  ])
})

test('scriptEntryPoints() refuses names that leave their directory and references that are more than names', () => {
  for (const line of [
    '../x = a:b',
    'a/b = a:b',
    'a\\b = a:b',
    '.. = a:b',
    ' = a:b',
    'C:x = a:b',
    'x\x1by = a:b',
    'x = a',
    'x = a:',
    'x = a.:b',
    'x = a:b()',
    'x = 1a:b',
    'x = a:b; import os',
    'x = a:b.',
  ]) {
    const entries = parseEntryPoints(`[console_scripts]\n${line}\n`)
    assert.equal(entries.length, 1, line)
    assert.throws(
      () => scriptEntryPoints(entries),
      (error) => isDenError(error, 'invalid-metadata') && error.detail.line === 2,
      line,
    )
  }
})

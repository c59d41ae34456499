import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { parseMarker } from './marker.ts'
import {
  andMarkers,
  equalMarkers,
  impliedRequiresPython,
  type MarkerCondition,
  markerImplies,
  markersDisjoint,
  negateMarker,
  orMarkers,
  simplifyMarker,
} from './marker-algebra.ts'
import { parseSpecifiers } from './specifier.ts'

const text = (condition: MarkerCondition): string => (typeof condition === 'string' ? condition : condition.text)
const simple = (marker: string): string => text(simplifyMarker(parseMarker(marker)))
const opposite = (marker: string): string => text(negateMarker(parseMarker(marker)))

test('simplifyMarker() finds the fewest words', () => {
  for (const [long, short] of [
    ['python_version >= "3.8" and python_version < "3.9"', 'python_version == "3.8"'],
    ['python_version > "3.8" and python_version <= "3.10"', 'python_version >= "3.9" and python_version < "3.11"'],
    ['python_version > "3.8" or python_version <= "3.8"', 'always'],
    ['python_version > "3.8" and python_full_version < "3.8.5"', 'never'],
    ['python_version in "2.7 3.8"', 'python_version == "2.7" or python_version == "3.8"'],
    ['python_version not in "2.7 3.8"', 'python_version != "2.7" and python_version != "3.8"'],
    ['python_version == "3.x"', 'never'],
    ['"3.8" <= python_version', 'python_version >= "3.8"'],
    [
      'sys_platform == "linux" or sys_platform != "linux" and python_version < "3"',
      'python_version < "3" or sys_platform == "linux"',
    ],
    ['sys_platform == "linux" and sys_platform == "win32"', 'never'],
    ['sys_platform == "linux" and sys_platform in "linux darwin"', 'sys_platform == "linux"'],
    ['sys_platform < "linux"', 'never'],
    ['extra == "x" and (os_name == "nt" or os_name != "nt")', 'extra == "x"'],
    ['extra == "b" or extra == "a" or extra == "b"', 'extra == "a" or extra == "b"'],
    ['python_full_version ~= "3.8.2"', 'python_full_version >= "3.8.2" and python_version < "3.9"'],
    ['python_full_version == "3.8.*"', 'python_version == "3.8"'],
    ['os_name ~= "x" and os_name == "y"', 'os_name == "y" and os_name ~= "x"'],
  ] as const) {
    assert.equal(simple(long), short, long)
  }
})

test('negateMarker() says what holds elsewhere', () => {
  assert.equal(opposite('python_version >= "3.8"'), 'python_version < "3.8"')
  assert.equal(opposite('os_name == "nt" and extra == "x"'), 'os_name != "nt" or extra != "x"')
  assert.equal(opposite('sys_platform in "linux darwin"'), 'sys_platform not in "linux darwin"')
  // A release candidate of 3.8.1 is not >= 3.8.1, and not < 3.8.1 either: only this way round are both said.
  assert.equal(opposite('python_full_version >= "3.8.1"'), '"3.8.1" > python_full_version')
  assert.equal(opposite('python_version > "3" or python_version <= "3"'), 'never')
  assert.equal(text(negateMarker('never')), 'always')
  assert.throws(
    () => opposite('"3.8" ~= python_version'),
    (error) => isDenError(error, 'invalid-marker'),
  )
})

test('andMarkers() and orMarkers() join in the words that markers have', () => {
  const [a, b, c] = ['os_name == "a"', 'os_name == "b" or os_name == "c"', 'extra == "x"'].map(parseMarker) as [
    ReturnType<typeof parseMarker>,
    ReturnType<typeof parseMarker>,
    ReturnType<typeof parseMarker>,
  ]
  assert.equal(andMarkers(a, b, c).text, 'os_name == "a" and (os_name == "b" or os_name == "c") and extra == "x"')
  assert.equal(
    orMarkers(andMarkers(a, c), b).text,
    'os_name == "a" and extra == "x" or os_name == "b" or os_name == "c"',
  )
  assert.deepEqual(andMarkers(a), a)
})

test('markers are compared by what they mean', () => {
  const [linux, windows] = [parseMarker('sys_platform == "linux"'), parseMarker('sys_platform == "win32"')]
  assert.ok(markersDisjoint(linux, windows) && !markersDisjoint(linux, parseMarker('os_name == "nt"')))
  assert.ok(markersDisjoint(parseMarker('python_version < "3.8"'), parseMarker('python_full_version >= "3.8.0"')))
  assert.ok(
    markerImplies(linux, parseMarker('sys_platform != "win32"')) &&
      !markerImplies(parseMarker('sys_platform != "win32"'), linux),
  )
  assert.ok(equalMarkers(parseMarker('python_version >= "3.8"'), parseMarker('python_version > "3.7"')))
  assert.ok(equalMarkers(simplifyMarker(parseMarker('os_name == "a" or os_name != "a"')), 'always'))
})

test('impliedRequiresPython() is the range of Pythons that a marker leaves', () => {
  const implied = (marker: string): unknown => impliedRequiresPython(parseMarker(marker))
  assert.deepEqual(implied('python_version >= "3.8" and sys_platform == "linux"'), parseSpecifiers('>=3.8.dev0').range)
  assert.deepEqual(implied('python_version >= "3.8" and os_name == "a" or python_version < "3" and os_name == "b"'), [
    ...parseSpecifiers('<3').range,
    ...parseSpecifiers('>=3.8.dev0').range,
  ])
  assert.deepEqual(implied('python_version >= "3.8" or os_name == "a"'), parseSpecifiers('').range)
  assert.deepEqual(implied('python_version < "3" and python_version > "3"'), [])
})

test('simplifyMarker() leaves out what is known of Python', () => {
  const { range: requiresPython } = parseSpecifiers('>=3.9,<4')
  const among = (marker: string): string => text(simplifyMarker(parseMarker(marker), { requiresPython }))
  assert.equal(among('python_version >= "3.8" and os_name == "nt"'), 'os_name == "nt"')
  assert.equal(among('python_version < "3.8" or os_name == "nt"'), 'os_name == "nt"')
  assert.equal(among('python_version < "3.9"'), 'never')
  assert.equal(among('python_version < "3.11"'), 'python_version < "3.11"')
})

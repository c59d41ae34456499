import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { evaluateMarker, type MarkerEnvironment, parseMarker, tryParseMarker } from './marker.ts'

const environment: MarkerEnvironment = {
  implementation_name: 'cpython',
  implementation_version: '3.11.7',
  os_name: 'posix',
  platform_machine: 'x86_64',
  platform_python_implementation: 'CPython',
  platform_release: '6.1.0-13-amd64',
  platform_system: 'Linux',
  platform_version: '#1 SMP',
  python_full_version: '3.11.7',
  python_version: '3.11',
  sys_platform: 'linux',
}
const holds = (text: string, changes: Partial<MarkerEnvironment> = {}, ...extras: string[]): boolean =>
  evaluateMarker(parseMarker(text), { ...environment, ...changes }, { extras: new Set(extras) })

test('parseMarker() gives the normal form', () => {
  for (const [text, normal] of [
    ["python_version<'3.9'", 'python_version < "3.9"'],
    ['"x"not  in extras', '"x" not in extras'],
    ['os.name=="a"and python_implementation!="b"', 'os_name == "a" and platform_python_implementation != "b"'],
    ['os_name=="a" or os_name=="b" and os_name=="c"', 'os_name == "a" or os_name == "b" and os_name == "c"'],
    ['(os_name=="a" or os_name=="b")and((os_name=="c"))', '(os_name == "a" or os_name == "b") and os_name == "c"'],
    ['((os_name=="a" or os_name=="b"))', 'os_name == "a" or os_name == "b"'],
    ['extra=="A.b_C"', 'extra == "a-b-c"'],
    [`os_name=='say "x"'`, `os_name == 'say "x"'`],
    ["os_name=='\\x61'", 'os_name == "a"'],
  ] as const) {
    assert.equal(parseMarker(text).text, normal)
    assert.equal(parseMarker(normal).text, normal)
  }
})

test('every text reads back from its normal form', () => {
  for (const value of ['a', '"', "'", `"'`, '\\', '\\x41', '\n', '\r', '\0', 'é\u{1f600}', '', `\\"'`]) {
    const quoted = [...value]
      .map((character) => `\\U${character.codePointAt(0)!.toString(16).padStart(8, '0')}`)
      .join('')
    const marker = parseMarker(`os_name == "${quoted}"`)
    assert.deepEqual(parseMarker(marker.text), marker)
    assert.equal(evaluateMarker(marker, { os_name: value }), true)
  }
})

test('evaluateMarker() compares versions as versions and texts as texts', () => {
  assert.equal(holds('python_version > "3.9"'), true)
  assert.equal(holds('python_version == "3.11.0"'), true)
  assert.equal(holds('python_version in "3.10 3.11"'), true)
  assert.equal(holds('"3.1" in python_version'), true)
  assert.equal(holds('python_version ~= "3.9"'), true)
  assert.equal(holds('"3.8" <= python_version'), true)
  assert.equal(holds('"3.12" <= python_version'), false)
  assert.equal(holds('python_full_version < "3.11.7rc1"'), false)
  assert.equal(holds('python_full_version > "3.11.6"', { python_full_version: '3.11.7+' }), true)
  // No version: a comparison with one never holds, not even !=.
  assert.equal(holds('platform_release >= "5"'), false)
  assert.equal(holds('platform_release != "5"'), false)
  assert.equal(holds('platform_release == "6.1.0-13-amd64"'), true)
  // "#1" is no version: texts, which have no order.
  assert.equal(holds('platform_version >= "#1"'), false)
  assert.equal(holds('platform_version >= "#1 SMP"'), true)
  assert.equal(holds('sys_platform < "z"'), false)
  assert.equal(holds('sys_platform == "linux" and os_name == "nt" or os_name == "posix"'), true)
})

test('evaluateMarker() takes extra for each of the extras asked for', () => {
  assert.equal(holds('extra == "X"', {}, 'x', 'y'), true)
  assert.equal(holds('extra == "x" and extra == "y"', {}, 'x', 'y'), true)
  assert.equal(holds('extra != "x"', {}, 'x', 'y'), false)
  assert.equal(holds('extra == "x"'), false)
  assert.equal(holds('extra != "x"'), true)
  assert.equal(holds('extra == ""'), true)
  assert.equal(holds('"X" in extras', {}, 'x'), true)
  assert.equal(holds('"x" not in extras'), true)
  const groups = parseMarker('"Dev_x" in dependency_groups')
  assert.equal(evaluateMarker(groups, environment, { dependencyGroups: new Set(['dev-x']) }), true)
  assert.equal(evaluateMarker(groups, environment), false)
})

test('evaluateMarker() refuses what has no meaning, where the answer hangs on it', () => {
  for (const text of ['os_name ~= "x"', 'python_version ~= "x"', 'extras == "x"', 'extra === "x"']) {
    assert.throws(
      () => holds(text),
      (error) => isDenError(error, 'invalid-marker'),
      text,
    )
  }
  assert.equal(holds('os_name == "posix" or os_name ~= "x"'), true)
  assert.throws(
    () => evaluateMarker(parseMarker('os_name == "x"'), {}),
    (error) => isDenError(error, 'invalid-marker'),
  )
})

test('parseMarker() bears depth and breadth', () => {
  const nested = (depth: number): string => `${'('.repeat(depth)}os_name=="posix"${')'.repeat(depth)}`
  assert.equal(parseMarker(nested(1000)).text, 'os_name == "posix"')
  assert.equal(tryParseMarker(nested(1001)), undefined)
  assert.equal(tryParseMarker(nested(5000)), undefined)
  assert.equal(tryParseMarker('('.repeat(1_000_000)), undefined)
  const deep = `${'(os_name=="a" and '.repeat(1000)}os_name=="b"${')'.repeat(1000)}`
  assert.equal(evaluateMarker(parseMarker(deep), { os_name: 'a' }), false)
  const wide = Array.from({ length: 20_000 }, (_, index) => `os_name=="${index}"`).join(' or ')
  assert.equal(evaluateMarker(parseMarker(wide), { os_name: '19999' }), true)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMarker } from './marker.ts'
import { openMarkerSpace } from './marker-space.ts'

const markers = [
  'python_version < "3.10"',
  'python_version >= "3.10"',
  'python_version >= "3.9" and python_version < "3.12"',
  'python_version < "3.8" or python_version >= "3.13"',
  'python_full_version == "3.11.4"',
  'python_version < "3.10" and sys_platform == "win32"',
  'python_version >= "3.12" or sys_platform == "win32"',
  'python_version >= "3.10" and implementation_name == "pypy" or python_version < "3.8" and os_name == "nt"',
  'sys_platform == "linux"',
  'implementation_name != "pypy"',
]

test('words that are asked for twice, and words within the same, are those of a space that was not asked before', () => {
  const space = openMarkerSpace()
  for (const text of markers) {
    for (const around of markers) {
      const [condition, within] = [space.of(parseMarker(text)), space.of(parseMarker(around))]
      const first = space.words(condition, within)?.text
      assert.equal(space.words(condition, within)?.text, first)
      const other = openMarkerSpace()
      assert.equal(other.words(other.of(parseMarker(text)), other.of(parseMarker(around)))?.text, first)
      if (text === around) assert.equal(first, undefined)
    }
  }
})

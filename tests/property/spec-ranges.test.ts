// Laws of the algebra of version ranges, which solving stands on: what it says of ranges is true of every version.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  complementRange,
  equalRanges,
  fullRange,
  intersectRanges,
  isEmptyRange,
  isSubsetRange,
  rangeContains,
  rangesDisjoint,
  unionRanges,
  type VersionRange,
} from '../../src/spec/range.ts'
import { parseSpecifiers } from '../../src/spec/specifier.ts'
import { parseVersion } from '../../src/spec/version.ts'

const texts = ['0', '0.9', '1', '1.0.1', '1.1', '1.9.9', '2', '2.0.1', '10', '1!0'].flatMap((release) =>
  ['.dev0', 'a1', 'rc1.dev2', 'rc1', '', '+abc', '.post1.dev1', '.post1', '.post1+x'].map((end) => release + end),
)
const versions = texts.map(parseVersion)
const one = fc
  .tuple(
    fc.constantFrom('==', '!=', '<', '<=', '>', '>=', '~=', '==*', '!=*', '==='),
    fc.constantFrom(...texts),
    fc.constantFrom('1.0', '1.1', '2.0', '1!0.0'),
  )
  .map(([operator, text, release]) => {
    if (operator.endsWith('*')) return `${operator.slice(0, 2)}${release}.*`
    if (operator === '~=') return `~=${release}`
    return operator.startsWith('==') || operator === '!=' ? operator + text : operator + text.replace(/\+.*/, '')
  })
const range: fc.Arbitrary<VersionRange> = fc
  .array(fc.array(one, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
  .map((sets) => sets.map((set) => parseSpecifiers(set.join(',')).range).reduce(unionRanges))

const holds = <Values extends [unknown, ...unknown[]]>(
  arbitraries: { [Key in keyof Values]: fc.Arbitrary<Values[Key]> },
  law: (...values: Values) => void,
): void => fc.assert(fc.property(...arbitraries, law), { numRuns: 1000 })

test('ranges are sorted, apart, and never empty inside', () => {
  const sound = (made: VersionRange): void => {
    for (const [index, { low, high }] of made.entries()) {
      assert.ok(low < high)
      const next = made[index + 1]
      if (next !== undefined) assert.ok(high < next.low)
    }
  }
  holds([range, range], (a, b) => {
    for (const made of [a, unionRanges(a, b), complementRange(a), intersectRanges(a, b)]) sound(made)
  })
})

test('union, intersection and complement are those of the versions in them', () => {
  holds([range, range], (a, b) => {
    const [union, both, rest] = [unionRanges(a, b), intersectRanges(a, b), complementRange(a)]
    for (const version of versions) {
      const [left, right] = [rangeContains(a, version), rangeContains(b, version)]
      assert.equal(rangeContains(union, version), left || right, version.text)
      assert.equal(rangeContains(both, version), left && right, version.text)
      assert.equal(rangeContains(rest, version), !left, version.text)
    }
  })
})

test('subset, disjoint, empty and equal follow from them', () => {
  holds([range, range], (a, b) => {
    assert.equal(rangesDisjoint(a, b), isEmptyRange(intersectRanges(a, b)))
    assert.equal(isSubsetRange(a, b), isEmptyRange(intersectRanges(a, complementRange(b))))
    assert.equal(equalRanges(a, b), isSubsetRange(a, b) && isSubsetRange(b, a))
    assert.ok(isSubsetRange(intersectRanges(a, b), a))
    assert.ok(isSubsetRange(a, unionRanges(a, b)))
    assert.ok(rangesDisjoint(a, complementRange(a)))
    assert.ok(equalRanges(unionRanges(a, complementRange(a)), fullRange))
    assert.ok(equalRanges(complementRange(complementRange(a)), a))
    assert.deepEqual(unionRanges(a, b), unionRanges(b, a))
    assert.deepEqual(complementRange(unionRanges(a, b)), intersectRanges(complementRange(a), complementRange(b)))
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseSpecifiers, specifiersContain } from '../spec/specifier.ts'
import { parseVersion } from '../spec/version.ts'
import { type BoundKind, boundFor, raisedBounds, withoutUpperBounds } from './bounds.ts'

const cases: readonly (readonly [string, BoundKind, string])[] = [
  ['2.31.0', 'lower', '>=2.31.0'],
  ['2.31.0+cpu', 'lower', '>=2.31.0'],
  ['2.31.0', 'exact', '==2.31.0'],
  ['1.2.3', 'major', '>=1.2.3,<2.0.0'],
  ['1.2.3', 'minor', '>=1.2.3,<1.3.0'],
  ['0.1.2', 'major', '>=0.1.2,<0.2.0'],
  ['0.1.2', 'minor', '>=0.1.2,<0.1.3'],
  ['0.0.3', 'major', '>=0.0.3,<0.0.4'],
  ['2024', 'minor', '>=2024,<2025'],
  ['1!2.1', 'major', '>=1!2.1,<1!3.0'],
  ['2.0.0rc1', 'major', '>=2.0.0rc1,<3.0.0'],
]
for (const [version, kind, expected] of cases)
  test(`what was added as ${version} is bounded (${kind}) by ${expected}`, () => {
    assert.equal(boundFor(parseVersion(version), kind), expected)
  })

const raises: readonly (readonly [string, string, string])[] = [
  ['>=1.0', '1.9.3', '>=1.9.3'],
  ['>=1.4', '2.1.0', '>=2.1'],
  ['>=1.0,<2', '1.9.3', '>=1.9.3,<2'],
  ['>=1.0,<2', '3.1', '>=3.1,<4'],
  ['>=0.4,<0.5', '0.7.2', '>=0.7.2,<0.8'],
  ['>=1.0,<2.0.0', '3.1', '>=3.1,<4.0.0'],
  ['>=1.0,<=1.9', '2.0', '>=2.0,<=2.0'],
  ['==1.0', '2.0', '==2.0'],
  ['==1.0', '1.0.0', '==1.0'],
  ['==1.*', '2.3', '==2.*'],
  ['~=1.4', '2.3.1', '~=2.3'],
  ['~=1.4.2', '2.3.1', '~=2.3.1'],
  ['!=1.5', '2.0', '!=1.5'],
  ['>1.0,!=1.5', '2.0', '>=2.0,!=1.5'],
  ['', '2.0', ''],
]
for (const [written, version, expected] of raises)
  test(`${written || 'no bound'}, raised to ${version}, is ${expected || 'no bound'}`, () => {
    assert.equal(raisedBounds(parseSpecifiers(written), parseVersion(version)), expected)
  })

test('what is written for a version lets it through, and nothing older where it is a lower bound', () => {
  const version = fc
    .tuple(
      fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', 'rc1', '.post2', 'a3.dev1', '+cpu'),
    )
    .map(([release, rest]) => `${release.join('.')}${rest}`)
  const bound = fc
    .tuple(
      fc.constantFrom('>=', '<', '<=', '~=', '==', '!=', '>'),
      fc.array(fc.nat(30), { minLength: 2, maxLength: 3 }),
    )
    .map(([operator, release]) => `${operator}${release.join('.')}`)
  fc.assert(
    fc.property(
      version,
      fc.array(bound, { maxLength: 3 }),
      fc.constantFrom<BoundKind>('lower', 'major', 'minor', 'exact'),
      (text, written, kind) => {
        const chosen = parseVersion(text)
        assert.ok(specifiersContain(parseSpecifiers(boundFor(chosen, kind)), chosen), `${text} ${kind}`)
        const set = parseSpecifiers(written.join(','))
        // Only what `latest` would choose is ever raised to.
        if (!specifiersContain(withoutUpperBounds(set), chosen)) return
        const raised = raisedBounds(set, chosen)
        assert.ok(
          specifiersContain(parseSpecifiers(raised), chosen),
          `${written.join(',')} raised to ${text}: ${raised}`,
        )
        assert.equal(raisedBounds(parseSpecifiers(raised), chosen), raised)
      },
    ),
    { numRuns: 3000 },
  )
})

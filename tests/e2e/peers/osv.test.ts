// Whether a version is among those that a record affects: den's evaluation against the schema's own, written out in Python over
// packaging's versions (osv_oracle.py). DEN_PEERS names a virtual environment with packaging; DEN_SEED and DEN_CASES as in spec.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ProjectName } from '../../../src/base/brand.ts'
import { judgeVersion, readOsvRecord } from '../../../src/spec/osv.ts'
import { askOracle, skipWithout } from '../../kit/oracle.ts'
import { caseCount as count, seed } from '../../kit/random.ts'

const skip = skipWithout(['packaging'], 'the evaluation of OSV ranges against packaging')

// Few numbers, so that versions meet, and every part of a version that changes its order.
const small = fc.integer({ min: 0, max: 3 }).map(String)
const part = (texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom('', '', '', ...texts)
const release = fc
  .tuple(
    part(['1!']),
    fc.array(small, { minLength: 1, maxLength: 3 }).map((numbers) => numbers.join('.')),
    part(['a1', 'b2', 'rc1', 'c1', '.pre2']),
    part(['.post1', '-1', '.rev2']),
    part(['.dev0', '.dev3']),
  )
  .map((parts) => parts.join(''))
const installed = fc.tuple(release, part(['+cu118', '+1.local'])).map((parts) => parts.join(''))

// The schema sorts events by version and says no more: of two at one version the one that is written first comes first, here as there.
const event = fc.oneof(
  { weight: 3, arbitrary: fc.record({ introduced: fc.oneof(fc.constant('0'), release) }) },
  { weight: 3, arbitrary: fc.record({ fixed: release }) },
  { weight: 2, arbitrary: fc.record({ last_affected: release }) },
  { weight: 1, arbitrary: fc.record({ limit: fc.oneof(fc.constant('*'), release) }) },
)
const item = fc.record({
  version: installed,
  versions: fc.array(installed, { maxLength: 3 }),
  ranges: fc.array(fc.array(event, { minLength: 1, maxLength: 5 }), { maxLength: 2 }),
})

test('a version is affected where the schema says so', { skip }, () => {
  const cases = fc.sample(item, { seed, numRuns: count })
  const expected = askOracle<readonly boolean[]>('osv_oracle', cases)
  const name = 'thing' as ProjectName
  for (const [index, { version, versions, ranges }] of cases.entries()) {
    const record = readOsvRecord({
      id: 'X',
      affected: [
        {
          package: { ecosystem: 'PyPI', name },
          versions,
          ranges: ranges.map((events) => ({ type: 'ECOSYSTEM', events })),
        },
      ],
    })!
    const { kind } = judgeVersion(record, name, version)
    assert.equal(
      kind === 'affected',
      expected[index],
      `${JSON.stringify(cases[index])}: den says ${kind} (seed ${seed})`,
    )
  }
  assert.ok(expected.filter(Boolean).length > count / 10, 'hardly anything was affected')
  assert.ok(expected.filter((one) => !one).length > count / 10, 'hardly anything was unaffected')
})

// Records and provenance documents come from anywhere. Whatever they hold, reading them ends in a value or in den's own error.

import { test } from 'node:test'
import fc from 'fast-check'
import type { ProjectName } from '../../src/base/brand.ts'
import { isDenError } from '../../src/base/error.ts'
import { parsePolicy } from '../../src/commands/policy.ts'
import { findVulnerabilities } from '../../src/engine/audit.ts'
import type { TomlTable } from '../../src/format/toml.ts'
import { cvssBaseScore } from '../../src/spec/cvss.ts'
import { readOsvRecord } from '../../src/spec/osv.ts'
import { parsePublisher, readProvenance, readPublisher, readStatement } from '../../src/spec/provenance.ts'

const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'PyPI',
    'PyPI:x',
    'thing',
    '1.0',
    '0',
    '*',
    'ECOSYSTEM',
    'MAL-1',
    '__proto__',
    'constructor',
    'GitHub',
  ),
)
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.constantFrom(null, true, 0, -1, 1e300, Number.NaN),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          ...['id', 'aliases', 'affected', 'package', 'ecosystem', 'name', 'ranges', 'type', 'events', 'introduced'],
          ...['fixed', 'last_affected', 'limit', 'versions', 'severity', 'score', 'database_specific', 'withdrawn'],
          ...['version', 'attestation_bundles', 'publisher', 'attestations', 'kind', 'claims', 'envelope', 'statement'],
          ...[
            'verification_material',
            'certificate',
            'transparency_entries',
            'timestamps',
            'subject',
            'digest',
            '_type',
          ],
          ...['minimum-age', 'attestations', 'audit', 'ignore', 'until', 'minimum-age-exempt'],
        ),
        fc.string(),
      ),
      tie('any'),
      { maxKeys: 5 },
    ),
  ),
})).any

const runs = { numRuns: 3000 }

/** A record whose outline is right and whose parts may be anything. */
const record = fc.record({
  id: text,
  aliases: fc.oneof(value, fc.array(text)),
  affected: fc.oneof(
    value,
    fc.array(
      fc.record({
        package: fc.oneof(value, fc.constant({ ecosystem: 'PyPI', name: 'thing' })),
        ranges: fc.oneof(
          value,
          fc.array(fc.record({ type: text, events: fc.oneof(value, fc.array(fc.dictionary(text, text))) })),
        ),
        versions: fc.oneof(value, fc.array(text)),
      }),
      { maxLength: 3 },
    ),
  ),
  severity: value,
  references: value,
})

test('an audit of anything ends in findings', () => {
  const options = { ignore: [{ id: 'x' }], now: 0, note: () => undefined }
  fc.assert(
    fc.property(fc.array(fc.oneof(record, value), { maxLength: 4 }), text, (given, version) => {
      const records = given.flatMap((one) => readOsvRecord(one) ?? [])
      findVulnerabilities([{ name: 'thing' as ProjectName, version }], records, options)
    }),
    runs,
  )
})

test('a provenance document is read, or refused as one', () => {
  const document = fc.record({
    version: fc.constantFrom<unknown>(1, 2, '1'),
    attestation_bundles: fc.oneof(value, fc.array(value)),
  })
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        document.map((one) => JSON.stringify(one)),
        value.map((one) => JSON.stringify(one)),
      ),
      (given) => {
        try {
          readProvenance(given, { file: 'x' })
        } catch (error) {
          if (!isDenError(error, 'invalid-provenance')) throw error
        }
        readStatement(given)
      },
    ),
    runs,
  )
})

test('publishers, scores and policies of any kind', () => {
  fc.assert(
    fc.property(value, text, (given, word) => {
      readPublisher(given)
      parsePublisher(word)
      cvssBaseScore(`CVSS:3.1/${word}`)
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return
      try {
        // TOML has no null.
        parsePolicy(JSON.parse(JSON.stringify(given), (_, one: unknown) => one ?? 0) as TomlTable, 'den.toml')
      } catch (error) {
        if (!isDenError(error, 'invalid-policy')) throw error
      }
    }),
    runs,
  )
})

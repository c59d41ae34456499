// Mutated METADATA, index pages, requirements files, pylock and pyproject files, RECORDs and their like: taken or refused, soon, in little
// memory. `node scripts/fuzz.ts` does it ten thousand times, with archives as well (tests/property/tar.test.ts has those of each run).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runTextMutations } from '../kit/mutate-texts.ts'
import { seed } from '../kit/random.ts'

const count = Number(process.env['DEN_CASES'] ?? 3000)

test('mutated texts are taken or refused, and never anything else', () => {
  const { accepted, refused, slowest, slowestCase, grown } = runTextMutations(count, seed)
  assert.ok(accepted > count / 20 && refused > count / 4, `${accepted} ${refused}`)
  // Twice what is promised of a machine that has nothing else to do.
  assert.ok(slowest < 4000, `${slowestCase}: ${slowest} ms`)
  assert.ok(grown < 512, `${grown} MiB`)
})

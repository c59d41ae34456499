// The table of bad archives (docs/reference/security-table.md) is what den, pip and uv do: one archive of each mechanism, or as many as
// DEN_CASES says, measured again. A newer pip or uv may do better: its column is compared only with the release that the page names.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { badArchives } from '../../kit/bad-archives.ts'
import { mechanismOf } from '../../kit/bad-archives-run.ts'
import { isRight, measure, shownName } from '../../kit/bad-archives-table.ts'
import { openTools, peersHere } from '../../kit/bad-archives-tools.ts'

const peers = peersHere()
const skip = typeof peers === 'string' ? peers : false
const page = path.resolve(import.meta.dirname, '../../../docs/reference/security-table.md')

test('the table of bad archives names each of them once, and den takes them all rightly', () => {
  const text = fs.readFileSync(page, 'utf8')
  for (const one of badArchives()) {
    const rows = text.split('\n').filter((line) => line.startsWith(`| ${shownName(one.name)} | `))
    assert.equal(rows.length, 1, one.name)
    const words = rows[0]!.split(' | ')[1]!
    assert.ok(isRight(one, words), `${one.name}: ${words}`)
  }
})

test('what den, pip and uv make of bad archives is what the table says', { skip, timeout: 600_000 }, async (t) => {
  if (typeof peers === 'string') return
  const text = fs.readFileSync(page, 'utf8')
  const { versions, ...tools } = await openTools(t, peers)
  const each = Number(process.env['DEN_CASES'] ?? 1)
  const cases = [...Map.groupBy(badArchives(), mechanismOf).values()].flatMap((group) => group.slice(0, each))
  const answers = await Promise.all([tools.den, tools.pip, tools.uv].map((tool) => measure(tool, cases)))
  const known = [true, text.includes(`pip ${versions.pip} `), text.includes(`uv ${versions.uv} `)]
  for (const [index, one] of cases.entries()) {
    const row = text.split('\n').find((line) => line.startsWith(`| ${shownName(one.name)} | `)) ?? ''
    const columns = row
      .replace(/ \|$/, '')
      .split(' | ')
      .slice(1)
      .map((cell) => cell.replaceAll('**', ''))
    for (const [tool, answer] of answers.entries())
      if (known[tool]) assert.equal(answer[index], columns[tool], `${one.name}: ${['den', 'pip', 'uv'][tool]}`)
  }
})

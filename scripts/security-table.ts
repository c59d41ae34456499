// Writes docs/reference/security-table.md: bad archives through den, pip and uv, measured now. DEN_PEERS names a virtual environment that
// has pip and uv; den is dist/den. Takes some minutes.

import fs from 'node:fs'
import path from 'node:path'
import { badArchives } from '../tests/kit/bad-archives.ts'
import { measure, securityPage } from '../tests/kit/bad-archives-table.ts'
import { openTools, peersHere } from '../tests/kit/bad-archives-tools.ts'

const peers = peersHere()
if (typeof peers === 'string') throw new Error(peers)
const ends: (() => void | Promise<void>)[] = []
try {
  const { den, pip, uv, versions } = await openTools({ after: (end) => void ends.push(end) }, peers)
  const cases = badArchives()
  const [ours, pips, uvs] = await Promise.all([den, pip, uv].map((tool) => measure(tool, cases)))
  const measured = cases.map((one, index) => ({
    one,
    words: { den: ours![index]!, pip: pips![index]!, uv: uvs![index]! },
  }))
  const page = path.resolve(import.meta.dirname, '..', 'docs', 'reference', 'security-table.md')
  fs.writeFileSync(page, securityPage(measured, versions))
  console.log(`wrote ${path.relative(process.cwd(), page)}: ${cases.length} archives`)
} finally {
  for (const end of ends) await end()
}

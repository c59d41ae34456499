// The scenarios of this directory, one behaviour of the solver each; universe.ts says how they are written.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { explainFailure } from '../../src/resolve/explain.ts'
import { chosenLines, fixesOf, parseScenario, solveCase } from './universe.ts'

const files = fs.readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt'))
assert.ok(files.length >= 60)

for (const file of files) {
  const scenario = parseScenario(fs.readFileSync(path.join(import.meta.dirname, file), 'utf8'))
  test(`${file.slice(0, -4)}: ${scenario.title}`, () => {
    const { answer, asked } = solveCase(scenario)
    assert.ok((scenario.expect === undefined) !== (scenario.fails === undefined), 'it expects one thing')
    if (scenario.expect !== undefined) assert.deepEqual(chosenLines(answer), scenario.expect)
    else {
      assert.deepEqual(chosenLines(answer), ['nothing'])
      if (answer.kind === 'failed')
        assert.deepEqual(explainFailure(answer.failure, { spec: ({ text }) => text }).reasons, scenario.fails)
    }
    if (scenario.fixes !== undefined) {
      const fixes = fixesOf(scenario)
      assert.deepEqual(
        fixes.map(({ words }) => words),
        scenario.fixes,
      )
      for (const { given, words } of fixes) assert.equal(solveCase(given).answer.kind, 'solved', words)
    }
    for (const [what, most] of scenario.most) {
      const count = answer.statistics[what as keyof typeof answer.statistics]
      assert.ok(count <= most, `${count} ${what}, at most ${most} expected`)
    }
    for (const name of scenario.unasked) assert.ok(!asked.includes(name), `${name} was asked for`)
  })
}

// The scenarios of this directory, one behaviour of the solver each; universe.ts says how they are written.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { explainFailure } from '../../src/resolve/explain.ts'
import type { Failure } from '../../src/resolve/problem.ts'
import type { PythonSpec } from '../../src/resolve/python.ts'
import { countForks, placedLines, sameWords, solveUniversalCase, type UniversalCase } from './universal.ts'
import { chosenLines, fixesOf, parseScenario, type Scenario, solveCase } from './universe.ts'

const files = fs.readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt'))
assert.ok(files.length >= 190)

for (const file of files) {
  const scenario = parseScenario(fs.readFileSync(path.join(import.meta.dirname, file), 'utf8'))
  test(`${file.slice(0, -4)}: ${scenario.title}`, () => {
    assert.ok((scenario.expect === undefined) !== (scenario.fails === undefined), 'it expects one thing')
    if (scenario.universal !== undefined) return checkUniversal(scenario as Scenario & UniversalCase)
    const { answer, asked } = solveCase(scenario)
    if (scenario.expect !== undefined) assert.deepEqual(chosenLines(answer), scenario.expect)
    else {
      assert.deepEqual(chosenLines(answer), ['nothing'])
      if (answer.kind === 'failed') assert.deepEqual(reasonsOf(answer.failure), scenario.fails)
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

function checkUniversal(scenario: Scenario & UniversalCase): void {
  const answer = solveUniversalCase(scenario)
  const { resolution, space, scope } = answer
  if (scenario.expect !== undefined) {
    if (resolution.kind === 'failed') assert.fail(reasonsOf(resolution.failure).join('\n'))
    assert.deepEqual(placedLines(answer), sameWords(scenario.expect, answer))
    if (scenario.universal.forks !== undefined) assert.equal(countForks(answer), scenario.universal.forks)
  } else {
    if (resolution.kind === 'solved') assert.fail(placedLines(answer).join('\n'))
    // Where it fails stands first, unless that is everywhere.
    const where = space.words(resolution.where, scope)
    const reasons = reasonsOf(resolution.failure)
    assert.deepEqual(where === undefined ? reasons : [`where ${where.text}`, ...reasons], scenario.fails)
  }
  for (const [what, most] of scenario.most) {
    const count = resolution.statistics[what as keyof typeof resolution.statistics]
    assert.ok(count <= most, `${count} ${what}, at most ${most} expected`)
  }
}

function reasonsOf(failure: Failure<PythonSpec>): readonly string[] {
  return explainFailure(failure, { spec: ({ text }) => text }).reasons
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose, isDenError } from '../base/error.ts'
import { parseTomlDocument } from '../format/toml.ts'
import { parseDependencyGroups, resolveDependencyGroup } from './dependency-groups.ts'
import { formatRequirement } from './requirement.ts'

function resolve(text: string, group: string): string[] {
  const document = parseTomlDocument(text, { file: 'pyproject.toml' })
  return resolveDependencyGroup(parseDependencyGroups(document), group).map(formatRequirement)
}

function refusal(text: string, group: string): string {
  try {
    resolve(text, group)
  } catch (error) {
    assert.ok(isDenError(error, 'invalid-dependency-groups', 'no-dependency-group'), String(error))
    const { what, why } = diagnose(error)
    return `${what}: ${why}`
  }
  assert.fail('it was accepted')
}

test('resolveDependencyGroup() puts included groups where they are included, names compared normalized', () => {
  const text = `[dependency-groups]
Test_Tools = ["pytest>7", "coverage"]
typing = ["mypy"]
all = [{include-group = "test-tools"}, "x", {include-group = "typing"}, {include-group = "Test.Tools"}]
`
  assert.deepEqual(resolve(text, 'ALL'), ['pytest>7', 'coverage', 'x', 'mypy', 'pytest>7', 'coverage'])
  assert.deepEqual(resolve(text, 'typing'), ['mypy'])
})

test('resolveDependencyGroup() looks at no group that nobody asks for', () => {
  assert.deepEqual(resolve('[dependency-groups]\na = ["x"]\nb = [1]\n', 'a'), ['x'])
})

test('groups that mean nothing are refused at their place', () => {
  const groups = (body: string): string => `[dependency-groups]\n${body}\n`
  assert.match(refusal(groups('a = ["x"]'), 'b'), /no dependency group b: it has: a/)
  assert.match(refusal('x = 1', 'b'), /none at all/)
  assert.match(refusal(groups('a-b = []\nA_B = []'), 'a-b'), /line 3 .*same group as a-b/s)
  assert.match(
    refusal(groups('a = [\n {include-group = "b"}]\nb = [{include-group = "a"}]'), 'a'),
    /line 4 .*includes itself/s,
  )
  assert.match(refusal(groups('a = [{include-group = "a"}]'), 'a'), /includes itself/)
  assert.match(refusal(groups('a = [{include-group = "c"}]'), 'a'), /no group c/)
  assert.match(refusal(groups('a = [{include-group = "c", x = 1}]'), 'a'), /include-group/)
  assert.match(refusal(groups('a = "x"'), 'a'), /a group is a list/)
  assert.match(refusal(groups('a = ["x >> 1"]'), 'a'), /\^/)
  assert.match(refusal('dependency-groups = 1', 'a'), /groups are a table/)
})

test('groups that include each other by the thousand come to an end', () => {
  const chain = Array.from({ length: 20_000 }, (_, at) => `g${at} = [{include-group = "g${at + 1}"}]`).join('\n')
  assert.match(refusal(`[dependency-groups]\n${chain}\n`, 'g0'), /too deep/)
  const doubling = Array.from({ length: 60 }, (_, at) => {
    const next = `{include-group = "g${at + 1}"}`
    return `g${at} = [${at === 59 ? '"x"' : `${next}, ${next}`}]`
  }).join('\n')
  assert.match(refusal(`[dependency-groups]\n${doubling}\n`, 'g0'), /too many/)
})

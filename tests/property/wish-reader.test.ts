// The quick way of reading metadata's requirements says what parsing each of them says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { inEnvironment, openWishReader } from '../../src/resolve/python.ts'
import { evaluateMarker, type MarkerExpression } from '../../src/spec/marker.ts'
import { normalizeName } from '../../src/spec/name.ts'
import { tryParseRequirement } from '../../src/spec/requirement.ts'
import { formatSpecifiers } from '../../src/spec/specifier.ts'

const environment = { python_version: '3.12', python_full_version: '3.12.1', sys_platform: 'linux', os_name: 'posix' }

const blank = fc.constantFrom('', '', ' ', '  ', '\t')
const name = fc.constantFrom('lib', 'Lib', 'a.b-c_d', 'x', 'zope.interface', 'lib_', '-lib', '1', 'a--b', 'é')
const extras = fc.constantFrom('', '', '', '[test]', '[b,a]', '[ a , b ]', '[A.b,a-B]', '[]', '[a', '[a,,b]')
const version = fc.constantFrom('1', '1.2', '2.0.0', '1.0a1', '3.post1', '1.dev2', '1!2', '1.0+x', '1.*', 'x', '')
const operator = fc.constantFrom('>=', '<=', '<', '>', '==', '!=', '~=', '===', '=', '=>')
const specifier = fc.tuple(operator, blank, version).map((parts) => parts.join(''))
const specifiers = fc
  .tuple(fc.array(specifier, { maxLength: 3 }), fc.constantFrom(',', ', ', ' , ', ' '), fc.boolean())
  .map(([list, comma, inside]) => (inside ? `(${list.join(comma)})` : list.join(comma)))
const marker = fc.constantFrom(
  '',
  '',
  ";extra=='test'",
  '; extra == "Test.More"',
  "; extra == 'a' or extra == 'b'",
  '; python_version < "3.8"',
  '; python_version >= "3.8" and extra == "test"',
  '; os_name ~= "x"',
  '; nothing == "x"',
  ';',
  '; extra == "it\'s"',
  "; 'test' == extra",
)
const line = fc
  .tuple(name, blank, extras, blank, fc.oneof(specifiers, fc.constant('@ https://a.example/b.zip ')), blank, marker)
  .map((parts) => parts.join(''))

/** By parsing alone. */
function slowly(text: string): unknown {
  const requirement = tryParseRequirement(text)
  if (requirement === undefined) return 'invalid'
  const { marker: condition } = requirement
  const wish = {
    project: requirement.name,
    extras: requirement.extras,
    spec: requirement.url === undefined ? formatSpecifiers(requirement.specifiers) : `@ ${requirement.url}`,
  }
  try {
    if (condition === undefined || evaluateMarker(condition, environment)) return { always: [wish], extras: {} }
    const held = namesIn(condition.expression).filter((one) =>
      evaluateMarker(condition, environment, { extras: new Set([one]) }),
    )
    return { always: [], extras: Object.fromEntries(held.map((one) => [one, [wish]])) }
  } catch {
    return 'invalid'
  }
}

function namesIn(expression: MarkerExpression): readonly string[] {
  if (expression.kind !== 'comparison') return [...new Set(expression.parts.flatMap(namesIn))]
  return expression.field === 'extra' ? [normalizeName(expression.value)] : []
}

function quickly(text: string): unknown {
  const wishes = openWishReader({ holds: inEnvironment(environment) }).wishesOf({
    requiresDist: [text],
    providesExtra: [],
  })
  if ('unavailable' in wishes) return 'invalid'
  const told = (list: typeof wishes.always = []): unknown[] =>
    list.map(({ project, extras: wanted, spec }) => ({ project, extras: wanted, spec: spec.text }))
  return {
    always: told(wishes.always),
    extras: Object.fromEntries([...wishes.extras.keys()].map((one) => [one, told(wishes.extras.get(one))])),
  }
}

test('a line of metadata means what its parts mean', () => {
  let valid = 0
  fc.assert(
    fc.property(line, (text) => {
      const expected = slowly(text)
      if (expected !== 'invalid') valid += 1
      assert.deepEqual(quickly(text), expected, text)
    }),
    { numRuns: 5000 },
  )
  assert.ok(valid > 500, `only ${valid} lines were requirements`)
})

test('a line that goes on for ever is read as quickly', () => {
  const started = process.cpuUsage()
  assert.equal(quickly(`lib${' '.repeat(300_000)}x`), 'invalid')
  assert.equal(quickly(`${'a'.repeat(300_000)}!`), 'invalid')
  assert.equal(quickly(`lib[${'a,'.repeat(100_000)}`), 'invalid')
  assert.ok(process.cpuUsage(started).user < 5_000_000)
})

test('overrides and exclusions hold for lines of every form', () => {
  const override = tryParseRequirement('lib[more]==9')!
  const reader = openWishReader({
    holds: inEnvironment(environment),
    overrides: new Map([['lib', [override]]]),
    exclusions: new Set(['gone']),
  })
  const wishes = reader.wishesOf({
    requiresDist: ['lib[x]>=1', 'gone>1', 'gone @ https://a.example/', 'stays'],
    providesExtra: [],
  })
  assert.ok(!('unavailable' in wishes))
  assert.deepEqual(
    wishes.always.map(({ project, extras: wanted, spec }) => [project, wanted, spec.text]),
    [
      ['lib', ['more', 'x'], '==9'],
      ['stays', [], ''],
    ],
  )
})

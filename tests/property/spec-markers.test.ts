// Laws of markers: what the algebra says of two markers is what evaluating them says, on every machine.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isDenError } from '../../src/base/error.ts'
import { evaluateMarker, type Marker, type MarkerEnvironment, parseMarker } from '../../src/spec/marker.ts'
import {
  andMarkers,
  equalMarkers,
  impliedRequiresPython,
  type MarkerCondition,
  markerImplies,
  markersDisjoint,
  negateMarker,
  orMarkers,
  simplifyMarker,
} from '../../src/spec/marker-algebra.ts'
import { rangeContains } from '../../src/spec/range.ts'
import { parseSpecifiers } from '../../src/spec/specifier.ts'
import { parseVersion } from '../../src/spec/version.ts'

const pythons = [
  '2.7.18',
  '3.0.0',
  '3.7.0',
  '3.8.0a1',
  '3.8.0',
  '3.8.1rc2',
  '3.8.1',
  '3.8.18',
  '3.9.0rc1',
  '3.9.0',
  '3.10.2',
  '3.11.7',
  '4.0.0',
]
const systems = [
  ['posix', 'linux', 'Linux'],
  ['posix', 'darwin', 'Darwin'],
  ['nt', 'win32', 'Windows'],
  ['posix', 'linux2', 'Linux'],
] as const
const environments: readonly MarkerEnvironment[] = pythons.flatMap((python, index) =>
  systems.map(([os, sys, system], other) => ({
    implementation_name: (index + other) % 3 === 0 ? 'pypy' : 'cpython',
    implementation_version: (index + other) % 3 === 0 ? '7.3.17' : python,
    os_name: os,
    platform_machine: other % 2 === 0 ? 'x86_64' : 'arm64',
    platform_python_implementation: (index + other) % 3 === 0 ? 'PyPy' : 'CPython',
    platform_release: '6.1',
    platform_system: system,
    platform_version: '#1 SMP',
    python_full_version: python,
    python_version: python.split('.').slice(0, 2).join('.'),
    sys_platform: sys,
  })),
)
const asked = [new Set<string>(), new Set(['x']), new Set(['y']), new Set(['x', 'y'])]

const operator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=')
const version = fc.constantFrom(
  '2.7',
  '3',
  '3.8',
  '3.8.0',
  '3.8.1',
  '3.9',
  '3.9.0rc1',
  '3.10',
  '4',
  '3.8.dev0',
  '3.8.*',
  '3.x',
  '3.8.1.*',
)
const comparison = fc
  .oneof(
    fc.tuple(fc.constantFrom('python_version', 'python_full_version', 'implementation_version'), operator, version),
    fc.tuple(
      fc.constantFrom('python_version', 'python_full_version'),
      fc.constantFrom('~='),
      fc.constantFrom('3.8', '3.8.1', '3.10.0'),
    ),
    fc.tuple(
      fc.constantFrom('python_version', 'python_full_version'),
      fc.constantFrom('==='),
      fc.constantFrom('3.8', '3.8.1', '3.08'),
    ),
    fc.tuple(
      fc.constantFrom('python_version', 'python_full_version'),
      fc.constantFrom('in', 'not in'),
      fc.constantFrom('2.7 3.8', '3.10', '3.8.1,3.9.0'),
    ),
    fc.tuple(
      fc.constantFrom('sys_platform', 'os_name', 'platform_system'),
      operator,
      fc.constantFrom('linux', 'win32', 'nt', 'Linux'),
    ),
    fc.tuple(
      fc.constantFrom('sys_platform', 'platform_machine'),
      fc.constantFrom('in', 'not in'),
      fc.constantFrom('linux darwin', 'x86_64', 'linux2'),
    ),
    fc.tuple(fc.constantFrom('extra'), fc.constantFrom('==', '!=', '>='), fc.constantFrom('x', 'y', 'Y')),
    fc.tuple(fc.constantFrom('platform_release'), operator, fc.constantFrom('5', '6.1', 'odd')),
  )
  .map(([field, sign, value]) => `${field} ${sign} "${value}"`)
const reversed = fc
  .oneof(
    fc.tuple(
      fc.constantFrom('3.8', '3.8.1', '3.9.0rc1', '3'),
      operator,
      fc.constantFrom('python_version', 'python_full_version'),
    ),
    fc.tuple(
      fc.constantFrom('linux', 'win'),
      fc.constantFrom('in', 'not in', '=='),
      fc.constantFrom('sys_platform', 'os_name'),
    ),
    fc.tuple(fc.constantFrom('x', 'y'), fc.constantFrom('in', 'not in'), fc.constantFrom('extras')),
    fc.tuple(fc.constantFrom('3.', '8'), fc.constantFrom('in', 'not in'), fc.constantFrom('python_version')),
  )
  .map(([value, sign, field]) => `"${value}" ${sign} ${field}`)
const { text } = fc.letrec<{ text: string; group: string }>((tie) => ({
  text: fc.oneof({ maxDepth: 3 }, comparison, comparison, reversed, tie('group')),
  group: fc
    .tuple(fc.array(tie('text'), { minLength: 2, maxLength: 3 }), fc.constantFrom(' and ', ' or '))
    .map(([parts, joint]) => `(${parts.join(joint)})`),
}))
const marker = text.map(parseMarker)

const holds = (condition: MarkerCondition, environment: MarkerEnvironment, extras: ReadonlySet<string>): boolean =>
  typeof condition === 'string' ? condition === 'always' : evaluateMarker(condition, environment, { extras })

/** What is true of the markers everywhere. */
function everywhere(law: (environment: MarkerEnvironment, extras: ReadonlySet<string>) => void): void {
  for (const environment of environments) for (const extras of asked) law(environment, extras)
}
const run = <Values extends [unknown, ...unknown[]]>(
  arbitraries: { [Key in keyof Values]: fc.Arbitrary<Values[Key]> },
  law: (...values: Values) => void,
): void => fc.assert(fc.property(...arbitraries, law), { numRuns: Number(process.env['DEN_RUNS'] ?? 400) })

test('a simplified marker means the same, and is simple already', () => {
  run([marker], (one) => {
    const simple = simplifyMarker(one)
    everywhere((environment, extras) =>
      assert.equal(holds(simple, environment, extras), holds(one, environment, extras), show(one, simple, environment)),
    )
    if (typeof simple === 'string') return
    const again = simplifyMarker(parseMarker(simple.text))
    assert.equal(typeof again === 'string' ? again : again.text, simple.text, one.text)
  })
})

test('the opposite holds where the marker does not', () => {
  run([marker], (one) => {
    const opposite = negateMarker(one)
    everywhere((environment, extras) =>
      assert.equal(
        holds(opposite, environment, extras),
        !holds(one, environment, extras),
        show(one, opposite, environment),
      ),
    )
    assert.ok(markersDisjoint(one, opposite))
    if (typeof opposite !== 'string') {
      assert.deepEqual(parseMarker(opposite.text), opposite)
      assert.equal(simplifyMarker(orMarkers(one, opposite)), 'always')
      assert.equal(simplifyMarker(andMarkers(one, opposite)), 'never')
    }
  })
})

test('and, or, disjoint, implies and equal are what evaluation says', () => {
  run([marker, marker], (a, b) => {
    const [and, or] = [andMarkers(a, b), orMarkers(a, b)]
    assert.deepEqual(parseMarker(and.text), and)
    assert.deepEqual(parseMarker(or.text), or)
    const disjoint = markersDisjoint(a, b)
    const implied = markerImplies(a, b)
    const equal = equalMarkers(a, b)
    const python = impliedRequiresPython(a)
    everywhere((environment, extras) => {
      const [left, right] = [holds(a, environment, extras), holds(b, environment, extras)]
      assert.equal(holds(and, environment, extras), left && right)
      assert.equal(holds(or, environment, extras), left || right)
      if (disjoint) assert.ok(!(left && right), `${a.text} with ${b.text}`)
      if (implied && left) assert.ok(right, `${a.text} implies ${b.text}`)
      if (equal) assert.equal(left, right)
      if (left) assert.ok(rangeContains(python, parseVersion(environment.python_full_version)), a.text)
    })
    assert.equal(markersDisjoint(b, a), disjoint)
    assert.ok(equalMarkers(andMarkers(a, b), andMarkers(b, a)))
    assert.ok(equalMarkers(orMarkers(a, andMarkers(a, b)), a))
    assert.ok(markerImplies(and, a))
    assert.ok(markerImplies(a, or))
    assert.equal(equal, markerImplies(a, b) && markerImplies(b, a))
  })
})

test('among some Pythons, a marker says the same of those', () => {
  run([marker, fc.constantFrom('>=3.8', '>=3.8,<4', '<3.9', '~=3.8', '>=3.8.1')], (one, specifiers) => {
    const { range } = parseSpecifiers(specifiers)
    const simple = simplifyMarker(one, { requiresPython: range })
    everywhere((environment, extras) => {
      if (!rangeContains(range, parseVersion(environment.python_full_version))) return
      assert.equal(holds(simple, environment, extras), holds(one, environment, extras), show(one, simple, environment))
    })
  })
})

function show(one: Marker, other: MarkerCondition, environment: MarkerEnvironment): string {
  return `${one.text}  →  ${typeof other === 'string' ? other : other.text}  on  ${JSON.stringify(environment)}`
}

test('hostile markers end in time, with an answer or an error', () => {
  const started = performance.now()
  const times = (count: number, part: (index: number) => string, joint: string): Marker =>
    parseMarker(Array.from({ length: count }, (_, index) => part(index)).join(joint))
  const large = [
    times(14, (index) => `(extra == "a${index}" or extra == "b${index}")`, ' and '),
    times(60, (index) => `(extra == "a${index}" and extra == "b${59 - index}")`, ' or '),
    times(5000, (index) => `extra == "a${index}"`, ' or '),
    times(5000, (index) => `sys_platform == "a${index}"`, ' or '),
    times(3000, (index) => `python_full_version == "3.${index}.1"`, ' or '),
    times(500, (index) => `python_version in "${'3.1 '.repeat(40)}${index}"`, ' or '),
    parseMarker(`${'(os_name=="a" and ('.repeat(499)}sys_platform=="b" or extra=="c"${'))'.repeat(499)}`),
  ]
  for (const one of large) {
    assert.notEqual(simplifyMarker(one), 'never')
    assert.equal(markersDisjoint(one, one), false)
    impliedRequiresPython(one)
    try {
      negateMarker(one)
    } catch (error) {
      assert.ok(isDenError(error, 'invalid-marker'), String(error))
    }
  }
  const took = performance.now() - started
  assert.ok(took < 20_000, `${took} ms`)
})

// Requirements and markers against packaging: thousands of generated texts, answered by one Python process. DEN_PEERS names a
// virtual environment with packaging in it; DEN_SEED varies the cases, DEN_CASES their number.

import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { isDenError } from '../../../src/base/error.ts'
import { evaluateMarker, type MarkerEnvironment, parseMarker, tryParseMarker } from '../../../src/spec/marker.ts'
import {
  complementRange,
  intersectRanges,
  isEmptyRange,
  isSubsetRange,
  rangeContains,
  rangesDisjoint,
  unionRanges,
} from '../../../src/spec/range.ts'
import { formatRequirement, parseRequirement, tryParseRequirement } from '../../../src/spec/requirement.ts'
import { formatSpecifiers, parseSpecifiers } from '../../../src/spec/specifier.ts'
import { parseVersion } from '../../../src/spec/version.ts'
import { askOracle, skipWithout } from '../../kit/oracle.ts'
import { caseCount as count, diceFrom, many, seed } from '../../kit/random.ts'

const skip = skipWithout(['packaging'], 'agreement with packaging on requirements and markers')

const { random, below, one, some } = diceFrom(seed)
const blank = (): string => one(['', '', ' ', ' ', '  ', '\t'])

const name = (): string => one(['foo', 'Bar', 'a', 'x1', 'zope.interface', 'my-pkg', 'My__Pkg', 'a.-_b', '0', 'A1'])
const version = (): string =>
  one([
    '1',
    '1.0',
    '2.7.1',
    '3.10',
    '1!2',
    '1.0rc1',
    '1.0.post2',
    '1.0.dev3',
    '2020.1',
    'v1.2',
    '1.0-1',
    '1.0a',
    '1.0+x.1',
    '1.0.*',
    '2.*',
    '0',
    'x',
    '',
  ])
const specifier = (): string =>
  `${one(['==', '!=', '<', '<=', '>', '>=', '~=', '==='])}${one(['', '', ' ', '\t', '\n'])}${version()}`
const specifiers = (): string =>
  many(specifier, one([1, 1, 2, 3])).join(one([',', ',', ', ', ' , ', '\t,', ',,'])) + some(0.1, () => `${blank()},`)

const fields = [
  ...[
    'python_version',
    'python_version',
    'python_full_version',
    'implementation_version',
    'platform_release',
    'os_name',
  ],
  ...['sys_platform', 'platform_system', 'platform_version', 'platform_machine', 'implementation_name'],
  ...['platform_python_implementation', 'extra', 'extra', 'extras', 'dependency_groups', 'os.name', 'sys.platform'],
  ...[
    'platform.version',
    'platform.machine',
    'platform.python_implementation',
    'python_implementation',
    'platform_node',
  ],
]
const values = [
  ...[
    '3.8',
    '3.10',
    '3.11.7',
    '3',
    '3.11.*',
    '3.x',
    '2.7',
    '3.12.0rc1',
    '3.9,4',
    'posix',
    'nt',
    'linux',
    'win32',
    'Linux',
  ],
  ...[
    'x86_64',
    'cpython',
    'CPython',
    'A.b',
    'a-b',
    'dev',
    'doc_s',
    '',
    '6.1',
    '6.1.0-13-amd64',
    '#1 SMP',
    '5 6',
    '3.13.5+',
  ],
  ...[
    '\\x61',
    'a\\n',
    '\\',
    'é',
    "\\'",
    '\\q',
    '\\101',
    '3.10 3.11',
    'linux win32',
    ' 3.8',
    '3.8 ',
    'v3.8',
    '3.11+local',
  ],
]
const string = (): string => {
  const quote = one(['"', "'"])
  return quote + one(values) + quote
}
const operator = (): string =>
  one(['==', '==', '!=', '<', '<=', '>', '>=', '~=', '===', ' in ', ' not in ', ' not  in ', 'in', 'not in', '=', '<>'])
const comparison = (): string =>
  random() < 0.75
    ? `${one(fields)}${blank()}${operator()}${blank()}${string()}`
    : random() < 0.9
      ? `${string()}${blank()}${operator()}${blank()}${one(fields)}`
      : `${one([string, () => one(fields)])()}${operator()}${one([string, () => one(fields)])()}`
function marker(depth: number): string {
  if (depth === 0 || random() < 0.4) return comparison()
  const parts = many(
    () => (random() < 0.4 ? `(${blank()}${marker(depth - 1)}${blank()})` : marker(depth - 1)),
    one([1, 2, 2, 3]),
  )
  return parts
    .map((part, index) => (index === 0 ? part : `${blank()}${one(['and', 'or'])}${one([' ', ' ', blank()])}${part}`))
    .join('')
}

const url = (): string =>
  one([
    'https://example.org/foo-1.0.zip',
    'git+ssh://git@example.org/foo@v1#egg=foo',
    'file:///tmp/x',
    '../x',
    'x;y',
    'http://[::1]/a',
  ])
function requirement(): string {
  const extras = some(
    0.3,
    () => `${blank()}[${blank()}${many(name, one([0, 1, 1, 2, 3])).join(one([',', ', ', ' ,', ' ']))}${blank()}]`,
  )
  const rest =
    random() < 0.15
      ? `${blank()}@${blank()}${url()}`
      : random() < 0.2
        ? `${blank()}(${blank()}${some(0.9, specifiers)}${blank()})`
        : some(0.85, () => `${blank()}${specifiers()}`)
  return `${blank()}${name()}${extras}${rest}${some(0.4, () => `${blank()};${blank()}${marker(2)}`)}${blank()}`
}

/** The text with a character lost, doubled or changed. */
function damaged(text: string): string {
  const at = below(text.length + 1)
  const change = one([
    '',
    text.charAt(at).repeat(2),
    one(['.', '-', '+', '!', 'x', ' ', '*', '#', 'é', '\u00a0', '\n', '_', '~', '(', ')', '"', ';', '@', ',']),
  ])
  return text.slice(0, at) + change + text.slice(at + 1)
}
const maybeDamaged = (text: string): string => (random() < 0.2 ? damaged(text) : text)

const linux: MarkerEnvironment = {
  implementation_name: 'cpython',
  implementation_version: '3.11.7',
  os_name: 'posix',
  platform_machine: 'x86_64',
  platform_python_implementation: 'CPython',
  platform_release: '6.1.0-13-amd64',
  platform_system: 'Linux',
  platform_version: '#1 SMP',
  python_full_version: '3.11.7',
  python_version: '3.11',
  sys_platform: 'linux',
}
const environments: MarkerEnvironment[] = [
  linux,
  {
    ...linux,
    python_version: '3.8',
    python_full_version: '3.8.18',
    implementation_version: '3.8.18',
    platform_release: '6.1',
  },
  {
    ...linux,
    os_name: 'nt',
    sys_platform: 'win32',
    platform_system: 'Windows',
    platform_release: '10',
    platform_version: '10.0.19045',
    platform_machine: 'AMD64',
    python_version: '2.7',
    python_full_version: '2.7.18',
  },
  {
    ...linux,
    implementation_name: 'pypy',
    implementation_version: '7.3.17',
    platform_python_implementation: 'PyPy',
    python_version: '3.10',
    python_full_version: '3.10.14',
  },
  { ...linux, python_version: '3.13', python_full_version: '3.13.5+', implementation_version: '3.13.5' },
  { ...linux, python_version: '3.12', python_full_version: '3.12.0rc1', platform_release: '', platform_version: '' },
]
const extras = ['', 'a-b', 'dev']

const rangeVersions = ['0', '0.9', '1', '1.0.1', '1.1', '1.9.9', '2', '2.0.1', '10', '1!0'].flatMap((text) =>
  ['.dev0', '.dev1', 'a1', 'rc1.dev2', 'rc1', '', '+abc', '.post1.dev1', '.post1', '.post1+x'].map((end) => text + end),
)
const plainSpecifier = (): string => {
  const operator = one(['==', '!=', '<', '<=', '>', '>=', '~=', '==*', '!=*'])
  if (operator.endsWith('*')) return `${operator.slice(0, 2)}${one(['1', '1.0', '1.1', '2', '2.0', '0', '1!0'])}.*`
  if (operator === '~=') return `~=${one(['1.0', '1.1', '1.0.1', '2.0', '1.0rc1', '0.9', '1!0.0'])}`
  const text = one(rangeVersions)
  return operator + (operator === '==' || operator === '!=' ? text : text.replace(/\+.*/, ''))
}
const plainSet = (): string => many(plainSpecifier, one([1, 1, 2, 3])).join(',')

const questions = {
  ranges: { pairs: many(() => [plainSet(), plainSet()] as const), versions: rangeVersions },
  requirements: many(() => maybeDamaged(requirement())),
  markers: { texts: many(() => maybeDamaged(marker(3))), environments, extras },
}
interface Answers {
  readonly requirements: readonly ({
    name: string
    extras: readonly string[]
    specifiers: string
    url: string | null
    marker: string | null
  } | null)[]
  readonly markers: readonly ({ text: string | null; holds: string } | null)[]
  readonly ranges: readonly { empty: boolean; subset: boolean; disjoint: boolean; members: readonly string[] }[]
}

describe(`requirements and markers are what packaging takes them for (seed ${seed})`, () => {
  let answers: Answers
  before(() => {
    if (skip !== false) return
    answers = askOracle<Answers>('spec_requirements_oracle', questions)
  })

  test('requirements', { skip }, () => {
    let sound = 0
    for (const [index, text] of questions.requirements.entries()) {
      const expected = answers.requirements[index]!
      const ours = tryParseRequirement(text)
      if (ours === undefined && expected !== null && onPurpose(text)) continue
      // On purpose: by the standard a comma ends what === compares; packaging takes it in, and then misses it.
      if ((ours === undefined) !== (expected === null) && /===\s*[^\s;)]*,/.test(text)) continue
      const shown = JSON.stringify(text)
      assert.equal(ours === undefined, expected === null, shown)
      if (ours === undefined || expected === null) continue
      sound++
      assert.equal(ours.rawName, expected.name, shown)
      assert.deepEqual(ours.extras, expected.extras, shown)
      assert.equal(formatSpecifiers(ours.specifiers), expected.specifiers, shown)
      assert.equal(ours.url ?? null, expected.url, shown)
      if (!writtenOtherwise(text)) assert.equal(ours.marker?.text ?? null, expected.marker, shown)
      const again = parseRequirement(formatRequirement(ours))
      assert.deepEqual({ ...again, specifiers: ours.specifiers }, ours, shown)
      assert.deepEqual(again.specifiers.range, ours.specifiers.range)
    }
    assert.ok(sound > count / 10, `${sound} of ${count} are sound`)
  })

  test('ranges of versions', { skip }, () => {
    const versions = questions.ranges.versions.map(parseVersion)
    let finer = 0
    for (const [index, [left, right]] of questions.ranges.pairs.entries()) {
      const expected = answers.ranges[index]!
      const [a, b] = [parseSpecifiers(left).range, parseSpecifiers(right).range]
      const shown = `${left}  and  ${right}`
      const members = [unionRanges(a, b), intersectRanges(a, b), complementRange(a)].map((range) =>
        versions.map((version) => (rangeContains(range, version) ? '1' : '0')).join(''),
      )
      assert.deepEqual(members, expected.members, shown)
      const ours = {
        empty: isEmptyRange(intersectRanges(a, b)),
        subset: isSubsetRange(a, b),
        disjoint: rangesDisjoint(a, b),
      }
      // Between some places no version can stand, and packaging knows that; den's answer is then "not told", never a wrong one.
      for (const relation of ['empty', 'subset', 'disjoint'] as const) {
        if (ours[relation]) assert.ok(expected[relation], `${relation}: ${shown}`)
        else if (expected[relation]) finer++
      }
    }
    assert.ok(
      finer < questions.ranges.pairs.length / 500,
      `${finer} of ${questions.ranges.pairs.length} relations are not told`,
    )
  })

  test('markers', { skip }, () => {
    let sound = 0
    for (const [index, text] of questions.markers.texts.entries()) {
      const expected = answers.markers[index]!
      const ours = tryParseMarker(text)
      if (ours === undefined && expected !== null && onPurpose(text)) continue
      const shown = JSON.stringify(text)
      assert.equal(ours === undefined, expected === null, shown)
      if (ours === undefined || expected === null) continue
      sound++
      if (!writtenOtherwise(text)) assert.equal(ours.text, expected.text, shown)
      assert.deepEqual(parseMarker(ours.text), ours, shown)
      let place = 0
      for (const environment of environments) {
        for (const extra of extras) {
          const theirs = expected.holds[place++]
          const result = holds(ours, environment, extra)
          // On purpose: what cannot change the answer is not looked at; packaging looks at all of it.
          if (theirs !== 'x') assert.equal(result, theirs, `${shown} on ${JSON.stringify({ ...environment, extra })}`)
        }
      }
    }
    assert.ok(sound > count / 5, `${sound} of ${count} are sound`)
  })
})

function holds(marker: ReturnType<typeof parseMarker>, environment: MarkerEnvironment, extra: string): string {
  try {
    const extras = new Set(extra === '' ? [] : [extra])
    return evaluateMarker(marker, environment, { extras, dependencyGroups: new Set(['dev', 'doc-s']) }) ? '1' : '0'
  } catch (error) {
    assert.ok(isDenError(error, 'invalid-marker'))
    return 'x'
  }
}

/** What den refuses although packaging reads it: names that end with _, and comparisons without a field. */
function onPurpose(text: string): boolean {
  const string = `(?:"[^"]*"|'[^']*')`
  return (
    /[a-z0-9._-]_(?![a-z0-9._-])/i.test(text) ||
    new RegExp(`${string}\\s*(?:[=<>!~]+|(?:not\\s+)?in)\\s*${string}`).test(text)
  )
}

/**
 * On purpose: packaging writes backslashes and line ends bare, and then reads another text back; and a field that stands right of a
 * field, which it takes for its name, it does not quote.
 */
function writtenOtherwise(text: string): boolean {
  const field = '(?:extras?|[a-z]+(?:[._][a-z]+)+)'
  return text.includes('\\') || new RegExp(`${field}\\s*(?:[=<>!~]+|(?:not\\s+)?in)\\s*${field}`).test(text)
}

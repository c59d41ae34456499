import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ExtraName, ProjectName } from '../base/brand.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import type { Target } from '../python/target.ts'
import { parseMarker } from '../spec/marker.ts'
import { parseRequirement } from '../spec/requirement.ts'
import { parseSpecifiers } from '../spec/specifier.ts'
import type { TagFacts } from '../spec/tag.ts'
import { parseVersion } from '../spec/version.ts'
import {
  questionName,
  questionOf,
  type TargetQuestion,
  type UniversalQuestion,
  universalQuestionOf,
} from './resolve-question.ts'
import type { WantedRequirement } from './resolve-request.ts'

const facts: TagFacts = {
  implementation: 'cpython',
  version: { major: 3, minor: 12 },
  abiFlags: '',
  freeThreaded: false,
  debug: false,
  soabi: 'cpython-312-x86_64-linux-gnu',
  bits: 64,
  machine: 'x86_64',
  platform: 'linux',
  libc: { kind: 'glibc', major: 2, minor: 36 },
}
const target: Target = {
  markers: {
    implementation_name: 'cpython',
    implementation_version: '3.12.1',
    os_name: 'posix',
    platform_machine: 'x86_64',
    platform_python_implementation: 'CPython',
    platform_release: '6.1',
    platform_system: 'Linux',
    platform_version: '#1',
    python_full_version: '3.12.1',
    python_version: '3.12',
    sys_platform: 'linux',
  },
  tags: [],
  ranks: new Map(),
  pythonVersion: parseVersion('3.12.1'),
  platform: 'linux',
  machine: 'x86_64',
  facts,
}
const name = (text: string): ProjectName => text as ProjectName
const wanted = (text: string, more: Partial<WantedRequirement> = {}): WantedRequirement => {
  const requirement = parseRequirement(text)
  const { marker } = requirement
  return { text, requirement, extras: [], ...(marker === undefined ? {} : { marker }), ...more }
}
const version = parseVersion
const marker = parseMarker

/** Each of the ways in which something asked for can differ from `app`. */
const otherWishes: readonly WantedRequirement[] = [
  wanted('app2'),
  wanted('app>=1'),
  wanted('app==1.0'),
  wanted('app===1.0'),
  wanted('app>=1rc1'),
  wanted('app[x]'),
  wanted('app; python_version > "3"'),
  wanted('app', { extras: ['y' as ExtraName] }),
  wanted('app', { marker: marker('sys_platform == "win32"') }),
  wanted('app', { hashes: [{ algorithm: 'sha256', digest: 'aa' }] as NonNullable<WantedRequirement['hashes']> }),
  wanted('app', { hashes: [{ algorithm: 'sha512', digest: 'aa' }] as NonNullable<WantedRequirement['hashes']> }),
  wanted('app', { hashes: [{ algorithm: 'sha256', digest: 'bb' }] as NonNullable<WantedRequirement['hashes']> }),
  wanted('app', { configSettings: new Map([['key', ['one']]]) as NonNullable<WantedRequirement['configSettings']> }),
  wanted('app', { configSettings: new Map([['key', ['two']]]) as NonNullable<WantedRequirement['configSettings']> }),
]
const asList = otherWishes.map((one) => [one])

/** Of what only failures go by there is nothing to be told apart. */
type Answering<Question> = Required<Omit<Question, 'tryFixes'>>
type Variants<Question> = { readonly [Field in keyof Answering<Question>]: readonly Answering<Question>[Field][] }

const formats: Variants<TargetQuestion>['formats'] = [
  { noBinary: new Set(['app']) },
  { noBinary: new Set([':all:']) },
  { onlyBinary: new Set(['app']) },
  { preferBinary: true },
]
const releases: Variants<TargetQuestion>['releases'] = [
  { allReleases: new Set(['app']) },
  { allReleases: new Set([':all:']) },
  { onlyFinal: new Set(['app']) },
]
const overrides = ['app', 'app>=1', 'app>=1; python_version > "3"', 'app[x]'].map((text) => [parseRequirement(text)])
const exclusions = [new Set([name('app')]), new Set([name('app'), name('base')])]

const targets: Variants<TargetQuestion> = {
  requirements: [[], [wanted('app'), wanted('base')], [wanted('base'), wanted('app')], ...asList],
  constraints: [[wanted('app')], ...asList],
  overrides,
  exclusions,
  target: [
    ...Object.entries(target.markers).map(([field, value]) => ({
      ...target,
      markers: { ...target.markers, [field]: `${value as string}x` },
    })),
    { ...target, pythonVersion: version('3.12.2') },
    { ...target, facts: { ...facts, freeThreaded: true } },
    { ...target, facts: { ...facts, machine: 'aarch64' } },
    { ...target, facts: { ...facts, libc: { kind: 'glibc', major: 2, minor: 17 } } },
    { ...target, facts: { ...facts, libc: { kind: 'musl', major: 2, minor: 36 } } },
    // What --platform, --python-version, --implementation and --abi leave of the facts is all of them.
    { ...target, wishes: { platforms: ['manylinux_2_17_x86_64'] } },
    { ...target, wishes: { platforms: ['manylinux_2_17_x86_64', 'linux_x86_64'] } },
    { ...target, wishes: { abis: ['none'] } },
    { ...target, wishes: { implementation: 'py' } },
    { ...target, wishes: { pythonVersion: [3, 12] } },
    { ...target, wishes: { pythonVersion: [3] } },
  ],
  formats,
  releases,
  strategy: ['lowest', 'lowest-direct', 'highest'],
  ignoreRequiresPython: [true],
  dependencies: ['none', 'only'],
  preferences: [new Map([[name('app'), version('1')]]), new Map([[name('app'), version('2')]])],
  // What is installed is none of a question that is remembered.
  installed: [],
  upgrade: ['none', 'requested', 'all', new Set([name('app')]), new Set([name('base')])],
  requireHashes: [true, false],
  clashThreshold: [20],
}

const pair = ['one', 'two'].map((extra) => marker(`"${extra}" in extras`))
const [here, there] = ['https://here.example/simple/', 'https://there.example/simple/'].map(
  (text) => tryParseUrl(text)!,
)
const where = marker('sys_platform == "win32"')
const universals: Variants<UniversalQuestion> = {
  roots: [
    [],
    [wanted('app'), wanted('base')],
    ...asList,
    [{ ...wanted('app'), when: pair[0]! }],
    [{ ...wanted('app'), when: pair[1]! }],
    [{ ...wanted('app'), marker: pair[0]! }],
  ],
  requiresPython: [parseSpecifiers('>=3.9'), parseSpecifiers('>=3.10')],
  environments: [[where], [where, marker('sys_platform == "linux"')]],
  requiredEnvironments: [[where], [marker('sys_platform == "linux"')]],
  conflicts: [[pair], [[pair[0]!], [pair[1]!]]],
  origins: [
    new Map([[name('app'), [{ indexes: [here!], where }]]]),
    new Map([[name('app'), [{ indexes: [there!], where }]]]),
    new Map([[name('app'), [{ indexes: [here!, there!], where }]]]),
    new Map([[name('app'), [{ indexes: [there!, here!], where }]]]),
    new Map([[name('app'), [{ indexes: [here!], where, all: true }]]]),
    new Map([[name('app'), [{ indexes: [here!], where: pair[0]! }]]]),
    new Map([[name('base'), [{ indexes: [here!], where }]]]),
  ],
  constraints: targets.constraints,
  overrides,
  exclusions,
  formats,
  releases,
  strategy: targets.strategy,
  forkStrategy: ['requires-python', 'fewest'],
  apart: [[where]],
  preferences: [
    new Map([[name('app'), [{ version: version('1') }]]]),
    new Map([[name('app'), [{ version: version('2') }]]]),
    new Map([[name('app'), [{ version: version('1') }, { version: version('2') }]]]),
    new Map([[name('app'), [{ version: version('2') }, { version: version('1') }]]]),
    new Map([[name('app'), [{ version: version('1'), marker: where }]]]),
  ],
  clashThreshold: [20],
  wholeFiles: [true],
}

const plainTarget = { requirements: [wanted('app')], target } satisfies TargetQuestion
const plainUniversal = { roots: [wanted('app')] } satisfies UniversalQuestion

function checkApart<Question extends object>(
  plain: Question,
  variants: Readonly<Record<string, readonly unknown[]>>,
  ask: (question: Question) => unknown,
): void {
  const seen = new Map([[questionName(ask(plain)), 'as it is']])
  for (const [field, values] of Object.entries(variants)) {
    for (const [at, value] of values.entries()) {
      const question = ask({ ...plain, [field]: value })
      const label = `${field} ${at}`
      assert.notEqual(question, undefined, label)
      assert.equal(questionName(ask({ ...plain, [field]: value })), questionName(question), label)
      const same = seen.get(questionName(question))
      assert.equal(same, undefined, `${label} is ${same}`)
      seen.set(questionName(question), label)
    }
  }
}

test('whatever can change the answer for one target is another question', () => {
  checkApart<TargetQuestion>(plainTarget, targets, questionOf)
})

test('whatever can change the answer for every environment is another question', () => {
  checkApart<UniversalQuestion>(plainUniversal, universals, universalQuestionOf)
})

test('the order of sets, and what only failures go by, is no other question', () => {
  const both = (first: string, second: string): TargetQuestion => ({
    ...plainTarget,
    formats: { noBinary: new Set([first, second]) },
    exclusions: new Set([name(first), name(second)]),
  })
  assert.equal(questionName(questionOf(both('a', 'b'))), questionName(questionOf(both('b', 'a'))))
  assert.deepEqual(questionOf({ ...plainTarget, tryFixes: true }), questionOf(plainTarget))
})

test('what is an address, lies on this machine or is installed makes no question', () => {
  const link: WantedRequirement = { text: './here', extras: [], link: 'file:///here' }
  const named = wanted('app @ https://files.example/app-1.0.tar.gz', { link: 'https://files.example/app-1.0.tar.gz' })
  const override = [parseRequirement('app @ https://files.example/app-1.0.tar.gz')]
  for (const odd of [link, named]) {
    assert.equal(questionOf({ ...plainTarget, requirements: [wanted('app'), odd] }), undefined)
    assert.equal(questionOf({ ...plainTarget, constraints: [odd] }), undefined)
    assert.equal(universalQuestionOf({ ...plainUniversal, roots: [odd] }), undefined)
    assert.equal(universalQuestionOf({ ...plainUniversal, constraints: [odd] }), undefined)
  }
  assert.equal(questionOf({ ...plainTarget, overrides: override }), undefined)
  assert.equal(universalQuestionOf({ ...plainUniversal, overrides: override }), undefined)
  assert.equal(questionOf({ ...plainTarget, installed: new Map() }), undefined)
})

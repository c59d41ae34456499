// The scenarios that are resolved for every environment, put to uv as well: the same made-up index, the same requirements, and both
// answers looked at from a grid of environments. Where den is other on purpose stands in `differences`.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { evaluateMarker, parseMarker } from '../../../src/spec/marker.ts'
import { runProgram } from '../../kit/den.ts'
import { type ServedFile, servedWheel, serveIndex } from '../../kit/index-server.ts'
import { peerProgram, skipWithout } from '../../kit/oracle.ts'
import { scratch } from '../../kit/scratch.ts'
import { placedIn, solveUniversalCase, type UniversalCase } from '../../scenarios/universal.ts'
import { environmentOf, parseScenario, type Release, type Scenario } from '../../scenarios/universe.ts'

const skip = skipWithout(['uv'], 'agreement with uv about what it would lock for every environment')

/** By scenario, why uv's answer is another one. */
const differences: Readonly<Record<string, string>> = {
  'u-fork-of-different-parents':
    'uv tells apart what one project asks of another, not what two ask of a third, and finds no answer',
  'u-prerelease-everywhere':
    'uv takes the final release on one platform, though pre-releases are asked for by name on both',
  'u-prerelease-for-nobody': 'uv heeds what no environment leads to, and takes a pre-release for it',
  'u-yanked-by-nobody': 'uv heeds what no environment leads to, and finds no answer',
  'u-yanked-by-dependency-in-part': 'uv takes no yanked version that only a dependency pins',
  'u-yanked-in-part': 'uv takes what one platform pins for all of them',
}

const directory = path.join(import.meta.dirname, '../../scenarios')
const grid = ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13'].flatMap((version) =>
  ['linux', 'win32', 'darwin'].map((platform) => ({
    at: `${version} on ${platform}`,
    version,
    environment: {
      ...environmentOf(version, platform),
      implementation_name: 'cpython',
      platform_python_implementation: 'CPython',
    },
  })),
)

for (const name of fs.readdirSync(directory).filter((file) => /^u-.*\.txt$/.test(file))) {
  const scenario = parseScenario(fs.readFileSync(path.join(directory, name), 'utf8')) as Scenario & UniversalCase
  if (!canBePutToUv(scenario)) continue
  const title = name.slice(0, -4)
  test(`uv and ${title}: ${scenario.title}`, { skip }, async (t) => {
    const lowest = lowestPython(scenario)
    const given: UniversalCase = {
      ...scenario,
      universal: { ...scenario.universal, requiresPython: `>=${lowest}` },
    }
    const ours = solveUniversalCase(given)
    const theirs = await uvLines(t, given, lowest)
    const told = (lines: readonly string[] | undefined): string =>
      lines === undefined ? 'no answer' : lines.join('\n')
    const own = ours.resolution.kind === 'failed' ? undefined : atGrid(lowest, ourLines(ours))
    const other = theirs === undefined ? undefined : atGrid(lowest, theirs)
    if (differences[title] === undefined) assert.equal(told(own), told(other))
    else assert.notEqual(told(own), told(other), 'they agree by now')
  })
}

/** Whether uv's command line can say all that a scenario says. */
function canBePutToUv({ universal, releases, exclusions, lowest }: UniversalCase): boolean {
  const { environments, required, conflicts, apart, chosen, offers, requiresPython = '>=3.8' } = universal
  const isPlain = [environments, required, conflicts, apart, chosen, offers].every((list) => list.length === 0)
  const areWheels = releases.every(
    ({ url, only, unavailable }) => url === undefined && only === undefined && unavailable === undefined,
  )
  return (
    isPlain &&
    areWheels &&
    exclusions === undefined &&
    lowest?.includes('direct') !== true &&
    /^>=3\.\d+$/.test(requiresPython)
  )
}

function lowestPython({ universal }: UniversalCase): string {
  return (universal.requiresPython ?? '>=3.8').slice(2)
}

interface Line {
  readonly text: string
  readonly marker?: string
}

function ourLines(answer: ReturnType<typeof solveUniversalCase>): readonly Line[] {
  return placedIn(answer).map(({ project, candidate, where }) => {
    const marker = answer.space.words(where, answer.scope)
    return { text: `${project} ${candidate.label}`, ...(marker === undefined ? {} : { marker: marker.text }) }
  })
}

/** What is there in each environment. */
function atGrid(lowest: string, lines: readonly Line[]): readonly string[] {
  const minor = (version: string): number => Number(version.split('.')[1])
  return grid
    .filter(({ version }) => minor(version) >= minor(lowest))
    .map(({ at, environment }) => {
      const there = lines.filter(
        ({ marker }) => marker === undefined || evaluateMarker(parseMarker(marker), environment),
      )
      return `${at}: ${there
        .map(({ text }) => text)
        .sort()
        .join(', ')}`
    })
}

/** undefined where uv finds no answer. */
async function uvLines(
  t: Parameters<typeof scratch>[0],
  given: UniversalCase,
  lowest: string,
): Promise<readonly Line[] | undefined> {
  const root = scratch(t)
  const index = await serveIndex(t, given.releases.map(servedRelease))
  const file = (name: string, lines: readonly string[] = []): string => {
    fs.writeFileSync(path.join(root, name), `${lines.join('\n')}\n`)
    return path.join(root, name)
  }
  const args = [
    ...[
      'pip',
      'compile',
      '--universal',
      '--no-header',
      '--no-annotate',
      '--no-config',
      '--python',
      peerProgram('python'),
    ],
    ...[
      '--python-version',
      lowest,
      '--index-url',
      index.url,
      '--constraints',
      file('constraints.txt', given.constraints),
    ],
    ...['--overrides', file('overrides.txt', given.overrides), file('wants.in', given.wants)],
    ...(given.lowest === undefined ? [] : ['--resolution', 'lowest']),
    ...(given.universal.fewest ? ['--fork-strategy', 'fewest'] : []),
  ]
  const env = { PATH: process.env['PATH'] ?? '', HOME: root, UV_CACHE_DIR: path.join(root, 'cache') }
  const { code, stdout, stderr } = await runProgram(peerProgram('uv'), args, { env, cwd: root })
  if (code !== 0) {
    assert.match(stderr, /No solution found|has no wheels|was not found/)
    return undefined
  }
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [pin = '', marker] = line.split(/\s*;\s*/)
      return { text: pin.replace('==', ' ').replace(/\[.*\]/, ''), ...(marker === undefined ? {} : { marker }) }
    })
}

function servedRelease({ project, version, requires, extras, python: wanted, yanked }: Release): ServedFile {
  const metadata = [
    'Metadata-Version: 2.1',
    `Name: ${project}`,
    `Version: ${version}`,
    ...(wanted === undefined ? [] : [`Requires-Python: ${wanted}`]),
    ...extras.map((extra) => `Provides-Extra: ${extra}`),
    ...requires.map((line) => `Requires-Dist: ${line}`),
    '',
    '',
  ].join('\n')
  return servedWheel(
    { name: project, version, metadata },
    { metadata, ...(wanted === undefined ? {} : { requiresPython: wanted }), ...(yanked === true ? { yanked } : {}) },
  )
}

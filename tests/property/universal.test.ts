// Laws of solving for every environment at once: whatever environment is looked at, what the answer has for it is an answer for that
// one alone; what is refused cannot be had there; and the answer hangs on the facts, not on when they come.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { evaluateMarker, type MarkerEnvironment, parseMarker } from '../../src/spec/marker.ts'
import type { Condition, MarkerSpace } from '../../src/spec/marker-space.ts'
import { parseRequirement, type Requirement } from '../../src/spec/requirement.ts'
import { namesOneVersion, specifiersContain } from '../../src/spec/specifier.ts'
import { isPrerelease, parseVersion } from '../../src/spec/version.ts'
import { seed } from '../kit/random.ts'
import {
  ordinary,
  placedIn,
  placedLines,
  solveUniversalCase,
  type UniversalAnswer,
  type UniversalCase,
  type UniversalDelivery,
} from '../scenarios/universal.ts'
import { environmentOf, type Release, solveCase } from '../scenarios/universe.ts'

const runs = Number(process.env['DEN_CASES'] ?? 400)
const holds = <Values extends [unknown, ...unknown[]]>(
  arbitraries: { [Key in keyof Values]: fc.Arbitrary<Values[Key]> },
  law: (...values: Values) => void,
  numRuns = runs,
): void => fc.assert(fc.property(...arbitraries, law), { numRuns, seed })

// Every marker below says the same of all environments between two of these.

const pythons = ['3.8', '3.10', '3.12']
const platforms = ['linux', 'win32', 'darwin', 'freebsd']
const wanted: readonly (readonly string[])[] = [[], ['p'], ['q'], ['p', 'q']]

interface Place {
  readonly python: string
  readonly platform: string
  readonly environment: Partial<MarkerEnvironment>
  /** Of the one who asks. */
  readonly extras: ReadonlySet<string>
}

const grid: readonly Place[] = pythons.flatMap((python) =>
  platforms.flatMap((platform) =>
    wanted.map((extras) => ({
      python,
      platform,
      environment: environmentOf(python, platform),
      extras: new Set(extras),
    })),
  ),
)

const onePlatform = ['sys_platform == "linux"', 'sys_platform == "win32"', 'sys_platform != "win32"']
const names = ['a', 'b', 'c', 'd']
const versions = ['1', '2', '3']
const markers = [
  '',
  '',
  '',
  'python_version < "3.9"',
  'python_version >= "3.9"',
  'python_version >= "3.11"',
  'sys_platform == "win32"',
  'sys_platform != "win32"',
  'sys_platform == "linux"',
  'os_name == "nt" or python_version >= "3.11"',
  'sys_platform == "darwin" and python_version < "3.11"',
]

interface Shape {
  readonly wishes: number
  readonly versions: readonly string[]
  readonly yanked: boolean
  /** Some have files for one platform only, and one platform is named as required. */
  readonly files?: boolean
}

const wishText = (shape: Shape): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...names),
      fc.constantFrom('', '', '', '[x]'),
      fc.constantFrom('', '', '<', '>=', '==', '!=', '<=', '>'),
      fc.constantFrom(...shape.versions),
    )
    .map(([name, extra, operator, version]) => name + extra + (operator === '' ? '' : operator + version))
const line = (shape: Shape): fc.Arbitrary<string> =>
  fc
    .tuple(wishText(shape), fc.constantFrom(...markers))
    .map(([text, marker]) => (marker === '' ? text : `${text}; ${marker}`))

/** Two that want different versions of the same in different environments, as metadata often does. */
const pair = (shape: Shape): fc.Arbitrary<string[]> =>
  fc
    .tuple(
      fc.constantFrom(...names),
      fc.constantFrom(...shape.versions.slice(1)),
      fc.constantFrom(
        ['python_version < "3.9"', 'python_version >= "3.9"'],
        ['sys_platform == "win32"', 'sys_platform != "win32"'],
        ['sys_platform == "win32"', 'sys_platform == "linux"'],
        ['python_version < "3.11"', 'python_version >= "3.11"'],
      ),
    )
    .map(([name, version, [one, other]]) => [`${name}<${version}; ${one}`, `${name}>=${version}; ${other}`])
const lines = (
  shape: Shape,
  constraint: { readonly minLength?: number; readonly maxLength: number },
): fc.Arbitrary<string[]> =>
  fc
    .array(
      fc.oneof({ arbitrary: line(shape).map((text) => [text]), weight: 3 }, { arbitrary: pair(shape), weight: 1 }),
      constraint,
    )
    .map((all) => all.flat())

const releases = (shape: Shape): fc.Arbitrary<Release[]> => {
  const rows = names.flatMap((project) => shape.versions.map((version) => ({ project, version })))
  const one = fc.record({
    chance: fc.integer({ min: 1, max: 8 }),
    python: fc.constantFrom(undefined, undefined, '>=3.9', '>=3.11'),
    yanked: fc.constantFrom(false, false, false, shape.yanked),
    only: fc.constantFrom(undefined, undefined, undefined, ...(shape.files === true ? onePlatform : [])),
    wishes: fc.array(fc.tuple(line(shape), fc.constantFrom('', '', '', 'x')), { maxLength: shape.wishes }),
  })
  return fc.tuple(...rows.map(() => one)).map((made) =>
    rows.flatMap(({ project, version }, index): Release[] => {
      const { chance, python, yanked, only, wishes } = made[index]!
      if (chance === 8) return []
      const requires = wishes.map(([text, extra]) => {
        if (extra === '') return text
        const [wish, marker] = text.split('; ')
        return `${wish}; ${marker === undefined ? '' : `(${marker}) and `}extra == "${extra}"`
      })
      return [
        {
          project,
          version,
          requires,
          extras: ['x'],
          ...(python === undefined ? {} : { python }),
          ...(yanked ? { yanked } : {}),
          ...(only === undefined ? {} : { only }),
        },
      ]
    }),
  )
}

const universe = (shape: Shape): fc.Arbitrary<UniversalCase> =>
  fc
    .record({
      releases: releases(shape),
      wants: lines(shape, { minLength: 1, maxLength: 3 }),
      constraints: fc.array(
        line(shape).map((text) => text.replace('[x]', '')),
        { maxLength: 1 },
      ),
      offers: fc.uniqueArray(
        fc.tuple(fc.constantFrom('p', 'q'), fc.array(line(shape), { minLength: 1, maxLength: 2 })),
        {
          maxLength: 2,
          selector: ([name]) => name,
        },
      ),
      conflict: fc.boolean(),
      fewest: fc.boolean(),
      required: fc.constantFrom(...(shape.files === true ? onePlatform.map((one) => [one]) : [[]])),
      requiresPython: fc.constantFrom('>=3.8', '>=3.9', '>=3.8,<3.11'),
      chosen: fc.array(fc.record({ project: fc.constantFrom(...names), version: fc.constantFrom(...shape.versions) }), {
        maxLength: 2,
      }),
    })
    .map(({ offers, conflict, fewest, required, requiresPython, chosen, ...given }) => ({
      ...given,
      universal: {
        ...ordinary,
        requiresPython,
        fewest,
        required,
        chosen,
        offers: offers.map(([name, wants]) => ({ when: `'${name}' in extras`, wants })),
        conflicts: conflict ? [["'p' in extras", "'q' in extras"]] : [],
      },
    }))

const tame: Shape = { wishes: 1, versions, yanked: false }
const wild: Shape = { wishes: 1, versions: ['1', '2', '3rc1', '3'], yanked: true }

const sparse: Shape = { wishes: 1, versions, yanked: false, files: true }

/** Tells whether a condition holds somewhere. */
function evaluator({ space, scope }: { readonly space: MarkerSpace; readonly scope: Condition }): {
  readonly inScope: (place: Place) => boolean
  readonly holdsAt: (condition: Condition, place: Place) => boolean
} {
  const at = (condition: Condition, within: Condition, { environment, extras }: Place): boolean => {
    const marker = space.words(condition, within)
    return marker === undefined || evaluateMarker(marker, environment, { extras })
  }
  return {
    inScope: (place) => at(scope, space.always, place),
    holdsAt: (condition, place) => at(condition, scope, place),
  }
}

const appliesAt = ({ marker }: Requirement, { environment }: Place, extras: ReadonlySet<string> = new Set()): boolean =>
  marker === undefined ||
  evaluateMarker(marker, environment) ||
  [...extras].some((extra) => evaluateMarker(marker, environment, { extras: new Set([extra]) }))

type Picks = ReadonlyMap<string, { readonly release: Release; readonly extras: ReadonlySet<string> }>

function picksAt(answer: UniversalAnswer, place: Place): Picks {
  const { holdsAt } = evaluator(answer)
  const picks = new Map<string, { readonly release: Release; readonly extras: ReadonlySet<string> }>()
  for (const { project, candidate, where, extras } of placedIn(answer)) {
    if (!holdsAt(where, place)) continue
    assert.ok(!picks.has(project), `two versions of ${project} for ${place.python} on ${place.platform}`)
    const own = [...extras].flatMap(([extra, part]) => (holdsAt(part, place) ? [extra] : []))
    picks.set(project, { release: candidate.release, extras: new Set(own) })
  }
  return picks
}

function rootsAt(given: UniversalCase, place: Place): string[] {
  const offered = given.universal.offers.flatMap(({ when, wants }) =>
    [...place.extras].some((extra) => when === `'${extra}' in extras`) ? wants : [],
  )
  return [...given.wants, ...offered].filter((text) => appliesAt(parseRequirement(text), place))
}

function faultsAt(given: UniversalCase, picks: Picks, place: Place): string[] {
  const faults: string[] = []
  const wished = [
    ...rootsAt(given, place).map((text) => parseRequirement(text)),
    ...[...picks.values()].flatMap(({ release, extras }) =>
      release.requires.map((text) => parseRequirement(text)).filter((one) => appliesAt(one, place, extras)),
    ),
  ]
  const limits = (given.constraints ?? []).map((text) => parseRequirement(text)).filter((one) => appliesAt(one, place))
  for (const { name, specifiers, extras } of wished) {
    const pick = picks.get(name)
    if (pick === undefined) faults.push(`${name} is missing`)
    else if (!specifiersContain(specifiers, pick.release.version, { prereleases: true }))
      faults.push(`${name} ${pick.release.version} will not do`)
    else for (const extra of extras) if (!pick.extras.has(extra)) faults.push(`${name}[${extra}] is missing`)
  }
  for (const { name, specifiers } of limits) {
    const pick = picks.get(name)
    if (pick !== undefined && !specifiersContain(specifiers, pick.release.version, { prereleases: true }))
      faults.push(`${name} is not constrained`)
  }
  for (const [name, { release, extras }] of picks) {
    const about = wished.filter((one) => one.name === name)
    if (about.length === 0) faults.push(`nobody wants ${name}`)
    for (const extra of extras)
      if (!about.some((one) => (one.extras as readonly string[]).includes(extra)))
        faults.push(`nobody wants ${name}[${extra}]`)
    if (release.python !== undefined && !specifiersContain(parsed(release.python), `${place.python}.1`))
      faults.push(`${name} ${release.version} is not for ${place.python}`)
    const isChosen = given.universal.chosen.some((one) => one.project === name && one.version === release.version)
    if (isChosen) continue
    const all = [...about, ...limits.filter((one) => one.name === name)]
    if (release.yanked === true && !all.some(({ specifiers }) => specifiers.specifiers.some(namesOneVersion)))
      faults.push(`${name} ${release.version} was yanked, and nobody asks for it here`)
    if (release.yanked !== true && isPrerelease(parseVersion(release.version))) {
      const finals = given.releases.filter(
        (one) =>
          one.project === name &&
          one.yanked !== true &&
          !isPrerelease(parseVersion(one.version)) &&
          (one.python === undefined || specifiersContain(parsed(one.python), `${place.python}.1`)) &&
          all.every(({ specifiers }) => specifiersContain(specifiers, one.version)),
      )
      if (finals.length > 0 && !all.some(({ specifiers }) => specifiers.namesPrerelease))
        faults.push(`${name} ${release.version} is a pre-release, and nobody asks for one here`)
    }
  }
  return faults
}

const parsed = (text: string): Requirement['specifiers'] => parseRequirement(`x${text}`).specifiers

test('in every environment the answer is a right one, of one version a project, with nothing that nobody needs there', () => {
  let solved = 0
  let forked = 0
  holds([universe(tame)], (given) => {
    const answer = solveUniversalCase(given)
    if (answer.resolution.kind === 'failed') return
    solved++
    if (answer.resolution.forks.length > 1) forked++
    const { inScope } = evaluator(answer)
    for (const place of grid.filter(inScope))
      assert.deepEqual(faultsAt(given, picksAt(answer, place), place), [], `${place.python} on ${place.platform}`)
  })
  assert.ok(solved > runs / 5, `only ${solved} could be solved`)
  assert.ok(forked > runs / 20, `only ${forked} were split`)
})

test('the same with yanked versions and pre-releases, which are taken only where something there lets them in', () => {
  let solved = 0
  holds([universe(wild)], (given) => {
    const answer = solveUniversalCase(given)
    if (answer.resolution.kind === 'failed') return
    solved++
    const { inScope } = evaluator(answer)
    for (const place of grid.filter(inScope))
      assert.deepEqual(faultsAt(given, picksAt(answer, place), place), [], `${place.python} on ${place.platform}`)
  })
  assert.ok(solved > runs / 6, `only ${solved} could be solved`)
})

test('in an environment that was named as required everything has files, and elsewhere the answer is right all the same', () => {
  let solved = 0
  holds([universe(sparse)], (given) => {
    const answer = solveUniversalCase(given)
    if (answer.resolution.kind === 'failed') return
    solved++
    const { inScope } = evaluator(answer)
    for (const place of grid.filter(inScope)) {
      const picks = picksAt(answer, place)
      assert.deepEqual(faultsAt(given, picks, place), [], `${place.python} on ${place.platform}`)
      if (!given.universal.required.every((text) => evaluateMarker(parseMarker(text), place.environment))) continue
      for (const [name, { release }] of picks)
        assert.ok(
          release.only === undefined || evaluateMarker(parseMarker(release.only), place.environment),
          `${name} ${release.version} has no file for ${place.platform}`,
        )
    }
  })
  assert.ok(solved > runs / 10, `only ${solved} could be solved`)
})

test('where it is refused, no environment alone has an answer; where it is not, each has one', () => {
  let failed = 0
  holds([universe(tame)], (given) => {
    const answer = solveUniversalCase(given)
    const { resolution } = answer
    const { inScope, holdsAt } = evaluator(answer)
    const alone = (place: Place): boolean => {
      const wants = rootsAt(given, place)
      const constraints = (given.constraints ?? []).filter((text) => appliesAt(parseRequirement(text), place))
      const { python, platform } = place
      const { answer: one } = solveCase({ releases: given.releases, wants, constraints, python, platform })
      return one.kind === 'solved'
    }
    const places = grid.filter(inScope)
    if (resolution.kind === 'solved') for (const place of places) assert.ok(alone(place))
    else {
      failed++
      const refused = places.filter((place) => holdsAt(resolution.where, place))
      assert.ok(refused.length > 0, 'it is refused nowhere')
      for (const place of refused) assert.ok(!alone(place), `${place.python} on ${place.platform}`)
    }
  })
  assert.ok(failed > runs / 20, `only ${failed} could not be solved`)
})

/** A driver that answers late, one at a time, in any order, and with what was not asked for yet. */
function unsteady(random: () => number): UniversalDelivery {
  let waiting: Parameters<UniversalDelivery>[0][number][] = []
  return (needs, answer) => {
    waiting.push(...needs)
    const blocking = needs.filter((need) => need.blocking)
    const now = waiting.filter((need) => !need.blocking && random() < 0.4)
    if (blocking.length > 0) now.push(blocking[Math.floor(random() * blocking.length)]!)
    waiting = waiting.filter((need) => !now.includes(need))
    return now.sort(() => random() - 0.5).map(answer)
  }
}

test('the answer for all environments hangs on the facts alone', () => {
  holds([universe(wild), fc.integer()], (given, start) => {
    let state = start >>> 0
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    }
    const once = solveUniversalCase(given)
    const late = solveUniversalCase(given, unsteady(random))
    assert.deepEqual(placedLines(late), placedLines(once))
    assert.deepEqual(late.resolution.statistics, once.resolution.statistics)
  })
})

test('an answer asked for again with its own versions stays as it is, also with something new that has nothing to do with it', () => {
  holds([universe(tame)], (given) => {
    const first = solveUniversalCase(given)
    if (first.resolution.kind === 'failed') return
    const { space, scope } = first
    const chosen = placedIn(first).map(({ project, candidate, where }) => {
      const marker = space.words(where, scope)
      return { project, version: candidate.label, ...(marker === undefined ? {} : { marker: marker.text }) }
    })
    const universal = { ...given.universal, chosen }
    assert.deepEqual(placedLines(solveUniversalCase({ ...given, universal })), placedLines(first))
    const leaf = { project: 'leaf', version: '1.0', requires: [], extras: [] }
    const more = solveUniversalCase({
      ...given,
      universal,
      releases: [...given.releases, leaf],
      wants: [...given.wants, 'leaf'],
    })
    assert.deepEqual(
      placedLines(more).filter((line) => !line.startsWith('leaf ')),
      placedLines(first),
    )
  })
})

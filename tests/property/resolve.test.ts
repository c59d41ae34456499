// Laws of the solver, over made-up indexes: what it finds is right, what it refuses cannot be had (every choice is tried), and the
// answer hangs on the facts alone, not on when they come.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  areDisjoint,
  complementSet,
  countPlaces,
  hasPlace,
  type IndexSet,
  intersectSets,
  isSubset,
  placesDown,
  placesUp,
  uniteSets,
} from '../../src/resolve/index-set.ts'
import { relaxSpecifiers } from '../../src/resolve/relax.ts'
import { parseRequirement, type Requirement } from '../../src/spec/requirement.ts'
import { filterBySpecifiers, formatSpecifiers, parseSpecifiers, specifiersContain } from '../../src/spec/specifier.ts'
import { isPrerelease, parseVersion, type Version } from '../../src/spec/version.ts'
import { seed } from '../kit/random.ts'
import {
  type Answer,
  type Case,
  chosenLines,
  type Delivery,
  fixesOf,
  type Question,
  type Release,
  solveCase,
} from '../scenarios/universe.ts'

const runs = Number(process.env['DEN_CASES'] ?? 1500)
const holds = <Values extends [unknown, ...unknown[]]>(
  arbitraries: { [Key in keyof Values]: fc.Arbitrary<Values[Key]> },
  law: (...values: Values) => void,
  numRuns = runs,
): void => fc.assert(fc.property(...arbitraries, law), { numRuns, seed })

const size = 9
const placeSet = fc.uniqueArray(fc.integer({ min: 0, max: size }), { maxLength: size + 1 }).map((places) => {
  const set: number[] = []
  for (const place of places.sort((a, b) => a - b)) {
    if (set[set.length - 1] === place) set[set.length - 1] = place + 1
    else set.push(place, place + 1)
  }
  return set as IndexSet
})
const members = (set: IndexSet): number[] =>
  Array.from({ length: size + 1 }, (_, place) => place).filter((place) => hasPlace(set, place))

test('sets of places are sets', () => {
  holds([placeSet, placeSet], (a, b) => {
    const [inA, inB] = [members(a), members(b)]
    assert.deepEqual(
      members(intersectSets(a, b)),
      inA.filter((one) => inB.includes(one)),
    )
    assert.deepEqual(
      members(uniteSets(a, b)),
      [...new Set([...inA, ...inB])].sort((x, y) => x - y),
    )
    assert.deepEqual(
      members(complementSet(a, size)),
      members([0, size + 1]).filter((one) => !inA.includes(one)),
    )
    assert.deepEqual(complementSet(complementSet(a, size), size), a)
    assert.equal(
      isSubset(a, b),
      inA.every((one) => inB.includes(one)),
    )
    assert.equal(areDisjoint(a, b), !inA.some((one) => inB.includes(one)))
    assert.equal(countPlaces(a), inA.length)
    const positive = inA.filter((one) => one > 0)
    assert.deepEqual([...placesUp(a)], positive)
    assert.deepEqual([...placesDown(a)], positive.reverse())
    if (isSubset(a, b)) assert.equal(intersectSets(a, b), a)
  })
})

// Made-up indexes

const names = ['a', 'b', 'c', 'd', 'e']
const extras = ['x', 'y']

interface Shape {
  readonly projects: number
  readonly versions: readonly string[]
  readonly wishes: number
  readonly prereleases: boolean
}

const wishLine = (shape: Shape): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.nat({ max: shape.projects - 1 }),
      fc.constantFrom('', '', '', '[x]', '[y]', '[x,y]'),
      fc.constantFrom('', '', '<', '>=', '==', '!=', '<=', '>', '~='),
      fc.constantFrom(...shape.versions),
    )
    .map(([project, extra, operator, version]) => {
      const number = operator === '~=' && !version.includes('.') ? `${version}.0` : version
      return `${names[project]}${extra}${operator === '' ? '' : operator + number}`
    })

const releases = (shape: Shape): fc.Arbitrary<Release[]> => {
  const rows = names
    .slice(0, shape.projects)
    .flatMap((project) => shape.versions.map((version) => ({ project, version })))
  return fc
    .tuple(
      ...rows.map(() =>
        fc.tuple(
          fc.integer({ min: 1, max: 8 }),
          fc.array(fc.tuple(wishLine(shape), fc.constantFrom('', '', '', 'x', 'y')), { maxLength: shape.wishes }),
        ),
      ),
    )
    .map((made) =>
      rows.flatMap(({ project, version }, index): Release[] => {
        const [chance, wishes] = made[index]!
        const requires = wishes.map(([line, extra]) => (extra === '' ? line : `${line}; extra == "${extra}"`))
        return chance === 8 ? [] : [{ project, version, requires, extras }]
      }),
    )
}

const universe = (shape: Shape): fc.Arbitrary<Case> =>
  fc.record({
    releases: releases(shape),
    wants: fc.array(wishLine(shape), { minLength: 1, maxLength: 3 }),
    constraints: fc.array(
      wishLine(shape).map((line) => line.replace(/\[.*\]/, '')),
      { maxLength: 1 },
    ),
  })

const small: Shape = { projects: 4, versions: ['1', '2', '3'], wishes: 3, prereleases: false }
const large: Shape = {
  projects: 5,
  versions: ['1.0', '1.1', '2.0', '2.1', '3.0', '4.0'],
  wishes: 4,
  prereleases: false,
}
const unripe: Shape = { projects: 4, versions: ['1.0', '2.0a1', '2.0', '3.0rc1'], wishes: 3, prereleases: true }

// What a right answer is, said without the solver's sets

type Picks = ReadonlyMap<string, { readonly release: Release; readonly extras: ReadonlySet<string> }>

function requirementsOf(release: Release, asked: ReadonlySet<string>): Requirement[] {
  return release.requires.flatMap((line) => {
    const [text = '', marker = ''] = line.split(';')
    const extra = /extra == "(\w)"/.exec(marker)?.[1]
    return extra === undefined || asked.has(extra) ? [parseRequirement(text)] : []
  })
}

/** All requirements in force for some picks, each with who wants it. */
function inForce(given: Case, picks: Picks): Requirement[] {
  return [
    ...given.wants.map((line) => parseRequirement(line)),
    ...[...picks.values()].flatMap(({ release, extras: asked }) => requirementsOf(release, asked)),
  ]
}

function faultsOf(given: Case, picks: Picks): string[] {
  const faults: string[] = []
  const wished = inForce(given, picks)
  for (const { name, specifiers, extras: asked } of wished) {
    const pick = picks.get(name)
    if (pick === undefined) faults.push(`${name} is missing`)
    else if (!specifiersContain(specifiers, pick.release.version))
      faults.push(`${name} ${pick.release.version} will not do`)
    else for (const extra of asked) if (!pick.extras.has(extra)) faults.push(`${name}[${extra}] is missing`)
  }
  for (const line of given.constraints ?? []) {
    const { name, specifiers } = parseRequirement(line)
    const pick = picks.get(name)
    if (pick !== undefined && !specifiersContain(specifiers, pick.release.version))
      faults.push(`${name} is not constrained`)
  }
  for (const name of picks.keys()) if (!wished.some((one) => one.name === name)) faults.push(`nobody wants ${name}`)
  for (const [name, pick] of picks)
    for (const extra of pick.extras)
      if (!wished.some((one) => one.name === name && (one.extras as readonly string[]).includes(extra)))
        faults.push(`nobody wants ${name}[${extra}]`)
  return faults
}

function picksOf(answer: Answer): Picks {
  if (answer.kind === 'failed') assert.fail('there is no answer')
  return new Map(
    [...answer.chosen].map(([name, { candidate, extras: asked }]) => [
      name,
      { release: candidate.release, extras: new Set(asked) },
    ]),
  )
}

/** Whether there is any answer: every choice of versions is tried. */
function canBeSolved(given: Case): boolean {
  const byName = new Map<string, Release[]>()
  for (const release of given.releases) byName.set(release.project, [...(byName.get(release.project) ?? []), release])
  const choose = (rest: readonly string[], picked: ReadonlyMap<string, Release>): boolean => {
    const [name, ...others] = rest
    if (name === undefined) return isAnswer(given, picked)
    if (choose(others, picked)) return true
    return byName.get(name)!.some((release) => choose(others, new Map([...picked, [name, release]])))
  }
  return choose([...byName.keys()], new Map())
}

/** Whether these versions, with whatever extras they ask of each other, leave nothing to be wished. */
function isAnswer(given: Case, picked: ReadonlyMap<string, Release>): boolean {
  const picks = new Map([...picked].map(([name, release]) => [name, { release, extras: new Set<string>() }]))
  for (let grew = true; grew; ) {
    grew = false
    for (const { name, extras: asked } of inForce(given, picks))
      for (const extra of asked) {
        const pick = picks.get(name)
        if (pick === undefined || pick.extras.has(extra)) continue
        pick.extras.add(extra)
        grew = true
      }
  }
  return faultsOf(given, picks).every((fault) => fault.startsWith('nobody wants'))
}

test('an answer meets every requirement and every constraint, and holds nothing that nobody wants', () => {
  let solved = 0
  holds([universe(large)], (given) => {
    const { answer } = solveCase(given)
    if (answer.kind === 'failed') return
    solved++
    assert.deepEqual(faultsOf(given, picksOf(answer)), [])
  })
  assert.ok(solved > runs / 5, `only ${solved} could be solved`)
})

test('what is refused cannot be had, and what is found can', () => {
  let failed = 0
  holds([universe(small)], (given) => {
    const { answer } = solveCase(given)
    if (answer.kind === 'solved') assert.deepEqual(faultsOf(given, picksOf(answer)), [])
    else failed++
    assert.equal(answer.kind === 'solved', canBeSolved(given))
  })
  assert.ok(failed > runs / 20, `only ${failed} could not be solved`)
})

test('a failure’s core cannot be had at once, and nothing in it can be spared', () => {
  holds([universe(small)], (given) => {
    const { answer } = solveCase(given)
    if (answer.kind === 'solved') return
    const { core, proof } = answer.failure
    assert.deepEqual(proof.at(-1)!.terms, [])
    for (const [index, { because }] of proof.entries())
      if ('steps' in because) assert.ok(because.steps.every((step) => step < index))
    assert.ok(core.length > 0)
    // What the core says of the roots alone is enough to fail: the other wants can go.
    const roots = new Set(core.flatMap((one) => (one.kind === 'wish' && one.from === undefined ? [one.project] : [])))
    const extrasOfRoots = core.flatMap((one) => (one.kind === 'extra' && one.from === undefined ? [one.project] : []))
    const wants = given.wants.filter((line) => {
      const { name } = parseRequirement(line)
      return roots.has(name) || extrasOfRoots.includes(name)
    })
    assert.equal(canBeSolved({ ...given, wants }), false)
  })
})

test('what is offered in place of what cannot be had can be had, and nothing is offered where all can', () => {
  let offered = 0
  holds([universe(small)], (given) => {
    const fixes = fixesOf(given)
    for (const { given: changed, words } of fixes) {
      offered++
      assert.ok(canBeSolved(changed), words)
    }
    if (fixes.length > 0) assert.equal(canBeSolved(given), false)
  })
  assert.ok(offered > runs / 20, `only ${offered} were offered`)
})

test('relaxed specifiers let through what they are relaxed for', () => {
  const one = fc
    .tuple(
      fc.constantFrom('<', '<=', '>', '>=', '==', '!=', '~='),
      fc.constantFrom('1.0', '1.5', '2.0rc1', '2.0', '3.1'),
    )
    .map(([operator, version]) => operator + version)
  holds(
    [fc.array(one, { minLength: 1, maxLength: 3 }), fc.constantFrom('0.9', '1.0', '1.7', '2.0', '2.0rc2', '4.0')],
    (texts, text) => {
      const version = parseVersion(text)
      const given = parseSpecifiers(texts.join(','))
      if (specifiersContain(given, version)) return
      const relaxed = parseSpecifiers(relaxSpecifiers(given, version))
      assert.ok(specifiersContain(relaxed, version, { prereleases: true }), formatSpecifiers(relaxed))
    },
  )
})

/** A driver that answers late, one at a time, in any order, and with what was not asked for yet. */
function unsteady(random: () => number): Delivery {
  let waiting: Question[] = []
  return (needs, answer) => {
    waiting.push(...needs)
    const blocking = needs.filter((need) => need.blocking)
    const now = waiting.filter((need) => !need.blocking && random() < 0.4)
    if (blocking.length > 0) now.push(blocking[Math.floor(random() * blocking.length)]!)
    waiting = waiting.filter((need) => !now.includes(need))
    return now.sort(() => random() - 0.5).map(answer)
  }
}

test('the answer, and the way to it, hang on the facts alone', () => {
  holds([universe(large), fc.integer()], (given, start) => {
    let state = start >>> 0
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    }
    const once = solveCase(given).answer
    const again = solveCase(given).answer
    const late = solveCase(given, unsteady(random)).answer
    assert.deepEqual(chosenLines(again), chosenLines(once))
    assert.deepEqual(chosenLines(late), chosenLines(once))
    assert.deepEqual(late.statistics, once.statistics)
    if (once.kind === 'failed' && late.kind === 'failed') assert.deepEqual(late.failure.core, once.failure.core)
  })
})

test('a low threshold of clashes changes the way, never whether there is an answer', () => {
  holds([universe(large)], (given) => {
    const steady = solveCase(given).answer
    const hasty = solveCase({ ...given, clashThreshold: 1 }).answer
    assert.equal(hasty.kind, steady.kind)
    if (hasty.kind === 'solved') assert.deepEqual(faultsOf(given, picksOf(hasty)), [])
  })
})

test('a pre-release is taken only where one is named, or nothing else is in what is asked for', () => {
  let taken = 0
  holds([universe(unripe)], (given) => {
    const { answer } = solveCase(given)
    if (answer.kind === 'failed') return
    const picks = picksOf(answer)
    assert.deepEqual(faultsOf(given, picks), [])
    for (const [name, { release }] of picks) {
      if (!isPrerelease(parseVersion(release.version))) continue
      taken++
      const about = [
        ...inForce(given, picks),
        ...(given.constraints ?? []).map((line) => parseRequirement(line)),
      ].filter((one) => one.name === name)
      const finals = given.releases.filter(
        (one) =>
          one.project === name &&
          !isPrerelease(parseVersion(one.version)) &&
          about.every(({ specifiers }) => specifiersContain(specifiers, one.version)),
      )
      assert.ok(about.some(({ specifiers }) => specifiers.namesPrerelease) || finals.length === 0, name)
    }
  })
  assert.ok(taken > 50)
})

test('the newest version that one requirement alone lets through is the one that is taken', () => {
  const line = wishLine({ ...unripe, projects: 1 }).map((text) => text.replace(/\[.*\]/, ''))
  holds(
    [fc.uniqueArray(fc.constantFrom(...unripe.versions, '0.9', '2.5.dev1'), { minLength: 1 }), line],
    (versions, want) => {
      const { answer } = solveCase({
        releases: versions.map((version) => ({ project: 'a', version, requires: [], extras: [] })),
        wants: [want],
      })
      const parsed = versions.map(parseVersion).sort((a: Version, b: Version) => (a.key < b.key ? 1 : -1))
      const [newest] = filterBySpecifiers(parseRequirement(want).specifiers, parsed, (version) => version)
      assert.deepEqual(chosenLines(answer), newest === undefined ? ['nothing'] : [`a ${newest.text}`])
    },
  )
})

test('what is present stays where it can, and the answer is right where it cannot', () => {
  holds([universe(large), fc.array(fc.nat({ max: 29 }), { maxLength: 4 })], (given, picks) => {
    if (given.releases.length === 0) return
    const present = new Map(
      picks.flatMap((pick) => {
        const release = given.releases[pick % given.releases.length]!
        return [[release.project, release.version] as const]
      }),
    )
    const { answer } = solveCase({ ...given, present })
    const without = solveCase(given).answer
    assert.equal(answer.kind, without.kind)
    if (answer.kind === 'failed') return
    assert.deepEqual(faultsOf(given, picksOf(answer)), [])
    // When all that is present meets every wish by itself, it is the answer.
    const whole = new Map(
      [...present].map(([name, version]) => [
        name,
        given.releases.find((one) => one.project === name && one.version === version)!,
      ]),
    )
    if (isAnswer(given, whole))
      for (const [name, { candidate }] of answer.chosen) assert.equal(candidate.release.version, present.get(name))
  })
})

// A made-up index resolved for every environment: beside what universe.ts says, a scenario with `universal` may have
//
//   requires-python >=3.9
//   environments                        markers, one a line: what the answer is for
//   required                            environments for which all needs files
//   conflicts                           lists of markers of which no two hold together
//     'a' in extras, 'b' in extras
//   offers                              what extras and groups of the one who asks add
//     extra a: lib<2
//     group dev: pytest
//   chosen                              what a lock has
//     lib 1.0; sys_platform == 'win32'
//   apart                               parts of the scope that were told apart before
//   fewest                              rather one old version than several
//   forks 2                             how many parts of the scope differ
//   expect
//     lib[x] 1.0; python_version < '3.10'   where it is needed, in any words that mean the same

import type { Fact, Need, Wish } from '../../src/resolve/problem.ts'
import {
  acrossEnvironments,
  cutVersions,
  isDirectSpec,
  opensTier,
  openWishReader,
  type PythonSpec,
  type PythonWish,
} from '../../src/resolve/python.ts'
import { solveUniversally } from '../../src/resolve/universal.ts'
import type { Limit, UniversalCandidate, UniversalResolution } from '../../src/resolve/universal-problem.ts'
import { parseMarker } from '../../src/spec/marker.ts'
import { type Condition, type MarkerSpace, openMarkerSpace, pythonsLetThrough } from '../../src/spec/marker-space.ts'
import { parseRequirement } from '../../src/spec/requirement.ts'
import { parseSpecifiers } from '../../src/spec/specifier.ts'
import { type Candidate, type Case, candidateOf, isOne, named, oldestFirst, type Universal } from './universe.ts'

export type Somewhere = Candidate & UniversalCandidate
export type UniversalCase = Case & { readonly universal: Universal }

type Question = Need<Somewhere, PythonSpec>
type Told = Fact<Somewhere, PythonSpec>
export type UniversalDelivery = (needs: readonly Question[], answer: (need: Question) => Told) => readonly Told[]

export interface UniversalAnswer {
  readonly space: MarkerSpace
  readonly scope: Condition
  readonly resolution: UniversalResolution<Somewhere, PythonSpec>
}

/** A case without anything special about it. */
export const ordinary: Universal = {
  environments: [],
  required: [],
  conflicts: [],
  apart: [],
  chosen: [],
  offers: [],
  fewest: false,
}

export function solveUniversalCase(
  given: UniversalCase,
  delivery: UniversalDelivery = (needs, answer) => needs.map(answer),
): UniversalAnswer {
  const { universal } = given
  const space = openMarkerSpace()
  const of = (marker: string): Condition => space.of(parseMarker(marker))
  const scope = scopeOf(space, universal)
  const reader = openWishReader({
    holds: acrossEnvironments(space, scope),
    both: (a, b) => space.both(a as Condition, b as Condition),
    ...(given.overrides === undefined ? {} : { overrides: named(given.overrides) }),
    ...(given.exclusions === undefined ? {} : { exclusions: new Set(given.exclusions) }),
  })
  const all = given.releases
    .map((release): Somewhere => {
      const { python, only } = release
      const pythons =
        python === undefined ? space.always : space.pythons(pythonsLetThrough(parseSpecifiers(python), 'open'))
      const fits = only === undefined ? pythons : space.both(pythons, of(only))
      return { ...candidateOf(release, given), allowed: pythons, fits }
    })
    .filter(({ fits }) => !space.areDisjoint(scope, fits))
    .sort(oldestFirst)
  const rootsOf = (lines: readonly string[], when: Condition): readonly PythonWish[] =>
    lines.flatMap((line) => {
      const requirement = parseRequirement(line)
      const { marker } = requirement
      const where = space.both(marker === undefined ? scope : space.both(scope, space.of(marker)), when)
      if (where === space.never) return []
      return reader
        .wishesOfAll([requirement])
        .map((wish) => withWhere(wish, where === scope ? undefined : where, space))
    })
  const limits = new Map<string, readonly Limit<PythonSpec>[]>(
    [...named(given.constraints)].map(([name, list]) => [
      name,
      list.map((one): Limit<PythonSpec> => {
        const { spec } = reader.wishOf(one)
        return one.marker === undefined ? { spec } : { spec, when: space.both(scope, space.of(one.marker)) }
      }),
    ]),
  )
  const direct = new Set(given.wants.map((line) => parseRequirement(line).name as string))
  const search = solveUniversally<Somewhere, PythonSpec>({
    space,
    scope,
    wishes: [
      ...rootsOf(given.wants, space.always),
      ...universal.offers.flatMap(({ when, wants }) => rootsOf(wants, of(when))),
    ],
    limits,
    cut: cutVersions,
    opens: opensTier,
    isDirect: isDirectSpec,
    lowest: (project) =>
      isOne(given.lowest, project) || (given.lowest?.includes('direct') === true && direct.has(project)),
    required: universal.required.map((marker) => space.both(scope, of(marker))),
    apart: universal.apart.map(of),
    prefer: (project) =>
      universal.chosen
        .filter((one) => one.project === project)
        .map(({ version, marker }) => ({
          is: ({ label }) => label === version,
          ...(marker === undefined ? {} : { where: of(marker) }),
        })),
    fewest: universal.fewest,
    ...(given.clashThreshold === undefined ? {} : { clashThreshold: given.clashThreshold }),
  })
  const answer = (need: Question): Told => {
    if (need.kind === 'candidates') {
      const { project } = need
      const candidates = all.filter(
        ({ release, url }) =>
          release.project === project && (url === undefined || need.direct.some((spec) => spec.url === url)),
      )
      return { kind: 'candidates', project, candidates: candidates.length === 0 ? undefined : candidates }
    }
    const { candidate } = need
    const { unavailable, requires, extras } = candidate.release
    const wishes =
      unavailable === undefined ? reader.wishesOf({ requiresDist: requires, providesExtra: extras }) : { unavailable }
    return { kind: 'wishes', candidate, wishes }
  }
  let step = search.next()
  while (step.done !== true) step = search.next(delivery(step.value, answer))
  return { space, scope, resolution: step.value }
}

function scopeOf(
  space: MarkerSpace,
  { requiresPython, environments, conflicts }: Pick<Universal, 'requiresPython' | 'environments' | 'conflicts'>,
): Condition {
  const of = (marker: string): Condition => space.of(parseMarker(marker))
  let scope =
    requiresPython === undefined
      ? space.always
      : space.pythons(pythonsLetThrough(parseSpecifiers(requiresPython), 'closed'))
  if (environments.length > 0) scope = space.both(scope, environments.map(of).reduce(space.either))
  for (const list of conflicts)
    for (const [at, one] of list.entries())
      for (const other of list.slice(at + 1)) scope = space.both(scope, space.not(space.both(of(one), of(other))))
  return scope
}

function withWhere(wish: Wish<PythonSpec>, where: Condition | undefined, space: MarkerSpace): Wish<PythonSpec> {
  if (where === undefined) return wish
  return { ...wish, when: wish.when === undefined ? where : space.both(where, wish.when as Condition) }
}

/** One release of the answer, and where it is needed. */
export interface Placed {
  readonly project: string
  readonly candidate: Somewhere
  readonly where: Condition
  readonly extras: ReadonlyMap<string, Condition>
}

export function placedIn({ resolution, space }: UniversalAnswer): readonly Placed[] {
  if (resolution.kind === 'failed') return []
  const all = new Map<Somewhere, Placed & { where: Condition; readonly extras: Map<string, Condition> }>()
  for (const { chosen, reach } of resolution.forks) {
    for (const [project, { where, extras }] of reach) {
      const { candidate } = chosen.get(project)!
      const one = all.get(candidate) ?? { project, candidate, where: space.never, extras: new Map() }
      all.set(candidate, one)
      one.where = space.either(one.where, where)
      for (const [extra, part] of extras)
        one.extras.set(extra, space.either(one.extras.get(extra) ?? space.never, part))
    }
  }
  return [...all.values()]
}

/** "lib[x] 1.0; python_version < '3.10'", sorted. */
export function placedLines(answer: UniversalAnswer): readonly string[] {
  const { space, scope } = answer
  return placedIn(answer)
    .map(({ project, candidate, where, extras }) => {
      const named = extras.size === 0 ? project : `${project}[${[...extras.keys()].sort().join(',')}]`
      const marker = space.words(where, scope)
      const from = candidate.url === undefined ? '' : ` @ ${candidate.url}`
      return `${named} ${candidate.label}${from}${marker === undefined ? '' : `; ${marker.text}`}`
    })
    .sort()
}

/** The same lines with their markers in den's words. */
export function sameWords(lines: readonly string[], { space, scope }: UniversalAnswer): readonly string[] {
  return lines
    .map((line) => {
      const [release = '', text] = line.split(/\s*;\s*/)
      if (text === undefined) return release
      const marker = space.words(space.both(scope, space.of(parseMarker(text))), scope)
      return marker === undefined ? release : `${release}; ${marker.text}`
    })
    .sort()
}

/** How many parts of the scope have an answer of their own. */
export function countForks({ resolution }: UniversalAnswer): number {
  if (resolution.kind === 'failed') return 0
  const answers = resolution.forks.map(
    ({ chosen, reach }) => new Map([...reach.keys()].map((project) => [project, chosen.get(project)!.candidate])),
  )
  const agree = (a: ReadonlyMap<string, Somewhere>, b: ReadonlyMap<string, Somewhere>): boolean =>
    [...a].every(([project, candidate]) => (b.get(project) ?? candidate) === candidate)
  return answers.every((one, at) => answers.slice(at + 1).every((other) => agree(one, other))) ? 1 : answers.length
}

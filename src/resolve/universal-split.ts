// Whether an answer holds for the whole fork, and by what the fork is split where it doesn't (universal.ts has the reasons).

import { type Condition, firstPython } from '../spec/marker-space.ts'
import { highestKey, lowestKey } from '../spec/range.ts'
import { hasPlace } from './index-set.ts'
import type { Chosen, Wishes } from './problem.ts'
import type { Demands } from './universal-demands.ts'
import { fitThatCounts } from './universal-fork.ts'
import type { Limit, UniversalCandidate, UniversalProblem } from './universal-problem.ts'

interface View<C extends UniversalCandidate, Spec> {
  readonly problem: UniversalProblem<C, Spec>
  readonly where: Condition
  readonly chosen: ReadonlyMap<string, Chosen<C>>
  readonly demands: Demands<Spec>
  readonly candidatesOf: (project: string) => readonly C[]
  readonly wishesOf: (candidate: C) => Wishes<Spec>
}

/** The parts to solve instead; undefined where the answer holds for the whole fork. */
export function partsToSolve<C extends UniversalCandidate, Spec>(
  view: View<C, Spec>,
  mayRefine: boolean,
): readonly Condition[] | undefined {
  const { problem, where } = view
  const { space } = problem
  const bounds = new Set(boundsNeeded(view))
  if (problem.fewest !== true && mayRefine) for (const bound of boundsForNewer(view, bounds)) bounds.add(bound)
  if (bounds.size > 0) {
    const lows = ['', ...[...bounds].sort()]
    return lows.map((low, at) => {
      const range = [{ low: low === '' ? lowestKey : low, high: lows[at + 1] ?? highestKey }]
      return space.both(where, space.pythons(range))
    })
  }
  const apart = (mayRefine ? preferredPart(view) : undefined) ?? requiredPart(view) ?? tierPart(view)
  return apart === undefined ? undefined : [space.both(where, space.not(apart)), space.both(where, apart)]
}

/** Where the Pythons begin that a chosen candidate is for, if it is needed for earlier ones too. */
function* boundsNeeded<C extends UniversalCandidate, Spec>({
  problem: { space, closer = (candidate) => candidate },
  chosen,
  demands,
}: View<C, Spec>): Generator<string> {
  for (const [project, { where }] of demands.reach) {
    const { allowed } = closer(chosen.get(project)!.candidate)
    if (space.implies(where, allowed)) continue
    for (const { low } of space.pythonsOf(allowed)) if (low !== lowestKey) yield low
  }
}

/**
 * Where the Pythons begin for which something more is wished, or for which somebody wishes for another version of the same, if a project
 * could be newer for them. (Only there: a single wish that ends with a Python leaves the others with what all can have.)
 */
function* boundsForNewer<C extends UniversalCandidate, Spec>(
  { problem, where, chosen, demands, candidatesOf }: View<C, Spec>,
  known: ReadonlySet<string>,
): Generator<string> {
  const { space, cut, lowest, prefer, limits } = problem
  const counts = fitThatCounts(problem, where)
  const first = firstPython(space, where) || lowestKey
  const lows = new Set<string>(known)
  for (const all of demands.on.values()) {
    for (const { from, where: part } of all) {
      const pythons = space.pythonsOf(part)
      const low = pythons[0]?.low ?? first
      if (low > first) lows.add(low)
      if (pythons.every(({ high }) => high === highestKey) || all.filter((one) => one.from === from).length < 2)
        continue
      for (const { high } of pythons) if (high !== highestKey) lows.add(high)
    }
  }
  if (lows.size === 0) return
  const sorted = [...lows].sort()
  const slices = sorted
    .map((low, index) => ({ low, slice: space.pythons([{ low, high: sorted[index + 1] ?? highestKey }]) }))
    .filter(({ slice }) => !space.areDisjoint(where, slice))
  const needed = new Set<string>()
  for (const [project, { candidate }] of chosen) {
    const all = demands.on.get(project)
    if (all === undefined || all.length < 2 || lowest?.(project) === true) continue
    if (prefer?.(project).some(({ is }) => is(candidate)) === true) continue
    const list = candidatesOf(project)
    const at = list.indexOf(candidate)
    const newer = list.findLastIndex((one) => one.tier === 0 && !space.areDisjoint(where, one[counts]))
    if (newer <= at) continue
    let held = space.never
    for (const { spec, where: part } of all)
      if (!hasPlace(cut(spec, list, project), newer + 1)) held = space.either(held, part)
    for (const { spec, when } of limits?.get(project) ?? [])
      if (!hasPlace(cut(spec, list, project), newer + 1)) held = space.either(held, when ?? space.always)
    if (held === space.never) continue
    for (const { low, slice } of slices) if (space.areDisjoint(held, slice)) needed.add(low)
  }
  yield* needed
}

/**
 * Where an earlier answer had something else that is still let through there: it was told apart then for a reason that need not be seen now.
 */
function preferredPart<C extends UniversalCandidate, Spec>({
  problem: { space, prefer, cut, limits },
  where,
  chosen,
  demands,
  candidatesOf,
}: View<C, Spec>): Condition | undefined {
  if (prefer === undefined) return undefined
  for (const [project, reach] of demands.reach) {
    const { candidate } = chosen.get(project)!
    const list = candidatesOf(project)
    for (const { is, where: then } of prefer(project)) {
      if (then === undefined || is(candidate) || space.implies(where, then)) continue
      const there = space.both(reach.where, then)
      const place = list.findIndex(is) + 1
      if (there === space.never || place === 0) continue
      // What candidates ask is no reason against it: there may be others of them there.
      const ours = (demands.on.get(project) ?? []).filter(({ from }) => from === '')
      const asked: readonly Limit<Spec>[] = [
        ...ours.map(({ spec, where: when }) => ({ spec, when })),
        ...(limits?.get(project) ?? []),
      ]
      const holds = ({ when = space.always }: Limit<Spec>): boolean => !space.areDisjoint(when, there)
      if (asked.every((one) => !holds(one) || hasPlace(cut(one.spec, list, project), place))) return then
    }
  }
  return undefined
}

/**
 * An environment that was named as required, for which a candidate has no file, and lies in a part of the fork; or where the candidate
 * has files, if the whole fork is required: elsewhere there is another one, or none.
 */
function requiredPart<C extends UniversalCandidate, Spec>({
  problem: { space, required = [], closer = (candidate) => candidate },
  where,
  chosen,
  demands,
}: View<C, Spec>): Condition | undefined {
  for (const one of required) {
    if (space.areDisjoint(where, one)) continue
    for (const [project, reach] of demands.reach) {
      const { fits, allowed } = closer(chosen.get(project)!.candidate)
      if (space.implies(space.both(space.both(reach.where, one), allowed), fits)) continue
      return space.implies(where, one) ? fits : one
    }
  }
  return undefined
}

/**
 * Where an address is asked for, a yanked version is pinned or a pre-release is let in, if the project is needed elsewhere too: what
 * lets a candidate through in one environment says nothing of the others. What an earlier lock has stays.
 */
function tierPart<C extends UniversalCandidate, Spec>(view: View<C, Spec>): Condition | undefined {
  const { problem, chosen, demands } = view
  const { space, isDirect = () => false, opens, limits, prefer } = problem
  for (const [project, { where }] of demands.reach) {
    const { candidate } = chosen.get(project)!
    const { tier } = candidate
    if (tier === 0) continue
    if (tier !== 3 && prefer?.(project).some(({ is }) => is(candidate)) === true) continue
    const all: readonly Limit<Spec>[] = [
      ...(demands.on.get(project) ?? []).map(({ spec, where: when }) => ({ spec, when })),
      ...(limits?.get(project) ?? []),
    ]
    const whereAny = (is: (spec: Spec) => boolean): Condition =>
      all.reduce((part, { spec, when = where }) => (is(spec) ? space.either(part, when) : part), space.never)
    const open = whereAny((spec) => (tier === 3 ? isDirect(spec) : opens(spec, tier)))
    if (space.implies(where, open)) continue
    if (!space.areDisjoint(where, open)) return open
    // Nothing lets it in by name: a pre-release was taken because nothing else would do, which may be so in a part only.
    const free = tier === 1 ? whereOthersDo(view, project, whereAny) : where
    if (free === space.never) continue
    return space.implies(view.where, free) ? unreached(view) : free
  }
  return undefined
}

/** Where a candidate that anybody may take would do, by all that is asked of its project there. */
function whereOthersDo<C extends UniversalCandidate, Spec>(
  { problem, where: forkWhere, demands, candidatesOf }: View<C, Spec>,
  project: string,
  whereAny: (is: (spec: Spec) => boolean) => Condition,
): Condition {
  const { space, cut } = problem
  const list = candidatesOf(project)
  const { where } = demands.reach.get(project)!
  const counts = fitThatCounts(problem, forkWhere)
  for (const [at, candidate] of list.entries()) {
    if (candidate.tier !== 0) continue
    const held = whereAny((spec) => !hasPlace(cut(spec, list, project), at + 1))
    const free = space.both(space.both(where, candidate[counts]), space.not(held))
    if (free !== space.never) return free
  }
  return space.never
}

/**
 * Where a wish holds that comes to nothing in the fork, since whoever wishes it is needed elsewhere in it. The solver heeded it: it knows
 * of no paths.
 */
function unreached<C extends UniversalCandidate, Spec>({
  problem: { space },
  where,
  chosen,
  demands,
  wishesOf,
}: View<C, Spec>): Condition | undefined {
  for (const [project, { candidate, extras }] of chosen) {
    const told = wishesOf(candidate)
    const reach = demands.reach.get(project)
    const lists = [
      { list: told.always, part: reach?.where },
      ...extras.map((extra) => ({ list: told.extras.get(extra) ?? [], part: reach?.extras.get(extra) })),
    ]
    for (const { list, part = space.never } of lists) {
      for (const wish of list) {
        if (wish.when === undefined) continue
        const when = wish.when as Condition
        const isPartly = !space.areDisjoint(where, when) && !space.implies(where, when)
        if (isPartly && space.areDisjoint(part, when)) return when
      }
    }
  }
  return undefined
}

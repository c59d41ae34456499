// Solving for many environments at once. The solver itself knows only one; so it is asked about a *fork*, a set of environments, as if
// everything wished in some of them were wished in all. What it then answers holds for the whole fork, unless
//
//   - it fails, and a wish that is part of the reason is wished in some of the fork's environments only;
//   - a candidate that it took is not for all Pythons where it is needed, or has no file for an environment that was named as required;
//   - a candidate is one that an address brings, which only some of the environments ask for;
//   - a newer candidate is kept away by a wish that only other Pythons have (the newest for each Python is what was asked for).
//
// Then the fork is split in two or more by what makes the difference, and each part is solved by itself. In the end every environment in
// scope is in exactly one fork, and candidates that several forks share become one entry again, with the forks it is in joined.

import type { Condition, MarkerSpace } from '../spec/marker-space.ts'
import { highestKey, lowestKey } from '../spec/range.ts'
import { hasPlace, type IndexSet, placesUp } from './index-set.ts'
import type {
  Candidate,
  Chosen,
  Fact,
  Failure,
  Need,
  Problem,
  Statistics,
  Unavailable,
  Wish,
  Wishes,
} from './problem.ts'
import { solve } from './solver.ts'

/** Where a candidate can be installed. */
export interface Fit {
  /** The Pythons it is for. */
  readonly pythons: Condition
  /** Where one of its files fits, among those Pythons. */
  readonly fits: Condition
}

/** What can be told of it without looking closer: it fits nowhere else. */
export interface UniversalCandidate extends Candidate, Fit {}

export interface Limit<Spec> {
  readonly spec: Spec
  /** Where it holds; everywhere unless said. */
  readonly when?: Condition
}

export interface Preference<C> {
  readonly is: (candidate: C) => boolean
  /** Where it was chosen before; everywhere unless said. */
  readonly where?: Condition
}

/** As the solver's problem; a wish's `when` is a condition of the space. */
export interface UniversalProblem<C extends UniversalCandidate, Spec>
  extends Pick<
    Problem<C, Spec>,
    'wishes' | 'cut' | 'opens' | 'isDirect' | 'lowest' | 'someAreLesser' | 'clashThreshold'
  > {
  readonly space: MarkerSpace
  /** All environments that the answer is to be right for. */
  readonly scope: Condition
  /** Parts of the scope that an earlier answer told apart: solved apart from the start, so that little changes. */
  readonly apart?: readonly Condition[]
  readonly limits?: ReadonlyMap<string, readonly Limit<Spec>[]>
  /** Environments for which every candidate needs a file. */
  readonly required?: readonly Condition[]
  /** The same by all that can be known of a candidate by now: by its files, and by metadata that says more than its page. */
  readonly closer?: (candidate: C) => Fit
  /** Best first. */
  readonly prefer?: (project: string) => readonly Preference<C>[]
  /** Rather an older candidate for all Pythons than several. */
  readonly fewest?: boolean
}

/** One part of the scope, and what was chosen for it. */
export interface SolvedFork<C extends Candidate> {
  readonly where: Condition
  readonly chosen: ReadonlyMap<string, Chosen<C>>
  readonly reach: ReadonlyMap<string, Reach>
}

/** Where a project is needed, and with which of its extras where. */
export interface Reach {
  readonly where: Condition
  readonly extras: ReadonlyMap<string, Condition>
}

export interface UniversalStatistics extends Statistics {
  /** How many times a part of the scope was solved. */
  readonly forksTried: number
}

export type UniversalResolution<C extends Candidate, Spec> =
  | {
      readonly kind: 'solved'
      readonly forks: readonly SolvedFork<C>[]
      readonly wishesOf: (candidate: C) => Wishes<Spec>
      readonly statistics: UniversalStatistics
    }
  | {
      readonly kind: 'failed'
      readonly failure: Failure<Spec>
      /** The environments for which there is no answer. */
      readonly where: Condition
      readonly statistics: UniversalStatistics
    }

type Asking<C extends Candidate, Spec, Result> = Generator<readonly Need<C, Spec>[], Result, readonly Fact<C, Spec>[]>

/** More parts than any real project comes to: beyond them only what must be told apart is. */
const mostForks = 200

/** Finds candidates for every environment in scope, or one part of it for which there are none. */
export function* solveUniversally<C extends UniversalCandidate, Spec>(
  problem: UniversalProblem<C, Spec>,
): Asking<C, Spec, UniversalResolution<C, Spec>> {
  const { space } = problem
  const whole = { ...problem, cut: rememberCuts(problem.cut), fitting: openFitting<C>() }
  const known = openKnowledge<C, Spec>()
  const counts = { decisions: 0, conflicts: 0, clauses: 0, restarts: 0, forksTried: 0 }
  const solved: SolvedFork<C>[] = []
  const open: Condition[] = [...inOrder(space, [...firstForks(problem)])]
  for (let where = open.pop(); where !== undefined; where = open.pop()) {
    const fork = openFork(whole, where, solved)
    const answer = yield* known.answering(solve(fork.problem), fork)
    counts.forksTried++
    for (const key of ['decisions', 'conflicts', 'clauses', 'restarts'] as const) counts[key] += answer.statistics[key]
    if (answer.kind === 'failed') {
      const reason = conditionIn(answer.failure, fork)
      if (reason === undefined) {
        const everywhere = failedWhere(problem, answer.failure, known, fork.usable) ?? where
        return { kind: 'failed', failure: answer.failure, where: everywhere, statistics: counts }
      }
      open.push(...inOrder(space, [space.both(where, space.not(reason)), space.both(where, reason)]))
      continue
    }
    const demands = demandsOf(problem, where, answer.chosen, known.wishesOf)
    const { candidatesOf, wishesOf } = known
    const view = { problem: whole, where, chosen: answer.chosen, demands, candidatesOf, wishesOf }
    const parts = partsToSolve(view, solved.length + open.length < mostForks)
    if (parts !== undefined) open.push(...inOrder(space, parts))
    else solved.push({ where, chosen: answer.chosen, reach: demands.reach })
  }
  solved.sort((a, b) => compareConditions(space, a.where, b.where))
  return { kind: 'solved', forks: solved, wishesOf: known.wishesOf, statistics: counts }
}

function* firstForks({
  space,
  scope,
  apart = [],
}: Pick<UniversalProblem<UniversalCandidate, unknown>, 'space' | 'scope' | 'apart'>): Generator<Condition> {
  let rest = scope
  for (const part of apart) {
    const own = space.both(rest, part)
    if (own === space.never) continue
    yield own
    rest = space.both(rest, space.not(part))
  }
  if (rest !== space.never) yield rest
}

/** The newest Pythons last, so that they are taken first: what they have the others take over where they can. */
function inOrder(space: MarkerSpace, parts: readonly Condition[]): readonly Condition[] {
  return parts
    .filter((part) => part !== space.never)
    .map((part, index) => ({ part, index, low: space.pythonsOf(part)[0]?.low ?? '' }))
    .sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : b.index - a.index))
    .map(({ part }) => part)
}

function compareConditions(space: MarkerSpace, a: Condition, b: Condition): number {
  const [x, y] = [space.pythonsOf(a)[0]?.low ?? '', space.pythonsOf(b)[0]?.low ?? '']
  return x < y ? -1 : x > y ? 1 : 0
}

// What is known, whatever the fork

interface Knowledge<C extends Candidate, Spec> {
  readonly wishesOf: (candidate: C) => Wishes<Spec>
  readonly candidatesOf: (project: string) => readonly C[]
  /** Runs a search over one fork: what was learned for another is told again, in this one's terms. */
  answering<Result>(search: Asking<C, Spec, Result>, fork: Fork<C, Spec>): Asking<C, Spec, Result>
}

function openKnowledge<C extends UniversalCandidate, Spec>(): Knowledge<C, Spec> {
  const candidates = new Map<string, readonly C[] | undefined>()
  /** The addresses that a project's candidates were last asked with. */
  const direct = new Map<string, readonly Spec[]>()
  const wishes = new Map<C, Wishes<Spec> | Unavailable>()
  const recall = (need: Need<C, Spec>, fork: Fork<C, Spec>): Fact<C, Spec> | undefined => {
    if (need.kind === 'wishes') {
      const told = wishes.get(need.candidate)
      return told && { kind: 'wishes', candidate: need.candidate, wishes: fork.wishes(told, need.candidate) }
    }
    const { project } = need
    const asked = direct.get(project) ?? []
    if (!candidates.has(project) || need.direct.some((spec) => !asked.includes(spec))) return undefined
    const list = candidates.get(project)
    return { kind: 'candidates', project, candidates: list && fork.usable(list) }
  }
  return {
    wishesOf: (candidate) => wishes.get(candidate) as Wishes<Spec>,
    candidatesOf: (project) => candidates.get(project) ?? [],
    *answering(search, fork) {
      let step = search.next()
      while (step.done !== true) {
        const facts: Fact<C, Spec>[] = []
        const asked: Need<C, Spec>[] = []
        for (const need of step.value) {
          const fact = recall(need, fork)
          if (fact !== undefined) facts.push(fact)
          else if (need.kind === 'wishes') asked.push(need)
          else {
            // An address that another fork asked for is asked for again, so that what is known only grows.
            const all = [...new Set([...(direct.get(need.project) ?? []), ...need.direct])]
            direct.set(need.project, all)
            candidates.delete(need.project)
            asked.push({ ...need, direct: all })
          }
        }
        if (asked.length > 0) {
          for (const fact of yield asked) {
            if (fact.kind === 'wishes') wishes.set(fact.candidate, fact.wishes)
            else candidates.set(fact.project, fact.candidates)
          }
          for (const need of asked) {
            const fact = recall(need, fork)
            if (fact !== undefined) facts.push(fact)
          }
        }
        step = search.next(facts)
      }
      return step.value
    },
  }
}

/** What of a project's candidates a spec lets through is the same in every fork that has them all. */
function rememberCuts<C extends Candidate, Spec>(cut: Problem<C, Spec>['cut']): Problem<C, Spec>['cut'] {
  const byList = new Map<readonly C[], Map<Spec, IndexSet>>()
  return (spec, candidates, project) => {
    let bySpec = byList.get(candidates)
    if (bySpec === undefined) {
      bySpec = new Map()
      byList.set(candidates, bySpec)
    }
    let set = bySpec.get(spec)
    if (set === undefined) {
      set = cut(spec, candidates, project)
      bySpec.set(spec, set)
    }
    return set
  }
}

/** Lists of candidates taken apart where one fits elsewhere than the one before it, and the parts of them that were asked for before. */
function openFitting<C extends UniversalCandidate>(): (
  candidates: readonly C[],
  isUsable: (fits: Condition) => boolean,
) => readonly C[] {
  interface Runs {
    /** Where each run begins, and what its candidates fit. */
    readonly runs: readonly { readonly start: number; readonly fits: Condition }[]
    /** By the runs that were let through. */
    readonly known: Map<string, readonly C[]>
  }
  const byList = new Map<readonly C[], Runs>()
  const runsOf = (candidates: readonly C[]): Runs => {
    const runs: { readonly start: number; readonly fits: Condition }[] = []
    let last: Condition | undefined
    for (let start = 0; start < candidates.length; start++) {
      const { fits } = candidates[start]!
      if (fits !== last) runs.push({ start, fits })
      last = fits
    }
    return { runs, known: new Map() }
  }
  return (candidates, isUsable) => {
    let own = byList.get(candidates)
    if (own === undefined) {
      own = runsOf(candidates)
      byList.set(candidates, own)
    }
    const { runs, known } = own
    let pattern = ''
    for (const { fits } of runs) pattern += isUsable(fits) ? '1' : '0'
    if (!pattern.includes('0')) return candidates
    let list = known.get(pattern)
    if (list === undefined) {
      list = runs.flatMap(({ start }, at) =>
        pattern[at] === '1' ? candidates.slice(start, runs[at + 1]?.start ?? candidates.length) : [],
      )
      known.set(pattern, list)
    }
    return list
  }
}

// A fork, as the solver sees it

interface Fork<C extends Candidate, Spec> {
  readonly problem: Problem<C, Spec>
  /** Of a project's candidates those that can be installed somewhere in the fork. */
  usable(candidates: readonly C[]): readonly C[]
  /** What a candidate wishes somewhere in the fork; `when` is left where that is not everywhere in it. */
  wishes(told: Wishes<Spec> | Unavailable, candidate: C): Wishes<Spec> | Unavailable
  /** Limits that hold in a part of the fork. */
  readonly partly: ReadonlyMap<string, readonly Limit<Spec>[]>
}

function openFork<C extends UniversalCandidate, Spec>(
  whole: UniversalProblem<C, Spec> & { readonly fitting: ReturnType<typeof openFitting<C>> },
  where: Condition,
  solved: readonly SolvedFork<C>[],
): Fork<C, Spec> {
  const { space, limits = new Map<string, readonly Limit<Spec>[]>(), required = [] } = whole
  const closer = whole.closer ?? ((candidate: C): Fit => candidate)
  const usable = new Map<Condition, boolean>()
  const isUsable = (fits: Condition): boolean => {
    let is = usable.get(fits)
    if (is === undefined) {
      is = !space.areDisjoint(where, fits)
      usable.set(fits, is)
    }
    return is
  }
  const wishes = new Map<Wish<Spec>, Wish<Spec> | undefined>()
  const inFork = (wish: Wish<Spec>): Wish<Spec> | undefined => {
    if (wish.when === undefined) return wish
    if (wishes.has(wish)) return wishes.get(wish)
    const part = space.both(where, wish.when as Condition)
    const { when: _, ...always } = wish
    const own = part === space.never ? undefined : part === where ? always : { ...wish, when: part }
    wishes.set(wish, own)
    return own
  }
  const listIn = (list: readonly Wish<Spec>[]): readonly Wish<Spec>[] =>
    list.every(({ when }) => when === undefined) ? list : list.flatMap((wish) => inFork(wish) ?? [])
  const own = new Map<string, readonly Spec[]>()
  const partly = new Map<string, readonly Limit<Spec>[]>()
  for (const [project, all] of limits) {
    const holding = all.filter(({ when }) => when === undefined || !space.areDisjoint(where, when))
    if (holding.length > 0) own.set(project, [...new Set(holding.map(({ spec }) => spec))])
    const partial = holding.filter(({ when }) => when !== undefined && !space.implies(where, when))
    if (partial.length > 0) partly.set(project, partial)
  }
  const demanded = required.filter((one) => space.implies(where, one))
  const covers = (candidate: C): boolean =>
    (whole.fewest !== true || space.implies(where, candidate.pythons)) &&
    (demanded.length === 0 || space.implies(space.both(where, candidate.pythons), closer(candidate).fits))
  const lesser = new Map<C, boolean>()
  const isLesser = (candidate: C): boolean => {
    if (candidate.lesser === true) return true
    let is = lesser.get(candidate)
    if (is === undefined) {
      is = !covers(candidate)
      lesser.set(candidate, is)
    }
    return is
  }
  const prefer = (project: string, candidates: readonly C[], isPossible: (candidate: C) => boolean): C | undefined => {
    const before = whole.prefer?.(project) ?? []
    const near = before.filter(({ where: then }) => then === undefined || !space.areDisjoint(where, then))
    for (const { is } of new Set([...near, ...before])) {
      const found = candidates.find(is)
      if (found !== undefined && isPossible(found)) return found
    }
    for (let at = solved.length - 1; at >= 0; at--) {
      const found = solved[at]!.chosen.get(project)?.candidate
      // What another part let in by name or for want of others is for this one to let in.
      if (found === undefined || found.tier !== 0) continue
      if (candidates.includes(found) && isPossible(found) && !isLesser(found)) return found
    }
    return undefined
  }
  const retold = new Map<C, Wishes<Spec> | Unavailable>()
  const retell = (told: Wishes<Spec>, candidate: C): Wishes<Spec> | Unavailable => {
    if (!isUsable(closer(candidate).fits))
      return { unavailable: 'it is for other Pythons, or none of its files fits here' }
    const { extras } = told
    return {
      always: listIn(told.always),
      extras: {
        has: (extra) => extras.has(extra),
        keys: () => extras.keys(),
        get: (extra) => {
          const list = extras.get(extra)
          return list && listIn(list)
        },
      },
    }
  }
  const tell = (told: Wishes<Spec> | Unavailable, candidate: C): Wishes<Spec> | Unavailable => {
    if ('unavailable' in told) return told
    let own = retold.get(candidate)
    if (own === undefined) {
      own = retell(told, candidate)
      retold.set(candidate, own)
    }
    return own
  }
  return {
    partly,
    usable: (candidates) => whole.fitting(candidates, isUsable),
    wishes: tell,
    problem: {
      wishes: listIn(whole.wishes),
      limits: own,
      cut: whole.cut,
      opens: whole.opens,
      prefer,
      ...(whole.isDirect === undefined ? {} : { isDirect: whole.isDirect }),
      ...(whole.lowest === undefined ? {} : { lowest: whole.lowest }),
      ...(whole.fewest === true || demanded.length > 0
        ? { isLesser }
        : whole.someAreLesser === undefined
          ? {}
          : { someAreLesser: whole.someAreLesser }),
      ...(whole.clashThreshold === undefined ? {} : { clashThreshold: whole.clashThreshold }),
    },
  }
}

/** The first of the reasons for a failure that is one in a part of the fork only. */
function conditionIn<C extends Candidate, Spec>(
  { core }: Failure<Spec>,
  { partly }: Fork<C, Spec>,
): Condition | undefined {
  for (const ground of core) {
    if (ground.kind === 'wish' || ground.kind === 'extra') {
      const part = ground.parts.find(({ wish }) => wish.when !== undefined)
      if (part !== undefined) return part.wish.when as Condition
    }
    if (ground.kind === 'limit') {
      const limit = partly.get(ground.project)?.find(({ spec }) => spec === ground.spec)
      if (limit !== undefined) return limit.when
    }
  }
  return undefined
}

/**
 * Where all holds that a failure stands on, which may be more than the fork that it was met in; undefined where that can't be told,
 * because the fork has not all candidates.
 */
function failedWhere<C extends UniversalCandidate, Spec>(
  { space, scope, wishes, limits }: UniversalProblem<C, Spec>,
  { core }: Failure<Spec>,
  { candidatesOf, wishesOf }: Pick<Knowledge<C, Spec>, 'candidatesOf' | 'wishesOf'>,
  usable: (candidates: readonly C[]) => readonly C[],
): Condition | undefined {
  const isWhole = (project: string): boolean => {
    const all = candidatesOf(project)
    return usable(all) === all
  }
  const whenAny = (all: readonly { readonly when?: object }[]): Condition =>
    all.reduce<Condition>((part, { when }) => space.either(part, (when as Condition | undefined) ?? scope), space.never)
  let where = scope
  for (const ground of core) {
    if (ground.kind === 'unavailable' || ground.kind === 'withheld' || !isWhole(ground.project)) return undefined
    if (ground.kind === 'limit') {
      const same = limits?.get(ground.project)?.filter(({ spec }) => spec === ground.spec)
      where = space.both(where, whenAny(same ?? []))
      continue
    }
    const { from, parts } = ground
    if (from !== undefined && !isWhole(from.project)) return undefined
    for (const { wish, places } of parts) {
      const isSame = (one: Wish<Spec>): boolean =>
        one.project === wish.project && one.spec === wish.spec && one.extras.join() === wish.extras.join()
      if (from === undefined) {
        where = space.both(where, whenAny(wishes.filter(isSame)))
        continue
      }
      for (const place of placesUp(places)) {
        const told = wishesOf(candidatesOf(from.project)[place - 1]!)
        const list = from.extra === undefined ? told.always : (told.extras.get(from.extra) ?? [])
        where = space.both(where, whenAny(list.filter(isSame)))
      }
    }
  }
  return where
}

// Where what was chosen is needed

interface Demand<Spec> {
  /** The project that wishes, with the extra it wishes for. */
  readonly from: string
  readonly spec: Spec
  /** Where the one who wishes is needed and wishes it. */
  readonly where: Condition
}

interface Demands<Spec> {
  readonly reach: ReadonlyMap<string, Reach>
  readonly on: ReadonlyMap<string, readonly Demand<Spec>[]>
}

/** From the roots along the wishes, until nothing is added: who depends on whom may go round in circles. */
function demandsOf<C extends UniversalCandidate, Spec>(
  { space, wishes }: Pick<UniversalProblem<C, Spec>, 'space' | 'wishes'>,
  where: Condition,
  chosen: ReadonlyMap<string, Chosen<C>>,
  wishesOf: (candidate: C) => Wishes<Spec>,
): Demands<Spec> {
  const reach = new Map<string, { where: Condition; readonly extras: Map<string, Condition> }>()
  const waiting = new Set<string>()
  const partOf = (wish: Wish<Spec>, of: Condition): Condition =>
    wish.when === undefined ? of : space.both(of, wish.when as Condition)
  const demand = (list: readonly Wish<Spec>[], of: Condition): void => {
    for (const wish of list) {
      const part = partOf(wish, of)
      if (part === space.never || !chosen.has(wish.project)) continue
      let known = reach.get(wish.project)
      if (known === undefined) {
        known = { where: space.never, extras: new Map() }
        reach.set(wish.project, known)
      }
      const joined = space.either(known.where, part)
      if (joined !== known.where) {
        known.where = joined
        waiting.add(wish.project)
      }
      for (const extra of wish.extras) {
        const before = known.extras.get(extra) ?? space.never
        const after = space.either(before, part)
        if (after === before) continue
        known.extras.set(extra, after)
        waiting.add(wish.project)
      }
    }
  }
  demand(wishes, where)
  for (const project of waiting) {
    waiting.delete(project)
    const told = wishesOf(chosen.get(project)!.candidate)
    const known = reach.get(project)!
    demand(told.always, known.where)
    for (const [extra, part] of [...known.extras]) demand(told.extras.get(extra) ?? [], part)
  }
  const on = new Map<string, Demand<Spec>[]>()
  const note = (from: string, list: readonly Wish<Spec>[], of: Condition): void => {
    for (const wish of list) {
      const part = partOf(wish, of)
      if (part === space.never) continue
      const own = on.get(wish.project)
      if (own === undefined) on.set(wish.project, [{ from, spec: wish.spec, where: part }])
      else own.push({ from, spec: wish.spec, where: part })
    }
  }
  note('', wishes, where)
  for (const [project, { where: part, extras }] of reach) {
    const told = wishesOf(chosen.get(project)!.candidate)
    note(project, told.always, part)
    for (const [extra, own] of extras) note(`${project}[${extra}]`, told.extras.get(extra) ?? [], own)
  }
  return { reach, on }
}

// Whether a fork has to be split

interface View<C extends UniversalCandidate, Spec> {
  readonly problem: UniversalProblem<C, Spec>
  readonly where: Condition
  readonly chosen: ReadonlyMap<string, Chosen<C>>
  readonly demands: Demands<Spec>
  readonly candidatesOf: (project: string) => readonly C[]
  readonly wishesOf: (candidate: C) => Wishes<Spec>
}

/** The parts to solve instead; undefined where the answer holds for the whole fork. */
function partsToSolve<C extends UniversalCandidate, Spec>(
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
  const apart = requiredPart(view) ?? tierPart(view)
  return apart === undefined ? undefined : [space.both(where, space.not(apart)), space.both(where, apart)]
}

/** Where the Pythons begin that a chosen candidate is for, if it is needed for earlier ones too. */
function* boundsNeeded<C extends UniversalCandidate, Spec>({
  problem: { space, closer = (candidate) => candidate },
  chosen,
  demands,
}: View<C, Spec>): Generator<string> {
  for (const [project, { where }] of demands.reach) {
    const { pythons } = closer(chosen.get(project)!.candidate)
    if (space.implies(where, pythons)) continue
    for (const { low } of space.pythonsOf(pythons)) if (low !== lowestKey) yield low
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
  const first = space.pythonsOf(where)[0]?.low ?? lowestKey
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
    const newer = list.findLastIndex((one) => one.tier === 0 && !space.areDisjoint(where, one.fits))
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
      const { fits, pythons } = closer(chosen.get(project)!.candidate)
      if (space.implies(space.both(space.both(reach.where, one), pythons), fits)) continue
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
  { problem: { space, cut }, demands, candidatesOf }: View<C, Spec>,
  project: string,
  whereAny: (is: (spec: Spec) => boolean) => Condition,
): Condition {
  const list = candidatesOf(project)
  const { where } = demands.reach.get(project)!
  for (const [at, { tier, fits }] of list.entries()) {
    if (tier !== 0) continue
    const held = whereAny((spec) => !hasPlace(cut(spec, list, project), at + 1))
    const free = space.both(space.both(where, fits), space.not(held))
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

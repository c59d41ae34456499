// A fork, a set of environments, as the solver sees it: as if it were one environment.

import type { Condition } from '../spec/marker-space.ts'
import type { Candidate, Problem, Unavailable, Wish, Wishes } from './problem.ts'
import type { openFitting } from './universal-knowledge.ts'
import type { Fit, Limit, SolvedFork, UniversalCandidate, UniversalProblem } from './universal-problem.ts'

/**
 * What of a candidate's fit decides whether it is one in a fork. Files count where the environments were named as required; elsewhere a
 * candidate of which there are files for one platform only is taken as if it had others, however the scope was split.
 */
export function fitThatCounts<C extends UniversalCandidate, Spec>(
  { space, required = [] }: Pick<UniversalProblem<C, Spec>, 'space' | 'required'>,
  where: Condition,
): keyof Fit {
  return required.some((one) => space.implies(where, one)) ? 'fits' : 'allowed'
}

export interface Fork<C extends Candidate, Spec> {
  readonly problem: Problem<C, Spec>
  /** Of a project's candidates those that can be installed somewhere in the fork. */
  usable(candidates: readonly C[]): readonly C[]
  /** What a candidate wishes somewhere in the fork; `when` is left where that is not everywhere in it. */
  wishes(told: Wishes<Spec> | Unavailable, candidate: C): Wishes<Spec> | Unavailable
  /** Limits that hold in a part of the fork. */
  readonly partly: ReadonlyMap<string, readonly Limit<Spec>[]>
}

export function openFork<C extends UniversalCandidate, Spec>(
  whole: UniversalProblem<C, Spec> & { readonly fitting: ReturnType<typeof openFitting<C>> },
  where: Condition,
  solved: readonly SolvedFork<C>[],
): Fork<C, Spec> {
  const { space, limits = new Map<string, readonly Limit<Spec>[]>(), required = [] } = whole
  const closer = whole.closer ?? ((candidate: C): Fit => candidate)
  const counts = fitThatCounts(whole, where)
  const usable = new Map<Condition, boolean>()
  const isUsable = (there: Condition): boolean => {
    let is = usable.get(there)
    if (is === undefined) {
      is = !space.areDisjoint(where, there)
      usable.set(there, is)
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
    (whole.fewest !== true || space.implies(where, candidate.allowed)) &&
    (demanded.length === 0 || space.implies(space.both(where, candidate.allowed), closer(candidate).fits))
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
    if (!isUsable(closer(candidate)[counts]))
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
    usable: (candidates) => whole.fitting(candidates, counts, isUsable),
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

// What is known of projects and candidates, whatever the fork: each thing is asked for once.

import type { Condition } from '../spec/marker-space.ts'
import type { IndexSet } from './index-set.ts'
import type { Candidate, Fact, Need, Problem, Unavailable, Wishes } from './problem.ts'
import type { Fork } from './universal-fork.ts'
import type { Asking, Fit, UniversalCandidate } from './universal-problem.ts'

export interface Knowledge<C extends Candidate, Spec> {
  readonly wishesOf: (candidate: C) => Wishes<Spec>
  readonly candidatesOf: (project: string) => readonly C[]
  /** Runs a search over one fork: what was learned for another is told again, in this one's terms. */
  answering<Result>(search: Asking<C, Spec, Result>, fork: Fork<C, Spec>): Asking<C, Spec, Result>
}

export function openKnowledge<C extends UniversalCandidate, Spec>(): Knowledge<C, Spec> {
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
        // Who asks for nothing lets others have their turn.
        if (asked.length > 0 || step.value.length === 0) {
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
export function rememberCuts<C extends Candidate, Spec>(cut: Problem<C, Spec>['cut']): Problem<C, Spec>['cut'] {
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

/** Lists of candidates taken apart where one is for other environments than the one before it, and the parts that were asked for before. */
export function openFitting<C extends UniversalCandidate>(): (
  candidates: readonly C[],
  counts: keyof Fit,
  isUsable: (there: Condition) => boolean,
) => readonly C[] {
  interface Runs {
    /** Where each run begins, and what its candidates are for. */
    readonly runs: readonly { readonly start: number; readonly there: Condition }[]
    /** By the runs that were let through. */
    readonly parts: Map<string, readonly C[]>
  }
  const known = { allowed: new Map<readonly C[], Runs>(), fits: new Map<readonly C[], Runs>() }
  const runsOf = (candidates: readonly C[], counts: keyof Fit): Runs => {
    const runs: { readonly start: number; readonly there: Condition }[] = []
    let last: Condition | undefined
    for (let start = 0; start < candidates.length; start++) {
      const there = candidates[start]![counts]
      if (there !== last) runs.push({ start, there })
      last = there
    }
    return { runs, parts: new Map() }
  }
  return (candidates, counts, isUsable) => {
    let own = known[counts].get(candidates)
    if (own === undefined) {
      own = runsOf(candidates, counts)
      known[counts].set(candidates, own)
    }
    const { runs, parts } = own
    let pattern = ''
    for (const { there } of runs) pattern += isUsable(there) ? '1' : '0'
    if (!pattern.includes('0')) return candidates
    let list = parts.get(pattern)
    if (list === undefined) {
      list = runs.flatMap(({ start }, at) =>
        pattern[at] === '1' ? candidates.slice(start, runs[at + 1]?.start ?? candidates.length) : [],
      )
      parts.set(pattern, list)
    }
    return list
  }
}

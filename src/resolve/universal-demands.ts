// Where what was chosen for a fork is needed, and by whom.

import type { Condition } from '../spec/marker-space.ts'
import type { Chosen, Wish, Wishes } from './problem.ts'
import type { Reach, UniversalCandidate, UniversalProblem } from './universal-problem.ts'

export interface Demand<Spec> {
  /** The project that wishes, with the extra it wishes for; '' for who asks. */
  readonly from: string
  readonly spec: Spec
  /** Where the one who wishes is needed and wishes it. */
  readonly where: Condition
}

export interface Demands<Spec> {
  readonly reach: ReadonlyMap<string, Reach>
  readonly on: ReadonlyMap<string, readonly Demand<Spec>[]>
}

/** From the roots along the wishes, until nothing is added: who depends on whom may go round in circles. */
export function demandsOf<C extends UniversalCandidate, Spec>(
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

// Where there is no answer: whether that is so in the whole fork that it was met in, and where else.

import type { Condition } from '../spec/marker-space.ts'
import { placesUp } from './index-set.ts'
import type { Candidate, Failure, Wish } from './problem.ts'
import type { Fork } from './universal-fork.ts'
import type { Knowledge } from './universal-knowledge.ts'
import type { UniversalCandidate, UniversalProblem } from './universal-problem.ts'

/** The first of the reasons for a failure that is one in a part of the fork only. */
export function conditionIn<C extends Candidate, Spec>(
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
export function failedWhere<C extends UniversalCandidate, Spec>(
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

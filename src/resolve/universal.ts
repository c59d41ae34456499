// Solving for many environments at once. The solver itself knows only one; so it is asked about a *fork*, a set of environments, as if
// everything wished in some of them were wished in all. What it then answers holds for the whole fork, unless
//
//   - it fails, and a wish or a constraint that is part of the reason holds in some of the fork's environments only;
//   - a candidate that it took is not for all Pythons where it is needed, or has no file for an environment that was named as required;
//   - a candidate is one that only some of the environments let in: from an address, taken back, or before its release;
//   - a newer candidate is kept away by a wish that only other Pythons have (the newest for each Python is what was asked for);
//   - an earlier answer had something else in a part of the fork, which would still do there.
//
// Then the fork is split in two or more by what makes the difference, and each part is solved by itself. In the end every environment in
// scope is in exactly one fork, and candidates that several forks share become one entry again, with the forks it is in joined.

import { type Condition, firstPython, type MarkerSpace } from '../spec/marker-space.ts'
import { solve } from './solver.ts'
import { demandsOf } from './universal-demands.ts'
import { conditionIn, failedWhere } from './universal-failure.ts'
import { openFork } from './universal-fork.ts'
import { openFitting, openKnowledge, rememberCuts } from './universal-knowledge.ts'
import type {
  Asking,
  SolvedFork,
  UniversalCandidate,
  UniversalProblem,
  UniversalResolution,
} from './universal-problem.ts'
import { partsToSolve } from './universal-split.ts'

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
    .map((part, index) => ({ part, index, low: firstPython(space, part) }))
    .sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : b.index - a.index))
    .map(({ part }) => part)
}

function compareConditions(space: MarkerSpace, a: Condition, b: Condition): number {
  const [x, y] = [firstPython(space, a), firstPython(space, b)]
  return x < y ? -1 : x > y ? 1 : 0
}

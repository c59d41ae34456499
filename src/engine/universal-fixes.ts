// What could be asked instead when something can't be had in every environment: the same tries as for one target (resolve-fixes.ts), each
// of them for the whole scope; and the scope without the environments for which there is no answer.

import type { ResolutionFix } from '../base/errors/resolve.ts'
import type { Tried } from '../resolve/fixes.ts'
import type { Failure, Problem } from '../resolve/problem.ts'
import { cutVersions, type PythonSpec, type WishReader } from '../resolve/python.ts'
import { solveUniversally } from '../resolve/universal.ts'
import type { Limit, UniversalCandidate, UniversalProblem, UniversalResolution } from '../resolve/universal-problem.ts'
import type { Condition } from '../spec/marker-space.ts'
import type { Facts, PipCandidate } from './resolve-facts.ts'
import { type OtherWay, type PipAsking, waysOut } from './resolve-fixes.ts'

type Somewhere = PipCandidate & UniversalCandidate

export interface UniversalWaysOutOptions<C extends Somewhere> {
  readonly now: () => number
  readonly signal: AbortSignal | undefined
  /** How long the search took that failed. */
  readonly milliseconds: number
  readonly problem: UniversalProblem<C, PythonSpec>
  readonly failure: Failure<PythonSpec>
  /** The environments for which there is no answer. */
  readonly where: Condition
  readonly facts: Facts
  readonly reader: WishReader
}

export async function universalWaysOut<C extends Somewhere>({
  problem,
  where,
  facts,
  signal,
  ...about
}: UniversalWaysOutOptions<C>): Promise<readonly ResolutionFix[]> {
  const { space, scope, limits = new Map<string, readonly Limit<PythonSpec>[]>() } = problem
  function* run(changed: UniversalProblem<C, PythonSpec>): PipAsking<Tried<PipCandidate, PythonSpec>> {
    // The facts are of candidates that the universal chooser made, and those say where they fit.
    const search = solveUniversally(changed) as unknown as PipAsking<UniversalResolution<C, PythonSpec>>
    const resolution = yield* search
    if (resolution.kind === 'failed') return resolution
    return {
      kind: 'solved',
      taken: (project) => [
        ...new Set(
          resolution.forks.flatMap(({ chosen, reach }) => (reach.has(project) ? [chosen.get(project)!.candidate] : [])),
        ),
      ],
    }
  }
  const asOne: Problem<PipCandidate, PythonSpec> = {
    wishes: problem.wishes,
    limits: new Map([...limits].map(([project, list]) => [project, list.map(({ spec }) => spec)])),
    cut: cutVersions,
    opens: problem.opens,
    ...(problem.isDirect === undefined ? {} : { isDirect: problem.isDirect }),
  }
  // The same bound may hold in several parts.
  const limitsWith = (project: string, spec: PythonSpec): readonly Limit<PythonSpec>[] => {
    const own = limits.get(project)?.filter((limit) => limit.spec === spec) ?? []
    return own.length > 0 ? own : [{ spec }]
  }
  const solve = (one: Problem<PipCandidate, PythonSpec>): PipAsking<Tried<PipCandidate, PythonSpec>> => {
    const changed = [...(one.limits ?? [])].map(
      ([project, specs]) => [project, [...new Set(specs)].flatMap((spec) => limitsWith(project, spec))] as const,
    )
    return run({ ...problem, wishes: one.wishes, limits: new Map(changed) })
  }
  const rest = space.both(scope, space.not(where))
  const without = space.words(where, scope)
  function* isSolved(): PipAsking<boolean> {
    return (yield* run({ ...problem, scope: rest })).kind === 'solved'
  }
  const narrower: OtherWay[] =
    rest === space.never || without === undefined
      ? []
      : [{ fix: { kind: 'scope', without: without.text }, open: async () => ({ search: isSolved(), facts }) }]
  return await waysOut({
    ...about,
    ...(signal === undefined ? {} : { signal }),
    facts,
    problem: asOne,
    mayLoosen: true,
    solve,
    others: narrower,
  })
}

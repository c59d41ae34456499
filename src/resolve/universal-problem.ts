// What is asked when candidates are chosen for many environments at once, and what is answered (universal.ts).

import type { Condition, MarkerSpace } from '../spec/marker-space.ts'
import type { Candidate, Chosen, Fact, Failure, Need, Problem, Statistics, Wishes } from './problem.ts'

/** Where a candidate can be installed. */
export interface Fit {
  /** Where it may be taken: the Pythons that it is for, among the environments for which it is offered at all. */
  readonly allowed: Condition
  /** Where one of its files fits, within that. Elsewhere it is taken as well, unless the environment was named as required. */
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

/** A search that asks for facts and is resumed with them. */
export type Asking<C extends Candidate, Spec, Result> = Generator<
  readonly Need<C, Spec>[],
  Result,
  readonly Fact<C, Spec>[]
>

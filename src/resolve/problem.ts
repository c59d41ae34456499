// What the solver is asked, what it asks back, and what it answers. It works on names, candidates in order, and *specs*: whatever says
// which candidates will do. For Python a spec is a specifier set or an address (python.ts); nothing here or in the solver knows that.

import type { IndexSet } from './index-set.ts'

/** How a candidate may be taken: 0 always; others only where a spec in force opens that tier, or (1) where nothing else is left. */
export type Tier = 0 | 1 | 2 | 3

/** A version of a project that could be installed. Facts about it are remembered by its identity. */
export interface Candidate {
  /** For people. */
  readonly label: string
  readonly tier: Tier
  /** Taken only when no other of its project will do, however new it is. */
  readonly lesser?: boolean
}

/** Something that must be there: a project, some of its extras, and which candidates will do. */
export interface Wish<Spec> {
  readonly project: string
  readonly extras: readonly string[]
  readonly spec: Spec
  /** Where many environments are solved for at once: those in which it is wished. The solver takes it for wished, and hands this on. */
  readonly when?: object
}

export interface Problem<C extends Candidate, Spec> {
  /** What is to be installed. */
  readonly wishes: readonly Wish<Spec>[]
  /** Specs that hold for a project if something else wants it. */
  readonly limits?: ReadonlyMap<string, readonly Spec[]>
  /** The places of the candidates that will do, from 1 for the first. Asked once for each spec and project. */
  readonly cut: (spec: Spec, candidates: readonly C[], project: string) => IndexSet
  /** Whether a spec asks for candidates of this tier. */
  readonly opens: (spec: Spec, tier: Tier) => boolean
  /** Whether a spec brings a candidate of its own, which the project has only when it is asked for with this spec. */
  readonly isDirect?: (spec: Spec) => boolean
  /** The candidate to take where it will do: what a lock or the environment has. */
  readonly prefer?: (project: string, candidates: readonly C[], isPossible: (candidate: C) => boolean) => C | undefined
  /** Candidates that are there: as long as everything agrees with them, nothing else is asked for of their projects. */
  readonly present?: ReadonlyMap<string, C>
  /** Whether the oldest candidates of a project are to be taken first. */
  readonly lowest?: (project: string) => boolean
  /** false: no candidate is a lesser one. */
  readonly someAreLesser?: boolean
  /** Which candidates are lesser ones in this problem, where that is not theirs to say. */
  readonly isLesser?: (candidate: C) => boolean
  /** After so many conflicts a project is decided before others. */
  readonly clashThreshold?: number
}

/** A question. Those that block must be answered before the solver goes on; the others are likely to come up. */
export type Need<C extends Candidate, Spec> =
  | {
      readonly kind: 'candidates'
      readonly project: string
      /** Specs that bring candidates of their own, as far as they were met. */
      readonly direct: readonly Spec[]
      readonly blocking: boolean
    }
  | { readonly kind: 'wishes'; readonly project: string; readonly candidate: C; readonly blocking: boolean }

export type Fact<C extends Candidate, Spec> =
  /** In ascending order; none where nobody knows the project. */
  | { readonly kind: 'candidates'; readonly project: string; readonly candidates: readonly C[] | undefined }
  | { readonly kind: 'wishes'; readonly candidate: C; readonly wishes: Wishes<Spec> | Unavailable }

export interface Wishes<Spec> {
  readonly always: readonly Wish<Spec>[]
  /** What each extra adds; an extra that isn't here doesn't exist. */
  readonly extras: Pick<ReadonlyMap<string, readonly Wish<Spec>[]>, 'get' | 'has' | 'keys'>
}

/** Nothing can be learned of a candidate, so it can't be taken. */
export interface Unavailable {
  readonly unavailable: string
}

export interface Chosen<C extends Candidate> {
  readonly candidate: C
  /** Those asked for by anybody, sorted. */
  readonly extras: readonly string[]
  /** Of these, the ones that it doesn't have. */
  readonly unknownExtras: readonly string[]
  /** The projects that it needs, with these extras; in order, each once. */
  readonly dependencies: readonly string[]
}

export interface Statistics {
  readonly decisions: number
  readonly conflicts: number
  readonly clauses: number
  /** How often the search began anew because the candidates of a project became more. */
  readonly restarts: number
}

export type Resolution<C extends Candidate, Spec> =
  | {
      readonly kind: 'solved'
      /** By project, in the order in which they were first needed. */
      readonly chosen: ReadonlyMap<string, Chosen<C>>
      readonly statistics: Statistics
    }
  | { readonly kind: 'failed'; readonly failure: Failure<Spec>; readonly statistics: Statistics }

/** Who wishes: a project, or what an extra of it adds, and the places of the candidates that do. */
export interface Wisher {
  readonly project: string
  readonly extra?: string
  readonly places: IndexSet
}

/** One thing that is so, given from outside. */
export type Ground<Spec> =
  | {
      readonly kind: 'wish'
      /** Absent for the one who asks. */
      readonly from?: Wisher
      readonly project: string
      /** The candidates that will do; none may. */
      readonly allowed: IndexSet
      /** In which words: of several, the same candidates meet them, or they are told as one. For the one who asks, one part. */
      readonly parts: readonly WishPart<Spec>[]
    }
  | {
      readonly kind: 'extra'
      readonly from?: Wisher
      readonly project: string
      readonly extra: string
      readonly parts: readonly WishPart<Spec>[]
    }
  | { readonly kind: 'limit'; readonly project: string; readonly spec: Spec; readonly allowed: IndexSet }
  | { readonly kind: 'withheld'; readonly project: string; readonly places: IndexSet; readonly tier: Tier }
  | { readonly kind: 'unavailable'; readonly project: string; readonly place: number; readonly reason: string }

export interface WishPart<Spec> {
  readonly wish: Wish<Spec>
  /** The places of the candidates that say it in these words. */
  readonly places: IndexSet
}

/** A term: these places of a project (or of one of its extras, where 1 is "asked for"). */
export interface Term {
  readonly project: string
  readonly extra?: string
  readonly places: IndexSet
}

/** One step of a proof: these terms cannot all hold, because of what was given or because of two earlier steps. */
export interface Step<Spec> {
  readonly terms: readonly Term[]
  readonly because: { readonly ground: Ground<Spec> } | { readonly steps: readonly [number, number] }
}

/** Why there is no answer, as plain data. */
export interface Failure<Spec> {
  /** The last step says that nothing can be. Steps name earlier ones by their index. */
  readonly proof: readonly Step<Spec>[]
  /** Of what the proof stands on, a part that cannot be had at once, and of which nothing can be spared. */
  readonly core: readonly Ground<Spec>[]
  /** The candidates' labels by project, place 1 first, of all projects in the proof; absent for a project that nobody knows. */
  readonly labels: ReadonlyMap<string, readonly string[] | undefined>
}

// Ways out of a failure, each tried by the solver before it is offered. A generator with the protocol of `solve`: whoever answers that
// can answer this. Of what the smallest conflict stands on, one thing after the other is given up and all the rest kept.

import type { Candidate, Fact, Failure, Need, Problem, Wish } from './problem.ts'
import { solve } from './solver.ts'

export type Fix<C extends Candidate, Spec> =
  /** Others of what is wished may be taken; of all of these, where one alone is not enough. */
  | { readonly kind: 'wishes'; readonly changes: readonly Change<C, Spec>[] }
  /** Without what is wished. */
  | { readonly kind: 'drop'; readonly wish: Wish<Spec> }
  /** Without a limit; nothing is taken of its project where nobody needs that any more. */
  | { readonly kind: 'limit'; readonly project: string; readonly spec: Spec; readonly takes?: C }
  /** Pre-releases of these projects may be taken. */
  | { readonly kind: 'prereleases'; readonly projects: readonly string[] }

/** A wish, what is wished in its place, and what is taken then. */
export interface Change<C extends Candidate, Spec> {
  readonly wish: Wish<Spec>
  readonly to: Spec
  readonly takes: C
}

/** What became of a try. */
export type Tried<C extends Candidate, Spec> =
  /** What is taken of a project: one, or several where it was solved for several environments. */
  | { readonly kind: 'solved'; readonly taken: (project: string) => readonly C[] }
  | { readonly kind: 'failed'; readonly failure: Failure<Spec> }

export interface FixOptions<C extends Candidate, Spec> {
  /** Lets every candidate through. */
  readonly any: Spec
  /** Lets every candidate through, and opens the tier of pre-releases. */
  readonly anyPrerelease: Spec
  /** A spec that lets through what is taken where any may be, and says what it can of the wish; undefined: there is no use in it. */
  readonly relax: (wish: Wish<Spec>, taken: readonly C[]) => Omit<Change<C, Spec>, 'wish'> | undefined
  /** Solves at most so many times. */
  readonly most?: number
  /** A try begins; about so many are to come, with this one. */
  readonly begin?: (toCome: number) => void
  /** Asked between steps: no time is left for this try. What was found until then is the answer. */
  readonly isOver?: () => boolean
  /**
   * Something else than one target may be solved for. What is taken then of several candidates is no proof for what they are relaxed to,
   * which is tried as well.
   */
  readonly solve?: (problem: Problem<C, Spec>) => Asking<C, Spec, Tried<C, Spec>>
}

export type Asking<C extends Candidate, Spec, Answer> = Generator<
  readonly Need<C, Spec>[],
  Answer,
  readonly Fact<C, Spec>[]
>

/** After so many a person reads no further. */
const enough = 4

/** The answer of a search; undefined where there is no time left for it. */
export function* withPatience<C extends Candidate, Spec, Answer>(
  steps: Asking<C, Spec, Answer>,
  isOver: () => boolean,
): Asking<C, Spec, Answer | undefined> {
  let step = steps.next()
  while (step.done !== true) {
    if (isOver()) return undefined
    step = steps.next(yield step.value)
  }
  return step.value
}

/** What could be given up so that the rest can be had: single things where they are enough, the mildest first. */
export function* findFixes<C extends Candidate, Spec>(
  problem: Problem<C, Spec>,
  failure: Failure<Spec>,
  options: FixOptions<C, Spec>,
): Asking<C, Spec, readonly Fix<C, Spec>[]> {
  const { any, anyPrerelease, relax, begin, isOver = () => false, solve: search = solveOnce } = options
  let left = options.most ?? 8
  const found: Fix<C, Spec>[] = []
  const isDone = (): boolean => found.length >= enough || left <= 0
  function* attempt(changed: Problem<C, Spec>, toCome: number): Asking<C, Spec, Tried<C, Spec> | undefined> {
    left--
    begin?.(Math.max(1, Math.min(left, toCome)))
    return yield* withPatience(search(changed), isOver)
  }

  const roots = rootsOf(problem.wishes, failure)
  const limits = failure.core.flatMap((ground) => (ground.kind === 'limit' ? [ground] : []))
  let toCome = roots.length + limits.length

  // Where the pre-releases of one project would do, those of another may be wanted as well.
  const opened = new Set<string>()
  for (let more = withheldIn(failure); more.some((project) => !opened.has(project)) && !isDone(); ) {
    for (const project of more) opened.add(project)
    const resolution = yield* attempt(withPrereleases(problem, opened, anyPrerelease), toCome + 1)
    if (resolution?.kind === 'solved') found.push({ kind: 'prereleases', projects: [...opened].sort() })
    more = resolution?.kind === 'failed' ? withheldIn(resolution.failure) : []
  }

  const failures = new Map<Wish<Spec>, Failure<Spec>>()
  for (const wish of roots) {
    if (isDone() || !canRelax(wish)) continue
    const tried = yield* attempt(relaxed([wish]), toCome--)
    if (tried?.kind === 'failed') failures.set(wish, tried.failure)
    const fix = yield* changesOf([wish], tried)
    if (fix !== undefined) found.push(fix)
  }
  for (const { project, spec } of limits) {
    if (isDone()) break
    const rest = (problem.limits?.get(project) ?? []).filter((one) => one !== spec)
    const tried = yield* attempt({ ...problem, limits: new Map(problem.limits).set(project, rest) }, toCome--)
    if (tried?.kind !== 'solved') continue
    const [takes] = tried.taken(project)
    found.push({ kind: 'limit', project, spec, ...(takes === undefined ? {} : { takes }) })
  }
  if (found.length > 0 || problem.wishes.length < 2) return found

  // Without one conflict there is another: what takes part in that one is relaxed as well.
  for (const [first, next] of failures) {
    if (isDone()) break
    const second = rootsOf(problem.wishes, next).find((one) => one !== first && canRelax(one))
    if (second === undefined) continue
    const fix = yield* changesOf([first, second], yield* attempt(relaxed([first, second]), 2))
    if (fix === undefined) continue
    found.push(fix)
    break
  }
  if (found.length > 0) return found
  for (const wish of roots) {
    if (isDone()) break
    const wishes = problem.wishes.filter((one) => !isSame(one, wish))
    const resolution = wishes.length === 0 ? undefined : yield* attempt({ ...problem, wishes }, roots.length)
    if (resolution?.kind === 'solved') found.push({ kind: 'drop', wish })
  }
  return found

  function canRelax({ spec }: Wish<Spec>): boolean {
    return spec !== any && problem.isDirect?.(spec) !== true
  }
  function relaxed(wishes: readonly Wish<Spec>[]): Problem<C, Spec> {
    return changed(wishes.map((wish) => ({ wish, to: any })))
  }
  function changed(changes: readonly Pick<Change<C, Spec>, 'wish' | 'to'>[]): Problem<C, Spec> {
    const wishes = problem.wishes.map((one) => {
      const change = changes.find(({ wish }) => isSame(one, wish))
      return change === undefined ? one : { ...one, spec: change.to }
    })
    return { ...problem, wishes }
  }
  function* changesOf(
    wishes: readonly Wish<Spec>[],
    tried: Tried<C, Spec> | undefined,
  ): Asking<C, Spec, Fix<C, Spec> | undefined> {
    if (tried?.kind !== 'solved') return undefined
    const changes = wishes.flatMap((wish) => {
      const to = relax(wish, tried.taken(wish.project))
      return to === undefined ? [] : [{ wish, ...to }]
    })
    if (changes.length < wishes.length) return undefined
    if (options.solve !== undefined && (yield* attempt(changed(changes), toCome + 1))?.kind !== 'solved')
      return undefined
    return { kind: 'wishes', changes }
  }
}

function* solveOnce<C extends Candidate, Spec>(problem: Problem<C, Spec>): Asking<C, Spec, Tried<C, Spec>> {
  const resolution = yield* solve(problem)
  if (resolution.kind === 'failed') return resolution
  const { chosen } = resolution
  return {
    kind: 'solved',
    taken: (project) => {
      const one = chosen.get(project)
      return one === undefined ? [] : [one.candidate]
    },
  }
}

/** Projects of which only pre-releases would have done. */
function withheldIn<Spec>({ core }: Failure<Spec>): readonly string[] {
  return core.flatMap((ground) => (ground.kind === 'withheld' && ground.tier === 1 ? [ground.project] : []))
}

/** What was asked for and takes part in the conflict, in the order in which it was asked for. */
function rootsOf<Spec>(wishes: readonly Wish<Spec>[], { core }: Failure<Spec>): readonly Wish<Spec>[] {
  const parts = core.flatMap((ground) =>
    (ground.kind === 'wish' || ground.kind === 'extra') && ground.from === undefined
      ? ground.parts.map(({ wish }) => wish)
      : [],
  )
  return wishes.filter(
    (wish, at) => parts.some((part) => isSame(part, wish)) && wishes.findIndex((one) => isSame(one, wish)) === at,
  )
}

function isSame<Spec>(a: Wish<Spec>, b: Wish<Spec>): boolean {
  return a.project === b.project && a.spec === b.spec && a.extras.join() === b.extras.join()
}

function withPrereleases<C extends Candidate, Spec>(
  problem: Problem<C, Spec>,
  projects: ReadonlySet<string>,
  anyPrerelease: Spec,
): Problem<C, Spec> {
  const limits = new Map(problem.limits)
  for (const project of projects) limits.set(project, [...(limits.get(project) ?? []), anyPrerelease])
  return { ...problem, limits }
}

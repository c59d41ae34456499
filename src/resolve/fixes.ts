// Ways out of a failure, each tried by the solver before it is offered. A generator with the protocol of `solve`: whoever answers that
// can answer this. Of what the smallest conflict stands on, one thing after the other is given up and all the rest kept.

import type { Candidate, Fact, Failure, Need, Problem, Resolution, Wish } from './problem.ts'
import { solve } from './solver.ts'

export type Fix<C extends Candidate, Spec> =
  /** Any candidate of what is wished may be taken, and then this one is; of all of these, where one alone is not enough. */
  | { readonly kind: 'wishes'; readonly changes: readonly { readonly wish: Wish<Spec>; readonly takes: C }[] }
  /** Without what is wished. */
  | { readonly kind: 'drop'; readonly wish: Wish<Spec> }
  /** Without a limit; nothing is taken of its project where nobody needs that any more. */
  | { readonly kind: 'limit'; readonly project: string; readonly spec: Spec; readonly takes?: C }
  /** Pre-releases of these projects may be taken. */
  | { readonly kind: 'prereleases'; readonly projects: readonly string[] }

export interface FixOptions<C extends Candidate, Spec> {
  /** Lets every candidate through. */
  readonly any: Spec
  /** Lets every candidate through, and opens the tier of pre-releases. */
  readonly anyPrerelease: Spec
  /** Solves at most so many times. */
  readonly most?: number
  /** A try begins; about so many are to come, with this one. */
  readonly begin?: (toCome: number) => void
  /** Asked between steps: no time is left for this try. What was found until then is the answer. */
  readonly isOver?: () => boolean
  /** Something else than one target may be solved for. */
  readonly solve?: (problem: Problem<C, Spec>) => Asking<C, Spec, Resolution<C, Spec>>
}

type Asking<C extends Candidate, Spec, Answer> = Generator<readonly Need<C, Spec>[], Answer, readonly Fact<C, Spec>[]>

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
  const { any, anyPrerelease, begin, isOver = () => false, solve: search = solve } = options
  let left = options.most ?? 8
  const found: Fix<C, Spec>[] = []
  const isDone = (): boolean => found.length >= enough || left <= 0
  function* attempt(changed: Problem<C, Spec>, toCome: number): Asking<C, Spec, Resolution<C, Spec> | undefined> {
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
    const resolution = yield* attempt(relaxed([wish]), toCome--)
    if (resolution?.kind === 'solved') found.push(changesOf([wish], resolution.chosen))
    else if (resolution?.kind === 'failed') failures.set(wish, resolution.failure)
  }
  for (const { project, spec } of limits) {
    if (isDone()) break
    const rest = (problem.limits?.get(project) ?? []).filter((one) => one !== spec)
    const resolution = yield* attempt({ ...problem, limits: new Map(problem.limits).set(project, rest) }, toCome--)
    if (resolution?.kind !== 'solved') continue
    const takes = resolution.chosen.get(project)?.candidate
    found.push({ kind: 'limit', project, spec, ...(takes === undefined ? {} : { takes }) })
  }
  if (found.length > 0 || problem.wishes.length < 2) return found

  // Without one conflict there is another: what takes part in that one is relaxed as well.
  for (const [first, next] of failures) {
    if (isDone()) break
    const second = rootsOf(problem.wishes, next).find((one) => one !== first && canRelax(one))
    if (second === undefined) continue
    const resolution = yield* attempt(relaxed([first, second]), 2)
    if (resolution?.kind !== 'solved') continue
    found.push(changesOf([first, second], resolution.chosen))
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
  function relaxed(changed: readonly Wish<Spec>[]): Problem<C, Spec> {
    const isChanged = (one: Wish<Spec>): boolean => changed.some((wish) => isSame(one, wish))
    return { ...problem, wishes: problem.wishes.map((one) => (isChanged(one) ? { ...one, spec: any } : one)) }
  }
}

function changesOf<C extends Candidate, Spec>(
  wishes: readonly Wish<Spec>[],
  chosen: ReadonlyMap<string, { readonly candidate: C }>,
): Fix<C, Spec> {
  return { kind: 'wishes', changes: wishes.map((wish) => ({ wish, takes: chosen.get(wish.project)!.candidate })) }
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

// The solver: what is asked of projects, turned into clauses for the kernel (core.ts) as far as the search needs them. A generator: it
// yields the facts that it needs and goes on when it has them, so it neither fetches nor waits, and what it decides depends on what
// the facts are, never on when they came. The way of the search:
//
//   1. Draw all conclusions. If nothing can be, say why (failure.ts).
//   2. Take the most urgent project that must be there and is undecided; choose the best of its candidates that is still possible.
//   3. Learn what that candidate wishes, and of every project so named its candidates; make clauses of it, and decide. Again.
//
// An extra is a variable of its own with one place, "asked for". What the extra adds are clauses of three terms: this candidate, with
// this extra, without that dependency. So an extra never has to be brought to the version of its project.

import { type Clause, Core, type Variable } from './core.ts'
import { failureOf } from './failure.ts'
import {
  areEqual,
  complementSet,
  countPlaces,
  hasPlace,
  type IndexSet,
  intersectSets,
  noPlaces,
  placesDown,
  placesUp,
  uniteSets,
} from './index-set.ts'
import type {
  Candidate,
  Chosen,
  Fact,
  Ground,
  Need,
  Problem,
  Resolution,
  Statistics,
  Tier,
  Unavailable,
  Wish,
  Wishes,
  WishPart,
} from './problem.ts'
import { openQueue } from './queue.ts'

/** What is known; it outlives an attempt. */
interface Knowledge<C extends Candidate, Spec> {
  readonly candidates: Map<string, readonly C[] | undefined>
  readonly wishes: Map<C, Wishes<Spec> | Unavailable>
  /** Specs that bring candidates of their own, by project. */
  readonly direct: Map<string, Spec[]>
  /** Projects that are not bound to what is present. */
  readonly freed: Set<string>
  /** Nothing is bound to what is present. */
  allFreed: boolean
  /** Projects whose withheld candidates may be taken after all. */
  readonly reopened: Set<string>
  /** What was met on the way, for the count. */
  readonly counts: { decisions: number; conflicts: number; clauses: number; restarts: number }
}

/** A project, or one of its extras, in the search. */
export interface Node<C extends Candidate, Spec> {
  readonly variable: Variable
  readonly project: string
  readonly extra?: string
  /** The project of an extra. */
  readonly base?: Node<C, Spec>
  readonly candidates: readonly C[]
  /** Nobody knows it. */
  readonly unknown: boolean
  /** It has the one candidate that is present, and might have more. */
  readonly bound: boolean
  readonly hasLesser: boolean
  readonly cuts: Map<Spec, IndexSet>
  readonly extras: Map<string, Node<C, Spec>>
  /** Tiers that some spec met so far opens, as bits. */
  opened: number
  /** Places whose wishes are clauses already. */
  readonly expanded: Set<number>
  /** The clauses of its wishes, by what is wished and the set that will do. */
  readonly wishes: Map<Variable, Map<IndexSet, Clause>>
  /** How often what it was to be clashed with what another project was, by that variable. */
  readonly lost: Map<Variable, number>
  /** By what went on so far it is decided before others, or after them. */
  turn: 'early' | 'usual' | 'late'
  tries: number
}

const urgencies = { single: 0, early: 1, usual: 2, late: 3 } as const
const asked: IndexSet = [1, 2]
const absent: IndexSet = [0, 1]

/** Finds candidates for all wishes, their wishes, and so on; or proves that there are none. */
export function* solve<C extends Candidate, Spec>(
  problem: Problem<C, Spec>,
): Generator<readonly Need<C, Spec>[], Resolution<C, Spec>, readonly Fact<C, Spec>[]> {
  const knowledge: Knowledge<C, Spec> = {
    candidates: new Map(),
    wishes: new Map(),
    direct: new Map(),
    freed: new Set(),
    allFreed: problem.present === undefined,
    reopened: new Set(),
    counts: { decisions: 0, conflicts: 0, clauses: 0, restarts: 0 },
  }
  let first: Resolution<C, Spec> | undefined
  for (;;) {
    const outcome: Outcome<C, Spec> = yield* new Attempt(problem, knowledge).run()
    if (outcome.kind === 'again') {
      knowledge.counts.restarts++
      continue
    }
    const { resolution, withheld } = outcome
    if (resolution.kind === 'solved') return first === undefined || outcome.justified ? resolution : first
    // Whether a pre-release may be taken depends on what else is asked for, which a clause can't say. Where it was withheld and
    // nothing was found, it is tried, and kept if what is asked for in the end lets it through.
    const more = withheld.filter((project) => !knowledge.reopened.has(project))
    // That it can't be had with them either is the better reason.
    if (more.length === 0) return resolution
    first ??= resolution
    for (const project of more) knowledge.reopened.add(project)
    knowledge.counts.restarts++
  }
}

type Outcome<C extends Candidate, Spec> =
  | { readonly kind: 'again' }
  | {
      readonly kind: 'done'
      readonly resolution: Resolution<C, Spec>
      /** Projects that had candidates withheld. */
      readonly withheld: readonly string[]
      /** Whether every chosen candidate of a tier is one that what is asked for lets through. */
      readonly justified: boolean
    }

type Asking<C extends Candidate, Spec> = Generator<readonly Need<C, Spec>[], boolean, readonly Fact<C, Spec>[]>

/** One search, from nothing to an answer or to the need for another one. */
class Attempt<C extends Candidate, Spec> {
  readonly #problem: Problem<C, Spec>
  readonly #knowledge: Knowledge<C, Spec>
  readonly #core: Core
  readonly #nodes: Node<C, Spec>[] = []
  readonly #projects = new Map<string, Node<C, Spec>>()
  readonly #queue = openQueue()
  readonly #withheld = new Set<string>()
  readonly #threshold: number
  /** Something that is bound to what is present stands in the way. */
  #again = false
  #hints: Need<C, Spec>[] = []

  constructor(problem: Problem<C, Spec>, knowledge: Knowledge<C, Spec>) {
    this.#problem = problem
    this.#knowledge = knowledge
    this.#threshold = problem.clashThreshold ?? 20
    this.#core = new Core({
      narrowed: (variable) => this.#queueIfNeeded(variable),
      released: (variable) => this.#queueIfNeeded(variable),
      clashed: () => this.#noteClash(),
      lost: (loser, level) => this.#noteLoss(loser, level),
    })
  }

  *run(): Generator<readonly Need<C, Spec>[], Outcome<C, Spec>, readonly Fact<C, Spec>[]> {
    const core = this.#core
    const root = this.#node('', undefined, [])
    root.variable.decided = true
    core.add([root.variable], [absent], undefined)
    if (!(yield* this.#wish(root, 1, this.#problem.wishes))) return this.#begin()
    for (let round = 1; ; round++) {
      // Nothing is asked, but who has lost patience can leave.
      if (round % 256 === 0) yield []
      const impossible = core.propagate()
      if (this.#again) return this.#begin()
      if (impossible === 'unfinished') {
        yield []
        continue
      }
      if (impossible !== undefined) return yield* this.#finish(impossible)
      const node = this.#next()
      if (node === undefined) return yield* this.#finish(undefined)
      const place = this.#choose(node)
      if (place !== undefined && !(yield* this.#expand(node, place))) return this.#begin()
      // What stays undecided, because it can't be what was tried, comes up again.
      this.#queueIfNeeded(node.variable)
    }
  }

  #begin(): Outcome<C, Spec> {
    this.#count()
    return { kind: 'again' }
  }

  #count(): Statistics {
    const { counts } = this.#knowledge
    counts.decisions += this.#core.decisions
    counts.conflicts += this.#core.conflicts
    counts.clauses += this.#core.clauses
    return { ...counts }
  }

  *#finish(impossible: Clause | undefined): Generator<readonly never[], Outcome<C, Spec>, unknown> {
    const statistics = this.#count()
    const withheld = [...this.#withheld]
    if (impossible !== undefined) {
      const failure = yield* failureOf<Spec>(impossible, this.#core, (variable) => this.#nodes[variable.id]!)
      return { kind: 'done', withheld, justified: false, resolution: { kind: 'failed', failure, statistics } }
    }
    const chosen = new Map<string, Chosen<C>>()
    let justified = true
    for (const node of this.#projects.values()) {
      if (!node.variable.decided || node.project === '') continue
      const place = node.variable.possible[0]!
      const candidate = node.candidates[place - 1]!
      if (this.#knowledge.reopened.has(node.project) && !this.#isOpen(node, candidate.tier)) justified = false
      const wishes = this.#knowledge.wishes.get(candidate) as Wishes<Spec>
      const extras = [...node.extras.values()]
        .filter(({ variable }) => !hasPlace(variable.possible, 0))
        .map(({ extra }) => extra!)
        .sort()
      const dependencies = new Set<string>()
      for (const wish of [wishes.always, ...extras.map((extra) => wishes.extras.get(extra) ?? [])].flat())
        if (wish.project !== node.project) dependencies.add(wish.project)
      chosen.set(node.project, {
        candidate,
        extras,
        unknownExtras: extras.filter((extra) => !wishes.extras.has(extra)),
        dependencies: [...dependencies],
      })
    }
    return { kind: 'done', withheld, justified, resolution: { kind: 'solved', chosen, statistics } }
  }

  #node(project: string, base: Node<C, Spec> | undefined, candidates: readonly C[], extra?: string): Node<C, Spec> {
    const { candidates: known, allFreed, freed } = this.#knowledge
    const isProject = base === undefined && project !== ''
    const node: Node<C, Spec> = {
      variable: this.#core.variable(isProject ? candidates.length : 1),
      project,
      ...(base === undefined ? {} : { base }),
      ...(extra === undefined ? {} : { extra }),
      candidates,
      bound: isProject && !allFreed && !freed.has(project) && this.#problem.present?.has(project) === true,
      unknown: isProject && candidates.length === 0 && known.has(project) && known.get(project) === undefined,
      hasLesser: this.#problem.someAreLesser !== false && candidates.some((candidate) => this.#isLesser(candidate)),
      cuts: new Map(),
      extras: new Map(),
      opened: 0,
      expanded: new Set(),
      wishes: new Map(),
      lost: new Map(),
      turn: 'usual',
      tries: 0,
    }
    this.#nodes.push(node)
    if (isProject) {
      this.#projects.set(project, node)
      for (const spec of this.#problem.limits?.get(project) ?? []) {
        const allowed = this.#cut(node, spec)
        const ground: Ground<Spec> = { kind: 'limit', project, spec, allowed }
        this.#core.add([node.variable], [complementSet(uniteSets(absent, allowed), node.variable.size)], ground)
      }
    }
    return node
  }

  #extra(node: Node<C, Spec>, extra: string): Node<C, Spec> {
    const found = node.extras.get(extra)
    if (found !== undefined) return found
    const made = this.#node(node.project, node, [], extra)
    node.extras.set(extra, made)
    return made
  }

  /** The candidates that will do. The same set object for the same spec, which lets clauses be merged. */
  #cut(node: Node<C, Spec>, spec: Spec): IndexSet {
    const { cuts } = node
    const known = cuts.get(spec)
    if (known !== undefined) return known
    let allowed = node.unknown ? noPlaces : this.#problem.cut(spec, node.candidates, node.project)
    for (const other of cuts.values()) if (areEqual(other, allowed)) allowed = other
    cuts.set(spec, allowed)
    for (const tier of [1, 2, 3] as const) if (this.#problem.opens(spec, tier)) node.opened |= 1 << tier
    return allowed
  }

  // What to decide next

  #queueIfNeeded(variable: Variable): void {
    if (!variable.decided && !hasPlace(variable.possible, 0)) this.#queue.push(this.#urgency(variable), variable.id)
  }

  #urgency({ id, possible }: Variable): number {
    return countPlaces(possible) === 1 ? urgencies.single : urgencies[this.#nodes[id]!.turn]
  }

  #next(): Node<C, Spec> | undefined {
    for (let top = this.#queue.pop(); top !== undefined; top = this.#queue.pop()) {
      const node = this.#nodes[top.id]!
      const { base, variable } = node
      if (variable.decided || hasPlace(variable.possible, 0)) continue
      const urgency = this.#urgency(variable)
      if (urgency > top.urgency) {
        this.#queue.push(urgency, top.id)
        continue
      }
      if (base === undefined || base.variable.decided) return node
      // What an extra adds depends on the version of its project.
      this.#queueIfNeeded(variable)
      return base
    }
    return undefined
  }

  #noteClash(): void {
    if (this.#knowledge.allFreed || ![...this.#projects.values()].some(({ bound }) => bound)) return
    // What is present is kept while it is in nobody's way.
    this.#knowledge.allFreed = true
    this.#again = true
  }

  /** Where one version after the other clashes with the same decision, the decision is the wrong one, or came too early. */
  #noteLoss(loser: Variable, level: number): boolean {
    const winner = this.#core.decidedAt(level)
    if (winner === undefined || winner === loser) return false
    const node = this.#nodes[loser.id]!
    const other = this.#nodes[winner.id]!
    const count = (node.lost.get(winner) ?? 0) + 1
    node.lost.set(winner, count)
    if (count < this.#threshold || node.base !== undefined || other.base !== undefined) return false
    node.lost.set(winner, 0)
    node.turn = 'early'
    other.turn = 'late'
    return true
  }

  // Which candidate

  /** The place of the candidate to try; undefined when a clause was added that says that there is none. */
  #choose(node: Node<C, Spec>): number | undefined {
    const { candidates, variable, project } = node
    if (node.base !== undefined) return 1
    const { possible } = variable
    const isPossible = (candidate: C): boolean => hasPlace(possible, candidates.indexOf(candidate) + 1)
    const preferred = this.#problem.prefer?.(project, candidates, isPossible)
    if (preferred !== undefined) {
      const place = candidates.indexOf(preferred) + 1
      if (place > 0 && hasPlace(possible, place)) return place
    }
    const known: (boolean | undefined)[] = [true]
    const isOpen = (tier: Tier): boolean => {
      known[tier] ??= this.#isOpen(node, tier)
      return known[tier]
    }
    for (const place of this.#inOrder(node, possible)) {
      const { tier } = candidates[place - 1]!
      // A tier that nothing ever opened need not be asked about while there is something else.
      if (tier !== 0 && (node.opened & (1 << tier)) === 0) continue
      if (isOpen(tier)) return place
    }
    let worst: Tier = 1
    for (const place of this.#inOrder(node, possible)) {
      const { tier } = candidates[place - 1]!
      if (isOpen(tier)) return place
      if (tier === 1 && this.#knowledge.reopened.has(project)) return place
      worst = tier
    }
    this.#withheld.add(project)
    this.#core.add([variable], [possible], { kind: 'withheld', project, places: possible, tier: worst })
    return undefined
  }

  *#inOrder({ project, candidates, hasLesser }: Node<C, Spec>, set: IndexSet): Generator<number> {
    const lowest = this.#problem.lowest?.(project) === true
    if (!hasLesser) {
      yield* lowest ? placesUp(set) : placesDown(set)
      return
    }
    for (const lesser of [false, true])
      for (const place of lowest ? placesUp(set) : placesDown(set))
        if (this.#isLesser(candidates[place - 1]!) === lesser) yield place
  }

  #isLesser(candidate: C): boolean {
    return this.#problem.isLesser?.(candidate) ?? candidate.lesser === true
  }

  /** Whether what is asked for at this time lets candidates of a tier through: a spec opens it, or (1) there are no others. */
  #isOpen(node: Node<C, Spec>, tier: Tier): boolean {
    if (tier === 0) return true
    let allowed: IndexSet = [1, node.variable.size + 1]
    for (const spec of this.#inForce(node)) {
      if (this.#problem.opens(spec, tier)) return true
      allowed = intersectSets(allowed, this.#cut(node, spec))
    }
    if (tier !== 1) return false
    for (const other of placesDown(allowed)) if (node.candidates[other - 1]!.tier !== 1) return false
    return true
  }

  /** The specs by which a project is asked for at this time. */
  *#inForce(node: Node<C, Spec>): Generator<Spec> {
    yield* this.#problem.limits?.get(node.project) ?? []
    for (const clause of node.variable.clauses) {
      const ground = clause.cause as Ground<Spec> | undefined
      if (ground?.kind !== 'wish' || ground.project !== node.project) continue
      // What a candidate wishes of its own project says nothing of the others.
      const { from } = ground
      if (from?.project === node.project) continue
      if (!this.#core.forbids(clause, node.variable)) continue
      const wisher = from === undefined ? undefined : this.#projects.get(from.project)!.variable.possible[0]!
      for (const { wish, places } of ground.parts) if (wisher === undefined || hasPlace(places, wisher)) yield wish.spec
    }
  }

  // What a candidate wishes

  /** Decides for a candidate, unless its wishes forbid that. False when the search has to begin again. */
  *#expand(node: Node<C, Spec>, place: number): Asking<C, Spec> {
    const { variable, base } = node
    const owner = base ?? node
    const at = base === undefined ? place : base.variable.possible[0]!
    const candidate = owner.candidates[at - 1]!
    if (base === undefined) this.#noteTry(node, place)
    if (!node.expanded.has(at)) {
      const known = this.#knowledge.wishes
      while (!known.has(candidate)) {
        yield* this.#ask([{ kind: 'wishes', project: owner.project, candidate, blocking: true }])
      }
      node.expanded.add(at)
      const wishes = known.get(candidate)!
      if ('unavailable' in wishes) {
        const ground: Ground<Spec> = {
          kind: 'unavailable',
          project: owner.project,
          place: at,
          reason: wishes.unavailable,
        }
        this.#core.add([owner.variable], [[at, at + 1]], ground)
        return true
      }
      const list = node.extra === undefined ? wishes.always : (wishes.extras.get(node.extra) ?? [])
      const before = this.#core.clauses
      if (!(yield* this.#wish(node, at, list))) return false
      const forbidding = this.#core.clauses === before ? undefined : this.#forbidding(node, place)
      if (forbidding !== undefined) {
        this.#core.yieldTo(forbidding, variable)
        return true
      }
    }
    this.#core.decide(variable, place)
    return true
  }

  /** The clause by which an undecided variable cannot be this; conclusions then say it without a decision undone. */
  #forbidding({ variable, base }: Node<C, Spec>, place: number): Clause | undefined {
    if (base !== undefined) return undefined
    return variable.clauses.find(
      (clause) =>
        !clause.settled &&
        hasPlace(clause.sets[clause.variables.indexOf(variable)]!, place) &&
        this.#core.forbids(clause, variable),
    )
  }

  /** Makes clauses of wishes. False when the search has to begin again. */
  *#wish(from: Node<C, Spec>, place: number, list: readonly Wish<Spec>[]): Asking<C, Spec> {
    if (!(yield* this.#meet(list))) return false
    for (const wish of list) {
      const target = this.#projects.get(wish.project)!
      const allowed = this.#cut(target, wish.spec)
      if (target.bound && allowed.length === 0) {
        this.#knowledge.freed.add(wish.project)
        return false
      }
      this.#demand(from, place, target, wish, allowed)
      for (const extra of wish.extras) this.#demand(from, place, this.#extra(target, extra), wish, asked)
    }
    return true
  }

  /** Asks for the candidates of all projects that are named for the first time, at once. */
  *#meet(list: readonly Wish<Spec>[]): Asking<C, Spec> {
    const { direct, candidates, freed, allFreed } = this.#knowledge
    const isDirect = this.#problem.isDirect
    let grown = false
    if (isDirect !== undefined) {
      for (const { project, spec } of list) {
        const specs = direct.get(project)
        if (!isDirect(spec) || specs?.includes(spec) === true) continue
        if (specs === undefined) direct.set(project, [spec])
        else specs.push(spec)
        candidates.delete(project)
        freed.add(project)
        if (this.#projects.has(project)) grown = true
      }
    }
    if (grown) return false
    const fresh = [...new Set(list.map(({ project }) => project))].filter((project) => !this.#projects.has(project))
    const bound = (project: string): C | undefined =>
      allFreed || freed.has(project) ? undefined : this.#problem.present?.get(project)
    const missing = (): readonly string[] =>
      fresh.filter((project) => bound(project) === undefined && !candidates.has(project))
    for (let open = missing(); open.length > 0; open = missing()) {
      yield* this.#ask(
        open.map((project) => ({
          kind: 'candidates' as const,
          project,
          direct: direct.get(project) ?? [],
          blocking: true,
        })),
      )
    }
    for (const project of fresh) {
      const present = bound(project)
      this.#node(project, undefined, present === undefined ? (candidates.get(project) ?? []) : [present])
    }
    // What is likely to be chosen is likely to be asked for.
    for (const { project, spec } of list) {
      if (!fresh.includes(project)) continue
      const node = this.#projects.get(project)!
      this.#hint(node, this.#cut(node, spec), 1)
    }
    if (this.#hints.length > 0) yield* this.#ask([])
    return true
  }

  #hint(node: Node<C, Spec>, set: IndexSet, count: number): void {
    let left = count
    const isPossible = (candidate: C): boolean => hasPlace(set, node.candidates.indexOf(candidate) + 1)
    const wanted = this.#problem.prefer?.(node.project, node.candidates, isPossible)
    const preferred = wanted !== undefined && isPossible(wanted) ? wanted : undefined
    for (const place of this.#inOrder(node, set)) {
      const candidate = preferred ?? node.candidates[place - 1]!
      if (candidate.tier !== 0 && candidate !== preferred) continue
      if (!this.#knowledge.wishes.has(candidate))
        this.#hints.push({ kind: 'wishes', project: node.project, candidate, blocking: false })
      if (--left === 0 || preferred !== undefined) break
    }
  }

  /** Where one candidate after another fails, the next ones are fetched together. */
  #noteTry(node: Node<C, Spec>, place: number): void {
    node.tries++
    if (node.tries < 4 || node.tries % 4 !== 0) return
    const below = intersectSets(node.variable.possible, [1, place])
    this.#hint(node, below, Math.min(node.tries, 32))
  }

  *#ask(needs: readonly Need<C, Spec>[]): Generator<readonly Need<C, Spec>[], void, readonly Fact<C, Spec>[]> {
    const all = this.#hints.length === 0 ? needs : [...needs, ...this.#hints]
    this.#hints = []
    for (const fact of yield all) {
      if (fact.kind === 'candidates') this.#knowledge.candidates.set(fact.project, fact.candidates)
      else this.#knowledge.wishes.set(fact.candidate, fact.wishes)
    }
  }

  /** The clause "not this candidate (with this extra) without one of those", joined with that of other candidates that say the same. */
  #demand(from: Node<C, Spec>, place: number, target: Node<C, Spec>, wish: Wish<Spec>, allowed: IndexSet): void {
    const owner = from.base ?? from
    // A candidate that wishes for itself: nothing new, or it cannot be.
    if (target === owner && hasPlace(allowed, place)) return
    let byVariable = from.wishes.get(target.variable)
    if (byVariable === undefined) {
      byVariable = new Map()
      from.wishes.set(target.variable, byVariable)
    }
    const known = byVariable.get(allowed)
    const before = known === undefined ? noPlaces : known.sets[0]!
    const told = (known?.cause as { readonly parts: readonly WishPart<Spec>[] } | undefined)?.parts
    // What lets the same through may open more: a pre-release, or what was taken back.
    if (hasPlace(before, place) && hasPart(told, wish, place)) return
    const places = uniteSets(before, [place, place + 1])
    const ground: Ground<Spec> = {
      ...(owner.project === ''
        ? {}
        : { from: { project: owner.project, ...(from.extra === undefined ? {} : { extra: from.extra }), places } }),
      project: target.project,
      parts: joinPart(told, wish, place),
      ...(target.base === undefined ? { kind: 'wish', allowed } : { kind: 'extra', extra: target.extra! }),
    }
    const without = complementSet(allowed, target.variable.size)
    const same = target === owner
    if (known !== undefined && !same) {
      byVariable.set(allowed, this.#core.replace(known, [places, ...known.sets.slice(1)], ground))
      return
    }
    const variables = [owner.variable]
    const sets: IndexSet[] = [same ? intersectSets(places, without) : places]
    if (from !== owner) {
      variables.push(from.variable)
      sets.push(asked)
    }
    if (!same) {
      variables.push(target.variable)
      sets.push(without)
    }
    const clause = this.#core.add(variables, sets, ground)
    // A wish that nothing meets leaves out its second term; it can still be joined by its first.
    if (!same) byVariable.set(allowed, clause)
  }
}

/** The same words by one candidate more, or other words. */
function joinPart<Spec>(
  parts: readonly WishPart<Spec>[] = [],
  wish: Wish<Spec>,
  place: number,
): readonly WishPart<Spec>[] {
  const own: IndexSet = [place, place + 1]
  const at = parts.findIndex((part) => isSameWish(part.wish, wish))
  if (at < 0) return [...parts, { wish, places: own }]
  return parts.map((part, index) => (index === at ? { wish: part.wish, places: uniteSets(part.places, own) } : part))
}

function hasPart<Spec>(parts: readonly WishPart<Spec>[] = [], wish: Wish<Spec>, place: number): boolean {
  return parts.some((part) => hasPlace(part.places, place) && isSameWish(part.wish, wish))
}

function isSameWish<Spec>(a: Wish<Spec>, b: Wish<Spec>): boolean {
  return a.spec === b.spec && a.when === b.when && a.extras.join() === b.extras.join()
}

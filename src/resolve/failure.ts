// A proof that there is no answer, as plain data: the steps that led to it, and the smallest set of given things found among its
// grounds that cannot be had at once.

import { type Clause, Core, type Variable } from './core.ts'
import { hasPlace, intersectSets, placesDown, uniteSets } from './index-set.ts'
import type { Candidate, Failure, Ground, Step, Term } from './problem.ts'

/** What the proof says of a variable. */
export interface Subject {
  readonly project: string
  readonly extra?: string
  readonly unknown: boolean
  readonly candidates: readonly Candidate[]
}

/** Work that asks for nothing, in parts between which whoever does it may leave. */
type InParts<Result> = Generator<readonly never[], Result, unknown>

/**
 * What may be spent on telling a failure shortly, in decisions and conflicts: seconds at most. There are few grounds that take more to be
 * thinned out, and of those that do a longer telling is better than a longer wait. Counted, not timed: the same failure is told alike anywhere.
 */
const mostTried = 20_000

interface Allowance {
  left: number
}

/** The proof that ends in `impossible`, a clause without terms. */
export function* failureOf<Spec>(
  impossible: Clause,
  core: Core,
  subjectOf: (variable: Variable) => Subject,
): InParts<Failure<Spec>> {
  const order: Clause[] = []
  const indexOf = new Map<Clause, number>()
  // Depth first without recursion: proofs can be thousands of steps deep.
  const stack: { readonly clause: Clause; parent: number }[] = [{ clause: impossible, parent: 0 }]
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!
    const parent = top.clause.parents?.[top.parent++]
    if (parent !== undefined) {
      if (!indexOf.has(parent)) stack.push({ clause: parent, parent: 0 })
      continue
    }
    stack.pop()
    if (indexOf.has(top.clause)) continue
    indexOf.set(top.clause, order.length)
    order.push(top.clause)
  }
  const terms = (clause: Clause): readonly Term[] =>
    clause.variables.flatMap((variable, at) => {
      const { project, extra } = subjectOf(variable)
      return project === '' ? [] : [{ project, ...(extra === undefined ? {} : { extra }), places: clause.sets[at]! }]
    })
  const proof = order.map((clause): Step<Spec> => {
    const { parents, cause } = clause
    if (parents !== undefined)
      return { terms: terms(clause), because: { steps: [indexOf.get(parents[0])!, indexOf.get(parents[1])!] } }
    return { terms: terms(clause), because: { ground: cause as Ground<Spec> } }
  })
  const grounds = order.filter(({ parents, cause }) => parents === undefined && cause !== undefined)
  const always = order.filter(({ parents, cause }) => parents === undefined && cause === undefined)
  const needed = yield* joinAlike(core, always, yield* smallestPart(core, always, grounds))
  const labels = new Map<string, readonly string[] | undefined>()
  for (const clause of order) {
    for (const variable of clause.variables) {
      const { project, extra, unknown, candidates } = subjectOf(variable)
      if (project === '' || extra !== undefined) continue
      labels.set(project, unknown ? undefined : candidates.map(({ label }) => label))
    }
    const ground = clause.cause as Ground<Spec> | undefined
    // A wish that nothing meets names a project that is in no term.
    if (ground?.kind === 'wish' && !labels.has(ground.project)) {
      const variable = core.variables.find((one) => subjectOf(one).project === ground.project)
      const subject = variable === undefined ? undefined : subjectOf(variable)
      labels.set(ground.project, subject?.unknown ? undefined : subject?.candidates.map(({ label }) => label))
    }
  }
  return { proof, core: needed.map(({ cause }) => cause as Ground<Spec>), labels }
}

/**
 * Clauses that cannot all be kept, of which none can be spared: each is left out in turn, and stays out where it isn't missed. Where that
 * takes too much, those that were not tried are kept.
 */
function* smallestPart(core: Core, always: readonly Clause[], clauses: readonly Clause[]): InParts<readonly Clause[]> {
  if (clauses.length > 400) return clauses
  const allowance: Allowance = { left: mostTried }
  let needed = [...clauses]
  for (const clause of clauses) {
    if (allowance.left <= 0) break
    const rest = needed.filter((other) => other !== clause)
    if (rest.length < needed.length && (yield* isImpossible(core, [...always, ...rest], allowance))) needed = rest
  }
  return needed
}

/** More than so many wishes of one project for another are told in one sentence. */
export const tellApart = 3

type WishGround = Extract<Ground<unknown>, { kind: 'wish' }>

/**
 * Many releases of one project that each ask something else of another: where it is enough that none of them lets the same through, that
 * is all that is kept of them.
 */
function* joinAlike(core: Core, always: readonly Clause[], clauses: readonly Clause[]): InParts<readonly Clause[]> {
  const groups = new Map<string, Clause[]>()
  for (const clause of clauses) {
    const ground = clause.cause as Ground<unknown>
    if (ground.kind !== 'wish' || ground.from === undefined || ground.allowed.length === 0) continue
    const key = `${ground.project} ${clause.variables.map(({ id }) => id).join()}`
    groups.set(key, [...(groups.get(key) ?? []), clause])
  }
  const allowance: Allowance = { left: mostTried }
  let told = clauses
  for (const group of groups.values()) {
    if (group.length <= tellApart || allowance.left <= 0) continue
    const joined = joinClauses(group)
    const rest = told.filter((clause) => !group.includes(clause))
    const next = told.flatMap((clause) => (clause === group[0] ? [joined] : group.includes(clause) ? [] : [clause]))
    if (yield* isImpossible(core, [...always, ...rest, joined], allowance)) told = next
  }
  return told
}

/** Says less than any of them: whoever of them is there, nothing outside of all that they let through is. */
function joinClauses(group: readonly Clause[]): Clause {
  const [first, ...others] = group
  const grounds = group.map(({ cause }) => cause as WishGround)
  const from = grounds[0]!.from!
  const owner = first!.sets[0]!
  const ground: WishGround = {
    kind: 'wish',
    from: { ...from, places: grounds.map((one) => one.from!.places).reduce(uniteSets) },
    project: grounds[0]!.project,
    allowed: grounds.map(({ allowed }) => allowed).reduce(uniteSets),
    parts: grounds.flatMap(({ parts }) => parts),
  }
  return {
    variables: first!.variables,
    // The first term is the wisher's; an extra's, where there is one, is the same in all; the last is what would not do.
    sets: first!.sets.map((set, at) =>
      at === 0
        ? others.reduce((all, { sets }) => uniteSets(all, sets[0]!), owner)
        : others.reduce((all, { sets }) => intersectSets(all, sets[at]!), set),
    ),
    cause: ground,
    settled: false,
  }
}

/** Whether it was found, with what is allowed for it, that no choice of places keeps all these clauses. */
function* isImpossible(core: Core, clauses: readonly Clause[], allowance: Allowance): InParts<boolean> {
  const nothing = (): void => {}
  const search = new Core({ narrowed: nothing, released: nothing, clashed: nothing, lost: () => false })
  const twins = core.variables.map(({ size }) => search.variable(size))
  const used = new Set<Variable>()
  for (const { variables, sets } of clauses) {
    const own = variables.map(({ id }) => twins[id]!)
    for (const variable of own) used.add(variable)
    search.add(own, sets, undefined)
  }
  const most = allowance.left
  for (;;) {
    const impossible = search.propagate()
    allowance.left = most - search.decisions - search.conflicts
    if (impossible === undefined || impossible === 'unfinished') {
      if (allowance.left <= 0) return false
    }
    if (impossible === 'unfinished') {
      yield []
      continue
    }
    if (impossible !== undefined) return true
    const open = [...used].find(({ decided, possible }) => !decided && !hasPlace(possible, 0))
    if (open === undefined) return false
    const [place] = placesDown(open.possible)
    search.decide(open, place!)
  }
}

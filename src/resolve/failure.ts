// A proof that there is no answer, as plain data: the steps that led to it, and the smallest set of given things found among its
// grounds that cannot be had at once.

import { type Clause, Core, type Variable } from './core.ts'
import { hasPlace, placesDown } from './index-set.ts'
import type { Candidate, Failure, Ground, Step, Term } from './problem.ts'

/** What the proof says of a variable. */
export interface Subject {
  readonly project: string
  readonly extra?: string
  readonly unknown: boolean
  readonly candidates: readonly Candidate[]
}

/** The proof that ends in `impossible`, a clause without terms. */
export function failureOf<Spec>(
  impossible: Clause,
  core: Core,
  subjectOf: (variable: Variable) => Subject,
): Failure<Spec> {
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
  const needed = smallestPart(core, always, grounds)
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

/** Clauses that cannot all be kept, of which none can be spared: each is left out in turn, and stays out where it isn't missed. */
function smallestPart(core: Core, always: readonly Clause[], clauses: readonly Clause[]): readonly Clause[] {
  if (clauses.length > 400) return clauses
  let needed = [...clauses]
  for (const clause of clauses) {
    const rest = needed.filter((other) => other !== clause)
    if (rest.length < needed.length && isImpossible(core, [...always, ...rest])) needed = rest
  }
  return needed
}

/** Whether no choice of places keeps all these clauses. */
function isImpossible(core: Core, clauses: readonly Clause[]): boolean {
  const nothing = (): void => {}
  const search = new Core({ narrowed: nothing, released: nothing, clashed: nothing, lost: () => false })
  const twins = core.variables.map(({ size }) => search.variable(size))
  const used = new Set<Variable>()
  for (const { variables, sets } of clauses) {
    const own = variables.map(({ id }) => twins[id]!)
    for (const variable of own) used.add(variable)
    search.add(own, sets, undefined)
  }
  for (;;) {
    if (search.propagate() !== undefined) return true
    const open = [...used].find(({ decided, possible }) => !decided && !hasPlace(possible, 0))
    if (open === undefined) return false
    const [place] = placesDown(open.possible)
    search.decide(open, place!)
  }
}

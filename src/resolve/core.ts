// The kernel: conflict-driven search over variables whose values are places (index-set.ts). It is PubGrub (Natalie Weizenbaum, 2018)
// with one simplification: as "absent" is a place like any other, a term is just a set, a derivation the complement of a term, and
// resolving two clauses on a variable is the union of their two terms. It knows neither projects nor versions, and asks for nothing.
//
// - A *clause* says that its terms cannot all be true at once ("app 1 is there, and lib is not among 2 … 5").
// - The *trail* lists what was decided and what followed, in order; each entry holds what is still possible for its variable then.
// - *Propagation* looks for clauses with all terms true but one, and notes that this one is false.
// - A clause whose terms are all true is a *conflict*: it is resolved with the clauses that led to it until a clause remains which
//   was nearly true at an earlier level; the search goes back there, and never makes that mistake again.

import { areDisjoint, complementSet, type IndexSet, intersectSets, isSubset, uniteSets } from './index-set.ts'

export interface Variable {
  readonly id: number
  /** The highest place. */
  readonly size: number
  /** What is still possible. */
  possible: IndexSet
  decided: boolean
  /** Waits for its clauses to be looked at. */
  awake: boolean
  /** The last entry of the trail that is about it; -1 where there is none. */
  last: number
  readonly clauses: Clause[]
}

export interface Clause {
  readonly variables: readonly Variable[]
  /** What makes each variable's term true. */
  readonly sets: readonly IndexSet[]
  /** Where it comes from: what the caller said of it, or the two clauses it was made of. */
  readonly cause: unknown
  readonly parents?: readonly [Clause, Clause]
  /** A term of it is false, and stays so until the search goes back. */
  settled: boolean
}

interface Entry {
  readonly variable: Variable
  readonly possible: IndexSet
  readonly before: IndexSet
  /** The variable's entry before this one. */
  readonly previous: number
  /** The decisions up to this level led to it, however late it was noticed; it stays as long as they do. */
  readonly level: number
  /** The highest level among this and the entries before it on the same variable. */
  readonly reach: number
  /** Absent for a decision. */
  readonly cause: Clause | undefined
  /** How many clauses were settled when it was made. */
  readonly settled: number
}

export interface Listener {
  /** What is possible for a variable became less. */
  narrowed(variable: Variable): void
  /** A decision was taken back; the variable is undecided again. */
  released(variable: Variable): void
  /** A conflict was met. */
  clashed(): void
  /**
   * From a conflict it was learned that `loser` cannot be what it was, because of what others are, the last of which was decided at
   * `level`. Whether the search is to go back behind that decision, so that the loser can be decided before.
   */
  lost(loser: Variable, level: number): boolean
}

/** Some milliseconds' worth. */
const mostSteps = 100_000

export class Core {
  readonly variables: Variable[] = []
  decisions = 0
  conflicts = 0
  clauses = 0
  level = 0
  readonly #trail: Entry[] = []
  readonly #settled: Clause[] = []
  readonly #changed: Variable[] = []
  readonly #listener: Listener
  /** Of this call of `propagate`. */
  #steps = 0

  constructor(listener: Listener) {
    this.#listener = listener
  }

  /** A variable with the places 0 … `size`. */
  variable(size: number): Variable {
    const variable: Variable = {
      id: this.variables.length,
      size,
      possible: [0, size + 1],
      decided: false,
      awake: false,
      last: -1,
      clauses: [],
    }
    this.variables.push(variable)
    return variable
  }

  /** A clause that holds always. Terms that are true whatever happens are left out. */
  add(variables: readonly Variable[], sets: readonly IndexSet[], cause: unknown): Clause {
    const kept = variables.flatMap((variable, index) => (isAll(sets[index]!, variable) ? [] : [index]))
    const clause: Clause =
      kept.length === variables.length
        ? { variables, sets, cause, settled: false }
        : { variables: kept.map((at) => variables[at]!), sets: kept.map((at) => sets[at]!), cause, settled: false }
    this.#enter(clause)
    return clause
  }

  /** Puts `wider`, which says all that `narrower` says, in its place. */
  replace(narrower: Clause, sets: readonly IndexSet[], cause: unknown): Clause {
    const wider: Clause = { variables: narrower.variables, sets, cause, settled: false }
    for (const variable of wider.variables) {
      variable.clauses[variable.clauses.lastIndexOf(narrower)] = wider
      this.#wake(variable)
    }
    return wider
  }

  /** Whether all terms of a clause but that of `variable` are true, so that what that one says cannot be decided. */
  forbids(clause: Clause, variable: Variable): boolean {
    return clause.variables.every((one, at) => one === variable || isSubset(one.possible, clause.sets[at]!))
  }

  /** To be told of a clause that forbids what was to be decided; goes back where the listener wants that. */
  yieldTo(clause: Clause, loser: Variable): void {
    const level = this.#levelWithout(clause, loser)
    if (level > 0 && this.#listener.lost(loser, level)) this.#goBack(level - 1)
  }

  decide(variable: Variable, place: number): void {
    this.decisions++
    this.level++
    variable.decided = true
    this.#assign(variable, [place, place + 1], this.level, undefined)
  }

  /**
   * Draws all conclusions, or so many that whoever calls may want to look up (a second takes tens of millions of steps): called again it
   * goes on. The clause that cannot be kept by anything, when there is one.
   */
  propagate(): Clause | 'unfinished' | undefined {
    const changed = this.#changed
    this.#steps = 0
    while (changed.length > 0) {
      if (this.#steps > mostSteps) return 'unfinished'
      const variable = changed.pop()!
      variable.awake = false
      const { clauses } = variable
      // Newest first: learned clauses say more than those they were learned from.
      for (let index = clauses.length - 1; index >= 0; index--) {
        const clause = clauses[index]!
        this.#steps++
        if (clause.settled) continue
        const open = this.#openTerm(clause)
        if (open === undefined) continue
        if (open >= 0) {
          this.#derive(clause, open)
          continue
        }
        const learned = this.#learn(clause)
        if (learned.variables.length === 0) return learned
        const term = this.#openTerm(learned)
        if (term !== undefined && term >= 0) this.#derive(learned, term)
        this.#wake(variable)
        break
      }
    }
    return undefined
  }

  /** The one term of a clause that isn't true; -1 when all are; undefined when it says nothing now. */
  #openTerm(clause: Clause): number | undefined {
    const { variables, sets } = clause
    let open = -1
    for (let index = 0; index < variables.length; index++) {
      const { possible } = variables[index]!
      const set = sets[index]!
      if (isSubset(possible, set)) continue
      if (areDisjoint(possible, set)) {
        this.#settle(clause)
        return undefined
      }
      if (open >= 0) {
        // A third term may yet be false, and then the clause need not be looked at again.
        for (let rest = index + 1; rest < variables.length; rest++) {
          if (areDisjoint(variables[rest]!.possible, sets[rest]!)) {
            this.#settle(clause)
            break
          }
        }
        return undefined
      }
      open = index
    }
    return open
  }

  #wake(variable: Variable): void {
    if (variable.awake) return
    variable.awake = true
    this.#changed.push(variable)
  }

  #settle(clause: Clause): void {
    clause.settled = true
    this.#settled.push(clause)
  }

  #derive(clause: Clause, term: number): void {
    const variable = clause.variables[term]!
    const rest = intersectSets(variable.possible, complementSet(clause.sets[term]!, variable.size))
    this.#assign(variable, rest, this.#levelWithout(clause, variable), clause)
    this.#settle(clause)
    this.#listener.narrowed(variable)
  }

  #assign(variable: Variable, possible: IndexSet, level: number, cause: Clause | undefined): void {
    const before = variable.last < 0 ? 0 : this.#trail[variable.last]!.reach
    this.#trail.push({
      variable,
      possible,
      before: variable.possible,
      previous: variable.last,
      level,
      reach: Math.max(level, before),
      settled: this.#settled.length,
      cause,
    })
    variable.possible = possible
    variable.last = this.#trail.length - 1
    this.#wake(variable)
  }

  /** Resolves a conflict, and goes back to where the clause learned from it has something to say. */
  #learn(conflict: Clause): Clause {
    this.conflicts++
    this.#listener.clashed()
    let clause = conflict
    for (;;) {
      const { variables, sets } = clause
      if (variables.length === 0) return clause
      this.#steps += variables.length
      // The entry that made the last of the terms true, and the level at which all others were.
      let latest = -1
      let term = 0
      let level = 0
      for (let index = 0; index < variables.length; index++) {
        const at = this.#firstWithin(variables[index]!, sets[index]!)
        if (at > latest) {
          if (latest >= 0) level = Math.max(level, this.#trail[latest]!.reach)
          latest = at
          term = index
        } else if (at >= 0) level = Math.max(level, this.#trail[at]!.reach)
      }
      const entry = this.#trail[latest]!
      const { cause, variable } = entry
      if (cause !== undefined) {
        const set = sets[term]!
        const own = complementSet(cause.sets[cause.variables.indexOf(variable)]!, variable.size)
        // The entry may have needed help of earlier ones on the same variable.
        if (!isSubset(own, set)) level = Math.max(level, this.#levelWithin(latest, own, set))
      }
      if (cause === undefined || level < entry.level) {
        // No further than it must: what was decided in between would be decided the same again, a hundred times over.
        const further = level > 0 && this.#listener.lost(variable, level)
        this.#goBack(further ? level - 1 : entry.level - 1)
        if (clause !== conflict) this.#enter(clause)
        return clause
      }
      clause = resolveOn(variable, clause, cause)
    }
  }

  /** The level at which all terms but that of `variable` were true. */
  #levelWithout(clause: Clause, variable: Variable): number {
    let level = 0
    for (let index = 0; index < clause.variables.length; index++) {
      const one = clause.variables[index]!
      if (one === variable) continue
      const at = this.#firstWithin(one, clause.sets[index]!)
      if (at >= 0) level = Math.max(level, this.#trail[at]!.reach)
    }
    return level
  }

  /** The first entry from which on a term is true; -1 for one that needs none. */
  #firstWithin(variable: Variable, set: IndexSet): number {
    let found = -1
    for (let at = variable.last; at >= 0; ) {
      const entry = this.#trail[at]!
      if (!isSubset(entry.possible, set)) break
      found = at
      at = entry.previous
    }
    return found
  }

  /** The level at which, together with `own`, the term became true. */
  #levelWithin(latest: number, own: IndexSet, set: IndexSet): number {
    let level = 0
    for (let at = this.#trail[latest]!.previous; at >= 0; ) {
      const entry = this.#trail[at]!
      if (!isSubset(intersectSets(entry.possible, own), set)) break
      level = entry.reach
      at = entry.previous
    }
    return level
  }

  /** The variable that was decided at a level. */
  decidedAt(level: number): Variable | undefined {
    return this.#trail.find((entry) => entry.cause === undefined && entry.level === level)?.variable
  }

  /** Takes back what the decisions above a level led to. What was noticed late and did not hang on them stays. */
  #goBack(level: number): void {
    const trail = this.#trail
    const staying: Entry[] = []
    let settled = this.#settled.length
    // A decision stands before everything that hangs on it.
    while (this.level > level) {
      const entry = trail.pop()!
      const { variable, before, previous, cause } = entry
      variable.possible = before
      variable.last = previous
      settled = entry.settled
      // A clause may have something to say of it that was said at a later level only.
      this.#wake(variable)
      if (cause === undefined) {
        this.level--
        variable.decided = false
        this.#listener.released(variable)
      } else if (entry.level <= level) staying.push(entry)
    }
    for (let index = settled; index < this.#settled.length; index++) this.#settled[index]!.settled = false
    this.#settled.length = settled
    for (const { variable, cause, level: own } of staying.reverse()) {
      const set = cause!.sets[cause!.variables.indexOf(variable)]!
      const rest = intersectSets(variable.possible, complementSet(set, variable.size))
      if (rest === variable.possible) continue
      this.#assign(variable, rest, own, cause)
      this.#listener.narrowed(variable)
    }
  }

  #enter(clause: Clause): void {
    this.clauses++
    for (const variable of clause.variables) {
      variable.clauses.push(clause)
      this.#wake(variable)
    }
  }
}

function isAll(set: IndexSet, variable: Variable): boolean {
  return set.length === 2 && set[0] === 0 && set[1] === variable.size + 1
}

/** What follows from two clauses that cannot both be spared by `variable`. */
function resolveOn(variable: Variable, a: Clause, b: Clause): Clause {
  const variables: Variable[] = []
  const sets: IndexSet[] = []
  for (let index = 0; index < a.variables.length; index++) {
    const one = a.variables[index]!
    const other = b.variables.indexOf(one)
    let set = a.sets[index]!
    if (other >= 0) set = one === variable ? uniteSets(set, b.sets[other]!) : intersectSets(set, b.sets[other]!)
    if (isAll(set, one)) continue
    variables.push(one)
    sets.push(set)
  }
  for (let index = 0; index < b.variables.length; index++) {
    const one = b.variables[index]!
    if (a.variables.includes(one)) continue
    variables.push(one)
    sets.push(b.sets[index]!)
  }
  return { variables, sets, cause: undefined, parents: [a, b], settled: false }
}

// What could be asked instead, when what is asked for cannot be had: each thing that is offered was tried, with what the indexes have.
// A failure stays fast: nothing is built for it, and it takes no longer than the search itself did, or a second and a half.

import { isDenError } from '../base/error.ts'
import type { ResolutionFix } from '../base/errors/resolve.ts'
import { hideCredentials } from '../base/safe-url.ts'
import { crossTarget } from '../python/cross-target.ts'
import type { Target } from '../python/target.ts'
import { type Asking, type Fix, findFixes, type Tried, withPatience } from '../resolve/fixes.ts'
import type { Failure, Problem, Wish } from '../resolve/problem.ts'
import type { PythonSpec, WishReader } from '../resolve/python.ts'
import { relaxFor } from '../resolve/relax.ts'
import { solve } from '../resolve/solver.ts'
import { parseSpecifiers, specifierSet, specifiersContain } from '../spec/specifier.ts'
import type { CandidateChooser } from './resolve-candidates.ts'
import { answered, type Facts, type PipCandidate } from './resolve-facts.ts'

const leastMilliseconds = 1500
const mostMilliseconds = 8000
/** Pythons that are solved for as a whole. */
const mostPythons = 2

export interface WaysOutOptions {
  readonly now: () => number
  readonly signal?: AbortSignal
  /** How long the search took that failed. */
  readonly milliseconds: number
  readonly problem: Problem<PipCandidate, PythonSpec>
  readonly failure: Failure<PythonSpec>
  readonly facts: Facts
  readonly reader: WishReader
  /** false: hashes tie what is asked for to its versions. */
  readonly mayLoosen: boolean
  /** Solves for something else than one target. */
  readonly solve?: (problem: Problem<PipCandidate, PythonSpec>) => PipAsking<Tried<PipCandidate, PythonSpec>>
  /** What else could be done, by the searches that show whether it helps; of what is done in the same way the first that does. */
  readonly others?: readonly OtherWay[]
}

export type PipAsking<Answer> = Asking<PipCandidate, PythonSpec, Answer>

export interface OtherWay {
  readonly fix: ResolutionFix
  /** Whether it can be had so. */
  readonly open: () => Promise<{ readonly search: PipAsking<boolean>; readonly facts: Facts }>
}

export async function waysOut(options: WaysOutOptions): Promise<readonly ResolutionFix[]> {
  const { now, signal, problem, failure, facts, reader, others = [] } = options
  const end = now() + Math.min(Math.max(leastMilliseconds, options.milliseconds), mostMilliseconds)
  // Each try has its share of the time, lest the first that waits for many pages leaves none for the others.
  let share = end
  const begin = (toCome: number): void => {
    share = now() + (end - now()) / toCome
  }
  const isOver = (): boolean => now() > share
  const patience = (): number => share - now()
  const any = specifierSet([])
  const fixes = findFixes(problem, failure, {
    any: reader.specOf(any),
    anyPrerelease: { text: '', specifiers: { ...any, namesPrerelease: true } },
    relax: ({ spec }, taken) => {
      const relaxed = relaxFor(spec.specifiers, taken)
      return relaxed && { to: reader.specOf(parseSpecifiers(relaxed.text)), takes: relaxed.takes }
    },
    begin: (toCome) => begin(toCome + others.length),
    isOver,
    ...(options.solve === undefined ? {} : { solve: options.solve }),
  })
  facts.stopBuilding()
  const found: ResolutionFix[] = []
  try {
    const tried = await answered(fixes, facts, signal, patience)
    const kept = options.mayLoosen ? tried : tried.filter(({ kind }) => kind === 'prereleases')
    found.push(...kept.map(toldFix))
    for (const [index, { fix, open }] of others.entries()) {
      if (found.some(({ kind }) => kind === fix.kind)) continue
      begin(others.length - index)
      const other = await open()
      other.facts.stopBuilding()
      if ((await answered(withPatience(other.search, isOver), other.facts, signal, patience)) === true) found.push(fix)
    }
  } catch (error) {
    // An index that fails while a way out is looked for leaves what was wrong before as it was.
    if (signal?.aborted === true || !isDenError(error)) throw error
  }
  return found
}

function toldFix(fix: Fix<PipCandidate, PythonSpec>): ResolutionFix {
  switch (fix.kind) {
    case 'prereleases':
      return fix
    case 'drop':
      return { kind: 'drop', leave: wished(fix.wish) }
    case 'limit': {
      const instead = wished({ project: fix.project, extras: [], spec: fix.spec })
      const takes = fix.takes === undefined ? {} : { takes: `${fix.project} ${fix.takes.label}` }
      return { kind: 'constraint', instead, ...takes }
    }
    case 'wishes': {
      const changes = fix.changes.map(({ wish, to, takes }) => ({
        instead: wished(wish),
        ask: named(wish) + to.text,
        takes: `${wish.project} ${takes.version.text}`,
      }))
      return { kind: 'ask', changes }
    }
  }
}

function named({ project, extras }: Pick<Wish<PythonSpec>, 'project' | 'extras'>): string {
  return extras.length === 0 ? project : `${project}[${extras.join(',')}]`
}

function wished(wish: Wish<PythonSpec>): string {
  const { url, text } = wish.spec
  return url === undefined ? named(wish) + text : `${named(wish)} @ ${hideCredentials(url)}`
}

export interface PythonsOptions {
  readonly target: Target
  readonly failure: Failure<PythonSpec>
  readonly facts: Facts
  readonly chooserFor: (target: Target) => CandidateChooser
  /** The same for another target. */
  readonly openFor: (
    target: Target,
  ) => Promise<{ readonly problem: Problem<PipCandidate, PythonSpec>; readonly facts: Facts }>
}

/** Other Pythons: those under which something in the conflict has versions that it hasn't here, the nearest first. */
export function otherPythons(options: PythonsOptions): readonly OtherWay[] {
  return [...pythonsToTry(options)].map(([minor, target]) => ({
    fix: { kind: 'python', version: `3.${minor}` },
    open: async () => {
      const { problem, facts } = await options.openFor(target)
      return { search: isSolved(problem), facts }
    },
  }))
}

function* isSolved(problem: Problem<PipCandidate, PythonSpec>): PipAsking<boolean> {
  return (yield* solve(problem)).kind === 'solved'
}

function* pythonsToTry(options: PythonsOptions): Generator<readonly [minor: number, target: Target]> {
  const { target, failure, facts, chooserFor } = options
  const [major, own = 0] = target.pythonVersion.release
  if (major !== 3 || target.markers.implementation_name !== 'cpython') return
  const asked = failure.core.flatMap((ground) => (ground.kind === 'wish' ? ground.parts.map(({ wish }) => wish) : []))
  const count = (chooser: CandidateChooser, { project, spec }: Wish<PythonSpec>): number => {
    const files = facts.projectOf(project)
    const all = files === undefined ? [] : chooser.candidatesOf(files)
    return all.filter(({ version }) => specifiersContain(spec.specifiers, version)).length
  }
  const here = chooserFor(target)
  const before = asked.map((one) => count(here, one))
  let left = mostPythons
  for (let far = 1; far <= 6 && left > 0; far++) {
    for (const minor of [own - far, own + far]) {
      if (minor < 8 || left === 0) continue
      // Whatever the patch release, it is one of the last.
      const other = crossTarget(target, { pythonVersion: [3, minor, 99] })
      const chooser = chooserFor(other)
      if (!asked.some((one, at) => count(chooser, one) > before[at]!)) continue
      left--
      yield [minor, other]
    }
  }
}

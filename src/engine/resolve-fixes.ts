// What could be asked instead, when what is asked for cannot be had: each thing that is offered was tried, with what the indexes have.
// A failure stays fast: nothing is built for it, and it takes no longer than the search itself did, or a second and a half.

import { isDenError } from '../base/error.ts'
import type { ResolutionFix } from '../base/errors/resolve.ts'
import { hideCredentials } from '../base/safe-url.ts'
import { crossTarget } from '../python/cross-target.ts'
import type { Target } from '../python/target.ts'
import { type Fix, findFixes, withPatience } from '../resolve/fixes.ts'
import type { Failure, Problem, Wish } from '../resolve/problem.ts'
import type { PythonSpec, WishReader } from '../resolve/python.ts'
import { relaxSpecifiers } from '../resolve/relax.ts'
import { solve } from '../resolve/solver.ts'
import { specifierSet, specifiersContain } from '../spec/specifier.ts'
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
  readonly target: Target
  readonly problem: Problem<PipCandidate, PythonSpec>
  readonly failure: Failure<PythonSpec>
  readonly facts: Facts
  readonly reader: WishReader
  /** false: hashes tie what is asked for to its versions. */
  readonly mayLoosen: boolean
  /** The same for another target; absent where that makes no sense. */
  readonly openFor?: (
    target: Target,
  ) => Promise<{ readonly problem: Problem<PipCandidate, PythonSpec>; readonly facts: Facts }>
  readonly chooserFor: (target: Target) => CandidateChooser
}

export async function waysOut(options: WaysOutOptions): Promise<readonly ResolutionFix[]> {
  const { now, signal, problem, failure, facts, reader } = options
  const end = now() + Math.min(Math.max(leastMilliseconds, options.milliseconds), mostMilliseconds)
  // Each try has its share of the time, lest the first that waits for many pages leaves none for the others.
  let share = end
  const begin = (toCome: number): void => {
    share = now() + (end - now()) / toCome
  }
  const isOver = (): boolean => now() > share
  const patience = (): number => share - now()
  const any = specifierSet([])
  const others = [...pythonsToTry(options)]
  const fixes = findFixes(problem, failure, {
    any: reader.specOf(any),
    anyPrerelease: { text: '', specifiers: { ...any, namesPrerelease: true } },
    begin: (toCome) => begin(toCome + others.length),
    isOver,
  })
  facts.stopBuilding()
  const found: ResolutionFix[] = []
  try {
    const tried = await answered(fixes, facts, signal, patience)
    const kept = options.mayLoosen ? tried : tried.filter(({ kind }) => kind === 'prereleases')
    found.push(...kept.flatMap(toldFix))
    for (const [index, [minor, target]] of others.entries()) {
      begin(others.length - index)
      const other = await options.openFor!(target)
      other.facts.stopBuilding()
      const resolution = await answered(withPatience(solve(other.problem), isOver), other.facts, signal, patience)
      if (resolution?.kind !== 'solved') continue
      found.push({ kind: 'python', version: `3.${minor}` })
      break
    }
  } catch (error) {
    // An index that fails while a way out is looked for leaves what was wrong before as it was.
    if (signal?.aborted === true || !isDenError(error)) throw error
  }
  return found
}

function toldFix(fix: Fix<PipCandidate, PythonSpec>): readonly ResolutionFix[] {
  switch (fix.kind) {
    case 'prereleases':
      return [fix]
    case 'drop':
      return [{ kind: 'drop', leave: wished(fix.wish) }]
    case 'limit': {
      const instead = wished({ project: fix.project, extras: [], spec: fix.spec })
      return [
        {
          kind: 'constraint',
          instead,
          ...(fix.takes === undefined ? {} : { takes: `${fix.project} ${fix.takes.label}` }),
        },
      ]
    }
    case 'wishes': {
      // What another way of looking at pre-releases let through can't be relaxed.
      if (fix.changes.some(({ wish, takes }) => specifiersContain(wish.spec.specifiers, takes.version))) return []
      const changes = fix.changes.map(({ wish, takes }) => ({
        instead: wished(wish),
        ask: named(wish) + relaxSpecifiers(wish.spec.specifiers, takes.version),
        takes: `${wish.project} ${takes.version.text}`,
      }))
      return [{ kind: 'ask', changes }]
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

/** Those under which something in the conflict has versions that it hasn't here, the nearest first. */
function* pythonsToTry(options: WaysOutOptions): Generator<readonly [minor: number, target: Target]> {
  const { target, failure, facts, openFor, chooserFor } = options
  const [major, own = 0] = target.pythonVersion.release
  if (openFor === undefined || major !== 3 || target.markers.implementation_name !== 'cpython') return
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

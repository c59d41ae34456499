// What the forks of a universal resolution chose, joined to packages with markers: the answer that somebody asked for.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { compareTexts } from '../base/compare.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import type { Wish, Wishes } from '../resolve/problem.ts'
import { type PythonSpec, type PythonWish, tiers } from '../resolve/python.ts'
import type { SolvedFork, UniversalCandidate, UniversalResolution } from '../resolve/universal-problem.ts'
import type { Marker } from '../spec/marker.ts'
import { type Condition, type MarkerSpace, pythonsLetThrough } from '../spec/marker-space.ts'
import { tryParseSpecifiers } from '../spec/specifier.ts'
import type { Asked } from './resolve-asked.ts'
import type { Facts, LinkCandidate } from './resolve-facts.ts'
import type { UniversalChooser, UniversalIndexCandidate } from './universal-candidates.ts'
import type { UniversalDependency, UniversalPackage, UniversalResult, UniversalRoot } from './universal-request.ts'

export type UniversalLinkCandidate = LinkCandidate & UniversalCandidate
/** What the solver chooses from. */
export type Taken = UniversalIndexCandidate | UniversalLinkCandidate
type Answer = Extract<UniversalResolution<Taken, PythonSpec>, { kind: 'solved' }>

export interface AnswerContext {
  readonly space: MarkerSpace
  readonly scope: Condition
  readonly facts: Facts
  readonly chooser: UniversalChooser
  readonly asked: Asked
  /** The wishes of each named root. */
  readonly roots: readonly (readonly PythonWish[])[]
}

/** A candidate with all that the forks say of it. */
interface Joined {
  readonly name: ProjectName
  readonly candidate: Taken
  where: Condition
  readonly extras: Set<string>
  readonly unknownExtras: Set<string>
  readonly dependencies: Map<string, JoinedDependency>
}

interface JoinedDependency {
  readonly name: ProjectName
  readonly candidate: Taken
  readonly spec: string
  readonly extras: readonly string[]
  where: Condition
}

/** One entry for each candidate, with all that the forks say of it. */
export function joinForks(answer: Answer, about: AnswerContext): Omit<UniversalResult, 'statistics'> {
  const { space, scope, facts } = about
  const all = new Map<Taken, Joined>()
  const roots = about.roots.map(() => new Map<string, JoinedDependency>())
  for (const fork of answer.forks) {
    for (const [index, wishes] of about.roots.entries())
      noteDependencies(space, roots[index]!, wishes, fork.where, fork)
    for (const [project, reach] of fork.reach) {
      const { candidate, unknownExtras } = fork.chosen.get(project)!
      let one = all.get(candidate)
      if (one === undefined) {
        one = {
          name: project as ProjectName,
          candidate,
          where: space.never,
          extras: new Set(),
          unknownExtras: new Set(),
          dependencies: new Map(),
        }
        all.set(candidate, one)
      }
      one.where = space.either(one.where, reach.where)
      for (const extra of unknownExtras) one.unknownExtras.add(extra)
      const wishes: Wishes<PythonSpec> = answer.wishesOf(candidate)
      noteDependencies(space, one.dependencies, wishes.always, reach.where, fork, project)
      for (const [extra, where] of reach.extras) {
        one.extras.add(extra)
        noteDependencies(space, one.dependencies, wishes.extras.get(extra) ?? [], where, fork, project)
      }
    }
  }
  const words = (where: Condition, within: Condition): { readonly marker?: Marker } => {
    const marker = space.words(where, within)
    return marker === undefined ? {} : { marker }
  }
  const dependencyOf = (one: JoinedDependency, within: Condition): UniversalDependency => ({
    name: one.name,
    version: one.candidate.version,
    extras: one.extras as readonly ExtraName[],
    specifiers: one.spec,
    ...words(one.where, within),
  })
  const allowed = new Map<string, Condition | undefined>()
  /** Said only where it lets every Python through for which the version is wanted: installers refuse what it excludes. */
  const pythonsOf = (requiresPython: string | undefined, where: Condition): { readonly requiresPython?: string } => {
    if (requiresPython === undefined) return {}
    if (!allowed.has(requiresPython)) {
      const specifiers = tryParseSpecifiers(requiresPython)
      allowed.set(requiresPython, specifiers && space.pythons(pythonsLetThrough(specifiers, 'closed')))
    }
    const own = allowed.get(requiresPython)
    if (own === undefined) return {}
    return space.implies(where, own) ? { requiresPython } : {}
  }
  const sorted = [...all.values()].sort(
    (a, b) =>
      compareTexts(a.name, b.name) ||
      compareTexts(a.candidate.key, b.candidate.key) ||
      compareTexts(a.candidate.url ?? '', b.candidate.url ?? ''),
  )
  const packages = sorted.map((one): UniversalPackage => {
    const { name, candidate, where } = one
    const metadata = facts.metadataOf(candidate as Parameters<Facts['metadataOf']>[0])
    let files: readonly DistributionFile[] | undefined
    return {
      name,
      version: candidate.version,
      // Read when they are asked for: there can be hundreds of a version, and pins need none of them.
      get files() {
        files ??= filesOf(candidate, where, about)
        return files
      },
      ...words(where, scope),
      ...pythonsOf(metadata?.requiresPython, where),
      ...(candidate.kind === 'link' ? { link: candidate.link } : {}),
      extras: [...one.extras].sort() as readonly string[] as readonly ExtraName[],
      dependencies: [...one.dependencies.values()].sort(compareDependencies).map((each) => dependencyOf(each, where)),
      ...(metadata === undefined ? {} : { metadata }),
    }
  })
  return {
    packages,
    roots: about.asked.named.flatMap(({ wanted }, index) =>
      [...roots[index]!.values()].sort(compareDependencies).map((one) => {
        const { when } = wanted as UniversalRoot
        return { ...dependencyOf(one, scope), ...(when === undefined ? {} : { when }) }
      }),
    ),
    forks: areSame(answer.forks) ? [] : answer.forks.flatMap(({ where }) => space.words(where, scope) ?? []),
    yanked: sorted.flatMap(({ name, candidate }) => {
      const isYanked = candidate.kind === 'index' && candidate.tier === tiers.yanked
      const yanked = isYanked ? candidate.scopedFiles()[0]?.yanked : undefined
      return yanked === undefined
        ? []
        : [{ name, version: candidate.version, ...(yanked === true ? {} : { reason: yanked }) }]
    }),
    unknownExtras: sorted.flatMap(({ name, candidate, unknownExtras }) =>
      [...unknownExtras].map((extra) => ({ name, version: candidate.version, extra })),
    ),
  }
}

function noteDependencies(
  space: MarkerSpace,
  into: Map<string, JoinedDependency>,
  wishes: readonly Wish<PythonSpec>[],
  where: Condition,
  fork: SolvedFork<Taken>,
  self?: string,
): void {
  for (const wish of wishes) {
    const { project, spec } = wish
    const part = wish.when === undefined ? where : space.both(where, wish.when as Condition)
    const target = fork.chosen.get(project)?.candidate
    if (part === space.never || target === undefined || project === self) continue
    const key = `${project} ${target.key} ${target.url ?? ''} ${wish.extras.join()} ${spec.text}`
    const before = into.get(key)
    if (before === undefined)
      into.set(key, {
        name: project as ProjectName,
        candidate: target,
        spec: spec.text,
        extras: wish.extras,
        where: part,
      })
    else before.where = space.either(before.where, part)
  }
}

/** The files that somebody who needs the version could install. */
function filesOf(
  candidate: Taken,
  where: Condition,
  { space, scope, chooser }: Pick<AnswerContext, 'space' | 'scope' | 'chooser'>,
): readonly DistributionFile[] {
  if (candidate.kind === 'link') return candidate.link.file === undefined ? [] : [candidate.link.file]
  const all = candidate.scopedFiles()
  const fitting = where === scope ? all : all.filter((file) => !space.areDisjoint(where, chooser.fitOf(file)))
  // Of what has files for other platforms alone these stand for it, as where it is needed on all of them.
  const files = fitting.length > 0 ? fitting : all
  const wheels: DistributionFile[] = []
  const sources: DistributionFile[] = []
  for (const file of files) (file.parsed.kind === 'wheel' ? wheels : sources).push(file)
  wheels.sort((a, b) => compareTexts(a.parsed.filename, b.parsed.filename))
  const source = sources.find(({ parsed }) => parsed.filename.endsWith('.tar.gz')) ?? sources[0]
  return source === undefined ? wheels : [...wheels, source]
}

function areSame(forks: readonly SolvedFork<Taken>[]): boolean {
  const chosen = new Map<string, Taken>()
  return forks.every(({ reach, chosen: own }) =>
    [...reach.keys()].every((project) => {
      const { candidate } = own.get(project)!
      const before = chosen.get(project) ?? candidate
      chosen.set(project, before)
      return before === candidate
    }),
  )
}

function compareDependencies(a: JoinedDependency, b: JoinedDependency): number {
  return (
    compareTexts(a.name, b.name) ||
    compareTexts(a.candidate.key, b.candidate.key) ||
    compareTexts(a.extras.join(), b.extras.join()) ||
    compareTexts(a.spec, b.spec)
  )
}

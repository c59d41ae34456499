// Who asks what of whom, in a lock: what `tree`, `why` and a selection without the project's own dependencies walk along.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { evaluateMarker, type Marker, type MarkerEnvironment, parseMarker } from '../spec/marker.ts'
import { andMarkers, markersDisjoint } from '../spec/marker-algebra.ts'
import { restrictMarker } from '../spec/marker-restrict.ts'
import { normalizeName, tryParseProjectName } from '../spec/name.ts'
import type { Pylock, PylockPackage } from '../spec/pylock.ts'
import type { Requirement } from '../spec/requirement.ts'
import { specifierSet, specifiersContain } from '../spec/specifier.ts'
import { conflictsOfInputs, type LockPart, type LockRoot, rootsOfInputs } from './lock-inputs.ts'
import { requirementsOf } from './lock-notes.ts'
import type { LockInputs } from './lock-values.ts'

/** One requirement, and the packages of the lock that meet it: where there are several, each has its own environments. */
export interface LockEdge {
  readonly requirement: Requirement
  readonly targets: readonly PylockPackage[]
}

export interface LockGraph {
  readonly lock: Pylock
  readonly byName: ReadonlyMap<ProjectName, readonly PylockPackage[]>
  /** The project itself, by its name; absent: it has none, or another tool wrote the lock. */
  readonly project?: ProjectName
  /** What the project, its extras and its groups ask for; of a lock without den's notes, whatever nobody else in it asks for. */
  readonly roots: readonly (LockEdge & Pick<LockRoot, 'extra' | 'group'>)[]
  edgesOf(one: PylockPackage): readonly LockEdge[]
}

/** What is asked for beside the environment. */
export interface LockWishes {
  /** Normalized. */
  readonly extras: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
  /** Only what the groups ask for: neither the project, nor its dependencies, nor its extras. */
  readonly onlyGroups?: boolean
}

export function openLockGraph(lock: Pylock, inputs: LockInputs | undefined): LockGraph {
  const byName = new Map<ProjectName, PylockPackage[]>()
  for (const one of lock.packages) {
    const known = byName.get(one.name)
    if (known === undefined) byName.set(one.name, [one])
    else known.push(one)
  }
  const edges = new Map<PylockPackage, readonly LockEdge[]>()
  const edgesOf = (one: PylockPackage): readonly LockEdge[] => {
    const known = edges.get(one)
    if (known !== undefined) return known
    const requirements = requirementsOf(one)
    const made =
      requirements === undefined
        ? standardEdges(one, byName)
        : requirements.map((requirement) => ({
            requirement,
            targets: targetsOf(requirement, one.marker, byName.get(requirement.name) ?? []),
          }))
    edges.set(one, made)
    return made
  }
  const named = inputs?.['name']
  const project = typeof named === 'string' ? tryParseProjectName(named) : undefined
  const asked = inputs === undefined ? [] : rootsOfInputs(inputs)
  const roots =
    inputs === undefined
      ? unasked(lock.packages, edgesOf).map((one) => ({ requirement: bare(one.name), targets: [one] }))
      : asked.map((root) => ({
          ...root,
          targets: targetsOf(
            root.requirement,
            whereOnlyThis(root, inputs, asked, project),
            byName.get(root.requirement.name) ?? [],
          ),
        }))
  return { lock, byName, ...(project === undefined ? {} : { project }), roots, edgesOf }
}

/** The roots that count: a project that asks for itself with extras asks for what those do. */
export function wantedRoots(graph: LockGraph, wishes: LockWishes): LockGraph['roots'] {
  const { roots, project } = graph
  const extras = new Set(wishes.extras)
  const counts = ({ extra, group }: LockGraph['roots'][number]): boolean =>
    group !== undefined
      ? wishes.groups.has(group)
      : extra !== undefined
        ? extras.has(extra)
        : wishes.onlyGroups !== true || ownWanted
  let ownWanted = false
  if (wishes.onlyGroups === true) extras.clear()
  const own = (requirement: Requirement): boolean => requirement.name === project
  for (let more = true; more; ) {
    more = false
    for (const root of roots) {
      if (!counts(root) || !own(root.requirement)) continue
      if (!ownWanted) [ownWanted, more] = [true, true]
      for (const extra of root.requirement.extras) {
        if (extras.has(extra)) continue
        extras.add(extra)
        more = true
      }
    }
  }
  return roots.filter(counts)
}

/**
 * The packages that somebody asks for in an environment, starting from the wanted roots, with the extras asked of each, in the
 * lock's order. Without one: those that somebody asks for somewhere.
 */
export function reachable(
  graph: LockGraph,
  wishes: LockWishes,
  environment: MarkerEnvironment | undefined,
): ReadonlyMap<PylockPackage, ReadonlySet<ExtraName>> {
  const found = new Map<PylockPackage, Set<ExtraName>>()
  const settled = { extras: wishes.extras, groups: wishes.groups }
  const holds = (marker: Marker | undefined, extra: ReadonlySet<string>): boolean => {
    if (marker === undefined) return true
    const left = restrictMarker(marker, { ...settled, extra })
    if (typeof left === 'string') return left === 'always'
    return environment === undefined || evaluateMarker(left, environment)
  }
  const pending: PylockPackage[] = []
  const follow = ({ requirement, targets }: LockEdge, extra: ReadonlySet<string>): void => {
    if (!holds(requirement.marker, extra)) return
    for (const target of targets) {
      if (targets.length > 1 && !holds(target.marker, none)) continue
      const known = found.get(target)
      const asked = known ?? new Set<ExtraName>()
      const before = asked.size
      for (const one of requirement.extras) asked.add(one)
      if (known !== undefined && asked.size === before) continue
      found.set(target, asked)
      pending.push(target)
    }
  }
  for (const root of wantedRoots(graph, wishes)) follow(root, none)
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    for (const edge of graph.edgesOf(one)) follow(edge, found.get(one)!)
  }
  return new Map(graph.lock.packages.flatMap((one) => (found.has(one) ? [[one, found.get(one)!] as const] : [])))
}

const none: ReadonlySet<string> = new Set()

/** Where an extra or a group that excludes others is wanted, and none of those is; undefined for all that excludes nothing. */
function whereOnlyThis(
  part: Pick<LockRoot, 'extra' | 'group'>,
  inputs: LockInputs,
  roots: readonly LockRoot[],
  project: ProjectName | undefined,
): Marker | undefined {
  const others = conflictsOfInputs(inputs).flatMap((items) =>
    items.some((item) => isSame(item, part)) ? items.filter((item) => !isSame(item, part)) : [],
  )
  if (others.length === 0) return undefined
  const texts = others.map((other) => textOfPart(other, 'not in'))
  // A project that asks for its own extra brings it along with what asks.
  const { extra } = part
  const isBrought = roots.some(
    ({ requirement }) =>
      extra !== undefined && requirement.name === project && requirement.extras.some((one) => one === extra),
  )
  return parseMarker([...(isBrought ? [] : [textOfPart(part, 'in')]), ...texts].join(' and '))
}

function textOfPart({ extra, group }: LockPart | Pick<LockRoot, 'extra' | 'group'>, relation: 'in' | 'not in'): string {
  return extra !== undefined ? `'${extra}' ${relation} extras` : `'${group}' ${relation} dependency_groups`
}

function isSame(item: LockPart, { extra, group }: Pick<LockRoot, 'extra' | 'group'>): boolean {
  return item.extra === extra && item.group === group
}

/**
 * The same wishes apart, where some of them exclude each other: each of what is returned can be had, and together they are all that is
 * wished for.
 */
export function compatibleWishes(inputs: LockInputs | undefined, wishes: LockWishes): readonly LockWishes[] {
  let found: readonly LockWishes[] = [wishes]
  for (const items of conflictsOfInputs(inputs ?? {})) {
    found = found.flatMap((one) => {
      const chosen = items.filter(({ extra, group }) =>
        extra !== undefined ? one.extras.has(extra) : one.groups.has(group),
      )
      if (chosen.length < 2) return [one]
      return chosen.map((kept) => {
        const gone = chosen.filter((item) => item !== kept)
        const left = (all: ReadonlySet<string>, kind: 'extra' | 'group'): ReadonlySet<string> =>
          new Set([...all].filter((name) => !gone.some((item) => item[kind] === name)))
        return { ...one, extras: left(one.extras, 'extra'), groups: left(one.groups, 'group') }
      })
    })
  }
  return found
}

/** Those of one name that can meet a requirement: no two of them hold together, and most never hold where it is asked. */
function targetsOf(
  requirement: Requirement,
  where: Marker | undefined,
  named: readonly PylockPackage[],
): readonly PylockPackage[] {
  if (named.length < 2) return named
  const { marker, specifiers } = requirement
  const asked = [marker, where].filter((one) => one !== undefined)
  const [first, ...more] = asked
  const both = first === undefined ? undefined : andMarkers(first, ...more)
  const together = named.filter(
    (one) => one.marker === undefined || both === undefined || !markersDisjoint(both, one.marker),
  )
  // What overrides changed need not be what was asked for.
  const meeting = together.filter(
    ({ version }) => version === undefined || specifiersContain(specifiers, version, { prereleases: true }),
  )
  return meeting.length > 0 ? meeting : together
}

/** By the standard's `dependencies`: "doing a key-by-key comparison would find the appropriate package with no ambiguity". */
function standardEdges(
  one: PylockPackage,
  byName: ReadonlyMap<ProjectName, readonly PylockPackage[]>,
): readonly LockEdge[] {
  return (one.dependencies ?? []).flatMap((table) => {
    const { name, version } = table
    if (typeof name !== 'string') return []
    const named = byName.get(normalizeName(name)) ?? []
    const targets = typeof version === 'string' ? named.filter((other) => other.version?.text === version) : named
    return [{ requirement: bare(normalizeName(name)), targets }]
  })
}

function bare(name: ProjectName): Requirement {
  return { name, rawName: name, extras: [], specifiers: specifierSet([]) }
}

/** Of a ring that stands alone its first. */
function unasked(
  packages: readonly PylockPackage[],
  edgesOf: (one: PylockPackage) => readonly LockEdge[],
): readonly PylockPackage[] {
  const asked = new Set(
    packages.flatMap((one) => edgesOf(one).flatMap(({ targets }) => targets.filter((to) => to !== one))),
  )
  const tops = packages.filter((one) => !asked.has(one))
  const seen = new Set<PylockPackage>()
  const mark = (top: PylockPackage): void => {
    const pending = [top]
    for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
      if (seen.has(one)) continue
      seen.add(one)
      for (const { targets } of edgesOf(one)) pending.push(...targets)
    }
  }
  for (const top of tops) mark(top)
  for (const one of packages) {
    if (seen.has(one)) continue
    tops.push(one)
    mark(one)
  }
  return tops
}

// `den tree`: what a project's lock holds for whose sake, from the project down, or from a package up to those who ask for it.

import type { ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import { compatibleWishes, type LockEdge, type LockWishes, reachable, wantedRoots } from '../project/lock-graph.ts'
import { versionTextOf } from '../project/lock-notes.ts'
import { selectLocked } from '../project/lock-select.ts'
import type { Target } from '../python/target.ts'
import { evaluateMarker } from '../spec/marker.ts'
import { restrictMarker } from '../spec/marker-restrict.ts'
import { normalizeName } from '../spec/name.ts'
import type { PylockPackage } from '../spec/pylock.ts'
import { formatSpecifiers } from '../spec/specifier.ts'
import type { Core } from './core.ts'
import {
  type LockTold,
  type LockView,
  type LockViewRequest,
  openLockView,
  projectLabel,
  targetOfView,
} from './lock-view.ts'

export interface LockTreeRequest extends LockViewRequest {
  /** Only these, as roots. */
  readonly names?: readonly string[]
  /** Upwards: who asks for a package. */
  readonly invert?: boolean
  readonly depth?: number
  /** For everybody that the lock is for, not for one Python on this machine. */
  readonly universal?: boolean
  readonly python?: string
  /** How much is fetched for each. */
  readonly sizes?: boolean
}

export interface LockTreeNode {
  readonly name: string
  /** Absent where nothing tells it: a directory's, the project's. */
  readonly version?: string
  /** As the one above asks for it (the one below, upwards): ">=1,<2". */
  readonly required?: string
  readonly extras?: readonly string[]
  /** Where it is asked for; in a universal tree. */
  readonly marker?: string
  /** The extra, or the group, of the project that asks for it. */
  readonly extra?: string
  readonly group?: string
  /** Bytes to fetch. */
  readonly size?: number
  /** The same with all that it needs. */
  readonly total?: number
  /** Of an environment: it is asked for, and not installed. */
  readonly absent?: true
  /** Of an environment: it is installed in a version that is not asked for. */
  readonly conflict?: true
  /** It stands above already: what is below it is not repeated. */
  readonly seen?: true
  readonly children: readonly LockTreeNode[]
}

export interface LockTreeResult extends LockTold {
  readonly roots: readonly LockTreeNode[]
  /** Names as typed that the lock does not have, or not here. */
  readonly missing: readonly string[]
  /** Why the lock is not what the project asks for; empty: it is. */
  readonly stale: readonly string[]
  /** The Python that it is told for; absent: everybody. */
  readonly python?: string
}

interface Telling {
  readonly view: LockView
  readonly target?: Target
  /** Of what excludes each other each has its own: an environment has one of them, but a tree tells of all that were asked for. */
  readonly apart: readonly LockWishes[]
  /** Those that are there at all. */
  readonly here: ReadonlyMap<PylockPackage, ReadonlySet<string>>
  readonly depth: number
  sizeOf(one: PylockPackage): number | undefined
}

/** Throws what `openLockView` and finding a Python throw. */
export async function lockTree(core: Core, request: LockTreeRequest = {}): Promise<LockTreeResult> {
  const view = await openLockView(core, request)
  const { graph } = view
  const target = request.universal === true ? undefined : await targetOrEverybody(core, view, request.python)
  const apart = compatibleWishes(view.lock.inputs, view.wishes)
  const telling: Telling = {
    view,
    ...(target === undefined ? {} : { target }),
    apart,
    here: presentIn(view, apart, target),
    depth: request.depth ?? Number.POSITIVE_INFINITY,
    sizeOf: request.sizes === true ? sizesOf(view, apart, target) : () => undefined,
  }
  const names = (request.names ?? []).map((name) => ({ name, project: normalizeName(name) }))
  const presentOf = (project: ProjectName): readonly PylockPackage[] =>
    (graph.byName.get(project) ?? []).filter((one) => telling.here.has(one))
  const missing = names.filter(({ project }) => presentOf(project).length === 0).map(({ name }) => name)
  const chosen = names.flatMap(({ project }) => presentOf(project))
  const seen = new Set<PylockPackage>()
  const roots =
    request.invert === true
      ? upwards(core, telling, chosen.length > 0 || missing.length > 0 ? chosen : leavesOf(telling))
      : names.length > 0
        ? chosen.map((one) => nodeOf(telling, one, undefined, 0, seen))
        : [projectNode(core, telling, seen)]
  return {
    ...view.told,
    roots,
    missing,
    stale: view.stale,
    ...(target === undefined ? {} : { python: target.pythonVersion.text }),
  }
}

/** Where there is no Python that the project could have, and none was asked for, the lock can still be told. */
async function targetOrEverybody(core: Core, view: LockView, python?: string): Promise<Target | undefined> {
  try {
    return await targetOfView(core, view, python)
  } catch (error) {
    if (python !== undefined || !isDenError(error, 'python-not-found')) throw error
    core.report({
      kind: 'note',
      text: `there is no Python here that the ${view.of} could have: this is for all that there are`,
    })
    return undefined
  }
}

/** For everybody: all that an extra or group that counts asks for somewhere. */
function presentIn(
  { graph, wishes, lock }: LockView,
  apart: readonly LockWishes[],
  target: Target | undefined,
): Telling['here'] {
  if (target !== undefined) {
    const each = apart.map((some) => reachable(graph, some, target.markers))
    return new Map(
      lock.lock.packages.flatMap((one) => {
        const asked = each.flatMap((found) => found.get(one) ?? [])
        return asked.length === 0 ? [] : [[one, new Set(asked.flatMap((extras) => [...extras]))] as const]
      }),
    )
  }
  const all = lock.lock.packages.map((one) => [one, new Set<string>()] as const)
  return wishes.onlyGroups === true ? reachable(graph, wishes, undefined) : new Map(all)
}

function projectNode(core: Core, telling: Telling, seen: Set<PylockPackage>): LockTreeNode {
  const { view } = telling
  const { manifest, graph, wishes } = view
  const version = manifest.version?.text
  const children =
    telling.depth < 1
      ? []
      : wantedRoots(graph, wishes).flatMap((root) =>
          childrenOf(telling, root, new Set(), 1, seen).map(({ children: below, ...node }) => ({
            ...node,
            ...(root.extra === undefined ? {} : { extra: root.extra }),
            ...(root.group === undefined ? {} : { group: root.group }),
            children: below,
          })),
        )
  const total = sumOf(telling, [...telling.here.keys()])
  return {
    name: projectLabel(view, core),
    ...(version === undefined ? {} : { version }),
    ...(total === undefined ? {} : { total }),
    children,
  }
}

/** What an edge leads to, where it holds. */
function childrenOf(
  telling: Telling,
  edge: LockEdge,
  extras: ReadonlySet<string>,
  depth: number,
  seen: Set<PylockPackage>,
): readonly LockTreeNode[] {
  if (!holds(telling, edge, extras)) return []
  return edge.targets.filter((one) => telling.here.has(one)).map((one) => nodeOf(telling, one, edge, depth, seen))
}

function nodeOf(
  telling: Telling,
  one: PylockPackage,
  edge: LockEdge | undefined,
  depth: number,
  seen: Set<PylockPackage>,
): LockTreeNode {
  const { view, target } = telling
  const again = seen.has(one)
  seen.add(one)
  const edges = view.graph.edgesOf(one)
  const extras: ReadonlySet<string> = telling.here.get(one) ?? new Set()
  const children =
    again || depth >= telling.depth ? [] : edges.flatMap((next) => childrenOf(telling, next, extras, depth + 1, seen))
  const size = telling.sizeOf(one)
  const total = size === undefined || again ? undefined : sumOf(telling, below(telling, one))
  return {
    ...told(one),
    ...(edge === undefined ? {} : askedBy(edge, target)),
    ...(size === undefined ? {} : { size }),
    ...(total === undefined ? {} : { total }),
    ...(again && edges.some((next) => leadsOn(telling, next, extras)) ? { seen: true as const } : {}),
    children,
  }
}

function leadsOn(telling: Telling, edge: LockEdge, extras: ReadonlySet<string>): boolean {
  return holds(telling, edge, extras) && edge.targets.some((one) => telling.here.has(one))
}

function told(one: PylockPackage): Pick<LockTreeNode, 'name' | 'version'> {
  const version = versionTextOf(one)
  return { name: one.name, ...(version === undefined ? {} : { version }) }
}

function askedBy(
  { requirement }: LockEdge,
  target: Target | undefined,
): Pick<LockTreeNode, 'required' | 'extras' | 'marker'> {
  const { specifiers, extras, marker } = requirement
  const required = formatSpecifiers(specifiers)
  return {
    ...(required === '' ? {} : { required }),
    ...(extras.length === 0 ? {} : { extras }),
    ...(marker === undefined || target !== undefined ? {} : { marker: marker.text }),
  }
}

function holds({ apart, target }: Telling, { requirement }: LockEdge, extra: ReadonlySet<string>): boolean {
  const { marker } = requirement
  if (marker === undefined) return true
  // For everybody an extra of somebody's that nobody asks for is not in the lock at all.
  if (target === undefined) return restrictMarker(marker, {}) !== 'never'
  return apart.some(({ extras, groups }) => {
    const left = restrictMarker(marker, { extras, groups, extra })
    return typeof left === 'string' ? left === 'always' : evaluateMarker(left, target.markers)
  })
}

/** All that is reached from a package, itself too. */
function below(telling: Telling, one: PylockPackage): readonly PylockPackage[] {
  const found = new Set([one])
  for (const next of found) {
    const extras: ReadonlySet<string> = telling.here.get(next) ?? new Set()
    for (const edge of telling.view.graph.edgesOf(next)) {
      if (!holds(telling, edge, extras)) continue
      for (const target of edge.targets) if (telling.here.has(target)) found.add(target)
    }
  }
  return [...found]
}

function sumOf(telling: Telling, packages: readonly PylockPackage[]): number | undefined {
  const sizes = packages.flatMap((one) => telling.sizeOf(one) ?? [])
  return sizes.length === 0 ? undefined : sizes.reduce((sum, size) => sum + size, 0)
}

/** Of the file that is taken here; for everybody, of the largest. */
function sizesOf(
  { lock, parts }: LockView,
  apart: readonly LockWishes[],
  target: Target | undefined,
): Telling['sizeOf'] {
  if (target === undefined) {
    return ({ sdist, wheels = [], archive }) => {
      const sizes = [sdist, ...wheels, archive].flatMap((file) => file?.size ?? [])
      return sizes.length === 0 ? undefined : Math.max(...sizes)
    }
  }
  const { markers, ranks } = target
  const selected = apart.flatMap(({ extras, groups }) =>
    selectLocked(lock, { markers, ranks, extras, groups, onlyGroups: !parts.project, noProject: true }),
  )
  const sizes = new Map(
    selected.flatMap((one) =>
      one.kind === 'wheel' || one.kind === 'sdist' || one.kind === 'archive'
        ? [[one.package, one.source.size] as const]
        : [],
    ),
  )
  return (one) => sizes.get(one)
}

/** Those that ask for nobody; in rings, all. */
function leavesOf(telling: Telling): readonly PylockPackage[] {
  const all = [...telling.here.keys()].sort((a, b) => (a.name < b.name ? -1 : 1))
  const leaves = all.filter((one) => below(telling, one).length === 1)
  return leaves.length > 0 ? leaves : all
}

function upwards(core: Core, telling: Telling, from: readonly PylockPackage[]): readonly LockTreeNode[] {
  const askers = askersOf(core, telling)
  const seen = new Set<PylockPackage>()
  const node = (one: PylockPackage, edge: LockEdge | undefined, depth: number): LockTreeNode => {
    const again = seen.has(one)
    seen.add(one)
    const above = askers.get(one) ?? []
    const size = telling.sizeOf(one)
    return {
      ...told(one),
      ...(edge === undefined ? {} : askedBy(edge, telling.target)),
      ...(size === undefined ? {} : { size }),
      ...(again && above.length > 0 ? { seen: true as const } : {}),
      children:
        again || depth >= telling.depth
          ? []
          : above.map((asker) =>
              'one' in asker
                ? node(asker.one, asker.edge, depth + 1)
                : { ...asker.node, ...askedBy(asker.edge, telling.target), children: [] },
            ),
    }
  }
  return from.map((one) => node(one, undefined, 0))
}

type Asker =
  | { readonly one: PylockPackage; readonly edge: LockEdge }
  | { readonly node: Omit<LockTreeNode, 'children'>; readonly edge: LockEdge }

function askersOf(core: Core, telling: Telling): ReadonlyMap<PylockPackage, readonly Asker[]> {
  const { view } = telling
  const { graph, wishes } = view
  const found = new Map<PylockPackage, Asker[]>()
  const add = (edge: LockEdge, extras: ReadonlySet<string>, asker: Asker): void => {
    if (!holds(telling, edge, extras)) return
    for (const target of edge.targets) {
      if (!telling.here.has(target)) continue
      const known = found.get(target)
      if (known === undefined) found.set(target, [asker])
      else known.push(asker)
    }
  }
  for (const root of wantedRoots(graph, wishes)) {
    const node = {
      name: projectLabel(view, core),
      ...(root.extra === undefined ? {} : { extra: root.extra }),
      ...(root.group === undefined ? {} : { group: root.group }),
    }
    add(root, new Set(), { node, edge: root })
  }
  for (const [one, extras] of telling.here) {
    for (const edge of graph.edgesOf(one)) add(edge, extras, { one, edge })
  }
  return found
}

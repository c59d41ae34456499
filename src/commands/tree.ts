// What requires what: `den pip tree` downwards, or from a package up to those for whose sake it is there, and `den pip why`.

import type { ProjectName } from '../base/brand.ts'
import { headerValues } from '../format/mail-headers.ts'
import { strip } from '../format/python-text.ts'
import { evaluateMarker, type MarkerEnvironment } from '../spec/marker.ts'
import { normalizeName } from '../spec/name.ts'
import { type Requirement, tryParseRequirement } from '../spec/requirement.ts'
import { formatSpecifiers, specifiersContain } from '../spec/specifier.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish } from './install-request.ts'
import { type InstalledFilter, type InstalledView, viewInstalled } from './installed-view.ts'
import { markersOf, readableDependencies } from './pip-dependencies.ts'
import { type SeenDistribution, shownVersion } from './pip-distributions.ts'
import { topsOf } from './reach.ts'

export interface TreeRequest {
  readonly environment: EnvironmentWish
  readonly filter?: InstalledFilter
  /** Only these, as roots; all that nothing requires unless said. */
  readonly names?: readonly string[]
  /** Upwards: what requires a package. */
  readonly invert?: boolean
  readonly depth?: number
}

export interface TreeNode {
  readonly project: ProjectName
  readonly name: string
  /** Absent where it is not installed. */
  readonly version?: string
  /** What is asked of it by the node above (of the node above, where the tree is inverted); empty: any version. */
  readonly required?: string
  /** It is installed in a version that is not asked for. */
  readonly conflict?: true
  /** It stands above already: what it requires is not repeated. */
  readonly cycle?: true
  readonly children: readonly TreeNode[]
}

export interface TreeResult {
  readonly roots: readonly TreeNode[]
  /** Names as typed that are not installed. */
  readonly missing: readonly string[]
}

/** One requirement between two installed distributions, or from one to what is missing. */
interface Edge {
  readonly from: SeenDistribution
  readonly requirement: Requirement
}

/** Builds the tree. Throws what `aimAt` throws. */
export async function tree(core: Core, request: TreeRequest): Promise<TreeResult> {
  return treeOf(core, await viewInstalled(core, request.environment, request.filter), request)
}

function treeOf(
  core: Core,
  { aimed, distributions }: InstalledView,
  request: Pick<TreeRequest, 'names' | 'invert' | 'depth'>,
): TreeResult {
  const markers = markersOf(core, aimed)
  const byName = new Map(distributions.map((one) => [one.project, one]))
  const down = new Map<ProjectName, readonly Edge[]>()
  const up = new Map<ProjectName, Edge[]>()
  for (const one of distributions) {
    const edges = requirementsIn(one, markers, byName).map((requirement) => ({ from: one, requirement }))
    down.set(one.project, edges)
    for (const edge of edges) up.set(edge.requirement.name, [...(up.get(edge.requirement.name) ?? []), edge])
  }
  const graph: Graph = {
    byName,
    down,
    up,
    invert: request.invert === true,
    depth: request.depth ?? Number.POSITIVE_INFINITY,
  }
  const names = request.names ?? []
  const missing = names.filter((name) => !byName.has(normalizeName(name)) && !up.has(normalizeName(name)))
  const chosen =
    names.length > 0
      ? names.map(normalizeName).filter((name) => byName.has(name) || up.has(name))
      : rootsOf(graph, distributions)
  return { roots: chosen.map((project) => nodeOf(graph, project, [], undefined)), missing }
}

interface Graph {
  readonly byName: ReadonlyMap<ProjectName, SeenDistribution>
  readonly down: ReadonlyMap<ProjectName, readonly Edge[]>
  readonly up: ReadonlyMap<ProjectName, readonly Edge[]>
  readonly invert: boolean
  readonly depth: number
}

/** All that nothing above leads to: of a ring that stands alone its first by name. */
function rootsOf({ down, up, invert }: Graph, distributions: readonly SeenDistribution[]): readonly ProjectName[] {
  const sorted = distributions.map(({ project }) => project).sort()
  const above = invert ? down : up
  const next = (project: ProjectName): readonly ProjectName[] =>
    invert
      ? (up.get(project) ?? []).map(({ from }) => from.project)
      : (down.get(project) ?? []).map(({ requirement }) => requirement.name)
  return [...topsOf(sorted, (project) => (above.get(project) ?? []).length > 0, next)].sort()
}

/** What holds without extras, and what holds for an extra whose projects are all there: somebody asked for it. */
function requirementsIn(
  one: SeenDistribution,
  markers: MarkerEnvironment,
  installed: ReadonlyMap<ProjectName, SeenDistribution>,
): readonly Requirement[] {
  const plain = readableDependencies(one, markers) ?? []
  const extras = headerValues(one.headers, 'Provides-Extra').map((extra) => normalizeName(strip(extra)))
  const chosen = new Map(plain.map((requirement) => [requirement.name, requirement]))
  if (extras.length === 0) return [...chosen.values()].sort(byName)
  const all = headerValues(one.headers, 'Requires-Dist').flatMap((text) => tryParseRequirement(strip(text)) ?? [])
  for (const extra of extras) {
    const ofExtra = all.filter(({ marker, name }) => {
      if (marker === undefined || chosen.has(name)) return false
      return !evaluateMarker(marker, markers) && evaluateMarker(marker, markers, { extras: new Set([extra]) })
    })
    if (!ofExtra.every(({ name }) => installed.has(name))) continue
    for (const requirement of ofExtra) chosen.set(requirement.name, requirement)
  }
  return [...chosen.values()].sort(byName)
}

function byName(a: Requirement, b: Requirement): number {
  return a.name < b.name ? -1 : 1
}

function nodeOf(graph: Graph, project: ProjectName, above: readonly ProjectName[], edge: Edge | undefined): TreeNode {
  const one = graph.byName.get(project)
  // Upwards the requirement is the parent's own of the node above it.
  const target = edge === undefined ? undefined : graph.byName.get(edge.requirement.name)
  const version = target?.version
  const conflict =
    edge !== undefined && version !== undefined && !specifiersContain(edge.requirement.specifiers, version)
  const cycle = above.includes(project)
  const path = [...above, project]
  const children =
    cycle || path.length > graph.depth
      ? []
      : graph.invert
        ? (graph.up.get(project) ?? []).map((next) => nodeOf(graph, next.from.project, path, next))
        : (graph.down.get(project) ?? []).map((next) => nodeOf(graph, next.requirement.name, path, next))
  return {
    project,
    name: one?.rawName ?? edge?.requirement.rawName ?? project,
    ...(one === undefined ? {} : { version: shownVersion(one) }),
    ...(edge === undefined ? {} : { required: formatSpecifiers(edge.requirement.specifiers) }),
    ...(conflict ? { conflict: true as const } : {}),
    ...(cycle ? { cycle: true as const } : {}),
    children,
  }
}

export interface WhyRequest {
  readonly environment: EnvironmentWish
  readonly names: readonly string[]
}

export interface WhyResult {
  readonly packages: readonly {
    readonly name: string
    readonly version?: string
    /** It was asked for by name when it was installed. */
    readonly requested: boolean
    /** Each way from something that nothing requires down to it: names, the package last. */
    readonly chains: readonly (readonly string[])[]
  }[]
  readonly missing: readonly string[]
}

/** Tells for whose sake packages are there. Throws what `aimAt` throws. */
export async function why(core: Core, request: WhyRequest): Promise<WhyResult> {
  const view = await viewInstalled(core, request.environment)
  const { roots, missing } = treeOf(core, view, { names: request.names, invert: true })
  const requested = new Set(
    view.distributions.filter((one) => one.readText('REQUESTED') !== undefined).map(({ project }) => project),
  )
  return {
    packages: roots.map((root) => ({
      name: root.name,
      ...(root.version === undefined ? {} : { version: root.version }),
      requested: requested.has(root.project),
      chains: chainsOf(root, requested).map((chain) => chain.map(({ name }) => name)),
    })),
    missing,
  }
}

/** The ways up end where somebody asked for a package by name, or where nothing requires it. */
function chainsOf(root: TreeNode, requested: ReadonlySet<ProjectName>): readonly (readonly TreeNode[])[] {
  const chains: (readonly TreeNode[])[] = []
  const walk = (node: TreeNode, below: readonly TreeNode[]): void => {
    const chain = [node, ...below]
    const ends = node.children.length === 0 || (below.length > 0 && requested.has(node.project))
    if (ends && below.length > 0 && node.cycle !== true) chains.push(chain)
    if (!ends) for (const child of node.children) walk(child, chain)
  }
  walk(root, [])
  return chains
}

// `den why`: for whose sake a package is in a project's lock, and why in this version and not in a newer one.

import { type LockEdge, reachable, wantedRoots } from '../project/lock-graph.ts'
import { versionTextOf } from '../project/lock-notes.ts'
import { restrictMarker } from '../spec/marker-restrict.ts'
import { normalizeName } from '../spec/name.ts'
import type { PylockPackage } from '../spec/pylock.ts'
import { type Requirement, tryParseRequirement } from '../spec/requirement.ts'
import { formatSpecifiers, specifiersContain } from '../spec/specifier.ts'
import { formatVersion } from '../spec/version.ts'
import type { Core } from './core.ts'
import { type LockReleases, openLockReleases, type Release } from './lock-releases.ts'
import { type LockTold, type LockView, type LockViewRequest, openLockView, projectLabel } from './lock-view.ts'

export interface LockWhyRequest extends LockViewRequest {
  readonly names: readonly string[]
  /** Ask the index for the newest release, and tell why it is not the one. */
  readonly latest?: boolean
}

export interface LockWhyResult extends LockTold {
  readonly packages: readonly WhyPackage[]
  /** Names as typed that the lock does not have. */
  readonly missing: readonly string[]
  readonly stale: readonly string[]
}

export interface WhyPackage {
  readonly name: string
  readonly version?: string
  /** Where it is installed; absent: everywhere. */
  readonly marker?: string
  /** The shortest way to it over each of those who ask for it, the project first, the package last. */
  readonly chains: readonly (readonly WhyLink[])[]
  /** What is asked of its version, and by whom; those who take any are left out. */
  readonly limits: readonly WhyLimit[]
  /** The newest release there is, and what stands against it; empty: nothing but the lock. */
  readonly latest?: { readonly version: string; readonly because: readonly string[] }
}

export interface WhyLink {
  readonly name: string
  readonly version?: string
  /** Of the project: the extra or the group that asks. */
  readonly extra?: string
  readonly group?: string
  /** What it asks of the next. */
  readonly asks?: string
  /** Where it asks for it. */
  readonly marker?: string
}

export interface WhyLimit {
  /** "web 2.1", "app (group dev)", "a constraint of the project". */
  readonly by: string
  readonly asks: string
  readonly marker?: string
}

interface Asker {
  /** Absent: the project. */
  readonly one?: PylockPackage
  readonly link: WhyLink
  readonly edge: LockEdge
}

/** Throws what `openLockView` throws, and with `latest` what asking an index throws. */
export async function lockWhy(core: Core, request: LockWhyRequest): Promise<LockWhyResult> {
  // Who asks why a package is there asks of all that is.
  const view = await openLockView(core, { parts: { allExtras: true, allGroups: true }, ...request })
  const askers = askersIn(core, view)
  const names = request.names.map((name) => ({ name, project: normalizeName(name) }))
  const named = names.flatMap(({ project }) => view.graph.byName.get(project) ?? [])
  const releases = request.latest === true && named.length > 0 ? openLockReleases(core, view) : undefined
  try {
    const packages: WhyPackage[] = []
    for (const one of named) packages.push(await whyOf(view, one, askers, releases))
    return {
      ...view.told,
      packages,
      missing: names.filter(({ project }) => !view.graph.byName.has(project)).map(({ name }) => name),
      stale: view.stale,
    }
  } finally {
    releases?.close()
  }
}

async function whyOf(
  view: LockView,
  one: PylockPackage,
  askers: ReadonlyMap<PylockPackage, readonly Asker[]>,
  releases: LockReleases | undefined,
): Promise<WhyPackage> {
  const own = askers.get(one) ?? []
  const version = versionTextOf(one)
  const newest = releases === undefined || one.version === undefined ? undefined : (await releases.of(one))[0]
  const limits = limitsOf(view, one, own)
  return {
    name: one.name,
    ...(version === undefined ? {} : { version }),
    ...(one.marker === undefined ? {} : { marker: one.marker.text }),
    chains: own.map((asker) => [...wayTo(asker, askers), lastLink(one)]).sort((a, b) => a.length - b.length),
    limits: limits.map(({ specifiers: _, own: __, ...limit }) => limit),
    ...(newest === undefined
      ? {}
      : { latest: { version: formatVersion(newest.version), because: obstaclesOf(view, one, newest, limits) } }),
  }
}

function lastLink(one: PylockPackage): WhyLink {
  const version = versionTextOf(one)
  return { name: one.name, ...(version === undefined ? {} : { version }) }
}

/** The shortest way from the project over this asker, breadth first, upwards. */
function wayTo(asker: Asker, askers: ReadonlyMap<PylockPackage, readonly Asker[]>): readonly WhyLink[] {
  const seen = new Set<PylockPackage>()
  let ways: readonly (readonly Asker[])[] = [[asker]]
  while (ways.length > 0) {
    const done = ways.find(([first]) => first!.one === undefined)
    if (done !== undefined) return done.map(({ link }) => link)
    ways = ways.flatMap((way) => {
      const one = way[0]!.one!
      if (seen.has(one)) return []
      seen.add(one)
      return (askers.get(one) ?? []).map((above) => [above, ...way])
    })
  }
  // A ring that the project does not reach.
  return [asker.link]
}

function askersIn(core: Core, view: LockView): ReadonlyMap<PylockPackage, readonly Asker[]> {
  const { graph, wishes } = view
  const label = projectLabel(view, core)
  const found = new Map<PylockPackage, Asker[]>()
  const add = (edge: LockEdge, asker: Omit<Asker, 'edge' | 'link'> & { readonly link: WhyLink }): void => {
    const { specifiers, marker } = edge.requirement
    const asks = formatSpecifiers(specifiers)
    const link = {
      ...asker.link,
      ...(asks === '' ? {} : { asks }),
      ...(marker === undefined ? {} : { marker: marker.text }),
    }
    for (const target of edge.targets) {
      const known = found.get(target)
      if (known === undefined) found.set(target, [{ ...asker, link, edge }])
      else known.push({ ...asker, link, edge })
    }
  }
  for (const root of wantedRoots(graph, wishes)) {
    const { extra, group } = root
    add(root, {
      link: { name: label, ...(extra === undefined ? {} : { extra }), ...(group === undefined ? {} : { group }) },
    })
  }
  for (const [one, extras] of reachable(graph, wishes, undefined)) {
    for (const edge of graph.edgesOf(one)) {
      const { marker } = edge.requirement
      if (marker !== undefined && restrictMarker(marker, { extra: extras }) === 'never') continue
      add(edge, { one, link: lastLink(one) })
    }
  }
  return found
}

type Limit = WhyLimit & {
  readonly specifiers: Requirement['specifiers']
  /** The project's own requirement, which --latest lifts. */
  readonly own?: true
}

/** What stands against a newer release. */
export interface Obstacles {
  /** Sentences. */
  readonly because: readonly string[]
  /** Nothing but the upper bounds of the project's own requirements. */
  readonly own: boolean
}

/** What keeps this release from being the one that is locked, over all the parts that the view wants. */
export function openObstacles(core: Core, view: LockView): (one: PylockPackage, newest: Release) => Obstacles {
  let askers: ReadonlyMap<PylockPackage, readonly Asker[]> | undefined
  return (one, newest) => {
    askers ??= askersIn(core, view)
    const limits = limitsOf(view, one, askers.get(one) ?? [])
    const because = obstaclesOf(view, one, newest, limits)
    const lifted = limits.filter((limit) => limit.own !== true)
    return { because, own: because.length > 0 && obstaclesOf(view, one, newest, lifted).length === 0 }
  }
}

function limitsOf({ lock, of }: LockView, one: PylockPackage, askers: readonly Asker[]): readonly Limit[] {
  const asked = askers.flatMap(({ one: asker, link, edge }): readonly Limit[] => {
    if (link.asks === undefined) return []
    const { asks, marker } = link
    return [
      {
        by: askerLabel(link),
        asks,
        ...(marker === undefined ? {} : { marker }),
        specifiers: edge.requirement.specifiers,
        ...(asker === undefined ? { own: true } : {}),
      },
    ]
  })
  const own = (key: string, by: string): readonly Limit[] => {
    const list = lock.inputs?.[key]
    return (Array.isArray(list) ? list : []).flatMap((text): readonly Limit[] => {
      const requirement = typeof text === 'string' ? tryParseRequirement(text) : undefined
      if (requirement?.name !== one.name) return []
      const { specifiers, marker } = requirement
      const told = marker === undefined ? {} : { marker: marker.text }
      return [{ by, asks: formatSpecifiers(specifiers), ...told, specifiers }]
    })
  }
  // An override is asked in place of all others.
  const overrides = own('overrides', `an override of the ${of}`)
  return overrides.length > 0 ? overrides : [...asked, ...own('constraints', `a constraint of the ${of}`)]
}

/** "app (group dev)", "web 2.1". */
export function askerLabel({ name, version, extra, group }: WhyLink): string {
  const where = extra !== undefined ? ` (extra ${extra})` : group !== undefined ? ` (group ${group})` : ''
  return `${name}${version === undefined ? '' : ` ${version}`}${where}`
}

function obstaclesOf(
  { lock, manifest, of }: LockView,
  one: PylockPackage,
  newest: Release,
  limits: readonly Limit[],
): readonly string[] {
  if (one.version?.key === newest.version.key) return []
  // Beside it, for other environments.
  const taken = lock.lock.packages.find((other) => other.name === one.name && other.version?.key === newest.version.key)
  const against = limits.filter(
    ({ specifiers }) => !specifiersContain(specifiers, newest.version, { prereleases: true }),
  )
  const wanted = manifest.requiresPython ?? lock.lock.requiresPython
  return [
    ...against.map(
      ({ by, asks, marker }) => `${by} asks for ${one.name}${asks}${marker === undefined ? '' : ` where ${marker}`}`,
    ),
    ...(newest.fits === 'all' || newest.requiresPython === undefined
      ? []
      : [
          one.marker === undefined || !/python/i.test(one.marker.text)
            ? `it is for Python ${newest.requiresPython}, and the ${of} for ${wanted === undefined ? 'any' : formatSpecifiers(wanted)}`
            : `it is for Python ${newest.requiresPython}, and this one is locked where ${one.marker.text}`,
        ]),
    ...(taken === undefined ? [] : [`it is taken where ${taken.marker?.text ?? 'it can be'}`]),
  ]
}

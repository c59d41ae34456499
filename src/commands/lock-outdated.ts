// `den outdated`: what of a project's lock has newer releases, and which of those those who ask for it would take.

import { wantedRoots } from '../project/lock-graph.ts'
import type { PylockPackage } from '../spec/pylock.ts'
import { type Requirement, tryParseRequirement } from '../spec/requirement.ts'
import { specifiersContain } from '../spec/specifier.ts'
import { compareVersions, formatVersion } from '../spec/version.ts'
import type { Core } from './core.ts'
import { openLockReleases } from './lock-releases.ts'
import { type LockTold, type LockView, type LockViewRequest, openLockView } from './lock-view.ts'
import { openObstacles } from './lock-why.ts'

export interface OutdatedRequest extends LockViewRequest {
  /** Only what the project itself, its extras and groups ask for. */
  readonly direct?: boolean
  /** Ask again, however fresh what is known. */
  readonly refresh?: boolean
}

export interface OutdatedPackage {
  readonly name: string
  readonly locked: string
  /** Where it is installed; absent: everywhere. */
  readonly marker?: string
  /** The newest that all who ask for it would take; the locked one where that is it. */
  readonly wanted: string
  /** The newest that there is for a Python of the project's. */
  readonly latest: string
  /** Why that is not the wanted one: sentences; empty where it is. */
  readonly because: readonly string[]
  /** The project itself asks for it, or an extra or group of it. */
  readonly direct: boolean
}

export interface OutdatedResult extends LockTold {
  readonly packages: readonly OutdatedPackage[]
  /** How many of the lock were compared with an index. */
  readonly compared: number
  /** No index has them any more. */
  readonly unknown: readonly string[]
  readonly stale: readonly string[]
}

/** Asks the indexes about all of them at once. Throws what `openLockView` throws, and what asking an index throws. */
export async function outdated(core: Core, request: OutdatedRequest = {}): Promise<OutdatedResult> {
  const view = await openLockView(core, { parts: { allExtras: true, allGroups: true }, ...request })
  const direct = new Set(wantedRoots(view.graph, view.wishes).flatMap(({ targets }) => targets))
  // What came from an address has no newer one.
  const compared = view.lock.lock.packages.filter(
    (one) =>
      one.version !== undefined &&
      (one.sdist !== undefined || one.wheels !== undefined) &&
      (request.direct !== true || direct.has(one)),
  )
  const known = openLockReleases(core, view, request.refresh)
  try {
    const asking = requirementsOn(view)
    const obstacles = openObstacles(core, view)
    const unknown: string[] = []
    const found = await Promise.all(
      compared.map(async (one): Promise<readonly OutdatedPackage[]> => {
        const releases = (await known.of(one)).filter(({ fits }) => fits !== 'none')
        const [latest] = releases
        const locked = one.version!
        if (latest === undefined) unknown.push(one.name)
        if (latest === undefined || compareVersions(latest.version, locked) <= 0) return []
        const asked = asking.get(one) ?? []
        const wanted = releases.find(({ version }) =>
          asked.every(({ specifiers }) => specifiersContain(specifiers, version, { prereleases: true })),
        )
        const best = wanted === undefined || compareVersions(wanted.version, locked) < 0 ? locked : wanted.version
        return [
          {
            name: one.name,
            locked: locked.text,
            ...(one.marker === undefined ? {} : { marker: one.marker.text }),
            wanted: formatVersion(best),
            latest: formatVersion(latest.version),
            because: compareVersions(best, latest.version) < 0 ? obstacles(one, latest).because : [],
            direct: direct.has(one),
          },
        ]
      }),
    )
    return {
      ...view.told,
      packages: found.flat(),
      compared: compared.length,
      unknown: unknown.sort(),
      stale: view.stale,
    }
  } finally {
    known.close()
  }
}

/** What is asked of each package, the project's constraints included. */
function requirementsOn({ graph, wishes, lock }: LockView): ReadonlyMap<PylockPackage, readonly Requirement[]> {
  const found = new Map<PylockPackage, Requirement[]>()
  const add = (requirement: Requirement, targets: readonly PylockPackage[]): void => {
    for (const target of targets) {
      const known = found.get(target)
      if (known === undefined) found.set(target, [requirement])
      else known.push(requirement)
    }
  }
  for (const { requirement, targets } of wantedRoots(graph, wishes)) add(requirement, targets)
  for (const one of lock.lock.packages) {
    for (const { requirement, targets } of graph.edgesOf(one)) add(requirement, targets)
  }
  const constraints = lock.inputs?.['constraints']
  for (const text of Array.isArray(constraints) ? constraints : []) {
    const requirement = typeof text === 'string' ? tryParseRequirement(text) : undefined
    if (requirement !== undefined) add(requirement, graph.byName.get(requirement.name) ?? [])
  }
  return found
}

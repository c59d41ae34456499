// What stays behind its newest release although it was to be upgraded, and what holds it there.

import { isDenError } from '../base/error.ts'
import { openLockGraph } from '../project/lock-graph.ts'
import type { ProjectLock } from '../project/lock-read.ts'
import type { Manifest } from '../project/manifest.ts'
import { normalizeName } from '../spec/name.ts'
import { compareVersions, formatVersion } from '../spec/version.ts'
import type { Core } from './core.ts'
import { openLockReleases } from './lock-releases.ts'
import type { LockView } from './lock-view.ts'
import { openObstacles } from './lock-why.ts'

export interface HeldBack {
  readonly name: string
  readonly version: string
  /** The newest release there is for a Python of the project's. */
  readonly newest: string
  /** Sentences. */
  readonly because: readonly string[]
  /** Only by upper bounds that the manifest itself has: `den upgrade --latest` goes over them. */
  readonly own: boolean
}

/** Of these projects. Nothing where no index can be asked: the upgrade itself was made with what is known. */
export async function heldBack(
  core: Core,
  { manifest, lock: found }: { readonly manifest: Manifest; readonly lock: ProjectLock },
  names: ReadonlySet<string>,
): Promise<readonly HeldBack[]> {
  const { lock } = found
  if (lock === undefined) return []
  const view: LockView = {
    manifest,
    lock: { ...found, lock },
    graph: openLockGraph(lock, found.inputs),
    parts: { project: true, extras: [], groups: [] },
    wishes: { extras: new Set(lock.extras), groups: new Set(lock.dependencyGroups.map(normalizeName)) },
    stale: [],
    of: 'project',
    told: { file: found.file },
  }
  const releases = openLockReleases(core, view)
  const obstacles = openObstacles(core, view)
  try {
    const packages = lock.packages.filter((one) => names.has(one.name) && (one.wheels ?? one.sdist) !== undefined)
    const all = packages.map(async (one): Promise<readonly HeldBack[]> => {
      const newest = (await releases.of(one)).find(({ fits }) => fits !== 'none')
      if (newest === undefined || one.version === undefined) return []
      if (compareVersions(newest.version, one.version) <= 0) return []
      const { because, own } = obstacles(one, newest)
      // What is for other Pythons is taken where they are.
      if (because.length === 0) return []
      return [
        { name: one.name, version: formatVersion(one.version), newest: formatVersion(newest.version), because, own },
      ]
    })
    return (await Promise.all(all)).flat()
  } catch (error) {
    if (isDenError(error)) return []
    throw error
  } finally {
    releases.close()
  }
}

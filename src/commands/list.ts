// `pip list`: what is installed, and what is newer on the index.

import type { ProjectName } from '../base/brand.ts'
import { findHeader, parseMailMessage } from '../format/mail-headers.ts'
import { normalizeName } from '../spec/name.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish } from './install-request.ts'
import { type InstalledFilter, viewInstalled } from './installed-view.ts'
import { requiredProjects } from './pip-dependencies.ts'
import { editableLocation } from './pip-direct-url.ts'
import { installerOf, type SeenDistribution, shownVersion } from './pip-distributions.ts'

/** The newest release that would be taken. */
export interface LatestRelease {
  readonly version: string
  readonly type: 'wheel' | 'sdist'
  /** -1, 0 or 1: the installed version is older, the same, newer. */
  readonly order: -1 | 0 | 1
}

export interface ListRequest {
  readonly environment: EnvironmentWish
  readonly filter?: InstalledFilter
  /** Only what no other package requires. */
  readonly notRequired?: boolean
  /** Only what is older than its newest release, or the same; `latest` asks for that. */
  readonly compared?: 'outdated' | 'uptodate'
  readonly latest?: (distribution: SeenDistribution) => Promise<LatestRelease | undefined>
}

export interface ListedPackage {
  readonly project: ProjectName
  /** As its author writes it. */
  readonly name: string
  /** In its normal form, and as written. */
  readonly version: string
  readonly rawVersion: string
  readonly isVersion: boolean
  /** The directory it is imported from. */
  readonly location: string
  readonly installer: string
  /** The directory of a project installed in place. */
  readonly editable?: string
  /** The wheel's build tag. */
  readonly build?: string
  readonly latest?: LatestRelease
}

export interface ListResult {
  /** By name. */
  readonly packages: readonly ListedPackage[]
}

/** Lists packages. Throws what `aimAt` throws, and what the index does. */
export async function list(core: Core, request: ListRequest): Promise<ListResult> {
  const { aimed, distributions, sysPath } = await viewInstalled(core, request.environment, {
    ...request.filter,
    // What is required is asked of all that is there.
    ...(request.notRequired === true ? { exclude: [] } : {}),
  })
  let kept = distributions
  if (request.notRequired === true) {
    const required = requiredProjects(core, aimed, distributions)
    const excluded = new Set<ProjectName>((request.filter?.exclude ?? []).map(normalizeName))
    kept = distributions.filter(({ project }) => !required.has(project) && !excluded.has(project))
  }
  const { compared, latest } = request
  const releases = await Promise.all(kept.map((one) => (compared === undefined ? undefined : latest?.(one))))
  const packages: ListedPackage[] = []
  for (const [index, distribution] of kept.entries()) {
    const release = releases[index]
    if (compared !== undefined && release?.order !== (compared === 'outdated' ? -1 : 0)) continue
    const editable = editableLocation(core.host, distribution, sysPath)
    const wheel = distribution.readText('WHEEL')
    // Few wheels have one.
    const build = wheel?.includes('\nBuild:') ? findHeader(parseMailMessage(wheel), 'Build')?.value : undefined
    packages.push({
      project: distribution.project,
      name: distribution.rawName,
      version: shownVersion(distribution),
      rawVersion: distribution.rawVersion,
      isVersion: distribution.version !== undefined,
      location: distribution.location,
      // A file of its own, that few ask for.
      get installer() {
        return installerOf(distribution)
      },
      ...(editable === undefined ? {} : { editable }),
      ...(build === undefined ? {} : { build }),
      ...(release === undefined ? {} : { latest: release }),
    })
  }
  return { packages: packages.sort((a, b) => (a.project < b.project ? -1 : 1)) }
}

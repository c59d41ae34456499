// `pip index versions` and `pip list --outdated`: the releases of a project that could be installed here.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { formatsFor } from '../engine/formats.ts'
import { releasesFor } from '../engine/resolve-candidates.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import type { PackageSource } from '../indexes/package-source.ts'
import { overWholePages } from '../indexes/whole-pages.ts'
import type { Target } from '../python/target.ts'
import { normalizeName } from '../spec/name.ts'
import { specifiersContain, tryParseSpecifiers } from '../spec/specifier.ts'
import { rankOfWheel } from '../spec/tag.ts'
import { compareVersions, formatVersion, isPrerelease, type Version } from '../spec/version.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish, FileChoice } from './install-request.ts'
import { type InstalledView, viewInstalled } from './installed-view.ts'

export interface AvailableRelease {
  readonly version: Version
  /** What would be taken of it: a wheel, where one fits. */
  readonly type: 'wheel' | 'sdist'
}

export type ReleaseChoice = Pick<
  FileChoice,
  'noBinary' | 'onlyBinary' | 'preferBinary' | 'allReleases' | 'onlyFinal' | 'ignoreRequiresPython'
>

/** Releases with at least one file that fits, newest first. Yanked files are none. */
export async function availableReleases(
  name: ProjectName,
  source: Pick<PackageSource, 'project'>,
  target: Pick<Target, 'ranks' | 'pythonVersion'>,
  choice: ReleaseChoice,
): Promise<readonly AvailableRelease[]> {
  return await overWholePages(async () => {
    const project = await source.project(name)
    const takesPrereleases = releasesFor(choice, name) === true
    const { binary, source: fromSource } = formatsFor(choice, name)
    const releases = (project?.versions ?? []).flatMap(({ version, files }): readonly AvailableRelease[] => {
      if (isPrerelease(version) && !takesPrereleases) return []
      const fitting = files.filter(
        (file) => (file.parsed.kind === 'wheel' ? binary : fromSource) && fits(file, target, choice),
      )
      if (fitting.length === 0) return []
      return [{ version, type: fitting.some(({ parsed }) => parsed.kind === 'wheel') ? 'wheel' : 'sdist' }]
    })
    return [...releases].sort((a, b) => compareVersions(b.version, a.version))
  })
}

function fits(
  { parsed, yanked, requiresPython }: DistributionFile,
  { ranks, pythonVersion }: Pick<Target, 'ranks' | 'pythonVersion'>,
  { ignoreRequiresPython }: ReleaseChoice,
): boolean {
  if (yanked !== undefined) return false
  if (parsed.kind === 'wheel' && rankOfWheel(parsed, ranks) === undefined) return false
  if (ignoreRequiresPython || requiresPython === undefined) return true
  const specifiers = tryParseSpecifiers(requiresPython)
  // What can't be read forbids nothing, as in pip.
  return specifiers === undefined || specifiersContain(specifiers, pythonVersion)
}

/** The release that an upgrade would take. */
export function bestRelease(
  releases: readonly AvailableRelease[],
  preferBinary: boolean,
): AvailableRelease | undefined {
  return (preferBinary ? releases.find(({ type }) => type === 'wheel') : undefined) ?? releases[0]
}

export interface IndexVersionsRequest {
  readonly environment: EnvironmentWish
  /** As typed. */
  readonly name: string
  readonly choice: ReleaseChoice
  readonly source: Pick<PackageSource, 'project'>
  readonly targetOf: (view: InstalledView) => Pick<Target, 'ranks' | 'pythonVersion'>
}

export interface IndexVersionsResult {
  readonly name: string
  /** Newest first. */
  readonly versions: readonly string[]
  readonly latest: string
  readonly latestIsPrerelease: boolean
  readonly installed?: string
}

/** Asks for versions. Throws what `aimAt` and the source throw, and `no-such-release` where nothing fits. */
export async function indexVersions(core: Core, request: IndexVersionsRequest): Promise<IndexVersionsResult> {
  const view = await viewInstalled(core, request.environment)
  const project = normalizeName(request.name)
  const releases = await availableReleases(project, request.source, request.targetOf(view), request.choice)
  const [latest] = releases
  if (latest === undefined) throw new DenError('no-such-release', { name: request.name })
  const installed = view.distributions.find((one) => one.project === project)?.version
  return {
    name: request.name,
    versions: releases.map(({ version }) => formatVersion(version)),
    latest: formatVersion(latest.version),
    latestIsPrerelease: isPrerelease(latest.version),
    ...(installed === undefined ? {} : { installed: formatVersion(installed) }),
  }
}

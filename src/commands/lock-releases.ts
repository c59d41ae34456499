// The releases that a project's indexes have of what its lock names: for `den outdated` and for `den why --latest`.

import type { DistributionFile } from '../indexes/distribution-file.ts'
import { openPackageSource, type PackageSource } from '../indexes/package-source.ts'
import type { Manifest } from '../project/manifest.ts'
import type { PylockPackage } from '../spec/pylock.ts'
import { isSubsetRange, rangesDisjoint } from '../spec/range.ts'
import { type SpecifierSet, tryParseSpecifiers } from '../spec/specifier.ts'
import { compareVersions, isPrerelease, type Version } from '../spec/version.ts'
import type { Core } from './core.ts'
import { projectSources } from './project-sources.ts'

export interface Release {
  readonly version: Version
  /** As its files say. */
  readonly requiresPython?: string
  /** For how many of the Pythons that the project is for. */
  readonly fits: 'all' | 'some' | 'none'
}

/** What is needed to tell which releases count. */
export interface ReleaseView {
  readonly manifest: Pick<Manifest, 'requiresPython' | 'settings'>
}

/** The project's package source; to be closed. Throws what `projectSources` throws. */
export function openLockSource(core: Core, manifest: Manifest, refresh = false): PackageSource {
  return openPackageSource(core, projectSources(core, manifest, { refresh }).settings)
}

/**
 * Releases, newest first, with a file that was not taken back; pre-releases where they are allowed or one is locked. Throws what asking an
 * index throws.
 */
export async function releasesOf(
  source: Pick<PackageSource, 'project'>,
  { name, version: locked }: Pick<PylockPackage, 'name' | 'version'>,
  { manifest }: ReleaseView,
): Promise<readonly Release[]> {
  const { requiresPython, settings } = manifest
  const prereleases = settings.prereleases === 'allow' || (locked !== undefined && isPrerelease(locked))
  const project = await source.project(name)
  return (project?.versions ?? [])
    .flatMap(({ version, files }): readonly Release[] => {
      if (!prereleases && isPrerelease(version)) return []
      const found = files.flatMap((file) => fitOf(file, requiresPython) ?? [])
      const best = order.map((fits) => found.find((one) => one.fits === fits)).find((one) => one !== undefined)
      return best === undefined ? [] : [{ version, ...best }]
    })
    .sort((a, b) => compareVersions(b.version, a.version))
}

const order = ['all', 'some', 'none'] as const

/** undefined: the file was taken back. */
function fitOf(
  { yanked, requiresPython: text }: DistributionFile,
  wanted: SpecifierSet | undefined,
): Omit<Release, 'version'> | undefined {
  if (yanked !== undefined) return undefined
  const requires = text === undefined ? undefined : tryParseSpecifiers(text)
  if (text === undefined || requires === undefined) return { fits: 'all' }
  if (wanted === undefined) return { requiresPython: text, fits: 'all' }
  if (rangesDisjoint(wanted.range, requires.range)) return { requiresPython: text, fits: 'none' }
  return { requiresPython: text, fits: isSubsetRange(wanted.range, requires.range) ? 'all' : 'some' }
}

// The releases that a project's indexes have of what its lock names: for `den outdated` and for `den why --latest`.

import type { DistributionFile } from '../indexes/distribution-file.ts'
import { openPackageSource } from '../indexes/package-source.ts'
import { overWholePages } from '../indexes/whole-pages.ts'
import { impliedRequiresPython } from '../spec/marker-algebra.ts'
import type { PylockPackage } from '../spec/pylock.ts'
import { fullRange, rangeContains } from '../spec/range.ts'
import { tryParseSpecifiers } from '../spec/specifier.ts'
import { compareVersions, isPrerelease, parseVersion, type Version } from '../spec/version.ts'
import type { Core } from './core.ts'
import type { LockView } from './lock-view.ts'
import { projectSources } from './project-sources.ts'

export interface Release {
  readonly version: Version
  /** As its files say. */
  readonly requiresPython?: string
  /** For how many of the Pythons that the package is locked for. */
  readonly fits: 'all' | 'some' | 'none'
}

export interface LockReleases {
  /**
   * Newest first: those with a file that was not taken back; pre-releases where they are allowed or one is locked. Throws what asking an
   * index throws.
   */
  of(one: Pick<PylockPackage, 'name' | 'version' | 'marker'>): Promise<readonly Release[]>
  close(): void
}

/** To be closed. Throws what `projectSources` throws. */
export function openLockReleases(
  core: Core,
  { manifest, lock }: Pick<LockView, 'manifest' | 'lock'>,
  refresh = false,
): LockReleases {
  const { settings } = manifest
  // Where the manifest does not say, the lock is for what was taken when it was made.
  const requiresPython = manifest.requiresPython ?? lock.lock.requiresPython
  const source = openPackageSource(core, projectSources(core, manifest, { refresh }, lock).settings)
  const pythons = pythonReleases().filter((version) => rangeContains(requiresPython?.range ?? fullRange, version))
  return {
    of: ({ name, version: locked, marker }) =>
      overWholePages(async () => {
        const prereleases = settings.prereleases === 'allow' || (locked !== undefined && isPrerelease(locked))
        const project = await source.project(name)
        const range = marker === undefined ? fullRange : impliedRequiresPython(marker)
        const meant = pythons.filter((version) => rangeContains(range, version))
        return (project?.versions ?? [])
          .flatMap(({ version, files }): readonly Release[] => {
            if (!prereleases && isPrerelease(version)) return []
            const found = files.flatMap((file) => fitOf(file, meant) ?? [])
            const best = order.map((fits) => found.find((one) => one.fits === fits)).find((one) => one !== undefined)
            return best === undefined ? [] : [{ version, ...best }]
          })
          .sort((a, b) => compareVersions(b.version, a.version))
      }),
    close: () => source.close(),
  }
}

const order = ['all', 'some', 'none'] as const

/** undefined: the file was taken back. */
function fitOf(
  { yanked, requiresPython: text }: DistributionFile,
  meant: readonly Version[],
): Omit<Release, 'version'> | undefined {
  if (yanked !== undefined) return undefined
  const requires = text === undefined ? undefined : tryParseSpecifiers(text)
  if (text === undefined || requires === undefined) return { fits: 'all' }
  const fitting = meant.filter((version) => rangeContains(requires.range, version)).length
  return { requiresPython: text, fits: fitting === meant.length ? 'all' : fitting > 0 ? 'some' : 'none' }
}

/** Releases of Python, an early and a late one a line: where a range ends among pre-releases is nobody's question here. */
function pythonReleases(): readonly Version[] {
  const lines = ['2.7', ...Array.from({ length: 40 }, (_, minor) => `3.${minor}`)]
  return lines.flatMap((line) => [parseVersion(`${line}.0`), parseVersion(`${line}.7`)])
}

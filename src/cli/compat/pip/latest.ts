// The newest release of what is installed, for `pip list --outdated`: all projects are asked about at once.

import { availableReleases, bestRelease } from '../../../commands/index-versions.ts'
import type { LatestRelease } from '../../../commands/list.ts'
import type { SeenDistribution } from '../../../commands/pip-distributions.ts'
import { aimAt } from '../../../commands/pip-environment.ts'
import { sourceSettings } from '../../../commands/pip-sources.ts'
import { openPackageSource, type PackageSource } from '../../../indexes/package-source.ts'
import { targetOf } from '../../../python/target.ts'
import { compareVersions, formatVersion } from '../../../spec/version.ts'
import type { PipContext } from './context.ts'
import { fileChoice, networkWishes, packageSources } from './install-request.ts'

export interface Latest {
  of(distribution: SeenDistribution): Promise<LatestRelease | undefined>
  close(): void
}

export async function openLatest(context: PipContext): Promise<Latest> {
  const { core, environment } = context
  const choice = fileChoice(context)
  const { interpreter } = await aimAt(core, environment)
  const target = targetOf(core, interpreter)
  const source = openSource(context)
  return {
    of: async (distribution) => {
      const releases = await availableReleases(distribution.project, source, target, choice)
      const best = bestRelease(releases, choice.preferBinary)
      if (best === undefined || distribution.version === undefined) return undefined
      const order = Math.sign(compareVersions(distribution.version, best.version)) as LatestRelease['order']
      return { version: formatVersion(best.version), type: best.type, order }
    },
    close: () => source.close(),
  }
}

/** The package source that pip's options describe. */
export function openSource(context: PipContext): PackageSource {
  const { core, host, options } = context
  const { cache_dir: cache } = options
  const settings = sourceSettings(
    host,
    {
      sources: packageSources(options),
      network: networkWishes(options),
      uploadedBefore: options.uploaded_prior_to,
    },
    core,
  )
  const places = typeof cache === 'string' ? { ...core.places, cache: host.path.resolve(host.cwd, cache) } : core.places
  return openPackageSource({ ...core, places }, settings)
}

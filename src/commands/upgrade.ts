// `pip upgrade --all`: everything that came from an index in its newest version, as far as all of it goes together; in one transaction.

import type { ProjectName } from '../base/brand.ts'
import type { WantedRequirement } from '../engine/resolve-request.ts'
import { wantedText } from '../engine/workshop.ts'
import { isDenPip } from '../env/den-pip.ts'
import { ifReadable } from '../env/quietly.ts'
import type { Core } from './core.ts'
import { type InstallOptions, type InstallResult, installPackages } from './install.ts'
import type { InstallPackagesRequest } from './install-request.ts'
import { markersOf, readableDependencies } from './pip-dependencies.ts'
import { directUrlOf, editableLocation } from './pip-direct-url.ts'
import type { SeenDistribution } from './pip-distributions.ts'
import { type AimedEnvironment, aimAt } from './pip-environment.ts'
import { topsOf } from './reach.ts'

export interface UpgradeResult extends InstallResult {
  /** Installed in place or from an address: no index has a newer one. */
  readonly left: readonly string[]
}

/** Upgrades all. Throws as `installPackages`. */
export async function upgradeAll(
  core: Core,
  request: InstallPackagesRequest,
  options: InstallOptions = {},
): Promise<UpgradeResult> {
  const aimed = await aimAt(core, request.environment)
  const left: string[] = []
  const asked = new Set<ProjectName>()
  let upgradable: ReadonlySet<ProjectName> = new Set()
  const result = await installPackages(core, request, {
    command: 'upgrade --all',
    ...options,
    requirements: (seen) => {
      const wanted = wantedOf(core, aimed, seen)
      left.push(...wanted.left.map(({ rawName }) => rawName))
      upgradable = new Set(wanted.upgradable.map(({ project }) => project))
      for (const { project, readText } of wanted.upgradable) if (readText('REQUESTED') !== undefined) asked.add(project)
      return wanted.requirements
    },
    upgrade: () => upgradable,
    // To be named here is not to be asked for: what REQUESTED said before is what counts.
    unasked: (name) => !asked.has(name),
  })
  return { ...result, left }
}

interface Wanted {
  readonly requirements: readonly WantedRequirement[]
  readonly upgradable: readonly SeenDistribution[]
  readonly left: readonly SeenDistribution[]
}

/** All that nothing else requires; the rest is upgraded as far as those who require it allow. What stays as it is holds the others. */
function wantedOf(core: Core, aimed: AimedEnvironment, seen: readonly SeenDistribution[]): Wanted {
  const { host } = core
  const real = (place: string): string => ifReadable(() => host.files.realPath(place)) ?? place
  const prefix = real(aimed.prefix)
  const own = seen.filter(({ site }) => !aimed.isVirtual || real(site).startsWith(prefix))
  const isLeft = (one: SeenDistribution): boolean =>
    directUrlOf(one) !== undefined ||
    editableLocation(host, one, aimed.sysPath) !== undefined ||
    one.version === undefined ||
    isForeign(one) ||
    isDenPipSeen(one)
  const left = own.filter(isLeft)
  const upgradable = own.filter((one) => !isLeft(one))
  const markers = markersOf(core, aimed)
  const byName = new Map(upgradable.map((one) => [one.project, one]))
  const requires = new Map(
    upgradable.map((one) => [
      one,
      (readableDependencies(one, markers) ?? []).flatMap(({ name }) => byName.get(name) ?? []),
    ]),
  )
  const required = new Set([...requires.values()].flat())
  const reaching = new Set(
    topsOf(
      upgradable,
      (one) => required.has(one),
      (one) => requires.get(one)!,
    ),
  )
  const tops = upgradable.filter((one) => reaching.has(one))
  // What stays takes part with the version it has, so that nothing is upgraded to what it cannot stand.
  const held = left.flatMap((one) =>
    one.version === undefined || isDenPipSeen(one) ? [] : [`${one.rawName}===${one.version.text}`],
  )
  return {
    requirements: [...tops.map(({ rawName }) => rawName), ...held].map(wantedText),
    upgradable,
    left: left.filter((one) => !isDenPipSeen(one)),
  }
}

/** conda's and a system's packages come from elsewhere. */
function isForeign(one: SeenDistribution): boolean {
  return /^(?:conda|rpm|debian)$/i.test(one.readText('INSTALLER')?.trim() ?? '')
}

function isDenPipSeen({ project, rawVersion: version }: SeenDistribution): boolean {
  return isDenPip({ project, version })
}

// The installed distributions that a command looks at: those of an environment's sys.path, or of directories that are named, without
// those it is to leave out.

import type { ProjectName } from '../base/brand.ts'
import { ifReadable } from '../env/quietly.ts'
import type { Host } from '../host/host.ts'
import { normalizeName } from '../spec/name.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish } from './install-request.ts'
import { editableLocation } from './pip-direct-url.ts'
import { readSeen, type SeenDistribution } from './pip-distributions.ts'
import { type AimedEnvironment, aimAt } from './pip-environment.ts'

export interface InstalledFilter {
  /** Look into these directories instead of sys.path. */
  readonly paths?: readonly string[]
  /** Leave out what an environment sees of its base. */
  readonly local?: boolean
  /** Only what is in the user's site-packages. */
  readonly userOnly?: boolean
  readonly editables?: 'leave out' | 'only'
  readonly exclude?: readonly string[]
}

export interface InstalledView {
  readonly aimed: AimedEnvironment
  readonly sysPath: readonly string[]
  /** In the order of sys.path. */
  readonly distributions: readonly SeenDistribution[]
}

/** What the standard library once brought as distributions of its own. */
const ofTheLibrary = new Set(['python', 'wsgiref', 'argparse'])

/** Reads what is installed. Throws what `aimAt` throws. */
export async function viewInstalled(
  core: Core,
  wish: EnvironmentWish,
  filter: InstalledFilter = {},
  found?: AimedEnvironment,
): Promise<InstalledView> {
  const aimed = found ?? (await aimAt(core, wish))
  const { host } = core
  const given = filter.paths?.map((place) => host.path.resolve(host.cwd, place))
  const sysPath = given ?? aimed.sysPath
  const seen = readSeen(host, sysPath, (text) => core.report({ kind: 'note', text }))
  const excluded = new Set<ProjectName>((filter.exclude ?? []).map(normalizeName))
  const prefix = realPath(host, aimed.prefix)
  const userSite = realPath(host, aimed.userSite)
  const distributions = seen.filter((one) => {
    if (ofTheLibrary.has(one.project) || excluded.has(one.project)) return false
    if (filter.local === true && aimed.isVirtual && !realPath(host, one.site).startsWith(prefix)) return false
    if (filter.userOnly === true && !realPath(host, one.site).startsWith(userSite)) return false
    if (filter.editables === undefined) return true
    // An .egg-link stands on the environment's own path, whatever directories are looked at.
    const isEditable = editableLocation(host, one, aimed.sysPath) !== undefined
    return isEditable === (filter.editables === 'only')
  })
  return { aimed, sysPath: aimed.sysPath, distributions }
}

function realPath({ files, path }: Pick<Host, 'files' | 'path'>, place: string): string {
  return ifReadable(() => files.realPath(place)) ?? path.normalize(place)
}

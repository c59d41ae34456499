// `pip uninstall`: what would go is a value first, shown and confirmed; then all of it goes, in one transaction.

import { DenError } from '../base/error.ts'
import { applyPlan } from '../engine/apply.ts'
import { type InstalledDistribution, readInstalled } from '../env/installed.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import { ifReadable } from '../env/quietly.ts'
import { schemePaths } from '../env/schemes.ts'
import { planRemoval } from '../install/removal.ts'
import type { Present } from '../plan/plan.ts'
import { normalizeName } from '../spec/name.ts'
import type { Core } from './core.ts'
import { checkExternallyManaged } from './externally-managed.ts'
import type { EnvironmentWish } from './install-request.ts'
import { viewInstalled } from './installed-view.ts'
import type { SeenDistribution } from './pip-distributions.ts'
import type { AimedEnvironment } from './pip-environment.ts'

export interface UninstallRequest {
  readonly environment: EnvironmentWish
  /** Names as typed. */
  readonly names: readonly string[]
  /** Also where a package manager owns the installation. */
  readonly breakSystemPackages?: boolean
  /** Asked before anything goes; what answers no stays. Everything goes unless said. */
  readonly confirm?: (leaving: Leaving) => Promise<boolean>
}

/** One distribution that would go. */
export interface Leaving {
  readonly name: string
  readonly version: string
  /** Absolute; those that are there. */
  readonly files: readonly string[]
  /** Files in directories of its own that nobody recorded: they stay. */
  readonly kept: readonly string[]
}

export interface UninstallResult {
  readonly removed: readonly { readonly name: string; readonly version: string }[]
  /** Names as typed that are not installed. */
  readonly missing: readonly string[]
  /** Installed, but where this environment must not change anything. */
  readonly outside: readonly { readonly name: string; readonly location: string }[]
  readonly declined: readonly string[]
  /** It was a virtual environment. */
  readonly isVirtual: boolean
}

/**
 * Takes packages out, all or none. Throws what `aimAt` throws, `externally-managed`, `uninstall-refused`, and what the disk throws.
 */
export async function uninstall(core: Core, request: UninstallRequest): Promise<UninstallResult> {
  const { host } = core
  const { aimed, distributions } = await viewInstalled(core, request.environment)
  if (request.breakSystemPackages !== true) checkExternallyManaged(core, aimed)
  const byName = new Map(distributions.map((one) => [one.project, one]))
  const names = [...new Map(request.names.map((name) => [normalizeName(name), name])).entries()]
  const missing = names.filter(([project]) => !byName.has(project)).map(([, name]) => name)
  const chosen = names.flatMap(([project]) => byName.get(project) ?? [])
  const real = (place: string): string => ifReadable(() => host.files.realPath(place)) ?? host.path.normalize(place)
  const isOutside = (one: SeenDistribution): boolean =>
    aimed.isVirtual && !real(one.site).startsWith(real(aimed.prefix))
  const outside = chosen.filter(isOutside).map((one) => ({ name: one.rawName, location: one.location }))

  const declined: string[] = []
  const groups = new Map<
    string,
    { readonly paths: EnvironmentPaths; readonly present: Present[]; readonly removed: SeenDistribution[] }
  >()
  for (const one of chosen.filter((each) => !isOutside(each))) {
    const place = placeOf(one)
    const paths = pathsAround(aimed, host.path.dirname(place), host.path)
    const installed = installedAs(core, one, { place, paths })
    const removal = await planRemoval(core, { distribution: installed, paths })
    const there = removal.files.filter((file) => host.files.lstat(file) !== undefined)
    const leaving = { name: one.rawName, version: one.rawVersion, ...listing(core, one, there) }
    if (request.confirm !== undefined && !(await request.confirm(leaving))) {
      declined.push(one.rawName)
      continue
    }
    const group = groups.get(paths.root) ?? { paths, present: [], removed: [] }
    groups.set(paths.root, group)
    group.removed.push(one)
    group.present.push({ name: one.project, version: installed.version, location: installed.location })
  }
  const removed: { name: string; version: string }[] = []
  for (const { paths, present, removed: gone } of groups.values()) {
    await applyPlan(core, {
      plan: { install: [], change: [], reinstall: [], remove: present, unchanged: [] },
      environment: { root: paths.root, paths },
      interpreter: aimed.interpreter,
      command: `uninstall ${present.map(({ name }) => name).join(' ')}`,
      ...(aimed.environment === undefined ? { traceless: true } : {}),
    })
    removed.push(...gone.map(({ rawName, rawVersion }) => ({ name: rawName, version: rawVersion })))
  }
  return { removed, missing, outside, declined, isVirtual: aimed.isVirtual }
}

/** What stands for the distribution in a site-packages directory: its info directory, its egg, or the link to its source. */
function placeOf(one: SeenDistribution): string {
  const egg = one.location.replace(/[/\\]$/, '')
  return one.eggLink ?? (/\.egg$/i.test(egg) ? egg : one.info)
}

/** The directories that its files may lie in: the environment's, an installation's, or the user's. */
function pathsAround(aimed: AimedEnvironment, site: string, path: Core['host']['path']): EnvironmentPaths {
  const { environment, interpreter, userBase } = aimed
  if (environment !== undefined) {
    const { purelib, platlib } = environment.paths
    return site === purelib || site === platlib ? environment.paths : { ...environment.paths, purelib: site }
  }
  const kind = site.startsWith(`${userBase}${path.sep}`) ? 'user' : 'environment'
  const paths = schemePaths({ ...aimed, path }, { kind })
  // Debian's Python also sees what older schemes have left in other directories.
  return site === paths.purelib || site === paths.platlib
    ? paths
    : { ...paths, root: interpreter.prefix, purelib: site, platlib: site }
}

function installedAs(
  core: Core,
  one: SeenDistribution,
  { place, paths }: { readonly place: string; readonly paths: EnvironmentPaths },
): InstalledDistribution {
  const sites = [...new Set([core.host.path.dirname(place), paths.purelib, paths.platlib])]
  const found = readInstalled(core.host, sites).find(({ location }) => location === place)
  if (found !== undefined) return found
  throw new DenError('uninstall-refused', {
    distribution: `${one.rawName} ${one.rawVersion}`,
    reason: `den does not know how ${place} came to be there`,
  })
}

/** What else lies in the packages and info directories that go: modules compiled by Python belong to them, all else was added. */
function listing(core: Core, one: SeenDistribution, files: readonly string[]): Pick<Leaving, 'files' | 'kept'> {
  const { path, files: disk } = core.host
  const going = new Set(files)
  const tops = new Set(
    files
      .map((file) => path.relative(one.site, file))
      .filter((relative) => !relative.startsWith('..') && relative.includes(path.sep))
      .map((relative) => relative.split(path.sep)[0]!),
  )
  const kept: string[] = []
  const walk = (directory: string): void => {
    for (const entry of ifReadable(() => disk.list(directory)) ?? []) {
      const place = path.join(directory, entry.name)
      if (entry.kind === 'directory') walk(place)
      else if (!going.has(place) && !entry.name.endsWith('.pyc')) kept.push(place)
    }
  }
  for (const top of tops) {
    const directory = path.join(one.site, top)
    // A directory that several distributions share is nobody's own.
    if (going.has(path.join(directory, '__init__.py')) || /\.(?:dist|egg)-info$/.test(top)) walk(directory)
  }
  return { files, kept: kept.sort() }
}

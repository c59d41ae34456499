// Packages for programs: what `den pip` does as typed functions over plain data. Each takes a few words (library-request.ts), hands the
// whole request to the command that pip's face uses as well, and answers what a program can keep, compare and send elsewhere.

import { DenError } from '../base/error.ts'
import type { Report } from '../base/event.ts'
import type { AppliedPlan } from '../engine/apply.ts'
import { type ResolvedDistribution, writtenName } from '../engine/resolve-request.ts'
import { ifReadable } from '../env/quietly.ts'
import type { LinkMode } from '../install/linker.ts'
import type { Plan } from '../plan/plan.ts'
import type { Core } from './core.ts'
import type { InstallPlace } from './install-request.ts'
import { type EnvironmentOf, environmentWish, type PackagesWish, packagesRequest } from './library-request.ts'

export type { EnvironmentOf, IndexWish, PackagesWish } from './library-request.ts'

/** What each of these requests may carry beside the session's own. */
export interface Watched {
  /** Stops this command; the environment is then as it was. */
  readonly signal?: AbortSignal
  /** Is told what happens, beside the session's own listener. */
  readonly report?: Report
}

export interface InstallRequest extends PackagesWish, EnvironmentOf, Watched {
  /** `true`: the newest of what is named; `eager`: of what it requires, too. */
  readonly upgrade?: boolean | 'eager'
  /** Put in anew also what is there. */
  readonly reinstall?: boolean
  /** What is neither named nor required goes. */
  readonly exact?: boolean
  /** Answer what would change, and change nothing. */
  readonly dryRun?: boolean
  /** Into this directory, flat, instead of the environment. */
  readonly target?: string
  readonly linkMode?: LinkMode
  /** Also where another package manager owns the Python. */
  readonly breakSystemPackages?: boolean
}

export interface ChangedPackage {
  readonly name: string
  readonly version: string
  /** What stood there before; absent for what is new. */
  readonly from?: string
  readonly requested: boolean
}

/** How packages changed, or would. */
export interface PackageChange {
  /** The root of the environment, or the directory that was changed. */
  readonly environment: string
  /** Put in, upgraded, reinstalled. */
  readonly installed: readonly ChangedPackage[]
  /** Taken out without anything in its place. */
  readonly removed: readonly { readonly name: string; readonly version: string }[]
  /** Asked for or required, and there already. */
  readonly unchanged: readonly { readonly name: string; readonly version: string }[]
  /** The number in the history, for `undo`; absent where nothing changed, or no history is kept. */
  readonly change?: number
  readonly linkMode?: AppliedPlan['linkMode']
  /** Requirements that the change left unmet, a sentence each. */
  readonly conflicts: readonly string[]
  readonly warnings: readonly string[]
}

/** Installs. Throws `no-solution`, `hash-mismatch`, `build-failed`, `aborted` and much else; the environment is then as it was. */
export async function install(core: Core, request: InstallRequest): Promise<PackageChange> {
  const { installPackages } = await import('./install.ts')
  checkWanted(request)
  const { upgrade, target } = request
  const place: InstallPlace =
    target === undefined
      ? { kind: 'environment' }
      : { kind: 'target', directory: core.host.path.resolve(core.host.cwd, target) }
  const result = await installPackages(
    core,
    {
      ...packagesRequest(core, request),
      place,
      upgrade: upgrade === 'eager' ? 'eager' : upgrade === true ? 'needed' : 'no',
      forceReinstall: request.reinstall === true,
      ignoreInstalled: target !== undefined,
      exact: request.exact === true,
      breakSystemPackages: request.breakSystemPackages === true,
      compileBytecode: true,
      dryRun: request.dryRun === true,
      warnings: { scriptsOutsidePath: false, conflicts: true, root: false },
    },
    request.linkMode === undefined ? {} : { linkMode: request.linkMode },
  )
  const { conflictSentence } = await import('./conflicts.ts')
  return {
    environment: target === undefined ? (result.aimed.environment?.root ?? result.aimed.prefix) : result.site,
    ...changedBy(result.plan),
    unchanged: result.satisfied.map(({ name, version }) => ({ name, version })),
    ...(result.applied === undefined ? {} : appliedFacts(result.applied)),
    conflicts: result.conflicts.map(conflictSentence),
    warnings: result.warnings,
  }
}

function checkWanted({ packages, requirements, editables, groups }: PackagesWish): void {
  if ([packages, requirements, editables, groups].some((list) => (list?.length ?? 0) > 0)) return
  throw new DenError('pip-options-refused', {
    command: 'install()',
    because: 'nothing is named',
    fix: ['name packages, requirements files, editables or groups'],
  })
}

export function appliedFacts({ entry, linkMode }: AppliedPlan): Pick<PackageChange, 'change' | 'linkMode'> {
  return { linkMode, ...(entry === undefined ? {} : { change: entry }) }
}

function changedBy(plan: Plan<ResolvedDistribution>): Pick<PackageChange, 'installed' | 'removed'> {
  const named = ({ source, version }: { source: ResolvedDistribution; version: string }): ChangedPackage => ({
    name: writtenName(source),
    version,
    requested: source.requested,
  })
  const instead = [...plan.change, ...plan.reinstall].map(({ from, to }) => ({
    ...named(to),
    ...(from[0] === undefined ? {} : { from: from[0].version }),
  }))
  return {
    installed: [...plan.install.map(named), ...instead],
    removed: plan.remove.map(({ name, version }) => ({ name, version })),
  }
}

export interface UninstallRequest extends EnvironmentOf, Watched {
  readonly packages: readonly string[]
  readonly breakSystemPackages?: boolean
}

export interface UninstallResult {
  readonly removed: readonly { readonly name: string; readonly version: string }[]
  /** Names as given that are not installed. */
  readonly missing: readonly string[]
}

/** Takes packages out, all or none. Throws `uninstall-refused`, `externally-managed`, `aborted`. */
export async function uninstall(core: Core, request: UninstallRequest): Promise<UninstallResult> {
  const command = await import('./uninstall.ts')
  const { removed, missing, outside } = await command.uninstall(core, {
    environment: environmentWish(core, request),
    names: request.packages,
    ...(request.breakSystemPackages === true ? { breakSystemPackages: true } : {}),
  })
  return { removed, missing: [...missing, ...outside.map(({ name }) => name)] }
}

export interface InstalledPackage {
  readonly name: string
  readonly version: string
  /** The directory on `sys.path`. */
  readonly location: string
  /** Somebody asked for it by name. */
  readonly requested: boolean
  /** What put it in: den, pip, uv, conda. */
  readonly installer?: string
  /** The directory of its source, where it is installed in place. */
  readonly editable?: string
  /** Where it came from, where that was no index. */
  readonly directUrl?: string
}

/** Lists what is installed, by name. */
export async function installed(
  core: Core,
  request: EnvironmentOf & Watched = {},
): Promise<{ readonly environment: string; readonly packages: readonly InstalledPackage[] }> {
  const [{ viewInstalled }, { directUrlOf, editableLocation }] = await Promise.all([
    import('./installed-view.ts'),
    import('./pip-direct-url.ts'),
  ])
  const { aimed, distributions } = await viewInstalled(core, environmentWish(core, request))
  const packages = distributions.map((one): InstalledPackage => {
    const editable = editableLocation(core.host, one, aimed.sysPath)
    const installer = ifReadable(() => one.readText('INSTALLER'))?.trim()
    const directUrl = directUrlOf(one)?.url
    return {
      name: one.rawName,
      version: one.rawVersion,
      location: one.location,
      requested: one.readText('REQUESTED') !== undefined,
      ...(installer ? { installer } : {}),
      ...(editable === undefined ? {} : { editable }),
      ...(directUrl === undefined ? {} : { directUrl }),
    }
  })
  return {
    environment: aimed.environment?.root ?? aimed.prefix,
    packages: packages.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1)),
  }
}

export interface ResolveRequest extends PackagesWish, EnvironmentOf, Watched {
  /** Versions to take; the highest unless said. */
  readonly strategy?: 'highest' | 'lowest' | 'lowest-direct'
}

export interface ResolvedPackage {
  readonly name: string
  readonly version: string
  readonly requested: boolean
  /** The names of what it requires, of those that were chosen. */
  readonly requires: readonly string[]
  /** The file that would be installed; absent for directories and repositories. */
  readonly file?: {
    readonly filename: string
    /** An address (without credentials) or a path. */
    readonly place: string
    readonly hashes: Readonly<Record<string, string>>
    readonly size?: number
  }
}

/** Chooses versions as if nothing were installed; changes nothing. Throws `no-solution`. */
export async function resolve(
  core: Core,
  request: ResolveRequest,
): Promise<{ readonly packages: readonly ResolvedPackage[]; readonly milliseconds: number }> {
  checkWanted(request)
  const { openPackages } = await import('./packages.ts')
  const open = await openPackages(core, packagesRequest(core, request))
  try {
    const { distributions, statistics } = await open.resolve(
      request.strategy === undefined ? {} : { strategy: request.strategy },
    )
    return { packages: distributions.map(resolvedPackage), milliseconds: statistics.milliseconds }
  } finally {
    open.close()
  }
}

function resolvedPackage({
  name,
  version,
  requested,
  dependencies,
  file,
  metadata,
}: ResolvedDistribution): ResolvedPackage {
  return {
    name: metadata?.rawName ?? name,
    version: version.text,
    requested,
    requires: dependencies,
    ...(file === undefined
      ? {}
      : {
          file: {
            filename: file.parsed.filename,
            place: file.place.kind === 'url' ? file.place.url.href : file.place.path,
            hashes: file.hashes,
            ...(file.size === undefined ? {} : { size: file.size }),
          },
        }),
  }
}

export interface DownloadRequest extends PackagesWish, EnvironmentOf, Watched {
  /** Made where it is not there. */
  readonly directory: string
}

export interface DownloadResult {
  readonly files: readonly { readonly name: string; readonly version: string; readonly path: string }[]
}

/** Saves the files that would be installed, all or none. */
export async function download(core: Core, request: DownloadRequest): Promise<DownloadResult> {
  checkWanted(request)
  const { downloadPackages } = await import('./download.ts')
  const directory = core.host.path.resolve(core.host.cwd, request.directory)
  const { saved } = await downloadPackages(core, { ...packagesRequest(core, request), directory })
  return { files: saved.map(({ name, version, path }) => ({ name, version, path })) }
}

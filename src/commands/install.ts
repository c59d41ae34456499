// Putting packages in: wanted → resolved → a plan (the dry run ends here) → fetched and built, in the store → one transaction.

import { DenError } from '../base/error.ts'
import { type AppliedPlan, applyPlan, type PreparedDistribution } from '../engine/apply.ts'
import type { Prepared } from '../engine/prepare.ts'
import type { ResolvedDistribution, ResolveStatistics } from '../engine/resolve-request.ts'
import type { LinkMode } from '../install/linker.ts'
import { isEmptyPlan, type Plan, type Present, plan, type Wanted } from '../plan/plan.ts'
import type { Core } from './core.ts'
import { checkExternallyManaged } from './externally-managed.ts'
import { placeOfPackages } from './install-place.ts'
import type { InstallPackagesRequest } from './install-request.ts'
import { viewInstalled } from './installed-view.ts'
import { openPackages, presentDistributions } from './packages.ts'
import { editableLocation } from './pip-direct-url.ts'
import type { SeenDistribution } from './pip-distributions.ts'
import type { AimedEnvironment } from './pip-environment.ts'

export interface InstallResult {
  readonly aimed: AimedEnvironment
  /** Where packages are, or would be, put. */
  readonly site: string
  readonly scripts: string
  readonly plan: Plan<ResolvedDistribution>
  /** All that was chosen, what is there already included. */
  readonly resolved: readonly ResolvedDistribution[]
  /** Of those that were asked for or needed, the ones that are there and will do. */
  readonly satisfied: readonly {
    readonly name: string
    readonly version: string
    readonly location: string
    readonly requested: boolean
  }[]
  /** Requirements whose markers say that they are not for this Python. */
  readonly ignored: readonly string[]
  /** Absent for a dry run, and where nothing had to be done. */
  readonly applied?: AppliedPlan
  readonly statistics: ResolveStatistics
  /** The wheel's hash of what was installed, by project. */
  readonly hashes: ReadonlyMap<string, string>
  readonly warnings: readonly string[]
}

export interface InstallOptions {
  readonly linkMode?: LinkMode
  /** What is not asked for goes (`den pip sync`). */
  readonly exact?: boolean
  /** For the history: what was typed. */
  readonly command?: string
}

/**
 * Installs packages, all or none. Throws what finding the environment, reading what is wanted, resolving (`no-solution`), fetching,
 * building and applying throw, and `externally-managed`.
 */
export async function installPackages(
  core: Core,
  request: InstallPackagesRequest,
  options: InstallOptions = {},
): Promise<InstallResult> {
  const open = await openPackages(core, request)
  try {
    const { aimed } = open
    const elsewhere = request.place.kind === 'target' || request.place.kind === 'prefix' || request.root !== undefined
    if (!request.breakSystemPackages && !elsewhere && !request.dryRun) checkExternallyManaged(core, aimed)
    const place = placeOfPackages(core, aimed, request.place, request.root)
    const view = await viewInstalled(core, request.environment)
    const seen = request.place.kind === 'target' ? [] : view.distributions
    const fresh = request.ignoreInstalled || request.forceReinstall
    const answer = await open.resolve({
      ...(fresh ? {} : { installed: presentDistributions(seen) }),
      upgrade: upgradeOf(request.upgrade),
    })

    const sites = new Set([place.paths.purelib, place.paths.platlib])
    const present = presentIn(core, request, { aimed, place: place.paths, seen: view.distributions, sites })
    const coming = answer.distributions.filter((one) => one.present === undefined)
    const staying = answer.distributions.filter((one) => one.present !== undefined)
    const change = plan(present, [...coming, ...(options.exact === true ? staying : [])].map(wantedOf), {
      mode: options.exact === true ? 'exact' : 'additive',
      reinstall: fresh,
      same: 'version',
    })
    const bySeen = new Map(view.distributions.map((one) => [one.project, one]))
    const satisfied = answer.distributions.flatMap((one) => {
      if (coming.includes(one) && !change.unchanged.some(({ name }) => name === one.name)) return []
      const there = bySeen.get(one.name)
      if (there === undefined) return []
      return [{ name: there.rawName, version: there.rawVersion, location: there.location, requested: one.requested }]
    })
    const base = {
      aimed,
      site: place.paths.purelib,
      scripts: place.paths.scripts,
      plan: change,
      resolved: answer.distributions,
      satisfied,
      ignored: answer.ignored.map(({ text }) => text),
      statistics: answer.statistics,
      warnings: [...open.read.warnings, ...extrasWarnings(answer.unknownExtras)],
    }
    if (request.dryRun || isEmptyPlan(change)) return { ...base, hashes: new Map() }

    const toPrepare = [...change.install, ...change.change.map(({ to }) => to), ...change.reinstall.map(({ to }) => to)]
    const ready = await open.workshop.prepare(toPrepare.map(({ source }) => source))
    makeRoot(core, place.root)
    const applied = await applyPlan(core, {
      plan: preparedPlan(change, ready),
      environment: { root: place.root, paths: place.paths },
      interpreter: aimed.interpreter,
      ...(options.linkMode === undefined ? {} : { linkMode: options.linkMode }),
      ...(aimed.environment?.relocatable === true ? { relocatable: true } : {}),
      ...(place.isEnvironment ? {} : { traceless: true }),
      command: options.command ?? `install ${open.read.requirements.map(({ text }) => text).join(' ')}`.trim(),
    })
    return { ...base, applied, hashes: new Map([...ready].map(([one, { sha256 }]) => [one.name, sha256])) }
  } finally {
    open.close()
  }
}

function upgradeOf(upgrade: InstallPackagesRequest['upgrade']): 'none' | 'requested' | 'all' {
  return upgrade === 'eager' ? 'all' : upgrade === 'needed' ? 'requested' : 'none'
}

function wantedOf(one: ResolvedDistribution): Wanted<ResolvedDistribution> {
  const local = one.link !== undefined && one.file === undefined
  return {
    name: one.name,
    version: one.version.text,
    ...(one.editable === true ? { editable: true } : {}),
    ...(local ? { fromLocalSource: true } : {}),
    source: one,
  }
}

/** What stands where packages will be put; a base's packages are seen and never touched. */
function presentIn(
  core: Core,
  request: InstallPackagesRequest,
  about: {
    readonly aimed: AimedEnvironment
    readonly place: { readonly purelib: string; readonly platlib: string }
    readonly seen: readonly SeenDistribution[]
    readonly sites: ReadonlySet<string>
  },
): readonly Present[] {
  const { host } = core
  if (request.place.kind === 'target' && request.upgrade === 'no') return []
  const real = (path: string): string => {
    try {
      return host.files.realPath(path) ?? path
    } catch {
      return path
    }
  }
  const sites = new Set([...about.sites].map(real))
  return about.seen
    .filter((one) => sites.has(real(one.site)))
    .map((one) => {
      const editable = editableLocation(host, one, about.aimed.sysPath) !== undefined
      return {
        name: one.project,
        version: one.version?.text ?? '',
        location: one.eggLink ?? one.info,
        ...(editable ? { editable: true } : {}),
      }
    })
}

function preparedPlan(
  change: Plan<ResolvedDistribution>,
  ready: ReadonlyMap<ResolvedDistribution, Prepared>,
): Plan<PreparedDistribution> {
  const put = (wanted: Wanted<ResolvedDistribution>): Wanted<PreparedDistribution> => {
    const source = ready.get(wanted.source)
    if (source === undefined)
      throw new DenError('internal', { message: `${wanted.name} is not ready`, name: 'install' })
    return { ...wanted, source }
  }
  return {
    install: change.install.map(put),
    change: change.change.map(({ from, to }) => ({ from, to: put(to) })),
    reinstall: change.reinstall.map(({ from, to }) => ({ from, to: put(to) })),
    remove: change.remove,
    unchanged: change.unchanged,
  }
}

function makeRoot({ host }: Core, root: string): void {
  if (host.files.stat(root) === undefined) host.disk.makeDirectories(root)
}

function extrasWarnings(
  unknown: readonly { readonly name: string; readonly version: { readonly text: string }; readonly extra: string }[],
): readonly string[] {
  return unknown.map(({ name, version, extra }) => `${name} ${version.text} does not provide the extra '${extra}'`)
}

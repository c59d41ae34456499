// Putting packages in: wanted → resolved → a plan (the dry run ends here) → fetched and built, in the store → one transaction.

import type { ProjectName } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import type { DenEvent } from '../base/event.ts'
import { hideCredentials } from '../base/safe-url.ts'
import type { AppliedPlan, PreparedDistribution } from '../engine/apply.ts'
import type { Prepared } from '../engine/prepare.ts'
import {
  noStatistics,
  type ResolvedDistribution,
  type ResolveResult,
  type ResolveStatistics,
  type WantedRequirement,
  writtenName,
} from '../engine/resolve-request.ts'
import { type InstalledDistribution, readInstalled } from '../env/installed.ts'
import { headerValues } from '../format/mail-headers.ts'
import type { LinkMode } from '../install/linker.ts'
import { isEmptyPlan, type Plan, type Present, plan, type Wanted } from '../plan/plan.ts'
import type { Tree } from '../store/store.ts'
import type { CheckProblem } from './check.ts'
import { compileAfter, compileWish } from './compile-bytecode.ts'
import type { Core } from './core.ts'
import { checkExternallyManaged } from './externally-managed.ts'
import { type Answering, openAnew, recallPackages } from './install-answer.ts'
import { type PlaceOfPackages, placeOfPackages } from './install-place.ts'
import type { InstallPackagesRequest } from './install-request.ts'
import { type InstalledView, viewInstalled } from './installed-view.ts'
import { installers } from './installers.ts'
import { linkModeFor } from './link-mode.ts'
import { editableLocation } from './pip-direct-url.ts'
import type { SeenDistribution } from './pip-distributions.ts'
import { type AimedEnvironment, aimAt } from './pip-environment.ts'
import { recallSatisfied, rememberSatisfied, satisfiedFacts } from './remembered.ts'
import { questionOf } from './remembered-answer.ts'
import type { ReadPackages } from './wanted.ts'

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
  /** What the change left broken: requirements of what was put in, or of what stays, on each other. */
  readonly conflicts: readonly CheckProblem[]
  readonly warnings: readonly string[]
  /** Nothing was solved: the environment is as it was when the same was asked before. */
  readonly isRecalled?: true
}

export interface InstallOptions {
  readonly linkMode?: LinkMode | 'instant'
  /** In place of the request's own, once files have been read and the environment has been looked at. */
  readonly requirements?: (seen: readonly SeenDistribution[], read: ReadPackages) => readonly WantedRequirement[]
  /** In place of what the request says: what is installed of these is given up for what is newer. */
  readonly upgrade?: () => ReadonlySet<ProjectName>
  /** Nobody asks for these by name only because they are among the requirements. */
  readonly unasked?: (name: ProjectName) => boolean
  /** For the history: what was typed. */
  readonly command?: string
}

/**
 * Installs packages, all or none. Throws what finding the environment, reading what is wanted, resolving (`no-solution`), fetching,
 * building and applying throw, and `externally-managed`.
 */
export async function installPackages(
  asking: Core,
  request: InstallPackagesRequest,
  options: InstallOptions = {},
): Promise<InstallResult> {
  const aimed = await aimAt(asking, request.environment)
  const plainly = isPlainly(options)
  const facts = plainly ? satisfiedFacts(asking, request, aimed) : undefined
  const known = facts === undefined ? undefined : recallSatisfied(asking, aimed, facts)
  if (known !== undefined) return nothingToDo(asking, aimed, known)
  const core = { ...asking, host: asking.host.unnoted?.() ?? asking.host }
  const view = await viewInstalled(core, request.environment, {}, aimed)
  const question = plainly ? questionOf(core, request, aimed, view.distributions) : undefined
  const recalled = question === undefined ? undefined : await recallPackages(core, request, aimed, question)
  const about = { request, options, aimed, view, facts }
  if (recalled !== undefined) {
    try {
      return await installAnswer(core, recalled, about)
    } catch (error) {
      // What the store has lost meanwhile, or what is damaged there beyond recalling, is had anew.
      if (!isDenError(error, 'store-damaged')) throw error
    }
  }
  return await installAnswer(core, await openAnew(core, request, aimed, question), about)
}

interface Installing {
  readonly request: InstallPackagesRequest
  readonly options: InstallOptions
  readonly aimed: AimedEnvironment
  readonly view: InstalledView
  /** What "nothing to do" would rest on. */
  readonly facts: string | undefined
}

/** What an install comes to, before anything of it is fetched. */
interface Decision {
  readonly answer: ResolveResult
  readonly place: PlaceOfPackages
  readonly change: Plan<ResolvedDistribution>
  /** All that the plan puts in. */
  readonly toPrepare: readonly Wanted<ResolvedDistribution>[]
  readonly base: Omit<InstallResult, 'applied' | 'hashes' | 'conflicts'>
}

async function decide(
  core: Core,
  open: Answering,
  { request, options, aimed, view }: Omit<Installing, 'facts'>,
): Promise<Decision> {
  const place = placeOfPackages(core, aimed, request.place, request.root)
  const seen = request.place.kind === 'target' ? [] : view.distributions
  const fresh = request.ignoreInstalled || request.forceReinstall
  const { requirements, unasked } = options
  const resolved = await open.resolve({
    seen: fresh ? undefined : seen,
    ...(requirements === undefined ? {} : { requirements: (read) => requirements(seen, read) }),
    upgrade: () => options.upgrade?.() ?? upgradeOf(request.upgrade),
    ahead: !request.dryRun,
  })
  const answer =
    unasked === undefined
      ? resolved
      : {
          ...resolved,
          distributions: resolved.distributions.map((one) => (unasked(one.name) ? { ...one, requested: false } : one)),
        }

  const sites = new Set([place.paths.purelib, place.paths.platlib])
  const present = presentIn(core, request, { aimed, place: place.paths, seen: view.distributions, sites })
  const kept = leftInTarget(core, request, place.paths, answer)
  const coming = answer.distributions.filter((one) => one.present === undefined && !kept.has(one.name))
  const staying = answer.distributions.filter((one) => one.present !== undefined)
  const exact = request.exact === true
  const change = plan(present, [...coming, ...(exact ? staying : [])].map(wantedOf), {
    mode: exact ? 'exact' : 'additive',
    keep: installers,
    reinstall: fresh,
    same: 'version',
  })
  const bySeen = new Map(view.distributions.map((one) => [one.project, one]))
  const satisfied = answer.distributions.flatMap((one) => {
    if (kept.has(one.name)) return []
    if (coming.includes(one) && !change.unchanged.some(({ name }) => name === one.name)) return []
    const there = bySeen.get(one.name)
    if (there === undefined) return []
    return [{ name: there.rawName, version: there.rawVersion, location: there.location, requested: one.requested }]
  })
  const toPrepare = comingOf(change)
  const base = {
    aimed,
    site: place.paths.purelib,
    scripts: place.paths.scripts,
    plan: change,
    resolved: answer.distributions,
    satisfied,
    ignored: answer.ignored.map(({ text }) => hideCredentials(text)),
    statistics: answer.statistics,
    warnings: [
      ...open.warnings,
      ...extrasWarnings(answer.unknownExtras),
      ...yankedWarnings(answer),
      ...[...kept.values()].map(
        ({ project, version, site }) => `${project} ${version} is in ${site} and stays as it is: --upgrade replaces it`,
      ),
      ...open.statusWarnings(toPrepare.map(({ source }) => source)),
    ],
  }
  core.report({
    kind: 'resolve.done',
    milliseconds: answer.statistics.milliseconds,
    chosen: chosenOf(answer, toPrepare),
  })
  return { answer, place, change, toPrepare, base }
}

async function installAnswer(core: Core, open: Answering, installing: Installing): Promise<InstallResult> {
  const { request, options, aimed, view, facts } = installing
  try {
    const elsewhere = request.place.kind === 'target' || request.place.kind === 'prefix' || request.root !== undefined
    if (!request.breakSystemPackages && !elsewhere && !request.dryRun) checkExternallyManaged(core, aimed)
    const { answer, place, change, toPrepare, base } = await decide(core, open, installing)
    const { satisfied } = base
    if (request.dryRun || isEmptyPlan(change)) {
      const told = request.report === undefined ? [] : toPrepare.map(({ source }) => source)
      if (facts !== undefined && base.ignored.length === 0 && base.warnings.length === 0)
        rememberSatisfied(core, aimed, facts, satisfied)
      return { ...base, hashes: await open.hashesOf(told), conflicts: [] }
    }

    const ready = await open.prepare(toPrepare.map(({ source }) => source))
    // One that has been removed meanwhile is not brought back.
    if (!place.isEnvironment) makeRoot(core, place.paths.root)
    const { applyPlan } = await import('../engine/apply.ts')
    const applied = await applyPlan(core, {
      plan: preparedPlan(core, place.paths.root, change, ready),
      environment: { root: place.paths.root, paths: place.paths },
      interpreter: aimed.interpreter,
      ...linkModeFor(core, options.linkMode, place.isEnvironment ? aimed.environment?.cfg : undefined),
      ...(aimed.environment?.relocatable === true ? { relocatable: true } : {}),
      ...(place.isEnvironment ? {} : { traceless: true }),
      ...(request.ignoreInstalled ? { overDistutils: true } : {}),
      // pip, where it is what comes, is called as the Python that it is for.
      scriptNames: 'pip',
      command: options.command ?? `install ${open.asked}`.trim(),
    })
    await compileAfter(core, {
      wish: compileWish(core, request.compileBytecode ? (request.compileNow === true ? 'now' : 'background') : 'never'),
      interpreter: aimed.interpreter,
      paths: place.paths,
      isEnvironment: place.isEnvironment,
      trees: [...ready.values()].map(({ tree }) => tree),
      linkMode: applied.linkMode,
    })
    const hashes = new Map([...ready].map(([one, { sha256 }]) => [one.name, sha256]))
    const conflicts =
      request.warnings.conflicts && !elsewhere ? await conflictsAfter(core, request, { change, view, answer }) : []
    if (base.warnings.length === 0) await open.remember(answer, ready)
    return { ...base, applied, hashes, conflicts }
  } finally {
    open.close()
  }
}

/** What is put into environments that are being made: decided once, for one of them, and good for all that are made alike. */
export interface ReadyPackages {
  readonly result: Decision['base']
  readonly trees: readonly Tree[]
  /** For the history: what was asked for. */
  readonly asked: string
  /** For the environment at this root. */
  planFor(root: string): Plan<PreparedDistribution>
  /** Keeps the answer for whoever asks the same. */
  remember(): Promise<void>
  /** What is put in left unmet, in this environment. */
  conflictsIn(environment: string): Promise<readonly CheckProblem[]>
  close(): void
}

/** Everything up to the change itself. Throws what `installPackages` throws up to then. */
export async function readyPackages(core: Core, request: InstallPackagesRequest): Promise<ReadyPackages> {
  const aimed = await aimAt(core, request.environment)
  const view = await viewInstalled(core, request.environment, {}, aimed)
  const question = questionOf(core, request, aimed, view.distributions)
  const recalled = question === undefined ? undefined : await recallPackages(core, request, aimed, question)
  const open = recalled ?? (await openAnew(core, request, aimed, question))
  try {
    const { answer, change, toPrepare, base } = await decide(core, open, { request, options: {}, aimed, view })
    const ready = await open.prepare(toPrepare.map(({ source }) => source))
    return {
      result: base,
      trees: [...ready.values()].map(({ tree }) => tree),
      asked: open.asked,
      planFor: (root) => preparedPlan(core, root, change, ready),
      remember: async () => {
        if (base.warnings.length === 0) await open.remember(answer, ready)
      },
      conflictsIn: (python) =>
        conflictsAfter(core, { ...request, environment: { ...request.environment, python } }, { change, view, answer }),
      close: open.close,
    }
  } catch (error) {
    open.close()
    throw error
  }
}

/** Whether the request is all that there is to it. */
function isPlainly({ requirements, upgrade, unasked }: InstallOptions): boolean {
  return requirements === undefined && upgrade === undefined && unasked === undefined
}

/** The answer to a request that had it before, in an environment that is as it was. */
function nothingToDo(core: Core, aimed: AimedEnvironment, satisfied: InstallResult['satisfied']): InstallResult {
  const place = placeOfPackages(core, aimed, { kind: 'environment' })
  core.report({ kind: 'resolve.done', milliseconds: 0, chosen: [] })
  return {
    aimed,
    site: place.paths.purelib,
    scripts: place.paths.scripts,
    plan: { install: [], change: [], reinstall: [], remove: [], unchanged: [] },
    resolved: [],
    satisfied,
    ignored: [],
    statistics: noStatistics,
    hashes: new Map(),
    conflicts: [],
    warnings: [],
    isRecalled: true,
  }
}

/** Everything that a plan puts in. */
export function comingOf<Source>(change: Plan<Source>): readonly Wanted<Source>[] {
  return [...change.install, ...change.change.map(({ to }) => to), ...change.reinstall.map(({ to }) => to)]
}

function chosenOf(
  { distributions }: Pick<ResolveResult, 'distributions'>,
  coming: readonly Wanted<ResolvedDistribution>[],
): Extract<DenEvent, { kind: 'resolve.done' }>['chosen'] {
  return coming.map(({ name, version, source }) => ({
    name: writtenName(source),
    version,
    by: source.requested ? [] : distributions.filter((one) => one.dependencies.includes(name)).map((one) => one.name),
  }))
}

/** Resolving looks at what it was asked for; what else stands there may require something of what has changed. */
async function conflictsAfter(
  core: Core,
  request: InstallPackagesRequest,
  { change, view, answer }: { change: Plan<ResolvedDistribution>; view: InstalledView; answer: ResolveResult },
): Promise<readonly CheckProblem[]> {
  const chosen = new Set(answer.distributions.map(({ name }) => name))
  const others = view.distributions.filter(({ project }) => !chosen.has(project))
  const mayBreak = others.some((one) => headerValues(one.headers, 'Requires-Dist').length > 0)
  if (!mayBreak && request.wanted.dependencies === 'all') return []
  const { check } = await import('./check.ts')
  const touched = new Set([...comingOf(change), ...change.remove].map(({ name }) => name))
  const { problems } = await check(core, request.environment)
  return problems.filter(
    (problem) =>
      (problem.kind === 'missing' || problem.kind === 'conflict') &&
      (touched.has(problem.project) || touched.has(problem.name)),
  )
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

/** What is in the directory of `--target` already, of that which would come there: it is replaced only with `--upgrade`. */
function leftInTarget(
  core: Core,
  { place, upgrade }: Pick<InstallPackagesRequest, 'place' | 'upgrade'>,
  { purelib, platlib }: Pick<PlaceOfPackages['paths'], 'purelib' | 'platlib'>,
  { distributions }: Pick<ResolveResult, 'distributions'>,
): ReadonlyMap<ProjectName, InstalledDistribution> {
  if (place.kind !== 'target' || upgrade !== 'no') return new Map()
  const wanted = new Set(distributions.map(({ name }) => name))
  const there = readInstalled(core.host, [purelib, platlib])
  return new Map(there.filter(({ project }) => wanted.has(project)).map((one) => [one.project, one]))
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

/** The plan with what is put in, each knowing how it is mended where the store has damaged it. */
export function preparedPlan<Source>(
  core: Core,
  root: string,
  change: Plan<Source>,
  ready: ReadonlyMap<Source, Prepared>,
): Plan<PreparedDistribution> {
  const put = (wanted: Wanted<Source>): Wanted<PreparedDistribution> => {
    const source = ready.get(wanted.source)
    if (source === undefined)
      throw new DenError('internal', { message: `${wanted.name} is not ready`, name: 'install' })
    const { restore } = source
    if (restore === undefined) return { ...wanted, source }
    // Loaded when a tree turns out damaged.
    const telling = async (tree: Tree): Promise<Tree> => {
      const { tellingRestore } = await import('../engine/sharing-trees.ts')
      return await tellingRestore(core, root, restore)(tree)
    }
    return { ...wanted, source: { ...source, restore: telling } }
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

function yankedWarnings({ yanked }: Pick<ResolveResult, 'yanked'>): readonly string[] {
  return yanked.map(
    ({ name, version, reason }) => `${name} ${version.text} was yanked${reason === undefined ? '' : `: ${reason}`}`,
  )
}

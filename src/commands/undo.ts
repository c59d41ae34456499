// `den undo` and `den history`: the changes of an environment's packages, and the way back. Trees come from the store; what it does not
// have any more is fetched as it was.

import { DenError, isDenError } from '../base/error.ts'
import { requirementsContextOf } from '../config/pip-surroundings.ts'
import { applyPlan, type PreparedDistribution } from '../engine/apply.ts'
import { denPipTree } from '../engine/den-pip.ts'
import type { ResolvedDistribution, WantedRequirement } from '../engine/resolve-request.ts'
import { planUndo } from '../engine/undo.ts'
import { denPipVersion, isDenPip } from '../env/den-pip.ts'
import type { Environment } from '../env/environment.ts'
import {
  differencesSince,
  type HistoryDifference,
  type HistoryDistribution,
  type HistoryEntry,
  readHistory,
  undoableEntry,
} from '../env/history.ts'
import { readInstalled } from '../env/installed.ts'
import { workPlace } from '../host/work-place.ts'
import { isEmptyPlan, type Wanted } from '../plan/plan.ts'
import type { DirectUrl } from '../spec/direct-url.ts'
import { parseEditableSource, parseRequirementSource } from '../spec/requirements-txt-source.ts'
import { openStore, type Store } from '../store/store.ts'
import { type Core, storePlace } from './core.ts'
import { appliedFacts, type PackageChange, type Watched } from './library.ts'
import { type EnvironmentOf, environmentWish, type IndexWish, packagesRequest } from './library-request.ts'
import { openPackages } from './packages.ts'
import { formatDirectReference } from './pip-direct-url.ts'
import type { AimedEnvironment } from './pip-environment.ts'
import { aimAt } from './pip-environment.ts'
import { type UndoneProject, undoneProject } from './undone-project.ts'

export interface HistoryResult {
  readonly environment: string
  /** The newest first. */
  readonly changes: readonly HistoryChange[]
}

export interface HistoryChange {
  readonly number: number
  /** Milliseconds since 1970. */
  readonly time: number
  /** What was asked for: "install django". */
  readonly command?: string
  /** What it changed, by name: `was` is absent for what came, `is` for what went. */
  readonly packages: readonly HistoryDifference[]
  /** The number of the change that this one took back. */
  readonly undoes?: number
  /** It has been taken back. */
  readonly undone: boolean
}

/** Tells the changes. Throws what finding the environment throws. */
export async function history(core: Core, request: EnvironmentOf & Watched = {}): Promise<HistoryResult> {
  const { root } = await environmentOf(core, request)
  const entries = readHistory(core.host, root)
  const undone = new Set(entries.flatMap(({ undoes }) => undoes ?? []))
  return {
    environment: root,
    changes: entries.toReversed().map((entry) => ({
      number: entry.number,
      time: entry.time,
      ...(entry.command === undefined ? {} : { command: entry.command }),
      packages: differencesSince(entry.before, entry.after),
      ...(entry.undoes === undefined ? {} : { undoes: entry.undoes }),
      undone: undone.has(entry.number),
    })),
  }
}

export interface UndoRequest extends EnvironmentOf, IndexWish, Watched {
  /** The change to take back, with all that came after it; the last one unless said. */
  readonly change?: number
  readonly dryRun?: boolean
}

export interface UndoResult extends PackageChange {
  readonly undone: number
  readonly command?: string
  /** What other tools changed since den's last change: that goes back as well. */
  readonly since: readonly HistoryDifference[]
  /** The project whose environment it is, where its manifest and lock still ask for what was undone: they stay as they are. */
  readonly project?: UndoneProject
}

/** Takes a change back. Throws `nothing-to-undo`, `undo-incomplete`, and what fetching and applying throw. */
export async function undo(core: Core, request: UndoRequest = {}): Promise<UndoResult> {
  const { root, paths, aimed, environment } = await environmentOf(core, request)
  const entry = entryOf(core, root, request.change)
  const store = openStore(core, storePlace(core, aimed.environment))
  // The trees that the plan names must still be there when they are put in.
  const held = request.dryRun === true ? undefined : await store.hold()
  try {
    const result = await undoIn(core, request, { root, paths, aimed, environment }, entry, store)
    const sites = [...new Set([paths.purelib, paths.platlib])]
    const project = undoneProject(core, root, entry.command, result, (name) =>
      readInstalled(core.host, sites).some((one) => one.project === name && !isFromAddress(core, one.location)),
    )
    return { ...result, ...(project === undefined ? {} : { project }) }
  } finally {
    held?.release()
  }
}

function isFromAddress({ host }: Core, location: string): boolean {
  return host.files.stat(host.path.join(location, 'direct_url.json')) !== undefined
}

async function undoIn(
  core: Core,
  request: UndoRequest,
  { root, paths, aimed, environment }: Found,
  entry: HistoryEntry,
  store: Store,
): Promise<UndoResult> {
  const { plan, missing, since } = planUndo(core.host, { root, paths, entry, store })
  const told = {
    environment: root,
    undone: entry.number,
    ...(entry.command === undefined ? {} : { command: entry.command }),
    since,
    unchanged: plan.unchanged.map(({ name, version }) => ({ name, version })),
    conflicts: [],
    warnings: [],
  }
  const installed = readInstalled(core.host, [...new Set([paths.purelib, paths.platlib])])
  const there = new Map(installed.map((one) => [one.project, one]))
  if (request.dryRun === true) return { ...told, ...changesOf(plan, missing, there) }
  // den's own pip is on no index; den makes it again.
  const own = missing.filter(({ name, version }) => isDenPip({ project: name, version }))
  const others = missing.filter((one) => !own.includes(one))
  const open = others.length === 0 ? undefined : await openMissing(core, request, others)
  try {
    const fetched = open === undefined ? [] : await open.prepare()
    const whole = {
      ...plan,
      install: [...plan.install, ...fetched, ...(await ownPip(core, store, own, aimed.interpreter))],
    }
    if (isEmptyPlan(whole)) return { ...told, installed: [], removed: [] }
    const applied = await applyPlan(core, {
      plan: whole,
      environment: { root, paths },
      interpreter: aimed.interpreter,
      command: `undo ${entry.number}`,
      undoes: entry.number,
      ...(environment.relocatable ? { relocatable: true } : {}),
    })
    return { ...told, ...changesOf(plan, missing, there), ...appliedFacts(applied) }
  } finally {
    open?.close()
  }
}

async function ownPip(
  core: Core,
  store: Store,
  own: readonly HistoryDistribution[],
  interpreter: AimedEnvironment['interpreter'],
): Promise<readonly Wanted<PreparedDistribution>[]> {
  const fallback = workPlace(core.host, core.places.cache)
  return await Promise.all(
    own.map(async ({ name, requested }) => ({
      name,
      version: denPipVersion,
      source: { tree: await denPipTree(store, interpreter, fallback), requested },
    })),
  )
}

interface Found {
  readonly root: string
  readonly paths: Environment['paths']
  readonly aimed: AimedEnvironment
  readonly environment: Environment
}

async function environmentOf(core: Core, request: EnvironmentOf): Promise<Found> {
  const aimed = await aimAt(core, environmentWish(core, request))
  const { environment } = aimed
  if (environment === undefined) throw new DenError('environment-required', { executable: aimed.executable })
  return { root: environment.root, paths: environment.paths, aimed, environment }
}

function entryOf(core: Core, root: string, number: number | undefined): HistoryEntry {
  const entries = readHistory(core.host, root)
  const entry = number === undefined ? undoableEntry(entries) : entries.find((one) => one.number === number)
  if (entry !== undefined) return entry
  throw new DenError('nothing-to-undo', {
    environment: root,
    ...(entries.length === 0 ? {} : { first: entries[0]!.number, last: entries.at(-1)!.number }),
    ...(number === undefined ? {} : { number }),
  })
}

function changesOf(
  plan: ReturnType<typeof planUndo>['plan'],
  missing: readonly HistoryDistribution[],
  there: ReadonlyMap<string, { readonly version: string }>,
): Pick<PackageChange, 'installed' | 'removed'> {
  const coming = [...plan.install, ...plan.change.map(({ to }) => to)].map(({ name, version, source }) => ({
    name,
    version,
    requested: source.requested,
  }))
  return {
    installed: [...coming, ...missing.map(({ name, version, requested }) => ({ name, version, requested }))].map(
      (one) => {
        const from = there.get(one.name)?.version
        return from === undefined ? one : { ...one, from }
      },
    ),
    removed: plan.remove.map(({ name, version }) => ({ name, version })),
  }
}

/** What the store has no tree of, as it was installed: the same version, or from the same address. */
async function openMissing(
  core: Core,
  request: UndoRequest,
  missing: readonly HistoryDistribution[],
): Promise<{ prepare(): Promise<readonly Wanted<PreparedDistribution>[]>; close(): void }> {
  const open = await openPackages(core, packagesRequest(core, { ...request, packages: [], noDependencies: true }))
  const around = requirementsContextOf(core.host)
  const wanted = missing.map((one): WantedRequirement => {
    const url = one.directUrl as DirectUrl | undefined
    const text = url === undefined ? `${one.name}===${one.version}` : formatDirectReference(url, one.name)
    const { missing: _, ...source } =
      url?.dir_info?.editable === true ? parseEditableSource(url.url, around) : parseRequirementSource(text, around)
    return { text, ...source }
  })
  const prepare = async (): Promise<readonly Wanted<PreparedDistribution>[]> => {
    let chosen: readonly ResolvedDistribution[]
    try {
      chosen = (await open.resolve({ requirements: wanted })).distributions
    } catch (error) {
      if (!isDenError(error, 'no-solution')) throw error
      throw new DenError(
        'undo-incomplete',
        { missing: missing.map(({ name, version }) => `${name} ${version}`) },
        { cause: error },
      )
    }
    const ready = await open.workshop.prepare(chosen)
    const before = new Map(missing.map((one) => [one.name, one]))
    return chosen.map((one) => {
      const { name, version, requested } = before.get(one.name)!
      return { name, version, source: { ...ready.get(one)!, requested } }
    })
  }
  return { prepare, close: open.close }
}

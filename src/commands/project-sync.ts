// `den sync`: a project's environment brought to what its lock says. The lock is made first where it is stale; the environment where there
// is none, or where it has a Python that the project cannot have.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { LinkMode } from '../install/linker.ts'
import type { Plan } from '../plan/plan.ts'
import { namesTold } from '../project/lock-inputs.ts'
import type { ProjectLock } from '../project/lock-read.ts'
import { selectLocked } from '../project/lock-select.ts'
import type { Manifest } from '../project/manifest.ts'
import { type Parts, type PartsRequest, partsOf } from '../project/parts.ts'
import { formatPythonVersion, type Interpreter } from '../python/interpreter.ts'
import { targetOf } from '../python/target.ts'
import { resolveDependencyGroup } from '../spec/dependency-groups.ts'
import { normalizeName } from '../spec/name.ts'
import type { PylockSelection } from '../spec/pylock-select.ts'
import type { Core } from './core.ts'
import { installers } from './installers.ts'
import { givesUpVersions, type LockChoices, lockingChoices, whyUnfit } from './lock-choices.ts'
import type { PackageChoices } from './package-choices.ts'
import {
  lookAtEnvironment,
  type ProjectEnvironment,
  projectEnvironmentRoot,
  pythonOfWish,
  pythonWish,
} from './project-environment.ts'
import { projectFormats, sourcePreferred } from './project-formats.ts'
import { openProject } from './project-open.ts'
import { projectWish } from './project-wish.ts'
import { type LockedSyncResult, syncLocked } from './sync-locked.ts'

/** What the environment is to be, of all that its lock holds. */
export interface EnvironmentChoices {
  /** The project's own dependencies and its default groups unless said. */
  readonly parts?: PartsRequest
  /** What is not wanted goes; yes unless said. A list: of those projects alone. */
  readonly exact?: boolean | readonly string[]
  /** The environment, in place of the project's. */
  readonly environment?: string
  /** False: the project, and what it has beside it, is installed as a copy. */
  readonly editable?: boolean
  /** False: everything but the project itself. */
  readonly project?: boolean
  /** Left out, whoever asks for them; what they need is not. */
  readonly without?: readonly string[]
  /** Put in anew, though it is there: all, or these. */
  readonly reinstall?: true | readonly string[]
  readonly linkMode?: LinkMode | 'instant'
}

/** The Python is the environment's, too: one with another is made anew. */
export interface SyncProjectRequest extends PackageChoices, LockChoices, EnvironmentChoices {
  /** Where the project is looked for, from there upwards; the working directory unless said. */
  readonly directory?: string
  /** The plan, and nothing is changed; not the lock either. */
  readonly dryRun?: boolean
  /** What `history` is to call it; "sync" unless said. */
  readonly command?: string
}

export interface SyncProjectResult {
  /** The project's directory. */
  readonly project: string
  /** `made`: there was none, or it was stale. `stale`: it would have to be made, and nothing is to be changed. */
  readonly lock: { readonly file: string; readonly state: 'current' | 'made' | 'stale' | 'as it stands' }
  readonly environment: {
    readonly root: string
    /** "3.13.1" */
    readonly version: string
    readonly outcome: LockedSyncResult['outcome']
    /** Why the one that stands there is given up. */
    readonly because?: string
  }
  readonly parts: Parts
  readonly changes: readonly SyncChange[]
  /** How many packages stay as they are. */
  readonly unchanged: number
}

/** `from` without `to`: it goes. Both alike: it is put in anew. */
export interface SyncChange {
  readonly name: string
  readonly from?: string
  readonly to?: string
  readonly editable?: true
}

/**
 * Throws `no-project`, `lock-missing`, `lock-stale`, `python-not-for-project`, what locking and finding a Python throw, what selecting
 * (`lock-file-mismatch`), fetching, building and applying throw. The environment is then as it was.
 */
export async function syncProject(core: Core, request: SyncProjectRequest = {}): Promise<SyncProjectResult> {
  const { manifest, lock, state } = await lockFor(core, request)
  const { host } = core
  const wish = pythonWish(core, manifest, request)
  const root =
    request.environment === undefined
      ? projectEnvironmentRoot(host, manifest)
      : host.path.resolve(host.cwd, request.environment)
  const environment = await lookAtEnvironment(core, root, wish)
  const interpreter =
    environment.kind === 'fits' ? environment.interpreter : (await pythonOfWish(core, wish)).interpreter
  const parts = partsOfLock(request.parts ?? {}, manifest, lock)
  const synced = await syncLocked(core, {
    environment,
    interpreter,
    file: lock.file,
    selection: selectionFor(core, { manifest, lock, parts, interpreter, request }),
    exact: typeof request.exact === 'object' ? new Set(request.exact.map(normalizeName)) : request.exact !== false,
    keep: installers,
    requested: requestedBy(manifest, lock),
    ...reinstallOf(request),
    wish: () => projectWish(core, manifest, request, lock),
    formats: projectFormats(manifest, request),
    ...(request.linkMode === undefined ? {} : { linkMode: request.linkMode }),
    command: request.command ?? 'sync',
    seed: true,
    dryRun: request.dryRun === true,
  })
  return {
    project: manifest.directory,
    lock: { file: lock.file, state },
    environment: environmentTold(environment, interpreter, synced),
    parts,
    changes: changesOf(synced),
    unchanged: unchangedOf(synced),
  }
}

interface LockInUse {
  readonly manifest: Manifest
  readonly lock: ProjectLock
  readonly state: SyncProjectResult['lock']['state']
}

async function lockFor(core: Core, request: SyncProjectRequest): Promise<LockInUse> {
  const { lock: use = 'update', dryRun = false } = request
  const { manifest, lock } = await openProject(core, request.directory)
  if (use === 'frozen') {
    if (lock !== undefined) return { manifest, lock, state: 'as it stands' }
    throw new DenError('lock-missing', { directory: manifest.directory })
  }
  const because = whyUnfit(manifest, lock, request)
  if (because === undefined && lock !== undefined && !givesUpVersions(request))
    return { manifest, lock, state: 'current' }
  if (use === 'locked' && lock === undefined) throw new DenError('lock-missing', { directory: manifest.directory })
  if (use === 'locked') throw new DenError('lock-stale', { directory: manifest.directory, because: because ?? [] })
  if (dryRun && lock !== undefined) return { manifest, lock, state: 'stale' }
  if (dryRun) throw new DenError('lock-missing', { directory: manifest.directory })
  const { lockProject } = await import('./project-lock.ts')
  const { warnings } = await lockProject(core, { ...lockingChoices(request), directory: manifest.directory })
  for (const text of warnings) core.report({ kind: 'note', text })
  const made = await openProject(core, manifest.directory)
  if (made.lock === undefined) throw new DenError('lock-missing', { directory: manifest.directory })
  return { manifest: made.manifest, lock: made.lock, state: 'made' }
}

/**
 * What the lock knows counts, since it is what is installed from. Which groups are wanted unless told otherwise the manifest says: of a lock
 * of den's a plain installer gets none.
 */
function partsOfLock(request: PartsRequest, manifest: Manifest, { lock, file, inputs }: ProjectLock): Parts {
  const groups = lock?.dependencyGroups ?? [...manifest.groups.groups.keys()]
  const known = new Set([...groups, ...(lock?.defaultGroups ?? [])].map(normalizeName))
  return partsOf(request, {
    file,
    extras: lock?.extras ?? manifest.extras.keys(),
    groups,
    defaultGroups: [
      ...manifest.defaultGroups.filter((name) => known.has(normalizeName(name))),
      ...(inputs === undefined ? (lock?.defaultGroups ?? []) : []),
    ],
  })
}

interface Selecting {
  readonly manifest: Manifest
  readonly lock: ProjectLock
  readonly parts: Parts
  readonly interpreter: Interpreter
  readonly request: SyncProjectRequest
}

function selectionFor(
  core: Core,
  { manifest, lock, parts, interpreter, request }: Selecting,
): readonly PylockSelection[] {
  const { markers, ranks } = targetOf(core, interpreter)
  const selection = selectLocked(lock, {
    manifest,
    markers,
    ranks,
    preferSdist: sourcePreferred(projectFormats(manifest, request)),
    extras: parts.extras,
    groups: parts.groups,
    onlyGroups: !parts.project,
    noProject: request.project === false,
    without: new Set((request.without ?? []).map(normalizeName)),
  })
  if (request.editable !== false) return selection
  return selection.map((one) =>
    one.kind === 'directory' && one.source.editable === true
      ? { ...one, source: { ...one.source, editable: false } }
      : one,
  )
}

/** The project's own words, and what its backend told of it: what only others need was not asked for. */
function requestedBy(manifest: Manifest, lock: ProjectLock): (name: ProjectName) => boolean {
  const names = new Set<ProjectName>(manifest.name === undefined ? [] : [manifest.name])
  for (const name of namesTold(manifest, lock)) names.add(name)
  for (const { name } of manifest.dependencies) names.add(name)
  for (const requirements of manifest.extras.values()) for (const { name } of requirements) names.add(name)
  for (const group of manifest.groups.groups.keys())
    for (const { name } of resolveDependencyGroup(manifest.groups, group)) names.add(name)
  return (name) => names.has(name)
}

function reinstallOf({ reinstall }: SyncProjectRequest): { readonly reinstall?: (name: ProjectName) => boolean } {
  if (reinstall === undefined) return {}
  if (reinstall === true) return { reinstall: () => true }
  const names = new Set(reinstall.map(normalizeName))
  return { reinstall: (name) => names.has(name) }
}

function environmentTold(
  environment: ProjectEnvironment,
  { version }: Interpreter,
  { outcome }: LockedSyncResult,
): SyncProjectResult['environment'] {
  return {
    root: environment.root,
    version: formatPythonVersion(version),
    outcome,
    ...(environment.kind === 'unfit' ? { because: environment.because } : {}),
  }
}

/** Of what was selected; what else stands there does not count. */
export function unchangedOf({ plan, versions }: Pick<LockedSyncResult, 'plan' | 'versions'>): number {
  return versions.size - plan.install.length - plan.change.length - plan.reinstall.length
}

/** In the order of names. */
export function changesOf({
  plan,
  versions,
}: {
  readonly plan: Plan<PylockSelection>
  readonly versions: ReadonlyMap<PylockSelection, string>
}): readonly SyncChange[] {
  const to = (source: PylockSelection): Pick<SyncChange, 'to' | 'editable'> => ({
    to: versions.get(source) ?? '',
    ...(source.kind === 'directory' && source.source.editable === true ? { editable: true } : {}),
  })
  const from = (present: readonly { readonly version: string }[]): string =>
    present.map(({ version }) => version).join(', ')
  const changes: SyncChange[] = [
    ...plan.install.map(({ name, source }) => ({ name, ...to(source) })),
    ...[...plan.change, ...plan.reinstall].map((one) => ({
      name: one.to.name,
      from: from(one.from),
      ...to(one.to.source),
    })),
    ...plan.remove.map(({ name, version }) => ({ name, from: version })),
  ]
  return changes.sort((a, b) => (a.name < b.name ? -1 : 1))
}

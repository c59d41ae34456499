// `den env list | remove | mv | cp | size`: the environments that are there.

import { DenError, isDenError } from '../base/error.ts'
import type { CloneMode } from '../env/clone-tree.ts'
import { type CopyResult, copyEnvironment, moveEnvironment } from '../env/copy.ts'
import { type FoundEnvironment, findEnvironments } from '../env/find/find.ts'
import { versionText } from '../env/label.ts'
import { clearLeftovers } from '../env/leftovers.ts'
import { namedRoot } from '../env/name.ts'
import { projectMarks } from '../env/project-marks.ts'
import { ifReadable } from '../env/quietly.ts'
import { readRedirect } from '../env/redirect.ts'
import { forgetEnvironment, registeredEnvironments } from '../env/registry.ts'
import { type RemoveResult, removeEnvironment } from '../env/remove.ts'
import { selectEnvironment } from '../env/select.ts'
import { type EnvironmentSize, environmentSize } from '../env/size.ts'
import type { Core } from './core.ts'

export interface EnvListRequest {
  /** Directories to look into beside the usual places, relative to the working directory. */
  readonly paths?: readonly string[]
  /** Measure each one; takes its time. */
  readonly size?: boolean
}

/** An environment in a list: what of it is fit for a table and for JSON. */
export interface ListedEnvironment {
  readonly root: string
  readonly kind: FoundEnvironment['kind']
  readonly name?: string
  readonly project?: string
  /** "3.12.1"; "3.12" where no file tells the rest; "?" where none tells anything. */
  readonly version: string
  readonly implementation: string
  readonly active: boolean
  readonly foundBy: string
  readonly alsoAt: readonly string[]
  /** Milliseconds since 1970, to the day. */
  readonly lastUsed?: number
  readonly size?: EnvironmentSize
  readonly problem?: FoundEnvironment['problem']
}

export interface EnvListResult {
  readonly environments: readonly ListedEnvironment[]
}

/** Every environment on the machine, the active ones and those of this project first. */
export async function envList(core: Core, request: EnvListRequest = {}): Promise<EnvListResult> {
  sweep(core)
  const environments: ListedEnvironment[] = []
  const options = { projects: request.paths ?? [], size: request.size === true }
  for await (const environment of findEnvironments(core, options)) environments.push(listed(environment))
  return { environments }
}

function listed(environment: FoundEnvironment): ListedEnvironment {
  const { root, kind, name, project, implementation, active, foundBy, alsoAt, lastUsed, size, problem } = environment
  return {
    root,
    kind,
    ...(name === undefined ? {} : { name }),
    ...(project === undefined ? {} : { project }),
    version: versionText(environment),
    implementation,
    active,
    foundBy,
    alsoAt,
    ...(lastUsed === undefined ? {} : { lastUsed }),
    ...(size === undefined ? {} : { size }),
    ...(problem === undefined ? {} : { problem }),
  }
}

/** What a killed den left where environments were: half-deleted and half-made directories beside places that are empty now. */
function sweep(core: Core): void {
  for (const { root } of ifReadable(() => registeredEnvironments(core, core.places.registry)) ?? []) {
    if (ifReadable(() => core.host.files.lstat(root)) !== undefined) continue
    if (clearLeftovers(core, root).length > 0) forgetEnvironment(core, core.places.registry, root)
  }
}

export interface EnvRemoveRequest {
  /** Paths or names of environments. */
  readonly environments: readonly string[]
  /** Although active or running. */
  readonly force?: boolean
  readonly dryRun?: boolean
}

export interface EnvRemoveResult {
  readonly removed: readonly RemoveResult[]
}

/**
 * Removes environments. All of them are looked at before the first is removed.
 * Throws `environment-not-found`, `not-an-environment`, `environment-in-use`, and what the disk throws.
 */
export async function envRemove(core: Core, request: EnvRemoveRequest): Promise<EnvRemoveResult> {
  const places = [...new Set(request.environments.map((wanted) => placeToRemove(core, wanted)))]
  const options = { force: request.force === true, size: true }
  for (const place of places) refuseProject(core, place)
  if (places.length > 1 || request.dryRun === true) {
    const planned: RemoveResult[] = []
    for (const place of places) planned.push(await removeEnvironment(core, place, { ...options, dryRun: true }))
    if (request.dryRun === true) return { removed: planned }
  }
  const removed: RemoveResult[] = []
  for (const place of places) removed.push(await removeEnvironment(core, place, options))
  return { removed }
}

/** Throws `not-an-environment` for an environment that is a project's directory as well. */
function refuseProject({ host }: Core, place: string): void {
  const { files } = host
  const kind = files.lstat(place)?.kind
  // Of a link only the name goes; a file (PEP 832) takes along what it leads to.
  const root = kind === 'file' ? readRedirect(host, place) : kind === 'directory' ? place : undefined
  if (root === undefined || files.stat(host.path.join(root, 'pyvenv.cfg')) === undefined) return
  const holds = projectMarks(files.names(root) ?? [])
  if (holds.length > 0) throw new DenError('not-an-environment', { path: root, holds })
}

/** The path as it was given (a link or a `.venv` file is a thing of its own), or the root of a named environment. */
function placeToRemove(core: Core, wanted: string): string {
  const { files, path, cwd } = core.host
  const place = path.resolve(cwd, wanted)
  if (files.lstat(place) !== undefined) return place
  try {
    return selectEnvironment(core, { path: wanted }).root
  } catch (error) {
    // Removing what a killed removal has left of it begins here too, before it is said that nothing is there.
    if (isDenError(error, 'environment-not-found')) return place
    throw error
  }
}

export interface EnvMoveRequest {
  /** A path or a name. */
  readonly environment: string
  /** The new path; for a named environment a bare name is its new name. */
  readonly to: string
  /** Moving: although active or running. */
  readonly force?: boolean
  readonly dryRun?: boolean
}

export type EnvMoveResult = CopyResult

/** Moves an environment and everything that names its path. Throws as `moveEnvironment` does. */
export async function envMove(core: Core, request: EnvMoveRequest): Promise<EnvMoveResult> {
  const { from, to } = endsOf(core, request)
  return await moveEnvironment(core, from, to, { force: request.force === true, dryRun: request.dryRun === true })
}

export interface EnvCopyRequest extends Omit<EnvMoveRequest, 'force'> {
  /** How files are carried over; see CloneMode. */
  readonly linkMode?: CloneMode
}

/** Copies an environment; the copy calls itself by its own path. Throws as `copyEnvironment` does. */
export async function envCopy(core: Core, request: EnvCopyRequest): Promise<EnvMoveResult> {
  const { from, to } = endsOf(core, request)
  return await copyEnvironment(core, from, to, { mode: request.linkMode ?? 'auto', dryRun: request.dryRun === true })
}

function endsOf(core: Core, request: EnvMoveRequest): { readonly from: string; readonly to: string } {
  const { host, places } = core
  const selection = selectEnvironment(core, { path: request.environment })
  if (selection.by === 'name' && !/[/\\]/.test(request.to)) {
    return { from: selection.root, to: namedRoot(host, places, request.to) }
  }
  return { from: selection.root, to: host.path.resolve(host.cwd, request.to) }
}

export interface EnvSizeRequest {
  /** Paths or names; the selected environment when there are none. */
  readonly environments?: readonly string[]
  readonly name?: string
}

export interface EnvSizeResult {
  readonly environments: readonly { readonly root: string; readonly size: EnvironmentSize }[]
}

/** What environments take on disk, own and shared. Throws `environment-not-found`, `permission-denied`. */
export async function envSize(core: Core, request: EnvSizeRequest = {}): Promise<EnvSizeResult> {
  const wanted = request.environments ?? []
  const roots =
    wanted.length === 0
      ? [selectEnvironment(core, { name: request.name }).root]
      : wanted.map((environment) => selectEnvironment(core, { path: environment }).root)
  const environments: { root: string; size: EnvironmentSize }[] = []
  for (const root of new Set(roots)) {
    // Through a link to the directory one means what is in it.
    const real = core.host.files.realPath(root) ?? root
    environments.push({ root, size: await environmentSize(core, real) })
  }
  return { environments }
}

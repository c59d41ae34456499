// Carrying out the plan of an environment where it can be switched in at once: beside its place and renamed, or, where the directory
// itself has to stay, inside of it and moved up. A kill or a full disk at any instant leaves what was there before or the whole new one,
// and at most a hidden directory that the next creation there removes.

import { DenError, isDenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import type { Lock } from '../host/lock.ts'
import { type ReplaceRequest, replaceContents, replaceDirectory } from '../journal/replace-directory.ts'
import { removeLeftover } from './place.ts'
import type { EnvironmentPaths, EnvironmentPlan } from './plan.ts'
import { type PlanOptions, planEnvironment } from './plan-environment.ts'
import { errorAt, isStagingName, stagingName, writeEntries } from './stage.ts'

export interface MakeOptions extends PlanOptions {
  /** The journal's directory. */
  readonly journal: string
  /** Puts packages in while the environment stands at `staged`; `paths` tells the final places. */
  readonly fill?: (place: { readonly staged: string; readonly paths: EnvironmentPaths }) => Promise<void>
}

/** The creation of something that stands already, under its lock. */
export interface LockedOptions extends MakeOptions {
  readonly lock: Lock | undefined
}

export interface CreatedEnvironment {
  readonly plan: EnvironmentPlan
  readonly outcome: 'created' | 'replaced' | 'refreshed'
  /** How many directories, links and files were made or replaced, without packages. */
  readonly entries: number
}

/** An environment that is whole but for its name. */
export interface StagedEnvironment {
  /** Where it stands meanwhile. */
  readonly staged: string
  readonly plan: EnvironmentPlan
  /** Gives it its name. Throws `environment-raced` where something stands there by now. */
  appear(): CreatedEnvironment
  /** Takes away what was made. */
  drop(): void
}

/** Made in the parent directory and renamed: for a root where nothing stands. */
export async function createBeside(context: Context, options: MakeOptions): Promise<CreatedEnvironment> {
  const staged = await stageBeside(context, options)
  try {
    return staged.appear()
  } catch (error) {
    staged.drop()
    throw error
  }
}

/** The same, up to the rename: what several environments are to be given before any of them is seen is put in meanwhile. */
export async function stageBeside(context: Context, options: MakeOptions): Promise<StagedEnvironment> {
  const { root } = options
  const { path, disk } = context.host
  const plan = planEnvironment(context.host, options)
  const parent = path.dirname(root)
  const staged = path.join(parent, stagingName(path.basename(root)))
  const made: string[] = []
  const drop = (): void => {
    removeLeftover(context, staged)
    for (const directory of made) removeIfEmpty(context, directory)
  }
  const appear = (): CreatedEnvironment => {
    try {
      disk.rename(staged, root)
    } catch (error) {
      const isTaken = context.host.files.lstat(root) !== undefined
      throw isTaken ? new DenError('environment-raced', { path: root }, { cause: error }) : errorAt(error, staged, root)
    }
    return { plan, outcome: 'created', entries: plan.entries.length }
  }
  try {
    try {
      disk.makeDirectory(staged)
    } catch (error) {
      if (ioCode(error) !== 'ENOENT') throw error
      made.push(...makeParents(context, parent))
      disk.makeDirectory(staged)
    }
    await build(context, options, plan, staged)
  } catch (error) {
    drop()
    throw errorAt(error, staged, root)
  }
  return { staged, plan, appear, drop }
}

/** Made inside the root and moved up, entry by entry: for a directory that has to stay the one it is. What is there goes. */
export async function createWithin(
  context: Context,
  options: LockedOptions,
  outcome: CreatedEnvironment['outcome'],
): Promise<CreatedEnvironment> {
  const { root, journal, lock } = options
  const { path, files, disk } = context.host
  const plan = planEnvironment(context.host, options)
  const name = path.basename(root)
  const staged = path.join(root, stagingName(name))
  const aside = path.join(root, stagingName(name))
  // Directories first: one that stands in the way of another stops the move before anything was overwritten.
  const namesIn = (directory: string): readonly string[] =>
    [...(files.list(directory) ?? [])]
      .sort((one, other) => Number(other.kind === 'directory') - Number(one.kind === 'directory'))
      .map((entry) => entry.name)
      .filter((entry) => !isStagingName(entry))
  const request = { journal, target: root, staged, aside, ...(lock === undefined ? {} : { lock: lock.path }) }
  try {
    disk.makeDirectory(staged)
    await build(context, options, plan, staged)
    if (outcome === 'created' && namesIn(root).length > 0) throw new DenError('environment-raced', { path: root })
  } catch (error) {
    removeLeftover(context, staged)
    throw errorAt(error, staged, root)
  }
  // pyvenv.cfg comes last: whoever sees it sees an environment.
  const fresh = namesIn(staged).filter((entry) => entry !== 'pyvenv.cfg')
  try {
    replaceContents(context, { ...request, old: namesIn(root), new: [...fresh, 'pyvenv.cfg'] })
  } catch (error) {
    throw switchError(error, request)
  }
  return { plan, outcome, entries: plan.entries.length }
}

/** For `--clear`: the new environment is whole before the old one moves. */
export async function replaceEnvironment(
  context: Context,
  options: LockedOptions,
  movable: boolean,
): Promise<CreatedEnvironment> {
  const { root, journal, lock } = options
  const { path, files, disk } = context.host
  const parent = path.dirname(root)
  const mounted = files.lstat(root)?.device !== files.stat(parent)?.device
  if (!movable || mounted) return createWithin(context, options, 'replaced')
  const plan = planEnvironment(context.host, options)
  const name = path.basename(root)
  const staged = path.join(parent, stagingName(name))
  const aside = path.join(parent, stagingName(name))
  try {
    disk.makeDirectory(staged)
  } catch (error) {
    if (!isImmovable(error)) throw errorAt(error, staged, root)
    return createWithin(context, options, 'replaced')
  }
  try {
    await build(context, options, plan, staged)
  } catch (error) {
    removeLeftover(context, staged)
    throw errorAt(error, staged, root)
  }
  const request = { journal, target: root, staged, aside, ...(lock === undefined ? {} : { lock: lock.path }) }
  try {
    replaceDirectory(context, request)
  } catch (error) {
    if (isImmovable(error) && files.lstat(root) !== undefined) return createWithin(context, options, 'replaced')
    throw switchError(error, request)
  }
  return { plan, outcome: 'replaced', entries: plan.entries.length }
}

/** A parent that may not be written, a directory that may not be renamed: what is in it still may. */
function isImmovable(error: unknown): boolean {
  return ['EXDEV', 'EBUSY', 'EACCES', 'EPERM', 'EROFS'].includes(ioCode(error) ?? '')
}

/** Something stood where nothing was to stand, or nothing where something was: another process was there. */
function switchError(error: unknown, { target, staged, aside }: ReplaceRequest): unknown {
  if (['EEXIST', 'ENOTEMPTY', 'ENOENT'].includes(ioCode(error) ?? '')) {
    return new DenError('environment-raced', { path: target }, { cause: error })
  }
  return errorAt(errorAt(error, staged, target), aside, target)
}

async function build(context: Context, options: MakeOptions, plan: EnvironmentPlan, staged: string): Promise<void> {
  const { signal } = context
  const stop = (): void => {
    if (signal?.aborted) throw new DenError('aborted', { operation: `creating ${plan.root}` }, { cause: signal.reason })
  }
  stop()
  writeEntries(context, staged, plan.entries)
  if (options.fill === undefined) return
  await options.fill({ staged, paths: plan.paths })
  stop()
}

/** The parents that had to be made, innermost first. */
function makeParents({ host }: Context, parent: string): readonly string[] {
  const missing: string[] = []
  const { path, files, disk } = host
  for (let directory = parent; files.stat(directory) === undefined; directory = path.dirname(directory)) {
    missing.push(directory)
    if (path.dirname(directory) === directory) break
  }
  if (missing.length > 0) disk.makeDirectories(parent)
  return missing
}

function removeIfEmpty({ host }: Context, directory: string): void {
  try {
    host.disk.removeDirectory(directory)
  } catch (error) {
    if (!isDenError(error)) throw error
  }
}

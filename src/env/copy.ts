// Copying and moving an environment: the new one is prepared whole beside its place, with every file that names the old path written
// anew, and appears by one rename. The old one is untouched until then, and goes only after.

import { DenError } from '../base/error.ts'
import { ioCode } from '../host/io-error.ts'
import { type Change, describeChange } from './change.ts'
import { type CloneMode, type CloneResult, cloneTree } from './clone-tree.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { clearLeftovers } from './leftovers.ts'
import { lockEnvironment, lockWhole } from './lock.ts'
import { ifReadable } from './quietly.ts'
import { forgetEnvironment, registerEnvironment, registeredEnvironments } from './registry.ts'
import { planRelocation } from './relocate.ts'
import { type ManageContext, requireEnvironment, requireUnused, takeAway } from './remove.ts'
import { isInside } from './size.ts'
import { stagingName } from './stage.ts'

export interface CopyOptions {
  /** How unchanged files are carried over; see CloneMode. */
  readonly mode?: CloneMode
  /** Although it is active or running (moving only: copying disturbs nobody). */
  readonly force?: boolean
  readonly dryRun?: boolean
}

export interface CopyResult {
  readonly from: string
  readonly to: string
  readonly done: boolean
  /** What was written anew, one line a file. */
  readonly rewritten: readonly string[]
  readonly carried?: CloneResult
}

/** Throws `not-an-environment`, `environment-path-taken`, `environment-path-unusable`, `environment-not-movable`, and the disk's errors. */
export async function copyEnvironment(
  context: ManageContext,
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<CopyResult> {
  const job: Job = { from, to, mode: options.mode ?? 'auto', dryRun: options.dryRun === true, verb: 'copy' }
  requireEnvironment(context, from)
  // What is being changed is no state to copy.
  const lock = job.dryRun ? undefined : await lockEnvironment(context, context.places.journal, from)
  try {
    return await relocated(context, job)
  } finally {
    lock?.release()
  }
}

/** The same, and the old place is empty afterwards. Throws also `environment-in-use`. */
export async function moveEnvironment(
  context: ManageContext,
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<CopyResult> {
  requireUnused(context, from, { force: options.force === true, verb: 'move' })
  if (options.dryRun === true)
    return await carryAway(context, { from, to, mode: 'hardlink', dryRun: true, verb: 'move' })
  requireEnvironment(context, from)
  const lock = await lockWhole(context, context.places.journal, from)
  try {
    return await carryAway(context, { from, to, mode: 'hardlink', dryRun: false, verb: 'move' })
  } finally {
    lock?.release()
  }
}

async function carryAway(context: ManageContext, job: Job): Promise<CopyResult> {
  const { from, to } = job
  // Both trees exist for a moment; hard links make that cost nothing, and the files keep their identity.
  const result = await relocated(context, job)
  if (!result.done) return result
  try {
    takeAway(context, from)
  } catch (error) {
    // The old one could not go, so the new one does: there was one environment, and there is one.
    if (ifReadable(() => readEnvironment(context.host, from)) !== undefined) {
      takeAway(context, to)
      forgetEnvironment(context, context.places.registry, to)
    }
    throw error
  }
  forgetEnvironment(context, context.places.registry, from)
  return result
}

interface Job {
  readonly from: string
  readonly to: string
  readonly mode: CloneMode
  readonly dryRun: boolean
  readonly verb: 'copy' | 'move'
}

async function relocated(context: ManageContext, job: Job): Promise<CopyResult> {
  const { host } = context
  const { from, to, mode, dryRun, verb } = job
  requireEnvironment(context, from)
  const environment = readEnvironment(host, from)!
  refuse(context, environment, to, verb)
  const changes = await planRelocation(context, { environment, from: knownAs(context, environment), to })
  const rewritten = changes.map(describeChange)
  if (dryRun) return { from, to, done: false, rewritten }
  clearLeftovers(context, to)
  const carried = await stage(context, { ...job, mode }, changes)
  registerMoved(context, from, to, environment)
  return { from, to, done: true, rewritten, carried }
}

async function stage(context: ManageContext, job: Job, changes: readonly Change[]): Promise<CloneResult> {
  const { disk, path } = context.host
  const parent = path.dirname(job.to)
  disk.makeDirectories(parent)
  const staging = path.join(parent, stagingName(path.basename(job.to)))
  try {
    const carried = await cloneTree(context, { from: job.from, to: staging, mode: job.mode, changes })
    disk.rename(staging, job.to)
    return carried
  } catch (error) {
    ifReadable(() => disk.removeTree(staging))
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(ioCode(error) ?? ''))
      throw new DenError(
        'environment-path-taken',
        { path: job.to, by: 'something that has just been made' },
        { cause: error },
      )
    throw error
  }
}

/** Every path by which the environment's files may call it. */
function knownAs(context: ManageContext, environment: Environment): readonly string[] {
  const real = ifReadable(() => context.host.files.realPath(environment.root))
  return [environment.root, ...(real === undefined ? [] : [real])]
}

function refuse(context: ManageContext, environment: Environment, to: string, verb: 'copy' | 'move'): void {
  const { files, path, platform } = context.host
  const from = environment.root
  if (environment.kind === 'conda' || environment.kind === 'pixi')
    throw new DenError('environment-not-movable', { path: from, kind: environment.kind, verb })
  if (files.lstat(from)?.kind === 'link')
    throw new DenError('environment-path-taken', { path: from, by: 'a link to the environment' })
  const separator = path.delimiter
  const bad =
    to.includes(separator) && !(platform === 'win32' && /^[A-Za-z]:[^:]*$/.test(to))
      ? `${JSON.stringify(separator)} separates the directories in PATH`
      : /[\r\n\0]/.test(to)
        ? 'it holds a line break or NUL, which neither pyvenv.cfg nor a script can name'
        : to.includes('\uFFFD')
          ? 'it is not valid UTF-8'
          : isInside(path, from, to)
            ? `it lies inside ${from}`
            : undefined
  if (bad !== undefined) throw new DenError('environment-path-unusable', { path: to, reason: bad })
  const there = files.lstat(to)
  if (there === undefined) return
  if (there.kind === 'directory' && (files.list(to) ?? []).length === 0) return
  throw new DenError('environment-path-taken', {
    path: to,
    by: there.kind === 'directory' ? 'a directory that is not empty' : `a ${there.kind}`,
  })
}

/** The new place is written down with what was known of the old one. */
export function registerMoved(context: ManageContext, from: string, to: string, environment: Environment): void {
  const { path, now } = context.host
  const registry = context.places.registry
  const known = ifReadable(() => registeredEnvironments(context, registry))?.find(({ root }) => root === from)
  const { pythonVersion, implementation, base, seeds } = environment
  const version =
    pythonVersion === undefined ? '' : [pythonVersion.major, pythonVersion.minor, pythonVersion.micro ?? 0].join('.')
  const named = path.dirname(to) === context.places.environments
  registerEnvironment(context, registry, {
    root: to,
    version: known?.version ?? version,
    implementation: known?.implementation ?? implementation,
    base: known?.base ?? base.executable ?? base.home ?? '',
    created: known?.created ?? now(),
    seeds: known?.seeds ?? seeds ?? [],
    ...(named ? { name: path.basename(to) } : {}),
  })
}

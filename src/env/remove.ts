// Removing an environment. It is renamed aside first, so that it is there whole or not at all, and then deleted by lstat: what its
// links lead to (the base interpreter, a store, somebody's sources) stays.

import { DenError } from '../base/error.ts'
import type { Places } from '../config/places.ts'
import type { Context } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import { readEnvironment } from './environment.ts'
import { environmentUse } from './in-use.ts'
import { clearLeftovers } from './leftovers.ts'
import { lockWhole } from './lock.ts'
import { readRedirect } from './redirect.ts'
import { forgetEnvironment } from './registry.ts'
import { type EnvironmentSize, environmentSize } from './size.ts'
import { stagingName } from './stage.ts'

export interface RemoveOptions {
  /** Although it is active or running. */
  readonly force?: boolean
  /** Measure it before, so that one can say what was freed. */
  readonly size?: boolean
  /** Say what would be removed, and remove nothing. */
  readonly dryRun?: boolean
}

export interface RemoveResult {
  readonly root: string
  readonly removed: boolean
  /** `root` was a link: it is gone, and the environment it led to stands where it stood. */
  readonly linkTo?: string
  /** The `.venv` file (PEP 832) that named the environment; removed with it. */
  readonly redirect?: string
  readonly size?: EnvironmentSize
}

export type ManageContext = Context & { readonly places: Pick<Places, 'environments' | 'registry' | 'journal'> }

/**
 * Removes the environment at `place` (a directory, a link to one, or a `.venv` file that names one).
 * Throws `not-an-environment`, `environment-not-found`, `environment-in-use`, and what the disk throws.
 */
export async function removeEnvironment(
  context: ManageContext,
  place: string,
  options: RemoveOptions = {},
): Promise<RemoveResult> {
  const { files, disk, path } = context.host
  if (options.dryRun !== true) clearLeftovers(context, place)
  const facts = files.lstat(place)
  if (facts === undefined) throw new DenError('environment-not-found', { wanted: place, looked: [place] })

  const linkTo = facts.kind === 'link' ? files.readLink(place) : undefined
  if (linkTo !== undefined && files.stat(place)?.kind !== 'file') {
    // The name that was given goes; others may use what it leads to.
    if (files.stat(place) !== undefined) requireEnvironment(context, place)
    if (options.dryRun !== true) disk.removeFile(place)
    return { root: place, removed: options.dryRun !== true, linkTo: path.resolve(path.dirname(place), linkTo) }
  }
  const redirect = facts.kind === 'directory' ? undefined : place
  const root = redirect === undefined ? place : readRedirect(context.host, redirect)
  if (root === undefined) throw new DenError('not-an-environment', { path: place, holds: [] })
  requireEnvironment(context, root)
  requireUnused(context, root, { force: options.force === true, verb: 'remove' })
  const size = options.size === true ? await environmentSize(context, root) : undefined
  if (options.dryRun !== true) {
    // Whoever is installing into it comes to its end first.
    const lock = await lockWhole(context, context.places.journal, root)
    try {
      requireEnvironment(context, root)
      takeAway(context, root)
    } finally {
      lock?.release()
    }
    if (redirect !== undefined) disk.removeFile(redirect)
    forgetEnvironment(context, context.places.registry, root)
    context.report({ kind: 'remove.done', path: root })
  }
  return {
    root,
    removed: options.dryRun !== true,
    ...(redirect === undefined ? {} : { redirect }),
    ...(size === undefined ? {} : { size }),
  }
}

/** Throws `not-an-environment` for a directory that is none, and for an installation, whose removal would take other environments along. */
export function requireEnvironment(context: Pick<Context, 'host'>, root: string): void {
  const { host } = context
  const environment = readEnvironment(host, root)
  const isBase = environment?.kind === 'conda' && environment.name === 'base'
  if (environment !== undefined && !isBase && environment.problem?.code !== 'unreadable') return
  const holds = (host.files.list(root) ?? []).map(({ name }) => name).sort()
  throw new DenError('not-an-environment', { path: root, holds })
}

/** Throws `environment-in-use` unless forced. */
export function requireUnused(
  context: Pick<Context, 'host'>,
  root: string,
  options: { readonly force: boolean; readonly verb: string },
): void {
  if (options.force) return
  const use = environmentUse(context.host, root)
  if (!use.active && use.processes.length === 0) return
  throw new DenError('environment-in-use', { path: root, verb: options.verb, ...use })
}

/** Makes the directory disappear by one rename, then deletes it. */
export function takeAway(context: Pick<Context, 'host'>, root: string): void {
  const { disk, path } = context.host
  const aside = path.join(path.dirname(root), stagingName(path.basename(root)))
  try {
    disk.rename(root, aside)
  } catch (error) {
    // A mount point, or a directory of overlayfs' lower layer: its content goes instead, inside of it.
    if (!['EBUSY', 'EXDEV', 'EINVAL'].includes(ioCode(error) ?? '')) throw error
    emptyOut(context, root)
    return
  }
  disk.removeTree(aside)
}

/** The mark of an environment goes first, so that what is left at any moment is no half environment. */
function emptyOut(context: Pick<Context, 'host'>, root: string): void {
  const { disk, files, path } = context.host
  const rank = (name: string): number => (name === 'pyvenv.cfg' || name === 'conda-meta' ? 0 : 1)
  const names = (files.list(root) ?? []).map(({ name }) => name)
  for (const name of names.sort((left, right) => rank(left) - rank(right))) disk.removeTree(path.join(root, name))
  try {
    disk.removeDirectory(root)
  } catch (error) {
    if (ioCode(error) !== 'EBUSY') throw error
  }
}

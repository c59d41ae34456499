// What the commands that tell about a project's lock begin with: the project, its lock, what of it is wanted, and for whom: one Python on
// this machine, or everybody it is for.

import { DenError } from '../base/error.ts'
import { type LockGraph, type LockWishes, openLockGraph } from '../project/lock-graph.ts'
import { lockState, type ProjectLock } from '../project/lock-read.ts'
import type { Manifest } from '../project/manifest.ts'
import { type Parts, type PartsRequest, partsOf } from '../project/parts.ts'
import { type Target, targetOf } from '../python/target.ts'
import type { Pylock } from '../spec/pylock.ts'
import type { Core } from './core.ts'
import { lookAtEnvironment, projectEnvironmentRoot, pythonOfWish, pythonWish } from './project-environment.ts'
import { openProject } from './project-open.ts'

export interface LockViewRequest {
  /** The project is at or above it; the working directory unless said. */
  readonly directory?: string
  /** A script, in place of the project. Where it has no lock its packages are chosen for the telling, and nothing is written. */
  readonly script?: string
  /** Extras and groups; unless said what a sync takes. */
  readonly parts?: PartsRequest
}

export interface LockView {
  readonly manifest: Manifest
  /** What the manifest is of. */
  readonly of: 'project' | 'script'
  readonly lock: ProjectLock & { readonly lock: Pylock }
  readonly graph: LockGraph
  readonly parts: Parts
  readonly wishes: LockWishes
  /** Why the lock is not what the project asks for; empty: it is. */
  readonly stale: readonly string[]
  /** What a result says beside all that. */
  readonly told: LockTold
}

/** `unlocked`: the file is not there, and what is told is what would be locked now. */
export interface LockTold {
  /** The lock. */
  readonly file: string
  readonly unlocked?: true
}

/** Throws what `openProject` or reading and resolving a script throws, and `partsOf`, `lock-missing`, and `lock-file-mismatch` for a lock that a merge left in two minds. */
export async function openLockView(core: Core, request: LockViewRequest): Promise<LockView> {
  const { script } = request
  const {
    manifest,
    lock: found,
    unlocked,
  } = await (script === undefined ? openLocked(core, request.directory) : openScriptLock(core, script))
  const { lock, inputs } = found
  if (lock === undefined || found.written === 'merging') {
    throw new DenError('lock-file-mismatch', {
      file: found.file,
      reason: 'it holds the marks of a merge that was not finished',
      instead: 'have it made from both sides: den lock',
    })
  }
  const state = lockState(manifest, found)
  const parts = partsOf(request.parts ?? {}, {
    file: found.file,
    extras: lock.extras,
    groups: lock.dependencyGroups,
    // A lock that is out of date need not know all of them.
    defaultGroups: manifest.defaultGroups.filter((name) => lock.dependencyGroups.includes(name)),
  })
  return {
    manifest,
    of: script === undefined ? 'project' : 'script',
    lock: { ...found, lock },
    graph: openLockGraph(lock, inputs),
    parts,
    wishes: {
      extras: new Set<string>(parts.extras),
      groups: new Set(parts.groups),
      ...(parts.project ? {} : { onlyGroups: true }),
    },
    stale: state === 'current' ? [] : state.because,
    told: { file: found.file, ...(unlocked === true ? { unlocked } : {}) },
  }
}

interface Locked {
  readonly manifest: Manifest
  readonly lock: ProjectLock
  readonly unlocked?: true
}

async function openLocked(core: Core, directory: string | undefined): Promise<Locked> {
  const { manifest, lock } = await openProject(core, directory)
  if (lock === undefined) throw new DenError('lock-missing', { directory: manifest.directory, told: true })
  return { manifest, lock }
}

async function openScriptLock(core: Core, script: string): Promise<Locked> {
  const { lockedScript } = await import('./script-lock.ts')
  return await lockedScript({ ...core, host: core.host.unnoted?.() ?? core.host }, script)
}

/**
 * The target that is told about: the Python that is asked for, else the one of the project's environment, else the one that it would get.
 * Throws what finding a Python throws.
 */
export async function targetOfView(
  core: Core,
  { manifest, of }: Pick<LockView, 'manifest' | 'of'>,
  python?: string,
): Promise<Target> {
  if (of === 'script') {
    const { scriptPython } = await import('./script.ts')
    return targetOf(core, (await pythonOfWish(core, scriptPython(core, manifest, { python }))).interpreter)
  }
  const wish = pythonWish(core, manifest, { python })
  const standing =
    python === undefined
      ? await lookAtEnvironment(core, projectEnvironmentRoot(core.host, manifest), wish).catch(() => undefined)
      : undefined
  if (standing?.kind === 'fits') return targetOf(core, standing.interpreter)
  return targetOf(core, (await pythonOfWish(core, wish)).interpreter)
}

/** What the project, or the script, is called where it is told about. */
export function projectLabel(
  { manifest, of, graph }: Pick<LockView, 'manifest' | 'of' | 'graph'>,
  { host }: Core,
): string {
  if (of === 'script') return host.path.basename(manifest.file)
  return manifest.name ?? graph.project ?? host.path.basename(manifest.directory)
}

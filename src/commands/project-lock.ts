// `den lock`: a project's manifest as a lock for everybody it is for. With nothing to do it is told from the two files alone.

import { replaceFiles } from '../journal/replace-files.ts'
import { versionTextOf } from '../project/lock-notes.ts'
import { lockFilename, lockState, type ProjectLock } from '../project/lock-read.ts'
import type { Manifest } from '../project/manifest.ts'
import type { Pylock, PylockPackage } from '../spec/pylock.ts'
import { parseRequirement } from '../spec/requirement.ts'
import type { Core } from './core.ts'
import type { PackageChoices } from './package-choices.ts'
import { type FoundProject, holdProject, openProject } from './project-open.ts'
import { resolveProject } from './project-resolve.ts'

export interface LockProjectRequest extends PackageChoices {
  /** The project is at or above it; the working directory unless said. */
  readonly directory?: string
  /** Choose all versions anew. */
  readonly upgrade?: boolean
  /** Those of these projects: `x`, or `x==1.2` for what is to be chosen. */
  readonly upgradePackages?: readonly string[]
  /** A lock that cannot be read is made anew, with the versions that its lines still tell. */
  readonly force?: boolean
  /** Only say whether the lock would change. */
  readonly check?: boolean
  /** Say what would change, and write nothing. */
  readonly dryRun?: boolean
}

/** A project whose versions changed. Several where some are for other environments than others; none: it was not there, or isn't any more. */
export interface LockChange {
  readonly name: string
  readonly before: readonly string[]
  readonly after: readonly string[]
}

export interface LockProjectResult {
  /** The manifest. */
  readonly project: string
  /** The lock. */
  readonly file: string
  /** `current`: there was nothing to do. `outdated`: it would change, and was only to be checked. `planned`: a dry run. */
  readonly outcome: 'current' | 'written' | 'outdated' | 'planned'
  /** Why the lock was not what the project asks for; empty where it was, and versions were to be chosen anew. */
  readonly because: readonly string[]
  readonly changes: readonly LockChange[]
  /** How many packages the lock has. */
  readonly packages: number
  readonly milliseconds: number
  readonly warnings: readonly string[]
}

/** Brings the lock up to date. Throws what `holdProject` and `resolveProject` throw. */
export async function lockProject(core: Core, request: LockProjectRequest = {}): Promise<LockProjectResult> {
  const started = core.host.now()
  const told = (result: Omit<LockProjectResult, 'milliseconds'>): LockProjectResult => ({
    ...result,
    milliseconds: core.host.now() - started,
  })
  const { directory, upgrade = false, upgradePackages = [], force = false } = request
  const reading = { salvage: force }
  if (!upgrade && upgradePackages.length === 0) {
    const found = await openProject(core, directory, reading)
    const because = whyStale(found)
    if (because === undefined) return told(currentLock(core, found))
    // Who only asks whether there is something to do need not be told what.
    if (request.check === true && request.dryRun !== true) return told(outdatedLock(core, found, because))
  }
  const working = { ...core, host: core.host.unnoted?.() ?? core.host }
  if (request.check === true || request.dryRun === true) {
    const found = await openProject(working, directory, reading)
    return told(await lockFound(working, found, request, () => undefined))
  }
  const work = async (found: FoundProject): Promise<LockProjectResult> =>
    told(
      await lockFound(working, found, request, (text) => {
        const file = lockPlace(working, found.manifest)
        replaceFiles(working, found.manifest.directory, [{ file, before: found.lock?.text, after: text }])
      }),
    )
  return await holdProject(working, directory ?? core.host.cwd, work, reading)
}

/** Why the lock is not what the manifest asks for; undefined: it is. */
export function whyStale({ manifest, lock }: FoundProject): readonly string[] | undefined {
  const state = lockState(manifest, lock)
  return state === 'current' ? undefined : state.because
}

export function lockPlace({ host }: Core, { directory }: Pick<Manifest, 'directory'>): string {
  return host.path.join(directory, lockFilename)
}

function currentLock(core: Core, { manifest, lock }: FoundProject): Omit<LockProjectResult, 'milliseconds'> {
  return {
    project: manifest.file,
    file: lockPlace(core, manifest),
    outcome: 'current',
    because: [],
    changes: [],
    packages: lock?.lock?.packages.length ?? 0,
    warnings: [],
  }
}

function outdatedLock(
  core: Core,
  found: FoundProject,
  because: readonly string[],
): Omit<LockProjectResult, 'milliseconds'> {
  return { ...currentLock(core, found), outcome: 'outdated', because }
}

async function lockFound(
  core: Core,
  found: FoundProject,
  request: LockProjectRequest,
  write: (text: string) => void,
): Promise<Omit<LockProjectResult, 'milliseconds'>> {
  const { manifest, lock: earlier } = found
  const { upgrade = false, upgradePackages = [], check, dryRun, directory: _, force: __, ...choices } = request
  // While one waited for the project somebody else may have done it.
  const because = whyStale(found)
  if (because === undefined && !upgrade && upgradePackages.length === 0) return currentLock(core, found)
  const wanted = upgradePackages.map(parseRequirement)
  for (const warning of manifest.warnings) core.report({ kind: 'warning', warning })
  return await resolveProject(
    core,
    { manifest, earlier },
    {
      ...choices,
      upgrade: upgrade ? 'all' : wanted.map(({ name }) => name),
      limits: wanted.filter(({ specifiers, url }) => specifiers.specifiers.length > 0 || url !== undefined),
    },
    async ({ lockFor, warnings }) => {
      const { lock, text } = await lockFor(manifest)
      const isSame = text === earlier?.text
      if (!isSame) write(text)
      return {
        project: manifest.file,
        file: lockPlace(core, manifest),
        outcome: isSame ? 'current' : check === true ? 'outdated' : dryRun === true ? 'planned' : 'written',
        because: because ?? [],
        changes: lockChanges(earlier, lock),
        packages: lock.packages.length,
        warnings,
      }
    },
  )
}

/** What one lock has and the other has not, by project, sorted. */
export function lockChanges(earlier: Pick<ProjectLock, 'lock'> | undefined, now: Pylock): readonly LockChange[] {
  const [before, after] = [versionsOf(earlier?.lock), versionsOf(now)]
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
    const change = { name, before: before.get(name) ?? [], after: after.get(name) ?? [] }
    return change.before.join() === change.after.join() ? [] : [change]
  })
}

function versionsOf(lock: Pylock | undefined): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const one of lock?.packages ?? []) {
    const text = versionOf(one)
    const known = found.get(one.name)
    if (known === undefined) found.set(one.name, [text])
    else if (!known.includes(text)) known.push(text)
  }
  return found
}

/** A version; of a checkout its commit too, and of a directory where it is. */
function versionOf(one: PylockPackage): string {
  const version = versionTextOf(one)
  const source = one.vcs?.commitId.slice(0, 7) ?? one.directory?.path
  if (source === undefined) return version ?? ''
  return version === undefined ? `(${source})` : `${version} (${source})`
}

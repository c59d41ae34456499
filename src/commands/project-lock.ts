// `den lock`: a project's manifest as a lock for everybody it is for. With nothing to do it is told from the two files alone.

import { replaceFiles } from '../journal/replace-files.ts'
import { versionTextOf } from '../project/lock-notes.ts'
import { lockFilename, type ProjectLock } from '../project/lock-read.ts'
import type { Manifest } from '../project/manifest.ts'
import type { Pylock, PylockPackage } from '../spec/pylock.ts'
import { doubtsOfPythons } from '../spec/python-doubts.ts'
import { formatSpecifiers } from '../spec/specifier.ts'
import type { Core } from './core.ts'
import { givesUpVersions, whyStale } from './lock-choices.ts'
import type { PackageChoices } from './package-choices.ts'
import { type FoundProject, holdProject, openProject } from './project-open.ts'
import { givenUp, resolveProject } from './project-resolve.ts'

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

/** What is locked: a project, or a script. */
export interface Lockable {
  readonly open: (core: Core) => Promise<FoundProject>
  /** Nobody else changes it until `work` ends. */
  readonly hold: <Result>(core: Core, work: (found: FoundProject) => Promise<Result>) => Promise<Result>
  /** Where its lock is, or would be. */
  readonly file: (core: Core, manifest: Manifest) => string
}

/** Brings a project's lock up to date. Throws what `holdProject` and `resolveProject` throw. */
export async function lockProject(core: Core, request: LockProjectRequest = {}): Promise<LockProjectResult> {
  const { directory, force = false, ...locking } = request
  const reading = { salvage: force }
  const project: Lockable = {
    open: (own) => openProject(own, directory, reading),
    hold: (own, work) => holdProject(own, directory ?? own.host.cwd, work, reading),
    file: lockPlace,
  }
  return await bringLock(core, project, locking)
}

export type Locking = Omit<LockProjectRequest, 'directory' | 'force'>

/** Brings a lock up to date. Throws what opening, holding, `resolveProject` and `replaceFiles` throw. */
export async function bringLock(core: Core, of: Lockable, request: Locking): Promise<LockProjectResult> {
  const started = core.host.now()
  const told = (result: Omit<LockProjectResult, 'milliseconds'>): LockProjectResult => ({
    ...result,
    milliseconds: core.host.now() - started,
  })
  if (!asksAnew(request)) {
    const found = await of.open(core)
    const because = whyStale(found.manifest, found.lock, request)
    const as = { ...found, file: of.file(core, found.manifest) }
    if (because === undefined) return told(currentLock(as))
    // Who only asks whether there is something to do need not be told what.
    if (request.check === true && request.dryRun !== true)
      return told({ ...currentLock(as), outcome: 'outdated', because })
  }
  const working = { ...core, host: core.host.unnoted?.() ?? core.host }
  const work = async (found: FoundProject, write: boolean): Promise<LockProjectResult> => {
    const file = of.file(working, found.manifest)
    const result = await lockFound(working, { ...found, file }, request, (text) => {
      if (write) replaceFiles(working, found.manifest.directory, [{ file, before: found.lock?.text, after: text }])
    })
    return told(result)
  }
  if (request.check === true || request.dryRun === true) return await work(await of.open(working), false)
  return await of.hold(working, (found) => work(found, true))
}

/** Whether versions are to be chosen anew, or others asked for them, though the lock is what it should be. */
function asksAnew(request: Locking): boolean {
  const { refresh, noIndex, index, extraIndexes = [], findLinks = [] } = request
  if (givesUpVersions(request)) return true
  return refresh === true || noIndex === true || index !== undefined || extraIndexes.length + findLinks.length > 0
}

export function lockPlace({ host }: Core, { directory }: Pick<Manifest, 'directory'>): string {
  return host.path.join(directory, lockFilename)
}

interface FoundLock extends FoundProject {
  readonly file: string
}

function currentLock({ manifest, lock, file }: FoundLock): Omit<LockProjectResult, 'milliseconds'> {
  return {
    project: manifest.file,
    file,
    outcome: 'current',
    because: [],
    changes: [],
    packages: lock?.lock?.packages.length ?? 0,
    warnings: [],
  }
}

async function lockFound(
  core: Core,
  found: FoundLock,
  request: Locking,
  write: (text: string) => void,
): Promise<Omit<LockProjectResult, 'milliseconds'>> {
  const { manifest, lock: earlier, file } = found
  const { upgrade = false, upgradePackages = [], check, dryRun, ...choices } = request
  // While one waited for it somebody else may have done it.
  const because = whyStale(manifest, earlier, request)
  if (because === undefined && !asksAnew(request)) return currentLock(found)
  for (const warning of manifest.warnings) core.report({ kind: 'warning', warning })
  sayDoubts(core, manifest, earlier)
  return await resolveProject(
    core,
    { manifest, earlier },
    { ...choices, ...givenUp(upgrade, upgradePackages) },
    async ({ lockFor, warnings }) => {
      const { lock, text } = await lockFor(manifest)
      const isSame = text === earlier?.text
      if (!isSame) write(text)
      return {
        project: manifest.file,
        file,
        outcome: isSame ? 'current' : check === true ? 'outdated' : dryRun === true ? 'planned' : 'written',
        because: because ?? [],
        changes: lockChanges(earlier, lock),
        packages: lock.packages.length,
        warnings,
      }
    },
  )
}

/** Once, when it is new: who is content with it need not hear of it each time. */
function sayDoubts({ report }: Core, { requiresPython }: Manifest, earlier: ProjectLock | undefined): void {
  if (requiresPython === undefined) return
  const text = formatSpecifiers(requiresPython)
  const before = earlier?.lock?.requiresPython
  if (before !== undefined && formatSpecifiers(before) === text) return
  for (const doubt of doubtsOfPythons(requiresPython)) report({ kind: 'note', text: `requires-python: ${doubt}` })
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

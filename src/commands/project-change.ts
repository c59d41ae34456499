// What adding, removing and upgrading have in common: the project is held, its manifest edited as text, the edited one resolved, and both
// files written as one. Whatever fails before that leaves them as they were. The environment follows; where it cannot,
// what was added or raised is taken back.

import { isDenError } from '../base/error.ts'
import { type FileChange, holdFiles, replaceFiles } from '../journal/replace-files.ts'
import { lockState, type ProjectLock, parseLock } from '../project/lock-read.ts'
import type { Manifest } from '../project/manifest.ts'
import type { PartsRequest } from '../project/parts.ts'
import { manifestOf } from '../project/read-manifest.ts'
import type { Pylock } from '../spec/pylock.ts'
import type { Core } from './core.ts'
import type { HeldBack } from './lock-held.ts'
import { type PackageChoices, packageChoices } from './package-choices.ts'
import { type LockChange, lockChanges, lockPlace } from './project-lock.ts'
import { type FoundProject, holdProject, openProject } from './project-open.ts'
import { type ProjectChoices, type ResolvedProject, resolveProject } from './project-resolve.ts'
import type { SyncProjectResult } from './project-sync.ts'
import type { StandingParts } from './standing-parts.ts'

/** What every change of a project can be asked. */
export interface ChangeRequest extends PackageChoices {
  /** The project is at or above it; the working directory unless said. */
  readonly directory?: string
  /** Say what would change, and write nothing. */
  readonly dryRun?: boolean
  /** Change the manifest alone: nothing is resolved. */
  readonly frozen?: boolean
  /** False: the environment stays as it is. */
  readonly sync?: boolean
}

/** One requirement of the manifest that came, went or changed. */
export interface RequirementChange {
  /** "dependencies", "extra x", "group dev". */
  readonly place: string
  readonly name: string
  readonly before?: string
  readonly after?: string
}

export interface ChangeResult {
  /** The manifest. */
  readonly project: string
  /** The lock. */
  readonly file: string
  /** `unchanged`: the project said so already. `planned`: a dry run. */
  readonly outcome: 'changed' | 'unchanged' | 'planned'
  readonly requirements: readonly RequirementChange[]
  /** What changed in the lock; nothing where it was left alone. */
  readonly changes: readonly LockChange[]
  readonly milliseconds: number
  readonly warnings: readonly string[]
  /** Of an upgrade: what stays behind its newest release, and why. */
  readonly held?: readonly HeldBack[]
  /** What became of the environment; absent where it was left alone. */
  readonly environment?: SyncProjectResult
}

/** What is to become of a manifest, decided in two steps: what to resolve, and, of what came of it, what to write. */
export interface ManifestEdit {
  /** The text to be resolved. */
  readonly text: string
  readonly choices?: Pick<ProjectChoices, 'upgrade' | 'limits' | 'extraIndexes'>
  /** The text to be written; the one to be resolved unless said. */
  readonly written?: (resolved: ResolvedProject) => string
  /** Throws where what was locked is not what was meant. */
  readonly check?: (lock: Pylock) => void
  /** How the text that is written differs, told of both. */
  readonly told: (before: Manifest, after: Manifest) => readonly RequirementChange[]
}

/** How the environment follows. */
export interface Following {
  readonly parts?: PartsRequest
  /** For the history: "add requests". */
  readonly command: string
  /** Where the environment cannot follow, the files are given back what they had. */
  readonly takenBack: boolean
  /** The projects of which it is to be told what holds them back. */
  readonly upgraded?: (manifest: Manifest) => ReadonlySet<string>
}

/** The files as the change found and left them. */
interface Carried {
  readonly result: Omit<ChangeResult, 'milliseconds'>
  readonly after: Manifest
  readonly earlier?: ProjectLock | undefined
  readonly lock?: Pylock
  readonly lockText?: string
  /** Where the edit has some of its own. */
  readonly extraIndexes?: readonly string[] | undefined
  readonly files: readonly FileChange[]
}

/** Carries the change out. Throws what `holdProject`, `edit`, `resolveProject` and `syncProject` throw, and `file-changed`. */
export async function changeProject(
  asking: Core,
  request: ChangeRequest,
  edit: (core: Core, found: FoundProject) => Promise<ManifestEdit>,
  following: Following,
): Promise<ChangeResult> {
  const started = asking.host.now()
  const core = { ...asking, host: asking.host.unnoted?.() ?? asking.host }
  const { dryRun = false, frozen = false, sync = true, directory = core.host.cwd } = request
  const work = async (found: FoundProject): Promise<Carried> => {
    const changed = await edit(core, found)
    return frozen ? writeManifest(core, found, changed, dryRun) : await writeBoth(core, found, changed, request)
  }
  const carried = dryRun ? await work(await openProject(core, directory)) : await holdProject(core, directory, work)
  const follows = sync && !dryRun && !frozen
  const environment = follows ? await syncAfter(core, request, carried, following) : undefined
  const held = await heldIn(core, carried, following)
  return {
    ...carried.result,
    ...(held.length === 0 ? {} : { held }),
    milliseconds: core.host.now() - started,
    ...(environment === undefined ? {} : { environment }),
  }
}

async function heldIn(
  core: Core,
  { result, after, lockText }: Carried,
  { upgraded }: Following,
): Promise<readonly HeldBack[]> {
  if (upgraded === undefined || lockText === undefined) return []
  const { heldBack } = await import('./lock-held.ts')
  return await heldBack(core, { manifest: after, lock: parseLock(lockText, result.file) }, upgraded(after))
}

function writeManifest(core: Core, { manifest }: FoundProject, { text, told }: ManifestEdit, dryRun: boolean): Carried {
  const after = manifestOf(core.host, manifest.file, text)
  const files = text === manifest.text ? [] : [{ file: manifest.file, before: manifest.text, after: text }]
  if (files.length > 0 && !dryRun) replaceFiles(core, manifest.directory, files)
  const result: Carried['result'] = {
    project: manifest.file,
    file: lockPlace(core, manifest),
    outcome: files.length === 0 ? 'unchanged' : dryRun ? 'planned' : 'changed',
    requirements: told(manifest, after),
    changes: [],
    warnings: [],
  }
  return { result, after, files }
}

async function writeBoth(
  core: Core,
  { manifest, lock: earlier }: FoundProject,
  { text, choices = {}, written, check, told }: ManifestEdit,
  request: ChangeRequest,
): Promise<Carried> {
  const { host } = core
  const file = lockPlace(core, manifest)
  const { dryRun = false, directory: _, frozen: __, sync: ___, ...wishes } = request
  const edited = text === manifest.text ? manifest : manifestOf(host, manifest.file, text)
  const isAsked = choices.upgrade !== undefined || (choices.limits ?? []).length > 0
  const nothing = { project: manifest.file, file, requirements: [], changes: [], warnings: [] }
  if (edited === manifest && !isAsked && written === undefined && lockState(manifest, earlier, wishes) === 'current')
    return { result: { ...nothing, outcome: 'unchanged' }, after: manifest, earlier, files: [] }
  for (const warning of edited.warnings) core.report({ kind: 'warning', warning })
  return await resolveProject(core, { manifest: edited, earlier }, { ...wishes, ...choices }, async (resolved) => {
    const final = written?.(resolved) ?? text
    const after = final === text ? edited : manifestOf(host, manifest.file, final)
    const { lock, text: lockText } = await resolved.lockFor(after)
    check?.(lock)
    const files = [
      { file: manifest.file, before: manifest.text, after: final },
      { file, before: earlier?.text, after: lockText },
    ].filter((one) => one.before !== one.after)
    if (files.length > 0 && !dryRun) replaceFiles(core, manifest.directory, files)
    const result: Carried['result'] = {
      project: manifest.file,
      file,
      outcome: files.length === 0 ? 'unchanged' : dryRun ? 'planned' : 'changed',
      requirements: told(manifest, after),
      changes: lockChanges(earlier, lock),
      warnings: resolved.warnings,
    }
    return { result, after, earlier, lock, lockText, extraIndexes: choices.extraIndexes, files }
  })
}

/** What the environment had of the project it keeps, as it is locked now; what has left the lock leaves it; whatever else it has stays. */
async function syncAfter(
  core: Core,
  request: ChangeRequest,
  carried: Carried,
  { parts = {}, command, takenBack }: Following,
): Promise<SyncProjectResult> {
  const { result, after, earlier } = carried
  const [{ syncProject }, { standingParts, withStanding }] = await Promise.all([
    import('./project-sync.ts'),
    import('./standing-parts.ts'),
  ])
  const { extraIndexes } = carried
  try {
    const standing = await standingParts(core, after, earlier, request)
    return await syncProject(core, {
      ...packageChoices(request),
      ...(extraIndexes === undefined ? {} : { extraIndexes }),
      directory: after.directory,
      parts: withStanding(parts, standing, after),
      exact: leavingOf(carried, standing),
      command,
    })
  } catch (error) {
    // The error that follows is of the environment alone.
    if (result.outcome === 'changed') {
      const isBack = takenBack && (await takeBack(core, carried))
      core.report({
        kind: 'note',
        text: isBack
          ? 'the environment cannot follow, and so the project is as it was before; --no-sync changes it all the same'
          : 'the project is changed and locked; its environment is not up to date: den sync',
      })
    }
    throw error
  }
}

/**
 * What the lock had, or the manifest asked for, and the lock has not any more; and what it had for this environment, of which the sync takes
 * out whatever it has for others alone.
 */
function leavingOf({ result, earlier, lock }: Carried, { here }: StandingParts): readonly string[] {
  if (lock === undefined) return []
  const staying = new Set<string>(lock.packages.map(({ name }) => name))
  const before = [
    ...(earlier?.lock?.packages.map(({ name }) => name) ?? []),
    ...result.requirements.flatMap(({ name, after }) => (after === undefined ? [name] : [])),
  ]
  return [...new Set([...here, ...before.filter((name) => !staying.has(name))])]
}

/** Whether the files have again what they had. Where somebody has changed them since, they stay as they are. */
async function takeBack(core: Core, { after: { directory }, files }: Carried): Promise<boolean> {
  // Who gave up waiting for the environment wants this done all the same.
  const { signal: _, ...context } = core
  try {
    const lock = await holdFiles(context, { directory, journal: core.places.journal })
    try {
      const back = files.map(({ file, before, after }) => ({ file, before: after, after: before }))
      replaceFiles(context, directory, back)
      return true
    } finally {
      lock.release()
    }
  } catch (error) {
    if (isDenError(error)) return false
    throw error
  }
}

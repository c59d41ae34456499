// What adding, removing and upgrading have in common: the project is held, its manifest edited as text, the edited one resolved, and both
// files written as one. Whatever fails before that leaves them as they were. The environment follows.

import { replaceFiles } from '../journal/replace-files.ts'
import { lockState } from '../project/lock-read.ts'
import type { Manifest } from '../project/manifest.ts'
import type { PartsRequest } from '../project/parts.ts'
import { manifestOf } from '../project/read-manifest.ts'
import type { Core } from './core.ts'
import { type LockChange, lockChanges, lockPlace } from './project-lock.ts'
import { type FoundProject, holdProject, openProject } from './project-open.ts'
import { type ProjectChoices, type ResolvedProject, resolveProject } from './project-resolve.ts'
import type { SyncProjectResult } from './project-sync.ts'

/** What every change of a project can be asked. */
export interface ChangeRequest extends Omit<ProjectChoices, 'upgrade' | 'limits'> {
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
  /** What became of the environment; absent where it was left alone. */
  readonly environment?: SyncProjectResult
}

/** What is to become of a manifest, decided in two steps: what to resolve, and, of what came of it, what to write. */
export interface ManifestEdit {
  /** The text to be resolved. */
  readonly text: string
  readonly choices?: Pick<ProjectChoices, 'upgrade' | 'limits'>
  /** The text to be written; the one to be resolved unless said. */
  readonly written?: (resolved: ResolvedProject) => string
  /** How the text that is written differs, told of both. */
  readonly told: (before: Manifest, after: Manifest) => readonly RequirementChange[]
}

/** How the environment follows. */
export interface Following {
  readonly parts?: PartsRequest
  /** What is not wanted goes. */
  readonly exact: boolean
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
  const work = async (found: FoundProject): Promise<Omit<ChangeResult, 'milliseconds'>> => {
    const changed = await edit(core, found)
    return frozen ? writeManifest(core, found, changed, dryRun) : await writeBoth(core, found, changed, request)
  }
  const result = dryRun ? await work(await openProject(core, directory)) : await holdProject(core, directory, work)
  const follows = sync && !dryRun && !frozen
  const environment = follows
    ? await syncAfter(core, request, result.project, following).catch((error: unknown) => {
        // The error that follows is of the environment alone.
        if (result.outcome === 'changed')
          core.report({
            kind: 'note',
            text: 'the project is changed and locked; its environment is not up to date: den sync',
          })
        throw error
      })
    : undefined
  return {
    ...result,
    milliseconds: core.host.now() - started,
    ...(environment === undefined ? {} : { environment }),
  }
}

function writeManifest(
  core: Core,
  { manifest }: FoundProject,
  { text, told }: ManifestEdit,
  dryRun: boolean,
): Omit<ChangeResult, 'milliseconds'> {
  const after = manifestOf(core.host, manifest.file, text)
  const isSame = text === manifest.text
  if (!isSame && !dryRun)
    replaceFiles(core, manifest.directory, [{ file: manifest.file, before: manifest.text, after: text }])
  return {
    project: manifest.file,
    file: lockPlace(core, manifest),
    outcome: isSame ? 'unchanged' : dryRun ? 'planned' : 'changed',
    requirements: told(manifest, after),
    changes: [],
    warnings: [],
  }
}

async function writeBoth(
  core: Core,
  { manifest, lock: earlier }: FoundProject,
  { text, choices = {}, written, told }: ManifestEdit,
  request: ChangeRequest,
): Promise<Omit<ChangeResult, 'milliseconds'>> {
  const { host } = core
  const file = lockPlace(core, manifest)
  const { dryRun = false, directory: _, frozen: __, sync: ___, ...wishes } = request
  const edited = text === manifest.text ? manifest : manifestOf(host, manifest.file, text)
  const isAsked = choices.upgrade !== undefined || (choices.limits ?? []).length > 0
  if (edited === manifest && !isAsked && written === undefined && lockState(manifest, earlier) === 'current')
    return { project: manifest.file, file, outcome: 'unchanged', requirements: [], changes: [], warnings: [] }
  for (const warning of edited.warnings) core.report({ kind: 'warning', warning })
  return await resolveProject(core, { manifest: edited, earlier }, { ...wishes, ...choices }, async (resolved) => {
    const final = written?.(resolved) ?? text
    const after = final === text ? edited : manifestOf(host, manifest.file, final)
    const { lock, text: lockText } = await resolved.lockFor(after)
    const files = [
      { file: manifest.file, before: manifest.text, after: final },
      { file, before: earlier?.text, after: lockText },
    ].filter((one) => one.before !== one.after)
    if (files.length > 0 && !dryRun) replaceFiles(core, manifest.directory, files)
    return {
      project: manifest.file,
      file,
      outcome: files.length === 0 ? 'unchanged' : dryRun ? 'planned' : 'changed',
      requirements: told(manifest, after),
      changes: lockChanges(earlier, lock),
      warnings: resolved.warnings,
    }
  })
}

async function syncAfter(
  core: Core,
  request: ChangeRequest,
  project: string,
  { parts, exact }: Following,
): Promise<SyncProjectResult> {
  const { syncProject } = await import('./project-sync.ts')
  const { python, index, extraIndexes, findLinks, noIndex, indexStrategy, offline } = request
  const wishes = { python, index, extraIndexes, findLinks, noIndex, indexStrategy, offline, parts }
  return await syncProject(core, {
    directory: core.host.path.dirname(project),
    exact,
    ...Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined)),
  })
}

// `add`, `remove` and `sync` for a script: its metadata edited as text, and its lock, where it has one, made for what it asks for then.
// Both change together or not at all.

import { DenError } from '../base/error.ts'
import { holdFiles, replaceFiles } from '../journal/replace-files.ts'
import { type EditedManifest, removeRequirements } from '../project/edit-manifest.ts'
import type { Manifest } from '../project/manifest.ts'
import { manifestOfScript } from '../project/read-manifest.ts'
import { readUtf8 } from '../project/read-text.ts'
import { formatPythonVersion } from '../python/interpreter.ts'
import { parseProjectName } from '../spec/name.ts'
import { parseScriptMetadata, refuseUnclosed, replaceScriptMetadata } from '../spec/script-metadata.ts'
import type { Core } from './core.ts'
import { givesUpVersions } from './lock-choices.ts'
import { type PackageChoices, packageChoices } from './package-choices.ts'
import { type AddRequest, checkHashes, editedWith, readAdded } from './project-add.ts'
import type { RequirementChange } from './project-change.ts'
import { type LockChange, lockChanges } from './project-lock.ts'
import { requirementChanges } from './project-requirements.ts'
import { givenUp, resolveProject } from './project-resolve.ts'
import type { Addition, AdditionWords } from './project-words.ts'
import {
  metadataOf,
  readOwnScript,
  readScript,
  readScriptLock,
  type Script,
  type ScriptEnvironment,
  type ScriptRequest,
  scriptEnvironment,
  scriptLockFile,
  scriptPlace,
} from './script.ts'

export interface ChangeScriptRequest
  extends PackageChoices,
    Partial<Omit<AdditionWords, 'requirements' | 'constraintFiles'>>,
    Pick<AddRequest, 'indexes' | 'upgrade' | 'upgradePackages'> {
  /** A file of this machine. */
  readonly script: string
  /** Requirements, as a command line has them: `x>=1`, `./x`, an address. They are written as they are given. */
  readonly add?: readonly string[]
  /** Names. */
  readonly remove?: readonly string[]
  /** The lock is left as it is, and grows stale. */
  readonly frozen?: boolean
  readonly dryRun?: boolean
}

export interface ChangeScriptResult {
  /** The script, absolute. */
  readonly script: string
  /** What it asks for otherwise than before. */
  readonly requirements: readonly RequirementChange[]
  /** The lock beside it, where there is one and it was made anew. */
  readonly lock?: string
  /** What changed in that. */
  readonly changes: readonly LockChange[]
  readonly warnings: readonly string[]
}

/** Throws `script-missing`, `not-utf8`, `not-required`, `invalid-requirement`, and what locking throws; both files are then as they were. */
export async function changeScript(core: Core, request: ChangeScriptRequest): Promise<ChangeScriptResult> {
  const { host, places } = core
  const { script: name, remove = [], frozen = false, dryRun = false, upgrade = false, upgradePackages = [] } = request
  const directory = host.path.dirname(scriptPlace(host, name))
  const held = dryRun ? undefined : await holdFiles(core, { directory, journal: places.journal })
  try {
    const script = await readOwnScript(core, name)
    // Python may know its encoding; den would write it in another one.
    readUtf8(host, script.file)
    if (script.metadata === undefined) refuseUnclosed(script.text, { file: name })
    const place = { kind: 'script' as const }
    const before = manifestBefore(core, script)
    const { added, additions, ...locking } = await addedToScript(core, script, before, request)
    const edited =
      remove.length === 0
        ? added
        : removeRequirements(added.text, { place, file: name, names: remove.map(parseProjectName) })
    const isSame = edited.text === before.text
    const text = isSame ? script.text : replaceScriptMetadata(script.text, edited.text)
    const manifest = isSame ? before : manifestOfScript(host, script.file, parseScriptMetadata(text, { file: name }))
    const file = scriptLockFile(host, script.file)
    const earlier = frozen ? undefined : readScriptLock(core, script)
    const requirements = requirementChanges(before, manifest)
    const result = { script: script.file, requirements, changes: [], warnings: [] }
    if (isSame && (earlier === undefined || !givesUpVersions(request))) return result
    const ownChange = isSame ? [] : [{ file: script.file, before: script.text, after: text }]
    if (earlier === undefined) {
      if (!dryRun) replaceFiles(core, directory, ownChange)
      return result
    }
    const choices = { ...packageChoices(request), ...locking, ...givenUp(upgrade, upgradePackages) }
    return await resolveProject(core, { manifest, earlier }, choices, async ({ lockFor, warnings }) => {
      const made = await lockFor(manifest)
      checkHashes(made.lock, additions)
      const lockChange = made.text === earlier.text ? [] : [{ file, before: earlier.text, after: made.text }]
      if (!dryRun) replaceFiles(core, directory, [...ownChange, ...lockChange])
      return { ...result, lock: file, changes: lockChanges(earlier, made.lock), warnings }
    })
  } finally {
    held?.release()
  }
}

interface AddedToScript {
  /** The text of its block. */
  readonly added: EditedManifest
  readonly additions: readonly Addition[]
  /** Indexes that are to be asked as they were given: their credentials are not written. */
  readonly extraIndexes?: readonly string[]
}

/** A script that says nothing yet says the least there is; its text is that of its block. */
function manifestBefore({ host }: Core, { name, file, metadata }: Script): Manifest {
  const said = metadata ?? parseScriptMetadata('# /// script\n# dependencies = []\n# ///\n', { file: name })
  return { ...manifestOfScript(host, file, said), text: metadata?.document.text ?? '' }
}

async function addedToScript(
  core: Core,
  script: Script,
  found: Manifest,
  request: ChangeScriptRequest,
): Promise<AddedToScript> {
  const { add = [], requirementFiles = [] } = request
  if (add.length + requirementFiles.length === 0) return { added: { text: found.text, changes: [] }, additions: [] }
  const place = { kind: 'script' as const }
  const { text, additions, extraIndexes } = await readAdded(core, found, place, { ...request, requirements: add })
  const added = editedWith({ file: script.name, text }, place, additions)
  return { added, additions, ...(extraIndexes === undefined ? {} : { extraIndexes }) }
}

export interface SyncScriptRequest extends ScriptRequest {
  readonly script: string
}

export interface SyncScriptResult {
  /** The script, absolute. */
  readonly script: string
  readonly environment: {
    readonly root: string
    readonly version: string
    readonly outcome: ScriptEnvironment['outcome']
  }
  /** Absent where it has none. */
  readonly lock?: NonNullable<ScriptEnvironment['lock']>
  /** What is put in, as the lock says; without a lock nobody knows before. */
  readonly changes?: NonNullable<ScriptEnvironment['changes']>
}

/** The environment of a script, made where the cache has none. Throws `no-script-metadata`, and what `scriptEnvironment` throws. */
export async function syncScript(core: Core, request: SyncScriptRequest): Promise<SyncScriptResult> {
  const { script: name, ...wishes } = request
  if (name === '-') throw new DenError('script-missing', { script: name })
  const script = await readScript(core, name)
  const made = await scriptEnvironment(core, { ...script, metadata: metadataOf(script) }, wishes)
  const { root, interpreter, outcome, lock, changes } = made
  return {
    script: script.file,
    environment: { root, version: formatPythonVersion(interpreter.version), outcome },
    ...(lock === undefined ? {} : { lock }),
    ...(changes === undefined ? {} : { changes }),
  }
}

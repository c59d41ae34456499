// `add`, `remove` and `sync` for a script: its metadata edited as text, and its lock, where it has one, made for what it asks for then.
// Both change together or not at all.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { hideCredentials } from '../base/safe-url.ts'
import { holdFiles, replaceFiles } from '../journal/replace-files.ts'
import { addRequirements, type ManifestChange, removeRequirements } from '../project/edit-manifest.ts'
import { parseLock } from '../project/lock-read.ts'
import type { DependencySource } from '../project/manifest.ts'
import { manifestOfScript } from '../project/read-manifest.ts'
import { readUtf8 } from '../project/read-text.ts'
import { formatPythonVersion } from '../python/interpreter.ts'
import { parseProjectName } from '../spec/name.ts'
import { parseRequirement } from '../spec/requirement.ts'
import { parseScriptMetadata, refuseUnclosed, replaceScriptMetadata } from '../spec/script-metadata.ts'
import type { CachedEnvironment } from './cached-environment.ts'
import type { Core } from './core.ts'
import type { PackageChoices } from './package-choices.ts'
import { type AddedIndex, writeIndexes } from './project-indexes.ts'
import { resolveProject } from './project-resolve.ts'
import { readScript, type ScriptRequest, scriptEnvironment, scriptLockFile } from './script.ts'

export interface ChangeScriptRequest extends PackageChoices {
  /** A file of this machine. */
  readonly script: string
  /** Requirements, as PEP 508 writes them. */
  readonly add?: readonly string[]
  /** Indexes to be asked before the script's own, and written down there. What is added comes from one that has a name. */
  readonly indexes?: readonly AddedIndex[]
  /** Names. */
  readonly remove?: readonly string[]
  /** The lock is left as it is, and grows stale. */
  readonly frozen?: boolean
  readonly dryRun?: boolean
}

export interface ChangeScriptResult {
  /** The script, absolute. */
  readonly script: string
  readonly changes: readonly ManifestChange[]
  /** The lock beside it, where there is one and it was made anew. */
  readonly lock?: string
}

/** Throws `script-missing`, `not-utf8`, `not-required`, `invalid-requirement`, and what locking throws; both files are then as they were. */
export async function changeScript(core: Core, request: ChangeScriptRequest): Promise<ChangeScriptResult> {
  const { host, places } = core
  const { script: name, add = [], remove = [], indexes = [], frozen = false, dryRun = false, ...choices } = request
  const directory = host.path.dirname(host.path.resolve(host.cwd, name))
  const held = dryRun ? undefined : await holdFiles(core, { directory, journal: places.journal })
  try {
    const script = await readScript(core, name)
    // Python may know its encoding; den would write it in another one.
    readUtf8(host, script.file)
    if (script.metadata === undefined) refuseUnclosed(script.text, { file: name })
    const before = script.metadata?.document.text ?? ''
    const where = { place: { kind: 'script' as const }, file: name }
    const settings =
      script.metadata === undefined ? { indexes: [] } : manifestOfScript(host, script.file, script.metadata).settings
    const own = { file: name, directory, text: before, settings }
    const { text: start, asked, pinned } = writeIndexes(core, own, indexes)
    const requirements = add.map(parseRequirement)
    const sources =
      pinned === undefined
        ? new Map<ProjectName, DependencySource>()
        : new Map(requirements.map((one) => [one.name, { kind: 'index' as const, index: pinned }]))
    const added = addRequirements(start, { ...where, requirements, sources })
    const edited =
      remove.length === 0 ? added : removeRequirements(added.text, { ...where, names: remove.map(parseProjectName) })
    const changes = remove.length === 0 ? added.changes : [...added.changes, ...edited.changes]
    const text = edited.text === before ? script.text : replaceScriptMetadata(script.text, edited.text)
    const file = scriptLockFile(host, script.file)
    const lockText = frozen ? undefined : host.files.readText(file)
    const result = { script: script.file, changes: changes.map(withoutCredentials) }
    if (text === script.text) return result
    const ownChange = { file: script.file, before: script.text, after: text }
    if (lockText === undefined) {
      if (!dryRun) replaceFiles(core, directory, [ownChange])
      return result
    }
    const manifest = manifestOfScript(host, script.file, parseScriptMetadata(text, { file: name }))
    const earlier = parseLock(lockText, file, { script: name })
    const extraIndexes = [...asked, ...(choices.extraIndexes ?? [])]
    const wishes = { ...choices, ...(extraIndexes.length === 0 ? {} : { extraIndexes }) }
    await resolveProject(core, { manifest, earlier }, wishes, async ({ lockFor }) => {
      const lock = await lockFor(manifest)
      if (!dryRun) replaceFiles(core, directory, [ownChange, { file, before: lockText, after: lock.text }])
    })
    return { ...result, lock: file }
  } finally {
    held?.release()
  }
}

/** The file has its addresses as they are; who is told of them need not know the passwords. */
function withoutCredentials({ before, after, ...change }: ManifestChange): ManifestChange {
  return {
    ...change,
    ...(before === undefined ? {} : { before: hideCredentials(before) }),
    ...(after === undefined ? {} : { after: hideCredentials(after) }),
  }
}

export interface SyncScriptRequest extends ScriptRequest {
  readonly script: string
}

export interface SyncScriptResult {
  /** The script, absolute. */
  readonly script: string
  readonly environment: CachedEnvironment & { readonly version: string }
}

/** The environment of a script, made where the cache has none. Throws `no-script-metadata`, and what `scriptEnvironment` throws. */
export async function syncScript(core: Core, request: SyncScriptRequest): Promise<SyncScriptResult> {
  const { script: name, ...wishes } = request
  if (name === '-') throw new DenError('script-missing', { script: name })
  const script = await readScript(core, name)
  const metadata = script.metadata ?? parseScriptMetadata(script.text, { file: name })
  const { root, outcome, interpreter } = await scriptEnvironment(core, { ...script, metadata }, wishes)
  return { script: script.file, environment: { root, outcome, version: formatPythonVersion(interpreter.version) } }
}

// Scripts that say what they need (PEP 723): read from a file, an address or standard input, each with an environment of its own in the
// cache; and their locks, which stand beside them.

import { DenError } from '../base/error.ts'
import { hideCredentials, tryParseUrl } from '../base/safe-url.ts'
import { ifReadable } from '../env/quietly.ts'
import { isEnvironment } from '../env/select.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Host } from '../host/host.ts'
import { type LockReading, type ProjectLock, parseLock } from '../project/lock-read.ts'
import { selectLocked } from '../project/lock-select.ts'
import type { Manifest } from '../project/manifest.ts'
import { manifestOfScript } from '../project/read-manifest.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { targetOf } from '../python/target.ts'
import {
  findScriptMetadata,
  findUnclosedBlock,
  parseScriptMetadata,
  type ScriptMetadata,
} from '../spec/script-metadata.ts'
import type { AskedPython } from './asked-python.ts'
import { type CachedEnvironment, cachedEnvironment, cachedEnvironmentRoot, linkStamp } from './cached-environment.ts'
import type { Core } from './core.ts'
import { installers } from './installers.ts'
import { indexRequest } from './library-request.ts'
import { givesUpVersions, type LockChoices, lockingChoices, whyUnfit } from './lock-choices.ts'
import type { PackageChoices } from './package-choices.ts'
import { pythonOfWish, pythonWish } from './project-environment.ts'
import { formatFacts, projectFormats, sourcePreferred } from './project-formats.ts'
import { projectRoots } from './project-roots.ts'
import { changesOf, type EnvironmentChoices, type SyncChange, type SyncProjectResult } from './project-sync.ts'
import { projectWish } from './project-wish.ts'
import { type LockedSyncResult, syncLocked } from './sync-locked.ts'
import { packagesOfRoots, unlockedFacts, unlockedWish } from './unlocked-wish.ts'
import { writtenText } from './written-text.ts'

export interface Script {
  /** As it was called: a path, an address, `-`. */
  readonly name: string
  /** Absolute, links followed; of what is no file of this machine, where it would be: in the working directory. */
  readonly file: string
  readonly text: string
  /** Absent where it doesn't say what it needs. */
  readonly metadata?: ScriptMetadata
}

const mostBytes = 32 * 2 ** 20

/** Reads a script that is to be changed, or locked: a file of this machine. Throws as `readScript`. */
export async function readOwnScript(core: Core, name: string): Promise<Script> {
  if (isAtAddress(name)) throw new DenError('script-missing', { script: hideCredentials(name), elsewhere: true })
  return await readScript(core, name)
}

export function isAtAddress(name: string): boolean {
  return /^https?:\/\//i.test(name)
}

/** Reads a script. Throws `script-missing`, `invalid-script-metadata`, `invalid-toml`, and what fetching throws. */
export async function readScript(core: Core, name: string, standardInput?: string): Promise<Script> {
  const { host } = core
  if (standardInput !== undefined) return scriptOf(name, host.path.join(host.cwd, 'stdin.py'), standardInput)
  if (isAtAddress(name)) {
    const text = await fetched(core, name)
    const last = /([^/?#]+)(?:[?#].*)?$/.exec(name)?.[1] ?? 'script.py'
    return scriptOf(name, host.path.join(host.cwd, last.replace(/[^\w.-]/g, '_')), text)
  }
  const file = scriptPlace(host, name)
  const text = host.files.stat(file)?.kind === 'file' ? host.files.readText(file) : undefined
  if (text === undefined) throw new DenError('script-missing', { script: name })
  return scriptOf(name, file, text)
}

/** Where its file is, links followed: what it names by relative paths counts from there, and there is its lock. */
export function scriptPlace({ path, files, cwd }: Pick<Host, 'path' | 'files' | 'cwd'>, name: string): string {
  const place = path.resolve(cwd, name)
  return ifReadable(() => files.realPath(place)) ?? place
}

function scriptOf(name: string, file: string, text: string): Script {
  const metadata = findScriptMetadata(text, { file: toldName({ name }) })
  return { name, file, text, ...(metadata === undefined ? {} : { metadata }) }
}

function toldName({ name }: Pick<Script, 'name'>): string {
  return name === '-' ? 'standard input' : name
}

/** What it needs; throws `no-script-metadata` where it does not say. */
export function metadataOf({ name, text, metadata }: Script): ScriptMetadata {
  return metadata ?? parseScriptMetadata(text, { file: name })
}

/** A block that has no end is none, by the standard: the script runs as if it needed nothing, which is hardly what was meant. */
export function sayUnclosed({ report }: Core, script: Pick<Script, 'name' | 'text'>): void {
  const unclosed = findUnclosedBlock(script.text)
  if (unclosed === undefined) return
  const { firstLine, lastLine } = unclosed
  const latest = lastLine === firstLine + 1 ? '' : `, in line ${lastLine} at the latest`
  report({
    kind: 'note',
    text: `line ${firstLine} of ${toldName(script)} begins a block # /// script that has no end, and counts for nothing: close it with # /// alone in a line${latest}`,
  })
}

async function fetched(core: Core, name: string): Promise<string> {
  const url = tryParseUrl(name)
  if (url === undefined) throw new DenError('script-missing', { script: name })
  const [{ openTransport }, { sourceSettings }] = await Promise.all([
    import('../net/transport.ts'),
    import('./pip-sources.ts'),
  ])
  const { sources, network } = indexRequest(core.host, {})
  const settings = sourceSettings(core.host, { sources, network })
  const transport = openTransport(core, { ...settings.connection, offline: settings.offline, indexes: [] })
  try {
    const answer = await transport.fetch({ url, maxBytes: mostBytes, compressed: true })
    if (answer.status >= 400) throw new DenError('script-missing', { script: url.toString(), status: answer.status })
    return new TextDecoder('utf-8').decode(answer.body)
  } finally {
    transport.close()
  }
}

/** The lock of a script: `pylock.NAME.toml` beside it, as PEP 751 has such names; NAME has no dots there. */
export function scriptLockFile({ path }: Pick<Host, 'path'>, script: string): string {
  const name = path.basename(script).replace(/\.pyw?$/, '')
  return path.join(path.dirname(script), `pylock.${name.replaceAll('.', '_')}.toml`)
}

/**
 * Its lock as it stands; undefined where it has none, also where the file is that of another script beside it, whose name differs in dots
 * alone. Throws as `parseLock`.
 */
export function readScriptLock(
  core: Pick<Core, 'host'>,
  script: Pick<Script, 'name' | 'file'>,
  reading: Pick<LockReading, 'salvage'> = {},
): ProjectLock | undefined {
  const lock = lockAtPlace(core, script, reading)
  return lock === undefined || otherScriptOf(core, lock, script.file) !== undefined ? undefined : lock
}

/** The same for who is to write it. Throws `script-lock-taken` where its place is another script's, whether that can be read or not. */
export function ownScriptLock(
  core: Pick<Core, 'host'>,
  script: Pick<Script, 'name' | 'file'>,
  reading: Pick<LockReading, 'salvage'>,
): ProjectLock | undefined {
  const lock = lockAtPlace(core, script, { salvage: true })
  const other = lock && otherScriptOf(core, lock, script.file)
  if (other !== undefined) throw new DenError('script-lock-taken', { lock: lock!.file, script: script.name, other })
  // Who doesn't take what can be saved of it is told what is wrong with it.
  return lock?.written === 'broken' && reading.salvage !== true ? lockAtPlace(core, script, reading) : lock
}

function lockAtPlace(
  { host }: Pick<Core, 'host'>,
  script: Pick<Script, 'name' | 'file'>,
  reading: Pick<LockReading, 'salvage'>,
): ProjectLock | undefined {
  const file = scriptLockFile(host, script.file)
  const text = host.files.readText(file)
  return text === undefined ? undefined : parseLock(text, file, { ...reading, script: script.name })
}

/** The other script whose lock it is; undefined where that is not there any more. */
function otherScriptOf({ host }: Pick<Core, 'host'>, lock: ProjectLock, script: string): string | undefined {
  const { path, files } = host
  if (lock.script === undefined || lock.script === path.basename(script)) return undefined
  return files.stat(path.join(path.dirname(script), lock.script)) === undefined ? undefined : lock.script
}

export interface ScriptRequest extends PackageChoices, LockChoices, Pick<EnvironmentChoices, 'reinstall'> {
  /** What would be done, and nothing is; not to the lock either. */
  readonly dryRun?: boolean
  /** A lock that is stale is taken as it stands, and none will do: what is said in `lock` comes before that. */
  readonly keepLock?: boolean
}

export interface ScriptEnvironment {
  readonly root: string
  readonly interpreter: Interpreter
  readonly manifest: Manifest
  readonly outcome: LockedSyncResult['outcome']
  /** Absent where it has none. */
  readonly lock?: SyncProjectResult['lock']
  readonly locked?: ProjectLock
  /** What is put in, as the lock says; without one nobody knows before. */
  readonly changes?: readonly SyncChange[]
}

/**
 * The environment of a script that says what it needs; made where the cache has none. Throws `lock-stale`, `python-not-for-project`, and
 * what choosing, fetching, building and installing throw.
 */
export async function scriptEnvironment(
  core: Core,
  script: Script & { readonly metadata: ScriptMetadata },
  request: ScriptRequest = {},
): Promise<ScriptEnvironment> {
  const { host } = core
  const manifest = manifestOfScript(host, script.file, script.metadata)
  const { interpreter } = await pythonOfWish(core, scriptPython(core, manifest, request))
  const found = await scriptLock(core, manifest, script, request)
  // Who made the lock has told them.
  if (found?.state !== 'made') for (const warning of manifest.warnings) core.report({ kind: 'warning', warning })
  const made =
    found === undefined
      ? await unlockedEnvironment(core, manifest, interpreter, request)
      : await lockedEnvironment(core, { manifest, lock: found.lock, interpreter, request })
  if (found === undefined) return { ...made, interpreter, manifest }
  const { lock, state } = found
  return { ...made, interpreter, manifest, lock: { file: lock.file, state }, locked: lock }
}

/** What the script itself requires of a Python counts before what a directory asks for. */
export function scriptPython(core: Core, manifest: Manifest, asked: AskedPython): ReturnType<typeof pythonWish> {
  const wish = pythonWish(core, manifest, asked)
  if (asked.python !== undefined || manifest.requiresPython === undefined) return wish
  return {
    requests: [{ kind: 'version', specifiers: manifest.requiresPython }],
    requires: manifest.requiresPython,
    file: manifest.file,
  }
}

/** Its lock, as it is to be used; undefined where it has none. */
async function scriptLock(
  core: Core,
  manifest: Manifest,
  script: Script,
  request: ScriptRequest,
): Promise<{ readonly lock: ProjectLock; readonly state: SyncProjectResult['lock']['state'] } | undefined> {
  const { lock: use = 'update', upgradePackages = [], dryRun = false, keepLock = false } = request
  const isLocal = script.name !== '-' && !isAtAddress(script.name)
  const lock = isLocal ? readScriptLock(core, script) : undefined
  if (lock === undefined) {
    // Without a lock there are no versions of which to give up some.
    if (use === 'update' && upgradePackages.length === 0) return undefined
    throw new DenError('lock-missing', { directory: manifest.directory, script: script.name })
  }
  if (use === 'frozen' || (keepLock && request.lock === undefined)) return { lock, state: 'as it stands' }
  const because = whyUnfit(manifest, lock, request)
  if (because === undefined && !givesUpVersions(request)) return { lock, state: 'current' }
  if (use === 'locked')
    throw new DenError('lock-stale', { directory: manifest.directory, script: script.name, because: because ?? [] })
  if (dryRun) return { lock, state: 'stale' }
  const { lockScript } = await import('./script-lock.ts')
  const { warnings } = await lockScript(core, { ...lockingChoices(request), script: script.file })
  for (const text of warnings) core.report({ kind: 'note', text })
  return { lock: readScriptLock(core, script) ?? lock, state: 'made' }
}

async function unlockedEnvironment(
  core: Core,
  manifest: Manifest,
  interpreter: Interpreter,
  request: ScriptRequest,
): Promise<CachedEnvironment> {
  const wish = unlockedWish(core, manifest, request)
  const packages = packagesOfRoots(projectRoots(core.host, manifest))
  return await cachedEnvironment(core, {
    interpreter,
    wish: { ...wish, ...packages },
    facts: [manifest.text, packages, unlockedFacts(core, manifest, request, wish), localFacts(core, manifest)],
    anew: request.refresh === true || request.upgrade === true || request.reinstall !== undefined,
    dryRun: request.dryRun === true,
  })
}

/** What lies on this machine may change though its address stays. */
function localFacts({ host }: Core, manifest: Manifest): readonly string[] {
  return projectRoots(host, manifest).flatMap(({ link, editable }) =>
    link === undefined ? [] : linkStamp(host, link, editable === true),
  )
}

interface Locked {
  readonly manifest: Manifest
  readonly lock: ProjectLock
  readonly interpreter: Interpreter
  readonly request: ScriptRequest
}

async function lockedEnvironment(
  core: Core,
  { manifest, lock, interpreter, request }: Locked,
): Promise<CachedEnvironment & Pick<ScriptEnvironment, 'changes'>> {
  const formats = projectFormats(manifest, request)
  const facts = [sha256Hex(lock.text), manifest.directory, localFacts(core, manifest), formatFacts(manifest, request)]
  const root = cachedEnvironmentRoot(core, interpreter, facts)
  const standing = isEnvironment(core, root)
  if (request.reinstall === undefined && standing) return { root, outcome: 'kept', changes: [] }
  const { markers, ranks } = targetOf(core, interpreter)
  const names = new Set(manifest.dependencies.map(({ name }) => name))
  const synced = await syncLocked(core, {
    environment: standing ? { kind: 'unfit', root, because: 'it is to be made anew' } : { kind: 'missing', root },
    interpreter,
    file: lock.file,
    selection: selectLocked(lock, { markers, ranks, preferSdist: sourcePreferred(formats) }),
    exact: true,
    keep: installers,
    requested: (name) => names.has(name),
    formats,
    wish: () => projectWish(core, manifest, request, lock),
    linkMode: 'instant',
    command: 'sync',
    seed: false,
    dryRun: request.dryRun === true,
  })
  return { root, outcome: synced.outcome, changes: changesOf(synced) }
}

/** What came from an address, or is too long for a command line, as a file. */
export function writtenScript(core: Core, { text, file }: Script): string {
  return writtenText(core, core.host.path.basename(file), text)
}

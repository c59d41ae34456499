// The lock of a script: what its metadata asks for, resolved for everybody it is for, beside it as `pylock.NAME.toml`.

import { lockState, type ProjectLock, parseLock } from '../project/lock-read.ts'
import type { Manifest } from '../project/manifest.ts'
import { manifestOfScript } from '../project/read-manifest.ts'
import { parseRequirement } from '../spec/requirement.ts'
import { parseScriptMetadata } from '../spec/script-metadata.ts'
import type { Core } from './core.ts'
import { type LockProjectRequest, type LockProjectResult, lockChanges } from './project-lock.ts'
import { resolveProject } from './project-resolve.ts'
import { readScript, scriptLockFile } from './script.ts'

export type LockScriptRequest = Omit<LockProjectRequest, 'directory'> & {
  /** A file of this machine. */
  readonly script: string
}

/** Brings the lock up to date. Throws `script-missing`, `no-script-metadata`, and what `lockProject` throws. */
export async function lockScript(core: Core, request: LockScriptRequest): Promise<LockProjectResult> {
  const { host } = core
  const started = host.now()
  const {
    script: name,
    upgrade = false,
    upgradePackages = [],
    check = false,
    dryRun = false,
    force = false,
    ...choices
  } = request
  const script = await readScript(core, name)
  const metadata = script.metadata ?? parseScriptMetadata(script.text, { file: name })
  const manifest = manifestOfScript(host, script.file, metadata)
  const file = scriptLockFile(host, script.file)
  const text = host.files.readText(file)
  const earlier: ProjectLock | undefined =
    text === undefined ? undefined : parseLock(text, file, { script: name, salvage: force })
  const state = lockState(manifest, earlier)
  const told = {
    project: script.file,
    file,
    because: state === 'current' ? [] : state.because,
    changes: [],
    packages: earlier?.lock?.packages.length ?? 0,
    warnings: [],
  }
  const since = (): { readonly milliseconds: number } => ({ milliseconds: host.now() - started })
  if (!upgrade && upgradePackages.length === 0) {
    if (state === 'current') return { ...told, outcome: 'current', ...since() }
    if (check && !dryRun) return { ...told, outcome: 'outdated', ...since() }
  }
  const working = { ...core, host: host.unnoted?.() ?? host }
  const wanted = upgradePackages.map(parseRequirement)
  const limits = wanted.filter(({ specifiers, url }) => specifiers.specifiers.length > 0 || url !== undefined)
  return await resolveProject(
    working,
    { manifest, earlier },
    { ...choices, upgrade: upgrade ? 'all' : wanted.map((one) => one.name), limits },
    async ({ lockFor, warnings }) => {
      const { lock, text: made } = await lockFor(manifest)
      const isSame = made === text
      if (!isSame && !check && !dryRun) working.host.disk.writeAtomic(file, made)
      return {
        ...told,
        outcome: isSame ? 'current' : check ? 'outdated' : dryRun ? 'planned' : 'written',
        changes: lockChanges(earlier, lock),
        packages: lock.packages.length,
        warnings,
        ...since(),
      }
    },
  )
}

/**
 * A script with its lock, to be told about. Where it has none: with the one that it would get now, which is written nowhere. Throws
 * `script-missing`, `no-script-metadata`, and where it has none what resolving throws.
 */
export async function lockedScript(
  core: Core,
  name: string,
): Promise<{ readonly manifest: Manifest; readonly lock: ProjectLock; readonly unlocked?: true }> {
  const { host } = core
  const script = await readScript(core, name)
  const metadata = script.metadata ?? parseScriptMetadata(script.text, { file: name })
  const manifest = manifestOfScript(host, script.file, metadata)
  const file = scriptLockFile(host, script.file)
  const isHere = host.files.stat(script.file)?.kind === 'file'
  const text = isHere ? host.files.readText(file) : undefined
  if (text !== undefined) return { manifest, lock: parseLock(text, file) }
  const made = await resolveProject(core, { manifest }, {}, async ({ lockFor }) => (await lockFor(manifest)).text)
  return { manifest, lock: parseLock(made, file), unlocked: true }
}

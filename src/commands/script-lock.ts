// The lock of a script: what its metadata asks for, resolved for everybody it is for, beside it as `pylock.NAME.toml`.

import { holdFiles } from '../journal/replace-files.ts'
import { type ProjectLock, parseLock } from '../project/lock-read.ts'
import type { Manifest } from '../project/manifest.ts'
import { manifestOfScript } from '../project/read-manifest.ts'
import type { Core } from './core.ts'
import { bringLock, type Lockable, type LockProjectRequest, type LockProjectResult } from './project-lock.ts'
import type { FoundProject } from './project-open.ts'
import { resolveProject } from './project-resolve.ts'
import {
  isAtAddress,
  metadataOf,
  ownScriptLock,
  readOwnScript,
  readScript,
  readScriptLock,
  scriptLockFile,
  scriptPlace,
} from './script.ts'

export type LockScriptRequest = Omit<LockProjectRequest, 'directory'> & {
  /** A file of this machine. */
  readonly script: string
}

/** Brings the lock up to date. Throws `script-missing`, `no-script-metadata`, and what `lockProject` throws. */
export async function lockScript(core: Core, request: LockScriptRequest): Promise<LockProjectResult> {
  const { script: name, force = false, ...locking } = request
  const open = async (own: Core): Promise<FoundProject> => {
    const script = await readOwnScript(own, name)
    const manifest = manifestOfScript(own.host, script.file, metadataOf(script))
    const lock = ownScriptLock(own, script, { salvage: force })
    return lock === undefined ? { manifest } : { manifest, lock }
  }
  const script: Lockable = {
    open,
    hold: async (own, work) => {
      const directory = own.host.path.dirname(scriptPlace(own.host, name))
      const held = await holdFiles(own, { directory, journal: own.places.journal })
      try {
        return await work(await open(own))
      } finally {
        held.release()
      }
    },
    file: ({ host }, { file }) => scriptLockFile(host, file),
  }
  return await bringLock(core, script, locking)
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
  const manifest = manifestOfScript(host, script.file, metadataOf(script))
  const file = scriptLockFile(host, script.file)
  const isHere = !isAtAddress(name) && host.files.stat(script.file)?.kind === 'file'
  const lock = isHere ? readScriptLock(core, script) : undefined
  if (lock !== undefined) return { manifest, lock }
  const made = await resolveProject(core, { manifest }, {}, async ({ lockFor }) => (await lockFor(manifest)).text)
  return { manifest, lock: parseLock(made, file), unlocked: true }
}

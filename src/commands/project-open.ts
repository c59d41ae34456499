// A project as commands find it: at or above a directory, with what a killed den began in it finished first, and held while it changes.

import { DenError } from '../base/error.ts'
import { type FilesPlace, holdFiles, settleFiles } from '../journal/replace-files.ts'
import { withLockedPythons } from '../project/lock-inputs.ts'
import { findLock, type LockReading, lockFilename, type ProjectLock } from '../project/lock-read.ts'
import type { Manifest } from '../project/manifest.ts'
import { findProject, readManifest } from '../project/read-manifest.ts'
import type { Core } from './core.ts'

export interface FoundProject {
  readonly manifest: Manifest
  readonly lock?: ProjectLock
}

/**
 * The nearest project, to be read. Throws `no-project`, what reading its files throws, `lock-timeout` where another den is changing it
 * and does not come to an end.
 */
export async function openProject(
  core: Core,
  directory: string = core.host.cwd,
  reading: Pick<LockReading, 'salvage'> = {},
): Promise<FoundProject> {
  let manifest = locate(core, directory)
  for (;;) {
    const found = read(core, manifest, reading)
    const wasOpen = await settleFiles(core, placeOf(core, manifest))
    // Both files as one change left them, and not one from either side of it: a change may have begun and ended while they were read.
    if (!wasOpen && isStill(core, found)) return found
    manifest = readManifest(core.host, manifest.file)
  }
}

/**
 * The nearest project, to be changed: nobody else changes it until `work` ends. Throws as `openProject`. Of the locks there are, a project's
 * comes before an environment's, and that before the store's.
 */
export async function holdProject<Result>(
  core: Core,
  directory: string,
  work: (project: FoundProject) => Promise<Result>,
  reading: Pick<LockReading, 'salvage'> = {},
): Promise<Result> {
  const found = locate(core, directory)
  const lock = await holdFiles(core, placeOf(core, found))
  try {
    return await work(read(core, readManifest(core.host, found.file), reading))
  } finally {
    lock.release()
  }
}

function locate({ host }: Core, directory: string): Manifest {
  const manifest = findProject(host, host.path.resolve(host.cwd, directory))
  if (manifest === undefined) throw new DenError('no-project', { directory })
  return manifest
}

function isStill({ host }: Core, { manifest, lock }: FoundProject): boolean {
  const { files, path } = host
  const lockFile = lock?.file ?? path.join(manifest.directory, lockFilename)
  return files.readText(manifest.file) === manifest.text && files.readText(lockFile) === lock?.text
}

function read({ host }: Core, manifest: Manifest, reading: Pick<LockReading, 'salvage'>): FoundProject {
  const lock = findLock(host, manifest.directory, reading)
  return { manifest: withLockedPythons(manifest, lock?.inputs), ...(lock === undefined ? {} : { lock }) }
}

function placeOf({ places }: Core, { directory }: Manifest): FilesPlace {
  return { directory, journal: places.journal }
}

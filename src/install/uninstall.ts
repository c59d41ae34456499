// Taking a distribution out of an environment that is only being made, file by file. What stands is changed by a transaction instead
// (engine/apply.ts), from the same list (removal.ts).

import type { EnvironmentPaths } from '../env/plan.ts'
import type { Context, Host } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import { slicer } from '../host/slices.ts'
import { labelOf, planRemoval, type RemovalRequest } from './removal.ts'

export interface Uninstalled {
  /** What was removed, absolute. */
  readonly files: readonly string[]
}

/**
 * Removes the files of a distribution, their bytecode, and the directories that are empty then; RECORD goes last, so that what a
 * kill interrupts can be done again. Throws `uninstall-refused` before anything is removed, and what the disk throws.
 */
export async function uninstall(context: Context, request: RemovalRequest): Promise<Uninstalled> {
  const { host } = context
  const { path } = host
  const { files, rewrites } = await planRemoval(context, request)
  const slice = slicer({ operation: `removing ${labelOf(request.distribution)}`, signal: context.signal })
  const removed: string[] = []
  const directories = new Set<string>()
  for (const { file, text } of rewrites) host.disk.writeAtomic(file, text, host.files.lstat(file)?.mode)
  for (const file of files) {
    if (!removeFile(host, file)) continue
    removed.push(file)
    for (let parent = path.dirname(file); !directories.has(parent); parent = path.dirname(parent))
      directories.add(parent)
    await slice()
  }
  removeEmptied(host, directories, request.paths)
  return { files: removed }
}

/** Removes a file or a link; whether there was one. A directory in a RECORD is left to `removeEmptied`. */
function removeFile(host: Pick<Host, 'files' | 'disk'>, file: string): boolean {
  const kind = host.files.lstat(file)?.kind
  if (kind === undefined || kind === 'directory') return false
  host.disk.removeFile(file)
  return true
}

/** Directories that held removed files and are empty now, from the deepest up; those of the environment itself stay. */
function removeEmptied(host: Pick<Host, 'disk'>, directories: ReadonlySet<string>, paths: EnvironmentPaths): void {
  const kept = new Set([paths.root, paths.purelib, paths.platlib, paths.scripts, paths.include])
  const below = [...directories].filter((directory) => directory.startsWith(paths.root) && !kept.has(directory))
  for (const directory of below.sort((a, b) => b.length - a.length)) {
    try {
      host.disk.removeDirectory(directory)
    } catch (error) {
      // What others have put there keeps it; so does a directory that is a link.
      if (!/^(?:ENOTEMPTY|EEXIST|ENOENT|ENOTDIR|EBUSY)$/.test(ioCode(error) ?? '')) throw error
    }
  }
}

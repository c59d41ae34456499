// Carrying out a plan over an environment that stands already, as `python -m venv` does for a directory that is there: what is right stays
// as it is, what is missing is made, and each file or link that differs is replaced by one rename. Packages are not touched.

import type { Context } from '../host/host.ts'
import { refuseTaken, removeLeftover } from './place.ts'
import type { PlanEntry } from './plan.ts'
import { entryPath, errorAt, stagingName, writeEntry } from './stage.ts'

/** Returns how many entries were made or replaced. Throws `environment-path-taken` where a directory is wanted and something else stands. */
export function refreshEntries(context: Context, root: string, entries: readonly PlanEntry[]): number {
  let changed = 0
  for (const entry of entries) {
    const path = entryPath(context.host, root, entry)
    if (isRight(context, path, entry)) continue
    changed += 1
    if (entry.kind === 'directory') writeEntry(context, path, entry)
    else replaceEntry(context, path, entry)
  }
  return changed
}

function isRight({ host }: Context, path: string, entry: PlanEntry): boolean {
  const { files } = host
  switch (entry.kind) {
    case 'directory': {
      const facts = files.stat(path)
      if (facts === undefined && files.lstat(path) === undefined) return false
      if (facts?.kind !== 'directory') refuseTaken(host, path)
      return true
    }
    case 'link': {
      const target = files.readLink(path)
      // A real directory in the place of a link (lib64) holds packages.
      if (target === undefined) return entry.directory === true && files.lstat(path)?.kind === 'directory'
      return target === entry.target
    }
    case 'file':
      return files.lstat(path)?.kind === 'file' && files.readText(path) === entry.text
    case 'bytes':
      return false
    case 'copy': {
      const [there, source] = [files.lstat(path), files.stat(entry.from)]
      return there !== undefined && there.inode === source?.inode && there.device === source.device
    }
  }
}

function replaceEntry(context: Context, path: string, entry: PlanEntry): void {
  const { host } = context
  const temporary = host.path.join(host.path.dirname(path), stagingName(host.path.basename(path)))
  try {
    writeEntry(context, temporary, entry)
    host.disk.rename(temporary, path)
  } catch (error) {
    removeLeftover(context, temporary)
    throw errorAt(error, temporary, path)
  }
}

/** Links like `python3.12` that an environment of another minor version left, and that would now start this one: they are taken away. */
export function removeStaleNames(context: Context, scripts: string, entries: readonly PlanEntry[]): void {
  const { host } = context
  const wanted = new Set(entries.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)))
  for (const { name, kind } of host.files.list(scripts) ?? []) {
    if (kind === 'link' && /^(?:python|pypy)\d+(?:\.\d+)?(?:t|d|td|m|dm)?$/.test(name) && !wanted.has(name)) {
      host.disk.removeFile(host.path.join(scripts, name))
    }
  }
}

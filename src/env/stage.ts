// Carrying out a plan beside the place it is for: a directory of its own, invisible to whoever looks for environments, that becomes the
// environment by one rename. Its name tells who is making it, so that what a killed process left can be told from work in progress.

import { DenError, isDenError } from '../base/error.ts'
import type { Context, Host } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import { processMark, processState } from '../host/processes.ts'
import type { PlanEntry } from './plan.ts'

const marker = '.den-'

/** After so long nobody is still making it, whatever the system says of the process (its number may be another's by now). */
const abandonedAfter = 24 * 60 * 60 * 1000

/** ".NAME.den-MACHINE-PROCESS-RANDOM"; a long name is cut so that the whole stays within a directory entry. */
export function stagingName(name: string): string {
  return `${stagingPrefix(name)}${processMark()}-${Math.floor(Math.random() * 2 ** 40).toString(36)}`
}

function stagingPrefix(name: string): string {
  // Cut between letters: half of one would come back from the disk as another, and what was left under it never be found.
  const start = name.length > 40 ? [...name].slice(0, 40).join('') : name
  return `.${start}${marker}`
}

/** Those of the names in a directory under which something is, or was, being made for `name`. */
export function stagesFor(names: readonly string[], name: string): readonly string[] {
  const prefix = stagingPrefix(name)
  return names.filter((candidate) => candidate.startsWith(prefix) && isStagingName(candidate))
}

/** The paths of those in `directory` that processes left which have ended. */
export function abandonedStages(
  host: Pick<Host, 'files' | 'path' | 'now'>,
  directory: string,
  names: readonly string[],
  name: string,
): readonly string[] {
  return stagesFor(names, name)
    .map((stage) => host.path.join(directory, stage))
    .filter((path) => {
      const state = processState(path.slice(path.lastIndexOf(marker) + marker.length))
      // Looked up only where the process doesn't tell: it may also be gone by now.
      const old = (): boolean => host.now() - (host.files.lstat(path)?.modified ?? host.now()) > abandonedAfter
      return state === 'ended' || old()
    })
}

/** Whether a name in a directory is one of den's own, half-made. */
export function isStagingName(name: string): boolean {
  return /^\..*\.den-[0-9a-z]+-[0-9a-z]+-[0-9a-z]+$/s.test(name)
}

/** An entry's place under `root`, with the platform's separator. */
export function entryPath(host: Pick<Host, 'path'>, root: string, entry: { readonly path: string }): string {
  const { sep } = host.path
  return `${root}${sep}${sep === '/' ? entry.path : entry.path.replaceAll('/', sep)}`
}

/** Makes every entry under `root`, an existing directory that holds none of them. */
export function writeEntries(context: Context, root: string, entries: readonly PlanEntry[]): void {
  for (const entry of entries) writeEntry(context, entryPath(context.host, root, entry), entry)
}

/** Makes one entry where nothing stands. */
export function writeEntry(context: Context, path: string, entry: PlanEntry): void {
  const { disk } = context.host
  switch (entry.kind) {
    case 'directory':
      disk.makeDirectory(path)
      break
    case 'link':
      disk.symlink(entry.target, path, entry.directory === true ? 'dir' : 'file')
      break
    case 'file':
      disk.writeNew(path, entry.text, entry.mode)
      break
    case 'bytes':
      disk.writeNew(path, entry.bytes, entry.mode)
      break
    case 'copy':
      if (entry.hardLink !== true || !tryHardLink(context, entry.from, path)) disk.copyFile(entry.from, path)
      break
  }
}

/** A second name for the base's file, where the file system and the system's rules about other users' files allow one. */
function tryHardLink({ host }: Context, from: string, to: string): boolean {
  try {
    host.disk.hardLink(from, to)
    return true
  } catch (error) {
    const refused = ['EXDEV', 'EPERM', 'EACCES', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL']
    if (refused.includes(ioCode(error) ?? '')) return false
    throw error
  }
}

/** The error of the disk as the user should read it: it names the place that was asked for, not the one beside it. */
export function errorAt(error: unknown, staged: string, final: string): unknown {
  if (!isDenError(error, 'io-failed', 'permission-denied', 'disk-full', 'read-only-disk', 'too-many-open-files')) {
    return error
  }
  const { path } = error.detail
  if (!path.startsWith(staged)) return error
  return new DenError(error.code, { ...error.detail, path: final + path.slice(staged.length) }, { cause: error.cause })
}

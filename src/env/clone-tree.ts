// A second tree like the first, file by file: reflinks, hard links or copies, with some files replaced on the way. Nothing that is
// replaced ever shares its bytes with the original.

import { DenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import type { Change } from './change.ts'
import { walkTree } from './walk.ts'

/**
 * `clone`: share bytes until one side writes (reflink), else copy. `hardlink`: a second name for each file, else copy.
 * `auto`: reflink; else a hard link for files that are links already (the store's), a copy for the rest.
 */
export type CloneMode = 'auto' | 'clone' | 'hardlink' | 'copy'

export interface CloneResult {
  readonly files: number
  readonly cloned: number
  readonly hardLinked: number
  readonly copied: number
  /** Sockets, pipes and devices, which have no place in an environment. */
  readonly skipped: readonly string[]
}

const unsupported = [
  'EXDEV',
  'EPERM',
  'EACCES',
  'EMLINK',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EINVAL',
  'ENOTTY',
  'EBADF',
]

/**
 * Makes at `to`, where nothing stands, what stands at `from` with `changes` made. Throws what the disk throws and leaves the half-made
 * tree to the caller, who staged it.
 */
export async function cloneTree(
  context: Context,
  options: {
    readonly from: string
    readonly to: string
    readonly mode: CloneMode
    readonly changes: readonly Change[]
  },
): Promise<CloneResult> {
  const { disk, files, path } = context.host
  const { from, to, mode, changes } = options
  const replaced = new Set(changes.filter(({ kind }) => kind !== 'directory').map((change) => change.path))
  const count = { files: 0, cloned: 0, hardLinked: 0, copied: 0 }
  const skipped: string[] = []
  let canClone = mode === 'auto' || mode === 'clone'

  const copyFile = (source: string, target: string): void => {
    count.files += 1
    if (mode === 'hardlink' && attempt(() => disk.hardLink(source, target))) {
      count.hardLinked += 1
      return
    }
    const facts = files.lstat(source)
    if (facts === undefined) throw new DenError('io-failed', { operation: 'read', path: source, errno: 'ENOENT' })
    canClone = canClone && attempt(() => disk.cloneFile(source, target))
    if (!canClone && mode === 'auto' && facts.links > 1 && attempt(() => disk.hardLink(source, target))) {
      count.hardLinked += 1
      return
    }
    if (canClone) count.cloned += 1
    else {
      disk.copyFile(source, target)
      count.copied += 1
    }
    // A .pyc is good only as long as its source keeps the time it was compiled from.
    disk.setTimes(target, facts.accessed, facts.modified)
  }

  disk.makeDirectory(to)
  const usualMode = files.lstat(to)?.mode
  // Modes that would lock den out while it fills a directory are set afterwards, the deepest first.
  const modes: { readonly place: string; readonly mode: number }[] = []
  const keepMode = (source: string, target: string): void => {
    const wanted = files.lstat(source)?.mode
    if (wanted !== undefined && wanted !== usualMode) modes.push({ place: target, mode: wanted })
  }
  keepMode(from, to)
  for await (const entry of walkTree(context.host, from, { operation: `copying ${from}`, signal: context.signal })) {
    if (entry.path.includes('\uFFFD') && files.lstat(path.join(from, entry.path)) === undefined)
      throw new DenError('path-not-utf8', { path: path.join(from, entry.path) })
    if (entry.kind !== 'directory' && replaced.has(entry.path)) continue
    const source = path.join(from, entry.path)
    const target = path.join(to, entry.path)
    switch (entry.kind) {
      case 'directory':
        disk.makeDirectory(target)
        keepMode(source, target)
        break
      case 'link':
        disk.symlink(files.readLink(source) ?? '', target, files.stat(source)?.kind === 'directory' ? 'dir' : 'file')
        break
      case 'file':
        copyFile(source, target)
        break
      case 'other':
        skipped.push(entry.path)
    }
  }
  for (const change of changes) {
    const target = path.join(to, change.path)
    if (change.kind === 'write') {
      disk.writeNew(target, change.bytes, change.mode)
      if (context.host.platform !== 'win32' && files.lstat(target)?.mode !== change.mode)
        disk.chmod(target, change.mode)
    } else if (change.kind === 'link') {
      disk.symlink(
        change.target,
        target,
        files.stat(path.join(from, change.path))?.kind === 'directory' ? 'dir' : 'file',
      )
    } else if (change.kind !== 'remove') {
      throw new Error(`a tree is not cloned with a change of the kind ${change.kind}`)
    }
  }
  for (const { place, mode: wanted } of modes.reverse()) disk.chmod(place, wanted)
  return { ...count, skipped }
}

/** Whether it worked; false where the file system or its rules don't allow it. A full disk is thrown. */
function attempt(make: () => void): boolean {
  try {
    make()
    return true
  } catch (error) {
    if (unsupported.includes(ioCode(error) ?? '')) return false
    throw error
  }
}

// How much of the disk an environment takes: what would be free if it were gone, and what it shares with the store or with other
// environments through hard links. Bytes shared by reflink can't be told apart from outside and count as own.

import type { Context } from '../host/host.ts'
import { walkTree } from './walk.ts'

export interface ByteCount {
  /** The files' lengths. */
  readonly apparent: number
  /** The blocks they take. */
  readonly onDisk: number
  readonly files: number
}

export interface EnvironmentSize {
  /** Files that have no name outside the environment. */
  readonly own: ByteCount
  /** Files that also have a name elsewhere: removing the environment frees none of it. */
  readonly shared: ByteCount
  readonly total: ByteCount
  readonly directories: number
  /** Links that lead out of the environment (the base interpreter, an instant environment's trees). */
  readonly linksOut: number
}

/** Measures the environment at `root`. A file with several names inside counts once. Throws `permission-denied`. */
export async function environmentSize(context: Context, root: string): Promise<EnvironmentSize> {
  const { files, path } = context.host
  const inodes = new Map<string, { apparent: number; onDisk: number; links: number; inside: number }>()
  let directories = 1
  let linksOut = 0
  let smallApparent = 0
  let smallOnDisk = (files.lstat(root)?.blocks ?? 0) * 512
  for await (const entry of walkTree(context.host, root, { operation: `measuring ${root}`, signal: context.signal })) {
    const place = path.join(root, entry.path)
    const facts = files.lstat(place)
    if (facts === undefined) continue
    if (entry.kind === 'file') {
      const key = `${facts.device}:${facts.inode}`
      const known = inodes.get(key)
      if (known === undefined)
        inodes.set(key, { apparent: facts.size, onDisk: facts.blocks * 512, links: facts.links, inside: 1 })
      else known.inside += 1
      continue
    }
    if (entry.kind === 'directory') directories += 1
    if (entry.kind === 'link') {
      smallApparent += facts.size
      const target = files.readLink(place)
      if (target !== undefined && !isInside(path, root, path.resolve(path.dirname(place), target))) linksOut += 1
    }
    smallOnDisk += facts.blocks * 512
  }
  const sum = (wanted: (inode: { links: number; inside: number }) => boolean): ByteCount => {
    const chosen = [...inodes.values()].filter(wanted)
    return {
      apparent: chosen.reduce((total, inode) => total + inode.apparent, 0),
      onDisk: chosen.reduce((total, inode) => total + inode.onDisk, 0),
      files: chosen.length,
    }
  }
  const alone = sum(({ links, inside }) => links <= inside)
  // Directories and links belong to the environment alone.
  const own = { ...alone, apparent: alone.apparent + smallApparent, onDisk: alone.onDisk + smallOnDisk }
  const shared = sum(({ links, inside }) => links > inside)
  return {
    own,
    shared,
    total: {
      apparent: own.apparent + shared.apparent,
      onDisk: own.onDisk + shared.onDisk,
      files: own.files + shared.files,
    },
    directories,
    linksOut,
  }
}

/** Whether `place` is `root` or lies under it, by their names alone. */
export function isInside(
  path: { relative(from: string, to: string): string; isAbsolute(path: string): boolean },
  root: string,
  place: string,
): boolean {
  const relative = path.relative(root, place)
  return relative === '' || (!/^\.\.(?:[/\\]|$)/.test(relative) && !path.isAbsolute(relative))
}

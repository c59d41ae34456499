// Giving an environment of file links the bytecode that the store has of its modules: second names in the environment's own __pycache__
// directories, where they are as good as the modules that they belong to. It happens after an install, for a large one in a process that
// nobody waits for; so whatever has become of the environment by then is looked at before anything is put there.

import { isDenError } from '../base/error.ts'
import { lockEnvironment } from '../env/lock.ts'
import type { Context, Host } from '../host/host.ts'
import type { TreeLinks } from '../host/link-trees.ts'
import { slicer } from '../host/slices.ts'
import {
  type BytecodeFile,
  type BytecodeKind,
  findBytecode,
  forgetBytecode,
  isSoundBytecode,
} from '../store/bytecode.ts'
import type { Tree } from '../store/store.ts'
import { type CompiledFor, kindOf } from './compile-bytecode.ts'

export interface LinkedEnvironment {
  readonly root: string
  readonly purelib: string
  readonly platlib: string
  /** The journal's directory, where its lock is. */
  readonly journal: string
}

/** How many files got their names. Nothing happens where the environment, or one of its distributions, is not there any more. */
export async function shareBytecode(
  context: Context,
  { root, journal, ...sites }: LinkedEnvironment,
  trees: readonly Tree[],
  version: CompiledFor,
): Promise<number> {
  const { host, signal } = context
  const isThere = standing(host, [root, ...new Set([sites.purelib, sites.platlib])])
  if (!isThere()) return 0
  // Not the one inside it as well: a file that comes and goes there would be in the way of whoever removes the directory.
  const lock = await lockEnvironment({ ...context, report: () => undefined }, journal, root)
  if (lock === undefined) return 0
  const slice = slicer({ operation: 'linking bytecode', signal })
  let linked = 0
  try {
    for (const tree of trees) {
      await slice()
      const kind = tree.private ? undefined : kindOf(host, tree, version)
      const found = kind === undefined ? undefined : findBytecode(host, tree, kind)
      if (kind === undefined || found === undefined) continue
      const links = openLinks(host, tree)
      try {
        for (const [cache, files] of byDirectory(found)) {
          if (!isThere()) return linked
          linked += linkDirectory(host, { tree, kind, sites, cache, files, links })
        }
      } finally {
        links.close()
      }
    }
  } finally {
    lock.release()
  }
  return linked
}

/**
 * Whether the directories hold all that they held at first. What removes an environment entry by entry is seen at once by that, and is not
 * to find new ones in a directory that it has emptied.
 */
function standing({ files }: Pick<Host, 'files'>, directories: readonly string[]): () => boolean {
  const seen = directories.map((directory) => ({ directory, time: -1, names: new Set<string>() }))
  const isWhole = (one: (typeof seen)[number]): boolean => {
    const facts = files.lstat(one.directory)
    if (facts?.kind !== 'directory') return false
    if (facts.modified === one.time) return true
    const names = new Set(files.names(one.directory))
    if ([...one.names].some((name) => !names.has(name))) return false
    Object.assign(one, { time: facts.modified, names })
    return true
  }
  return () => seen.every(isWhole)
}

/** The files of each __pycache__ directory, without their directory. */
function byDirectory(found: readonly BytecodeFile[]): ReadonlyMap<string, readonly BytecodeFile[]> {
  const directories = new Map<string, BytecodeFile[]>()
  for (const [place, size, hash] of found) {
    const at = place.lastIndexOf('/')
    const cache = place.slice(0, at)
    const file: BytecodeFile = [place.slice(at + 1), size, hash]
    const files = directories.get(cache)
    if (files === undefined) directories.set(cache, [file])
    else files.push(file)
  }
  return directories
}

interface Links {
  readonly between: (from: string, to: string) => TreeLinks | undefined
  readonly close: () => void
}

/** The tree's tops are opened once, not once a directory. */
function openLinks({ disk }: Pick<Host, 'disk'>, { manifest }: Tree): Links {
  const open = new Map<string, TreeLinks | undefined>()
  return {
    between: (from, to) => {
      if (!open.has(from)) open.set(from, disk.linkTrees?.(from, to, manifest.modified))
      return open.get(from)
    },
    close: () => {
      for (const links of open.values()) links?.close()
    },
  }
}

interface CacheDirectory {
  readonly tree: Tree
  readonly kind: BytecodeKind
  readonly sites: Pick<LinkedEnvironment, 'purelib' | 'platlib'>
  /** The __pycache__ directory, in the tree. */
  readonly cache: string
  readonly files: readonly BytecodeFile[]
  readonly links: Links
}

/** What stands there already stays: Python may have been quicker. */
function linkDirectory(host: Host, { tree, kind, sites, cache, files, links }: CacheDirectory): number {
  const { path } = host
  const { modified } = tree.manifest
  const [, data = '', scheme = 'purelib', inside = cache] = /^([^/]+\.data\/(purelib|platlib)\/)(.*)$/.exec(cache) ?? []
  const top = path.join(tree.directory, ...data.split('/'))
  const site = sites[scheme as keyof typeof sites]
  // The module is the tree's own, not what somebody has put in its place since.
  const module = path.join(...inside.split('/').slice(0, -1), `${files[0]![0].slice(0, -`.${kind.tag}.pyc`.length)}.py`)
  if (!isSameFile(host, path.join(top, module), path.join(site, module))) return 0
  const done = links.between(top, site)?.place(inside, files)
  let linked = 0
  for (const [index, [name, size]] of files.entries()) {
    if (done?.[index] === 1) linked += 1
    else {
      const place = path.join(...inside.split('/'), name)
      const from = path.join(top, place)
      if (!isSoundBytecode(host, { file: from, size, modified })) forgetBytecode(host, tree, kind)
      else if (linkFile(host, from, path.join(site, place))) linked += 1
    }
  }
  return linked
}

function linkFile({ disk, files, path }: Host, from: string, to: string): boolean {
  if (files.lstat(to) !== undefined) return false
  try {
    if (files.lstat(path.dirname(to)) === undefined) disk.makeDirectory(path.dirname(to))
    disk.hardLink(from, to)
    return true
  } catch (error) {
    // On its way out, or with as many names as it may have: Python compiles for itself.
    if (!isDenError(error)) throw error
    return false
  }
}

function isSameFile({ files }: Pick<Host, 'files'>, one: string, other: string): boolean {
  const facts = files.lstat(one)
  const others = files.lstat(other)
  return facts?.kind === 'file' && facts.inode === others?.inode && facts.device === others.device
}

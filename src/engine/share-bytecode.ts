// Giving an environment of file links the bytecode that the store has of its modules: second names in the environment's own __pycache__
// directories, where they are as good as the modules that they belong to. It happens after an install, for a large one in a process that
// nobody waits for; so whatever has become of the environment by then is looked at before anything is put there. Who removes a directory
// lists it, removes what it has found and then the directory, which has to be empty: nothing may appear in between. So a __pycache__ is
// filled elsewhere and appears whole, and only where no directory of its distribution shows signs of a removal.

import { isDenError } from '../base/error.ts'
import { lockEnvironment } from '../env/lock.ts'
import { quietly } from '../env/quietly.ts'
import type { Context, Host } from '../host/host.ts'
import type { TreeLinks } from '../host/link-trees.ts'
import { slicer } from '../host/slices.ts'
import { linkedTree } from '../install/instant-unfold.ts'
import {
  type BytecodeFile,
  type BytecodeKind,
  findBytecode,
  forgetBytecode,
  isSoundBytecode,
} from '../store/bytecode.ts'
import type { TreeDirectory, TreeManifest } from '../store/manifest.ts'
import { openStore, type Tree } from '../store/store.ts'
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
  const spool = openSpool(context, trees)
  let linked = 0
  try {
    const compiled = trees.flatMap((tree): readonly CompiledTree[] => {
      const kind = tree.private ? undefined : kindOf(host, tree, version)
      const found = kind === undefined ? undefined : findBytecode(host, tree, kind)
      return kind === undefined || found === undefined ? [] : [{ tree, kind, caches: byDirectory(found) }]
    })
    // What is nearer to the top comes first, since no look at a single distribution tells who is about to remove the directory of all.
    for (const isTop of [true, false]) {
      for (const { tree, kind, caches } of compiled) {
        const wanted = [...caches].filter(([cache]) => (inSite(cache).inside === '__pycache__') === isTop)
        if (wanted.length === 0) continue
        await slice()
        const links = openLinks(host, tree)
        const watched = isTop ? undefined : watch(host, tree.manifest, sites)
        try {
          for (const [cache, files] of wanted) {
            if (!isThere()) return linked
            linked += linkDirectory(host, { tree, kind, sites, cache, files, links, spool, isThere, watched })
          }
        } finally {
          links.close()
        }
      }
    }
  } finally {
    spool.close()
    lock.release()
  }
  return linked
}

interface CompiledTree {
  readonly tree: Tree
  readonly kind: BytecodeKind
  readonly caches: ReadonlyMap<string, readonly BytecodeFile[]>
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

interface Watch {
  /** Whether each of its directories is as it was at the beginning, when nobody was removing what the distribution brought. */
  readonly isUntouched: () => boolean
  /** What was put into this directory is den's own doing. */
  readonly note: (directory: string) => void
}

/** A directory in which nothing has come or gone for so many milliseconds is not one that somebody is emptying just now. */
const settled = 100
/** So many milliseconds a look holds good; for a large distribution so many times what it takes. */
const goodFor = { atLeast: 1, times: 4 }

function watch(host: Host, { parts }: TreeManifest, sites: Sites): Watch {
  const { files, path } = host
  const times = new Map<string, number | undefined>()
  const now = host.now()
  const isWhole = (place: string, brought: TreeDirectory): boolean => {
    const standing = new Set(files.names(place))
    return brought.files.every(([name]) => standing.has(name))
  }
  for (const { scheme, directories } of parts) {
    if (scheme !== 'purelib' && scheme !== 'platlib') continue
    for (const directory of directories) {
      const place = path.join(sites[scheme], directory.path)
      const modified = files.lstat(place)?.modified
      // Gone since long, as the directories above it tell.
      if (modified === undefined) continue
      times.set(place, modified < now - settled || isWhole(place, directory) ? modified : undefined)
    }
  }
  let goodUntil = 0
  return {
    isUntouched: () => {
      const began = performance.now()
      if (began < goodUntil) return true
      for (const [place, time] of times) if (time === undefined || files.lstat(place)?.modified !== time) return false
      const ended = performance.now()
      goodUntil = ended + Math.max(goodFor.atLeast, goodFor.times * (ended - began))
      return true
    },
    note: (directory) => void times.set(directory, files.lstat(directory)?.modified),
  }
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

interface Spool {
  /** A new path on the store's file system; undefined where the store can't be written. */
  readonly next: () => string | undefined
  readonly close: () => void
}

/** Where directories are filled before they appear. */
function openSpool(context: Context, trees: readonly Tree[]): Spool {
  const { disk, path } = context.host
  const store = trees.flatMap(({ directory }) => linkedTree(context.host, directory)?.store ?? [])[0]
  let top: string | undefined
  let count = 0
  const make = (): string | undefined => {
    const made = store === undefined ? undefined : openStore(context, store).spool()
    if (made !== undefined) disk.makeDirectory(made)
    return made
  }
  return {
    next: () => {
      top ??= make()
      return top === undefined ? undefined : path.join(top, String(count++))
    },
    close: () => {
      const made = top
      if (made !== undefined) quietly(() => disk.removeTree(made))
    },
  }
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
      const key = `${from}\0${to}`
      if (!open.has(key)) open.set(key, disk.linkTrees?.(from, to, manifest.modified))
      return open.get(key)
    },
    close: () => {
      for (const links of open.values()) links?.close()
    },
  }
}

type Sites = Pick<LinkedEnvironment, 'purelib' | 'platlib'>

interface CacheDirectory {
  readonly tree: Tree
  readonly kind: BytecodeKind
  readonly sites: Sites
  /** The __pycache__ directory, in the tree. */
  readonly cache: string
  readonly files: readonly BytecodeFile[]
  readonly links: Links
  readonly spool: Spool
  readonly isThere: () => boolean
  readonly watched: Watch | undefined
}

/** Where in the tree and in site-packages a place of the tree is. */
function inSite(place: string): {
  readonly data: string
  readonly scheme: 'purelib' | 'platlib'
  readonly inside: string
} {
  const [, data = '', scheme = 'purelib', inside = place] = /^([^/]+\.data\/(purelib|platlib)\/)(.*)$/.exec(place) ?? []
  return { data, scheme: scheme === 'platlib' ? 'platlib' : 'purelib', inside }
}

function linkDirectory(host: Host, request: CacheDirectory): number {
  const { tree, kind, sites, cache, files } = request
  const { path } = host
  const { data, scheme, inside } = inSite(cache)
  const top = path.join(tree.directory, ...data.split('/'))
  const site = sites[scheme]
  // The module is the tree's own, not what somebody has put in its place since.
  const module = path.join(...inside.split('/').slice(0, -1), `${files[0]![0].slice(0, -`.${kind.tag}.pyc`.length)}.py`)
  if (!isSameFile(host, path.join(top, module), path.join(site, module))) return 0
  const target = path.join(site, ...inside.split('/'))
  const place = { top, site, inside, target }
  return host.files.lstat(target) === undefined ? placeWhole(host, request, place) : fill(host, request, place)
}

interface CachePlace {
  /** In the tree, what site-packages is in the environment. */
  readonly top: string
  readonly site: string
  /** The __pycache__ directory below both. */
  readonly inside: string
  readonly target: string
}

/** A directory that appears with all that is in it. */
function placeWhole(host: Host, request: CacheDirectory, place: CachePlace): number {
  const { disk, path } = host
  try {
    const spooled = request.spool.next()
    if (spooled === undefined) return 0
    const linked = fill(host, request, { ...place, site: path.dirname(spooled), target: spooled })
    if (linked === 0 || !request.isThere() || request.watched?.isUntouched() === false) return 0
    disk.rename(spooled, place.target)
    request.watched?.note(path.dirname(place.target))
    return linked
  } catch (error) {
    // Python was quicker, or the environment is on its way out: Python compiles for itself.
    if (!isDenError(error)) throw error
    return 0
  }
}

/** What stands there already stays: Python may have been quicker. */
function fill(host: Host, { tree, kind, files, links }: CacheDirectory, place: CachePlace): number {
  const { path } = host
  const { top, site, inside, target } = place
  const done = links.between(top, site)?.place(inside, files, path.relative(site, target))
  if (done === undefined && host.files.lstat(target) === undefined) host.disk.makeDirectory(target)
  let linked = 0
  for (const [index, [name, size]] of files.entries()) {
    if (done?.[index] === 1) linked += 1
    else {
      const from = path.join(top, ...inside.split('/'), name)
      if (!isSoundBytecode(host, { file: from, size, modified: tree.manifest.modified }))
        forgetBytecode(host, tree, kind)
      else if (linkFile(host, from, path.join(target, name))) linked += 1
    }
  }
  return linked
}

function linkFile({ disk, files }: Host, from: string, to: string): boolean {
  if (files.lstat(to) !== undefined) return false
  try {
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

// The store: one read-only tree per unpacked wheel, keyed by the wheel's SHA-256. docs/internals/store.md describes the layout.
// Reading takes no lock; making and mending a tree happens in a directory of its own under the tree's lock, and ends in one rename.

import type { Sha256 } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Context, Host } from '../host/host.ts'
import { acquireLock, type Lock, tryLock } from '../host/lock.ts'
import { damagedFiles, damageOf } from './damage.ts'
import { distributionLabel, openSealed, parseManifest, sealJson, type TreeManifest } from './manifest.ts'
import type { ReceivedWheel, WheelBytes } from './received.ts'
import type { PackedWheel, Unpacked, Unpackers } from './unpackers.ts'

/** An unpacked wheel on disk. */
export interface Tree {
  /** The directory that the manifest's parts are relative to. */
  readonly directory: string
  readonly manifest: TreeManifest
  /** A copy for one use, made where the store could not be written; whoever got it removes it (`discard`). */
  readonly private: boolean
}

/** A wheel whose tree is wanted. */
export interface WheelSource {
  /** The wheel's file name, which says what it is. */
  readonly filename: string
  /** Where it lies, for messages, when that is on this machine. */
  readonly path?: string
  /** Its hash, where it is known before its bytes are. */
  readonly sha256?: Sha256
  /**
   * What names these bytes without reading them: a file's path, size and time, or an index's address and the file name. The store
   * remembers which tree came of it.
   */
  readonly identity?: string
  /** A file of this machine that is read where it lies. Of this and the next three, one is there; all are asked at most once a tree. */
  readonly file?: string
  /** Gets the bytes piece by piece: a large wheel is never held whole. */
  readonly open?: () => AsyncIterable<Uint8Array>
  /**
   * Gets the bytes at once, or a file that holds them until it is let go. `sha256` is believed of bytes, and of a file that is let go:
   * whoever made it has hashed what went in, and nobody else knows of it.
   */
  readonly fetch?: () => Promise<{
    readonly path?: string
    readonly bytes?: Uint8Array
    readonly sha256?: Sha256
    release?(): void
  }>
  /** Gets the bytes at once. */
  readonly read?: () => Uint8Array | Promise<Uint8Array>
}

export interface Store {
  readonly directory: string
  /** The tree of these bytes; undefined when the store has none. Costs one read. */
  find(sha256: Sha256): Tree | undefined
  /** Where the tree of these bytes stands, or would. */
  placeOf(sha256: Sha256): string
  /** The tree that came of this identity before; undefined when none did or its tree is gone. Costs two reads. */
  remembered(identity: string): Tree | undefined
  /** Has `identity` name a tree from now on. A store that can't be written forgets; that is no error. */
  remember(identity: string, tree: Tree): void
  /**
   * The tree of a wheel, unpacked and verified when it isn't there yet. Where the store can't be written the tree is made in
   * `fallback` (a directory to be, of the caller's). Throws `invalid-archive`, `invalid-wheel`, `hash-mismatch`, what `read` throws,
   * and what the disk throws.
   */
  ensure(source: WheelSource, fallback: string): Promise<Tree>
  /** Makes a damaged tree again from its wheel. Throws `store-damaged` when the bytes are not the same any more. */
  restore(tree: Tree, source: WheelSource, fallback: string): Promise<Tree>
  /** Hashes every file of a tree; the paths that are not as they were. */
  verify(tree: Tree): readonly string[]
  /**
   * Keeps the collector away while trees are looked up and linked: shared by any number of commands. Undefined where the store can't be
   * written, and so not collected by this user either.
   */
  hold(): Promise<Lock | undefined>
  /**
   * A path of nothing yet, for what is made before it is put where it belongs; undefined where the store can't be written. What is left
   * there is removed after a day.
   */
  spool(): string | undefined
}

/** The name of the lock that the collector takes alone, and whoever links from the store together. */
export const collectorLock = 'collector'
const spoolPrefix = 'spool-'

/** Beside the trees: what sets of them came to in an environment of links (install/instant-set.ts). */
export const setsName = 'sets'

/** Beside a tree. Older dens wrote a `manifest.json`, whose trees are made again. */
export const manifestName = 'manifest'

/** A store at `directory`, which needs not exist. Opening it does nothing to the disk. */
export function openStore(context: Context, directory: string): Store {
  const { host } = context
  const { path, files, disk } = host
  const version = path.join(directory, 'v1')
  const treesDirectory = path.join(version, 'trees')
  const workDirectory = path.join(version, 'work')
  const entryOf = (sha256: string): string => path.join(treesDirectory, sha256)
  const rememberedFile = (identity: string): string => path.join(version, 'sources', `${sha256Hex(identity)}.json`)

  const find = (sha256: Sha256): Tree | undefined => {
    const entry = entryOf(sha256)
    const manifest = parseManifest(files.readBytes(path.join(entry, manifestName)))
    if (manifest === undefined || manifest.sha256 !== sha256) return undefined
    return { directory: path.join(entry, 'tree'), manifest, private: false }
  }

  const remembered = (identity: string): Tree | undefined => {
    const value = openSealed(files.readText(rememberedFile(identity)))
    if (typeof value !== 'object' || value === null || !('tree' in value) || !('identity' in value)) return undefined
    return value.identity === identity && isSha256(value.tree) ? find(value.tree) : undefined
  }

  const remember = (identity: string, tree: Tree): void => {
    if (tree.private) return
    try {
      disk.makeDirectories(path.join(version, 'sources'))
      disk.writeAtomic(rememberedFile(identity), sealJson({ identity, tree: tree.manifest.sha256 }))
    } catch (error) {
      if (!isUnwritable(error)) throw error
    }
  }

  /** Threads are shared by the wheels that are unpacked one soon after the other, and end a while after the last of them. */
  let opened: Promise<Unpackers> | undefined
  let idle: NodeJS.Timeout | undefined
  let unpacking = 0
  const unpackTogether = async (wheel: PackedWheel): Promise<Unpacked> => {
    unpacking += 1
    clearTimeout(idle)
    try {
      opened ??= import('./unpackers.ts').then((module) => module.openUnpackers(context))
      const unpackers = await opened
      return await unpackers.unpack(wheel)
    } finally {
      unpacking -= 1
      if (unpacking === 0) {
        idle = setTimeout(() => {
          const done = opened
          opened = undefined
          void done?.then((shared) => shared.close())
        }, 500)
        // Nobody waits for it; threads without a job end with the process.
        idle.unref()
      }
    }
  }

  /** Others' leftovers are looked for once a run: a look at each tree that is being made just now would cost more than making them. */
  let tidied = false
  /** Unpacks into `work` and moves it to where it belongs; what stood there before is set aside first. */
  const make = async (
    received: ReceivedWheel,
    source: WheelSource,
    fallback: string,
    isSound: (tree: Tree) => boolean,
  ): Promise<Tree> => {
    const { sha256 } = received
    let lock: Lock
    try {
      for (const name of ['trees', 'work', 'locks']) disk.makeDirectories(path.join(version, name))
      lock = await acquireLock(path.join(version, 'locks', sha256), { signal: context.signal })
    } catch (error) {
      if (isUnwritable(error)) return await makePrivate(received, source, fallback)
      throw error
    }
    const work = path.join(workDirectory, `${sha256}-${Math.floor(Math.random() * 2 ** 40).toString(36)}`)
    try {
      // Another process may have made it while this one waited.
      const made = find(sha256)
      if (made !== undefined && isSound(made)) return made
      removeLeftovers(host, workDirectory, path.join(version, 'locks'), sha256, !tidied)
      tidied = true
      disk.makeDirectory(work)
      const { manifest, text } = await unpackTogether({
        ...packed(received),
        filename: source.filename,
        shown: source.path ?? source.file,
        directory: path.join(work, 'tree'),
        readOnly: true,
      })
      received.check()
      disk.writeNew(path.join(work, manifestName), text, 0o444)
      const entry = entryOf(sha256)
      if (files.lstat(entry) !== undefined) disk.rename(entry, `${work}-old`)
      disk.rename(work, entry)
      context.report({ kind: 'store.unpacked', distribution: distributionLabel(manifest), files: manifest.fileCount })
      removeQuietly(host, `${work}-old`)
      return { directory: path.join(entry, 'tree'), manifest, private: false }
    } catch (error) {
      removeQuietly(host, work)
      if (isUnwritable(error)) return await makePrivate(received, source, fallback)
      throw error
    } finally {
      lock.release()
    }
  }

  const makePrivate = async (received: ReceivedWheel, source: WheelSource, fallback: string): Promise<Tree> => {
    const text = `the store ${directory} cannot be written: ${source.filename} is unpacked for this environment alone`
    context.report({ kind: 'note', text })
    disk.makeDirectories(path.dirname(fallback))
    const { manifest } = await unpackTogether({
      ...packed(received),
      filename: source.filename,
      shown: source.path ?? source.file,
      directory: fallback,
      readOnly: false,
    })
    return { directory: fallback, manifest, private: true }
  }

  const spool = (): string | undefined => {
    try {
      disk.makeDirectories(workDirectory)
    } catch (error) {
      if (isUnwritable(error)) return undefined
      throw error
    }
    return path.join(workDirectory, `${spoolPrefix}${Math.floor(Math.random() * 2 ** 50).toString(36)}`)
  }

  const ensure = async (source: WheelSource, fallback: string): Promise<Tree> => {
    const byIdentity = source.identity === undefined ? undefined : remembered(source.identity)
    if (byIdentity !== undefined) return byIdentity
    const byHash = source.sha256 === undefined ? undefined : find(source.sha256)
    if (byHash !== undefined) {
      if (source.identity !== undefined) remember(source.identity, byHash)
      return byHash
    }
    const received = await receive(context, source, spool)
    let tree: Tree
    try {
      tree =
        find(received.sha256) ?? (await make(received, source, fallback, (made) => damageOf(host, made) === undefined))
    } finally {
      received.close()
    }
    if (source.identity !== undefined) remember(source.identity, tree)
    return tree
  }

  const restore = async (tree: Tree, source: WheelSource, fallback: string): Promise<Tree> => {
    const received = await receive(context, source, spool)
    try {
      if (received.sha256 === tree.manifest.sha256)
        return await make(received, source, fallback, (made) => damagedFiles(host, made).length === 0)
      const reason = `its source ${source.filename} holds other bytes by now`
      const distribution = distributionLabel(tree.manifest)
      throw new DenError('store-damaged', { distribution, path: tree.directory, reason })
    } finally {
      received.close()
    }
  }

  const hold = async (): Promise<Lock | undefined> => {
    try {
      disk.makeDirectories(path.join(version, 'locks'))
      return await acquireLock(path.join(version, 'locks', collectorLock), { signal: context.signal, shared: true })
    } catch (error) {
      if (isUnwritable(error)) return undefined
      throw error
    }
  }

  return Object.freeze({
    directory,
    find,
    placeOf: (sha256: Sha256) => path.join(entryOf(sha256), 'tree'),
    remembered,
    remember,
    ensure,
    restore,
    verify: (tree: Tree) => damagedFiles(host, tree),
    hold,
    spool,
  })
}

/** This and the next are loaded when something is unpacked: a warm store needs no zip reader. */
async function receive(context: Context, source: WheelSource, spool: () => string | undefined): Promise<ReceivedWheel> {
  const { receiveWheel } = await import('./received.ts')
  return await receiveWheel(context, source, spool)
}

function packed({ sha256, bytes, file }: ReceivedWheel): WheelBytes & { readonly sha256: Sha256 } {
  return bytes === undefined ? { sha256, file } : { sha256, bytes }
}

/** Reads as JSON values come: anything. */
function isSha256(value: unknown): value is Sha256 {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

/** Whether the disk refuses to be written there at all, as opposed to being full or broken. */
function isUnwritable(error: unknown): boolean {
  if (!(error instanceof DenError)) return false
  if (error.code === 'permission-denied' || error.code === 'read-only-disk') return true
  return (
    error.code === 'io-failed' && 'errno' in error.detail && /^(?:ENOTDIR|ENOENT|ENOTSUP)$/.test(error.detail.errno)
  )
}

/**
 * What killed processes left in the work directory: whatever holds a tree's lock may remove that tree's leftovers, and, where it looks for
 * everybody's, others' whose lock is free.
 */
function removeLeftovers(
  host: Pick<Host, 'files' | 'disk' | 'path' | 'now'>,
  work: string,
  locks: string,
  held: Sha256,
  everybodys: boolean,
): void {
  for (const { name } of host.files.list(work) ?? []) {
    if (!everybodys && !name.startsWith(held)) continue
    if (name.startsWith(spoolPrefix)) {
      // Nobody downloads one wheel for a day.
      const modified = host.files.lstat(host.path.join(work, name))?.modified ?? Number.POSITIVE_INFINITY
      if (modified < host.now() - 86_400_000) removeQuietly(host, host.path.join(work, name))
      continue
    }
    const key = name.slice(0, 64)
    if (!isSha256(key)) continue
    const lock = key === held ? undefined : tryLock(host.path.join(locks, key))
    if (key !== held && lock === undefined) continue
    removeQuietly(host, host.path.join(work, name))
    lock?.release()
  }
}

/** What can't be removed now is removed by a later command; that must not fail this one. */
function removeQuietly(host: Pick<Host, 'disk'>, path: string): void {
  try {
    host.disk.removeTree(path)
  } catch (error) {
    if (!(error instanceof DenError)) throw error
  }
}

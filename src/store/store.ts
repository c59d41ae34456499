// The store: one read-only tree per unpacked wheel, keyed by the wheel's SHA-256. docs/internals/store.md describes the layout.
// Reading takes no lock; making and mending a tree happens in a directory of its own under the tree's lock, and ends in one rename.

import type { Sha256 } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { sha256Base64Url, sha256Hex } from '../host/hash.ts'
import type { Context, Host } from '../host/host.ts'
import { acquireLock, type Lock, tryLock } from '../host/lock.ts'
import { distributionLabel, fileCount, openSealed, parseManifest, sealJson, type TreeManifest } from './manifest.ts'
import type { UnpackOptions } from './unpack.ts'

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
  /** Gets the bytes; called at most once for a tree that has to be made. */
  readonly read: () => Uint8Array | Promise<Uint8Array>
}

export interface Store {
  readonly directory: string
  /** The tree of these bytes; undefined when the store has none. Costs one read. */
  find(sha256: Sha256): Tree | undefined
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
}

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
    const manifest = parseManifest(files.readText(path.join(entry, 'manifest.json')))
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

  /** Unpacks into `work` and moves it to where it belongs; what stood there before is set aside first. */
  const make = async (bytes: Uint8Array, source: WheelSource, sha256: Sha256, fallback: string): Promise<Tree> => {
    let lock: Lock
    try {
      for (const name of ['trees', 'work', 'locks']) disk.makeDirectories(path.join(version, name))
      lock = await acquireLock(path.join(version, 'locks', sha256), { signal: context.signal })
    } catch (error) {
      if (isUnwritable(error)) return await makePrivate(bytes, source, sha256, fallback)
      throw error
    }
    const work = path.join(workDirectory, `${sha256}-${Math.floor(Math.random() * 2 ** 40).toString(36)}`)
    try {
      // Another process may have made it while this one waited.
      const made = find(sha256)
      if (made !== undefined && damageOf(host, made) === undefined) return made
      removeLeftovers(host, workDirectory, path.join(version, 'locks'), sha256)
      disk.makeDirectory(work)
      const manifest = await unpack(context, {
        bytes,
        sha256,
        filename: source.filename,
        shown: source.path,
        directory: path.join(work, 'tree'),
        readOnly: true,
      })
      disk.writeNew(path.join(work, 'manifest.json'), sealJson(manifest), 0o444)
      const entry = entryOf(sha256)
      if (files.lstat(entry) !== undefined) disk.rename(entry, `${work}-old`)
      disk.rename(work, entry)
      context.report({ kind: 'store.unpacked', distribution: distributionLabel(manifest), files: fileCount(manifest) })
      removeQuietly(host, `${work}-old`)
      return { directory: path.join(entry, 'tree'), manifest, private: false }
    } catch (error) {
      removeQuietly(host, work)
      if (isUnwritable(error)) return await makePrivate(bytes, source, sha256, fallback)
      throw error
    } finally {
      lock.release()
    }
  }

  const makePrivate = async (
    bytes: Uint8Array,
    source: WheelSource,
    sha256: Sha256,
    fallback: string,
  ): Promise<Tree> => {
    const text = `the store ${directory} cannot be written: ${source.filename} is unpacked for this environment alone`
    context.report({ kind: 'note', text })
    const manifest = await unpack(context, {
      bytes,
      sha256,
      filename: source.filename,
      shown: source.path,
      directory: fallback,
      readOnly: false,
    })
    return { directory: fallback, manifest, private: true }
  }

  const readVerified = async (source: WheelSource): Promise<{ bytes: Uint8Array; sha256: Sha256 }> => {
    const bytes = await source.read()
    const sha256 = sha256Hex(bytes)
    if (source.sha256 !== undefined && source.sha256 !== sha256)
      throw new DenError('hash-mismatch', { file: source.filename, expected: source.sha256, actual: sha256 })
    return { bytes, sha256 }
  }

  const ensure = async (source: WheelSource, fallback: string): Promise<Tree> => {
    const known =
      (source.identity === undefined ? undefined : remembered(source.identity)) ??
      (source.sha256 === undefined ? undefined : find(source.sha256))
    if (known !== undefined) return known
    const { bytes, sha256 } = await readVerified(source)
    const tree = find(sha256) ?? (await make(bytes, source, sha256, fallback))
    if (source.identity !== undefined) remember(source.identity, tree)
    return tree
  }

  const restore = async (tree: Tree, source: WheelSource, fallback: string): Promise<Tree> => {
    const { bytes, sha256 } = await readVerified(source)
    if (sha256 !== tree.manifest.sha256) {
      const reason = `its source ${source.filename} holds other bytes by now`
      throw new DenError('store-damaged', {
        distribution: distributionLabel(tree.manifest),
        path: tree.directory,
        reason,
      })
    }
    return await make(bytes, source, sha256, fallback)
  }

  return Object.freeze({
    directory,
    find,
    remembered,
    remember,
    ensure,
    restore,
    verify: (tree: Tree) => damagedFiles(host, tree),
  })
}

/** Loaded when something is unpacked: a warm store needs no zip reader. */
async function unpack(context: Context, options: UnpackOptions): Promise<TreeManifest> {
  const { unpackWheel } = await import('./unpack.ts')
  return await unpackWheel(context, options)
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

/** The first file whose presence, size or time shows damage; one stat a file. */
export function damageOf(host: Pick<Host, 'files' | 'path'>, tree: Tree): string | undefined {
  const { modified } = tree.manifest
  for (const { path, size } of treeFiles(tree.manifest)) {
    const facts = host.files.lstat(host.path.join(tree.directory, path))
    if (facts?.kind !== 'file' || facts.size !== size || facts.modified !== modified) return path
  }
  return undefined
}

function damagedFiles(host: Pick<Host, 'files' | 'path'>, tree: Tree): readonly string[] {
  return [...treeFiles(tree.manifest)].flatMap(({ path, size, sha256 }) => {
    const full = host.path.join(tree.directory, path)
    const bytes = host.files.lstat(full)?.kind === 'file' ? host.files.readBytes(full) : undefined
    return bytes?.length === size && sha256Base64Url(bytes) === sha256 ? [] : [path]
  })
}

/** Every file with its path in the tree. */
function* treeFiles(manifest: TreeManifest): Generator<{ path: string; size: number; sha256: string }> {
  for (const part of manifest.parts) {
    for (const directory of part.directories) {
      const place = [part.from, directory.path].filter((piece) => piece !== '').join('/')
      for (const [name, size, sha256] of directory.files)
        yield { path: place === '' ? name : `${place}/${name}`, size, sha256 }
    }
  }
}

/**
 * What killed processes left in the work directory: whatever holds a tree's lock may remove that tree's leftovers, and others' whose
 * lock is free.
 */
function removeLeftovers(host: Pick<Host, 'files' | 'disk' | 'path'>, work: string, locks: string, held: Sha256): void {
  for (const { name } of host.files.list(work) ?? []) {
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

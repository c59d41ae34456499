// Every call that changes the disk: the only module that makes them, and so the place where faults are injected (faults.ts).

import fs from 'node:fs'
import nodePath from 'node:path'
import { errnoOf, ioCode, ioError } from './io-error.ts'
import { linkTrees } from './link-trees.ts'
import { placeRows } from './place-rows.ts'
import type { Ffi } from './received.ts'

/** Changing the file system. Every call throws a DenError (`disk-full`, `permission-denied`, `io-failed`, …) that names the path. */
export interface Disk {
  /** Makes one directory; the parent must be there. Modes are cut by the umask unless `chmod` follows. */
  makeDirectory(path: string, mode?: number): void
  /** Makes the directory and its parents where they are missing. */
  makeDirectories(path: string): void
  /** Writes a new file whole; fails with EEXIST when something stands there. */
  writeNew(path: string, data: string | Uint8Array, mode?: number): void
  /** Writes beside and renames over: a reader sees the old bytes or the new, never a part. */
  writeAtomic(path: string, data: string | Uint8Array, mode?: number): void
  append(path: string, data: string | Uint8Array): void
  /** Writes a new file whole with exactly this mode, whatever the umask, and this time: one change, and half the calls of three. */
  writeSealed(path: string, data: Uint8Array, facts: SealedFacts): void
  symlink(target: string, path: string, type?: 'file' | 'dir' | 'junction'): void
  /** A second name for the file. */
  hardLink(existing: string, path: string): void
  /** Second names for many files, from below one directory to below another. Not everywhere, and undefined where it can't be had. */
  readonly linkTrees?: typeof linkTrees
  /** Directories and second names that are all known beforehand. Not everywhere, and undefined where it can't be had. */
  readonly placeRows?: typeof placeRows
  /** Copies the bytes, sharing them with the source where the file system can (reflink). */
  copyFile(from: string, to: string): void
  /** Shares the bytes with the source or fails (ENOTSUP, EXDEV, …). */
  cloneFile(from: string, to: string): void
  rename(from: string, to: string): void
  /** Two names, of files, directories or links, change places in one step. Not everywhere; fails where the file system can't (EINVAL). */
  readonly exchange?: (one: string, other: string) => void
  chmod(path: string, mode: number): void
  removeFile(path: string): void
  /** Removes an empty directory. */
  removeDirectory(path: string): void
  /** Removes whatever stands there, without following links; nothing there is no error. */
  removeTree(path: string): void
  /** Sets the access and modification times, in milliseconds since 1970. */
  setTimes(path: string, accessed: number, modified: number): void
  /** Forces a file's or directory's bytes to the disk. */
  sync(path: string): void
  /** The same for many. */
  syncAll(paths: readonly string[]): void
  /** Forces the directories at and below each of `tops` to the disk, and these files in them: by one call where the system has one. */
  syncTrees(tops: readonly string[], files: readonly string[]): void
}

export interface SealedFacts {
  readonly mode: number
  readonly modified: number
  /**
   * Modes that a new file in these directories is known to get whole, as a file before it did: what could take bits away, the umask or a
   * directory's default ACL, is the same for all files of a tree. The call adds to it.
   */
  readonly wholeModes?: Set<number>
}

function changing(operation: string, path: string, change: () => void): void {
  try {
    change()
  } catch (error) {
    throw ioError(error, operation, path)
  }
}

let counter = 0
/** A name beside `path` that no other process uses. */
function beside(path: string): string {
  counter += 1
  return `${path}.${process.pid.toString(36)}-${counter.toString(36)}-${Math.floor(Math.random() * 2 ** 32).toString(36)}.tmp`
}

function unlinkQuietly(path: string): void {
  try {
    fs.unlinkSync(path)
  } catch {
    // It may never have come to be; the error that matters is the one being thrown.
  }
}

/** An EPERM, EACCES or EBUSY of a rename on Windows is most often a virus scanner's hand on the file; it lets go within a moment. */
function renamePatiently(from: string, to: string): void {
  for (let attempt = 0; ; attempt += 1) {
    try {
      fs.renameSync(from, to)
      return
    } catch (error) {
      const code = ioCode(error)
      const busy = code === 'EPERM' || code === 'EACCES' || code === 'EBUSY'
      if (process.platform !== 'win32' || !busy || attempt === 8) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 ** attempt)
    }
  }
}

/** A tree may hold directories that its owner cannot enter; they are opened up and tried once more. */
function removeTreeHard(path: string): void {
  try {
    fs.rmSync(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 })
  } catch (error) {
    // A parent is a file, so there is nothing there.
    if (ioCode(error) === 'ENOTDIR' && !fs.existsSync(path)) return
    if (ioCode(error) !== 'EACCES' && ioCode(error) !== 'EPERM') throw error
    const open = (directory: string): void => {
      fs.chmodSync(directory, 0o700)
      for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
        if (entry.isDirectory()) open(`${directory}/${entry.name}`)
      }
    }
    if (fs.lstatSync(path).isDirectory()) open(path)
    fs.rmSync(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 })
  }
}

function writeSealed(path: string, data: Uint8Array, { mode, modified, wholeModes }: SealedFacts): void {
  const descriptor = fs.openSync(path, 'wx', mode)
  try {
    for (let at = 0; at < data.length; ) at += fs.writeSync(descriptor, data, at, data.length - at)
    if (wholeModes?.has(mode) !== true) {
      if ((fs.fstatSync(descriptor).mode & 0o7777) === mode) wholeModes?.add(mode)
      else fs.fchmodSync(descriptor, mode)
    }
    fs.futimesSync(descriptor, modified / 1000, modified / 1000)
  } finally {
    fs.closeSync(descriptor)
  }
}

function syncOne(path: string): void {
  let descriptor: number
  try {
    descriptor = fs.openSync(path, 'r')
  } catch (error) {
    // Windows opens no directories; there its file system keeps renames in order.
    if (process.platform === 'win32') return
    throw error
  }
  try {
    fs.fsyncSync(descriptor)
  } catch (error) {
    // Some network file systems sync no directories.
    if (!/^(?:EINVAL|ENOTSUP|EOPNOTSUPP|EBADF|EPERM)$/.test(ioCode(error) ?? '')) throw error
  } finally {
    fs.closeSync(descriptor)
  }
}

function directoriesIn(top: string): readonly string[] {
  const found = [top]
  for (const directory of found) {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true }))
      if (entry.isDirectory()) found.push(`${directory}/${entry.name}`)
  }
  return found
}

let syncfs: ((descriptor: number) => number) | false | undefined

/** syncfs(2). Bun calls it; for Node, which can't, coreutils' and BusyBox's `sync -f` does. Whether that was possible. */
function syncFileSystem(path: string): boolean {
  if (process.platform !== 'linux') return false
  syncfs ??= bunSyncfs()
  if (syncfs !== false) {
    const descriptor = fs.openSync(path, 'r')
    try {
      return syncfs(descriptor) === 0
    } finally {
      fs.closeSync(descriptor)
    }
  }
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  return spawnSync('sync', ['-f', path], { stdio: 'ignore', timeout: 20_000 }).status === 0
}

function bunSyncfs(): ((descriptor: number) => number) | false {
  if (process.versions['bun'] === undefined) return false
  // Under a name that bundlers and Node don't look for.
  const ffi = process.getBuiltinModule('module').createRequire('/')(`bun:${'ffi'}`) as Ffi
  for (const library of ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`]) {
    try {
      const { symbols } = ffi.dlopen(library, { syncfs: { args: ['int'], returns: 'int' } })
      return (descriptor) => symbols['syncfs']!(descriptor)
    } catch {
      // Another C library.
    }
  }
  return false
}

/** renameat2(2) with RENAME_EXCHANGE. Bun calls it; Node can't. */
function exchangeNames(one: string, other: string): void {
  if (process.platform !== 'linux') throw Object.assign(new Error('ENOSYS'), { code: 'ENOSYS' })
  renameat2 ??= bunRenameat2()
  if (renameat2 === false) throw Object.assign(new Error('ENOSYS'), { code: 'ENOSYS' })
  const currentDirectory = -100
  const exchange = 2
  const name = (path: string): Uint8Array => new TextEncoder().encode(`${path}\0`)
  if (renameat2(currentDirectory, name(one), currentDirectory, name(other), exchange) !== 0)
    throw Object.assign(new Error('EINVAL'), { code: 'EINVAL' })
}

let renameat2: ((...args: readonly unknown[]) => number) | false | undefined

function bunRenameat2(): ((...args: readonly unknown[]) => number) | false {
  if (process.versions['bun'] === undefined) return false
  const ffi = process.getBuiltinModule('module').createRequire('/')(`bun:${'ffi'}`) as Ffi
  for (const library of ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`]) {
    try {
      const { symbols } = ffi.dlopen(library, {
        renameat2: { args: ['int', 'ptr', 'int', 'ptr', 'u32'], returns: 'int' },
      })
      return symbols['renameat2']!
    } catch {
      // Another C library, or one from before 2018.
    }
  }
  return false
}

/** Where a parent may not be written Node says that it isn't there; asked for that one directory it says why. */
function makeDirectories(path: string): void {
  try {
    fs.mkdirSync(path, { recursive: true })
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    let top = path
    while (!fs.existsSync(nodePath.dirname(top)) && nodePath.dirname(top) !== top) top = nodePath.dirname(top)
    fs.mkdirSync(top)
    fs.mkdirSync(path, { recursive: true })
  }
}

/** The real disk. */
export const realDisk: Disk = {
  makeDirectory: (path, mode = 0o777) => changing('make the directory', path, () => fs.mkdirSync(path, mode)),
  makeDirectories: (path) => changing('make the directory', path, () => makeDirectories(path)),
  writeNew: (path, data, mode = 0o666) =>
    changing('write', path, () => fs.writeFileSync(path, data, { flag: 'wx', mode })),
  writeAtomic: (path, data, mode = 0o666) =>
    changing('write', path, () => {
      const temporary = beside(path)
      try {
        fs.writeFileSync(temporary, data, { flag: 'wx', mode })
        renamePatiently(temporary, path)
      } catch (error) {
        unlinkQuietly(temporary)
        throw error
      }
    }),
  append: (path, data) => changing('write', path, () => fs.appendFileSync(path, data)),
  writeSealed: (path, data, facts) => changing('write', path, () => writeSealed(path, data, facts)),
  symlink: (target, path, type) => changing('make the link', path, () => fs.symlinkSync(target, path, type)),
  hardLink: (existing, path) => changing('link', path, () => fs.linkSync(existing, path)),
  linkTrees,
  placeRows,
  copyFile: (from, to) => changing('copy to', to, () => fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE)),
  cloneFile: (from, to) =>
    changing('clone to', to, () => fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE_FORCE)),
  rename: (from, to) => changing('rename to', to, () => renamePatiently(from, to)),
  exchange: (one, other) => changing('exchange', other, () => exchangeNames(one, other)),
  chmod: (path, mode) => changing('set the mode of', path, () => fs.chmodSync(path, mode)),
  removeFile: (path) => changing('remove', path, () => fs.unlinkSync(path)),
  removeDirectory: (path) => changing('remove', path, () => fs.rmdirSync(path)),
  removeTree: (path) => changing('remove', path, () => removeTreeHard(path)),
  setTimes: (path, accessed, modified) =>
    changing('set the times of', path, () => fs.utimesSync(path, accessed / 1000, modified / 1000)),
  sync: (path) => changing('sync', path, () => syncOne(path)),
  syncAll: (paths) => {
    for (const path of paths) changing('sync', path, () => syncOne(path))
  },
  syncTrees: (tops, files) => {
    // One by one each costs a fifth of a millisecond on a fast disk and ten on a slow one; the call for all of them costs one such.
    const [first] = tops
    if (first !== undefined && syncFileSystem(first)) return
    for (const path of [...files, ...tops.flatMap(directoriesIn)]) changing('sync', path, () => syncOne(path))
  },
}

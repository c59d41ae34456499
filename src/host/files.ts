// Reading the file system. Calls are synchronous on purpose: each is a few microseconds on a local disk, a thread-pool hop is
// twenty; whoever makes thousands of them in a row yields in between (slices.ts).

import fs from 'node:fs'
import { ioError } from './io-error.ts'

export interface DirectoryEntry {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'link' | 'other'
}

export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'link' | 'other'
  readonly size: number
  /** The permission bits, without the file's type. */
  readonly mode: number
  /** Milliseconds since 1970, with their fraction. */
  readonly modified: number
  readonly accessed: number
  readonly device: number
  readonly inode: number
  /** The number of names the file has. */
  readonly links: number
  /** The owner's number; 0 on Windows. */
  readonly uid: number
  /** 512-byte blocks the file takes on disk. */
  readonly blocks: number
}

/**
 * Reading. What isn't there (ENOENT, ENOTDIR) is `undefined`; whatever else keeps den from reading throws a DenError
 * (`permission-denied`, `io-failed`, …) that names the path.
 */
export interface Files {
  readBytes(path: string, range?: { readonly start: number; readonly length: number }): Uint8Array | undefined
  /** UTF-8, lax: a wrong byte becomes U+FFFD. A byte-order mark is kept. */
  readText(path: string): string | undefined
  list(path: string): readonly DirectoryEntry[] | undefined
  /** What `list` gives without the kinds: a third of its time, felt in directories of thousands. */
  names(path: string): readonly string[] | undefined
  /** Follows links. */
  stat(path: string): FileFacts | undefined
  /** Does not follow a link. */
  lstat(path: string): FileFacts | undefined
  readLink(path: string): string | undefined
  /** The path with every link resolved. A loop of links counts as not there. */
  realPath(path: string): string | undefined
  /** Whether this user may execute the file (links followed); false when it isn't there. */
  isExecutable(path: string): boolean
}

function kindOf(entry: fs.Dirent | fs.Stats): FileFacts['kind'] {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  if (entry.isSymbolicLink()) return 'link'
  return 'other'
}

function factsOf(stats: fs.Stats): FileFacts {
  return {
    kind: kindOf(stats),
    size: stats.size,
    mode: stats.mode & 0o7777,
    modified: stats.mtimeMs,
    accessed: stats.atimeMs,
    device: stats.dev,
    inode: stats.ino,
    links: stats.nlink,
    uid: stats.uid,
    blocks: stats.blocks,
  }
}

function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  // A path with a NUL in it names nothing, whoever wrote it.
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ERR_INVALID_ARG_VALUE'
}

function reading<Value>(operation: string, path: string, read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw ioError(error, operation, path)
  }
}

function readRange(path: string, start: number, length: number): Uint8Array {
  const descriptor = fs.openSync(path, 'r')
  try {
    const bytes = Buffer.allocUnsafe(length)
    let filled = 0
    while (filled < length) {
      const count = fs.readSync(descriptor, bytes, filled, length - filled, start + filled)
      if (count === 0) break
      filled += count
    }
    return bytes.subarray(0, filled)
  } finally {
    fs.closeSync(descriptor)
  }
}

/** The real file system. */
export const realFiles: Files = {
  readBytes: (path, range) =>
    reading('read', path, () =>
      range === undefined ? fs.readFileSync(path) : readRange(path, range.start, range.length),
    ),
  readText: (path) => reading('read', path, () => fs.readFileSync(path, 'utf8')),
  list: (path) =>
    reading('list', path, () =>
      fs.readdirSync(path, { withFileTypes: true }).map((entry) => ({ name: entry.name, kind: kindOf(entry) })),
    ),
  names: (path) => reading('list', path, () => fs.readdirSync(path)),
  stat: (path) =>
    reading('look at', path, () => {
      try {
        const stats = fs.statSync(path, { throwIfNoEntry: false })
        return stats === undefined ? undefined : factsOf(stats)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined
        throw error
      }
    }),
  lstat: (path) =>
    reading('look at', path, () => {
      const stats = fs.lstatSync(path, { throwIfNoEntry: false })
      return stats === undefined ? undefined : factsOf(stats)
    }),
  readLink: (path) => {
    try {
      return fs.readlinkSync(path)
    } catch (error) {
      if (isAbsent(error) || (error as NodeJS.ErrnoException).code === 'EINVAL') return undefined
      throw ioError(error, 'read the link', path)
    }
  },
  realPath: (path) => {
    try {
      return fs.realpathSync.native(path)
    } catch (error) {
      if (isAbsent(error) || (error as NodeJS.ErrnoException).code === 'ELOOP') return undefined
      throw ioError(error, 'resolve', path)
    }
  },
  isExecutable: (path) => {
    try {
      fs.accessSync(path, fs.constants.X_OK)
      return fs.statSync(path).isFile()
    } catch {
      return false
    }
  },
}

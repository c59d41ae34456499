// Keeping the store small: trees that no environment is filled from go, by a command of their own and never inside another. Who the
// roots are, the caller knows; links are never followed.

import type { Sha256 } from '../base/brand.ts'
import { compareTexts } from '../base/compare.ts'
import { DenError } from '../base/error.ts'
import type { Context, Host } from '../host/host.ts'
import { type Lock, tryLock } from '../host/lock.ts'
import { slicer } from '../host/slices.ts'
import { parseManifest } from './manifest.ts'
import { collectorLock, manifestName, setsName } from './store.ts'

export interface StoredTree {
  readonly sha256: Sha256
  /** Absent where the manifest is damaged or of another den. */
  readonly project?: string
  readonly version?: string
  readonly filename?: string
  /** Bytes of the files as they were unpacked, from the manifest; 0 where there is none. */
  readonly size: number
  readonly files: number
  /** When it was made, in milliseconds since 1970. */
  readonly made: number
}

export interface CollectOptions {
  /** The trees that environments are filled from, and those that history keeps. */
  readonly roots: ReadonlySet<string>
  /** Trees made later stay, whoever uses them: milliseconds since 1970. */
  readonly madeBefore: number
  /** Only says what would go. */
  readonly dryRun?: boolean
}

export interface Collected {
  readonly removed: readonly StoredTree[]
  readonly bytes: number
  /** Trees that stay. */
  readonly kept: number
}

/** What the store at `directory` holds, by project. */
export function listTrees(host: Pick<Host, 'files' | 'path'>, directory: string): readonly StoredTree[] {
  const { files, path } = host
  const trees = path.join(directory, 'v1', 'trees')
  const found = (files.list(trees) ?? [])
    .filter(({ name, kind }) => kind === 'directory' && /^[0-9a-f]{64}$/.test(name))
    .map(({ name }): StoredTree => {
      const entry = path.join(trees, name)
      const manifest = parseManifest(files.readBytes(path.join(entry, manifestName)))
      const made = files.lstat(path.join(entry, manifestName))?.modified ?? files.lstat(entry)?.modified ?? 0
      const sha256 = name as Sha256
      if (manifest === undefined) return { sha256, size: 0, files: 0, made }
      const { project, version, filename, size, fileCount } = manifest
      return { sha256, project, version, filename, size, files: fileCount, made }
    })
  return found.sort((a, b) => compareTexts(a.project ?? '', b.project ?? '') || compareTexts(a.sha256, b.sha256))
}

/**
 * Removes the trees that are no roots. Each is renamed away first, so that whoever looks meanwhile finds it whole or not at all. Throws
 * `store-busy` while commands link from the store, and what the disk throws.
 */
export async function collect(context: Context, directory: string, options: CollectOptions): Promise<Collected> {
  const { host } = context
  const { path, files, disk } = host
  const version = path.join(directory, 'v1')
  if (files.lstat(version) === undefined) return { removed: [], bytes: 0, kept: 0 }
  const trees = listTrees(host, directory)
  const going = trees.filter(({ sha256, made }) => !options.roots.has(sha256) && made < options.madeBefore)
  const answer = {
    removed: going,
    bytes: going.reduce((sum, { size }) => sum + size, 0),
    kept: trees.length - going.length,
  }
  if (options.dryRun === true) return answer

  for (const name of ['locks', 'work']) disk.makeDirectories(path.join(version, name))
  const lock = tryLock(path.join(version, 'locks', collectorLock))
  if (lock === undefined) throw new DenError('store-busy', { directory })
  try {
    const slice = slicer({ operation: 'collecting the store', signal: context.signal })
    for (const { sha256 } of going) {
      // Whoever makes or mends this very tree goes on; it is collected another time.
      const own = tryLock(path.join(version, 'locks', sha256))
      if (own === undefined) continue
      removeTree(host, version, sha256, own)
      await slice()
    }
    forgetSources(host, version)
    // What sets of trees came to is noted again when they are next put in.
    if (going.length > 0) disk.removeTree(path.join(version, setsName))
  } finally {
    lock.release()
  }
  return answer
}

function removeTree(host: Pick<Host, 'path' | 'disk'>, version: string, sha256: string, lock: Lock): void {
  const { path, disk } = host
  try {
    const away = path.join(version, 'work', `${sha256}-${Math.floor(Math.random() * 2 ** 40).toString(36)}-old`)
    disk.rename(path.join(version, 'trees', sha256), away)
    disk.removeTree(away)
  } finally {
    lock.release()
  }
}

/** What names trees that are gone says nothing any more. */
function forgetSources(host: Pick<Host, 'path' | 'disk' | 'files'>, version: string): void {
  const { path, disk, files } = host
  for (const { name, kind } of files.list(path.join(version, 'sources')) ?? []) {
    if (kind !== 'file') continue
    const file = path.join(version, 'sources', name)
    const tree = /"tree":"([0-9a-f]{64})"/.exec(files.readText(file) ?? '')?.[1]
    if (tree === undefined || files.lstat(path.join(version, 'trees', tree)) === undefined) disk.removeFile(file)
  }
}

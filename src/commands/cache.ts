// The cache may go at any time; what den still needs of it comes back as it works.

import type { DirectoryEntry } from '../host/files.ts'
import type { Core } from './core.ts'

export interface CacheClearResult {
  readonly directory: string
  readonly files: number
  readonly bytes: number
}

/** What den puts into its cache. Nothing else is removed: DEN_CACHE_DIR may be somebody's home by mistake. */
const own =
  /^(?:interpreters-v\d+\.(?:txt|json)(?:\..*\.tmp)?|http|pages|wheels|metadata|(?:http|pages|metadata|files|vcs|wheels|built)-v\d+|run-[0-9a-f]{16})$/

/** Removes what den has put into the cache directory; the directory itself stays. Throws `permission-denied` and the other errors of the disk. */
export function cacheClear({ host, places }: Core): CacheClearResult {
  const { files, disk, path } = host
  let count = 0
  let bytes = 0
  const measure = (place: string, kind: DirectoryEntry['kind']): void => {
    if (kind === 'directory') {
      for (const entry of files.list(place) ?? []) measure(path.join(place, entry.name), entry.kind)
    } else {
      count += 1
      bytes += files.lstat(place)?.size ?? 0
    }
  }
  for (const { name, kind } of files.list(places.cache) ?? []) {
    if (!own.test(name)) continue
    const place = path.join(places.cache, name)
    measure(place, kind)
    disk.removeTree(place)
  }
  return { directory: places.cache, files: count, bytes }
}

// Directories of small files, one an answer, that may be forgotten at any time.

import { attempt } from '../base/error.ts'
import type { Host } from './host.ts'

/**
 * Writes the file. Of more than `most` in its directory the older half goes, so that this is not done each time. Where nothing can be
 * written, nothing is kept; that is no error.
 */
export function keepNewest(
  { files, disk, path }: Pick<Host, 'files' | 'disk' | 'path'>,
  file: string,
  content: string | Uint8Array,
  most: number,
): void {
  const directory = path.dirname(file)
  attempt(() => {
    disk.makeDirectories(directory)
    disk.writeAtomic(file, content)
    const kept = files.names(directory) ?? []
    if (kept.length <= most) return
    const byAge = kept.map((name) => [files.lstat(path.join(directory, name))?.modified ?? 0, name] as const)
    for (const [, name] of byAge.sort(([a], [b]) => b - a).slice(most / 2)) disk.removeFile(path.join(directory, name))
  })
}

// Directories of small files, one an answer, that may be forgotten at any time.

import { attempt } from '../base/error.ts'
import type { Host } from './host.ts'

/** How much a directory keeps. */
export interface Keeping {
  readonly files: number
  /** Of all files together; as many as there are unless said. */
  readonly bytes?: number
}

/**
 * Writes the file. Where there are more files in its directory, or more bytes, than `most`, the newest stay that come to half of that, so that
 * this is not done each time. Where nothing can be written, nothing is kept; that is no error.
 */
export function keepNewest(
  { files, disk, path }: Pick<Host, 'files' | 'disk' | 'path'>,
  file: string,
  content: string | Uint8Array,
  { files: mostFiles, bytes: mostBytes = Number.POSITIVE_INFINITY }: Keeping,
): void {
  const directory = path.dirname(file)
  attempt(() => {
    disk.makeDirectories(directory)
    disk.writeAtomic(file, content)
    const names = files.names(directory) ?? []
    if (names.length <= mostFiles && mostBytes === Number.POSITIVE_INFINITY) return
    const kept = names.map((name) => {
      const { modified = 0, size = 0 } = files.lstat(path.join(directory, name)) ?? {}
      return { name, modified, size }
    })
    const total = kept.reduce((sum, { size }) => sum + size, 0)
    if (names.length <= mostFiles && total <= mostBytes) return
    let count = 0
    let bytes = 0
    for (const { name, size } of kept.sort((a, b) => b.modified - a.modified)) {
      count += 1
      bytes += size
      if (count > mostFiles / 2 || (bytes > mostBytes / 2 && count > 1)) disk.removeFile(path.join(directory, name))
    }
  })
}

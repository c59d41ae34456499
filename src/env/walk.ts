// Going through an environment's tree by lstat: links are met, never followed, so that nothing outside is ever touched by mistake.

import type { Host } from '../host/host.ts'
import { slicer } from '../host/slices.ts'

export interface TreeEntry {
  /** Relative to the root, with `/`. */
  readonly path: string
  readonly kind: 'file' | 'directory' | 'link' | 'other'
}

export interface WalkOptions {
  /** For the error when the signal stops it: "copying /a/b". */
  readonly operation: string
  readonly signal?: AbortSignal | undefined
  /** Directories (relative) that are not entered. They are not yielded either. */
  readonly skip?: (path: string) => boolean
}

/**
 * Everything under `root`, a directory before what is in it, in a stable order. Throws `permission-denied` for a directory that
 * can't be listed.
 */
export async function* walkTree(
  host: Pick<Host, 'files' | 'path'>,
  root: string,
  options: WalkOptions,
): AsyncGenerator<TreeEntry> {
  const turn = slicer({ operation: options.operation, signal: options.signal })
  const pending: string[] = ['']
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    await turn()
    const entries = host.files.list(directory === '' ? root : host.path.join(root, directory)) ?? []
    for (const { name, kind } of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
      const path = directory === '' ? name : `${directory}/${name}`
      if (kind === 'directory') {
        if (options.skip?.(path)) continue
        pending.push(path)
      }
      yield { path, kind }
    }
  }
}

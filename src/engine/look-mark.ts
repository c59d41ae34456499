// When the trees that links lead into were last looked at (instant-watch.ts): the time of an empty file in the store, one a tree.

import type { Host } from '../host/host.ts'

/** Milliseconds between two looks at a tree. */
export const lookInterval = 60_000

const directory = 'v1/looked'

export function lookMark(path: Host['path'], store: string, sha256: string): string {
  return path.join(store, directory, sha256)
}

/** Whether it is such a file, in whichever store. */
export function isLookMark(path: string): boolean {
  return path.includes(`/${directory}/`)
}

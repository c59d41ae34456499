// What a run of den has for itself in the cache, by a name under which other runs leave it alone and `den cache prune` finds what was left.

import type { Host } from './host.ts'

/** A path of nothing yet below `directory`. */
export function workPlace({ path }: Pick<Host, 'path'>, directory: string): string {
  return path.join(directory, `run-${Math.floor(Math.random() * 2 ** 48).toString(36)}`)
}

export function isWorkPlace(name: string): boolean {
  return /^run-[0-9a-z]{4,16}$/.test(name)
}

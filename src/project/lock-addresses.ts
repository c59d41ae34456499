// The addresses that stand in a lock. A lock is for everybody who works on the project, so what one person's settings put in the public
// index's place (a mirror) does not stand in it: the public index does, and its files' own addresses where the mirror's tell them.
// Credentials never do.

import { isSameIndex, withoutCredentials } from '../indexes/index-address.ts'
import { publicFiles, publicIndex } from '../indexes/public-index.ts'

export interface IndexAddresses {
  /** The index that the user's settings put in the public one's place; absent: none. */
  readonly mirror?: string
}

/** The address of an index as a lock tells it; undefined for a place that is none (a directory, a single file). */
export function canonicalIndex(foundAt: string, { mirror }: IndexAddresses): string | undefined {
  if (!/^https?:\/\//i.test(foundAt)) return undefined
  if (mirror !== undefined && isSameIndex(foundAt, mirror)) return publicIndex
  return withoutCredentials(foundAt)
}

/**
 * The address of a file as a lock tells it. Mirrors keep the public index's paths, `…/packages/aa/bb/…60 hexadecimal digits…/NAME`,
 * behind an address of their own; where one doesn't, its own address has to do.
 */
export function canonicalFile(url: string, foundAt: string, { mirror }: IndexAddresses): string {
  if (mirror !== undefined && isSameIndex(foundAt, mirror)) {
    const path = /\/packages(\/[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{60}\/[^/?#]+)$/.exec(url)?.[1]
    if (path !== undefined) return `${publicFiles}packages${path}`
  }
  return withoutCredentials(url)
}

// The addresses that stand in a lock. A lock is for everybody who works on the project, so what one person's settings put in the public
// index's place (a mirror) does not stand in it: the public index does, and its files' own addresses where the mirror's tell them.
// Credentials never do.

import { isSameIndex, withoutCredentials } from '../indexes/index-address.ts'
import { publicFiles, publicIndex } from '../indexes/public-index.ts'

export interface IndexAddresses {
  /** The index that the user's settings put in the public one's place; absent: none. */
  readonly mirror?: string
}

export interface CanonicalAddresses {
  /** The address of an index as a lock tells it; undefined for a place that is none (a directory, a single file). */
  index(foundAt: string): string | undefined
  /**
   * The address of a file as a lock tells it. Mirrors keep the public index's paths, `…/packages/aa/bb/…60 hexadecimal digits…/NAME`,
   * behind an address of their own; where one doesn't, its own address has to do.
   */
  file(url: string, foundAt: string): string
}

export function canonicalAddresses({ mirror }: IndexAddresses): CanonicalAddresses {
  // Asked for each of thousands of files, which come from a few places.
  const known = new Map<string, boolean>()
  const isMirror = (foundAt: string): boolean => {
    let answer = known.get(foundAt)
    if (answer === undefined) {
      answer = mirror !== undefined && isSameIndex(foundAt, mirror)
      known.set(foundAt, answer)
    }
    return answer
  }
  return {
    index: (foundAt) => {
      if (!/^https?:\/\//i.test(foundAt)) return undefined
      return isMirror(foundAt) ? publicIndex : withoutCredentials(foundAt)
    },
    file: (url, foundAt) => {
      const path = isMirror(foundAt)
        ? /\/packages(\/[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{60}\/[^/?#]+)$/.exec(url)?.[1]
        : undefined
      return path === undefined ? withoutCredentials(url) : `${publicFiles}packages${path}`
    },
  }
}

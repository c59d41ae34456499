// Work over what the cache holds of indexes. That a page is damaged turns up where its files are looked at, which may be anywhere in the
// work; the page is gone then, and comes from its index the next time. So the work is begun again: a page for which that is of no use,
// being damaged twice, is told.

import { isDenError } from '../base/error.ts'

/** Does the work, which may be begun more than once. Throws what it throws. */
export async function overWholePages<Result>(work: () => Promise<Result>): Promise<Result> {
  const seen = new Set<string>()
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isDenError(error, 'cache-damaged') || seen.has(error.detail.project)) throw error
      seen.add(error.detail.project)
    }
  }
}

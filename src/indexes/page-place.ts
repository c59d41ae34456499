// Where the pages of an index are kept, and the stamp by which somebody who has used them knows that none has changed since: a page is
// written beside and renamed in, which changes the time of the directory; what is learned of its files is added at a file's end, which
// doesn't.

import type { SafeUrl } from '../base/safe-url.ts'
import type { Places } from '../config/places.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Host } from '../host/host.ts'

export const pageBucket = 'pages-v1'

/** The address is of others' making, and so becomes no part of a path. */
export function pageDirectory({ path }: Pick<Host, 'path'>, places: Pick<Places, 'cache'>, index: SafeUrl): string {
  return path.join(places.cache, pageBucket, sha256Hex(index.href).slice(0, 32))
}

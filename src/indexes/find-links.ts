// Find-links for seeds: the wheels of one value, as files of this machine or at addresses.

import type { Context } from '../host/host.ts'
import type { Transport } from '../net/transport.ts'
import type { IndexFile } from '../spec/simple-index.ts'
import { type LinkedPath, wheelAt } from './find-links-directory.ts'
import { readPlace } from './linked-files.ts'

/** A file that find-links knows: on this machine, or at an address. */
export type LinkedFile = LinkedPath | { readonly kind: 'url'; readonly filename: string; readonly file: IndexFile }

/**
 * The wheels behind one find-links value: a directory, a `file:` address of one, an HTML file, or the http address of a page. A place
 * that isn't there holds nothing. Throws what the transport throws, `invalid-setting` and `invalid-index-page`.
 */
export async function readFindLinks(
  context: Context,
  place: string,
  options: { readonly transport: () => Transport; readonly filter: (filename: string) => boolean },
): Promise<readonly LinkedFile[]> {
  const files = await readPlace(context, place, { transport: () => Promise.resolve(options.transport()) })
  return files.flatMap((file): readonly LinkedFile[] => {
    const { filename, kind } = file.parsed
    if (kind !== 'wheel' || !options.filter(filename)) return []
    const { hashes, requiresPython, yanked } = file
    if (file.place.kind === 'url') {
      const said = {
        ...(requiresPython === undefined ? {} : { requiresPython }),
        ...(yanked === undefined ? {} : { yanked }),
      }
      return [{ kind: 'url', filename, file: { filename, url: file.place.url.href, hashes, ...said } }]
    }
    const wheel = wheelAt(context.host.files, file.place.path, filename)
    const sha256 = hashes['sha256']
    return wheel === undefined ? [] : [{ ...wheel, ...(sha256 === undefined ? {} : { sha256 }) }]
  })
}

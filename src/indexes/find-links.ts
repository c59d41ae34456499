// Find-links: directories of wheels, and pages with links to some, beside an index or instead of one.

import { fileURLToPath, pathToFileURL } from 'node:url'
import { DenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import type { Context } from '../host/host.ts'
import type { Transport } from '../net/transport.ts'
import { type IndexFile, parseIndexPage } from '../spec/simple-index.ts'
import { type LinkedPath, wheelAt, wheelsIn } from './find-links-directory.ts'

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
  const { host } = context
  const { filter } = options
  if (/^https?:/i.test(place)) {
    const url = tryParseUrl(place)
    if (url === undefined)
      throw new DenError('invalid-setting', { setting: 'find-links', value: place, reason: 'it is no address' })
    const response = await options.transport().fetch({ url, maxBytes: 128 * 2 ** 20, compressed: true })
    if (response.status !== 200) return []
    const contentType = response.headers['content-type'] ?? 'text/html'
    return linked(new TextDecoder().decode(response.body), response.url.href, contentType, filter)
  }
  const path = /^file:/i.test(place) ? pathOf(place) : host.path.resolve(host.cwd, place)
  if (path === undefined) {
    const reason = 'a file: address on this machine has three slashes and no host'
    throw new DenError('invalid-setting', { setting: 'find-links', value: place, reason })
  }
  if (host.files.stat(path)?.kind !== 'file') return wheelsIn(context, path, filter)
  const page = host.files.readText(path)
  if (page === undefined) return []
  const url = pathToFileURL(path).href
  // A page of this machine may name its files, which one from elsewhere may not.
  const beside = parseIndexPage(page, { url, contentType: 'text/html' }).files.flatMap((file) => {
    const own = filter(file.filename) && /^file:/i.test(file.url) ? pathOf(file.url) : undefined
    const wheel = own === undefined ? undefined : wheelAt(host.files, own, file.filename)
    const sha256 = file.hashes['sha256']?.toLowerCase()
    return wheel === undefined ? [] : [{ ...wheel, ...(sha256 === undefined ? {} : { sha256 }) }]
  })
  return [...beside, ...linked(page, url, 'text/html', filter)]
}

/** The path in a `file:` address; undefined where it names another machine or no path at all. */
function pathOf(address: string): string | undefined {
  try {
    return fileURLToPath(address)
  } catch {
    return undefined
  }
}

function linked(
  page: string,
  url: string,
  contentType: string,
  filter: (filename: string) => boolean,
): readonly LinkedFile[] {
  return parseIndexPage(page, { url, contentType })
    .files.filter(({ filename, url: address }) => filter(filename) && /^https?:/.test(address))
    .map((file) => ({ kind: 'url' as const, filename: file.filename, file }))
}

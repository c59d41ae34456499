// What is named outside of an index: the files in a directory, and the links on a page of one's own (find-links, and indexes that are
// directories of this machine).

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { fileAddressOf, pathOfAddress } from '../host/file-address.ts'
import type { Context } from '../host/host.ts'
import type { Transport } from '../net/transport.ts'
import { tryParseDistributionFilename } from '../spec/filename.ts'
import { type IndexFile, type IndexPage, parseIndexPage } from '../spec/simple-index.ts'
import type { DistributionFile } from './distribution-file.ts'
import { maxPageBytes } from './index-client.ts'
import { fileAddress } from './page-rows.ts'

export interface PlaceOptions {
  readonly transport: () => Promise<Transport>
  /** Nothing but files of this project. */
  readonly project?: ProjectName
}

/**
 * The distributions behind one find-links value: a directory (and the pages in it), a `file:` address of one, a page of this machine, or
 * the http address of a page. A place that isn't there holds nothing. Throws what the transport throws, `invalid-setting` and
 * `invalid-index-page`.
 */
export async function readPlace(
  context: Context,
  place: string,
  options: PlaceOptions,
): Promise<readonly DistributionFile[]> {
  const { host } = context
  if (/^https?:/i.test(place)) {
    const url = tryParseUrl(place)
    if (url === undefined)
      throw new DenError('invalid-setting', { setting: 'find-links', value: place, reason: 'it is no address' })
    const transport = await options.transport()
    const response = await transport.fetch({ url, maxBytes: maxPageBytes, compressed: true })
    if (response.status !== 200) return []
    const contentType = response.headers['content-type'] ?? 'text/html'
    const text = new TextDecoder().decode(response.body)
    const page = parseIndexPage(text, { url: response.url.href, contentType })
    return filesOfPage(context, page, { project: options.project, foundAt: url, local: false })
  }
  const path = /^file:/i.test(place) ? pathOfAddress(place) : host.path.resolve(host.cwd, place)
  if (path === undefined) {
    const reason = 'a file: address on this machine has three slashes and no host'
    throw new DenError('invalid-setting', { setting: 'find-links', value: place, reason })
  }
  if (host.files.stat(path)?.kind === 'file') return filesOfLocalPage(context, path, options.project)
  return (host.files.list(path) ?? [])
    .filter(({ kind }) => kind !== 'directory')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name }) => {
      const file = host.path.join(path, name)
      if (/\.html?$/i.test(name)) return filesOfLocalPage(context, file, options.project)
      const found = localFile(context, file, { foundAt: path, project: options.project })
      return found === undefined ? [] : [found]
    })
}

/** The files of a page on this machine, which may name others of this machine. None where there is no page. */
export function filesOfLocalPage(
  context: Pick<Context, 'host'>,
  path: string,
  project?: ProjectName,
): readonly DistributionFile[] {
  const text = context.host.files.readText(path)
  if (text === undefined) return []
  const address = fileAddressOf(path)
  const page = parseIndexPage(text, { url: address, contentType: 'text/html' })
  return filesOfPage(context, page, { project, foundAt: tryParseUrl(address)!, local: true })
}

function filesOfPage(
  context: Pick<Context, 'host'>,
  page: IndexPage,
  options: { readonly project: ProjectName | undefined; readonly foundAt: SafeUrl; readonly local: boolean },
): readonly DistributionFile[] {
  const { project, foundAt, local } = options
  return page.files.flatMap((file) => {
    const parsed = tryParseDistributionFilename(file.filename, project === undefined ? {} : { project })
    if (parsed === undefined || (project !== undefined && parsed.name !== project)) return []
    if (/^file:/i.test(file.url)) {
      // A page from elsewhere may not have files of this machine read.
      const path = local ? pathOfAddress(file.url) : undefined
      const found = path === undefined ? undefined : localFile(context, path, { foundAt: String(foundAt), project })
      return found === undefined ? [] : [{ ...found, ...saidOf(file) }]
    }
    const url = fileAddress(file.url, foundAt)
    if (url === undefined) return []
    return [{ parsed, place: { kind: 'url' as const, url }, ...saidOf(file), foundAt: String(foundAt) }]
  })
}

/** What a page says of a file, beside its name and place. */
function saidOf(file: IndexFile): Omit<DistributionFile, 'parsed' | 'place' | 'foundAt'> {
  const uploaded = file.uploadTime === undefined ? Number.NaN : Date.parse(file.uploadTime)
  return {
    hashes: file.hashes,
    ...(file.size === undefined ? {} : { size: file.size }),
    ...(Number.isNaN(uploaded) ? {} : { uploaded }),
    ...(file.requiresPython === undefined ? {} : { requiresPython: file.requiresPython }),
    ...(file.yanked === undefined ? {} : { yanked: file.yanked }),
    ...(file.metadata === undefined ? {} : { metadata: file.metadata }),
    ...(file.provenance === undefined ? {} : { provenance: file.provenance }),
  }
}

/** A distribution on this machine; undefined for what is none or isn't there. */
function localFile(
  { host }: Pick<Context, 'host'>,
  path: string,
  options: { readonly foundAt: string; readonly project?: ProjectName | undefined },
): DistributionFile | undefined {
  const { foundAt, project } = options
  const parsed = tryParseDistributionFilename(host.path.basename(path), project === undefined ? {} : { project })
  if (parsed === undefined || (project !== undefined && parsed.name !== project)) return undefined
  const facts = host.files.stat(path)
  if (facts?.kind !== 'file') return undefined
  return { parsed, place: { kind: 'path', path }, hashes: {}, size: facts.size, foundAt }
}

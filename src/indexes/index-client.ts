// The simple repository API (PEP 503, 691, 700), asked for one project's page or one file. A file is believed by its hash alone.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { strongDigest } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import type { FetchRequest, Transport } from '../net/transport.ts'
import { type IndexFile, type IndexPage, parseIndexPage } from '../spec/simple-index.ts'

export interface IndexClient {
  readonly url: SafeUrl
  /** The project's page; undefined when the index doesn't have the project. Throws what `fetch` throws, and `invalid-index-page`. */
  fetchProjectPage(project: ProjectName): Promise<IndexPage | undefined>
  /** A file's bytes. Throws `hash-mismatch` when they are not what the page promised, and what `fetch` throws. */
  fetchFile(file: IndexFile): Promise<Uint8Array>
}

/** JSON is asked for first, HTML is as good: many indexes have nothing else. */
const accept =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1, application/json;q=0.05'

/** Pages of projects with tens of thousands of files stay below that. */
const maxPageBytes = 128 * 2 ** 20
const maxFileBytes = 8 * 2 ** 30

/** How long an answer is waited for; the transport's own measure unless said. */
export type Patience = Pick<FetchRequest, 'attempts' | 'idleMilliseconds'>

/** A client for the index at `url`, an address that ends in `/`. */
export function openIndexClient(
  { report }: Pick<Context, 'report'>,
  options: { readonly transport: Transport; readonly url: SafeUrl; readonly patience?: Patience },
): IndexClient {
  const { transport, url, patience = {} } = options
  return Object.freeze({
    url,
    fetchProjectPage: async (project: ProjectName) => {
      const address = tryParseUrl(`${project}/`, url)!
      const response = await transport.fetch({
        url: address,
        headers: { accept },
        maxBytes: maxPageBytes,
        compressed: true,
        ...patience,
      })
      if (response.status === 404 || response.status === 410) return undefined
      if (response.status !== 200) throw new DenError('http-status', { url: String(address), status: response.status })
      const text = new TextDecoder('utf-8').decode(response.body)
      return parseIndexPage(text, { url: response.url.href, contentType: response.headers['content-type'] ?? '' })
    },
    fetchFile: async (file: IndexFile) => {
      const address = fileUrl(file, url)
      const response = await transport.fetch({ url: address, maxBytes: file.size ?? maxFileBytes, ...patience })
      if (response.status !== 200) throw new DenError('http-status', { url: String(address), status: response.status })
      if (!checkHashes(file, response.body))
        report({ kind: 'note', text: `${address} gives no SHA-256 for ${file.filename}: it is taken as it came` })
      return response.body
    },
  })
}

/** The index's own credentials are good for files on its host; a page can't have them sent anywhere else. */
function fileUrl(file: IndexFile, index: SafeUrl): SafeUrl {
  const plain = tryParseUrl(file.url)
  if (plain === undefined)
    throw new DenError('fetch-failed', { url: file.filename, reason: 'its address is none', attempts: 0 })
  if (plain.origin !== index.origin) return plain
  const { pathname, search } = new URL(plain.href)
  return tryParseUrl(`${pathname}${search}`, index) ?? plain
}

/** Every strong hash that the page gives has to match; MD5 and SHA-1 prove nothing and count as none. Whether there was one. */
function checkHashes(file: IndexFile, bytes: Uint8Array): boolean {
  let checked = false
  for (const [algorithm, expected] of Object.entries(file.hashes)) {
    const actual = strongDigest(algorithm, bytes, 'hex')
    if (actual === undefined) continue
    if (actual !== expected.toLowerCase())
      throw new DenError('hash-mismatch', { file: file.filename, expected, actual })
    checked = true
  }
  return checked
}

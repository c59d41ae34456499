// The simple repository API (PEP 503, 691, 700), asked for one project's page or one file. A file is believed by its hash alone.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { strongDigest } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import type { ConditionalRequest, ConditionalResponse, FetchRequest, Transport } from '../net/transport.ts'
import { type IndexFile, type IndexPage, parseIndexPage } from '../spec/simple-index.ts'
import { encodeBody, type PageBody, type PageParts } from './page-body.ts'
import type { PageEncoder } from './page-encoder.ts'
import { fileAddress } from './page-rows.ts'

export interface IndexClient {
  readonly url: SafeUrl
  /** The project's page; undefined when the index doesn't have the project. Throws what `fetch` throws, and `invalid-index-page`. */
  fetchProjectPage(project: ProjectName): Promise<IndexPage | undefined>
  /** The same with what caching needs: what was had before is asked for on the condition that it has changed. */
  requestProjectPage(project: ProjectName, known?: PageValidators): Promise<PageAnswer>
  /** The same for who keeps pages: in den's form, by `encode`. */
  requestPageParts(project: ProjectName, encode: PageEncoder['encode'], known?: PageValidators): Promise<PartsAnswer>
  /** A file's bytes. Throws `hash-mismatch` when they are not what the page promised, and what `fetch` throws. */
  fetchFile(file: IndexFile): Promise<Uint8Array>
}

/** What was had before: asked for on the condition that it has changed. */
export type PageValidators = Pick<ConditionalRequest, 'etag' | 'lastModified'>

/** What caching needs to know of an answer. */
export type PageState = Pick<ConditionalResponse, 'etag' | 'lastModified' | 'storable' | 'fetchedAt' | 'freshUntil'>

export type PageAnswer = { readonly state: PageState } & (
  | { readonly kind: 'page'; readonly page: IndexPage }
  | { readonly kind: 'unchanged' | 'absent' }
)

export type PartsAnswer =
  | { readonly kind: 'page'; readonly parts: PageParts; readonly state: PageState }
  | { readonly kind: 'unchanged' | 'absent'; readonly state: PageState }

/** A page, not yet read. */
interface PageFound {
  readonly kind: 'found'
  readonly found: PageBody
  readonly state: PageState
}

/** JSON is asked for first, HTML is as good: many indexes have nothing else. */
const accept =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1, application/json;q=0.05'

/** Pages of projects with tens of thousands of files stay below that. */
export const maxPageBytes: number = 128 * 2 ** 20
const maxFileBytes = 8 * 2 ** 30

/** How long an answer is waited for; the transport's own measure unless said. */
export type Patience = Pick<FetchRequest, 'attempts' | 'idleMilliseconds'>

/** A client for the index at `url`, an address that ends in `/`. */
export function openIndexClient(
  { report }: Pick<Context, 'report'>,
  options: { readonly transport: Transport; readonly url: SafeUrl; readonly patience?: Patience },
): IndexClient {
  const { transport, url, patience = {} } = options
  const request = async (
    project: ProjectName,
    known: PageValidators,
    coded: boolean,
  ): Promise<(PageAnswer & { readonly kind: 'unchanged' | 'absent' }) | PageFound> => {
    const address = tryParseUrl(`${project}/`, url)!
    const response = await transport.fetchConditional({
      url: address,
      headers: { accept },
      maxBytes: maxPageBytes,
      compressed: true,
      coded,
      etag: known.etag,
      lastModified: known.lastModified,
      ...patience,
    })
    const { status, headers, body, coding, ...state } = response
    if (response.unchanged) return { kind: 'unchanged', state }
    if (status === 404 || status === 410) return { kind: 'absent', state }
    if (status !== 200) throw new DenError('http-status', { url: String(address), status })
    const contentType = headers['content-type'] ?? ''
    const packed = coding === undefined ? {} : { coding }
    const found = { name: project, body, ...packed, maxBytes: maxPageBytes, url: response.url.href, contentType }
    return { kind: 'found', found, state }
  }
  const requestProjectPage = async (project: ProjectName, known: PageValidators = {}): Promise<PageAnswer> => {
    const answer = await request(project, known, false)
    if (answer.kind !== 'found') return answer
    const text = new TextDecoder('utf-8').decode(answer.found.body)
    return { kind: 'page', page: parseIndexPage(text, answer.found), state: answer.state }
  }
  const requestPageParts = async (
    project: ProjectName,
    encode: PageEncoder['encode'],
    known: PageValidators = {},
  ): Promise<PartsAnswer> => {
    // The body is the encoder's: where nothing came of it, it is asked for once more, and what is wrong with it is the connection's to say.
    for (let coded = true; ; coded = false) {
      const answer = await request(project, known, coded)
      if (answer.kind !== 'found') return answer
      const parts = coded ? await encode(answer.found) : encodeBody(answer.found)
      if (parts !== undefined) return { kind: 'page', parts, state: answer.state }
    }
  }
  return Object.freeze({
    url,
    requestProjectPage,
    requestPageParts,
    fetchProjectPage: async (project: ProjectName) => {
      const answer = await requestProjectPage(project)
      return answer.kind === 'page' ? answer.page : undefined
    },
    fetchFile: async (file: IndexFile) => {
      const address = fileAddress(file.url, url)
      if (address === undefined)
        throw new DenError('fetch-failed', { url: file.filename, reason: 'its address is none', attempts: 0 })
      const response = await transport.fetch({ url: address, maxBytes: file.size ?? maxFileBytes, ...patience })
      if (response.status !== 200) throw new DenError('http-status', { url: String(address), status: response.status })
      if (!checkHashes(file.filename, file.hashes, response.body))
        report({ kind: 'note', text: `${address} gives no SHA-256 for ${file.filename}: it is taken as it came` })
      return response.body
    },
  })
}

/** Every strong hash that was promised has to match; MD5 and SHA-1 prove nothing and count as none. Whether there was one. */
export function checkHashes(filename: string, hashes: Readonly<Record<string, string>>, bytes: Uint8Array): boolean {
  let checked = false
  for (const [algorithm, expected] of Object.entries(hashes)) {
    const actual = strongDigest(algorithm, bytes, 'hex')
    if (actual === undefined) continue
    if (actual !== expected.toLowerCase()) throw new DenError('hash-mismatch', { file: filename, expected, actual })
    checked = true
  }
  return checked
}

// What the OSV service knows of releases: one question for all of them, then each record once. The names and versions of what is asked
// about leave the machine; `--source FILE` asks nobody.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { mapTogether } from '../base/map-together.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { isJsonObject, type JsonObject } from '../format/json.ts'
import type { FetchRequest, FetchResponse, Transport } from '../net/transport.ts'
import { type OsvRecord, readOsvRecord } from '../spec/osv.ts'

/** The public service of osv.dev, which gathers the databases of PyPA, GitHub and others. */
export const publicOsvService = 'https://api.osv.dev/'

export interface AskedRelease {
  readonly name: ProjectName
  readonly version: string
}

export interface OsvServiceOptions {
  readonly transport: Transport
  /** `fetch` through the cache, for the records. */
  readonly fetch: (request: FetchRequest) => Promise<FetchResponse>
  /** Ends in `/`. */
  readonly service: SafeUrl
}

/** What the service takes in one question. */
const mostAtOnce = 1000
const maxBytes = 64 * 2 ** 20
/** So many pieces of an answer are asked for. */
const mostPieces = 100
/** Records under way at a time. */
const together = 12

/** The records that speak of these releases. Throws `invalid-osv` for an answer that is none, and what fetching throws. */
export async function askOsvService(
  releases: readonly AskedRelease[],
  { transport, fetch, service }: OsvServiceOptions,
): Promise<readonly OsvRecord[]> {
  const ids = new Set<string>()
  let open = releases.map(({ name, version }): Query => ({ package: { name, ecosystem: 'PyPI' }, version }))
  const most = Math.ceil(open.length / mostAtOnce) + mostPieces
  for (let piece = 0; open.length > 0; piece += 1) {
    if (piece === most)
      throw new DenError('invalid-osv', {
        place: String(service),
        reason: `its answer has no end after ${most} pieces`,
      })
    const queries = open.slice(0, mostAtOnce)
    const more: Query[] = []
    const results = await askBatch(queries, { transport, service })
    for (const [index, { ids: found, next }] of results.entries()) {
      for (const id of found) ids.add(id)
      if (next !== undefined) more.push({ ...queries[index]!, page_token: next })
    }
    open = [...open.slice(mostAtOnce), ...more]
  }
  const records = await mapTogether([...ids].sort(), together, (id) => fetchRecord(id, { fetch, service }))
  return records.filter((record) => record !== undefined)
}

interface Query {
  readonly package: { readonly name: string; readonly ecosystem: 'PyPI' }
  readonly version: string
  readonly page_token?: string
}

interface Result {
  readonly ids: readonly string[]
  /** The answer goes on: what to ask with for the rest. */
  readonly next: string | undefined
}

async function askBatch(
  queries: readonly Query[],
  { transport, service }: Pick<OsvServiceOptions, 'transport' | 'service'>,
): Promise<readonly Result[]> {
  const url = tryParseUrl('v1/querybatch', service)!
  const body = new TextEncoder().encode(JSON.stringify({ queries }))
  const response = await transport.fetch({
    url,
    post: { contentType: 'application/json', body },
    maxBytes,
    compressed: true,
  })
  const { results } = answerOf(response, url)
  if (!Array.isArray(results) || results.length !== queries.length)
    throw new DenError('invalid-osv', { place: String(url), reason: 'it does not answer each question' })
  return results.map((result: unknown) => {
    const { vulns, next_page_token: next } = isJsonObject(result) ? result : {}
    const found: readonly unknown[] = Array.isArray(vulns) ? vulns : []
    return {
      ids: found.flatMap((one) => {
        const id = isJsonObject(one) ? one['id'] : undefined
        return typeof id === 'string' && /^[\w.:-]+$/.test(id) ? [id] : []
      }),
      next: typeof next === 'string' && next !== '' ? next : undefined,
    }
  })
}

async function fetchRecord(
  id: string,
  { fetch, service }: Pick<OsvServiceOptions, 'fetch' | 'service'>,
): Promise<OsvRecord | undefined> {
  const url = tryParseUrl(`v1/vulns/${id}`, service)!
  const response = await fetch({ url, maxBytes, compressed: true })
  // Taken out of the database since the question was answered.
  if (response.status === 404 || response.status === 410) return undefined
  return readOsvRecord(answerOf(response, url))
}

function answerOf({ status, body }: FetchResponse, url: SafeUrl): JsonObject {
  if (status !== 200) throw new DenError('http-status', { url: String(url), status })
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8').decode(body))
    if (isJsonObject(value)) return value
  } catch (error) {
    const reason = `it answers with no JSON: ${(error as Error).message}`
    throw new DenError('invalid-osv', { place: String(url), reason }, { cause: error })
  }
  throw new DenError('invalid-osv', { place: String(url), reason: 'it answers with no object' })
}

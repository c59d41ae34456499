// Answers kept on disk by the rules for a private cache (RFC 9111): used unasked while they are fresh, asked about by ETag and date
// after that, and as they are when den is offline. What is damaged is a miss; a cache that can't be written is a slow one, no error.

import { DenError, isDenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import { cacheBudgets, trimmedTo } from '../config/cache-budgets.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import { type CacheEntry, decodeEntry, encodeEntry } from './cache-entry.ts'
import { freshUntil, type Headers, isFresh, parseDirectives } from './freshness.ts'
import type { FetchRequest, FetchResponse, Transport } from './transport.ts'

export interface CachedResponse extends FetchResponse {
  /** `stale`: den is offline, and the answer is older than its server wanted. */
  readonly from: 'network' | 'fresh' | 'revalidated' | 'stale'
}

export interface HttpCache {
  /** `fetch` of the transport, through the cache. Throws `offline` where den is offline and nothing is kept. */
  fetch(request: FetchRequest): Promise<CachedResponse>
  /** Removes what was used longest ago, where the cache has become too large. Call it at the end. */
  close(): void
}

export interface HttpCacheOptions {
  readonly transport: Transport
  /** The cache directory; answers go into a directory of their own in it. */
  readonly directory: string
  /** Whether fresh answers are asked about too (--refresh); what a server calls immutable is not. */
  readonly refresh?: boolean | ((href: string) => boolean)
  /** Bytes; that of `cacheBudgets` unless said. */
  readonly budget?: number
}

export const httpBucket = 'http-v1'

/** Larger bodies are files, and those have the store. */
const maxBodyBytes = 64 * 2 ** 20
const kept = new Set([200, 203, 404, 410])
const day = 24 * 60 * 60 * 1000
const hour = 60 * 60 * 1000
/** A single visit of a server's Set-Cookie has no business on disk; the others are about the connection. */
const unkept = new Set([
  'set-cookie',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-encoding',
  'content-length',
])

/** Nothing is read or made before the first fetch. */
export function openHttpCache(context: Context, options: HttpCacheOptions): HttpCache {
  const { host, report } = context
  const { transport, budget = cacheBudgets.answers } = options
  const { files, disk, path } = host
  const bucket = path.join(options.directory, httpBucket)
  const running = new Map<string, Promise<CachedResponse>>()
  let usable: boolean | undefined
  let written = 0
  let saidStale = false

  /** A directory of somebody else's, or a link to one, is neither read nor written. */
  const isUsable = (): boolean => {
    usable ??=
      quietly(() => {
        if (files.lstat(bucket) === undefined) {
          disk.makeDirectories(options.directory)
          quietly(() => disk.makeDirectory(bucket, 0o700))
        }
        const facts = files.lstat(bucket)
        const ours = facts?.kind === 'directory' && (host.uid === undefined || facts.uid === host.uid)
        if (!ours) report({ kind: 'note', text: `${bucket} is not a directory of this user: answers are not kept` })
        return ours
      }) ?? false
    return usable
  }
  const fileOf = (key: string): string => path.join(bucket, key.slice(0, 2), key.slice(2, 34))
  const read = (key: string): CacheEntry | undefined => {
    if (!isUsable()) return undefined
    const file = fileOf(key)
    return quietly(() => {
      const bytes = files.readBytes(file)
      const entry = bytes === undefined ? undefined : decodeEntry(bytes)
      // The time of a file is when it was last of use.
      const now = host.now()
      if (entry !== undefined && now - (files.stat(file)?.modified ?? now) > hour)
        quietly(() => disk.setTimes(file, now, now))
      return entry
    })
  }
  const write = (key: string, entry: CacheEntry): void => {
    if (entry.body.length > maxBodyBytes || !isUsable()) return
    quietly(() => {
      const bytes = encodeEntry(entry)
      disk.makeDirectories(path.join(bucket, key.slice(0, 2)))
      disk.writeAtomic(fileOf(key), bytes, 0o600)
      written += bytes.length
    })
  }
  const forget = (key: string): void => {
    if (isUsable() && files.lstat(fileOf(key)) !== undefined) quietly(() => disk.removeFile(fileOf(key)))
  }

  const keep = (key: string, request: FetchRequest, response: FetchResponse, fetchedAt: number): void => {
    const { status, headers, body, url } = response
    const until = freshUntil(headers, fetchedAt)
    const varies = varied(headers['vary'], request.headers)
    const validated = headers['etag'] !== undefined || headers['last-modified'] !== undefined
    // A "not found" is of no use later, unless it may be used unasked or asked about.
    const useful = status < 400 || validated || (until !== undefined && until > fetchedAt)
    if (!kept.has(status) || until === undefined || varies === undefined || !useful) {
      forget(key)
      return
    }
    const redirected = url.href !== request.url.href
    write(key, {
      url: url.href,
      status,
      headers: keptHeaders(headers),
      varies,
      redirected,
      fetchedAt,
      freshUntil: until,
      body,
    })
  }

  const answer = async (key: string, request: FetchRequest): Promise<CachedResponse> => {
    const found = read(key)
    const entry = found !== undefined && matches(found, request.headers) ? found : undefined
    if (entry !== undefined) {
      const directives = parseDirectives(entry.headers['cache-control'])
      const { refresh = false } = options
      const wanted = typeof refresh === 'function' ? refresh(request.url.href) : refresh
      const fresh = !entry.redirected && isFresh(entry, host.now())
      if (fresh && (!wanted || directives.has('immutable') || transport.offline))
        return responseOf(entry, request, 'fresh')
      if (transport.offline) {
        if (!saidStale)
          report({ kind: 'note', text: `offline: ${request.url} and maybe more are as of ${dateOf(entry)}` })
        saidStale = true
        return responseOf(entry, request, 'stale')
      }
    }
    const validators = entry === undefined || entry.redirected ? {} : entry.headers
    const response = await transport.fetchConditional({
      ...request,
      etag: validators['etag'],
      lastModified: validators['last-modified'],
    })
    if (!response.unchanged) {
      keep(key, request, response, response.fetchedAt)
      return { ...response, from: 'network' }
    }
    const strong = response.headers['etag']
    if (strong !== undefined && !sameEtag(strong, validators['etag'])) {
      // "Not changed", but from something else than what was asked about.
      const whole = await transport.fetchConditional(request)
      keep(key, request, whole, whole.fetchedAt)
      return { ...whole, from: 'network' }
    }
    const headers = { ...entry!.headers, ...keptHeaders(response.headers) }
    const until = freshUntil(headers, response.fetchedAt)
    const renewed = { ...entry!, headers, fetchedAt: response.fetchedAt, freshUntil: until ?? response.fetchedAt }
    if (until === undefined) forget(key)
    else write(key, renewed)
    return responseOf(renewed, request, 'revalidated')
  }

  return Object.freeze({
    fetch: async (request: FetchRequest) => {
      const key = keyOf(request)
      // Asked for twice at once, it is fetched once. A request that can be stopped alone goes alone.
      const waiting = request.signal === undefined ? running.get(key) : undefined
      if (waiting !== undefined) return await waiting
      const fetching = answer(key, request)
      if (request.signal !== undefined) return await fetching
      running.set(key, fetching)
      try {
        return await fetching
      } finally {
        running.delete(key)
      }
    },
    close: () => {
      if (written === 0) return
      const stamp = path.join(bucket, 'trimmed')
      const last = quietly(() => files.stat(stamp)?.modified) ?? 0
      if (written < budget / 16 && Math.abs(host.now() - last) < day) return
      written = 0
      quietly(() => {
        disk.writeAtomic(stamp, '')
        trimTo(context, bucket, budget)
      })
    },
  })
}

/** Removes entries, those used longest ago first, until nine tenths of the budget are left; and what a killed den left half-written. */
export function trimTo({ host }: Pick<Context, 'host'>, bucket: string, budget: number): void {
  const { files, disk, path } = host
  const entries: { readonly file: string; readonly size: number; readonly used: number }[] = []
  let total = 0
  for (const shard of files.list(bucket) ?? []) {
    if (shard.kind !== 'directory') continue
    for (const { name, kind } of files.list(path.join(bucket, shard.name)) ?? []) {
      const file = path.join(bucket, shard.name, name)
      const facts = kind === 'file' ? files.lstat(file) : undefined
      if (facts === undefined) continue
      if (name.endsWith('.tmp')) {
        if (host.now() - facts.modified > hour) quietly(() => disk.removeFile(file))
        continue
      }
      entries.push({ file, size: facts.size, used: facts.modified })
      total += facts.size
    }
  }
  if (total <= budget) return
  entries.sort((a, b) => a.used - b.used)
  for (const { file, size } of entries) {
    if (total <= budget * trimmedTo) return
    quietly(() => disk.removeFile(file))
    total -= size
  }
}

/** Two that accept different forms of an answer keep one each. */
function keyOf({ url, headers = {} }: FetchRequest): string {
  let accept = ''
  for (const name in headers) if (name.toLowerCase() === 'accept') accept = headers[name]!
  return sha256Hex(`${url.href}\n${accept}`)
}

/** What the answer depends on; undefined where nobody can tell (`*`). The coding is taken off, and who asks is always this user. */
function varied(vary: string | undefined, headers: Headers = {}): Readonly<Record<string, string>> | undefined {
  const found: Record<string, string> = {}
  for (const raw of (vary ?? '').split(',')) {
    const name = raw.trim().toLowerCase()
    if (name === '*') return undefined
    if (name === '' || /^(?:accept-encoding|authorization|cookie|user-agent)$/.test(name)) continue
    found[name] = sha256Hex(headerValue(headers, name))
  }
  return found
}

function matches({ varies }: CacheEntry, headers: Headers = {}): boolean {
  return Object.keys(varies).every((name) => varies[name] === sha256Hex(headerValue(headers, name)))
}

function headerValue(headers: Headers, wanted: string): string {
  for (const name in headers) if (name.toLowerCase() === wanted) return headers[name] ?? ''
  return ''
}

function keptHeaders(headers: Headers): Headers {
  const found: Record<string, string> = {}
  for (const name in headers) if (!unkept.has(name) && headers[name] !== undefined) found[name] = headers[name]
  return found
}

function responseOf(entry: CacheEntry, request: FetchRequest, from: CachedResponse['from']): CachedResponse {
  const { status, headers, body } = entry
  if (status < 400 && body.length > request.maxBytes)
    throw new DenError('answer-too-large', { url: String(request.url), limit: request.maxBytes })
  return { url: tryParseUrl(entry.url) ?? request.url, status, headers, body, from }
}

/** By the weak comparison (RFC 9110, 8.8.3.2), which is the one for GET. */
function sameEtag(a: string, b: string | undefined): boolean {
  return b !== undefined && a.replace(/^W\//, '') === b.replace(/^W\//, '')
}

function dateOf({ fetchedAt }: CacheEntry): string {
  return new Date(fetchedAt).toISOString().slice(0, 16).replace('T', ' ')
}

/** A cache's disk troubles are nobody's but its own. */
function quietly<Value>(work: () => Value): Value | undefined {
  try {
    return work()
  } catch (error) {
    if (isDenError(error)) return undefined
    throw error
  }
}

// HTTP: one small client over node:http and node:https that behaves the same in Node, in Bun and in the executable. It follows
// redirects without carrying credentials to another origin, retries what may pass, gives up on silence, and caps every size.

import { DenError } from '../base/error.ts'
import type { Report } from '../base/event.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { type Context, variable } from '../host/host.ts'
import { type Attempts, TryLater, tryAgain } from './attempts.ts'
import { type AuthSettings, basicValue, type Credentials, openAuthenticator } from './auth.ts'
import { announcedLength, collectBody, collectCoded, drainBody, gzipCoding } from './body.ts'
import { type DownloadResponse, type Sink, startDownload } from './download.ts'
import { type Incoming, openExchange, type Posted } from './exchange.ts'
import { type Freshness, freshUntil, type Headers } from './freshness.ts'
import type { TrustedHosts } from './origins.ts'
import type { ProxySettings } from './proxy.ts'
import { type RangeAnswer, rangeHeaders, readRangeAnswer, type Span } from './range.ts'
import { mayPass } from './retry.ts'

/** What every kind of request has. */
export interface RequestBase {
  /** Credentials in it are sent to its own origin only. */
  readonly url: SafeUrl
  readonly headers?: Readonly<Record<string, string>>
  /** Attempts in all; the transport's own number unless said. */
  readonly attempts?: number
  /** Milliseconds of silence that end an attempt, where they are to be fewer than the transport's. */
  readonly idleMilliseconds?: number
  /** Stops this request alone. */
  readonly signal?: AbortSignal
}

export interface FetchRequest extends RequestBase {
  /** Sent with POST instead of GET. Only for questions, which may be asked twice; it is not sent on to where a redirect leads. */
  readonly post?: Posted
  /** More bytes than that (after decompression) are refused. */
  readonly maxBytes: number
  /** Whether the answer may come compressed; never for files whose hash is compared. */
  readonly compressed?: boolean
  /** Whether a gzip-coded body is handed on as it came, for another thread to unpack: `coding` says that it is one. */
  readonly coded?: boolean
}

export interface FetchResponse {
  /** Where the answer came from, after redirects. */
  readonly url: SafeUrl
  readonly status: number
  /** By lower-case name. */
  readonly headers: Headers
  readonly body: Uint8Array
  /** What the body is still packed in, where the request allowed that. */
  readonly coding?: 'gzip'
}

export interface ConditionalRequest extends FetchRequest {
  /** What is kept of the address has these; without either the request is an ordinary one. */
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
}

export interface ConditionalResponse extends FetchResponse, Freshness {
  /** 304: what is kept is still right. */
  readonly unchanged: boolean
  /** Whether the answer may be kept at all. */
  readonly storable: boolean
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

export interface DownloadRequest extends RequestBase {
  readonly maxBytes: number
  /** Whether the caller compares the whole with a hash: then even a file without a validator may be taken up again. */
  readonly hashed?: boolean
  /** Whether a broken connection is taken up again; it is unless false. For the second try after a hash that came out wrong. */
  readonly resume?: boolean
  /** Where progress goes, in place of the session's. */
  readonly report?: Report
}

export interface RangeRequest extends RequestBase {
  readonly span: Span
  /** What an earlier piece of the same file came with. */
  readonly validator?: string | undefined
  /** A whole file up to this size is taken where the server has no pieces; 0 unless said. */
  readonly wholeUpTo?: number
}

export interface Transport {
  /**
   * GET. Answers with 2xx, 304, 404 or 410; throws `http-status` for any other, `fetch-failed`, `certificate-refused`,
   * `redirect-refused`, `answer-too-large`, `proxy-failed`, `offline`, and `aborted` by the signal.
   */
  fetch(request: FetchRequest): Promise<FetchResponse>
  /** `fetch` for whoever keeps answers in a form of its own: asks on the condition that something changed, and says how long that holds. */
  fetchConditional(request: ConditionalRequest): Promise<ConditionalResponse>
  /**
   * The bytes of a file as they come, to `sink`, which sets the pace; broken connections are taken up again. Throws what `fetch`
   * throws, `http-status` for 404 too, and what the sink throws.
   */
  download(request: DownloadRequest, sink: Sink): Promise<DownloadResponse>
  /** A piece of a file, or why there is none. */
  readRange(request: RangeRequest): Promise<RangeAnswer>
  readonly offline: boolean
  close(): void
  [Symbol.dispose](): void
}

export interface TransportOptions extends ProxySettings, AuthSettings {
  readonly offline?: boolean
  /** Milliseconds without a byte after which a connection counts as dead; 15,000 unless said, as in pip. */
  readonly idleMilliseconds?: number
  /** The first pause between attempts, doubled each time; 250 unless said. */
  readonly pauseMilliseconds?: number
  /** Attempts in all, silent ones counting double; 4 unless said. */
  readonly attempts?: number
  /** Connections to one host at a time; 50 unless said. */
  readonly connectionsPerHost?: number
  /** A PEM file or a directory of them instead of all other authorities (--cert). */
  readonly certificate?: string
  /** A PEM file with key and certificate (--client-cert). */
  readonly clientCertificate?: string
  /** Their certificates are not checked (--trusted-host). */
  readonly trustedHosts?: TrustedHosts
}

const maxRedirects = 10
const redirects = new Set([301, 302, 303, 307, 308])
const answered = new Set([200, 203, 206, 304, 404, 410])
/** Of the page that comes with a 404. */
const maxRefusalBytes = 2 ** 20
const progressStep = 256 * 1024

/** A client with its own connection pools; `close` it. Nothing is read or connected before the first fetch. */
export function openTransport(context: Context, options: TransportOptions = {}): Transport {
  const { host, report } = context
  const { idleMilliseconds = 15_000, pauseMilliseconds = 250, attempts = 4, connectionsPerHost = 50 } = options
  const offline = options.offline === true || variable(host, 'DEN_OFFLINE') === '1'
  const exchange = openExchange({
    host,
    proxies: options,
    trustedHosts: options.trustedHosts ?? [],
    idleMilliseconds,
    connectionsPerHost,
    certificate: options.certificate,
    clientCertificate: options.clientCertificate,
  })
  const auth = openAuthenticator(context, options)

  const idleOf = ({ idleMilliseconds: own }: RequestBase): number => Math.min(own ?? idleMilliseconds, idleMilliseconds)
  const signalsOf = ({ signal: own }: RequestBase): readonly AbortSignal[] =>
    [context.signal, own].filter((signal) => signal !== undefined)

  /** Sends the request, logs in where the server wants it, follows redirects: the answer that is left has its body still to come. */
  const open = async (
    request: RequestBase & Pick<FetchRequest, 'post'>,
    more: Readonly<Record<string, string>>,
  ): Promise<Incoming> => {
    const limits = { idleMilliseconds: idleOf(request), signals: signalsOf(request) }
    const home = request.url.origin
    let credentials = auth.known(request.url)
    let lookedUp: Credentials | undefined
    let url = request.url
    for (let hops = 0; ; ) {
      const atHome = url.origin === home
      const headers: Record<string, string> = {
        'user-agent': 'den',
        'accept-encoding': 'identity',
        ...request.headers,
        ...more,
      }
      if (!atHome) for (const name in headers) if (/^(?:authorization|cookie)$/i.test(name)) delete headers[name]
      if (atHome && credentials !== undefined) headers['authorization'] = basicValue(credentials)
      const incoming = await exchange.send({ url, headers, ...limits, post: request.post })
      const { status } = incoming
      if (status === 401 && atHome && lookedUp === undefined) {
        await drainBody(incoming, limits)
        lookedUp = await auth.lookUp(request.url, credentials)
        if (lookedUp === undefined) return incoming
        credentials = lookedUp
        continue
      }
      if (lookedUp !== undefined && atHome && status < 400) auth.accepted(request.url, lookedUp)
      const location = incoming.headers['location']
      if (!redirects.has(status) || location === undefined) {
        if (!mayPass(status)) return incoming
        await drainBody(incoming, limits)
        throw new TryLater(status, incoming.headers['retry-after'])
      }
      await drainBody(incoming, limits)
      url = redirectTarget(url, location)
      if (request.post !== undefined)
        throw redirectRefused(request.url, url, 'what was asked is not sent on to another address')
      if (hops === maxRedirects)
        throw redirectRefused(request.url, url, `${maxRedirects} redirects were followed already`)
      hops += 1
    }
  }

  const check = ({ url }: RequestBase): void => {
    if (offline) throw new DenError('offline', { url: String(url) })
    if (!/^https?:/.test(url.href))
      throw new DenError('fetch-failed', { url: String(url), reason: 'it is no http address', attempts: 0 })
  }
  const attemptsOf = (request: RequestBase): Attempts => ({
    url: request.url,
    most: request.attempts ?? attempts,
    pause: pauseMilliseconds,
    signals: signalsOf(request),
    now: host.now,
  })

  const fetchOnce = async (request: FetchRequest): Promise<FetchResponse> => {
    const limits = { idleMilliseconds: idleOf(request), signals: signalsOf(request) }
    const incoming = await open(request, request.compressed === true ? { 'accept-encoding': 'gzip' } : {})
    const { url, status, headers } = incoming
    if (!answered.has(status)) {
      incoming.discard()
      throw new DenError('http-status', { url: String(request.url), status })
    }
    if (status >= 300) {
      // A refusal is one whatever is wrong with its page: too long, in no encoding that was asked for, broken off.
      const body = await collectBody(incoming, { ...limits, limit: maxRefusalBytes }).catch(() => new Uint8Array())
      return { url, status, headers, body }
    }
    const shown = String(url)
    const announced = announcedLength(incoming)
    const bytes = announced === undefined ? {} : { bytes: announced }
    report({ kind: 'fetch.started', url: shown, ...bytes })
    let received = 0
    let told = 0
    const coding = request.coded === true ? gzipCoding(headers) : undefined
    const collect = coding === undefined ? collectBody : collectCoded
    const body = await collect(incoming, { ...limits, limit: request.maxBytes }, (sofar) => {
      received = sofar
      if (received - told < progressStep) return
      told = received
      report({ kind: 'fetch.progress', url: shown, received, ...bytes })
    })
    report({ kind: 'fetch.done', url: shown, bytes: received })
    return { url, status, headers, body, ...(coding === undefined ? {} : { coding }) }
  }

  const fetch = async (request: FetchRequest): Promise<FetchResponse> => {
    check(request)
    return await tryAgain(attemptsOf(request), () => fetchOnce(request))
  }

  const close = (): void => exchange.close()
  return Object.freeze({
    fetch,
    fetchConditional: async (request: ConditionalRequest) => {
      const { etag, lastModified } = request
      const conditions = {
        ...(etag === undefined ? {} : { 'if-none-match': etag }),
        ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
      }
      const fetchedAt = host.now()
      const response = await fetch({ ...request, headers: { ...request.headers, ...conditions } })
      const unchanged = response.status === 304
      if (unchanged && etag === undefined && lastModified === undefined)
        throw new DenError('http-status', { url: String(request.url), status: 304 })
      const until = freshUntil(response.headers, fetchedAt)
      return {
        ...response,
        unchanged,
        storable: until !== undefined,
        fetchedAt,
        freshUntil: until ?? fetchedAt,
        // A 304 may leave out what hasn't changed.
        etag: response.headers['etag'] ?? (unchanged ? etag : undefined),
        lastModified: response.headers['last-modified'] ?? (unchanged ? lastModified : undefined),
      }
    },
    download: async (request: DownloadRequest, sink: Sink) => {
      check(request)
      const download = startDownload(
        {
          url: request.url,
          maxBytes: request.maxBytes,
          hashed: request.hashed === true,
          resume: request.resume !== false,
          idleMilliseconds: idleOf(request),
          signals: signalsOf(request),
          report: request.report ?? report,
          open: (headers) => open(request, headers),
        },
        sink,
      )
      return await tryAgain({ ...attemptsOf(request), progressed: download.progressed }, download.attempt)
    },
    readRange: async (request: RangeRequest) => {
      check(request)
      const { span, validator, wholeUpTo = 0 } = request
      const options = { span, validator, wholeUpTo, idleMilliseconds: idleOf(request), signals: signalsOf(request) }
      return await tryAgain(attemptsOf(request), async () =>
        readRangeAnswer(await open(request, rangeHeaders(span, validator)), options),
      )
    },
    offline,
    close,
    [Symbol.dispose]: close,
  })
}

function redirectRefused(url: SafeUrl, to: SafeUrl | undefined, reason: string): DenError {
  return new DenError('redirect-refused', { url: String(url), to: String(to ?? 'a text that is no address'), reason })
}

function redirectTarget(url: SafeUrl, location: string): SafeUrl {
  const next = tryParseUrl(location, url)
  if (next === undefined || !/^https?:/.test(next.href)) throw redirectRefused(url, next, 'it is no http address')
  if (url.href.startsWith('https:') && next.href.startsWith('http:'))
    throw redirectRefused(url, next, 'it leaves the encrypted connection')
  return next
}

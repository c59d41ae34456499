// HTTP: one small client over node:http and node:https that behaves the same in Node, in Bun and in the executable. It follows
// redirects without carrying credentials to another origin, retries what may pass, gives up on silence, and caps every size.

import http from 'node:http'
import https from 'node:https'
import { DenError, isDenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { type Context, variable } from '../host/host.ts'
import { basicCredentials, openAgents } from './agents.ts'
import { readBody } from './body.ts'
import { trustedCertificates } from './certificates.ts'
import { proxyFor } from './proxy.ts'
import { delayBefore, isPassing, mayPass, pause } from './retry.ts'

export interface FetchRequest {
  /** Credentials in it are sent to its own origin only. */
  readonly url: SafeUrl
  readonly headers?: Readonly<Record<string, string>>
  /** More bytes than that (after decompression) are refused. */
  readonly maxBytes: number
  /** Whether the answer may come compressed; never for files whose hash is compared. */
  readonly compressed?: boolean
  /** Attempts in all; 4 unless said. */
  readonly attempts?: number
  /** Milliseconds of silence that end an attempt, where they are to be fewer than the transport's. */
  readonly idleMilliseconds?: number
}

export interface FetchResponse {
  /** Where the answer came from, after redirects. */
  readonly url: SafeUrl
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

export interface Transport {
  /**
   * GET. Answers with 2xx, 304, 404 or 410; throws `http-status` for any other, `fetch-failed`, `certificate-refused`,
   * `redirect-refused`, `answer-too-large`, `proxy-failed`, `offline`, and `aborted` by the signal.
   */
  fetch(request: FetchRequest): Promise<FetchResponse>
  close(): void
  [Symbol.dispose](): void
}

export interface TransportOptions {
  readonly offline?: boolean
  /** Milliseconds without a byte after which a connection counts as dead; 30,000 unless said. */
  readonly idleMilliseconds?: number
  /** The first pause between attempts, doubled each time; 250 unless said. */
  readonly pauseMilliseconds?: number
}

const maxRedirects = 10
const answered = new Set([200, 203, 206, 304, 404, 410])

/** A client with its own connection pools; `close` it. Nothing is read or connected before the first fetch. */
export function openTransport(context: Context, options: TransportOptions = {}): Transport {
  const { host, report, signal } = context
  const { offline = false, idleMilliseconds = 30_000, pauseMilliseconds = 250 } = options
  const agents = openAgents({ certificates: () => trustedCertificates(host), idleMilliseconds })

  /** One exchange, redirects not followed. */
  const exchange = (url: SafeUrl, authorization: string | undefined, request: FetchRequest): Promise<FetchResponse> =>
    new Promise((resolve, reject) => {
      const proxy = proxyFor(host, url)
      const address = new URL(url.href)
      const secure = address.protocol === 'https:'
      const plainProxy = proxy !== undefined && !secure ? proxy : undefined
      const door = plainProxy === undefined ? address : new URL(plainProxy.href)
      const proxyAuthorization = plainProxy === undefined ? undefined : basicCredentials(plainProxy)
      const outgoing = (door.protocol === 'https:' ? https : http).request({
        host: door.hostname.replace(/^\[|\]$/g, ''),
        port: door.port || (door.protocol === 'https:' ? 443 : 80),
        path: plainProxy === undefined ? `${address.pathname}${address.search}` : address.href,
        agent: agents.agentFor(plainProxy ?? url, secure ? proxy : undefined),
        headers: {
          'user-agent': 'den',
          'accept-encoding': request.compressed === true ? 'gzip' : 'identity',
          ...request.headers,
          host: address.host,
          ...(authorization === undefined ? {} : { authorization }),
          ...(proxyAuthorization === undefined ? {} : { 'proxy-authorization': proxyAuthorization }),
        },
      })
      const idle = Math.min(request.idleMilliseconds ?? idleMilliseconds, idleMilliseconds)
      let responded = false
      const settle = (finish: () => void): void => {
        signal?.removeEventListener('abort', stop)
        finish()
      }
      const stop = (): void => {
        const error = new DenError('aborted', { operation: `fetching ${url}` }, { cause: signal?.reason })
        settle(() => reject(error))
        outgoing.destroy(error)
      }
      signal?.addEventListener('abort', stop, { once: true })
      outgoing.setTimeout(idle, () => {
        outgoing.destroy(new Error(`no byte came for ${idle / 1000} s`))
      })
      // Once there is an answer, whatever goes wrong is told by its body.
      outgoing.on('error', (error) => {
        if (!responded) settle(() => reject(error))
      })
      outgoing.on('response', (incoming) => {
        responded = true
        const status = incoming.statusCode ?? 0
        const headers = Object.fromEntries(
          Object.entries(incoming.headers).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(', ') : value,
          ]),
        )
        const succeeded = status >= 200 && status < 300
        readBody(incoming, {
          url: String(url),
          // The body of a refusal or a redirect is of no use; a little of it is read to keep the connection.
          limit: succeeded ? request.maxBytes : 2 ** 20,
          encoding: headers['content-encoding'],
          idleMilliseconds: idle,
          ...(succeeded ? { report } : {}),
        }).then(
          (body) => settle(() => resolve({ url, status, headers, body })),
          (error: unknown) => {
            // A refusal is one whatever is wrong with its page: too long, in no encoding that was asked for, broken off.
            if (succeeded) settle(() => reject(error))
            else settle(() => resolve({ url, status, headers, body: new Uint8Array() }))
            outgoing.destroy()
          },
        )
      })
      outgoing.end()
    })

  const follow = async (request: FetchRequest): Promise<FetchResponse> => {
    let url = request.url
    const home = url.origin
    const own = basicCredentials(url)
    for (let hops = 0; ; hops += 1) {
      const response = await exchange(url, url.origin === home ? own : undefined, request)
      const location = response.headers['location']
      if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) return response
      const next = tryParseUrl(location, url)
      const refuse = (reason: string): DenError =>
        new DenError('redirect-refused', { url: String(url), to: String(next ?? 'a text that is no address'), reason })
      if (next === undefined || !/^https?:/.test(next.href)) throw refuse('it is no http address')
      if (url.href.startsWith('https:') && next.href.startsWith('http:'))
        throw refuse('it leaves the encrypted connection')
      if (hops === maxRedirects) throw refuse(`${maxRedirects} redirects were followed already`)
      url = next
    }
  }

  const attempt = async (request: FetchRequest): Promise<FetchResponse> => {
    const attempts = request.attempts ?? 4
    for (let count = 1; ; count += 1) {
      if (signal?.aborted === true)
        throw new DenError('aborted', { operation: `fetching ${request.url}` }, { cause: signal.reason })
      let wait: number | undefined
      try {
        const response = await follow(request)
        if (!mayPass(response.status) || count === attempts) {
          if (!answered.has(response.status))
            throw new DenError('http-status', { url: String(request.url), status: response.status })
          return response
        }
        wait = delayBefore(count, pauseMilliseconds, response.headers['retry-after'], host.now())
      } catch (error) {
        if (isDenError(error)) throw error
        const problem = error as NodeJS.ErrnoException
        if (isCertificateProblem(problem))
          throw new DenError(
            'certificate-refused',
            { url: String(request.url), reason: problem.message },
            { cause: error },
          )
        if (count === attempts || !isPassing(problem)) {
          const detail = {
            url: String(request.url),
            reason: problem.message || (problem.code ?? 'no reason given'),
            attempts: count,
          }
          throw new DenError('fetch-failed', detail, { cause: error })
        }
        wait = delayBefore(count, pauseMilliseconds, undefined, host.now())
      }
      await pause(wait, signal)
    }
  }

  const close = (): void => agents.close()
  return Object.freeze({
    fetch: async (request: FetchRequest) => {
      const url = String(request.url)
      if (offline || variable(host, 'DEN_OFFLINE') === '1') throw new DenError('offline', { url })
      if (!/^https?:/.test(request.url.href))
        throw new DenError('fetch-failed', { url, reason: 'it is no http address', attempts: 0 })
      return await attempt(request)
    },
    close,
    [Symbol.dispose]: close,
  })
}

function isCertificateProblem(error: NodeJS.ErrnoException): boolean {
  return /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|UNKNOWN_)/.test(
    error.code ?? '',
  )
}

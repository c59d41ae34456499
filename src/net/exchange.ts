// One exchange: a request goes out, the answer's head comes back with its body still to be read. Redirects, retries and logins are
// decided above (transport.ts).

import http from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { DenError } from '../base/error.ts'
import type { SafeUrl } from '../base/safe-url.ts'
import type { Host } from '../host/host.ts'
import type { Agents } from './agents.ts'
import { basicValue, credentialsIn } from './auth.ts'
import type { Headers } from './freshness.ts'
import { isTrusted, type TrustedHosts } from './origins.ts'
import { type ProxySettings, proxyFor } from './proxy.ts'
import { silence } from './silence.ts'

export interface Outgoing {
  readonly url: SafeUrl
  readonly headers: Readonly<Record<string, string>>
  readonly idleMilliseconds: number
  readonly signals: readonly AbortSignal[]
  readonly post?: Posted | undefined
}

/** What goes out with a POST. */
export interface Posted {
  readonly contentType: string
  readonly body: Uint8Array
}

/** An answer whose body waits to be read; whoever gets it reads it to its end or calls `discard`. */
export interface Incoming {
  readonly url: SafeUrl
  readonly status: number
  /** By lower-case name. */
  readonly headers: Headers
  readonly body: Readable
  /** Whether the body came to its end as its framing says. */
  isComplete(): boolean
  /** Gives the body up, and the connection with it. */
  discard(): void
}

/** A head that comes byte by byte is given so many times the silence that ends an attempt. */
const patience = 4

export interface Door {
  readonly host: Pick<Host, 'env' | 'platform'>
  readonly agents: Agents
  readonly proxies: ProxySettings
  readonly trustedHosts: TrustedHosts
}

/** Sends a GET, or a POST, and waits for the answer's head. Rejects with what the connection met, or with `aborted`. */
export function exchange(door: Door, { url, headers, idleMilliseconds, signals, post }: Outgoing): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const proxy = proxyFor(door.host, url, door.proxies)
    const address = new URL(url.href)
    const secure = address.protocol === 'https:'
    // Plain http goes to the proxy as a request for the whole address, https through a tunnel.
    const plainProxy = secure ? undefined : proxy
    const near = plainProxy === undefined ? address : new URL(plainProxy.href)
    const nearSecure = near.protocol === 'https:'
    const proxyCredentials = credentialsIn(plainProxy)
    const pool = { proxy: secure ? proxy : undefined, trusted: isTrusted(plainProxy ?? url, door.trustedHosts) }
    const outgoing = (nearSecure ? https : http).request({
      host: near.hostname.replace(/^\[|\]$/g, ''),
      port: near.port || (nearSecure ? 443 : 80),
      path: plainProxy === undefined ? `${address.pathname}${address.search}` : address.href,
      agent: door.agents.agentFor(plainProxy ?? url, pool),
      method: post === undefined ? 'GET' : 'POST',
      headers: {
        ...headers,
        host: address.host,
        ...(post === undefined
          ? {}
          : { 'content-type': post.contentType, 'content-length': String(post.body.byteLength) }),
        ...(proxyCredentials === undefined ? {} : { 'proxy-authorization': basicValue(proxyCredentials) }),
      },
    })
    let settled = false
    const settle = (finish: () => void): void => {
      if (settled) return
      settled = true
      clearTimeout(deadline)
      clearTimeout(connecting)
      for (const signal of signals) signal.removeEventListener('abort', stop)
      finish()
    }
    const fail = (error: unknown): void => {
      settle(() => reject(error))
      outgoing.destroy()
    }
    const stop = (): void => fail(abortedError(url, signals))
    let deadline: NodeJS.Timeout | undefined
    let connecting: NodeJS.Timeout | undefined
    // Only from here on: before, the request may have waited for its turn behind others to the same host.
    outgoing.once('socket', (socket) => {
      if (settled) return
      deadline = setTimeout(() => fail(silence(idleMilliseconds * patience)), idleMilliseconds * patience)
      if (!socket.connecting) return
      // The request's own timer begins when the connection stands.
      connecting = setTimeout(() => fail(silence(idleMilliseconds)), idleMilliseconds)
      socket.once(nearSecure ? 'secureConnect' : 'connect', () => clearTimeout(connecting))
    })
    outgoing.setTimeout(idleMilliseconds, () => fail(silence(idleMilliseconds)))
    outgoing.on('error', (error) => {
      // A connection kept from before may have been closed while the request was under way; that says nothing about the server.
      if (outgoing.reusedSocket && isReset(error)) Object.assign(error, { stale: true })
      fail(error)
    })
    outgoing.on('response', (body) => {
      const found: Record<string, string | undefined> = {}
      for (const name in body.headers) {
        const value = body.headers[name]
        found[name] = Array.isArray(value) ? value.join(', ') : value
      }
      // From here on the body's reader listens; until it does, an error is not to end the process.
      body.on('error', () => undefined)
      outgoing.setTimeout(0)
      settle(() =>
        resolve({
          url,
          status: body.statusCode ?? 0,
          headers: found,
          body,
          isComplete: () => body.complete,
          discard: () => {
            body.destroy()
            outgoing.destroy()
          },
        }),
      )
    })
    for (const signal of signals) signal.addEventListener('abort', stop, { once: true })
    if (signals.some(({ aborted }) => aborted)) stop()
    else outgoing.end(post?.body)
  })
}

export function abortedError(url: SafeUrl, signals: readonly AbortSignal[]): DenError {
  const cause = signals.find(({ aborted }) => aborted)?.reason as unknown
  return new DenError('aborted', { operation: `fetching ${url}` }, { cause })
}

export function throwIfAborted(url: SafeUrl, signals: readonly AbortSignal[]): void {
  if (signals.some(({ aborted }) => aborted)) throw abortedError(url, signals)
}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE'
}

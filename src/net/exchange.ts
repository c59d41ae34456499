// One exchange: a request goes out, the answer's head comes back with its body still to be read. Redirects, retries and logins are
// decided above (transport.ts). Bun's `fetch` is taken where it can do all that is asked, node:http otherwise, each loaded only when it
// is wanted.

import type { SafeUrl } from '../base/safe-url.ts'
import { type Host, variable } from '../host/host.ts'
import type { Headers } from './freshness.ts'
import { isTrusted, type TrustedHosts } from './origins.ts'
import { type ProxySettings, proxyFor } from './proxy.ts'

declare const Bun: object | undefined

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
  readonly body: Body
  /** Whether the body came to its end as its framing says. */
  isComplete(): boolean
  /** Gives the body up, and the connection with it. */
  discard(): void
}

/** The bytes of an answer, as they come. */
export interface Body {
  /** Once. */
  read(reader: BodyReader): void
  /** No chunk is handed over until `resume`. */
  pause(): void
  resume(): void
}

export interface BodyReader {
  data(chunk: Uint8Array): void
  end(): void
  failed(error: unknown): void
  /** The connection is gone; where that comes before `end`, the body broke off. */
  closed(): void
}

/** Sends a GET, or a POST, and waits for the answer's head. Rejects with what the connection met, or with `aborted`. */
export type Send = (outgoing: Outgoing) => Promise<Incoming>

export interface Exchange {
  readonly send: Send
  /** Closes the connections that are kept, and ends what is under way. */
  close(): void
}

export interface ExchangeOptions {
  readonly host: Host
  readonly proxies: ProxySettings
  readonly trustedHosts: TrustedHosts
  readonly idleMilliseconds: number
  /** Connections to one host (and port) at a time; more requests wait. */
  readonly connectionsPerHost: number
  /** A PEM file or a directory of them instead of all other authorities. */
  readonly certificate: string | undefined
  readonly clientCertificate: string | undefined
}

/** A way to send, over connections of its own. */
export interface Sender {
  send(outgoing: Outgoing, way: Way): Promise<Incoming>
  close(): void
}

export interface Way {
  readonly proxy: SafeUrl | undefined
  /** Whether the near end's certificate is taken as it is. */
  readonly trusted: boolean
}

export function openExchange(options: ExchangeOptions): Exchange {
  const { host, proxies, trustedHosts } = options
  const showsItself = (options.clientCertificate ?? variable(host, 'PIP_CLIENT_CERT') ?? '') !== ''
  /** Servers whose heads let wait for themselves: node:http tells silence from a head that comes slowly. */
  const slow = new Set<string>()
  const byFetch = lazily(async () => {
    const { openFetchSender } = await import('./exchange-fetch.ts')
    return openFetchSender(options, ({ origin }) => slow.add(origin))
  })
  const byNode = lazily(async () => (await import('./exchange-node.ts')).openNodeSender(options))
  return {
    send: async (outgoing) => {
      const { url } = outgoing
      const proxy = proxyFor(host, url, proxies)
      const secure = url.href.startsWith('https:')
      const fetched = hasFetch && proxy === undefined && !(secure && showsItself) && !slow.has(url.origin)
      const sender = await (fetched ? byFetch : byNode).get()
      return await sender.send(outgoing, { proxy, trusted: isTrusted(secure ? url : (proxy ?? url), trustedHosts) })
    },
    close: () => {
      byFetch.opened()?.close()
      byNode.opened()?.close()
    },
  }
}

/** Bun's `fetch` keeps connections apart by session and is told of proxies; Node's is slower than its node:http. */
const hasFetch = typeof Bun !== 'undefined' && 'FetchSession' in Bun

interface Lazy<Value> {
  get(): Promise<Value>
  opened(): Value | undefined
}

function lazily<Value>(open: () => Promise<Value>): Lazy<Value> {
  let opening: Promise<Value> | undefined
  let opened: Value | undefined
  return {
    get: () => {
      opening ??= open().then((value) => {
        opened = value
        return value
      })
      return opening
    },
    opened: () => opened,
  }
}

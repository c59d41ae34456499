// An exchange by node:http and node:https: under Node, and under Bun wherever there is a proxy, a client certificate, or a server whose
// heads come slowly.

import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { abortedError } from './aborted.ts'
import { type Agents, openAgents } from './agents.ts'
import { basicValue, credentialsIn } from './auth.ts'
import { clientIdentity, trustedCertificates } from './certificates.ts'
import type { Body, ExchangeOptions, Incoming, Outgoing, Sender, Way } from './exchange.ts'
import { silence } from './silence.ts'

/** A head that comes byte by byte is given so many times the silence that ends an attempt. */
const patience = 4

export function openNodeSender(options: ExchangeOptions): Sender {
  const { host, idleMilliseconds, connectionsPerHost } = options
  const agents = openAgents({
    certificates: () => trustedCertificates(host, options.certificate),
    identity: () => clientIdentity(host, options.clientCertificate),
    idleMilliseconds,
    connectionsPerHost,
  })
  return { send: (outgoing, way) => send(agents, outgoing, way), close: () => agents.close() }
}

function send(
  agents: Agents,
  { url, headers, idleMilliseconds, signals, post }: Outgoing,
  { proxy, trusted }: Way,
): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const address = new URL(url.href)
    const secure = address.protocol === 'https:'
    // Plain http goes to the proxy as a request for the whole address, https through a tunnel.
    const plainProxy = secure ? undefined : proxy
    const near = plainProxy === undefined ? address : new URL(plainProxy.href)
    const nearSecure = near.protocol === 'https:'
    const proxyCredentials = credentialsIn(plainProxy)
    const pool = { proxy: secure ? proxy : undefined, trusted }
    const outgoing = (nearSecure ? https : http).request({
      host: near.hostname.replace(/^\[|\]$/g, ''),
      port: near.port || (nearSecure ? 443 : 80),
      path: plainProxy === undefined ? `${address.pathname}${address.search}` : address.href,
      agent: agents.agentFor(plainProxy ?? url, pool),
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
          body: bodyOf(body),
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

function bodyOf(message: IncomingMessage): Body {
  return {
    read: ({ data, end, failed, closed }) => {
      message.on('data', data)
      message.on('end', end)
      message.on('aborted', closed)
      message.on('close', closed)
      message.on('error', failed)
    },
    pause: () => void message.pause(),
    resume: () => void message.resume(),
  }
}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE'
}

// Pools of kept-alive connections, one a proxy: direct, or through a tunnel that the proxy opens by CONNECT.

import http from 'node:http'
import https from 'node:https'
import net, { type Socket } from 'node:net'
import tls from 'node:tls'
import { DenError } from '../base/error.ts'
import { revealUrl, type SafeUrl } from '../base/safe-url.ts'
import { basicValue, credentialsIn } from './auth.ts'
import type { ClientIdentity } from './certificates.ts'
import { silence } from './silence.ts'

export interface Pool {
  /** Where the connections go through. */
  readonly proxy: SafeUrl | undefined
  /** Whether the far end's certificate is taken as it is. */
  readonly trusted: boolean
}

export interface Agents {
  /** The pool for this address. */
  agentFor(url: SafeUrl, pool: Pool): http.Agent
  close(): void
}

export interface AgentsOptions {
  /** Asked for once, when the first https connection is made: reading them takes milliseconds. */
  readonly certificates: () => readonly string[]
  /** What the client shows of itself to servers that ask; undefined for nothing. */
  readonly identity: () => ClientIdentity | undefined
  readonly idleMilliseconds: number
  /** Connections to one host (and port) at a time; more requests wait. */
  readonly connectionsPerHost: number
}

export function openAgents(options: AgentsOptions): Agents {
  const { idleMilliseconds, connectionsPerHost } = options
  const pools = new Map<string, http.Agent>()
  let secrets: tls.SecureContext | undefined
  const secureContext = (): tls.SecureContext => {
    secrets ??= tls.createSecureContext({ ca: [...options.certificates()], ...options.identity() })
    return secrets
  }
  const settings = { keepAlive: true, maxSockets: connectionsPerHost, scheduling: 'lifo' as const }
  const make = (secure: boolean, { proxy, trusted }: Pool): http.Agent => {
    if (!secure) return new http.Agent(settings)
    const check = trusted ? { rejectUnauthorized: false } : {}
    if (proxy === undefined)
      return new https.Agent({ ...settings, ...check, secureContext: secureContext() } as https.AgentOptions)
    const agent = new https.Agent(settings)
    // The documented place to make connections another way; Node and Bun both take the answer through the callback.
    const tunnelling = agent as unknown as { createConnection: unknown }
    tunnelling.createConnection = (
      target: { readonly host: string; readonly port: number | string },
      done: (error: unknown, socket?: Socket) => void,
    ): void => {
      openTunnel({ proxy, target, trusted, idleMilliseconds, secureContext }).then(
        (socket) => done(undefined, socket),
        done,
      )
    }
    return agent
  }
  return {
    agentFor: (url, pool) => {
      const secure = url.href.startsWith('https:')
      const key = `${secure} ${pool.trusted} ${pool.proxy === undefined ? '' : revealUrl(pool.proxy)}`
      const agent = pools.get(key) ?? make(secure, pool)
      pools.set(key, agent)
      return agent
    },
    close: () => {
      for (const agent of pools.values()) agent.destroy()
      pools.clear()
    },
  }
}

function openTunnel(options: {
  readonly proxy: SafeUrl
  readonly target: { readonly host: string; readonly port: number | string }
  readonly trusted: boolean
  readonly idleMilliseconds: number
  readonly secureContext: () => tls.SecureContext
}): Promise<Socket> {
  const { proxy, target, trusted, idleMilliseconds, secureContext } = options
  const address = new URL(proxy.href)
  const secure = address.protocol === 'https:'
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
  const credentials = credentialsIn(proxy)
  return new Promise((resolve, reject) => {
    const failed = (reason: string, cause?: unknown): void =>
      reject(new DenError('proxy-failed', { proxy: String(proxy), reason }, { cause }))
    const request = (secure ? https : http).request({
      host: address.hostname.replace(/^\[|\]$/g, ''),
      port: address.port || (secure ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        ...(credentials === undefined ? {} : { 'proxy-authorization': basicValue(credentials) }),
      },
      agent: false,
      ...(secure ? { secureContext: secureContext() } : {}),
    })
    // Counted from here, since a request's own timer begins when the connection stands.
    const answering = setTimeout(() => request.destroy(new Error('it gave no answer')), idleMilliseconds)
    request.on('error', (error) => failed(error.message, error))
    request.on('close', () => clearTimeout(answering))
    request.on('response', (response) => {
      response.resume()
      failed(`it answered with ${response.statusCode}`)
    })
    request.on('connect', (response, socket) => {
      if (response.statusCode !== 200) {
        socket.destroy()
        failed(`it answered with ${response.statusCode}`)
        return
      }
      clearTimeout(answering)
      const inner = tls.connect({
        socket,
        ...(net.isIP(target.host) === 0 ? { servername: target.host } : {}),
        secureContext: secureContext(),
        ...(trusted ? { rejectUnauthorized: false } : {}),
      })
      const greeting = setTimeout(() => inner.destroy(silence(idleMilliseconds)), idleMilliseconds)
      inner.once('secureConnect', () => {
        clearTimeout(greeting)
        resolve(inner)
      })
      inner.once('error', (error) => {
        clearTimeout(greeting)
        reject(error)
      })
      inner.once('close', () => reject(new Error('the connection through the proxy was closed')))
    })
    request.end()
  })
}

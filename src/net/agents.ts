// Pools of kept-alive connections, one a proxy: direct, or through a tunnel that the proxy opens by CONNECT.

import http from 'node:http'
import https from 'node:https'
import net, { type Socket } from 'node:net'
import tls from 'node:tls'
import { DenError } from '../base/error.ts'
import { revealUrl, type SafeUrl } from '../base/safe-url.ts'

export interface Agents {
  /** The pool for this address; `proxy` is where it goes through. */
  agentFor(url: SafeUrl, proxy: SafeUrl | undefined): http.Agent
  close(): void
}

/** `certificates` is asked for once, when the first https connection is made: reading them takes milliseconds. */
export function openAgents(options: { certificates: () => readonly string[]; idleMilliseconds: number }): Agents {
  const { idleMilliseconds } = options
  const pools = new Map<string, http.Agent>()
  let authorities: tls.SecureContext | undefined
  const secureContext = (): tls.SecureContext => {
    authorities ??= tls.createSecureContext({ ca: [...options.certificates()] })
    return authorities
  }
  const settings = { keepAlive: true, maxSockets: 16, scheduling: 'lifo' as const }
  const make = (secure: boolean, proxy: SafeUrl | undefined): http.Agent => {
    if (!secure) return new http.Agent(settings)
    if (proxy === undefined)
      return new https.Agent({ ...settings, secureContext: secureContext() } as https.AgentOptions)
    const agent = new https.Agent(settings)
    // The documented place to make connections another way; Node and Bun both take the answer through the callback.
    const tunnelling = agent as unknown as { createConnection: unknown }
    tunnelling.createConnection = (
      target: { readonly host: string; readonly port: number | string },
      done: (error: unknown, socket?: Socket) => void,
    ): void => {
      openTunnel({ proxy, target, idleMilliseconds, secureContext }).then((socket) => done(undefined, socket), done)
    }
    return agent
  }
  return {
    agentFor: (url, proxy) => {
      const secure = url.href.startsWith('https:')
      const key = `${secure} ${proxy === undefined ? '' : revealUrl(proxy)}`
      const agent = pools.get(key) ?? make(secure, proxy)
      pools.set(key, agent)
      return agent
    },
    close: () => {
      for (const agent of pools.values()) agent.destroy()
      pools.clear()
    },
  }
}

/** The `Authorization` value of the credentials in an address; undefined where it has none. */
export function basicCredentials(url: SafeUrl): string | undefined {
  const { username, password } = new URL(revealUrl(url))
  if (username === '' && password === '') return undefined
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(text, 'utf8').toString('base64')}`
}

function openTunnel(options: {
  readonly proxy: SafeUrl
  readonly target: { readonly host: string; readonly port: number | string }
  readonly idleMilliseconds: number
  readonly secureContext: () => tls.SecureContext
}): Promise<Socket> {
  const { proxy, target, idleMilliseconds, secureContext } = options
  const address = new URL(proxy.href)
  const secure = address.protocol === 'https:'
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
  const authorization = basicCredentials(proxy)
  return new Promise((resolve, reject) => {
    const failed = (reason: string, cause?: unknown): void =>
      reject(new DenError('proxy-failed', { proxy: String(proxy), reason }, { cause }))
    const request = (secure ? https : http).request({
      host: address.hostname.replace(/^\[|\]$/g, ''),
      port: address.port || (secure ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) },
      agent: false,
      ...(secure ? { secureContext: secureContext() } : {}),
    })
    request.setTimeout(idleMilliseconds, () => request.destroy(new Error('it gave no answer')))
    request.on('error', (error) => failed(error.message, error))
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
      request.setTimeout(0)
      const inner = tls.connect({
        socket,
        ...(net.isIP(target.host) === 0 ? { servername: target.host } : {}),
        secureContext: secureContext(),
      })
      inner.once('secureConnect', () => resolve(inner))
      inner.once('error', reject)
    })
    request.end()
  })
}

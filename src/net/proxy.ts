// Which proxy an address goes through: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, as curl, requests and Go read them.

import { DenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { type Host, variable } from '../host/host.ts'

export interface ProxySettings {
  /** Every address goes through this one (--proxy), but those that NO_PROXY names. */
  readonly proxy?: string
  /** Whether the variables are read; they are unless false (--no-proxy-env), NO_PROXY included. */
  readonly fromEnvironment?: boolean
}

/** The proxy for this address; undefined for a direct connection. Throws `invalid-setting` for a proxy that is no http address. */
export function proxyFor(
  host: Pick<Host, 'env' | 'platform'>,
  url: SafeUrl,
  settings: ProxySettings = {},
): SafeUrl | undefined {
  const { protocol, hostname, port } = new URL(url.href)
  const secure = protocol === 'https:'
  const given = (name: string): readonly [string, string] | undefined => {
    if (settings.fromEnvironment === false) return undefined
    for (const spelling of [name.toLowerCase(), name]) {
      // A web server hands a client's "Proxy:" header to its CGI programs as HTTP_PROXY; the lower-case name is safe.
      if (spelling === 'HTTP_PROXY' && variable(host, 'REQUEST_METHOD') !== undefined) continue
      const value = variable(host, spelling)
      if (value !== undefined && value !== '') return [spelling, value]
    }
    return undefined
  }
  const named = settings.proxy === undefined ? undefined : (['--proxy', settings.proxy] as const)
  const found = named ?? given(secure ? 'HTTPS_PROXY' : 'HTTP_PROXY') ?? given('ALL_PROXY')
  if (found === undefined || bypasses(given('NO_PROXY')?.[1] ?? '', hostname, port || (secure ? '443' : '80')))
    return undefined
  const [setting, value] = found
  const proxy = tryParseUrl(value.includes('://') ? value : `http://${value}`)
  if (proxy === undefined || !/^https?:/.test(proxy.href)) {
    const shown = proxy === undefined ? 'a text that is no address' : String(proxy)
    throw new DenError('invalid-setting', { setting, value: shown, reason: 'a proxy is given as http://HOST:PORT' })
  }
  return proxy
}

/** NO_PROXY: `*`, hosts with their subdomains (a leading dot changes nothing), `host:port`, addresses, and networks as `10.0.0.0/8`. */
export function bypasses(list: string, hostname: string, port: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  return list.split(/[\s,]+/).some((raw) => {
    let entry = raw.toLowerCase()
    if (entry === '') return false
    if (entry === '*') return true
    const withPort = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry)
    if (withPort !== null) {
      if (withPort[2] !== port) return false
      entry = withPort[1]!
    }
    entry = entry.replace(/^\[|\]$/g, '')
    if (entry.includes('/')) return inNetwork(name, entry)
    const domain = entry.replace(/^\*?\./, '')
    return name === domain || (name.endsWith(`.${domain}`) && !/^[\d.]+$/.test(name))
  })
}

function inNetwork(address: string, network: string): boolean {
  const [base = '', length = ''] = network.split('/')
  const bits = addressBits(address)
  const baseBits = addressBits(base)
  if (bits === undefined || baseBits === undefined || bits.length !== baseBits.length || !/^\d+$/.test(length))
    return false
  return bits.slice(0, Number(length)) === baseBits.slice(0, Number(length))
}

/** An IPv4 or IPv6 address as a text of bits. */
function addressBits(address: string): string | undefined {
  if (/^\d+(?:\.\d+){3}$/.test(address)) {
    const parts = address.split('.').map(Number)
    return parts.every((part) => part < 256)
      ? parts.map((part) => part.toString(2).padStart(8, '0')).join('')
      : undefined
  }
  if (!/^[\da-f:]+$/.test(address) || !address.includes(':')) return undefined
  const [head = '', tail] = address.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const missing = 8 - left.length - right.length
  if (missing < 0 || (tail === undefined && missing !== 0)) return undefined
  const all = [...left, ...Array.from({ length: missing }, () => '0'), ...right]
  return all.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('')
}

// Which servers are believed without a certificate, and which addresses are safe to take packages from (pip's --trusted-host).

import type { SafeUrl } from '../base/safe-url.ts'

/** `host` (any port) or `host:port`, as --trusted-host takes them; IPv6 addresses in brackets or bare. */
export type TrustedHosts = readonly string[]

/** Whether the user said that this server is to be believed as it is: its certificate is not checked, and http is no matter. */
export function isTrusted(url: SafeUrl, trusted: TrustedHosts): boolean {
  if (trusted.length === 0) return false
  const { protocol, hostname, port } = new URL(url.href)
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const effective = port || (protocol === 'https:' ? '443' : '80')
  return trusted.some((entry) => {
    const text = entry.trim().toLowerCase()
    const [, name = text, number] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text) ?? []
    return name !== '' && name.replace(/^\[|\]$/g, '') === host && (number === undefined || number === effective)
  })
}

/** Whether nobody on the way can have changed what comes from there: https, the machine itself, or a host the user trusts. */
export function isSecureOrigin(url: SafeUrl, trusted: TrustedHosts): boolean {
  const { protocol, hostname } = new URL(url.href)
  if (protocol === 'https:' || protocol === 'file:') return true
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') return true
  return /^127(?:\.\d+){3}$/.test(hostname) || isTrusted(url, trusted)
}

// From wishes to the settings of a package source: which indexes, through which connection.

import { DenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { type IndexStrategy, readIndexStrategy } from '../config/index-strategy.ts'
import { type Host, variable } from '../host/host.ts'
import type { SourceSettings } from '../indexes/package-source.ts'
import { publicIndex } from '../indexes/public-index.ts'
import { isSecureOrigin } from '../net/origins.ts'
import { normalizeName } from '../spec/name.ts'
import { fileUrl } from '../spec/requirements-txt-url.ts'
import type { Core } from './core.ts'
import type { NetworkWishes, PackageSources } from './install-request.ts'

export interface SourcesRequest {
  readonly sources: PackageSources
  readonly network: NetworkWishes
  /** Milliseconds since 1970. */
  readonly uploadedBefore?: number | undefined
}

/**
 * The settings. `core`: where the user's own configuration is, and who is told of what a project's file wished for and doesn't get. Throws
 * `invalid-setting` for an index that is neither an address nor a directory.
 */
export function sourceSettings(
  host: Host,
  request: SourcesRequest,
  core?: { readonly places: Pick<Core['places'], 'configFile'>; readonly report?: Core['report'] },
): SourceSettings {
  const { sources, network, uploadedBefore } = request
  const main = sources.index ?? publicIndex
  const strategy = (): IndexStrategy =>
    readIndexStrategy(host, {
      ...(core === undefined ? {} : { configFile: core.places.configFile }),
      ignored: (text) => core?.report?.({ kind: 'note', text }),
    })
  const policy = sources.policy ?? (sources.extraIndexes.length === 0 ? 'first-index' : strategy())
  const named = sources.noIndex ? [] : [main, ...sources.extraIndexes]
  const addresses = policy === 'first-index' ? inOrderOfTrust(named) : named
  const refresh = sources.refresh.has(':all:') ? true : new Set([...sources.refresh].map(normalizeName))
  const { proxy, certificates, clientCertificate } = network
  const urls = addresses.map((text) => indexUrl(host, text))
  if (policy === 'first-index' && urls.length > 1) refuseInsecure(urls, network.trustedHosts)
  return {
    indexes: urls.map((url) => ({ url })),
    findLinks: sources.findLinks,
    policy,
    // Where order decides, an index that cannot be asked must not give way to one in which anybody may publish under that name.
    unreachable: policy === 'first-index' && addresses.length > 1 ? 'error' : 'skip',
    insecure: 'skip',
    offline: sources.offline === true || variable(host, 'DEN_OFFLINE') === '1',
    ...(uploadedBefore === undefined ? {} : { uploadedBefore }),
    ...(refresh === true || refresh.size > 0 ? { refresh } : {}),
    connection: {
      trustedHosts: network.trustedHosts,
      fromEnvironment: !network.ignoreProxyVariables,
      keyring: network.keyring,
      // pip counts what comes after the first attempt.
      attempts: Math.max(1, network.retries + 1),
      idleMilliseconds: Math.max(1, network.timeout * 1000),
      ...(proxy === undefined || proxy === '' ? {} : { proxy }),
      ...(certificates === undefined ? {} : { certificate: host.path.resolve(host.cwd, certificates) }),
      ...(clientCertificate === undefined ? {} : { clientCertificate: host.path.resolve(host.cwd, clientCertificate) }),
    },
  }
}

/**
 * Where the first index that has a project gives it, who names a further index means it to go before: internal projects are there. The
 * public index, in which anybody may publish under any name, comes last wherever it was named.
 */
function inOrderOfTrust([main, ...extra]: readonly string[]): readonly string[] {
  const all = main === undefined ? [] : [...extra, main]
  const isPublic = (address: string): boolean => withoutSlash(address) === withoutSlash(publicIndex)
  return [...all.filter((one) => !isPublic(one)), ...all.filter(isPublic).slice(0, 1)]
}

/** pip passes such an index over; where order decides, the next one would give what this one has. */
function refuseInsecure(urls: readonly SafeUrl[], trusted: readonly string[]): void {
  for (const url of urls) {
    if (isSecureOrigin(url, trusted)) continue
    throw new DenError('invalid-setting', {
      setting: 'index',
      value: String(url),
      reason: `what it sends is not encrypted, and its host is not trusted: --trusted-host ${url.host}, or take pip’s way with --index-strategy best-version`,
    })
  }
}

function withoutSlash(address: string): string {
  return address.trim().toLowerCase().replace(/\/+$/, '')
}

/** An address, or a directory that is laid out like an index; ends in `/`. Throws `invalid-setting`. */
export function indexUrl(host: Host, text: string): SafeUrl {
  const written = text.trim()
  const isAddress = /^(?:https?|file):/i.test(written)
  const place = host.path.resolve(host.cwd, written)
  const address = isAddress
    ? written
    : host.files.stat(place)?.kind === 'directory'
      ? fileUrl(place, host.path)
      : undefined
  const url = address === undefined ? undefined : tryParseUrl(address.endsWith('/') ? address : `${address}/`)
  if (url !== undefined) return url
  throw new DenError('invalid-setting', {
    setting: 'index-url',
    value: written.replace(/(^|\/\/)[^/]*@/, '$1****@'),
    reason: 'an index is given as an http or https address, or as a directory',
  })
}

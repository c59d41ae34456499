// A URL that cannot print a password: `String(url)` and JSON show `****` where the credentials stand.

const secret: WeakMap<SafeUrl, string> = new WeakMap()

/** A URL as it may be shown. The credentials are reachable through `revealUrl` only, for the one place that sends them. */
export interface SafeUrl {
  /** The address without user, password and fragment. */
  readonly href: string
  readonly host: string
  readonly origin: string
  /** The fragment without `#`; empty when there is none. */
  readonly fragment: string
  toString(): string
  toJSON(): string
}

/**
 * An address that a parser would leave as it is: a host of names (or this machine), a port that is nobody's default perhaps, and a path of
 * plain letters without dots that lead upwards. Files of an index have such addresses, and there are tens of thousands of them.
 */
const plainAddress =
  /^https?:\/\/((?:(?:(?!xn--)[a-z][a-z0-9-]*(?:\.(?!xn--)[a-z][a-z0-9-]*)*)|127\.0\.0\.1)(?::(?!80\/|443\/)[1-9]\d{0,3}|:[1-5]\d{4})?)\/(?!\.)(?:[A-Za-z0-9_~+-]|[./](?![./]))*$/

/** Reads an absolute URL, or one relative to `base`. Returns undefined for what is no URL. */
export function tryParseUrl(text: string, base?: SafeUrl): SafeUrl | undefined {
  const host = base === undefined ? plainAddress.exec(text)?.[1] : undefined
  if (host !== undefined) {
    const told = (): string => text
    const origin = text.slice(0, text.indexOf('/', 8))
    return Object.freeze({ href: text, host, origin, fragment: '', toString: told, toJSON: told })
  }
  let url: URL
  try {
    url = base === undefined ? new URL(text) : new URL(text, revealUrl(base))
  } catch {
    return undefined
  }
  const whole = url.href
  const fragment = url.hash.slice(1)
  const hidden = url.username !== '' || url.password !== ''
  url.username = ''
  url.password = ''
  url.hash = ''
  const href = url.href
  const shown = hidden ? href.replace('://', '://****@') : href
  const safe: SafeUrl = Object.freeze({
    href,
    host: url.host,
    origin: url.origin,
    fragment,
    toString: () => shown,
    toJSON: () => shown,
  })
  secret.set(safe, whole)
  return safe
}

/** The address with its credentials and fragment, to be sent and never shown. */
export function revealUrl(url: SafeUrl): string {
  return secret.get(url) ?? url.href
}

/**
 * A text, such as a command line or a message, in which addresses show no credentials, also those that are mistyped and so no SafeUrl.
 * `git@` is no secret, and `USER:PASSWORD@` an example.
 */
export function hideCredentials(text: string): string {
  if (!text.includes('@')) return text
  return text
    .replace(/([a-z][a-z0-9+.-]{0,20}:\/\/)(?!git@|USER:PASSWORD@)[^\s/?#"<>`]*@/gi, '$1****@')
    .replace(/([a-z][a-z0-9+.-]{0,20}:\/)(?!USER:)[^\s/:@]+:[^\s/@]+@/gi, '$1****@')
}

/** The same for every text in a value: what `JSON.stringify` takes to change values by. */
export function hideInJson(_: string, value: unknown): unknown {
  return typeof value === 'string' ? hideCredentials(value) : value
}

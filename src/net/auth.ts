// Who den is to a server: user and password from the address, from an index's address, from netrc; and after a 401 from the keyring or
// the user. What is known goes to the scheme, host and port it belongs to and nowhere else.

import { revealUrl, type SafeUrl } from '../base/safe-url.ts'
import type { Context } from '../host/host.ts'
import { type KeyringProvider, openKeyring } from './keyring.ts'
import { type Netrc, netrcFile, parseNetrc } from './netrc.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface AuthSettings {
  /** The indexes' addresses: credentials in them are good for everything of the same origin. */
  readonly indexes?: readonly SafeUrl[]
  /** `auto` unless said: where there is a keyring on PATH, it is asked. */
  readonly keyring?: KeyringProvider
  /** Asks the user, as the last resort; `origin` is for showing. */
  readonly ask?: (question: { readonly origin: string; readonly username?: string }) => Promise<Credentials | undefined>
}

export interface Authenticator {
  /** What is sent unasked. */
  known(url: SafeUrl): Credentials | undefined
  /** What else there is, after these (or none) were refused with 401. Asked once for an origin and index, however many wait for it. */
  lookUp(url: SafeUrl, refused: Credentials | undefined): Promise<Credentials | undefined>
  /** Remembers what the server took. */
  accepted(url: SafeUrl, credentials: Credentials): void
}

export function openAuthenticator(context: Context, settings: AuthSettings = {}): Authenticator {
  const { indexes = [], ask } = settings
  const keyring = openKeyring(context, settings.keyring ?? 'auto')
  let netrc: Netrc | undefined
  const fromNetrc = (url: SafeUrl, username: string | undefined): Credentials | undefined => {
    netrc ??= readNetrc(context)
    const found = netrc.get(new URL(url.href).hostname.replace(/^\[|\]$/g, '')) ?? netrc.get('default')
    return found !== undefined && (username === undefined || username === found.username) ? found : undefined
  }
  const remembered: { readonly origin: string; readonly path: string; readonly credentials: Credentials }[] = []
  const running = new Map<string, Promise<Credentials | undefined>>()

  /** The index of the same origin that has most of the path in common, as in pip. */
  const indexOf = (url: SafeUrl): SafeUrl | undefined => {
    const path = segments(url)
    let best: { readonly index: SafeUrl; readonly common: number } | undefined
    for (const index of indexes) {
      if (index.origin !== url.origin) continue
      const own = segments(index)
      let common = 0
      while (common < own.length && own[common] === path[common]) common += 1
      if (best === undefined || common > best.common) best = { index, common }
    }
    return best?.index
  }
  /** The part of the server that one login is good for: an index's, or all of it. */
  const scopeOf = (url: SafeUrl): string => {
    const index = indexOf(url)
    const path = index === undefined ? '/' : new URL(index.href).pathname
    return new URL(url.href).pathname.startsWith(path) ? path : '/'
  }
  const userOf = (url: SafeUrl): string | undefined => {
    const given = credentialsIn(url) ?? credentialsIn(indexOf(url))
    return given === undefined || given.username === '' ? undefined : given.username
  }

  const find = async (url: SafeUrl, refused: Credentials | undefined): Promise<Credentials | undefined> => {
    const username = userOf(url)
    const index = indexOf(url)
    const sources: (() => Promise<Credentials | undefined>)[] = [
      async () => complete(credentialsIn(index)),
      async () => (index === undefined ? undefined : await keyring.get(index.href, username)),
      () => keyring.get(url.host, username),
      async () => await ask?.({ origin: url.origin, ...(username === undefined ? {} : { username }) }),
    ]
    for (const source of sources) {
      const found = await source()
      const again = found?.username === refused?.username && found?.password === refused?.password
      if (found !== undefined && !again) return found
    }
    return undefined
  }

  return {
    known: (url) => {
      const own = credentialsIn(url)
      if (own !== undefined && own.password !== '') return own
      const path = new URL(url.href).pathname
      let best: (typeof remembered)[number] | undefined
      for (const entry of remembered) {
        if (entry.origin !== url.origin || !path.startsWith(entry.path)) continue
        if (own !== undefined && own.username !== entry.credentials.username) continue
        if (best === undefined || entry.path.length >= best.path.length) best = entry
      }
      if (best !== undefined) return best.credentials
      const ofIndex = credentialsIn(indexOf(url))
      if (own === undefined && ofIndex !== undefined && ofIndex.password !== '') return ofIndex
      // A name alone may be a token; it is sent with an empty password.
      return fromNetrc(url, userOf(url)) ?? own ?? ofIndex
    },
    lookUp: (url, refused) => {
      const key = [url.origin, scopeOf(url), userOf(url) ?? '', refused?.username ?? '', refused?.password ?? ''].join(
        '\0',
      )
      const found = running.get(key) ?? find(url, refused)
      running.set(key, found)
      // One that was stopped halfway knows nothing.
      found.catch(() => running.delete(key))
      return found
    },
    accepted: (url, credentials) => {
      const [origin, path] = [url.origin, scopeOf(url)]
      const same = remembered.findIndex((entry) => entry.origin === origin && entry.path === path)
      if (same !== -1) remembered.splice(same, 1)
      remembered.push({ origin, path, credentials })
    },
  }

  function readNetrc({ host, report }: Context): Netrc {
    const file = netrcFile(host)
    if (file === undefined) return new Map()
    try {
      return parseNetrc(host.files.readText(file) ?? '')
    } catch (error) {
      report({ kind: 'note', text: `${file} is not used: ${(error as Error).message}` })
      return new Map()
    }
  }
}

/** User and password in the address, decoded; undefined where it has none. */
export function credentialsIn(url: SafeUrl | undefined): Credentials | undefined {
  if (url === undefined) return undefined
  const { username, password } = new URL(revealUrl(url))
  if (username === '' && password === '') return undefined
  return { username: decode(username), password: decode(password) }
}

/** The value of `Authorization` or `Proxy-Authorization` (RFC 7617, in UTF-8). */
export function basicValue({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}

function complete(credentials: Credentials | undefined): Credentials | undefined {
  return credentials === undefined || credentials.password === '' ? undefined : credentials
}

function segments(url: SafeUrl): readonly string[] {
  return new URL(url.href).pathname.split('/').filter((part) => part !== '')
}

/** A password may hold a bare `%`. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

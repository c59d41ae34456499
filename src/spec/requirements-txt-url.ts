// URLs as pip sees them in requirements: taken as text, split the way Python's urllib does, never rewritten.

/** What pip downloads from directly, and what it hands to a version control system. */
const plainSchemes = ['http', 'https', 'file', 'ftp']
const controlledSchemes =
  'bzr+http bzr+https bzr+ssh bzr+sftp bzr+ftp bzr+lp bzr+file git+http git+https git+ssh git+git git+file hg+file hg+http hg+https hg+ssh hg+static-http svn+ssh svn+http svn+https svn+svn svn+file'.split(
    ' ',
  )

/** The version control systems, as they begin a URL without `+`: `git:…` is `git+git:…`. */
export const controlNames: readonly string[] = ['bzr', 'git', 'hg', 'svn']

/** The scheme in lower case; empty where there is none. */
function schemeOf(url: string): string {
  if (!url.includes(':')) return ''
  return /^[\0- ]*([a-z][a-z0-9+.-]*):/i.exec(withoutBreaks(url))?.[1]?.toLowerCase() ?? ''
}

/** Python takes tabs and line ends out of a URL before it looks at it. */
function withoutBreaks(url: string): string {
  return url.replace(/[\t\r\n]+/g, '')
}

export function isDirectUrl(text: string): boolean {
  const scheme = schemeOf(text)
  return plainSchemes.includes(scheme) || controlledSchemes.includes(scheme)
}

export function isControlledUrl(url: string): boolean {
  return controlledSchemes.includes(schemeOf(url))
}

export interface LinkParts {
  readonly scheme: string
  readonly host: string
  /** Percent-decoded. */
  readonly path: string
  /** The last part of the path. */
  readonly filename: string
  /** The project that `#egg=` names. */
  readonly egg?: string
}

/** Splits a link; the reason why it can be none, as text, where pip refuses it. */
export function readLink(url: string): LinkParts | string {
  const scheme = schemeOf(url)
  const clean = withoutBreaks(url)
  let rest = scheme === '' ? clean : clean.slice(clean.indexOf(':') + 1)
  let host = ''
  if (rest.startsWith('//')) {
    const end = rest.slice(2).search(/[/?#]/)
    host = end === -1 ? rest.slice(2) : rest.slice(2, end + 2)
    rest = end === -1 ? '' : rest.slice(end + 2)
    const bracketed = /\[([^\]]*)\]/.exec(host)?.[1]
    const place = host.slice(host.lastIndexOf('@') + 1)
    // Before the brackets stands nothing, and after them a port.
    const isApart = bracketed === undefined || /^\[[^\]]*\](?::|$)/.test(place)
    if (host.includes('[') !== host.includes(']') || !isApart || (bracketed !== undefined && !isAddress(bracketed)))
      return 'the address in brackets is none of IPv6'
  }
  const path = percentDecoded(rest.replace(/[?#].*$/s, ''))
  const filename = path.split('/').findLast((part) => part !== '') ?? ''
  const egg = /[#&]egg=([^&]*)/.exec(url)?.[1]
  if (egg !== undefined && !/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i.test(egg))
    return '#egg= names a project and nothing else; extras and versions are written before the address, as in name[extra] @ URL'
  if (scheme === 'file' && host !== '' && host !== 'localhost') return 'a file: URL names a file of this machine'
  return { scheme, host, path, filename, ...(egg === undefined ? {} : { egg }) }
}

function isAddress(text: string): boolean {
  return /^v[0-9a-f]+\.[!-~]+$/i.test(text) || URL.canParse(`http://[${text.replace(/%.*$/, '')}]/`)
}

/** Percent-decoded as UTF-8; what is none becomes U+FFFD. */
export function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    new TextDecoder().decode(Uint8Array.from(run.slice(1).split('%'), (digits) => Number.parseInt(digits, 16))),
  )
}

/** An absolute path as a `file:` URL, quoted as Python quotes it. `rules`: those of the paths of its system. */
export function fileUrl(path: string, rules: { readonly sep: string }): string {
  const quoted = (part: string): string =>
    encodeURIComponent(part).replace(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    )
  if (rules.sep !== '\\') return `file://${path.split('/').map(quoted).join('/')}`
  const parts = path.replaceAll('\\', '/')
  const share = /^\/\/([^/]+)(\/.*)?$/.exec(parts)
  if (share !== null) return `file://${share[1]}${(share[2] ?? '').split('/').map(quoted).join('/')}`
  const drive = /^[a-z]:/i.exec(parts)?.[0] ?? ''
  return `file:///${drive}${parts.slice(drive.length).split('/').map(quoted).join('/')}`
}

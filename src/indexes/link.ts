// What a requirement may name instead of a release of some index: a wheel, an archive, a directory, a repository; by path or by address,
// with what pip reads from the fragment (`#egg=`, `#subdirectory=`, `#sha256=`).

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { pathOfAddress } from '../host/file-address.ts'
import type { Host } from '../host/host.ts'
import { tryParseWheelFilename, type WheelFilename } from '../spec/filename.ts'
import { tryParseProjectName } from '../spec/name.ts'
import type { Place } from './distribution-file.ts'

/** What the fragment says, whatever the link is. */
interface LinkFacts {
  /** As it was written, without credentials. */
  readonly shown: string
  /** The project that `#egg=` promises, as written, without its extras. */
  readonly egg?: ProjectName
  /** The extras in `#egg=name[extras]`, as written. */
  readonly extras: readonly string[]
  /** Where in the archive, the directory or the repository the project stands. */
  readonly subdirectory?: string
}

export interface ArchiveLink extends LinkFacts {
  readonly kind: 'archive'
  readonly place: Place
  readonly filename: string
  /** Set when it is a wheel by its name. */
  readonly wheel?: WheelFilename
  readonly hashes: Readonly<Record<string, string>>
}

export interface DirectoryLink extends LinkFacts {
  readonly kind: 'directory'
  readonly path: string
}

export type Vcs = 'git' | 'hg' | 'svn' | 'bzr'

export interface VcsLink extends LinkFacts {
  readonly kind: 'vcs'
  readonly vcs: Vcs
  /** The repository as its own program knows it, without revision and fragment; the credentials are reachable by `revealUrl`. */
  readonly url: SafeUrl
  /** A branch, tag, ref or commit, as written after the last `@`. */
  readonly revision?: string
}

export type Link = ArchiveLink | DirectoryLink | VcsLink

/** The protocols that each program is allowed to be given, as in pip. */
const protocols: Readonly<Record<Vcs, readonly string[]>> = {
  git: ['http', 'https', 'ssh', 'git', 'file'],
  hg: ['file', 'http', 'https', 'ssh', 'static-http'],
  svn: ['ssh', 'http', 'https', 'svn', 'file'],
  bzr: ['http', 'https', 'ssh', 'sftp', 'ftp', 'lp', 'file'],
}

const archiveEnding = /\.(?:whl|zip|tar|tgz|tbz|txz|tlz|tar\.(?:gz|bz2|xz|lzma|zst))$/i

/** Whether a text is an address, and not a path or a requirement. */
export function isAddress(text: string): boolean {
  return /^(?:https?|file|ftp|(?:git|hg|svn|bzr)\+[a-z-]+):/i.test(text)
}

/**
 * Reads a link; a path counts from the working directory and is looked at, since only the disk knows whether it is a directory. Throws
 * `invalid-link` and `link-not-found`.
 */
export function readLink(host: Pick<Host, 'path' | 'cwd' | 'files'>, text: string): Link {
  const shown = hideCredentials(text)
  const invalid = (reason: string): DenError => new DenError('invalid-link', { link: shown, reason })
  if (!isAddress(text)) {
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) throw invalid('den does not know this kind of address')
    if (/^(?:git|hg|svn|bzr)\+[^/]*@[^/]*:/i.test(text))
      throw invalid('write a repository behind ssh as an address: git+ssh://git@host/path')
    return linkOfPath(host, host.path.resolve(host.cwd, text), shown, readFragment('', invalid), invalid)
  }
  const hash = text.indexOf('#')
  const address = hash === -1 ? text : text.slice(0, hash)
  const fragment = readFragment(hash === -1 ? '' : text.slice(hash + 1), invalid)
  const vcs = /^(git|hg|svn|bzr)\+([a-z-]+):(.*)$/is.exec(address)
  if (vcs !== null)
    return linkOfRepository(vcs[1]!.toLowerCase() as Vcs, vcs[2]!.toLowerCase(), vcs[3]!, shown, fragment, invalid)
  if (/^ftp:/i.test(text)) throw invalid('den speaks http and https, not ftp')
  if (/^file:/i.test(text)) {
    const path = pathOfAddress(/^file:\/\//i.test(address) ? address : address.replace(/^file:\/?/i, 'file:///'))
    if (path === undefined) throw invalid('a file: address on this machine has three slashes and no host')
    return linkOfPath(host, path, shown, fragment, invalid)
  }
  const url = tryParseUrl(address)
  if (url === undefined) throw invalid('this is no address')
  const filename = lastPart(url)
  if (filename === undefined) throw invalid('its last part is no name of a file')
  return { kind: 'archive', place: { kind: 'url', url }, filename, ...wheelOf(filename, invalid), shown, ...fragment }
}

type Invalid = (reason: string) => DenError
type Fragment = Omit<LinkFacts, 'shown'> & { readonly hashes: Readonly<Record<string, string>> }

function linkOfPath(
  host: Pick<Host, 'path' | 'files'>,
  path: string,
  shown: string,
  fragment: Fragment,
  invalid: Invalid,
): Link {
  const found = host.files.stat(path)
  if (found === undefined) throw new DenError('link-not-found', { link: shown, path })
  const { hashes, ...facts } = fragment
  if (found.kind === 'directory') {
    if (Object.keys(hashes).length > 0) throw invalid('a directory has no hash that could be compared')
    return { kind: 'directory', path, shown, ...facts }
  }
  const filename = host.path.basename(path)
  if (!archiveEnding.test(filename)) throw invalid('it is neither a directory nor an archive that pip would take')
  return { kind: 'archive', place: { kind: 'path', path }, filename, ...wheelOf(filename, invalid), shown, ...fragment }
}

function wheelOf(filename: string, invalid: Invalid): { readonly wheel?: WheelFilename } {
  if (!filename.endsWith('.whl')) return {}
  const wheel = tryParseWheelFilename(filename)
  if (wheel === undefined) throw invalid(`${filename} is not a valid name of a wheel`)
  return { wheel }
}

function linkOfRepository(
  vcs: Vcs,
  protocol: string,
  rest: string,
  shown: string,
  fragment: Fragment,
  invalid: Invalid,
): VcsLink {
  // "ext::" and its kin run programs; nothing but what is listed ever reaches the program.
  if (!protocols[vcs].includes(protocol))
    throw invalid(`${vcs} is asked by ${protocols[vcs].join(', ')}, not by ${protocol}`)
  // Launchpad's short names are the one address without slashes.
  const short = protocol === 'lp' && /^[\w~][\w./~+-]*$/.test(rest)
  if (!rest.startsWith('//') && !short) throw invalid('after the protocol come two slashes: git+https://host/path')
  const { hashes, ...facts } = fragment
  if (Object.keys(hashes).length > 0) throw invalid('a repository has no hash that could be compared: name a commit')
  const slash = rest.indexOf('/', 2)
  const [authority, path] = slash === -1 ? [rest, ''] : [rest.slice(0, slash), rest.slice(slash)]
  const query = path.indexOf('?')
  const place = query === -1 ? path : path.slice(0, query)
  const at = place.lastIndexOf('@')
  const revision = at === -1 ? undefined : safelyDecoded(place.slice(at + 1))
  if (at !== -1 && (revision === undefined || revision === ''))
    throw invalid('after the last @ stands the revision; without one leave out the @')
  if (revision !== undefined && /^-|[\p{Cc}\p{Zl}\p{Zp}]/u.test(revision))
    throw invalid(
      `a revision does not begin with "-" or hold control characters: the program would take it for an option`,
    )
  if (/^\/\/(?:.*@)?-/.test(authority))
    throw invalid('a host or user does not begin with "-": the program would take it for an option')
  // svn and bzr know their ssh by these names.
  const scheme = protocol === 'ssh' && (vcs === 'svn' || vcs === 'bzr') ? `${vcs}+ssh` : protocol
  const repository = `${scheme}:${authority}${at === -1 ? place : place.slice(0, at)}${query === -1 ? '' : path.slice(query)}`
  const url = tryParseUrl(repository)
  if (url === undefined) throw invalid('this is no address')
  return { kind: 'vcs', vcs, url, ...(revision === undefined ? {} : { revision }), shown, ...facts }
}

function safelyDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function readFragment(fragment: string, invalid: Invalid): Fragment {
  let egg: ProjectName | undefined
  let extras: readonly string[] = []
  let subdirectory: string | undefined
  const hashes: Record<string, string> = {}
  for (const part of fragment.split('&')) {
    const equals = part.indexOf('=')
    if (equals === -1) continue
    const key = part.slice(0, equals)
    const value = safelyDecoded(part.slice(equals + 1).replaceAll('+', '%2B'))
    if (value === undefined) throw invalid('its fragment has a wrong % escape')
    if (key === 'egg') {
      const [, name = '', inside] = /^([^[\]]*)(?:\[([^[\]]*)\])?$/.exec(value) ?? []
      egg = tryParseProjectName(name)
      if (egg === undefined) throw invalid(`#egg= names the project, with extras perhaps: not '${value}'`)
      extras = (inside ?? '')
        .split(',')
        .map((extra) => extra.trim())
        .filter((extra) => extra !== '')
    } else if (key === 'subdirectory') {
      const parts = value.split(/[/\\]/)
      if (/^[/\\]|^[a-z]:/i.test(value) || parts.includes('..'))
        throw invalid('#subdirectory= stays inside of what it belongs to')
      subdirectory = parts.filter((one) => one !== '' && one !== '.').join('/')
    } else if (/^(?:md5|sha1|sha224|sha256|sha384|sha512)$/.test(key) && /^[0-9a-f]+$/i.test(value)) {
      hashes[key] ??= value.toLowerCase()
    }
  }
  return {
    ...(egg === undefined ? {} : { egg }),
    extras,
    ...(subdirectory === undefined || subdirectory === '' ? {} : { subdirectory }),
    hashes,
  }
}

/** The name of the file that an address ends in, decoded once. */
function lastPart(url: SafeUrl): string | undefined {
  // What stands at an address that ends in a slash is told by the server; its name is the last there is.
  const path = new URL(url.href).pathname.replace(/\/+$/, '')
  const name = safelyDecoded(path.slice(path.lastIndexOf('/') + 1))
  return name === undefined || name === '' || name === '.' || name === '..' || /[/\\\p{Cc}]/u.test(name)
    ? undefined
    : name
}

function hideCredentials(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@/i, (_, scheme: string, user: string) =>
    // ssh's user is a part of the address, and no secret.
    /^[^:]*$/.test(user) && /ssh/i.test(scheme) ? `${scheme}${user}@` : `${scheme}****@`,
  )
}

// direct_url.json ("Recording the Direct URL Origin of installed distributions", PEP 610): where a distribution came from that no index
// gave. Addresses stand in it without secrets.

import { DenError } from '../base/error.ts'
import { isJsonObject, type JsonObject, tryParseJson } from '../format/json.ts'

/** The file's content, field for field. */
export interface DirectUrl {
  readonly url: string
  readonly vcs_info?: {
    readonly vcs: string
    readonly requested_revision?: string
    readonly commit_id: string
  }
  readonly archive_info?: {
    /** "sha256=…", the older form of the one in `hashes`. */
    readonly hash?: string
    readonly hashes?: Readonly<Record<string, string>>
  }
  readonly dir_info?: { readonly editable?: boolean }
  /** Where in it the project stands. */
  readonly subdirectory?: string
}

/** Of a wheel or an archive. `hashes`: hashlib's names to hex; empty ones are left out. */
export function directUrlOfArchive(
  url: string,
  hashes: Readonly<Record<string, string>>,
  subdirectory?: string,
): DirectUrl {
  const told = Object.entries(hashes).filter(([, digest]) => digest !== '')
  const [first] = told.filter(([algorithm]) => algorithm === 'sha256').concat(told)
  const archive_info = first === undefined ? {} : { hash: `${first[0]}=${first[1]}`, hashes: Object.fromEntries(told) }
  return { url: withoutSecrets(url), archive_info, ...(subdirectory === undefined ? {} : { subdirectory }) }
}

/** Of a directory of this machine. */
export function directUrlOfDirectory(
  url: string,
  about: { readonly editable: boolean; readonly subdirectory?: string },
): DirectUrl {
  const { editable, subdirectory } = about
  return { url, dir_info: editable ? { editable } : {}, ...(subdirectory === undefined ? {} : { subdirectory }) }
}

/** Of a repository. */
export function directUrlOfVcs(
  url: string,
  about: {
    readonly vcs: string
    readonly commitId: string
    readonly requestedRevision?: string
    readonly subdirectory?: string
  },
): DirectUrl {
  const { vcs, commitId, requestedRevision, subdirectory } = about
  return {
    url: withoutSecrets(url),
    vcs_info: {
      vcs,
      ...(requestedRevision === undefined ? {} : { requested_revision: requestedRevision }),
      commit_id: commitId,
    },
    ...(subdirectory === undefined ? {} : { subdirectory }),
  }
}

/** Reads the file. Throws `invalid-direct-url` for what the standard doesn't know. */
export function parseDirectUrl(text: string, options: { readonly file?: string } = {}): DirectUrl {
  const found = readDirectUrl(text)
  if (typeof found !== 'string') return found
  throw new DenError('invalid-direct-url', { ...options, reason: found })
}

/** Reads the file; undefined for what the standard doesn't know. */
export function tryParseDirectUrl(text: string): DirectUrl | undefined {
  const found = readDirectUrl(text)
  return typeof found === 'string' ? undefined : found
}

/** The file's text, as pip writes it: keys sorted, no line breaks; the address without secrets, whoever put them there. */
export function formatDirectUrl(directUrl: DirectUrl): string {
  return pythonJson({ ...directUrl, url: withoutSecrets(directUrl.url) })
}

/** `json.dumps(…, sort_keys=True)`. */
function pythonJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value).replace(
      /[\u007f-\uffff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
  }
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  entries.sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${entries.map(([key, one]) => `${pythonJson(key)}: ${pythonJson(one)}`).join(', ')}}`
}

/** The record, or what is wrong with it. */
function readDirectUrl(text: string): DirectUrl | string {
  const value = tryParseJson(text)
  if (value === undefined) return 'it is no JSON'
  if (!isJsonObject(value)) return 'it is no JSON object'
  for (const key of ['url', 'subdirectory']) {
    if (value[key] != null && typeof value[key] !== 'string') return `${key} is no text`
  }
  const url = value['url']
  if (typeof url !== 'string') return 'url is missing'
  const kinds = (['vcs_info', 'archive_info', 'dir_info'] as const).filter((key) => value[key] != null)
  if (kinds.length !== 1) return 'it has to have one of vcs_info, archive_info and dir_info'
  const [kind] = kinds
  const info = value[kind!]
  if (!isJsonObject(info)) return `${kind} is no JSON object`
  const read =
    kind === 'vcs_info' ? readVcsInfo(info) : kind === 'archive_info' ? readArchiveInfo(info) : readDirInfo(info, url)
  if (typeof read === 'string') return read
  const subdirectory = value['subdirectory']
  return { url, ...read, ...(typeof subdirectory === 'string' ? { subdirectory } : {}) }
}

function readVcsInfo({
  vcs,
  commit_id: commit,
  requested_revision: revision,
}: JsonObject): Pick<DirectUrl, 'vcs_info'> | string {
  if (typeof vcs !== 'string') return 'vcs_info.vcs is no text'
  if (typeof commit !== 'string') return 'vcs_info.commit_id is no text'
  if (revision != null && typeof revision !== 'string') return 'vcs_info.requested_revision is no text'
  return {
    vcs_info: { vcs, commit_id: commit, ...(typeof revision === 'string' ? { requested_revision: revision } : {}) },
  }
}

/** `hash` is the older form of `hashes`; where both stand, they must agree. */
function readArchiveInfo({ hash, hashes }: JsonObject): Pick<DirectUrl, 'archive_info'> | string {
  if (hash != null && typeof hash !== 'string') return 'archive_info.hash is no text'
  if (hashes != null && !isJsonObject(hashes)) return 'archive_info.hashes is no JSON object'
  const told: Record<string, string> = {}
  for (const [algorithm, digest] of Object.entries(hashes ?? {})) {
    if (typeof digest !== 'string') return `archive_info.hashes.${algorithm} is no text`
    told[algorithm] = digest
  }
  if (typeof hash === 'string') {
    const equals = hash.indexOf('=')
    if (equals === -1) return 'archive_info.hash is not written as algorithm=digest'
    const [algorithm, digest] = [hash.slice(0, equals), hash.slice(equals + 1)]
    if (hashes == null) told[algorithm] = digest
    else if (told[algorithm] !== digest) return 'archive_info.hash is not among archive_info.hashes'
  }
  const [first] = Object.entries(told)
  // Of several, the older form names the first, as pip writes it.
  if (first !== undefined) return { archive_info: { hash: `${first[0]}=${first[1]}`, hashes: told } }
  return { archive_info: hashes == null ? {} : { hashes: told } }
}

function readDirInfo({ editable }: JsonObject, url: string): Pick<DirectUrl, 'dir_info'> | string {
  if (editable != null && typeof editable !== 'boolean') return 'dir_info.editable is neither true nor false'
  if (!/^file:(?:\/\/[^/?#]*)?\//i.test(url)) return 'the url of a directory has to be an absolute file: address'
  return { dir_info: typeof editable === 'boolean' ? { editable } : {} }
}

/** "User:password must be removed, but for environment variables and ssh's `git` user" (PEP 610). */
export function withoutSecrets(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@/i, (whole, scheme: string, user: string) =>
    user === 'git' || /^\$\{[A-Za-z0-9_-]+\}(?::\$\{[A-Za-z0-9_-]+\})?$/.test(user) ? whole : scheme,
  )
}

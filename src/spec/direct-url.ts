// direct_url.json ("Recording the Direct URL Origin of installed distributions", PEP 610): where a distribution came from that no index
// gave. Addresses stand in it without secrets.

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

/** Reads the file; undefined for what follows the standard in nothing. */
export function tryParseDirectUrl(text: string): DirectUrl | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || typeof (value as { url?: unknown }).url !== 'string')
    return undefined
  return value as DirectUrl
}

/** The file's text. */
export function formatDirectUrl(directUrl: DirectUrl): string {
  return JSON.stringify(directUrl)
}

/** "User:password must be removed, but for environment variables and ssh's `git` user." */
function withoutSecrets(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@/i, (whole, scheme: string, user: string) =>
    user === 'git' || /^\$\{[A-Za-z0-9-_]+\}(?::\$\{[A-Za-z0-9-_]+\})?$/.test(user) ? whole : scheme,
  )
}

// What one tool's locator is: it names the directories where that tool keeps environments, by reading its settings and listing its
// folders. Whether an environment really stands there is read afterwards, in one place (find.ts).

import type { Host } from '../../host/host.ts'
import { variable } from '../../host/host.ts'
import type { EnvironmentKind } from '../environment.ts'
import { ifReadable } from '../quietly.ts'

export interface Candidate {
  /** Absolute. */
  readonly root: string
  /** The tool that keeps it, where the place tells; else the maker's mark decides. */
  readonly kind?: EnvironmentKind
  readonly name?: string
  readonly project?: string
}

export interface Search {
  readonly host: Host
  /** Directories looked at as projects: the working directory, then the ones asked for. */
  readonly projects: readonly string[]
  /** The directories above the working directory, the nearest first. */
  readonly above: readonly string[]
  readonly places: { readonly environments: string; readonly registry: string }
}

export interface EnvironmentLocator {
  readonly name: string
  find(search: Search): Iterable<Candidate>
}

/** The value of an environment variable that holds a directory: absolute, `~` expanded; undefined when unset or empty. */
export function directoryVariable(host: Host, name: string): string | undefined {
  const value = variable(host, name)
  return value === undefined || value === '' ? undefined : absolute(host, value)
}

/** An absolute path from one that may start with `~` or be relative to `from` (the working directory unless said). */
export function absolute(host: Host, text: string, from: string = host.cwd): string {
  const { path } = host
  if (host.home !== undefined && (text === '~' || text.startsWith('~/') || text.startsWith('~\\')))
    return path.join(host.home, text.slice(1))
  return path.resolve(from, text)
}

/** `name`s under the home directory; nothing where there is no home. */
export function underHome(host: Host, ...names: readonly string[]): string | undefined {
  return host.home === undefined ? undefined : host.path.join(host.home, ...names)
}

/** The directories and links to directories in `directory`, absolute, sorted; what can't be listed has none. */
export function subdirectories(host: Host, directory: string): readonly string[] {
  const entries = ifReadable(() => host.files.list(directory)) ?? []
  return entries
    .filter((entry) => entry.kind === 'directory' || entry.kind === 'link')
    .map((entry) => host.path.join(directory, entry.name))
    .sort()
}

/** The user's data directory as platformdirs gives it to the tools written in Python. */
export function userDataDirectory(host: Host, application: string): string | undefined {
  if (host.platform === 'win32') return fromVariable(host, 'LOCALAPPDATA', ['AppData', 'Local'], application)
  if (host.platform === 'darwin') return underHome(host, 'Library', 'Application Support', application)
  return fromVariable(host, 'XDG_DATA_HOME', ['.local', 'share'], application)
}

export function userConfigDirectory(host: Host, application: string): string | undefined {
  if (host.platform === 'win32') return fromVariable(host, 'APPDATA', ['AppData', 'Roaming'], application)
  if (host.platform === 'darwin') return underHome(host, 'Library', 'Application Support', application)
  return fromVariable(host, 'XDG_CONFIG_HOME', ['.config'], application)
}

export function userCacheDirectory(host: Host, application: string): string | undefined {
  if (host.platform === 'win32') return fromVariable(host, 'LOCALAPPDATA', ['AppData', 'Local'], application)
  if (host.platform === 'darwin') return underHome(host, 'Library', 'Caches', application)
  return fromVariable(host, 'XDG_CACHE_HOME', ['.cache'], application)
}

function fromVariable(host: Host, name: string, fallback: readonly string[], application: string): string | undefined {
  const given = directoryVariable(host, name)
  if (given !== undefined) return host.path.join(given, application)
  return underHome(host, ...fallback, application)
}

/** Defined values only, each once, in order. */
export function present(...values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined))]
}

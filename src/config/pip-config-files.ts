// Where pip's configuration stands: the machine's, the user's, the environment's, and what PIP_CONFIG_FILE names.

import { type Host, variable } from '../host/host.ts'

/** Where a setting comes from, in pip's words; later ones win. */
export type PipConfigKind = 'global' | 'user' | 'site' | 'env' | 'env-var'

export interface PipConfigPlace {
  readonly kind: Exclude<PipConfigKind, 'env-var'>
  /** As pip shows it; PIP_CONFIG_FILE may be relative. */
  readonly path: string
}

export interface PipConfigPlacesOptions {
  /** The prefix of the environment that is worked on, whose own file counts. */
  readonly prefix?: string
  /** `--isolated`: the user's files don't count. */
  readonly isolated?: boolean
}

export type PipConfigHost = Pick<Host, 'env' | 'platform' | 'path' | 'home' | 'cwd' | 'files'>

/** Every file that pip would read, there or not, from the weakest to the strongest; none where PIP_CONFIG_FILE is the null device. */
export function pipConfigPlaces(host: PipConfigHost, options: PipConfigPlacesOptions = {}): readonly PipConfigPlace[] {
  const own = variable(host, 'PIP_CONFIG_FILE')
  return isNullDevice(host, own) ? [] : allPlaces(host, options)
}

/** The same, null device or not: what `pip config debug` lists. */
export function allPlaces(
  host: PipConfigHost,
  { prefix, isolated = false }: PipConfigPlacesOptions = {},
): readonly PipConfigPlace[] {
  const own = variable(host, 'PIP_CONFIG_FILE')
  const replacesUser = own !== undefined && own !== '' && host.files.stat(openPath(host, own)) !== undefined
  return [
    ...machineFiles(host).map((path) => ({ kind: 'global' as const, path })),
    ...(isolated || replacesUser ? [] : userFiles(host).map((path) => ({ kind: 'user' as const, path }))),
    ...(prefix === undefined ? [] : [{ kind: 'site' as const, path: host.path.join(prefix, basename(host)) }]),
    ...(own === undefined ? [] : [{ kind: 'env' as const, path: own }]),
  ]
}

/** The path to open: PIP_CONFIG_FILE is relative to the working directory, and its `~` is no home. */
export function openPath(host: Pick<Host, 'path' | 'cwd'>, path: string): string {
  return host.path.resolve(host.cwd, path)
}

export function isNullDevice({ platform }: Pick<Host, 'platform'>, path: string | undefined): boolean {
  return (platform === 'win32' ? path?.toLowerCase() : path) === (platform === 'win32' ? 'nul' : '/dev/null')
}

function basename({ platform }: Pick<Host, 'platform'>): string {
  return platform === 'win32' ? 'pip.ini' : 'pip.conf'
}

function machineFiles(host: PipConfigHost): readonly string[] {
  const { path, platform } = host
  if (platform === 'win32') {
    const data = variable(host, 'ProgramData')
    return data === undefined || data === '' ? [] : [path.join(data, 'pip', 'pip.ini')]
  }
  if (platform === 'darwin') return ['/Library/Application Support/pip/pip.conf', '/etc/pip.conf']
  const given = (variable(host, 'XDG_CONFIG_DIRS') ?? '')
    .split(':')
    .map((directory) => directory.trim())
    .filter((directory) => path.isAbsolute(directory))
  return [
    ...(given.length > 0 ? given : ['/etc/xdg']).map((directory) => path.join(directory, 'pip', 'pip.conf')),
    '/etc/pip.conf',
  ]
}

/** The old place first, which the new one overrides. */
function userFiles(host: PipConfigHost): readonly string[] {
  const { path, platform, home, files } = host
  const inHome = (...parts: readonly string[]): readonly string[] =>
    home === undefined ? [] : [path.join(home, ...parts)]
  if (platform === 'win32') {
    const data = variable(host, 'APPDATA')
    return [
      ...inHome('pip', 'pip.ini'),
      ...(data === undefined || data === '' ? [] : [path.join(data, 'pip', 'pip.ini')]),
    ]
  }
  const old = inHome('.pip', 'pip.conf')
  if (platform === 'darwin') {
    const [support] = inHome('Library', 'Application Support', 'pip')
    const isThere = support !== undefined && files.stat(support)?.kind === 'directory'
    return [...old, ...(isThere ? [path.join(support, 'pip.conf')] : inHome('.config', 'pip', 'pip.conf'))]
  }
  const xdg = (variable(host, 'XDG_CONFIG_HOME') ?? '').trim()
  return [
    ...old,
    ...(path.isAbsolute(xdg) ? [path.join(xdg, 'pip', 'pip.conf')] : inHome('.config', 'pip', 'pip.conf')),
  ]
}

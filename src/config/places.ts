// Where den keeps things. Data (environments point into it) and cache (may be deleted at any time) never share a directory.

import { DenError } from '../base/error.ts'
import { type Host, variable } from '../host/host.ts'

/** Absolute directories; none of them needs to exist. */
export interface Places {
  /** DEN_HOME: store, named environments, registry. */
  readonly home: string
  /** DEN_CACHE_DIR: interpreter facts, HTTP responses. */
  readonly cache: string
  /** DEN_CONFIG_FILE, or the user's den.toml. */
  readonly configFile: string
  readonly store: string
  /** Named environments (`-n NAME`), one directory each. */
  readonly environments: string
  readonly registry: string
  readonly journal: string
}

/** Reads DEN_HOME, DEN_CACHE_DIR, DEN_CONFIG_FILE, else the platform's own directories (XDG, Library, AppData). Throws `no-home`. */
export function placesOf(host: Pick<Host, 'env' | 'platform' | 'path' | 'home' | 'cwd'>): Places {
  const { path } = host
  const given = (name: string): string | undefined => {
    const value = variable(host, name)
    return value === undefined || value === '' ? undefined : path.resolve(host.cwd, value)
  }
  const under = (name: string, fallback: () => string): string => {
    const value = given(name)
    return value !== undefined && path.isAbsolute(value) ? path.join(value, 'den') : fallback()
  }
  const home = (): string => {
    if (host.home === undefined) throw new DenError('no-home', {})
    return host.home
  }
  const windows = host.platform === 'win32'
  const mac = host.platform === 'darwin'
  const data =
    given('DEN_HOME') ??
    (windows
      ? under('LOCALAPPDATA', () => path.join(home(), 'AppData', 'Local', 'den'))
      : under('XDG_DATA_HOME', () =>
          mac
            ? path.join(home(), 'Library', 'Application Support', 'den')
            : path.join(home(), '.local', 'share', 'den'),
        ))
  const cache =
    given('DEN_CACHE_DIR') ??
    (windows
      ? path.join(data, 'cache')
      : under('XDG_CACHE_HOME', () =>
          mac ? path.join(home(), 'Library', 'Caches', 'den') : path.join(home(), '.cache', 'den'),
        ))
  const configFile =
    given('DEN_CONFIG_FILE') ??
    path.join(
      windows
        ? under('APPDATA', () => path.join(home(), 'AppData', 'Roaming', 'den'))
        : under('XDG_CONFIG_HOME', () =>
            mac ? path.join(home(), 'Library', 'Application Support', 'den') : path.join(home(), '.config', 'den'),
          ),
      'den.toml',
    )
  return {
    home: data,
    cache,
    configFile,
    store: path.join(data, 'store'),
    environments: path.join(data, 'envs'),
    registry: path.join(data, 'registry'),
    journal: path.join(data, 'journal'),
  }
}

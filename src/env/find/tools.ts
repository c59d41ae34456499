// Tools that keep their environments in a folder of the user's, each with a variable or a setting that moves it.

import { sha256Base64Url } from '../../host/hash.ts'
import type { Host } from '../../host/host.ts'
import { variable } from '../../host/host.ts'
import { pyenvRoots } from '../../python/locators/pyenv.ts'
import { ifReadable } from '../quietly.ts'
import {
  absolute,
  type Candidate,
  directoryVariable,
  type EnvironmentLocator,
  present,
  subdirectories,
  underHome,
  userCacheDirectory,
  userConfigDirectory,
  userDataDirectory,
} from './locator.ts'
import { tomlString } from './settings-text.ts'

/** pipenv names a directory `PROJECT-HASH`, the hash being eight characters of base64, and puts `.project` into it. */
const pipenvName = /^(.+)-[A-Za-z0-9_-]{8}(?:-.+)?$/

function* inVirtualenvHome(host: Host, directory: string): Iterable<Candidate> {
  for (const root of subdirectories(host, directory)) {
    const folder = host.path.basename(root)
    const project = ifReadable(() => host.files.readText(host.path.join(root, '.project')))
      ?.split('\n', 1)[0]
      ?.trim()
    const belongs = project === undefined || project === '' ? {} : { project }
    if (project !== undefined && pipenvName.test(folder)) yield { root, kind: 'pipenv', name: folder, ...belongs }
    else yield { root, kind: 'virtualenvwrapper', name: folder, ...belongs }
  }
}

/** pipenv and virtualenvwrapper share WORKON_HOME; the name and the `.project` file tell whose an environment is. */
export const virtualenvHomeLocator: EnvironmentLocator = {
  name: 'virtualenv-home',
  *find({ host }) {
    const windows = host.platform === 'win32'
    for (const directory of present(
      directoryVariable(host, 'WORKON_HOME'),
      underHome(host, '.virtualenvs'),
      ...(windows ? [underHome(host, 'Envs')] : []),
      directoryVariable(host, 'XDG_DATA_HOME') === undefined
        ? underHome(host, '.local', 'share', 'virtualenvs')
        : userDataDirectory(host, 'virtualenvs'),
    )) {
      yield* inVirtualenvHome(host, directory)
    }
  },
}

/** The directory name that poetry gives a project: its normal name, then eight characters of a hash of where it stands. */
export function poetryEnvironmentPrefix(host: Pick<Host, 'platform'>, projectName: string, directory: string): string {
  // Package.name is canonical already ("My_App" is "my-app"); generate_env_name() then takes away what shells act upon.
  const plain = projectName
    .toLowerCase()
    .replace(/[-_.]+/g, '-')
    .replace(/[ $`!*@"\\\r\n\t]/g, '_')
    .slice(0, 42)
  // os.path.normcase: Windows paths are hashed in lower case with backslashes.
  const normal = host.platform === 'win32' ? directory.replaceAll('/', '\\').toLowerCase() : directory
  const hash = sha256Base64Url(normal).slice(0, 8)
  return `${plain}-${hash}`
}

export const poetryLocator: EnvironmentLocator = {
  name: 'poetry',
  *find({ host, projects, above }) {
    const { path, files } = host
    const configDirectory = directoryVariable(host, 'POETRY_CONFIG_DIR') ?? userConfigDirectory(host, 'pypoetry')
    const config =
      configDirectory === undefined
        ? ''
        : (ifReadable(() => files.readText(path.join(configDirectory, 'config.toml'))) ?? '')
    const defaultCache =
      host.platform === 'win32'
        ? underHomeOr(userCacheDirectory(host, 'pypoetry'), (base) => path.join(base, 'Cache'))
        : userCacheDirectory(host, 'pypoetry')
    const configured = tomlString(config, '', 'cache-dir')
    const cache =
      directoryVariable(host, 'POETRY_CACHE_DIR') ??
      (configured === undefined ? defaultCache : absolute(host, configured))
    const setting = variable(host, 'POETRY_VIRTUALENVS_PATH') ?? tomlString(config, 'virtualenvs', 'path')
    const own =
      setting === undefined ? undefined : absolute(host, setting.replace(/\{cache-dir\}/g, cache ?? '{cache-dir}'))
    // A project is known by the name its directory hashes to; poetry leaves no other trace of it in the environment.
    const known = [...projects, ...above].flatMap((project) => {
      const text = ifReadable(() => files.readText(path.join(project, 'pyproject.toml')))
      if (text === undefined) return []
      const name = tomlString(text, 'project', 'name') ?? tomlString(text, 'tool.poetry', 'name')
      if (name === undefined) return []
      const real = ifReadable(() => files.realPath(project)) ?? project
      return [{ project, prefix: poetryEnvironmentPrefix(host, name, real) }]
    })
    for (const directory of present(
      own,
      underHomeOr(cache, (base) => path.join(base, 'virtualenvs')),
    )) {
      for (const root of subdirectories(host, directory)) {
        const name = path.basename(root)
        const project = known.find(({ prefix }) => name === prefix || name.startsWith(`${prefix}-py`))?.project
        yield { root, kind: 'poetry', name, ...(project === undefined ? {} : { project }) }
      }
    }
  },
}

function underHomeOr(base: string | undefined, join: (base: string) => string): string | undefined {
  return base === undefined ? undefined : join(base)
}

/** hatch: env/virtual/PROJECT/HASH/ENVIRONMENT, and env/virtual/PROJECT-HASH… of older ones. */
export const hatchLocator: EnvironmentLocator = {
  name: 'hatch',
  *find({ host }) {
    const { path, files } = host
    const data = directoryVariable(host, 'HATCH_DATA_DIR') ?? userDataDirectory(host, 'hatch')
    const configFile =
      directoryVariable(host, 'HATCH_CONFIG') ??
      underHomeOr(userConfigDirectory(host, 'hatch'), (base) => path.join(base, 'config.toml'))
    const config = configFile === undefined ? '' : (ifReadable(() => files.readText(configFile)) ?? '')
    const setting = variable(host, 'HATCH_ENV_TYPE_VIRTUAL_PATH') ?? tomlString(config, 'dirs.env', 'virtual')
    // A relative one is per project and found there.
    const own = setting === undefined || !path.isAbsolute(setting) ? undefined : setting
    const standard = data === undefined ? undefined : path.join(data, 'env', 'virtual')
    const marked = (root: string): boolean => ifReadable(() => files.lstat(path.join(root, 'pyvenv.cfg'))) !== undefined
    for (const directory of present(own, standard)) {
      for (const project of subdirectories(host, directory)) {
        if (marked(project)) {
          yield { root: project, kind: 'hatch', name: path.basename(project) }
          continue
        }
        for (const hashed of subdirectories(host, project)) {
          if (marked(hashed)) yield { root: hashed, kind: 'hatch', name: path.basename(hashed) }
          else for (const root of subdirectories(host, hashed)) yield { root, kind: 'hatch', name: path.basename(root) }
        }
      }
    }
  },
}

/** uv: one environment a tool, and those it keeps for scripts in its cache. */
export const uvLocator: EnvironmentLocator = {
  name: 'uv',
  *find({ host }) {
    const { path } = host
    // uv follows XDG on macOS too.
    const data =
      host.platform === 'win32'
        ? underHomeOr(directoryVariable(host, 'APPDATA') ?? underHome(host, 'AppData', 'Roaming'), (base) =>
            path.join(base, 'uv', 'data'),
          )
        : underHomeOr(directoryVariable(host, 'XDG_DATA_HOME') ?? underHome(host, '.local', 'share'), (base) =>
            path.join(base, 'uv'),
          )
    const cache =
      directoryVariable(host, 'UV_CACHE_DIR') ??
      (host.platform === 'win32'
        ? underHomeOr(directoryVariable(host, 'LOCALAPPDATA') ?? underHome(host, 'AppData', 'Local'), (base) =>
            path.join(base, 'uv', 'cache'),
          )
        : underHomeOr(directoryVariable(host, 'XDG_CACHE_HOME') ?? underHome(host, '.cache'), (base) =>
            path.join(base, 'uv'),
          ))
    const tools = directoryVariable(host, 'UV_TOOL_DIR') ?? underHomeOr(data, (base) => path.join(base, 'tools'))
    for (const root of tools === undefined ? [] : subdirectories(host, tools))
      yield { root, kind: 'uv-tool', name: path.basename(root) }
    if (cache === undefined) return
    for (const root of subdirectories(host, path.join(cache, 'environments-v2')))
      yield { root, name: path.basename(root) }
  },
}

export const pipxLocator: EnvironmentLocator = {
  name: 'pipx',
  *find({ host }) {
    const { path } = host
    for (const home of present(
      directoryVariable(host, 'PIPX_HOME'),
      userDataDirectory(host, 'pipx'),
      underHome(host, '.local', 'pipx'),
      underHome(host, 'pipx'),
      ...(host.platform === 'win32' ? [] : ['/opt/pipx']),
    )) {
      for (const root of subdirectories(host, path.join(home, 'venvs')))
        yield { root, kind: 'pipx', name: path.basename(root) }
      yield { root: path.join(home, 'shared'), kind: 'pipx', name: 'shared' }
    }
  },
}

/** pyenv-virtualenv: versions/X.Y.Z/envs/NAME, with a link versions/NAME; and environments put straight under versions/. */
export const pyenvLocator: EnvironmentLocator = {
  name: 'pyenv-virtualenv',
  *find({ host }) {
    const { path } = host
    const versions = pyenvRoots(host).flatMap((root) => subdirectories(host, path.join(root, 'versions')))
    for (const version of versions) {
      const environments = subdirectories(host, path.join(version, 'envs'))
      for (const environment of environments)
        yield { root: environment, kind: 'pyenv-virtualenv', name: path.basename(environment) }
      yield { root: version, kind: 'pyenv-virtualenv', name: path.basename(version) }
    }
  },
}

export const pdmLocator: EnvironmentLocator = {
  name: 'pdm',
  *find({ host }) {
    const { path } = host
    const setting = directoryVariable(host, 'PDM_VENV_LOCATION')
    const standard = underHomeOr(userDataDirectory(host, 'pdm'), (base) => path.join(base, 'venvs'))
    for (const directory of present(setting, standard)) {
      for (const root of subdirectories(host, directory)) yield { root, kind: 'pdm', name: path.basename(root) }
    }
  },
}

/** pixi: those installed for the whole user, and those a project keeps away from itself (`detached-environments`). */
export const pixiLocator: EnvironmentLocator = {
  name: 'pixi',
  *find({ host }) {
    const { path } = host
    const home = directoryVariable(host, 'PIXI_HOME') ?? underHome(host, '.pixi')
    for (const root of home === undefined ? [] : subdirectories(host, path.join(home, 'envs')))
      yield { root, kind: 'pixi', name: path.basename(root) }
    const cache =
      directoryVariable(host, 'PIXI_CACHE_DIR') ??
      directoryVariable(host, 'RATTLER_CACHE_DIR') ??
      underHomeOr(userCacheDirectory(host, 'rattler'), (base) => path.join(base, 'cache'))
    if (cache === undefined) return
    for (const project of subdirectories(host, path.join(cache, 'envs'))) {
      for (const root of subdirectories(host, path.join(project, 'envs')))
        yield { root, kind: 'pixi', name: path.basename(root) }
    }
  },
}

/** Where people gather environments by habit. */
export const habitLocator: EnvironmentLocator = {
  name: 'habit',
  *find({ host }) {
    const directories = ['envs', '.envs', '.direnv', '.venvs', 'venvs', '.virtualenv', 'Envs'].map((name) =>
      underHome(host, name),
    )
    for (const directory of present(...directories)) {
      for (const root of subdirectories(host, directory)) yield { root, name: host.path.basename(root) }
    }
    for (const name of ['.venv', 'venv']) {
      const root = underHome(host, name)
      if (root !== undefined) yield { root }
    }
  },
}

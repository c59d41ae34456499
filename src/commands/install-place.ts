// Where packages are put: into the environment, into the user's own directory, below a prefix, or flat into a directory. Named as
// sysconfig names its schemes, since that is where Python will look.

import { DenError } from '../base/error.ts'
import { environmentPaths } from '../env/paths.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import type { Core } from './core.ts'
import type { InstallPlace } from './install-request.ts'
import type { AimedEnvironment } from './pip-environment.ts'

export interface PlaceOfPackages {
  /** Below `--root`, where one is given. */
  readonly root: string
  readonly paths: EnvironmentPaths
  /** An environment, which keeps a history. */
  readonly isEnvironment: boolean
}

/** The place's directories; none of them needs to exist. Throws `pip-options-refused` for the user's directory out of an environment's reach. */
export function placeOfPackages(
  core: Core,
  aimed: AimedEnvironment,
  place: InstallPlace,
  below?: string,
): PlaceOfPackages {
  const paths = pathsOf(core, aimed, place)
  const isEnvironment = place.kind === 'environment' && aimed.environment !== undefined && below === undefined
  if (below === undefined) return { root: paths.root, paths, isEnvironment }
  const moved = (path: string): string =>
    core.host.path.join(below, core.host.path.relative(core.host.path.parse(path).root, path))
  return {
    root: moved(paths.root),
    isEnvironment: false,
    paths: {
      root: moved(paths.root),
      scripts: moved(paths.scripts),
      // Scripts name the Python that will run them when the root is where it belongs.
      python: paths.python,
      purelib: moved(paths.purelib),
      platlib: moved(paths.platlib),
      include: moved(paths.include),
      data: moved(paths.data),
    },
  }
}

function pathsOf(core: Core, aimed: AimedEnvironment, place: InstallPlace): EnvironmentPaths {
  const { path } = core.host
  const { interpreter, executable: python } = aimed
  const windows = interpreter.platform === 'win32'
  const { major, minor } = interpreter.version
  switch (place.kind) {
    case 'target': {
      const root = place.directory
      const scripts = path.join(root, 'bin')
      return { root, scripts, python, purelib: root, platlib: root, include: path.join(root, 'include'), data: root }
    }
    case 'prefix': {
      const paths = environmentPaths(interpreter, place.directory, path)
      return { ...paths, python, include: windows ? paths.include : headers(path, place.directory, major, minor) }
    }
    case 'user': {
      if (aimed.isVirtual && !aimed.usesUserSite)
        throw new DenError('pip-options-refused', {
          command: 'pip install',
          because:
            'this environment does not look into the user’s own site-packages, so --user would be of no use in it',
          fix: ['leave --user out'],
        })
      const { userBase: root, userSite: site } = aimed
      return {
        root,
        scripts: windows ? path.join(path.dirname(site), 'Scripts') : path.join(root, 'bin'),
        python,
        purelib: site,
        platlib: site,
        include: windows ? path.join(path.dirname(site), 'Include') : headers(path, root, major, minor),
        data: root,
      }
    }
    case 'environment':
      return aimed.environment?.paths ?? installationPaths(core, aimed)
  }
}

/** An installation's own scheme; Debian's Python keeps what is not Debian's below /usr/local. */
function installationPaths(core: Core, { interpreter, executable: python }: AimedEnvironment): EnvironmentPaths {
  const { path } = core.host
  const { major, minor } = interpreter.version
  if (interpreter.vendor === 'debian' && interpreter.prefix === '/usr') {
    const root = '/usr/local'
    const site = path.join(
      root,
      'lib',
      `python${minor < 10 && major === 3 ? major : `${major}.${minor}`}`,
      'dist-packages',
    )
    return {
      root,
      scripts: `${root}/bin`,
      python,
      purelib: site,
      platlib: site,
      include: headers(path, root, major, minor),
      data: root,
    }
  }
  const paths = environmentPaths(interpreter, interpreter.prefix, path)
  return { ...paths, python, include: interpreter.include }
}

function headers(path: Core['host']['path'], root: string, major: number, minor: number): string {
  return path.join(root, 'include', `python${major}.${minor}`)
}

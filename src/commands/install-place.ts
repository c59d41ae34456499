// Where packages are put: into the environment, into the user's own directory, below a prefix, or flat into a directory. Named as
// sysconfig names its schemes, since that is where Python will look.

import { DenError } from '../base/error.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import { pathsUnder, schemePaths } from '../env/schemes.ts'
import type { Core } from './core.ts'
import type { InstallPlace } from './install-request.ts'
import type { AimedEnvironment } from './pip-environment.ts'

export interface PlaceOfPackages {
  /** Below `--root`, where one is given. */
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
  if (below !== undefined) return { paths: pathsUnder(paths, below, core.host.path), isEnvironment: false }
  return { paths, isEnvironment: place.kind === 'environment' && aimed.environment !== undefined }
}

function pathsOf(core: Core, aimed: AimedEnvironment, place: InstallPlace): EnvironmentPaths {
  const { path } = core.host
  const { interpreter, executable: python, environment, prefix, isVirtual, userBase } = aimed
  if (place.kind === 'environment' && environment !== undefined) return environment.paths
  if (place.kind === 'user' && isVirtual && !aimed.usesUserSite)
    throw new DenError('pip-options-refused', {
      command: 'pip install',
      because: 'this environment does not look into the user’s own site-packages, so --user would be of no use in it',
      fix: ['leave --user out'],
    })
  const paths = schemePaths({ interpreter, prefix, isVirtual, userBase, path }, place)
  return withinOneRoot({ ...paths, python }, path)
}

/**
 * Debian's Python keeps what is not Debian's below /usr/local, headers aside. A change is staged beside its root and renamed into it, and
 * /usr/local may be a file system of its own: so it is the root, and headers, which few packages bring, go below it too.
 */
function withinOneRoot(paths: EnvironmentPaths, path: Core['host']['path']): EnvironmentPaths {
  const { data, include } = paths
  const holds = (place: string): boolean => place === data || place.startsWith(`${data}${path.sep}`)
  if (paths.root === data || ![paths.scripts, paths.purelib, paths.platlib].every(holds)) return paths
  return {
    ...paths,
    root: data,
    include: holds(include) ? include : path.join(data, 'include', path.basename(include)),
  }
}

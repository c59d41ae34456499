// Check 16: an environment that was made on another system than the one it is used on: on the host of a container, on the Windows side
// of WSL, on a Mac; or whose base stands on a mount that goes away.

import type { Host } from '../../../host/host.ts'
import { ifReadable } from '../../quietly.ts'
import type { EnvironmentCheck, Found } from '../check.ts'
import type { Examination } from '../examination.ts'
import { mountOf } from '../mount.ts'
import { word } from '../word.ts'
import { requirementsOf } from './base-version.ts'

export const mountsCheck: EnvironmentCheck = {
  id: 'mounts',
  title: 'environment and base are on the same system',
  scope: 'environment',
  run(examination) {
    const foreign = madeElsewhere(examination)
    if (foreign !== undefined) return [rebuild(examination, foreign.what, foreign.why)]
    return [...hostPython(examination), ...passingBase(examination), ...windowsDrive(examination)]
  },
}

function rebuild({ environment, distributions }: Examination, what: string, why: string): Found {
  return {
    severity: 'error',
    what,
    why,
    fix: [
      `make it anew on this system: den create --clear ${word(environment.root)}`,
      'and keep one for each system, for instance .venv here and .venv-windows there',
    ],
    repair: [{ kind: 'reinstall', requirements: requirementsOf(distributions()) }],
  }
}

function madeElsewhere({
  environment,
  context,
}: Examination): { readonly what: string; readonly why: string } | undefined {
  const { host } = context
  const { root, base, paths } = environment
  const windows = host.platform === 'win32'
  const windowsLayout = host.path.basename(paths.scripts) === 'Scripts'
  const home = base.home ?? ''
  if (!windows && (windowsLayout || /^[A-Za-z]:[\\/]/.test(home))) {
    return {
      what: `${root} was made on Windows`,
      why: `${home === '' ? 'it has Scripts and Lib' : `its base is ${home}`}; its Python and its compiled packages are Windows programs`,
    }
  }
  if (windows && (home.startsWith('/') || !windowsLayout)) {
    return {
      what: `${root} was made on Linux or macOS`,
      why: `its base is ${home === '' ? 'not on this system' : home}`,
    }
  }
  const mac = /^(?:\/opt\/homebrew\/|\/Library\/Frameworks\/|\/Users\/|\/Applications\/)/
  if (host.platform === 'linux' && mac.test(home) && ifReadable(() => host.files.stat(home)) === undefined) {
    return { what: `${root} was made on macOS`, why: `its base is ${home}, a place of macOS` }
  }
  return undefined
}

/** In a container, a directory of the host's with an environment in it, whose base only the host has. */
function hostPython(examination: Examination): readonly Found[] {
  const { environment, context, executable } = examination
  const { host } = context
  const end = executable()
  if (end.kind !== 'dangling' || !inContainer(host)) return []
  const mount = mountOf(host, environment.root)
  if (mount === undefined || mount.point === '/') return []
  return [
    rebuild(
      examination,
      `${environment.root} is on a mount from outside of this container, and its base is not in here`,
      `its executable leads to ${end.target}; ${mount.point} was mounted into the container, the Python was not`,
    ),
  ]
}

function inContainer(host: Host): boolean {
  return ['/.dockerenv', '/run/.containerenv'].some((mark) => ifReadable(() => host.files.lstat(mark)) !== undefined)
}

/** Bases that vanish by themselves: an AppImage's own mount, one revision of a snap. */
function passingBase({ environment, executable }: Examination): readonly Found[] {
  const end = executable()
  const base = end.kind === 'found' ? end.path : environment.base.home
  const match = /^(\/tmp\/\.mount_[^/]+|\/snap\/[^/]+\/x?\d+)\//.exec(base ?? '')
  if (match === null) return []
  return [
    {
      severity: 'warning',
      what: `the base of ${environment.root} is in ${match[1]!}, which will not stay`,
      why: match[1]!.startsWith('/snap/')
        ? 'it is one revision of a snap; the next update removes it'
        : 'it is the mount of an AppImage; it is gone when that program ends',
      fix: [`make the environment with another Python: den create --clear -p VERSION ${word(environment.root)}`],
    },
  ]
}

function windowsDrive({ environment, context }: Examination): readonly Found[] {
  const { host } = context
  const drive = /^\/mnt\/[a-z]\//.exec(environment.root)
  if (drive === null || host.platform !== 'linux') return []
  const mount = mountOf(host, environment.root)
  if (mount === undefined || !['9p', 'drvfs'].includes(mount.type)) return []
  return [
    {
      severity: 'warning',
      what: `${environment.root} is on a Windows drive (${mount.point})`,
      why: 'every file there is fetched from Windows; Python starts many times slower, and links and modes do not all survive',
      fix: [`keep it on the Linux side: den env mv ${word(environment.root)} ~/…`],
    },
  ]
}

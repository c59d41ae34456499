// Check 14: an environment that sees the base's packages sees those of the user's own site-packages too, and before them.

import { type Host, variable } from '../../../host/host.ts'
import type { Environment } from '../../environment.ts'
import { ifReadable } from '../../quietly.ts'
import type { EnvironmentCheck } from '../check.ts'

export const userSiteCheck: EnvironmentCheck = {
  id: 'user-site',
  title: "the user's own packages stay out",
  scope: 'environment',
  run({ environment, context }) {
    const { host } = context
    // Without the flag the key's own check speaks.
    if (!environment.systemSitePackages || environment.cfg?.values.has('include-system-site-packages') === false)
      return []
    if ((variable(host, 'PYTHONNOUSERSITE') ?? '') !== '') return []
    const directory = userSite(host, environment)
    if (directory === undefined) return []
    const names = (ifReadable(() => host.files.list(directory)) ?? []).filter(({ name }) => name.endsWith('.dist-info'))
    if (names.length === 0) return []
    const some = names.slice(0, 3).map(({ name }) => name.replace(/-[^-]*\.dist-info$/, ''))
    return [
      {
        severity: 'note',
        what: `${environment.root} sees the ${names.length === 1 ? 'package' : `${names.length} packages`} in ${directory}`,
        why: `it was made with --system-site-packages, and your own packages (${some.join(', ')}${names.length > 3 ? ', …' : ''}) come before the base's`,
        fix: [
          'keep them out: export PYTHONNOUSERSITE=1',
          'or for this environment: include-system-site-packages = false in its pyvenv.cfg',
        ],
      },
    ]
  },
}

/** site.getusersitepackages(), as files and variables tell it. */
function userSite(host: Host, environment: Environment): string | undefined {
  const { path, home, platform } = host
  const version = environment.pythonVersion
  if (version === undefined) return undefined
  const name = `${version.major}.${version.minor}${version.freeThreaded ? 't' : ''}`
  const given = variable(host, 'PYTHONUSERBASE')
  if (platform === 'win32') {
    const data = given ?? variable(host, 'APPDATA')
    const folder = `Python${version.major}${version.minor}`
    return data === undefined
      ? undefined
      : path.join(data, ...(given === undefined ? ['Python'] : []), folder, 'site-packages')
  }
  if (home === undefined && given === undefined) return undefined
  const base = given !== undefined && given !== '' ? path.resolve(host.cwd, given) : path.join(home!, '.local')
  return path.join(base, 'lib', `${environment.implementation === 'pypy' ? 'pypy' : 'python'}${name}`, 'site-packages')
}

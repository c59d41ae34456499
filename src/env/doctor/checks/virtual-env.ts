// Check 12: VIRTUAL_ENV names an environment that is gone, or another one than the project's.

import { variable } from '../../../host/host.ts'
import { readEnvironment } from '../../environment.ts'
import { ifReadable } from '../../quietly.ts'
import { nearestEnvironment } from '../../select.ts'
import type { ShellCheck } from '../check.ts'
import type { DoctorContext } from '../examination.ts'
import { word } from '../word.ts'

export const virtualEnvCheck: ShellCheck = {
  id: 'virtual-env',
  title: 'VIRTUAL_ENV names the environment one works in',
  scope: 'shell',
  run(context) {
    const { host } = context
    const { files, path } = host
    const active = variable(host, 'VIRTUAL_ENV')
    if (active === undefined || active === '') return []
    if (files.stat(active) === undefined) {
      return [
        {
          severity: 'error',
          what: `VIRTUAL_ENV names ${active}, which is gone`,
          why: 'it was removed or moved after it was activated; tools that go by the variable fail or make it again',
          fix: ['deactivate', 'or: unset VIRTUAL_ENV'],
        },
      ]
    }
    if (ifReadable(() => readEnvironment(host, active)) === undefined) {
      return [
        {
          severity: 'error',
          what: `VIRTUAL_ENV names ${active}, which is no environment`,
          why: 'it has no pyvenv.cfg',
          fix: ['deactivate', 'or: unset VIRTUAL_ENV'],
        },
      ]
    }
    const nearest = ifReadable(() => nearestEnvironment(context))
    if (nearest === undefined || sameDirectory(context, nearest.root, active)) return []
    const { root, directory, inside } = nearest
    const scripts = host.platform === 'win32' ? 'Scripts' : 'bin'
    return [
      {
        severity: 'warning',
        what: inside
          ? `${active} is active, and this directory is in another environment, ${root}`
          : `${active} is active, and the project in ${directory} has another environment, ${root}`,
        why: inside
          ? 'python and pip use the active one; den run uses the one this directory is in'
          : 'python and pip use the active one; uv, poetry, den run and editors use the one of the project',
        fix: [
          `use ${inside ? 'this one' : "the project's"}: . ${word(path.join(root, scripts, 'activate'))}`,
          'or leave the active one: deactivate',
        ],
      },
    ]
  },
}

function sameDirectory({ host }: DoctorContext, left: string, right: string): boolean {
  const real = ifReadable(() => host.files.realPath(left))
  return left === right || (real !== undefined && real === ifReadable(() => host.files.realPath(right)))
}

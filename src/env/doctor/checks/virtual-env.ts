// Check 12: VIRTUAL_ENV names an environment that is gone, or another one than the project's.

import { variable } from '../../../host/host.ts'
import { readEnvironment } from '../../environment.ts'
import { ifReadable } from '../../quietly.ts'
import { readRedirect } from '../../redirect.ts'
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
    const project = projectEnvironment(context)
    if (project === undefined || sameDirectory(context, project.root, active)) return []
    return [
      {
        severity: 'warning',
        what: `${active} is active, and the project in ${project.directory} has another environment, ${project.root}`,
        why: 'python and pip use the active one; uv, poetry, den run and editors use the one of the project',
        fix: [
          `use the project's: . ${word(path.join(project.root, 'bin', 'activate'))}`,
          'or leave the active one: deactivate',
        ],
      },
    ]
  },
}

/** The nearest `.venv`, a directory or a file that names one, at or above the working directory. */
function projectEnvironment({
  host,
}: DoctorContext): { readonly root: string; readonly directory: string } | undefined {
  const { files, path, cwd } = host
  for (let directory = cwd; ; directory = path.dirname(directory)) {
    const place = path.join(directory, '.venv')
    const kind = ifReadable(() => files.stat(place))?.kind
    const root =
      kind === 'directory' ? place : kind === 'file' ? ifReadable(() => readRedirect(host, place)) : undefined
    if (root !== undefined && ifReadable(() => readEnvironment(host, root)) !== undefined) return { root, directory }
    if (path.dirname(directory) === directory) return undefined
  }
}

function sameDirectory({ host }: DoctorContext, left: string, right: string): boolean {
  const real = ifReadable(() => host.files.realPath(left))
  return left === right || (real !== undefined && real === ifReadable(() => host.files.realPath(right)))
}

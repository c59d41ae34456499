// The environment whose own pip.conf counts. It is asked for before the command line is read, so only its directory is looked for, and
// nothing of its Python.

import { ifReadable } from '../../../env/quietly.ts'
import { nearestEnvironment } from '../../../env/select.ts'
import { type Host, variable } from '../../../host/host.ts'

/** The root that `--python` names, else the active environment's, else the nearest one's; undefined where there is none. */
export function environmentPrefix(host: Host, python: string | undefined): string | undefined {
  if (python !== undefined) {
    const place = host.path.resolve(host.cwd, python)
    const kind = ifReadable(() => host.files.stat(place))?.kind
    return kind === 'directory' ? place : kind === 'file' ? host.path.dirname(host.path.dirname(place)) : undefined
  }
  const active = variable(host, 'VIRTUAL_ENV') || variable(host, 'CONDA_PREFIX')
  return active ? host.path.resolve(host.cwd, active) : ifReadable(() => nearestEnvironment({ host }))?.root
}

// What a killed den left beside an environment: a half-made one, or one half-deleted. Both bear a name that no environment has, and the
// next command that works at the place takes them away.

import type { Context } from '../host/host.ts'
import { ifReadable } from './quietly.ts'
import { abandonedStages } from './stage.ts'

/** Removes what ended processes left for the environment at `root`; what this user may not remove stays. */
export function clearLeftovers(context: Pick<Context, 'host'>, root: string): readonly string[] {
  const { host } = context
  const directory = host.path.dirname(root)
  const names = (ifReadable(() => host.files.list(directory)) ?? []).map(({ name }) => name)
  return abandonedStages(host, directory, names, host.path.basename(root)).filter((place) =>
    ifReadable(() => {
      host.disk.removeTree(place)
      return true
    }),
  )
}

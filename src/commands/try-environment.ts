// The environments of `den try`: made anew each time, with nothing in them but what the caller puts there, and known to den like any other.

import { createEnvironment } from '../env/create.ts'
import { settlePlace } from '../env/place.ts'
import { registerEnvironment } from '../env/registry.ts'
import { formatPythonVersion, type Interpreter } from '../python/interpreter.ts'
import type { Core } from './core.ts'

type Creation = Parameters<typeof createEnvironment>[1]

/** Throws what `createEnvironment` throws. */
export async function tryEnvironment(
  core: Core,
  request: { readonly root: string; readonly interpreter: Interpreter } & Pick<Creation, 'fill'>,
): ReturnType<typeof createEnvironment> {
  const { host, places } = core
  const { root, interpreter } = request
  const created = await createEnvironment(core, {
    ...request,
    settings: {},
    seeds: [],
    ignoreFiles: true,
    standing: settlePlace(core, root, places.journal),
    existing: 'clear',
    journal: places.journal,
  })
  registerEnvironment(core, places.registry, {
    root,
    version: formatPythonVersion(interpreter.version),
    implementation: interpreter.implementation,
    base: interpreter.executable,
    created: host.now(),
    seeds: [],
  })
  return created
}

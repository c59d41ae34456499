// The other environments on this machine, for what is shared between environments and is found damaged in one of them.

import type { Context } from '../host/host.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { ifReadable } from './quietly.ts'
import { registeredEnvironments } from './registry.ts'

/** Those that den knows, besides that at `root`, and that can be read now. */
export function otherEnvironments(context: Context, registry: string, root: string): readonly Environment[] {
  return registeredEnvironments(context, registry).flatMap((entry) =>
    entry.root === root ? [] : (ifReadable(() => readEnvironment(context.host, entry.root)) ?? []),
  )
}

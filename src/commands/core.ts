// What every command is given: the context and the places. session.ts composes it once.

import type { Places } from '../config/places.ts'
import { storeOfEnvironment } from '../env/instant-keys.ts'
import type { Context } from '../host/host.ts'
import type { PyvenvCfg } from '../spec/pyvenv-cfg.ts'

export interface Core extends Context {
  readonly places: Places
}

/** The store for an environment's packages: den's own, or the one that the environment's links lead into, whoever runs den. */
export function storePlace({ places }: Core, environment: { readonly cfg?: PyvenvCfg } | undefined): string {
  return storeOfEnvironment(environment?.cfg) ?? places.store
}

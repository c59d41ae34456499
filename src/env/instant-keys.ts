// What pyvenv.cfg says of an environment that is links: that it is one, and into which store they lead, whoever runs den.

import type { PyvenvCfg } from '../spec/pyvenv-cfg.ts'

export const linkModeKey = 'den-link-mode'
export const storeKey = 'den-store'

/** Whether the environment is, or is to be, one of links. */
export function wantsInstant(cfg: PyvenvCfg | undefined): boolean {
  return cfg?.values.get(linkModeKey) === 'instant'
}

/** The store that its links lead into, once there are any. */
export function storeOfEnvironment(cfg: PyvenvCfg | undefined): string | undefined {
  return cfg?.values.get(storeKey) || undefined
}

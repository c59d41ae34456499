// What every command is given: the context and the places. session.ts composes it once.

import type { Places } from '../config/places.ts'
import type { Context } from '../host/host.ts'

export interface Core extends Context {
  readonly places: Places
}

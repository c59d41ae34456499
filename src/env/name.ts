// The names of named environments: directories under DEN_HOME, so that a name can never lead out of there.

import { DenError } from '../base/error.ts'
import type { Places } from '../config/places.ts'
import type { Host } from '../host/host.ts'

/** Whether `name` can name an environment: a letter or digit, then letters, digits, `-`, `_` and `.`; no longer than a file's name. */
export function isEnvironmentName(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]*$/.test(name) && name.length <= 200 && !name.endsWith('.')
}

/** Where the environment called `name` is, or would be. Throws `environment-name-unusable`. */
export function namedRoot(host: Pick<Host, 'path'>, places: Pick<Places, 'environments'>, name: string): string {
  if (!isEnvironmentName(name)) throw new DenError('environment-name-unusable', { name })
  return host.path.join(places.environments, name)
}

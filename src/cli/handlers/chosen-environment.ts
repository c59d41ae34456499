import type { Session } from '../../commands/session.ts'
import { selectEnvironment } from '../../env/select.ts'
import { environmentName, environmentPath } from '../options/common.ts'
import type { Values } from '../options/values.ts'

/**
 * The environment that --env or --name names, by den run's rule; nothing: the one that is found from here. Found before anything else
 * is asked, since what names no environment would be looked for as a Python. Throws `environment-not-found`.
 */
export function chosenEnvironment(session: Session, values: Values): { readonly environment?: string } {
  const [path, name] = [values.get(environmentPath), values.get(environmentName)]
  return path === undefined && name === undefined
    ? {}
    : { environment: selectEnvironment(session, { path, name }).root }
}

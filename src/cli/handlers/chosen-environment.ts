import { DenError } from '../../base/error.ts'
import type { Session } from '../../commands/session.ts'
import { selectEnvironment } from '../../env/select.ts'
import { environmentName, environmentPath } from '../options/common.ts'
import type { Command } from '../options/option.ts'
import { script } from '../options/project-script.ts'
import type { Values } from '../options/values.ts'

/**
 * The environment that --env or --name names, by den run's rule; nothing: the one that is found from here. Found before anything else
 * is asked, since what names no environment would be looked for as a Python. Throws `environment-not-found`; `options-conflict` where the
 * command line names a script too.
 */
export function chosenEnvironment(
  session: Session,
  values: Values,
  command?: Pick<Command, 'name'>,
): { readonly environment?: string } {
  const [path, name] = [values.get(environmentPath), values.get(environmentName)]
  if (values.get(script) !== undefined && (path ?? name) !== undefined) {
    const second = path === undefined ? '--name' : '--env'
    throw new DenError('options-conflict', { first: '--script', second, command: `den ${command?.name ?? ''}`.trim() })
  }
  return path === undefined && name === undefined
    ? {}
    : { environment: selectEnvironment(session, { path, name }).root }
}

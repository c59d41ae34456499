import { inspect } from '../../../../commands/inspect.ts'
import type { PipHandler } from '../context.ts'
import { pipVersion } from '../grammar.ts'
import { filterOf } from './list.ts'

/** pip inspect */
export const handle: PipHandler = async (context) => {
  const { core, environment } = context
  const { installed, environment: markers } = await inspect(core, { environment, filter: filterOf(context) })
  context.raw(JSON.stringify({ version: '1', pip_version: pipVersion, installed, environment: markers }, undefined, 2))
  return 0
}

import { buildWheels } from '../../../../commands/download.ts'
import type { PipHandler } from '../context.ts'
import { wheelRequest } from '../install-request.ts'
import { tellSaved } from './download.ts'

/** pip wheel PACKAGE… */
export const handle: PipHandler = async (context) => {
  tellSaved(context, await buildWheels(context.core, wheelRequest(context.host, context)))
  return 0
}

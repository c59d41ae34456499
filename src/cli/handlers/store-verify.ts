import { type Handler, schemaOf } from '../options/option.ts'
import { storeRemove } from '../options/store.ts'
import { renderStoreVerify } from '../render/store.ts'

/** den store verify */
export const handle: Handler = async ({ command, values, host, session, output }) => {
  const result = await session.storeVerify({ remove: values.get(storeRemove) === true })
  if (output.json) output.document(schemaOf(command), result)
  else output.print(renderStoreVerify(result, output.style, { home: host.home, cwd: host.cwd }))
  return result.damaged.every(({ removed }) => removed) ? 0 : 1
}

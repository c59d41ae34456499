import { dryRun } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { storeNow } from '../options/store.ts'
import { renderStoreCollect } from '../render/store.ts'

/** den store collect */
export const handle: Handler = async ({ command, values, host, session, output }) => {
  const isDry = values.get(dryRun) === true
  const result = await session.storeCollect({ dryRun: isDry, now: values.get(storeNow) === true })
  if (output.json) output.document(schemaOf(command), result)
  else output.print(renderStoreCollect(result, output.style, { home: host.home, cwd: host.cwd, dryRun: isDry }))
  return 0
}

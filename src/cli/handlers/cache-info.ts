import { type Handler, schemaOf } from '../options/option.ts'
import { renderCacheInfo } from '../render/store.ts'

/** den cache info */
export const handle: Handler = async ({ command, host, session, output }) => {
  const result = await session.cacheInfo()
  if (output.json) output.document(schemaOf(command), result)
  else output.print(renderCacheInfo(result, output.style, { home: host.home, cwd: host.cwd }))
  return 0
}

import { type Handler, schemaOf } from '../options/option.ts'
import { storeAll } from '../options/store.ts'
import { renderStoreSize } from '../render/store.ts'

/** den store size */
export const handle: Handler = async ({ command, values, host, session, output }) => {
  const result = await session.storeSize()
  if (output.json) output.document(schemaOf(command), result)
  else {
    const here = { home: host.home, cwd: host.cwd, most: values.get(storeAll) === true ? Number.POSITIVE_INFINITY : 20 }
    output.print(renderStoreSize(result, output.style, here))
  }
  return 0
}

import { environmentName } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { renderSizes } from '../render/environments.ts'

/** den env size [PATH]… */
export const handle: Handler = async ({ command, operands, values, host, session, output }) => {
  const result = await session.envSize({ environments: operands, ...defined({ name: values.get(environmentName) }) })
  if (output.json) output.document(schemaOf(command), result)
  else output.print(renderSizes(result, output.style, { home: host.home, cwd: host.cwd }))
  return 0
}

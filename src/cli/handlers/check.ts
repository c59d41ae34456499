import { environmentName } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { renderCheck } from '../render/check.ts'

/** den check [PATH] */
export const handle: Handler = async ({ command, operands, values, host, session, output }) => {
  const result = await session.check(defined({ path: operands[0], name: values.get(environmentName) }))
  if (output.json) output.document(schemaOf(command), result)
  else output.print(renderCheck(result, output.style, { home: host.home, cwd: host.cwd }))
  return result.sound ? 0 : 1
}

import { noSpawn } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { renderPythonInfo } from '../render/python.ts'

/** den python info [PATH] */
export const handle: Handler = async ({ command, operands, values, session, output }) => {
  const more = defined({ spawn: values.get(noSpawn) === true ? false : undefined })
  const [path] = operands
  const result = await (path === undefined ? session.pythonFind(more) : session.pythonInfo({ path, ...more }))
  if (output.json) output.document(schemaOf(command), result)
  else output.print(renderPythonInfo(result, output.style))
  return 0
}

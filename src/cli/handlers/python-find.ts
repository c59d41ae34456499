import { noSpawn } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'

/** den python find [SPEC] */
export const handle: Handler = async ({ command, operands, values, session, output }) => {
  const result = await session.pythonFind(
    defined({ request: operands[0], spawn: values.get(noSpawn) === true ? false : undefined }),
  )
  if (output.json) output.document(schemaOf(command), result)
  else output.print(result.python.interpreter.executable)
  return 0
}

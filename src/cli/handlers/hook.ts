import { type Handler, schemaOf } from '../options/option.ts'

/** den hook SHELL */
export const handle: Handler = async ({ command, operands, session, output }) => {
  const result = await session.hook({ shell: operands[0]! })
  if (output.json) output.document(schemaOf(command), result)
  else output.print(result.script.trimEnd())
  return 0
}

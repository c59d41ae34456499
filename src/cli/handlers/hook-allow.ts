import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { shortPath } from '../render/create.ts'

/** den hook allow [PATH] */
export const handle: Handler = async ({ command, operands, host, session, output }) => {
  const result = await session.hookAllow(defined({ path: operands[0] }))
  if (output.json) output.document(schemaOf(command), result)
  else
    output.talk(`the hook may activate ${shortPath(result.root, host)} from now on: when you next enter its directory`)
  return 0
}

import { type Handler, schemaOf } from '../options/option.ts'
import { chosenEnvironment } from './chosen-environment.ts'

/** den unshare NAME… */
export const handle: Handler = async ({ command, operands, values, session, output }) => {
  const result = await session.unshare({ names: operands, ...chosenEnvironment(session, values) })
  if (output.json) output.document(schemaOf(command), result)
  else
    for (const { name, version, files } of result.unshared)
      output.print(`${name} ${version} has ${files} files of its own now, which may be edited`)
  return 0
}

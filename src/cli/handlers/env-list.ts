import { sizes } from '../options/environments.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { renderEnvironments } from '../render/environments.ts'

/** den env list [DIR]… */
export const handle: Handler = async ({ command, operands, values, host, session, output }) => {
  const result = await session.envList({ paths: operands, size: values.get(sizes) === true })
  if (output.json) output.document(schemaOf(command), result)
  else if (result.environments.length === 0)
    output.talk('no environment was found on this machine; make one: den create')
  else output.print(renderEnvironments(result, output.style, { home: host.home, cwd: host.cwd, now: host.now() }))
  return 0
}

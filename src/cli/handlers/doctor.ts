import { environmentName } from '../options/common.ts'
import { allEnvironments } from '../options/environments.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { renderDoctor } from '../render/doctor.ts'

/** den doctor [PATH] */
export const handle: Handler = async ({ command, operands, values, host, session, output }) => {
  const result = await session.doctor({
    all: values.get(allEnvironments) === true,
    ...defined({ path: operands[0], name: values.get(environmentName) }),
  })
  if (output.json) output.document(schemaOf(command), result)
  else output.print(renderDoctor(result, output.style, { home: host.home, cwd: host.cwd }))
  return result.sound ? 0 : 1
}

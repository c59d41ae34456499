import { dryRun, environmentName, python } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { renderRepair } from '../render/doctor.ts'

/** den repair [PATH] */
export const handle: Handler = async ({ command, operands, values, host, session, output }) => {
  const isDry = values.get(dryRun) === true
  const result = await session.repair({
    dryRun: isDry,
    ...defined({
      path: operands[0],
      name: values.get(environmentName),
      // A DEN_PYTHON in the shell says what to make environments with, not which base this one shall change to.
      python: values.typed(python) ? values.get(python) : undefined,
    }),
  })
  if (output.json) output.document(schemaOf(command), result)
  else output.print(renderRepair(result, output.style, { dryRun: isDry, home: host.home, cwd: host.cwd }))
  return result.left.some(({ severity }) => severity === 'error') ? 1 : 0
}

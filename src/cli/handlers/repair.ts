import { dryRun, environmentName, offline, python } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { renderRepair } from '../render/doctor.ts'

/** den repair [PATH] */
export const handle: Handler = async ({ command, operands, values, host, session, output }) => {
  const isDry = values.get(dryRun) === true
  const result = await session.repair({
    dryRun: isDry,
    offline: values.get(offline) === true,
    ...defined({
      path: operands[0],
      name: values.get(environmentName),
      // A DEN_PYTHON in the shell says what to make environments with, not which base this one shall change to.
      python: values.typed(python) ? values.get(python) : undefined,
    }),
  })
  if (output.json) output.document(schemaOf(command), result)
  else output.print(renderRepair(result, output.style, { dryRun: isDry, home: host.home, cwd: host.cwd }))
  const isLeft = result.packages.left.length > 0 || result.left.some(({ severity }) => severity === 'error')
  return isLeft ? 1 : 0
}

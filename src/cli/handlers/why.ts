import { latest } from '../options/lock-views.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { script } from '../options/project-script.ts'
import { defined } from '../options/values.ts'
import { renderWhy, sayStale } from '../render/lock-views.ts'
import { chosenEnvironment } from './chosen-environment.ts'

/** den why */
export const handle: Handler = async ({ command, values, operands, session, output }) => {
  const result = await session.why({
    ...chosenEnvironment(session, values, command),
    names: operands,
    ...defined({ latest: values.get(latest), script: values.get(script) }),
  })
  if (output.json) output.document(schemaOf(command), result)
  else {
    sayStale(result, output, values.get(script))
    for (const one of result.packages) output.print(renderWhy(one, output.style))
    for (const name of result.missing) output.talk(() => `${name} is not there`)
  }
  return result.missing.length > 0 ? 1 : 0
}

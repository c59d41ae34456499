import { environmentName } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { renderHistory } from '../render/history.ts'

/** den history */
export const handle: Handler = async ({ command, values, session, output }) => {
  const result = await session.history(defined({ environment: values.get(environmentName) }))
  if (output.json) output.document(schemaOf(command), result)
  else if (result.changes.length === 0) output.talk('den has changed nothing here yet')
  else output.print(renderHistory(result, output.style))
  return 0
}

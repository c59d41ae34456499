import { type Handler, schemaOf } from '../options/option.ts'
import { renderHistory } from '../render/history.ts'
import { chosenEnvironment } from './chosen-environment.ts'

/** den history */
export const handle: Handler = async ({ command, values, session, output }) => {
  const result = await session.history(chosenEnvironment(session, values))
  if (output.json) output.document(schemaOf(command), result)
  else if (result.changes.length === 0) output.talk('den has changed nothing here yet')
  else output.print(renderHistory(result, output.style))
  return 0
}

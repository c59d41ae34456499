import { dryRun } from '../options/common.ts'
import { force } from '../options/environments.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { renderMoved } from '../render/environments.ts'

/** den env mv PATH TO */
export const handle: Handler = async ({ command, operands, values, host, session, output }) => {
  const [environment, to] = operands
  const result = await session.envMove({
    environment: environment!,
    to: to!,
    force: values.get(force) === true,
    dryRun: values.get(dryRun) === true,
  })
  if (output.json) output.document(schemaOf(command), result)
  else {
    const text = renderMoved(result, 'moved', output.talkStyle, { home: host.home, cwd: host.cwd })
    if (values.get(dryRun) === true) output.print(text)
    else output.talk(text)
  }
  return 0
}

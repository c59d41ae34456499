import type { EnvCopyRequest } from '../../commands/env.ts'
import { dryRun, linkMode } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { renderMoved } from '../render/environments.ts'

/** den env cp PATH TO */
export const handle: Handler = async ({ command, operands, values, host, session, output }) => {
  const [environment, to] = operands
  const result = await session.envCopy({
    environment: environment!,
    to: to!,
    dryRun: values.get(dryRun) === true,
    // The option's choices are the modes.
    // Links to whole packages are copied as they are, whichever way the rest is.
    ...defined({
      linkMode: (values.get(linkMode) === 'instant' ? undefined : values.get(linkMode)) as EnvCopyRequest['linkMode'],
    }),
  })
  if (output.json) output.document(schemaOf(command), result)
  else {
    const text = renderMoved(result, 'copied', output.talkStyle, { home: host.home, cwd: host.cwd })
    if (values.get(dryRun) === true) output.print(text)
    else output.talk(text)
  }
  return 0
}

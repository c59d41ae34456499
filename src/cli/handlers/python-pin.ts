import { dryRun } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { removePin, resolved } from '../options/project-start.ts'
import { defined } from '../options/values.ts'
import { visible } from '../render/style.ts'

/** den python pin [SPEC] */
export const handle: Handler = async ({ command, operands, values, session, output }) => {
  const [request] = operands
  const isRemoved = values.get(removePin)
  const result = await session.pythonPin(
    defined({ request, remove: isRemoved, resolved: values.get(resolved), dryRun: values.get(dryRun) }),
  )
  if (output.json) {
    output.document(schemaOf(command), result)
    return 0
  }
  const { file, requests, before = [], dryRun: isDry } = result
  if (file === undefined) {
    output.talk('nothing is pinned here or above')
    return 0
  }
  if (isRemoved === true) output.print(`${isDry ? 'would remove' : 'removed'} ${visible(file)} (${before.join(', ')})`)
  else if (request === undefined) {
    for (const one of requests) output.print(one)
    output.talk(`says ${visible(file)}`)
  } else {
    const was = before.length === 0 || before.join() === requests.join() ? '' : ` (was ${before.join(', ')})`
    output.print(`${isDry ? 'would pin' : 'pinned'} ${requests.join(', ')} in ${visible(file)}${was}`)
  }
  return 0
}

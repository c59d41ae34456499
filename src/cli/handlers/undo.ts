import { DenError } from '../../base/error.ts'
import { dryRun, offline } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { changeLine } from '../render/history.ts'
import { visible } from '../render/style.ts'
import { chosenEnvironment } from './chosen-environment.ts'

/** den undo [CHANGE] */
export const handle: Handler = async ({ command, operands, values, session, output }) => {
  const [number] = operands
  if (number !== undefined && !/^[1-9]\d*$/.test(number))
    throw new DenError('bad-option-value', {
      source: 'CHANGE',
      value: number,
      expected: 'the number of a change, as den history tells it',
      command: 'den undo',
      suggestions: [],
    })
  const isDry = values.get(dryRun) === true
  const result = await session.undo({
    dryRun: isDry,
    ...chosenEnvironment(session, values),
    ...defined({
      change: number === undefined ? undefined : Number(number),
      offline: values.get(offline),
    }),
  })
  if (output.json) {
    output.document(schemaOf(command), result)
    return 0
  }
  const { installed, removed, since, undone } = result
  if (since.length > 0) {
    output.talk('since den’s last change something else has changed, and goes back as well:')
    for (const one of since) output.talk(`  ${changeLine(one)}`)
  }
  const said = result.command === undefined ? '' : ` (${result.command})`
  output.print(`${isDry ? 'would undo' : 'undid'} change ${undone}${said}`)
  for (const { name, version, from } of installed)
    output.print(`  ${changeLine({ name, is: version, ...defined({ was: from }) })}`)
  for (const { name, version } of removed) output.print(`  ${changeLine({ name, was: version })}`)
  if (result.project !== undefined) {
    const { file, command: back } = result.project
    const own = visible(session.host.path.relative(session.host.cwd, file) || file)
    output.talk(`note: ${own} and its lock stay as they are: den sync puts back what they ask for`)
    if (back !== undefined) output.talk(`      to change them likewise: ${visible(back)}`)
  }
  return 0
}

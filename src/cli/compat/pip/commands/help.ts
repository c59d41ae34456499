import { DenError } from '../../../../base/error.ts'
import type { PipHandler } from '../context.ts'
import { renderPipCommandHelp } from '../help.ts'
import { commandNames } from '../parse.ts'

/** pip help COMMAND */
export const handle: PipHandler = async ({ operands, output, program }) => {
  const [command] = operands
  if (command === undefined) return 0
  if (!commandNames.includes(command))
    throw new DenError('unknown-pip-command', { name: command, known: commandNames, program })
  output.print(renderPipCommandHelp(program, command, output.columns()))
  return 0
}

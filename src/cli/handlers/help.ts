import { DenError } from '../../base/error.ts'
import type { Handler } from '../options/option.ts'
import { closest } from '../options/suggest.ts'
import { commandNames, commandsUnder, findCommand } from '../options/table.ts'
import { renderCommandHelp, renderGroupHelp, renderHelp } from '../render/help.ts'

/** den help [COMMAND] */
export const handle: Handler = async ({ operands, output }) => {
  const [first] = operands
  const { style } = output
  const columns = output.columns()
  if (first === undefined) {
    output.print(renderHelp(style, columns))
    return 0
  }
  const found = findCommand(operands)
  const under = commandsUnder(first)
  if (found !== undefined && found.taken === operands.length)
    output.print(renderCommandHelp(found.command, style, columns))
  else if (under.length > 0 && operands.length === 1) output.print(renderGroupHelp(first, under, style, columns))
  else {
    const name = operands.join(' ')
    throw new DenError('unknown-command', {
      name,
      suggestions: closest(name, commandNames()).map((known) => `help ${known}`),
    })
  }
  return 0
}

import { DenError } from '../../base/error.ts'
import { type Command, type Example, type Handler, type Operand, schemaOf, spellings } from '../options/option.ts'
import { closest, insteadOf } from '../options/suggest.ts'
import { commandNames, commands, commandsUnder, findCommand } from '../options/table.ts'
import { renderCommandHelp, renderGroupHelp, renderHelp, usageOf } from '../render/help.ts'

/** The command line as data. */
export interface HelpResult {
  readonly commands: readonly {
    readonly name: string
    readonly aliases: readonly string[]
    readonly summary: string
    readonly about: readonly string[]
    readonly usage: string
    readonly examples: readonly Example[]
    readonly operands: readonly Operand[]
    readonly options: readonly {
      /** "-p", "--python". */
      readonly spellings: readonly string[]
      readonly kind: 'flag' | 'count' | 'text' | 'list'
      readonly help: string
      readonly value?: string
      readonly choices?: readonly string[]
      readonly variable?: string
      readonly since: string
    }[]
  }[]
}

/** den help [COMMAND] */
export const handle: Handler = async ({ command, operands, output }) => {
  const [first] = operands
  const found = findCommand(operands)
  if (found?.command.grammar === 'pip' && !output.json) {
    // What pip's own --help answers, of all of it or of one command.
    const { renderPipCommandHelp, renderPipHelp } = await import('../compat/pip/help.ts')
    const { commandNames: known } = await import('../compat/pip/parse.ts')
    const [name] = operands.slice(found.taken)
    if (name !== undefined && !known.includes(name))
      throw new DenError('unknown-pip-command', { name, known, program: 'den pip' })
    const columns = output.columns()
    output.print(
      name === undefined ? renderPipHelp('den pip', columns) : renderPipCommandHelp('den pip', name, columns),
    )
    return 0
  }
  const under = first === undefined ? commands : commandsUnder(first)
  const named = found !== undefined && found.taken === operands.length ? found.command : undefined
  if (named === undefined && (operands.length > 1 || under.length === 0)) {
    const name = operands.join(' ')
    const instead = insteadOf(operands[0]!)
    const suggestions = instead.length > 0 ? [] : closest(name, commandNames()).map((known) => `help ${known}`)
    throw new DenError('unknown-command', { name, suggestions, ...(instead.length > 0 ? { instead } : {}) })
  }
  if (output.json) {
    output.document(schemaOf(command), asData(named === undefined ? under : [named]))
    return 0
  }
  const { style } = output
  const columns = output.columns()
  if (named !== undefined) output.print(renderCommandHelp(named, style, columns))
  else output.print(first === undefined ? renderHelp(style, columns) : renderGroupHelp(first, under, style, columns))
  return 0
}

function asData(shown: readonly Command[]): HelpResult {
  return {
    commands: shown
      .filter(({ hidden }) => !hidden)
      .map((command) => ({
        name: command.name,
        aliases: command.aliases ?? [],
        summary: command.summary,
        about: command.about ?? [],
        usage: usageOf(command),
        examples: command.examples ?? [],
        operands: command.operands,
        options: command.options.map((option) => ({
          spellings: spellings(option),
          kind: option.kind,
          help: option.help,
          ...(option.value === undefined ? {} : { value: option.value }),
          ...(option.choices === undefined ? {} : { choices: option.choices }),
          ...(option.variable === undefined ? {} : { variable: option.variable }),
          since: option.since,
        })),
      })),
  }
}

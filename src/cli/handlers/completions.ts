import { DenError } from '../../base/error.ts'
import { completionScript } from '../completion/scripts.ts'
import { completionShells } from '../options/machine.ts'
import { type Handler, schemaOf } from '../options/option.ts'

/** den completions SHELL */
export const handle: Handler = async ({ command, operands, output }) => {
  const shell = operands[0]!
  const script = completionScript(shell)
  if (script === undefined) throw new DenError('shell-unknown', { shell, known: completionShells })
  if (output.json) output.document(schemaOf(command), { shell, script })
  else output.print(script.trimEnd())
  return 0
}

import { DenError } from '../../../../base/error.ts'
import { why } from '../../../../commands/tree.ts'
import type { PipHandler } from '../context.ts'

/** den pip why PACKAGE… */
export const handle: PipHandler = async (context) => {
  const { core, environment, operands } = context
  if (operands.length === 0) {
    throw new DenError('pip-options-refused', {
      command: 'pip why',
      because: 'no package is named',
      fix: ['den pip why PACKAGE'],
    })
  }
  const { packages, missing } = await why(core, { environment, names: operands })
  if (context.json) context.answer({ packages, missing })
  else {
    for (const { name, version, requested, chains } of packages) {
      const says = requested
        ? 'was asked for by name'
        : chains.length > 0
          ? 'is there because of:'
          : 'is required by nothing'
      context.say(
        `${name} ${version ?? '(not installed)'} ${says}${requested && chains.length > 0 ? ', and is required by:' : ''}`,
      )
      for (const chain of chains) context.say(`  ${chain.join(' → ')}`)
    }
    if (missing.length > 0) context.warn(`Package(s) not found: ${missing.join(', ')}`)
  }
  return missing.length > 0 ? 1 : 0
}

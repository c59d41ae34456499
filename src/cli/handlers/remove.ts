import { dryRun } from '../options/common.ts'
import type { Handler } from '../options/option.ts'
import { frozen, noSync } from '../options/project-change.ts'
import { resolutionChoices } from '../options/project-resolution.ts'
import { script } from '../options/project-script.ts'
import { defined } from '../options/values.ts'
import { listOf, tell } from './project-change.ts'
import { changeScript } from './script-change.ts'

/** den remove NAME… */
export const handle: Handler = async (invocation) => {
  const { operands, values, host, session } = invocation
  const file = values.get(script)
  if (file !== undefined) return await changeScript(invocation, { script: file, remove: operands })
  const result = await session.remove({
    ...resolutionChoices(values, 'den remove', host.now()),
    ...listOf(values),
    names: operands,
    ...defined({
      dryRun: values.get(dryRun),
      frozen: values.get(frozen),
      sync: values.get(noSync) === true ? false : undefined,
    }),
  })
  return tell(invocation, result)
}

import { dryRun } from '../options/common.ts'
import type { Handler } from '../options/option.ts'
import { dev, frozen, group, noSync, optional } from '../options/project-change.ts'
import { resolutionChoices } from '../options/project-resolution.ts'
import { refuseForScript, script } from '../options/project-script.ts'
import { defined } from '../options/values.ts'
import { listOf, tell } from './project-change.ts'
import { changeScript } from './script-change.ts'

/** den remove NAME… */
export const handle: Handler = async (invocation) => {
  const { operands, values, host, session } = invocation
  const file = values.get(script)
  const choices = resolutionChoices(values, 'den remove', host.now())
  if (file !== undefined) {
    refuseForScript(values, 'den remove', [dev, group, optional])
    const change = { ...choices, ...defined({ dryRun: values.get(dryRun), frozen: values.get(frozen) }) }
    return await changeScript(invocation, { ...change, script: file, remove: operands })
  }
  const result = await session.remove({
    ...choices,
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

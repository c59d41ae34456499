import { DenError } from '../../../../base/error.ts'
import { installPackages } from '../../../../commands/install.ts'
import { upgradeAll } from '../../../../commands/upgrade.ts'
import type { PipContext, PipHandler } from '../context.ts'
import { installRequest } from '../install-request.ts'
import { tellInstalled } from './install.ts'

/** den pip upgrade PACKAGE… | --all */
export const handle: PipHandler = async (context) => {
  const { core, operands, options } = context
  if (options.upgrade_all !== true) {
    const request = requestOf(context, operands)
    const result = await installPackages(core, request, { command: ['upgrade', ...operands].join(' ') })
    return await tellInstalled(context, request, result)
  }
  if (operands.length > 0 || (options.requirements?.length ?? 0) > 0) {
    throw new DenError('pip-options-refused', {
      command: 'pip upgrade',
      because: '--all means everything, and packages are named as well',
      fix: ['leave --all out', 'leave the names out'],
    })
  }
  const request = requestOf({ ...context, namesNothing: true }, [])
  const result = await upgradeAll(core, request)
  for (const name of result.left) context.say(`${name} stays: it is installed in place, or from no index`)
  if (result.applied === undefined && !request.dryRun && result.plan.install.length + result.plan.change.length === 0)
    context.say('Everything is up to date')
  return await tellInstalled(context, request, result)
}

function requestOf(context: PipContext, operands: readonly string[]): ReturnType<typeof installRequest> {
  return installRequest(context.host, { ...context, operands, options: { ...context.options, upgrade: true } })
}

import { DenError } from '../../../../base/error.ts'
import { installPackages } from '../../../../commands/install.ts'
import type { PipHandler } from '../context.ts'
import { installRequest } from '../install-request.ts'
import { tellInstalled } from './install.ts'

/** den pip sync FILE… */
export const handle: PipHandler = async (context) => {
  const { core, host, options, operands } = context
  const groups = options.dependency_groups ?? []
  if (operands.length === 0 && groups.length === 0) {
    throw new DenError('pip-options-refused', {
      command: 'pip sync',
      because: 'no file is named',
      fix: ['den pip sync requirements.txt', 'den pip sync pylock.toml'],
    })
  }
  const request = {
    ...installRequest(host, { ...context, operands: [], options: { ...options, requirements: operands } }),
    exact: true,
  }
  // The files pin all that is to be there: what they leave out was left out on purpose.
  const wanted = { ...request.wanted, dependencies: 'none' as const }
  const result = await installPackages(
    core,
    { ...request, wanted },
    {
      command: ['sync', ...operands].join(' '),
      requirements: (_seen, read) => {
        if (read.requirements.length > 0 || read.locks.length > 0 || options.allow_empty === true)
          return read.requirements
        throw new DenError('pip-options-refused', {
          command: 'pip sync',
          because: `nothing is named in ${operands.join(', ')}, and everything would go`,
          fix: ['if that is meant: add --allow-empty-requirements'],
        })
      },
    },
  )
  if (result.applied === undefined && !request.dryRun) context.say('Everything is as the files have it')
  return await tellInstalled(context, request, result)
}

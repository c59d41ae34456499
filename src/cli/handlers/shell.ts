import { become } from '../../host/exec.ts'
import { environmentName } from '../options/common.ts'
import { shellName } from '../options/environments.ts'
import type { Handler } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { shortPath } from '../render/create.ts'

/** den shell [PATH]: ends as the shell does. */
export const handle: Handler = async ({ operands, values, host, session, output }) => {
  const { file, argv, env, selection, shell, drawsPrompt, inside } = await session.shell(
    defined({ environment: operands[0], name: values.get(environmentName), shell: values.get(shellName) }),
  )
  const name = output.talkStyle.bold(shortPath(selection.root, host))
  output.talk(`${name} is active in this ${shell}; leave it with exit`)
  if (!drawsPrompt) output.talk(`note: the prompt of ${shell} does not show it`)
  if (inside !== undefined) output.talk(`note: exit leads back to the shell of ${shortPath(inside, host)}`)
  output.close()
  return become({ file, argv, env })
}

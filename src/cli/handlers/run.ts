import { refreshDenCommand } from '../../env/den-command.ts'
import { become } from '../../host/exec.ts'
import { environmentName, environmentPath } from '../options/common.ts'
import type { Handler } from '../options/option.ts'
import { defined } from '../options/values.ts'

/** den run COMMAND…: ends as the command does. */
export const handle: Handler = async ({ operands, values, session, output, host }) => {
  const plan = await session.planRun({
    command: operands,
    ...defined({ environment: values.get(environmentPath), name: values.get(environmentName) }),
  })
  const { activeElsewhere, root } = plan.selection
  if (activeElsewhere !== undefined) output.talk(`note: using ${root}; the active environment is ${activeElsewhere}`)
  // What is run may be den's own pip.
  refreshDenCommand({ host }, root)
  output.close()
  return become({ file: plan.file, argv: plan.argv, env: plan.env })
}

import type { RunRequest } from '../../commands/project-run.ts'
import { refreshDenCommand } from '../../env/den-command.ts'
import { become } from '../../host/exec.ts'
import { type Host, variable } from '../../host/host.ts'
import { readStandardInput } from '../../host/standard.ts'
import { environmentName, environmentPath, python } from '../options/common.ts'
import type { Handler } from '../options/option.ts'
import { refresh, resolutionChoices } from '../options/project-resolution.ts'
import {
  asScript,
  envFile,
  exact,
  isolated,
  module,
  noEnvFile,
  noProject,
  noSync,
  withEditable,
  withLayer,
  withRequirementsFile,
} from '../options/project-run.ts'
import { active } from '../options/project-sync.ts'
import { divideRequirements } from '../options/requirement-words.ts'
import { defined, type Values } from '../options/values.ts'
import { environmentRequest, isUnchanged } from './sync.ts'

/** den run COMMAND…: ends as the command does. */
export const handle: Handler = async ({ operands, values, session, output, host, lasts }) => {
  const plan = await session.planRun(runRequest(operands, values, host))
  const { activeElsewhere, root } = plan.selection
  if (activeElsewhere !== undefined) output.talk(`note: using ${root}; the active environment is ${activeElsewhere}`)
  const { synced } = plan
  if (synced !== undefined && !isUnchanged(synced)) {
    const { renderSynced } = await import('../render/sync.ts')
    output.talk(() => renderSynced(synced, host, output.talkStyle))
  }
  // What is run may be den's own pip.
  refreshDenCommand({ host }, root)
  output.close()
  // What is laid over for a run is newer tomorrow; what is asked for anew is so each time.
  const isLaidOver = [withLayer, withEditable, withRequirementsFile].some((option) => values.get(option) !== undefined)
  if (!isLaidOver && values.get(refresh) !== true && (synced === undefined || isUnchanged(synced)))
    await lasts(plan.settings)
  return become({ file: plan.file, argv: plan.argv, env: plan.env })
}

function runRequest(command: readonly string[], values: Values, host: Host): RunRequest {
  const [first] = command
  const isInput = first === '-' && values.get(module) !== true
  const files = values.get(withRequirementsFile)
  const layers = {
    packages: values.get(withLayer)?.flatMap(divideRequirements),
    editables: values.get(withEditable),
    requirements: files,
    standardInput: files?.includes('-') === true ? Buffer.from(readStandardInput()) : undefined,
  }
  return {
    command,
    ...defined({
      environment: values.get(environmentPath),
      name: values.get(environmentName),
      module: values.get(module),
      script: values.get(asScript),
      standardInput: isInput ? readStandardInput() : undefined,
      project: values.get(noProject) === true ? (false as const) : undefined,
      noSync: values.get(noSync),
      isolated: values.get(isolated),
      pythonAlone: values.typed(python) ? true : undefined,
      with: Object.values(layers).some((list) => list !== undefined) ? defined(layers) : undefined,
      envFiles: values.get(noEnvFile) === true ? [] : values.get(envFile),
    }),
    ...resolutionChoices(values, 'den run', host.now()),
    sync: {
      ...environmentRequest(values, 'den run'),
      ...defined({
        exact: values.get(exact),
        environment: values.get(active) === true ? variable(host, 'VIRTUAL_ENV') || undefined : undefined,
      }),
    },
  }
}

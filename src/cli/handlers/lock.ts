import { dryRun } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { check, force } from '../options/project-change.ts'
import { resolutionChoices, upgrade, upgradePackage } from '../options/project-resolution.ts'
import { script } from '../options/project-script.ts'
import { defined } from '../options/values.ts'
import { renderChanges, renderLocked } from '../render/project-lock.ts'

/** den lock */
export const handle: Handler = async ({ command, values, host, session, output, lasts }) => {
  const file = values.get(script)
  const request = {
    ...resolutionChoices(values, 'den lock', host.now()),
    ...defined({
      upgrade: values.get(upgrade),
      upgradePackages: values.get(upgradePackage),
      check: values.get(check),
      dryRun: values.get(dryRun),
      force: values.get(force),
    }),
  }
  const result = await (file === undefined ? session.lock(request) : session.lockScript({ ...request, script: file }))
  if (output.json) output.document(schemaOf(command), result)
  else {
    for (const warning of result.warnings) output.talk(`warning: ${warning}`)
    const changes = renderChanges(result.changes, result.outcome === 'planned' ? output.style : output.talkStyle)
    if (changes !== '') {
      if (result.outcome === 'planned') output.print(changes)
      else output.talk(changes)
    }
    output.talk(() => renderLocked(result, { cwd: host.cwd, path: host.path }, output.talkStyle))
  }
  if (result.outcome === 'current') await lasts()
  return result.outcome === 'outdated' ? 1 : 0
}

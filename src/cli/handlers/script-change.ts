import type { ChangeScriptRequest } from '../../commands/script-change.ts'
import type { Invocation } from '../invocation.ts'
import { dryRun } from '../options/common.ts'
import { schemaOf } from '../options/option.ts'
import { shortPath } from '../render/create.ts'
import { requirementLine } from '../render/project-change.ts'
import { renderChanges } from '../render/project-lock.ts'

/** add and remove with --script. */
export async function changeScript(
  { command, values, host, session, output }: Invocation,
  change: ChangeScriptRequest,
): Promise<number> {
  const result = await session.changeScript(change)
  if (output.json) {
    output.document(schemaOf(command), result)
    return 0
  }
  for (const warning of result.warnings) output.talk(`warning: ${warning}`)
  const isDry = values.get(dryRun) === true
  const style = isDry ? output.style : output.talkStyle
  const { requirements, changes, lock } = result
  const lines = requirements.map((one) => requirementLine(one, style))
  if (changes.length > 0) lines.push(renderChanges(changes, style))
  const place = shortPath(result.script, host)
  if (isDry) {
    output.print(lines.length === 0 ? 'nothing to do' : lines.join('\n'))
    return 0
  }
  for (const line of lines) output.talk(line)
  const said = requirements.length === 0 ? `${place} says so already` : `${place} says what it needs`
  output.talk(lock === undefined ? said : `${said}; ${shortPath(lock, host)} is locked anew`)
  return 0
}

import type { ChangeScriptRequest } from '../../commands/script-change.ts'
import type { Invocation } from '../invocation.ts'
import { dryRun } from '../options/common.ts'
import { schemaOf } from '../options/option.ts'
import { shortPath } from '../render/create.ts'

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
  const signs = { added: '+', changed: '~', removed: '-' } as const
  const lines = result.changes.map(({ kind, name, before, after }) => `${signs[kind]} ${after ?? before ?? name}`)
  const place = shortPath(result.script, host)
  if (values.get(dryRun) === true) output.print(lines.length === 0 ? 'nothing to do' : lines.join('\n'))
  else {
    for (const line of lines) output.talk(line)
    const lock = result.lock === undefined ? '' : `; ${shortPath(result.lock, host)} is locked anew`
    output.talk(lines.length === 0 ? `${place} says so already` : `${place} says what it needs${lock}`)
  }
  return 0
}

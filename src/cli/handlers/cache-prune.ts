import { DenError } from '../../base/error.ts'
import { shellWord } from '../../base/shell-word.ts'
import { dryRun } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { cacheDays } from '../options/store.ts'
import { formatBytes } from '../render/table.ts'

/** den cache prune */
export const handle: Handler = async ({ command, values, session, output }) => {
  const isDry = values.get(dryRun) === true
  const days = values.get(cacheDays)
  if (days !== undefined && !/^\d{1,6}$/.test(days))
    throw new DenError('bad-option-value', {
      source: '--days',
      value: days,
      expected: 'a whole number of days',
      command: `den ${command.name}`,
      suggestions: [],
    })
  const result = await session.cachePrune({ dryRun: isDry, ...(days === undefined ? {} : { days: Number(days) }) })
  if (output.json) output.document(schemaOf(command), result)
  else {
    const verb = isDry ? 'would remove' : 'removed'
    const files = `${result.files} ${result.files === 1 ? 'file' : 'files'}`
    output.talk(`${verb} ${files} (${formatBytes(result.bytes)}) from ${shellWord(result.directory)}`)
  }
  return 0
}

import { shellWord } from '../../base/shell-word.ts'
import type { Handler } from '../options/option.ts'
import { schemaOf } from '../options/option.ts'
import { formatBytes } from '../render/table.ts'

/** den cache clear */
export const handle: Handler = async ({ command, session, output }) => {
  const result = await session.cacheClear()
  if (output.json) output.document(schemaOf(command), result)
  else if (result.files === 0) output.talk(`${shellWord(result.directory)} holds nothing`)
  else output.talk(`removed ${result.files} files (${formatBytes(result.bytes)}) from ${shellWord(result.directory)}`)
  return 0
}

import type { Handler } from '../options/option.ts'
import { schemaOf } from '../options/option.ts'

/** den cache dir */
export const handle: Handler = async ({ command, session, output }) => {
  const { cache } = session.places
  if (output.json) output.document(schemaOf(command), { directory: cache })
  else output.print(cache)
  return 0
}

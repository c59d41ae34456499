import type { ExportRequest } from '../../commands/lock-export.ts'
import { format, forPython, noHashes, noProject, output as outputFile } from '../options/lock-views.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { script } from '../options/project-script.ts'
import { partsRequest } from '../options/project-selection.ts'
import { defined } from '../options/values.ts'
import { sayStale } from '../render/lock-views.ts'

/** den export */
export const handle: Handler = async ({ command, values, session, output }) => {
  const result = await session.exportLock({
    ...defined({
      format: values.get(format) as ExportRequest['format'],
      hashes: values.get(noHashes) === true ? false : undefined,
      noProject: values.get(noProject),
      forPython: values.get(forPython),
      script: values.get(script),
      output: values.get(outputFile) === '-' ? undefined : values.get(outputFile),
    }),
    parts: partsRequest(values, 'den export'),
  })
  if (output.json) {
    output.document(schemaOf(command), result)
    return 0
  }
  sayStale(result, output, values.get(script))
  if (result.unhashed.length > 0) {
    output.talk(
      () =>
        `note: ${result.unhashed.join(', ')} ${result.unhashed.length === 1 ? 'has' : 'have'} no hash, and pip asks for one of each where there is one of any: --no-hashes, or leave the project out with --no-project`,
    )
  }
  if (result.output === undefined) output.print(result.text.replace(/\n$/, ''))
  else output.talk(() => `wrote ${result.output}: ${result.packages} packages`)
  return 0
}

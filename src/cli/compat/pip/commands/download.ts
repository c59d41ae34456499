import { downloadPackages, type SavedFiles } from '../../../../commands/download.ts'
import type { PipContext, PipHandler } from '../context.ts'
import { downloadRequest } from '../install-request.ts'

/** pip download PACKAGE… */
export const handle: PipHandler = async (context) => {
  const result = await downloadPackages(context.core, downloadRequest(context.host, context))
  tellSaved(context, result)
  const names = result.saved.map(({ name }) => name)
  if (names.length > 0) context.say(`Successfully downloaded ${names.join(' ')}`)
  return 0
}

/** What was saved and what was there, as pip says it. */
export function tellSaved(context: PipContext, { saved, passedOver, warnings }: SavedFiles): void {
  for (const warning of warnings) context.warn(warning)
  context.answer({ saved, passedOver, warnings })
  for (const name of passedOver) context.say(`Not saved: ${name}, which is a directory`)
  for (const { path, unchanged } of saved) {
    const shown = shownPath(context, path)
    context.say(unchanged ? `File was already downloaded ${shown}` : `Saved ${shown}`)
  }
}

function shownPath({ host }: PipContext, file: string): string {
  const relative = host.path.relative(host.cwd, file)
  return relative.startsWith('..') ? file : `.${host.path.sep}${relative}`
}

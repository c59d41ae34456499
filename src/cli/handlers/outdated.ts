import { direct, refresh } from '../options/lock-views.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { script } from '../options/project-script.ts'
import { defined } from '../options/values.ts'
import { renderOutdated, sayStale } from '../render/lock-views.ts'

/** den outdated */
export const handle: Handler = async ({ command, values, session, output }) => {
  const result = await session.outdated(
    defined({ direct: values.get(direct), refresh: values.get(refresh), script: values.get(script) }),
  )
  if (output.json) output.document(schemaOf(command), result)
  else {
    sayStale(result, output, values.get(script))
    if (result.packages.length > 0) output.print(renderOutdated(result, output.style))
    else output.talk(nothingNewer(result.compared))
    for (const name of result.unknown) output.talk(() => `no index has ${name} any more`)
  }
  return 0
}

function nothingNewer(compared: number): string {
  if (compared === 0) return 'nothing of the lock comes from an index'
  return `nothing is newer for ${compared === 1 ? 'the one package' : `any of the ${compared} packages`}`
}

// The projects that requirements files name, for commands that need no more than that.

import { tryParseUrl } from '../../../base/safe-url.ts'
import { sourceSettings } from '../../../commands/pip-sources.ts'
import { readRequirementsPlace, requirementsContextOf } from '../../../config/pip-surroundings.ts'
import type { Transport } from '../../../net/transport.ts'
import { parseRequirementsText } from '../../../spec/requirements-txt.ts'
import type { PipContext } from './context.ts'
import { networkWishes } from './install-request.ts'

/** Names as written, in their order. Throws `invalid-requirements` and `requirements-file-missing`. */
export async function requirementNames(context: PipContext, files: readonly string[]): Promise<readonly string[]> {
  const { host } = context
  const names: string[] = []
  let opened: Transport | undefined
  const fetched = async (place: string): Promise<Uint8Array | undefined> => {
    const url = tryParseUrl(place)
    if (url === undefined) return undefined
    const { openTransport } = await import('../../../net/transport.ts')
    const { connection } = sourceSettings(host, {
      sources: { extraIndexes: [], noIndex: true, findLinks: [], refresh: new Set() },
      network: networkWishes(context.options),
    })
    opened ??= openTransport(context.core, { ...connection, indexes: [] })
    const answer = await opened.fetch({ url, maxBytes: 32 * 2 ** 20, compressed: true })
    return answer.status >= 400 ? undefined : answer.body
  }
  for (const file of files) {
    const { lines } = await parseRequirementsText(file, requirementsContextOf(host), async ({ place }) =>
      /^https?:/i.test(place) ? await fetched(place) : readRequirementsPlace(host, place),
    ).finally(() => opened?.close())
    opened = undefined
    for (const { requirement, text } of lines) {
      if (requirement !== undefined) names.push(requirement.rawName)
      else context.core.report({ kind: 'note', text: `${text} names no project, and is passed over` })
    }
  }
  return names
}

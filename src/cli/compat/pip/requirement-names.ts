// The projects that requirements files name, for commands that need no more than that.

import { tryParseUrl } from '../../../base/safe-url.ts'
import { sourceSettings } from '../../../commands/pip-sources.ts'
import { ifReadable } from '../../../env/quietly.ts'
import { type Host, variable } from '../../../host/host.ts'
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
    const { lines } = await parseRequirementsText(
      file,
      {
        directory: host.cwd,
        path: host.path,
        variable: (name) => variable(host, name),
        look: (place) => lookAt(host, place),
      },
      async ({ place }) => (/^https?:/i.test(place) ? await fetched(place) : host.files.readBytes(place)),
    ).finally(() => opened?.close())
    opened = undefined
    for (const { requirement, text } of lines) {
      if (requirement !== undefined) names.push(requirement.rawName)
      else context.core.report({ kind: 'note', text: `${text} names no project, and is passed over` })
    }
  }
  return names
}

/** What stands at a path, as reading requirements asks. */
export function lookAt(
  { files, path }: Pick<Host, 'files' | 'path'>,
  place: string,
): 'project' | 'directory' | 'file' | undefined {
  const kind = ifReadable(() => files.stat(place))?.kind
  if (kind !== 'directory') return kind === 'file' ? 'file' : undefined
  const has = (name: string): boolean => ifReadable(() => files.stat(path.join(place, name)))?.kind === 'file'
  return has('pyproject.toml') || has('setup.py') ? 'project' : 'directory'
}

// The projects that requirements files name, for commands that need no more than that.

import { DenError } from '../../../base/error.ts'
import { ifReadable } from '../../../env/quietly.ts'
import { type Host, variable } from '../../../host/host.ts'
import { parseRequirementsText } from '../../../spec/requirements-txt.ts'
import type { PipContext } from './context.ts'

/** Names as written, in their order. Throws `invalid-requirements` and `requirements-file-missing`. */
export async function requirementNames(context: PipContext, files: readonly string[]): Promise<readonly string[]> {
  const { host } = context
  const names: string[] = []
  for (const file of files) {
    const { lines } = await parseRequirementsText(
      file,
      {
        directory: host.cwd,
        path: host.path,
        variable: (name) => variable(host, name),
        look: (place) => lookAt(host, place),
      },
      ({ place }) => {
        if (!/^https?:/i.test(place)) return host.files.readBytes(place)
        throw new DenError('pip-options-refused', {
          command: `pip ${context.command}`,
          because: `${place} is an address, and this command reads files only`,
          fix: ['fetch it first, and name the file'],
        })
      },
    )
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

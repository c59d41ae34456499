import { shellWord } from '../../base/shell-word.ts'
import { type Host, searchPath } from '../../host/host.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { renderExplain } from '../render/explain.ts'
import { renderTry } from '../render/try.ts'

/** den try */
export const handle: Handler = async ({ command, session, output }) => {
  const result = await session.tryExample()
  const explanation = await session.explain({ path: result.root })
  if (output.json) output.document(schemaOf(command), { ...result, explanation })
  else {
    const { style } = output
    const { host } = session
    const explained = renderExplain(explanation, style)
    output.print(renderTry(result, { style, home: host.home, explained, den: wordForDen(host) }))
  }
  return 0
}

/** Whoever tries den from a clone has no `den` on PATH yet. */
function wordForDen(host: Host): string {
  const { files, path, platform, self } = host
  const name = platform === 'win32' ? 'den.exe' : 'den'
  const isThere = searchPath(host).some((directory) => files.isExecutable(path.join(directory, name)))
  return isThere || self === undefined ? 'den' : self.map(shellWord).join(' ')
}

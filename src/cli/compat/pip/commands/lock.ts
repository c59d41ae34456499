import { lockPackages } from '../../../../commands/lock.ts'
import { isPylockName } from '../../../../spec/pylock-place.ts'
import type { PipHandler } from '../context.ts'
import { lockRequest } from '../install-request.ts'

/** pip lock PACKAGE… */
export const handle: PipHandler = async (context) => {
  const { core, host } = context
  const request = lockRequest(host, context)
  const { text, path, packages, ignored, warnings } = await lockPackages(core, request)
  for (const warning of warnings) context.warn(warning)
  if (path === undefined) {
    if (context.json) context.answer({ packages, text })
    else context.raw(text.trimEnd())
    return 0
  }
  if (!isPylockName(host.path.basename(path)))
    context.warn(`${path} is no name of a lock file: tools look for pylock.toml and pylock.NAME.toml`)
  context.answer({ path, packages })
  for (const each of ignored) context.say(`Ignoring ${each}: markers don't match your environment`)
  context.say(`Wrote ${path}: ${packages.length} ${packages.length === 1 ? 'package' : 'packages'}`)
  return 0
}

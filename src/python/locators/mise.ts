// mise: DATA/installs/python, one directory a version; the links beside them ("3.12", "latest") lead to these.

import { type Host, variable } from '../../host/host.ts'
import type { Locator } from './locator.ts'
import { installationsIn } from './versions.ts'

function dataDirectory(host: Host): string | undefined {
  const { path, home, platform } = host
  const given = variable(host, 'MISE_DATA_DIR')
  if (given !== undefined && path.isAbsolute(given)) return given
  const local = variable(host, platform === 'win32' ? 'LOCALAPPDATA' : 'XDG_DATA_HOME')
  if (local !== undefined && path.isAbsolute(local)) return path.join(local, 'mise')
  return home === undefined ? undefined : path.join(home, '.local', 'share', 'mise')
}

export const mise: Locator = {
  name: 'mise',
  *find(host) {
    const data = dataDirectory(host)
    if (data !== undefined) yield* installationsIn(host, host.path.join(data, 'installs', 'python'))
  },
}

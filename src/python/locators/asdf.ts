// asdf: DATA/installs/python, one directory a version.

import { variable } from '../../host/host.ts'
import type { Locator } from './locator.ts'
import { installationsIn } from './versions.ts'

export const asdf: Locator = {
  name: 'asdf',
  *find(host) {
    const { path, home } = host
    const given = variable(host, 'ASDF_DATA_DIR')
    const data =
      given !== undefined && path.isAbsolute(given) ? given : home === undefined ? undefined : path.join(home, '.asdf')
    if (data !== undefined) yield* installationsIn(host, path.join(data, 'installs', 'python'))
  },
}

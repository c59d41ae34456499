// The directories where a POSIX system's own package manager and administrator put programs, whether or not PATH has them.

import { searchPath } from '../../host/host.ts'
import { listQuietly } from '../looking.ts'
import type { Locator } from './locator.ts'
import { pythonsIn } from './path.ts'

export const system: Locator = {
  name: 'system',
  *find(host) {
    if (host.platform === 'win32') return
    const onPath = searchPath(host)
    for (const directory of [
      '/usr/bin',
      '/usr/local/bin',
      '/bin',
      '/usr/local/sbin',
      '/opt/local/bin',
      '/usr/pkg/bin',
    ]) {
      // The locator of PATH has listed it.
      if (onPath.includes(directory)) continue
      // Merged systems have /bin as a link to /usr/bin.
      if (directory === '/bin' && host.files.readLink('/bin') !== undefined) continue
      yield* pythonsIn(host, directory)
    }
    // Software collections: /opt/rh/rh-python38, /opt/python/cp312-cp312 of the manylinux images.
    if (host.platform !== 'linux') return
    for (const { name } of [...listQuietly(host, '/opt/python')].reverse()) {
      if (/^(?:cp|pp)\d/.test(name)) yield { executable: `/opt/python/${name}/bin/python`, name }
    }
  },
}

/** The profiles of nix: links into the store, stable across generations. */
export const nix: Locator = {
  name: 'nix',
  *find(host) {
    if (host.platform === 'win32') return
    const user = host.env['USER']
    for (const directory of [
      ...(host.home === undefined
        ? []
        : [`${host.home}/.nix-profile/bin`, `${host.home}/.local/state/nix/profile/bin`]),
      ...(user === undefined || user.includes('/') ? [] : [`/etc/profiles/per-user/${user}/bin`]),
      '/nix/var/nix/profiles/default/bin',
      '/run/current-system/sw/bin',
    ]) {
      yield* pythonsIn(host, directory)
    }
  },
}

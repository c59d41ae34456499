// Homebrew: opt/python@X.Y, the link that outlives each release. The Cellar behind it is never named: its directories come and go.

import { type Host, variable } from '../../host/host.ts'
import { listQuietly } from '../looking.ts'
import type { Locator } from './locator.ts'

function prefixes(host: Host): readonly string[] {
  const given = variable(host, 'HOMEBREW_PREFIX')
  const usual =
    host.platform === 'darwin'
      ? ['/opt/homebrew', '/usr/local']
      : host.platform === 'linux'
        ? ['/home/linuxbrew/.linuxbrew', ...(host.home === undefined ? [] : [`${host.home}/.linuxbrew`])]
        : []
  return [...new Set([...(given !== undefined && host.path.isAbsolute(given) ? [given] : []), ...usual])]
}

export const homebrew: Locator = {
  name: 'homebrew',
  *find(host) {
    if (host.platform === 'win32') return
    for (const prefix of prefixes(host)) {
      const opt = host.path.join(prefix, 'opt')
      for (const { name } of [...listQuietly(host, opt)].reverse()) {
        const match = /^(?:python@(\d\.\d+)|python-freethreading@?(\d\.\d+)?|(pypy)@?(\d\.\d+)?)$/.exec(name)
        if (match === null) continue
        const [, line, , pypy, pypyLine] = match
        const file = pypy === undefined ? `python${line ?? '3'}` : `pypy${pypyLine ?? ''}`
        yield { executable: host.path.join(opt, name, 'bin', file), name }
      }
    }
  },
}

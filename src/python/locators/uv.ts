// The Pythons that uv installed: one directory each, and a link a minor version that moves on with upgrades.

import { type Host, variable } from '../../host/host.ts'
import { listQuietly } from '../looking.ts'
import type { Candidate, Locator } from './locator.ts'
import { executableIn } from './versions.ts'

function directories(host: Host): readonly string[] {
  const { path, home, platform } = host
  const given = variable(host, 'UV_PYTHON_INSTALL_DIR')
  if (given !== undefined && given !== '') return [path.resolve(host.cwd, given)]
  const roaming = variable(host, 'APPDATA')
  if (platform === 'win32') return roaming === undefined ? [] : [path.join(roaming, 'uv', 'python')]
  const data = variable(host, 'XDG_DATA_HOME')
  if (data !== undefined && path.isAbsolute(data)) return [path.join(data, 'uv', 'python')]
  if (home === undefined) return []
  const usual = path.join(home, '.local', 'share', 'uv', 'python')
  return platform === 'darwin' ? [usual, path.join(home, 'Library', 'Application Support', 'uv', 'python')] : [usual]
}

export const uv: Locator = {
  name: 'uv',
  *find(host) {
    for (const directory of directories(host)) {
      const entries = listQuietly(host, directory).filter(({ name }) => /^(?:cpython|pypy|graalpy)-\d/.test(name))
      // The links first: their addresses outlive an upgrade to the next patch release.
      const links = entries.filter(({ kind }) => kind === 'link').reverse()
      const others = entries.filter(({ kind }) => kind === 'directory').reverse()
      for (const { name } of [...links, ...others]) {
        const executable = executableIn(host, host.path.join(directory, name), name)
        if (executable !== undefined) yield { executable, name } satisfies Candidate
      }
    }
  },
}

// pyenv and pyenv-win: ROOT/versions, and pyenv-virtualenv's environments below and beside.

import { type Host, variable } from '../../host/host.ts'
import { listQuietly } from '../looking.ts'
import type { Locator } from './locator.ts'
import { executableIn, installationsIn } from './versions.ts'

/** pyenv's root: PYENV_ROOT, else the place its installer takes. */
export function pyenvRoots(host: Host): readonly string[] {
  const { path, home, platform } = host
  const roots = new Set<string>()
  for (const name of platform === 'win32' ? ['PYENV_ROOT', 'PYENV', 'PYENV_HOME'] : ['PYENV_ROOT']) {
    const value = variable(host, name)
    if (value !== undefined && path.isAbsolute(value)) roots.add(path.normalize(value))
  }
  if (home !== undefined && roots.size === 0) {
    roots.add(path.join(home, '.pyenv', ...(platform === 'win32' ? ['pyenv-win'] : [])))
  }
  return [...roots]
}

export const pyenv: Locator = {
  name: 'pyenv',
  *find(host) {
    for (const root of pyenvRoots(host)) {
      const versions = host.path.join(root, 'versions')
      yield* installationsIn(host, versions)
      if (host.platform === 'win32') continue
      // pyenv-virtualenv keeps its environments in the version they were made from, and links them by their names.
      for (const { name, kind } of listQuietly(host, versions)) {
        if (kind !== 'directory') continue
        const environments = host.path.join(versions, name, 'envs')
        for (const environment of listQuietly(host, environments)) {
          const executable = executableIn(host, host.path.join(environments, environment.name))
          if (executable !== undefined) yield { executable, name: environment.name }
        }
      }
    }
  },
}

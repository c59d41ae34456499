// The base interpreter as an environment refers to it: a path that stays right when the base gets its next patch release.

import type { Host } from '../host/host.ts'
import type { Interpreter } from '../python/interpreter.ts'

export interface BasePython {
  /** What `bin/python` links to. */
  readonly executable: string
  /** `home` in pyvenv.cfg: the directory of the executable, from which Python looks upward for its library. */
  readonly home: string
}

/**
 * Chooses among the names of one interpreter. It must stand under its own prefix (Python looks for its library from `home`, without
 * following links), name the minor version where a plain name may move on to the next one (Debian's python3), and no patch version
 * where a name without one is there (Homebrew's opt against its Cellar).
 */
export function basePython(host: Pick<Host, 'files' | 'path'>, interpreter: Interpreter): BasePython {
  const { path } = host
  const executable = chooseExecutable(host, interpreter)
  const directory = path.dirname(executable)
  // GraalPy up to the one that speaks 3.10 takes `home` for the prefix itself.
  const { implementation, version } = interpreter
  const prefixIsHome =
    implementation === 'graalpy' && version.minor <= 10 && ['bin', 'Scripts'].includes(path.basename(directory))
  return { executable, home: prefixIsHome ? path.dirname(directory) : directory }
}

function chooseExecutable(host: Pick<Host, 'files' | 'path'>, interpreter: Interpreter): string {
  const { path, files } = host
  const { executable, realExecutable, prefix, vendor, platform } = interpreter
  if (platform === 'win32') return executable
  const cellar = /^(.*)\/Cellar\/(python@[^/]+)\/[^/]+\/(.*)$/.exec(executable)
  if (cellar !== null) {
    const opt = `${cellar[1]}/opt/${cellar[2]}/${cellar[3]}`
    return files.stat(opt) === undefined ? executable : opt
  }
  if (vendor === 'homebrew' || vendor === 'framework' || vendor === 'xcode' || vendor === 'nix') return executable
  if (path.dirname(path.dirname(executable)) === prefix) {
    // python3 beside the python3.11 that it leads to: the next release of the system moves the former.
    const versioned = path.dirname(realExecutable) === path.dirname(executable)
    const systemName = path.basename(executable) === `python${interpreter.version.major}` && prefix === '/usr'
    return versioned && systemName ? realExecutable : executable
  }
  // A link from elsewhere (~/.local/bin/python3.12, /bin on merged systems): the same file where its prefix has it.
  const inPrefix = path.join(prefix, 'bin', path.basename(executable))
  if (files.realPath(inPrefix) === realExecutable) return inPrefix
  return files.realPath(path.dirname(path.dirname(executable))) === files.realPath(prefix) ? executable : realExecutable
}

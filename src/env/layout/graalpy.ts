// GraalPy. The executable looks for its engine in directories relative to itself, so those are linked as well. Written from
// virtualenv's layout, not run here.

import { DenError } from '../../base/error.ts'
import type { PlanEntry } from '../plan.ts'
import type { LayoutHost, LayoutRequest } from './layout.ts'
import { executableEntries, libraryEntries } from './posix.ts'
import { redirectorEntries } from './windows.ts'

export function graalpyLayout(host: LayoutHost, request: LayoutRequest): readonly PlanEntry[] {
  const { files, path } = host
  const { interpreter, copies } = request
  const { major, minor } = interpreter.version
  if (interpreter.platform === 'win32') return redirectorEntries(host, request)
  if (copies) {
    throw new DenError('environment-unsupported', {
      python: interpreter.executable,
      what: 'environment with --copies',
      reason: 'GraalPy would need its whole engine copied, some hundred megabytes',
    })
  }
  const bin = path.dirname(interpreter.realExecutable)
  const home = path.basename(bin) === 'bin' ? path.dirname(bin) : bin
  const engine = ['lib/libpythonvm.so', 'lib/libpythonvm.dylib', 'jvm', 'jvmlibs', 'modules']
    .map((name) => ({ name, from: path.join(home, ...name.split('/')) }))
    .flatMap(({ name, from }): PlanEntry[] => {
      const facts = files.stat(from)
      if (facts === undefined) return []
      return [{ kind: 'link', path: name, target: from, ...(facts.kind === 'directory' ? { directory: true } : {}) }]
    })
  return [
    { kind: 'directory', path: 'bin' },
    ...executableEntries(host, request, ['python', `python${major}`, `python${major}.${minor}`, 'graalpy']),
    ...libraryEntries(interpreter),
    ...engine,
    { kind: 'directory', path: 'include' },
  ]
}

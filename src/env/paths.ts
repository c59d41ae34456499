// Where things are inside an environment: the `venv` scheme of sysconfig for each implementation and system, named explicitly,
// because an interpreter's default scheme is what its distributor patched (Debian's posix_local, Fedora's rpm_prefix).

import type { posix } from 'node:path'
import { type Interpreter, libraryVersion } from '../python/interpreter.ts'
import type { EnvironmentPaths } from './plan.ts'

/** What of an interpreter decides the layout of its environments. */
export type LayoutFacts = Pick<
  Interpreter,
  'implementation' | 'version' | 'freeThreaded' | 'abiFlags' | 'platform' | 'platlibdir' | 'bits'
>

/** The name of the directory under lib that holds site-packages: "python3.13", "python3.13t", "pypy3.10". */
export function libraryDirectoryName(facts: LayoutFacts): string {
  return `${facts.implementation === 'pypy' ? 'pypy' : 'python'}${libraryVersion(facts)}`
}

/** PyPy kept everything in the prefix itself until it took over CPython's layout with 3.8. */
export function isOldPyPy(facts: LayoutFacts): boolean {
  return facts.implementation === 'pypy' && facts.version.major === 3 && facts.version.minor < 8
}

/** Windows puts scripts in Scripts and packages in Lib, whatever the version. */
function isWindows(facts: LayoutFacts): boolean {
  return facts.platform === 'win32'
}

/** site-packages as path segments from the root, of pure and of compiled distributions. */
export function siteSegments(facts: LayoutFacts): {
  readonly pure: readonly string[]
  readonly platform: readonly string[]
} {
  if (isOldPyPy(facts)) return { pure: ['site-packages'], platform: ['site-packages'] }
  if (isWindows(facts)) return { pure: ['Lib', 'site-packages'], platform: ['Lib', 'site-packages'] }
  const library = libraryDirectoryName(facts)
  const platlibdir = facts.implementation === 'cpython' ? facts.platlibdir : 'lib'
  return { pure: ['lib', library, 'site-packages'], platform: [platlibdir, library, 'site-packages'] }
}

/**
 * The places inside an environment for `interpreter` at `root`. `path` is the path module of the platform it is for.
 * Headers go where pip puts them in an environment, `include/site/pythonX.Y/NAME`, so that several projects' headers never meet.
 */
export function environmentPaths(interpreter: LayoutFacts, root: string, path: typeof posix): EnvironmentPaths {
  const windows = isWindows(interpreter)
  const scripts = path.join(root, windows ? 'Scripts' : 'bin')
  const { pure, platform } = siteSegments(interpreter)
  const { major, minor } = interpreter.version
  return {
    root,
    scripts,
    python: path.join(scripts, windows ? 'python.exe' : 'python'),
    purelib: path.join(root, ...pure),
    platlib: path.join(root, ...platform),
    include: path.join(root, windows ? 'Include' : 'include', 'site', `python${major}.${minor}`),
    data: root,
  }
}

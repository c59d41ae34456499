// Where an installer puts things outside of den's own environments: an installation (sysconfig's preferred scheme, as its distributor
// has patched it), the user's directories, a prefix, one flat directory, and all of these below another root.

import type { posix } from 'node:path'
import { type Interpreter, libraryVersion } from '../python/interpreter.ts'
import { environmentPaths, isOldPyPy, siteSegments } from './paths.ts'
import type { EnvironmentPaths } from './plan.ts'

export type InstallPlace =
  | { readonly kind: 'environment' }
  | { readonly kind: 'user' }
  /** One flat directory. */
  | { readonly kind: 'target'; readonly directory: string }
  /** `lib`, `bin` and so on below this. */
  | { readonly kind: 'prefix'; readonly directory: string }

export interface SchemeFacts {
  readonly interpreter: Interpreter
  /** `sys.prefix`: the environment's root, or the installation's. */
  readonly prefix: string
  readonly isVirtual: boolean
  /** `site.USER_BASE`. */
  readonly userBase: string
  readonly path: typeof posix
}

/** The directories for a place; `root` in the result contains all the others. */
export function schemePaths(facts: SchemeFacts, place: InstallPlace): EnvironmentPaths {
  return withHeaders(facts, place, pathsOf(facts, place))
}

/** The same directories below another root, as if that were `/`. */
export function pathsUnder(paths: EnvironmentPaths, under: string, path: typeof posix): EnvironmentPaths {
  const moved = (place: string): string => path.join(under, path.relative(path.parse(place).root, place))
  return {
    root: moved(paths.root),
    scripts: moved(paths.scripts),
    // Scripts name the Python that will run them, which stands where it stands.
    python: paths.python,
    purelib: moved(paths.purelib),
    platlib: moved(paths.platlib),
    include: moved(paths.include),
    data: moved(paths.data),
  }
}

/** From within a virtual environment pip keeps several projects' headers apart by `site`, whatever the place. */
function withHeaders(
  { interpreter, isVirtual, path }: SchemeFacts,
  { kind }: InstallPlace,
  paths: EnvironmentPaths,
): EnvironmentPaths {
  if (!isVirtual || kind === 'environment' || kind === 'prefix') return paths
  const { version, platform } = interpreter
  const directory = platform === 'win32' ? 'Include' : 'include'
  return { ...paths, include: path.join(paths.data, directory, 'site', `python${version.major}.${version.minor}`) }
}

function pathsOf(facts: SchemeFacts, place: InstallPlace): EnvironmentPaths {
  const { interpreter, prefix, isVirtual, path } = facts
  switch (place.kind) {
    case 'target':
      return flat(facts, place.directory)
    case 'user':
      return userPaths(facts)
    case 'prefix':
      return isVirtual ? venvPaths(facts, place.directory) : prefixPaths(facts, place.directory)
    case 'environment':
      return isVirtual ? environmentPaths(interpreter, prefix, path) : prefixPaths(facts, prefix)
  }
}

/** The `venv` scheme at another prefix; the Python stays the environment's. */
function venvPaths({ interpreter, path, prefix }: SchemeFacts, directory: string): EnvironmentPaths {
  return {
    ...environmentPaths(interpreter, directory, path),
    python: environmentPaths(interpreter, prefix, path).python,
  }
}

/** pip installs into a home of its own and moves all of it to the one directory: packages on top, scripts in `bin`. */
function flat({ interpreter, path }: SchemeFacts, directory: string): EnvironmentPaths {
  const windows = interpreter.platform === 'win32'
  return {
    root: directory,
    scripts: path.join(directory, windows ? 'Scripts' : 'bin'),
    python: interpreter.executable,
    purelib: directory,
    platlib: directory,
    include: windows ? path.join(directory, 'Include') : path.join(directory, 'include', 'python'),
    data: directory,
  }
}

function userPaths({ interpreter, userBase, path }: SchemeFacts): EnvironmentPaths {
  const { platform, vendor, version } = interpreter
  const python = interpreter.executable
  const library = path.join(userBase, ...userSegments(interpreter), 'site-packages')
  const shared = { root: userBase, python, purelib: library, platlib: library, data: userBase }
  if (platform === 'win32') {
    const short = `Python${libraryVersion(interpreter).replace('.', '')}`
    const directory = path.join(userBase, short)
    const site = path.join(directory, 'site-packages')
    return {
      ...shared,
      purelib: site,
      platlib: site,
      scripts: path.join(directory, 'Scripts'),
      include: path.join(directory, 'Include'),
    }
  }
  const scripts = path.join(userBase, 'bin')
  if (platform === 'darwin' && (vendor === 'framework' || vendor === 'xcode' || vendor === 'homebrew')) {
    return { ...shared, scripts, include: path.join(userBase, 'include', `python${version.major}.${version.minor}`) }
  }
  return {
    ...shared,
    scripts,
    include: path.join(userBase, 'include', `${baseName(interpreter)}${libraryVersion(interpreter)}`),
  }
}

function userSegments(interpreter: Interpreter): readonly string[] {
  const { platform, vendor } = interpreter
  // A framework's user site has a directory of its own for each version already (~/Library/Python/3.12).
  if (platform === 'darwin' && (vendor === 'framework' || vendor === 'xcode' || vendor === 'homebrew'))
    return ['lib', 'python']
  return ['lib', `${baseName(interpreter)}${libraryVersion(interpreter)}`]
}

function baseName({ implementation }: Interpreter): 'python' | 'pypy' {
  return implementation === 'pypy' ? 'pypy' : 'python'
}

/** An installation, or a prefix that is laid out like it. */
function prefixPaths({ interpreter, path, prefix: own }: SchemeFacts, prefix: string): EnvironmentPaths {
  const { platform, vendor, version } = interpreter
  const python = interpreter.executable
  if (platform === 'win32') {
    const site = path.join(prefix, 'Lib', 'site-packages')
    const scripts = path.join(prefix, 'Scripts')
    return {
      root: prefix,
      scripts,
      python,
      purelib: site,
      platlib: site,
      include: path.join(prefix, 'Include'),
      data: prefix,
    }
  }
  // Debian and Fedora keep what pip installs apart from what they install themselves, below `local`; Debian calls it dist-packages. A
  // prefix that was asked for is laid out as everywhere.
  const isOwn = prefix === own
  const debian = isOwn && vendor === 'debian'
  const local = debian || (isOwn && vendor === 'fedora' && prefix === '/usr') ? path.join(prefix, 'local') : prefix
  const include = isOwn ? interpreter.include : path.join(prefix, 'include', `python${version.major}.${version.minor}`)
  const scripts = path.join(local, 'bin')
  if (debian) {
    const site = path.join(local, 'lib', `python${libraryVersion(interpreter)}`, 'dist-packages')
    return { root: prefix, scripts, python, purelib: site, platlib: site, include, data: local }
  }
  if (isOldPyPy(interpreter)) {
    const site = path.join(prefix, 'site-packages')
    return { root: prefix, scripts, python, purelib: site, platlib: site, include, data: prefix }
  }
  const { pure, platform: platformSegments } = siteSegments(interpreter)
  return {
    root: prefix,
    scripts,
    python,
    purelib: path.join(local, ...pure),
    platlib: path.join(local, ...platformSegments),
    include,
    data: local,
  }
}

// Facts that stand beside an interpreter rather than in it: who built it, who manages it (PEP 668), where wheels for ensurepip lie.

import type { Host } from '../../host/host.ts'
import type { Interpreter } from '../interpreter.ts'

export interface Place {
  readonly realExecutable: string
  readonly prefix: string
  readonly stdlib: string
  readonly platlibdir: 'lib' | 'lib64'
  readonly version: { readonly major: number; readonly minor: number }
  readonly framework?: string
  /** WHEEL_PKG_DIR, where the interpreter was asked for it. */
  readonly wheelDirectory?: string
}

/** The files whose coming and going changes what `readSurroundings` says: the library's directory sees ensurepip come and go. */
export function pathsAround(host: Pick<Host, 'path'>, interpreter: Interpreter): readonly string[] {
  const { stdlib } = interpreter
  return [stdlib, host.path.join(stdlib, 'EXTERNALLY-MANAGED'), ...sharedWheelPlaces(host, interpreter)]
}

/** Directories outside of the installation that may hold ensurepip's wheels: Debian and Fedora have one for all (--with-wheel-pkg-dir). */
function sharedWheelPlaces(
  { path }: Pick<Host, 'path'>,
  place: Pick<Place, 'prefix' | 'realExecutable' | 'wheelDirectory'>,
): readonly string[] {
  const shared = place.wheelDirectory ?? (isSystems(place) ? '/usr/share/python-wheels' : undefined)
  return shared === undefined ? [] : [path.resolve(shared)]
}

/** Looks around an installation: a handful of stats. */
export function readSurroundings(
  host: Host,
  place: Place,
): Pick<Interpreter, 'vendor' | 'externallyManaged' | 'wheelDirectories'> {
  const { files, path } = host
  const vendor = vendorOf(host, place)
  const marker = path.join(place.stdlib, 'EXTERNALLY-MANAGED')
  const isDirectory = (directory: string): boolean => files.stat(directory)?.kind === 'directory'
  return {
    ...(vendor === undefined ? {} : { vendor }),
    ...(files.stat(marker)?.kind === 'file' ? { externallyManaged: marker } : {}),
    wheelDirectories: [path.join(place.stdlib, 'ensurepip', '_bundled'), ...sharedWheelPlaces(host, place)].filter(
      isDirectory,
    ),
  }
}

/** Whether it came with the system; also when called through a link to /usr, which then is its prefix. */
function isSystems({ prefix, realExecutable }: Pick<Place, 'prefix' | 'realExecutable'>): boolean {
  return prefix === '/usr' || realExecutable.startsWith('/usr/bin/')
}

function vendorOf(host: Host, place: Place): Interpreter['vendor'] {
  const { files, path, platform } = host
  const { prefix, realExecutable: executable } = place
  if (executable.startsWith('/nix/store/')) return 'nix'
  if (files.stat(path.join(prefix, 'conda-meta'))?.kind === 'directory') return 'conda'
  if (platform === 'win32') return /[\\/]WindowsApps[\\/]/i.test(executable) ? 'windows-store' : buildOf(host, place)
  if (platform === 'darwin') {
    if (/\/Cellar\/(?:python|pypy)/.test(executable)) return 'homebrew'
    if (/\/Xcode[^/]*\.app\/|\/CommandLineTools\//.test(executable)) return 'xcode'
    return place.framework === undefined ? buildOf(host, place) : 'framework'
  }
  if (executable.includes('/Cellar/python@')) return 'homebrew'
  if (!isSystems(place)) return buildOf(host, place)
  // Debian's own site.py looks into dist-packages; python3-minimal makes the directory.
  const { major, minor } = place.version
  const dist = major === 2 ? `/usr/lib/python2.${minor}/dist-packages` : '/usr/lib/python3/dist-packages'
  if (files.stat(dist)?.kind === 'directory') return 'debian'
  if (place.platlibdir === 'lib64' && isFedora(host)) return 'fedora'
  return undefined
}

/** python-build-standalone is built for the prefix /install; uv and rye put its build's date into a file beside it. */
function buildOf({ files, path }: Host, { prefix, version: { major, minor } }: Place): Interpreter['vendor'] {
  const stamp = path.join(prefix, 'BUILD')
  if (files.stat(stamp)?.kind === 'file' && /^\d{8}\s*$/.test(files.readText(stamp) ?? '')) {
    return 'python-build-standalone'
  }
  const recipe = files.readText(path.join(prefix, 'lib', 'pkgconfig', `python-${major}.${minor}.pc`))
  return recipe !== undefined && /^prefix=\/install$/m.test(recipe) ? 'python-build-standalone' : undefined
}

function isFedora({ files }: Host): boolean {
  const release = files.readText('/etc/os-release') ?? ''
  return /^ID(?:_LIKE)?=.*\b(?:fedora|rhel|centos)\b/m.test(release)
}

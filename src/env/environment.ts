// What an environment is, read from its files alone: pyvenv.cfg (PEP 405), the names of its library directories, conda-meta, and
// the older marks of virtualenv before 20. What is broken is read all the same and carries its `problem`.

import type { Host } from '../host/host.ts'
import { includesSystemSite, type PyvenvCfg, parsePyvenvCfg, promptOf, pythonVersionOf } from '../spec/pyvenv-cfg.ts'
import type { EnvironmentPaths } from './plan.ts'
import { ifReadable, quietly } from './quietly.ts'

/** Who made an environment, or the tool that keeps it. `unknown`: it looks like one, and its maker left no mark. */
export type EnvironmentKind =
  | 'den'
  | 'venv'
  | 'virtualenv'
  | 'uv'
  | 'conda'
  | 'pixi'
  | 'pipenv'
  | 'poetry'
  | 'hatch'
  | 'pdm'
  | 'pipx'
  | 'uv-tool'
  | 'pyenv-virtualenv'
  | 'virtualenvwrapper'
  | 'direnv'
  | 'tox'
  | 'nox'
  | 'unknown'

/** Why an environment cannot be used as it stands; `den doctor` says more. */
export interface EnvironmentProblem {
  readonly code:
    | 'unreadable'
    | 'no-configuration'
    | 'no-executable'
    | 'dangling-executable'
    | 'no-site-packages'
    | 'no-python'
  readonly text: string
}

/** The version as the files tell it: the minor one stands in a directory's name, the micro one where the maker wrote it. */
export interface EnvironmentVersion {
  readonly major: number
  readonly minor: number
  readonly micro?: number
  readonly freeThreaded: boolean
}

export interface Environment {
  /** Absolute; as it was given, links kept. */
  readonly root: string
  readonly kind: EnvironmentKind
  /** pyvenv.cfg as it is; absent for conda's environments and for those of virtualenv before 20. */
  readonly cfg?: PyvenvCfg
  readonly paths: EnvironmentPaths
  /** lib/python3.13, Lib, lib/pypy3.10: the directory that holds site-packages. */
  readonly library: string
  readonly pythonVersion?: EnvironmentVersion
  readonly implementation: string
  /** Where the base interpreter stands by the environment's own account; nothing of it is checked here. */
  readonly base: {
    /** The directory of its executable (`home`). */
    readonly home?: string
    readonly executable?: string
    readonly prefix?: string
  }
  /** The text before the shell's prompt, if one was chosen. */
  readonly prompt?: string
  readonly systemSitePackages: boolean
  readonly name?: string
  /** The directory of the project it belongs to, where a file says so. */
  readonly project?: string
  /** What was put in when it was made, where the maker wrote it down. */
  readonly seeds?: readonly string[]
  readonly relocatable: boolean
  readonly problem?: EnvironmentProblem
}

type Reader = Pick<Host, 'files' | 'path' | 'platform'>

/** The names that an environment's own Python may have in its scripts directory. */
export const pythonNamePattern: RegExp =
  /^(?:python|pypy|graalpy)(?:w|\d+(?:\.\d+)?(?:t|d|td|dm|m|mu)?|-c|-portable)?(?:\.exe)?$/i

/**
 * Reads the environment at `root`; undefined when no environment stands there. Nothing is run. An environment that this user may not
 * read is one with the problem `unreadable`.
 */
export function readEnvironment(host: Reader, root: string): Environment | undefined {
  const { files, path } = host
  const top = quietly(() => files.list(root))
  if (top === undefined) return undefined
  if (top === 'unreadable') return unreadable(host, root)
  const names = new Set(top.map((entry) => entry.name))
  // Where names have no case (Windows, macOS) one spelling is still the one on disk.
  const named = (...candidates: string[]): string | undefined => candidates.find((name) => names.has(name))

  if (named('conda-meta') !== undefined) return readConda(host, root, names)
  const scripts = named('bin', 'Scripts', 'local')
  if (!names.has('pyvenv.cfg') && scripts === undefined) return undefined

  const text = names.has('pyvenv.cfg') ? quietly(() => files.readText(path.join(root, 'pyvenv.cfg'))) : undefined
  const cfg = text === undefined || text === 'unreadable' ? undefined : parsePyvenvCfg(text)
  const stated = cfg === undefined ? undefined : pythonVersionOf(cfg)
  const layout = withLibrary(host, readLayout(host, root, names), cfg)
  const oldMark = cfg === undefined ? readOldVirtualenv(host, layout) : undefined
  if (!names.has('pyvenv.cfg') && oldMark === undefined && !looksActivated(host, layout.paths.scripts)) return undefined

  const value = (key: string): string | undefined => {
    const found = cfg?.values.get(key)
    return found === undefined || found === '' ? undefined : found
  }
  const version = joinVersions(layout.version, stated)
  const prompt = cfg === undefined ? undefined : promptOf(cfg)
  const home = cfg?.firstHome
  const executable = value('base-executable') ?? value('executable')
  const prefix = value('base-prefix') ?? oldMark
  const seeds = value('seed')
  const project = names.has('.project') ? readProjectFile(host, root) : undefined
  const problem =
    text === 'unreadable'
      ? ({ code: 'unreadable', text: `this user may not read ${path.join(root, 'pyvenv.cfg')}` } as const)
      : problemOf(host, layout, { hasCfg: cfg !== undefined || oldMark !== undefined })
  return {
    root,
    kind: kindOf(names, cfg, oldMark),
    ...(cfg === undefined ? {} : { cfg }),
    paths: layout.paths,
    library: layout.library,
    ...(version === undefined ? {} : { pythonVersion: version }),
    implementation: (layout.implementation ?? value('implementation') ?? 'cpython').toLowerCase(),
    base: {
      ...(home === undefined ? {} : { home }),
      ...(executable === undefined ? {} : { executable }),
      ...(prefix === undefined ? {} : { prefix }),
    },
    ...(prompt === undefined ? {} : { prompt }),
    systemSitePackages:
      cfg === undefined ? oldMark !== undefined && !isolatedOldStyle(host, layout) : includesSystemSite(cfg),
    ...(project === undefined ? {} : { project }),
    ...(seeds === undefined ? {} : { seeds: seeds.split(/[\s,]+/).filter((seed) => seed !== '' && seed !== 'none') }),
    relocatable: value('relocatable')?.toLowerCase() === 'true',
    ...(problem === undefined ? {} : { problem }),
  }
}

interface Layout {
  readonly paths: EnvironmentPaths
  readonly library: string
  readonly version: EnvironmentVersion | undefined
  readonly implementation: string | undefined
  readonly hasLibrary: boolean
}

/** python3.13t, python2.7, pypy3.10: an implementation and a version in one name. */
const libraryName = /^(python|pypy|graalpy)(\d+)\.(\d+)(t?)d?$/

function readLayout(host: Reader, root: string, names: ReadonlySet<string>): Layout {
  const { files, path } = host
  const windows = names.has('Scripts') && (names.has('Lib') || !names.has('lib'))
  const scripts = path.join(root, windows ? 'Scripts' : 'bin')
  const parents = windows ? ['Lib'] : ['lib', 'lib64'].filter((name) => names.has(name))
  let version: EnvironmentVersion | undefined
  let implementation: string | undefined
  let library = path.join(root, windows ? 'Lib' : 'lib')
  let hasLibrary = windows && names.has('Lib')
  for (const parent of parents) {
    const entries = quietly(() => files.list(path.join(root, parent)))
    if (entries === undefined || entries === 'unreadable') continue
    const found = entries
      .flatMap((entry) => {
        const match = libraryName.exec(entry.name)
        return match === null ? [] : [{ name: entry.name, match }]
      })
      // Two stand side by side after `venv --upgrade` to a newer minor version: the newest is the one in use.
      .sort(
        (left, right) =>
          Number(right.match[2]) - Number(left.match[2]) || Number(right.match[3]) - Number(left.match[3]),
      )[0]
    if (found === undefined) continue
    const [, tag, major, minor, threads] = found.match
    version = { major: Number(major), minor: Number(minor), freeThreaded: threads === 't' }
    implementation = tag === 'python' ? undefined : tag
    library = path.join(root, parent, found.name)
    hasLibrary = true
    break
  }
  if (version === undefined && names.has('lib-python') && names.has('site-packages')) {
    // PyPy before 7.3.7 put site-packages straight under the root.
    implementation = 'pypy'
    library = root
    hasLibrary = true
  }
  const sitePackages = path.join(library, 'site-packages')
  return {
    paths: {
      root,
      scripts,
      python: path.join(
        scripts,
        windows ? 'python.exe' : implementation === 'pypy' && version === undefined ? 'pypy' : 'python',
      ),
      purelib: sitePackages,
      platlib: sitePackages,
      include: path.join(root, windows ? 'Include' : 'include'),
      data: root,
    },
    library,
    version,
    implementation,
    hasLibrary,
  }
}

/** Where the library would be, had nobody deleted it: what can be told of CPython's by pyvenv.cfg. */
function withLibrary(host: Reader, layout: Layout, cfg: PyvenvCfg | undefined): Layout {
  const stated = cfg === undefined ? undefined : pythonVersionOf(cfg)
  const { path } = host
  const implementation = cfg?.values.get('implementation')?.toLowerCase() ?? 'cpython'
  const windows = path.basename(layout.paths.scripts) === 'Scripts'
  if (layout.hasLibrary || windows || stated === undefined || implementation !== 'cpython') return layout
  const library = path.join(layout.paths.root, 'lib', `python${stated.major}.${stated.minor}`)
  const sitePackages = path.join(library, 'site-packages')
  return { ...layout, library, paths: { ...layout.paths, purelib: sitePackages, platlib: sitePackages } }
}

/** virtualenv before 20 wrote no pyvenv.cfg (16 and older) and named the base's prefix in a file of its own. */
function readOldVirtualenv(host: Reader, layout: Layout): string | undefined {
  const text = quietly(() => host.files.readText(host.path.join(layout.library, 'orig-prefix.txt')))
  return text === undefined || text === 'unreadable' ? undefined : text.trim()
}

function isolatedOldStyle(host: Reader, layout: Layout): boolean {
  return host.files.lstat(host.path.join(layout.library, 'no-global-site-packages.txt')) !== undefined
}

function looksActivated(host: Reader, scripts: string): boolean {
  const { files, path } = host
  // What is closed proves nothing: any installation has a bin.
  const has = (name: string): boolean => ifReadable(() => files.lstat(path.join(scripts, name))) !== undefined
  return (
    ['activate', 'activate.bat', 'Activate.ps1'].some(has) &&
    ['python', 'python.exe', 'pypy', 'python3', 'python2'].some(has)
  )
}

function kindOf(names: ReadonlySet<string>, cfg: PyvenvCfg | undefined, oldMark: string | undefined): EnvironmentKind {
  if (names.has('pipx_metadata.json')) return 'pipx'
  if (names.has('uv-receipt.toml')) return 'uv-tool'
  if (cfg === undefined) return oldMark === undefined ? 'unknown' : 'virtualenv'
  if (cfg.values.has('den')) return 'den'
  if (cfg.values.has('uv')) return 'uv'
  if (cfg.values.has('virtualenv')) return 'virtualenv'
  return 'venv'
}

/** The directory's name knows the minor version for certain; cfg's is stale after the base moved on, so only its micro is borrowed. */
function joinVersions(
  fromLibrary: EnvironmentVersion | undefined,
  stated: { readonly major: number; readonly minor: number; readonly micro?: number } | undefined,
): EnvironmentVersion | undefined {
  if (fromLibrary === undefined) return stated === undefined ? undefined : { ...stated, freeThreaded: false }
  if (stated?.major !== fromLibrary.major || stated.minor !== fromLibrary.minor) return fromLibrary
  return stated.micro === undefined ? fromLibrary : { ...fromLibrary, micro: stated.micro }
}

function problemOf(host: Reader, layout: Layout, facts: { readonly hasCfg: boolean }): EnvironmentProblem | undefined {
  const { files } = host
  const { python, purelib } = layout.paths
  const found = quietly(() => files.stat(python))
  if (found === 'unreadable') return { code: 'unreadable', text: `this user may not look at ${python}` }
  if (found === undefined) {
    const target = quietly(() => files.readLink(python))
    if (target !== undefined && target !== 'unreadable')
      return { code: 'dangling-executable', text: `${python} is a link to ${target}, where nothing stands` }
    return { code: 'no-executable', text: `there is no ${python}` }
  }
  if (!facts.hasCfg)
    return { code: 'no-configuration', text: `there is no ${host.path.join(layout.paths.root, 'pyvenv.cfg')}` }
  if (!layout.hasLibrary || quietly(() => files.lstat(purelib)) === undefined)
    return { code: 'no-site-packages', text: `there is no ${purelib}` }
  return undefined
}

/** virtualenvwrapper's and pipenv's `.project`: one line, the project's directory. */
function readProjectFile(host: Reader, root: string): string | undefined {
  const text = quietly(() => host.files.readText(host.path.join(root, '.project')))
  if (text === undefined || text === 'unreadable') return undefined
  const line = text.split('\n', 1)[0]?.trim() ?? ''
  return host.path.isAbsolute(line) ? line : undefined
}

function unreadable(host: Reader, root: string): Environment {
  const { path } = host
  const windows = host.platform === 'win32'
  const scripts = path.join(root, windows ? 'Scripts' : 'bin')
  const library = path.join(root, windows ? 'Lib' : 'lib')
  const sitePackages = path.join(library, 'site-packages')
  return {
    root,
    kind: 'unknown',
    paths: {
      root,
      scripts,
      python: path.join(scripts, windows ? 'python.exe' : 'python'),
      purelib: sitePackages,
      platlib: sitePackages,
      include: path.join(root, windows ? 'Include' : 'include'),
      data: root,
    },
    library,
    implementation: 'cpython',
    base: {},
    systemSitePackages: false,
    relocatable: false,
    problem: { code: 'unreadable', text: `this user may not read ${root}` },
  }
}

/** python-3.12.1-hb9d3cd8_0_cpython.json, pypy3.9-….json: the record of the Python that conda put in. */
const condaPython = /^python-(\d+)\.(\d+)\.(\d+)[^-]*-([^-]*)\.json$/

function readConda(host: Reader, root: string, names: ReadonlySet<string>): Environment {
  const { files, path } = host
  const meta = quietly(() => files.list(path.join(root, 'conda-meta')))
  const records = meta === undefined || meta === 'unreadable' ? [] : meta
  const match = records.map((entry) => condaPython.exec(entry.name)).find((found) => found !== null)
  const windows = host.platform === 'win32' || (names.has('python.exe') && names.has('Lib'))
  const layout = readLayout(host, root, windows ? new Set(['Scripts', 'Lib']) : names)
  const python = windows ? path.join(root, 'python.exe') : layout.paths.python
  const version: EnvironmentVersion | undefined =
    match === undefined || match === null
      ? layout.version
      : {
          major: Number(match[1]),
          minor: Number(match[2]),
          micro: Number(match[3]),
          freeThreaded: layout.version?.freeThreaded ?? /cp\d+t$/.test(match[4]!),
        }
  const problem: EnvironmentProblem | undefined =
    meta === 'unreadable'
      ? { code: 'unreadable', text: `this user may not read ${path.join(root, 'conda-meta')}` }
      : version === undefined
        ? { code: 'no-python', text: 'no Python is installed in this conda environment' }
        : quietly(() => files.stat(python)) === undefined
          ? { code: 'no-executable', text: `there is no ${python}` }
          : undefined
  // `envs/NAME` is a named environment; an installation that holds conda itself is the one called base.
  const parent = path.dirname(root)
  const name = names.has('condabin')
    ? 'base'
    : path.basename(parent) === 'envs' && path.basename(path.dirname(parent)) !== '.pixi'
      ? path.basename(root)
      : undefined
  return {
    root,
    kind: records.some((entry) => entry.name === 'pixi' || entry.name === 'pixi_env_prefix') ? 'pixi' : 'conda',
    paths: { ...layout.paths, python },
    library: layout.library,
    ...(version === undefined ? {} : { pythonVersion: version }),
    implementation: layout.implementation ?? 'cpython',
    base: {},
    systemSitePackages: false,
    ...(name === undefined ? {} : { name }),
    relocatable: false,
    ...(problem === undefined ? {} : { problem }),
  }
}

// site.py: what is added to sys.path before a program starts: the environment's site-packages, the user's, the base's, and what
// .pth files name. The same steps in the same order as its main(), over data.

import { parsePyvenvCfg } from '../../spec/pyvenv-cfg.ts'
import type { NewEntry } from './entries.ts'
import type { EffectiveFlags } from './flags.ts'
import type { StartPaths } from './getpath.ts'
import { findModule } from './import-lines.ts'
import { finishStartup, type PthOptions, processPth, pthFiles, readStartFiles } from './pth.ts'
import { append, removeDuplicates, type SiteState } from './site-state.ts'
import type { Source } from './world.ts'

/** What site.py leaves behind. */
export interface SiteResult {
  readonly prefix: string
  readonly execPrefix: string
  /** `site.getsitepackages()`; undefined where this site.py has no such function (virtualenv up to 16). */
  readonly sitePackages: readonly string[] | undefined
  readonly userBase: string
  /** `site.USER_SITE`, whether or not it is used. */
  readonly userSite: string
  /** `site.ENABLE_USER_SITE`. */
  readonly enableUserSite: boolean
  /** The file that makes this an environment. */
  readonly cfg?: string
}

export interface SiteInput {
  readonly start: Pick<
    StartPaths,
    'executable' | 'prefix' | 'execPrefix' | 'basePrefix' | 'baseExecPrefix' | 'platlibdir'
  >
  readonly flags: Pick<EffectiveFlags, 'noUserSite'>
  /** Whose packages those under the prefix are, in words. */
  readonly owner?: string
}

export function runSite(state: SiteState, input: SiteInput): SiteResult {
  const { start, flags } = input
  removeDuplicates(state)
  let prefixes = [start.prefix, start.execPrefix]
  let { prefix, execPrefix } = start
  let enableUserSite = !flags.noUserSite
  const cfg = state.rules.environments ? findCfg(state, start.executable) : undefined
  if (cfg !== undefined) {
    if (!state.rules.prefixIsSet) prefix = execPrefix = cfg.prefix
    const virtual = prefix !== start.basePrefix
    addSitePackages(state, sitePackagesOf(state, start, [prefix], virtual), 'the environment')
    if (!cfg.systemSite) {
      prefixes = [prefix]
      enableUserSite = false
    } else if (state.rules.prefixIsSet)
      prefixes = [start.prefix, start.execPrefix, start.basePrefix, start.baseExecPrefix]
    else prefixes = [prefix, ...prefixes]
  }
  const user = userSiteOf(state)
  addUserSite(state, user.userSite, enableUserSite)
  const virtual = prefix !== start.basePrefix
  const sitePackages = sitePackagesOf(state, start, prefixes, virtual)
  addSitePackages(state, sitePackages, input.owner ?? (cfg === undefined ? 'this Python' : 'the base Python'))
  if (state.rules.startup) finishStartup(state)
  customize(state, enableUserSite)
  return { prefix, execPrefix, sitePackages, ...user, enableUserSite, ...(cfg === undefined ? {} : { cfg: cfg.file }) }
}

interface SiteCfg {
  readonly file: string
  readonly prefix: string
  readonly systemSite: boolean
}

/** pyvenv.cfg beside the executable as it was called, else one level up. */
function findCfg({ world }: SiteState, executable: string): SiteCfg | undefined {
  const { paths, host } = world
  const launcher = host.platform === 'darwin' ? world.variable('__PYVENV_LAUNCHER__') : undefined
  const beside = paths.cut(paths.absolute(launcher ?? executable))
  const prefix = paths.cut(beside)
  const file = [paths.join(beside, 'pyvenv.cfg'), paths.join(prefix, 'pyvenv.cfg')].find((path) => world.isFile(path))
  if (file === undefined) return undefined
  const cfg = parsePyvenvCfg(world.text(file) ?? '')
  const key = 'include-system-site-packages'
  const value = cfg.values.get(key)
  const systemSite = (value ?? 'true').toLowerCase() === 'true'
  const line = cfg.lines.findLast((one) => one.key === key)?.line
  world.say({ kind: 'file', file }, `makes ${prefix} the prefix: this Python belongs to the environment there`)
  world.say(
    line === undefined ? { kind: 'file', file } : { kind: 'file', file, line },
    value === undefined
      ? `has no line ${key}, which Python takes for true: the base Python's packages are seen`
      : systemSite
        ? "lets the base Python's packages and the user's be seen, after the environment's own"
        : "keeps the base Python's packages and the user's out",
  )
  return { file, prefix, systemSite }
}

/** `site.getsitepackages(prefixes)`. */
export function sitePackagesOf(
  state: SiteState,
  start: Pick<StartPaths, 'platlibdir'>,
  prefixes: readonly string[],
  virtual: boolean,
): readonly string[] {
  const { interpreter, rules, world } = state
  const { major, minor } = interpreter.version
  const thread = rules.threadSuffix && interpreter.freeThreaded ? 't' : ''
  const name = `${interpreter.implementation === 'pypy' ? 'pypy' : 'python'}${major}.${minor}${thread}`
  const join = world.paths.join
  const libraries = start.platlibdir === 'lib' ? ['lib'] : [start.platlibdir, 'lib']
  const under = (prefix: string): readonly string[] => {
    if (world.paths.windows) return [prefix, join(prefix, major === 2 ? 'lib' : 'Lib', 'site-packages')]
    switch (rules.layout) {
      case 'python2':
        return [join(prefix, 'lib', name, 'site-packages'), join(prefix, 'lib', 'site-python')]
      case 'debian-python2':
        return [
          ...(virtual ? [join(prefix, 'lib', name, 'site-packages')] : []),
          join(prefix, 'local/lib', name, 'dist-packages'),
          join(prefix, 'lib', name, 'dist-packages'),
        ]
      case 'debian':
        return [
          ...(virtual ? [join(prefix, 'lib', name, 'site-packages')] : []),
          join(prefix, 'local/lib', name, 'dist-packages'),
          join(prefix, 'lib', `python${major}`, 'dist-packages'),
          ...libraries.map((library) => join(prefix, library, name, 'dist-packages')),
        ]
      case 'upstream':
        return libraries.map((library) => join(prefix, library, name, 'site-packages'))
    }
  }
  return [...new Set(prefixes)].filter(Boolean).flatMap(under)
}

function addSitePackages(state: SiteState, directories: readonly string[], owner: string): void {
  for (const directory of directories) {
    if (!state.world.isDirectory(directory)) continue
    addSiteDirectory(state, directory, {
      kind: 'site-packages',
      why: `packages installed for ${owner}`,
      from: { kind: 'rule', rule: 'site.py: site-packages under the prefix' },
    })
  }
}

export function addUserSite(state: SiteState, userSite: string, enabled: boolean, pth: PthOptions = {}): void {
  if (!enabled || !state.world.isDirectory(userSite)) return
  const why = 'packages that this user installed for all environments of this version (pip install --user)'
  addSiteDirectory(state, userSite, { kind: 'user-site', why, from: userSiteSource(state) }, pth)
}

function userSiteSource({ world }: SiteState): Source {
  return world.variable('PYTHONUSERBASE')
    ? { kind: 'variable', variable: 'PYTHONUSERBASE' }
    : { kind: 'rule', rule: 'site.py: the user site under the home directory' }
}

/** `site.addsitedir()`: the directory, then what its .pth files say. */
export function addSiteDirectory(
  state: SiteState,
  directory: string,
  entry: Omit<NewEntry, 'path'>,
  pth: PthOptions = {},
): void {
  const { world, rules } = state
  const path = world.paths.absolute(directory)
  const spelled = world.paths.case(path)
  if (rules.startup) {
    if (state.startup.visited.has(spelled)) return
    state.startup.visited.add(spelled)
  }
  if (!state.known.has(spelled)) {
    append(state, { ...entry, path }, true)
    if (rules.remembersSiteDirectory) state.known.add(spelled)
  }
  for (const name of pthFiles(state, path)) processPth(state, path, name, pth)
  if (rules.startup) readStartFiles(state, path)
}

/** `site.USER_BASE` and `site.USER_SITE`. PYTHONUSERBASE counts under -E too: site.py reads it by itself. */
export function userSiteOf(state: SiteState): { readonly userBase: string; readonly userSite: string } {
  const { world, interpreter, rules } = state
  const { paths, host } = world
  const { major, minor } = interpreter.version
  const thread = rules.threadSuffix && interpreter.freeThreaded ? 't' : ''
  const given = world.variable('PYTHONUSERBASE')
  if (given) world.say({ kind: 'variable', variable: 'PYTHONUSERBASE' }, `the user site is under ${given}`)
  const home = homeDirectory(state)
  const framework = host.platform === 'darwin' ? interpreter.framework : undefined
  let userBase: string
  if (given) userBase = given
  else if (paths.windows) userBase = paths.join(world.variable('APPDATA') || home, 'Python')
  else if (framework !== undefined) userBase = `${home}/Library/${framework}/${major}.${minor}`
  else userBase = `${home}/.local`
  let userSite: string
  if (paths.windows) {
    const tag = `${major}${minor}${interpreter.bits === 32 && minor >= 10 ? '-32' : ''}`
    userSite = `${userBase}\\Python${tag}\\site-packages`
  } else if (framework !== undefined) userSite = `${userBase}/lib/python/site-packages`
  else userSite = `${userBase}/lib/python${major}.${minor}${thread}/site-packages`
  if (rules.userBaseBySysconfig) userSite = paths.normalize(userSite)
  return { userBase, userSite }
}

/** What `~` becomes in `os.path.expanduser('~/…')`: HOME as it stands, else the user database; no slash at its end. */
function homeDirectory({ world }: SiteState): string {
  const { host, paths } = world
  const given = paths.windows ? world.variable('USERPROFILE') : world.variable('HOME')
  return (given ?? host.home ?? '').replace(paths.windows ? /[\\/]+$/ : /\/+$/, '')
}

/** sitecustomize and usercustomize: modules that Python imports if there are any, whose code may do anything. */
export function customize(state: SiteState, enableUserSite: boolean): void {
  const { world } = state
  const searched = state.entries.map((entry) => entry.path)
  for (const module of ['sitecustomize', ...(enableUserSite ? ['usercustomize'] : [])]) {
    const file = findModule({ world, searched }, module)
    if (file === undefined) continue
    const from = { kind: 'file', file } as const
    const code = (world.text(file) ?? '').replace(/#.*$/gm, '')
    // Only the plainest code is judged: Debian's crash reporter, an empty file.
    const harmless =
      /^\s*(?:try:\s*import apport_python_hook\s*except ImportError:\s*pass\s*else:\s*apport_python_hook\.install\(\)\s*)?$/
    if (file.endsWith('.py') && harmless.test(code)) {
      world.say(from, `is imported at every start (${module}); it changes no path`)
      continue
    }
    world.say(from, `is imported at every start (${module}) and may change anything`)
    state.uncertain.push({
      from,
      why: `Python runs this ${module} at every start; what it does is not known without running it`,
    })
  }
}

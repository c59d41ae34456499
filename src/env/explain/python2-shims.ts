// Environments for Python 2.7 have a site.py of their own, since 2.7 knows no pyvenv.cfg. Three are known: den's
// (assets/python/site27.py), virtualenv 20's shim, and the complete one of virtualenv up to 16. Each is retraced here.

import { parsePyvenvCfg } from '../../spec/pyvenv-cfg.ts'
import type { NewEntry } from './entries.ts'
import type { EffectiveFlags } from './flags.ts'
import type { StartPaths } from './getpath.ts'
import {
  addSiteDirectory,
  addUserSite,
  customize,
  runSite,
  type SiteResult,
  sitePackagesOf,
  userSiteOf,
} from './site.ts'
import { append, removeDuplicates, type SiteState } from './site-state.ts'

export type Shim = 'den' | 'virtualenv-20' | 'virtualenv-16'

export interface ShimResult extends SiteResult {
  /** `sys.base_prefix`; virtualenv up to 16 sets `sys.real_prefix` alone. */
  readonly basePrefix: string
  readonly baseExecPrefix: string
}

export interface ShimInput {
  readonly start: StartPaths
  readonly flags: EffectiveFlags
  /** The environment's site.py. */
  readonly file: string
  readonly text: string
}

/** Which of the known ones this site.py is. */
export function shimOf(text: string): Shim | undefined {
  if (/def _hand_over\(\)/.test(text)) return 'den'
  if (/def rewrite_standard_library_sys_path\(\)/.test(text)) return 'virtualenv-20'
  if (/orig-prefix\.txt/.test(text)) return 'virtualenv-16'
  return undefined
}

/** What a shim leaves behind; a text where it stops Python instead. */
export function runShim(state: SiteState, shim: Shim, input: ShimInput): ShimResult | string {
  switch (shim) {
    case 'den':
      return runDen(state, input)
    case 'virtualenv-20':
      return runVirtualenv20(state, input)
    case 'virtualenv-16':
      return runVirtualenv16(state, input)
  }
}

function runDen(state: SiteState, { start, flags, file }: ShimInput): ShimResult | string {
  const { world } = state
  const { paths } = world
  const { prefix } = start
  const cfgFile = paths.join(prefix, 'pyvenv.cfg')
  const cfg = parsePyvenvCfg(world.text(cfgFile) ?? '')
  const landmark = world.readLink(paths.join(paths.cut(file), 'os.py'))
  const base =
    cfg.values.get('base-prefix') || (landmark === undefined ? undefined : landmark.split('/').slice(0, -3).join('/'))
  if (!base) return `${cfgFile} names no base-prefix, and the environment's site.py ends Python`
  const baseExec = cfg.values.get('base-exec-prefix') || base
  const systemSite = (cfg.values.get('include-system-site-packages') ?? 'true').toLowerCase() === 'true'
  sayShim(state, file, cfgFile, base, systemSite)

  const library = paths.cut(file).slice(prefix.length)
  const isLibrary = (rest: string): boolean => {
    if (rest === library || rest.endsWith('python27.zip')) return true
    if (paths.cut(rest) !== library) return false
    const name = paths.name(rest)
    return ['', '.zip', 'lib-tk', 'lib-old', 'lib-dynload'].includes(name) || name.startsWith('plat-')
  }
  mapEntries(state, (path) => {
    const rest = path.slice(prefix.length)
    if (!path.startsWith(`${prefix}/`) || !isLibrary(rest)) return path
    return (rest.endsWith('lib-dynload') ? baseExec : base) + rest
  })
  const main = runSite(state, { start, flags: { noUserSite: true }, owner: 'the environment' })
  const own = paths.join(prefix, 'lib', 'python2.7', 'site-packages')
  const missing = world.isDirectory(own) && !main.sitePackages?.includes(own) ? [own] : []
  for (const directory of missing) addFresh(state, directory, 'the environment')
  const result = { ...main, basePrefix: base, baseExecPrefix: baseExec, cfg: cfgFile }
  if (!systemSite) return { ...result, sitePackages: [...missing, ...(main.sitePackages ?? [])] }

  state.known = existingDirectories(state)
  const enableUserSite = !flags.noUserSite
  addUserSite(state, main.userSite, enableUserSite)
  for (const directory of sitePackagesOf(state, start, [base, baseExec], true)) {
    if (world.isDirectory(directory)) addSiteDirectory(state, directory, sitePackages('the base Python'))
  }
  const listed = sitePackagesOf(state, start, [prefix, base, baseExec], true)
  return { ...result, enableUserSite, sitePackages: [...missing, ...listed] }
}

function runVirtualenv20(state: SiteState, { start, flags, file, text }: ShimInput): ShimResult | string {
  const { world } = state
  const { paths } = world
  const cfgFile = paths.join(start.prefix, 'pyvenv.cfg')
  const cfg = new Map(parsePyvenvCfg(world.text(cfgFile) ?? '').lines.map(({ key, value }) => [key, value]))
  const base = cfg.get('base-prefix')
  const baseExec = cfg.get('base-exec-prefix')
  const baseExecutable = cfg.get('base-executable')
  if (base === undefined || baseExec === undefined || baseExecutable === undefined) {
    return `${cfgFile} lacks a base-… key, and virtualenv's site.py raises KeyError`
  }
  const systemSite = cfg.get('include-system-site-packages') === 'true'
  sayShim(state, file, cfgFile, base, systemSite)

  const executableDirectory = paths.cut(withoutParents(start.executable))
  const own = [executableDirectory, withoutParents(start.prefix), withoutParents(start.execPrefix)]
  const theirs = [paths.cut(withoutParents(baseExecutable)), withoutParents(base), withoutParents(baseExec)]
  mapEntries(state, (entry) => {
    const path = withoutParents(entry)
    // The shim leaves the executable's own directory untouched, dots and all.
    if (path === executableDirectory) return entry
    const at = own.findIndex((directory) => path.startsWith(`${directory}/`))
    return at === -1 ? path : theirs[at]! + path.slice(own[at]!.length)
  })
  const pythonPath = flags.ignoreEnvironment ? '' : (world.variable('PYTHONPATH') ?? '')
  if (pythonPath !== '') {
    const given = [...new Set(pythonPath.split(paths.delimiter))]
    const from = { kind: 'variable', variable: 'PYTHONPATH' } as const
    const entries = given.map((path): NewEntry => ({ path, kind: 'pythonpath', why: 'named by PYTHONPATH', from }))
    state.entries.splice(0, given.length)
    for (const [index, entry] of entries.entries()) {
      state.entries.splice(index, 0, { ...entry, exists: world.exists(entry.path) })
    }
  }
  const main = runSite(state, { start, flags: { noUserSite: true }, owner: 'the environment' })
  const directories = siteDirectoriesIn(text).map((path) => paths.absolute(paths.join(file, path)))
  for (const directory of directories) addFresh(state, directory, 'the environment')
  const result = { ...main, basePrefix: base, baseExecPrefix: baseExec, cfg: cfgFile }
  const withOwn = (listed: readonly string[]): readonly string[] => [
    ...directories.filter((directory) => !listed.includes(directory)).reverse(),
    ...listed,
  ]
  if (!systemSite) return { ...result, sitePackages: withOwn(main.sitePackages ?? []) }
  const baseStart = { ...start, prefix: base, execPrefix: baseExec }
  const second = runSite(state, { start: baseStart, flags, owner: 'the base Python' })
  const prefixes = [start.prefix, start.execPrefix, base, baseExec]
  return {
    ...result,
    enableUserSite: second.enableUserSite,
    sitePackages: withOwn(sitePackagesOf(state, start, prefixes, true)),
  }
}

/** The list that virtualenv wrote into its shim, relative to the shim. */
function siteDirectoriesIn(text: string): readonly string[] {
  const list = /site_packages = r?"""\s*(\[[^\]]*\])/.exec(text)?.[1]
  try {
    const value: unknown = JSON.parse(list ?? '["../site-packages"]')
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
  } catch {
    return []
  }
}

function runVirtualenv16(state: SiteState, { start, flags, file }: ShimInput): ShimResult | string {
  const { world } = state
  const { paths } = world
  const here = paths.cut(file)
  const originFile = paths.join(here, 'orig-prefix.txt')
  const base = world.text(originFile)?.trim()
  if (base === undefined) return `${originFile} is missing, and virtualenv's site.py raises IOError`
  const marker = paths.join(here, 'no-global-site-packages.txt')
  const systemSite = !world.exists(marker)
  world.say({ kind: 'file', file }, "is virtualenv's own site.py: it puts the base's library behind the environment's")
  world.say({ kind: 'file', file: originFile }, `names the base Python: ${base}`)
  if (!systemSite) world.say({ kind: 'file', file: marker }, "keeps the base Python's packages and the user's out")

  const library = paths.join(base, 'lib', 'python2.7')
  const library64 = paths.join(base, 'lib64', 'python2.7')
  const added = world.exists(library64)
    ? state.interpreter.bits === 64
      ? [library64, library]
      : [library, library64]
    : [library]
  const platform = state.interpreter.platform === 'linux' ? 'linux2' : state.interpreter.platform
  for (const name of [`plat-${platform}`]) {
    if (world.exists(paths.join(library, name))) added.push(paths.join(library, name))
  }
  for (const path of [...added]) {
    if (world.exists(paths.join(path, 'lib-tk'))) added.push(paths.join(path, 'lib-tk'))
  }
  const from = { kind: 'file', file: originFile, line: 1 } as const
  for (const path of added) append(state, { path, kind: 'stdlib', why: "the base Python's standard library", from })
  removeDuplicates(state)
  addOldSitePackages(state, start.prefix, start.execPrefix, 'the environment', false)
  const enableUserSite = systemSite && !flags.noUserSite
  const { userBase } = userSiteOf(state)
  const userSite = paths.join(userBase, 'lib/python2.7/site-packages')
  if (enableUserSite) {
    const under = (...parts: readonly string[]): string => paths.join(userBase, ...parts)
    const own = [userSite, under('lib/python2.7/dist-packages'), under('local/lib/python2.7/dist-packages')]
    for (const directory of own) {
      state.known = existingDirectories(state)
      addUserSite(state, directory, true, { old: true })
    }
  }
  if (systemSite) {
    let last = state.insertedEggs
    for (const [index, entry] of state.entries.entries()) {
      if (index > last && entry.path.startsWith(start.prefix)) last = index
    }
    state.insertedEggs = last + 1
    addOldSitePackages(state, base, start.execPrefix, 'the base Python', true)
  }
  customize(state, enableUserSite)
  return {
    prefix: start.prefix,
    execPrefix: start.execPrefix,
    sitePackages: undefined,
    userBase,
    userSite,
    enableUserSite,
    basePrefix: base,
    baseExecPrefix: base,
  }
}

/** The directories that virtualenv 16 looks into under a prefix; `fresh` where it has forgotten what is known already. */
function addOldSitePackages(state: SiteState, prefix: string, execPrefix: string, owner: string, fresh: boolean): void {
  const { world } = state
  const { paths } = world
  const prefixes = [paths.join(prefix, 'local'), prefix]
  if (execPrefix !== prefix) prefixes.push(paths.join(execPrefix, 'local'))
  for (const root of prefixes) {
    const under = (...parts: readonly string[]): string => paths.join(root, ...parts)
    const directories = [under('lib/python2.7/site-packages'), under('lib/site-python'), under('python2.7/lib-dynload')]
    const library64 = under('lib64/python2.7/site-packages')
    const real = world.realPath(library64)
    if (real !== undefined && !directories.some((directory) => (world.realPath(directory) ?? directory) === real)) {
      if (state.interpreter.bits === 64) directories.unshift(library64)
      else directories.push(library64)
    }
    directories.push(
      under('local/lib/python2.7/dist-packages'),
      under('lib/python2.7/dist-packages'),
      under('lib/dist-python'),
    )
    for (const directory of directories) {
      if (!world.isDirectory(directory)) continue
      if (fresh) state.known = existingDirectories(state)
      addSiteDirectory(state, directory, sitePackages(owner), { old: true })
    }
  }
}

function sayShim(state: SiteState, file: string, cfg: string, base: string, systemSite: boolean): void {
  const { world } = state
  world.say({ kind: 'file', file }, `hands over to the site.py of ${base}: 2.7 itself knows no environments`)
  world.say(
    { kind: 'file', file: cfg },
    systemSite
      ? "lets the base Python's packages and the user's be seen, after the environment's own"
      : "keeps the base Python's packages and the user's out",
  )
}

function sitePackages(owner: string): Omit<NewEntry, 'path'> {
  const from = { kind: 'rule', rule: 'site.py: site-packages under the prefix' } as const
  return { kind: 'site-packages', why: `packages installed for ${owner}`, from }
}

function addFresh(state: SiteState, directory: string, owner: string): void {
  state.known = existingDirectories(state)
  const { world } = state
  const path = world.paths.absolute(directory)
  if (world.isDirectory(path)) addSiteDirectory(state, path, sitePackages(owner))
  else if (!state.known.has(path)) append(state, { ...sitePackages(owner), path })
}

/** 2.7's `site._init_pathinfo()`. */
function existingDirectories(state: SiteState): Set<string> {
  const { world } = state
  const directories = state.entries.filter(({ path }) => world.isDirectory(path))
  return new Set(directories.map(({ path }) => world.paths.case(world.paths.absolute(path))))
}

function mapEntries(state: SiteState, map: (path: string) => string): void {
  state.entries = state.entries.map((entry) => {
    const path = map(entry.path)
    if (path === entry.path) return entry
    return { ...entry, path, exists: state.world.exists(path), why: `${entry.why}, taken from the base Python` }
  })
}

/** virtualenv's way to resolve `..`: from the end, each takes the part before it along. */
function withoutParents(path: string): string {
  const parts = path.split('/')
  const kept: string[] = []
  for (let at = parts.length - 1; at >= 0; at -= 1) {
    if (parts[at] === '..') at -= 1
    else kept.push(parts[at]!)
  }
  return kept.reverse().join('/')
}

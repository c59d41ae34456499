// sys.path and what belongs to it, computed from files and variables alone: getpath, then site.py, then the directory of the
// program. The oracle test asks real Pythons the same and compares.

import type { Interpreter } from '../../python/interpreter.ts'
import type { NewEntry, PathEntry, StartProblem, Uncertainty } from './entries.ts'
import { type EffectiveFlags, effectiveFlags, isAtLeast, type PythonOptions } from './flags.ts'
import { calculateStartPaths, type StartPaths } from './getpath.ts'
import { findModule } from './import-lines.ts'
import { runShim, shimOf } from './python2-shims.ts'
import { runSite, type SiteResult, userSiteOf } from './site.ts'
import { siteRules } from './site-rules.ts'
import { openSiteState, toEntry } from './site-state.ts'
import { type ExplainHost, openWorld, type Say, type World } from './world.ts'

export interface SysPathExplanation {
  /** `sys.executable`. */
  readonly executable: string
  /** `sys.prefix` and `sys.exec_prefix`. */
  readonly prefix: string
  readonly execPrefix: string
  /** `sys.base_prefix`; in 2.7, which has none, the prefix of the base all the same. */
  readonly basePrefix: string
  readonly baseExecPrefix: string
  /** `site.getsitepackages()`; undefined under -S, and where the environment's site.py lacks the function. */
  readonly sitePackages?: readonly string[]
  /** `site.USER_BASE` and `site.USER_SITE`, used or not. */
  readonly userBase: string
  readonly userSite: string
  /** `site.ENABLE_USER_SITE`; undefined under -S. */
  readonly enableUserSite?: boolean
  /** `sys.path`. */
  readonly entries: readonly PathEntry[]
  readonly flags: EffectiveFlags
  /** Every file, variable and option that had a say, in the order in which Python comes across them. */
  readonly said: readonly Say[]
  /** Code that Python runs while it starts and whose effect is not known: the answer holds if it leaves sys.path alone. */
  readonly uncertain: readonly Uncertainty[]
  readonly problems: readonly StartProblem[]
  /** False where Python would end before it runs anything. */
  readonly starts: boolean
}

export interface SysPathRequest {
  /** The base interpreter. */
  readonly interpreter: Interpreter
  /** The executable as it is called: the environment's, or the interpreter's own. */
  readonly executable: string
  readonly options?: PythonOptions
}

/** What Python would have in `sys.path`, with the reason for each entry. Reads files, runs nothing. */
export function explainSysPath(host: ExplainHost, request: SysPathRequest): SysPathExplanation {
  const { interpreter, executable, options = {} } = request
  const world = openWorld(host)
  const flags = effectiveFlags(world, interpreter, options)
  const start = calculateStartPaths(world, { executable: world.paths.absolute(executable), interpreter, flags })
  const noSite = flags.noSite || start.isolatedBy?.site === false
  const searched = start.entries.map((entry) => entry.path)
  const own = ownSite(world, interpreter, start, searched)
  const state = openSiteState({
    world,
    interpreter,
    rules: siteRules(interpreter, own.rulesText),
    entries: start.entries.map((entry) => toEntry(world, entry)),
    problems: [...start.problems],
  })
  if (interpreter.implementation !== 'cpython') {
    const why = `the rules are CPython's; ${interpreter.implementation} follows them in the main, and was not compared`
    state.uncertain.push({ from: { kind: 'rule', rule: interpreter.implementation }, why })
  }
  const missing = missingLibrary(world, interpreter, searched, noSite)
  if (missing !== undefined) state.problems.push(missing)

  let result: SiteResult | undefined
  let base = { basePrefix: start.basePrefix, baseExecPrefix: start.baseExecPrefix }
  if (!noSite && missing === undefined) {
    const shim = own.text === undefined ? undefined : shimOf(own.text)
    if (own.file !== undefined && own.text !== undefined && shim !== undefined) {
      const ran = runShim(state, shim, { start, flags, file: own.file, text: own.text })
      if (typeof ran === 'string') {
        state.problems.push({ from: { kind: 'file', file: own.file }, what: ran, fatal: true })
      } else {
        result = ran
        base = { basePrefix: ran.basePrefix, baseExecPrefix: ran.baseExecPrefix }
      }
    } else {
      if (own.file !== undefined && own.foreign) {
        const why = "is found before Python's own site.py and takes its place"
        world.say({ kind: 'file', file: own.file }, why)
        state.uncertain.push({ from: { kind: 'file', file: own.file }, why })
      }
      result = runSite(state, { start, flags })
    }
  }
  const user = result ?? userSiteOf(state)
  const program = programEntry(world, interpreter, flags, options)
  const entries = program === undefined ? state.entries : [toEntry(world, program), ...state.entries]
  return {
    executable: start.executable,
    prefix: result?.prefix ?? start.prefix,
    execPrefix: result?.execPrefix ?? start.execPrefix,
    ...base,
    ...(result?.sitePackages === undefined ? {} : { sitePackages: result.sitePackages }),
    userBase: user.userBase,
    userSite: user.userSite,
    ...(result === undefined ? {} : { enableUserSite: result.enableUserSite }),
    entries,
    flags,
    said: world.said,
    uncertain: state.uncertain,
    problems: state.problems,
    starts: !state.problems.some((problem) => problem.fatal),
  }
}

interface OwnSite {
  readonly file?: string
  readonly text?: string
  /** Neither the interpreter's own nor one of an environment that is known. */
  readonly foreign: boolean
  /** The site.py whose rules hold in the end. */
  readonly rulesText: string | undefined
}

/** The site.py that Python imports. Since 3.11 a frozen one is used, whatever lies on sys.path. */
function ownSite(world: World, interpreter: Interpreter, start: StartPaths, searched: readonly string[]): OwnSite {
  const { paths } = world
  const baseFile = paths.join(interpreter.stdlib, 'site.py')
  if (isAtLeast(interpreter, 3, 11)) return { foreign: false, rulesText: world.text(baseFile) }
  const file = findModule({ world, searched }, 'site')
  if (file === undefined) return { foreign: false, rulesText: world.text(baseFile) }
  const text = world.text(file.replace(/\.pyc$/, '.py')) ?? ''
  const foreign = paths.cut(file) !== start.stdlib && world.realPath(file) !== world.realPath(baseFile)
  const rulesText = shimOf(text) === undefined && !foreign ? text : world.text(baseFile)
  return { file, text, foreign, rulesText }
}

/** Without these modules Python ends with an error before it runs anything. */
function missingLibrary(
  world: World,
  interpreter: Interpreter,
  searched: readonly string[],
  noSite: boolean,
): StartProblem | undefined {
  const module = interpreter.version.major === 2 ? 'site' : 'encodings'
  if (module === 'site' && noSite) return undefined
  if (searched.some((path) => /\.zip$/.test(path) && world.isFile(path))) return undefined
  if (findModule({ world, searched }, module) !== undefined) return undefined
  const what = `the standard library is not where Python looks for it: no module ${module} in ${searched.join(', ')}`
  return { from: { kind: 'rule', rule: 'getpath' }, what, fatal: true }
}

/** The first entry: where the program is. -c and the prompt have the working directory, under the name "". */
function programEntry(
  world: World,
  interpreter: Interpreter,
  flags: EffectiveFlags,
  { run = { kind: 'command' } }: PythonOptions,
): NewEntry | undefined {
  const { paths, host } = world
  if (run.kind === 'script') {
    const script = paths.absolute(run.path)
    // A directory or zip file with a __main__.py in it is itself the entry, under -I and -P too.
    if (world.isDirectory(script) || /\.(?:zip|pyz|egg)$/.test(script)) {
      const why = 'the program is this directory or zip file'
      return { path: run.path, kind: 'start', why, from: { kind: 'rule', rule: 'the program' } }
    }
    if (flags.isolated || flags.safePath) return undefined
    const real = world.realPath(script) ?? script
    const why = 'the directory of the program that is run'
    return { path: paths.cut(real) || '/', kind: 'start', why, from: { kind: 'rule', rule: 'the program' } }
  }
  if (flags.isolated || flags.safePath) return undefined
  const from = { kind: 'rule', rule: run.kind === 'module' ? 'python -m' : 'python -c, or the prompt' } as const
  const path = run.kind === 'module' && isAtLeast(interpreter, 3, 7) ? host.cwd : ''
  return { path, kind: 'start', why: 'the directory in which Python is started', from }
}

// The pyvenv.cfg of an environment that den makes (PEP 405): venv's keys in venv's order, then those by which virtualenv's and den's
// readers know more. Settings are read back from it, so that a second `den create` can tell whether it finds what it was asked for.

import type { Host } from '../host/host.ts'
import { formatPythonVersion, type Interpreter } from '../python/interpreter.ts'
import { formatPyvenvCfg, includesSystemSite, type PyvenvCfg, promptOf, quotePrompt } from '../spec/pyvenv-cfg.ts'
import type { BasePython } from './base.ts'
import { denCommandKey } from './den-command.ts'
import { linkModeKey, storeKey, storeOfEnvironment, wantsInstant } from './instant-keys.ts'

/** What one chooses about an environment, beside its Python and its place. */
export interface EnvironmentSettings {
  /** See the base interpreter's packages too, after the environment's own. */
  readonly systemSitePackages: boolean
  /** Copies of the executable instead of links. */
  readonly copies: boolean
  /** Scripts that find the environment wherever it is moved to. */
  readonly relocatable: boolean
  /** Packages are links to whole trees of the store; files unless said. */
  readonly instant?: boolean
  /** The store that these lead into. */
  readonly store?: string
  /** The text before the shell's prompt; absent means the directory's name, worked out when it is activated. */
  readonly prompt?: string
}

export interface CfgOptions {
  readonly interpreter: Interpreter
  readonly base: BasePython
  readonly settings: EnvironmentSettings
  /** den's own version: the mark by which an environment of den's is known. */
  readonly version: string
  /** The names of what is put in at once ("pip"). */
  readonly seeds: readonly string[]
  /** The command line that would make the environment again, as venv writes it from Python 3.11 on. */
  readonly command?: string
  /** How den's own pip calls den: shell words. */
  readonly denCommand?: string
}

const implementationNames: Readonly<Record<Interpreter['implementation'], string>> = {
  cpython: 'CPython',
  pypy: 'PyPy',
  graalpy: 'GraalPy',
  rustpython: 'RustPython',
  jython: 'Jython',
  ironpython: 'IronPython',
  micropython: 'MicroPython',
}

/** The text of pyvenv.cfg. Throws `unwritable-value` where a path holds what one line cannot. */
export function environmentCfg(options: CfgOptions): string {
  const { interpreter, base, settings, seeds, command } = options
  const { version, implementation, platform } = interpreter
  const { major, minor, micro, level, serial } = version
  const pairs: (readonly [string, string])[] = [
    // getpath takes the first `home`, site.py the last: there is one, and it stands first.
    ['home', base.home],
    // Missing would mean true.
    ['include-system-site-packages', String(settings.systemSitePackages)],
    ['version', `${major}.${minor}.${micro}`],
  ]
  if (settings.prompt !== undefined) pairs.push(['prompt', quotePrompt(settings.prompt)])
  pairs.push(['executable', interpreter.realExecutable])
  if (command !== undefined) pairs.push(['command', command])
  pairs.push(
    ['implementation', implementationNames[implementation]],
    ['version_info', `${major}.${minor}.${micro}.${level}.${serial}`],
    // The site module of a 2.7 environment finds its base by these.
    ['base-prefix', interpreter.prefix],
    ['base-exec-prefix', interpreter.execPrefix],
    ['base-executable', base.executable],
  )
  if (implementation === 'graalpy' && platform === 'win32') pairs.push(['venvlauncher_command', base.executable])
  if (settings.relocatable) pairs.push(['relocatable', 'true'])
  if (settings.copies) pairs.push(['copies', 'true'])
  if (settings.instant === true) pairs.push([linkModeKey, 'instant'])
  if (settings.store !== undefined) pairs.push([storeKey, settings.store])
  if (seeds.length > 0) pairs.push(['seed', seeds.join(', ')])
  pairs.push(['den', options.version])
  if (options.denCommand !== undefined) pairs.push([denCommandKey, options.denCommand])
  return formatPyvenvCfg(pairs)
}

/** The settings that a pyvenv.cfg of any tool tells of. */
export function settingsOf(cfg: PyvenvCfg): EnvironmentSettings {
  const store = storeOfEnvironment(cfg)
  const prompt = promptOf(cfg)
  return {
    systemSitePackages: includesSystemSite(cfg),
    copies: cfg.values.get('copies')?.toLowerCase() === 'true',
    relocatable: cfg.values.get('relocatable')?.toLowerCase() === 'true',
    ...(wantsInstant(cfg) ? { instant: true } : {}),
    ...(store === undefined ? {} : { store }),
    ...(prompt === undefined ? {} : { prompt }),
  }
}

/** What an existing environment must agree with; absent parts are not compared. */
export interface WantedEnvironment {
  readonly interpreter?: Interpreter
  readonly settings: Partial<EnvironmentSettings>
}

/** In what an environment is otherwise than wanted, one phrase a difference; empty when nothing is. */
export function differencesFrom(
  host: Pick<Host, 'files' | 'path'>,
  cfg: PyvenvCfg,
  wanted: WantedEnvironment,
): readonly string[] {
  const differences: string[] = []
  const { interpreter } = wanted
  if (interpreter !== undefined) {
    const asked = formatPythonVersion(interpreter.version)
    const stated = cfg.values.get('version') ?? cfg.values.get('version_info')
    const { major, minor, micro } = interpreter.version
    const had = /^\d+\.\d+\.\d+/.exec(stated ?? '')?.[0]
    if (had !== undefined && had !== `${major}.${minor}.${micro}`) {
      differences.push(`its Python is ${had}, ${asked} was asked for`)
    } else if (!isSameBase(host, cfg, interpreter)) {
      differences.push(
        `its Python is the one in ${cfg.firstHome ?? 'no known place'}, ${interpreter.executable} was asked for`,
      )
    }
  }
  const settings = settingsOf(cfg)
  const { systemSitePackages, prompt, relocatable, copies } = wanted.settings
  if (systemSitePackages !== undefined && systemSitePackages !== settings.systemSitePackages) {
    differences.push(
      settings.systemSitePackages ? "it sees the base Python's packages" : "it does not see the base Python's packages",
    )
  }
  if (relocatable !== undefined && relocatable !== settings.relocatable) {
    differences.push(settings.relocatable ? 'it is relocatable' : 'it is not relocatable')
  }
  // No tool but den writes down that it copied.
  if (copies !== undefined && cfg.values.has('den') && copies !== settings.copies) {
    differences.push(settings.copies ? 'its Python is a copy' : 'its Python is a link')
  }
  if (prompt !== undefined && prompt !== settings.prompt) {
    differences.push(settings.prompt === undefined ? 'it has no prompt of its own' : `its prompt is ${settings.prompt}`)
  }
  return differences
}

/** Two names may lead to one interpreter: the file behind them decides where the names differ. */
function isSameBase(host: Pick<Host, 'files' | 'path'>, cfg: PyvenvCfg, interpreter: Interpreter): boolean {
  const { files, path } = host
  const home = cfg.firstHome
  if (home === undefined) return false
  if (home === path.dirname(interpreter.executable) || home === path.dirname(interpreter.realExecutable)) return true
  if (home === interpreter.prefix) return true
  return [path.basename(interpreter.executable), path.basename(interpreter.realExecutable)].some(
    (name) => files.realPath(path.join(home, name)) === interpreter.realExecutable,
  )
}

// The plan of an environment: everything that will stand in it but packages, as one value.

import { denVersion } from '../base/version.ts'
import type { Host } from '../host/host.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { activationEntries, type Shell } from './activation.ts'
import { basePython } from './base.ts'
import { type EnvironmentSettings, environmentCfg } from './cfg.ts'
import { denPipEntries } from './den-pip.ts'
import { withGeneration } from './generation-plan.ts'
import { environmentLayout } from './layout/layout.ts'
import { environmentPaths } from './paths.ts'
import { checkRoot } from './place.ts'
import type { EnvironmentPlan, PlanEntry } from './plan.ts'

export interface PlanOptions {
  /** Absolute. */
  readonly root: string
  readonly interpreter: Interpreter
  /** What isn't said is false, and the prompt the directory's name; an upgrade takes it from the environment. */
  readonly settings: Partial<EnvironmentSettings>
  /** The names of what is put in at once, for pyvenv.cfg. */
  readonly seeds?: readonly string[]
  /** For pyvenv.cfg: the command that would make it again. */
  readonly command?: string
  /** For pyvenv.cfg: how den's own pip calls den. */
  readonly denCommand?: string
  /** den's own pip is a part of the plan: for a new environment on POSIX. */
  readonly denPip?: boolean
  /** .gitignore and CACHEDIR.TAG, so that version control and backups pass it over. */
  readonly ignoreFiles: boolean
  /** The shells to write activation scripts for; all unless said. */
  readonly shells?: readonly Shell[]
}

/**
 * The whole environment as data. Reads a directory or two of the base where its layout depends on them. Throws what `checkRoot`,
 * `environmentLayout` and `environmentCfg` throw.
 */
export function planEnvironment(host: Host, options: PlanOptions): EnvironmentPlan {
  const { root, interpreter } = options
  checkRoot(host, root)
  const {
    systemSitePackages = false,
    copies = false,
    relocatable = false,
    instant = false,
    store,
    prompt,
  } = options.settings
  const settings = {
    systemSitePackages,
    copies,
    relocatable,
    instant,
    ...(store === undefined ? {} : { store }),
    ...(prompt === undefined ? {} : { prompt }),
  }
  const paths = environmentPaths(interpreter, root, host.path)
  const base = basePython(host, interpreter)
  const cfg = environmentCfg({
    interpreter,
    base,
    settings,
    version: denVersion,
    seeds: options.seeds ?? [],
    ...(options.command === undefined ? {} : { command: options.command }),
    ...(options.denCommand === undefined ? {} : { denCommand: options.denCommand }),
  })
  const entries: readonly PlanEntry[] = [
    ...environmentLayout(host, { interpreter, base, copies }),
    ...activationEntries({
      root,
      paths,
      platform: interpreter.platform,
      relocatable,
      ...(prompt === undefined ? {} : { prompt }),
      ...(options.shells === undefined ? {} : { shells: options.shells }),
    }),
    ...(options.denPip === true ? denPipEntries(host.path, paths, interpreter.version) : []),
    ...(options.ignoreFiles ? ignoreFiles : []),
    // Last: whoever sees this file sees an environment.
    { kind: 'file', path: 'pyvenv.cfg', text: cfg },
  ]
  // Over what stands nothing is moved: the first install does that, by steps that can't be seen.
  const isNew = instant && interpreter.platform !== 'win32' && interpreter.implementation === 'cpython'
  const isGeneration = isNew && host.files.lstat(root) === undefined
  return { root, paths, entries: isGeneration ? withGeneration(host, paths, entries) : entries }
}

const ignoreFiles: readonly PlanEntry[] = [
  { kind: 'file', path: '.gitignore', text: '*\n' },
  {
    kind: 'file',
    path: 'CACHEDIR.TAG',
    text: 'Signature: 8a477f597d28d172789f06886806bc55\n# A Python environment, made by den. It can be made again; see https://bford.info/cachedir/\n',
  },
]

// `den explain`: how an environment, or a Python, works on this machine: which files and variables decide, and what comes of it.
// Everything is read from files; no Python is run.

import { isDenError } from '../base/error.ts'
import { type Environment, type EnvironmentKind, readEnvironment } from '../env/environment.ts'
import { type ActivationChange, activationChange } from '../env/explain/activation-change.ts'
import { type ActivationState, activationState } from '../env/explain/activation-state.ts'
import { explainConfigFiles, type FileExplanation } from '../env/explain/config-files.ts'
import type { PythonOptions } from '../env/explain/flags.ts'
import { environmentOf } from '../env/explain/membership.ts'
import { explainSysPath, type SysPathExplanation } from '../env/explain/sys-path.ts'
import { explainVariables, type VariableExplanation } from '../env/explain/variables.ts'
import {
  type CommandExplanation,
  describeCommandFile,
  explainCommands,
  pathEntries,
  type ShellHints,
} from '../env/explain/which.ts'
import { ifReadable } from '../env/quietly.ts'
import { type Selection, selectEnvironment } from '../env/select.ts'
import { findPython } from '../python/find.ts'
import { brokenError, inspectPython } from '../python/inspect.ts'
import { type FoundPython, formatPythonVersion, type Interpreter } from '../python/interpreter.ts'
import { isInterpreterName } from '../python/names.ts'
import { parsePythonRequest } from '../spec/python-request.ts'
import { promptOf } from '../spec/pyvenv-cfg.ts'
import type { Core } from './core.ts'

export interface ExplainRequest {
  /** An environment's directory or name, a project's directory, or a Python's executable; what is in effect here when left out. */
  readonly path?: string | undefined
  /** A named environment. */
  readonly name?: string | undefined
  /** Explain this Python instead, as `--python` takes it. */
  readonly python?: string | undefined
  /** As if Python were started with these. */
  readonly options?: PythonOptions | undefined
  /** What only the user's shell knows. */
  readonly shell?: ShellHints | undefined
  /** Whether a Python that files don't describe may be started; yes unless said. */
  readonly spawn?: boolean | undefined
}

/** The Python that is explained. */
export interface ExplainedPython {
  /** As it is called. */
  readonly executable: string
  readonly version: string
  readonly implementation: string
  /** The executable of the base interpreter. */
  readonly base: string
  /** The base's own prefix. */
  readonly basePrefix: string
}

export type ExplainSubject =
  | {
      readonly kind: 'environment'
      readonly root: string
      readonly madeBy: EnvironmentKind
      readonly name: string
      readonly systemSitePackages: boolean
      /** What led to it. */
      readonly by: Selection['by']
      /** The working directory lies in it. */
      readonly inside?: true
      readonly activeElsewhere?: string
    }
  | { readonly kind: 'python'; readonly executable: string; readonly because: string }

export interface ExplainResult {
  readonly subject: ExplainSubject
  /** Absent where the environment's Python can't be used; `problem` says why. */
  readonly python?: ExplainedPython
  readonly problem?: { readonly code: string; readonly text: string }
  readonly sysPath?: SysPathExplanation
  /** The same for the `python` that is run while the environment is not active. */
  readonly outside?: { readonly python: ExplainedPython; readonly sysPath: SysPathExplanation }
  /** What a shell runs now. */
  readonly commands: readonly CommandExplanation[]
  readonly activation: ActivationState
  /** What activating would change; of environments alone. */
  readonly change?: ActivationChange
  readonly variables: readonly VariableExplanation[]
  readonly files: readonly FileExplanation[]
}

/**
 * Explains an environment or a Python. With nothing named: the environment that den would use here, else the first Python. Throws
 * `environment-not-found`, `python-not-found`, `python-broken`, `invalid-python-request`.
 */
export async function explain(core: Core, request: ExplainRequest = {}): Promise<ExplainResult> {
  const target = await findTarget(core, request)
  const { host } = core
  const { environment, found } = target
  const options = request.options ?? {}
  const executable = environment?.paths.python ?? found.executable
  const { interpreter } = found
  const sysPath = interpreter === undefined ? undefined : explainSysPath(host, { interpreter, executable, options })
  const commands = explainCommands(host, request.shell)
  const problem = interpreter === undefined ? (found.problem ?? environment?.problem) : undefined
  const name = environment === undefined ? undefined : nameOf(core, environment)
  const outside = environment === undefined ? undefined : await explainOutside(core, environment, options)
  return {
    subject: subjectOf(target, executable, name),
    ...(interpreter === undefined ? {} : { python: pythonOf(interpreter, executable) }),
    ...(problem === undefined ? {} : { problem }),
    ...(sysPath === undefined ? {} : { sysPath }),
    ...(outside === undefined ? {} : { outside }),
    commands,
    activation: activationState(host, commands),
    ...(environment === undefined || name === undefined
      ? {}
      : {
          change: activationChange(host, {
            root: environment.root,
            scripts: environment.paths.scripts,
            prompt: name,
            conda: environment.kind === 'conda' || environment.kind === 'pixi',
          }),
        }),
    variables: explainVariables(host, interpreter, sysPath?.flags),
    files: explainConfigFiles(host, { root: environment?.root, interpreter }),
  }
}

interface Target {
  readonly found: FoundPython
  readonly because: string
  readonly environment?: Environment
  readonly selection?: Pick<Selection, 'by' | 'inside' | 'activeElsewhere'>
}

async function findTarget(core: Core, request: ExplainRequest): Promise<Target> {
  const { host } = core
  const more = request.spawn === undefined ? {} : { spawn: request.spawn }
  if (request.python !== undefined) {
    const found = await findPython(core, parsePythonRequest(request.python), { ...more, preferActive: true })
    return withEnvironment(core, found, found.because)
  }
  const file = request.path === undefined ? undefined : host.path.resolve(host.cwd, request.path)
  if (file !== undefined && ifReadable(() => host.files.stat(file))?.kind === 'file') {
    const { executable, because, isPython } = interpreterOf(core, file)
    // What isn't called like a Python is never started to find out.
    const found = await inspectPython(core, executable, isPython ? more : { spawn: false })
    if (found.environment === undefined && found.interpreter === undefined) throw brokenError(found)
    return withEnvironment(core, found, because)
  }
  let selection: Selection
  try {
    selection = selectEnvironment(core, { path: request.path, name: request.name })
  } catch (error) {
    const asked = request.path !== undefined || request.name !== undefined
    if (asked || !isDenError(error, 'environment-not-found')) throw error
    const found = await findPython(core, { kind: 'any' }, more)
    return { found, because: found.because }
  }
  const environment = readEnvironment(host, selection.root)
  const executable = environment?.paths.python ?? host.path.join(selection.root, 'bin', 'python')
  const found = await inspectPython(core, executable, more)
  return { found, because: selection.by, selection, ...(environment === undefined ? {} : { environment }) }
}

/** The Python behind a file that was named: itself, or the one that runs it as a script (pip, a shim). */
function interpreterOf(
  { host }: Core,
  file: string,
): { readonly executable: string; readonly because: string; readonly isPython: boolean } {
  const described = describeCommandFile(host, file)
  const { kind, interpreter, why } = described
  const isPython = isInterpreterName(host.path.basename(file), host.platform)
  if (interpreter === undefined || kind === 'python') return { executable: file, because: 'it was named', isPython }
  return { executable: interpreter, because: `${file} is ${why}`, isPython: true }
}

function withEnvironment({ host }: Core, found: FoundPython, because: string): Target {
  const environment = found.environment === undefined ? undefined : readEnvironment(host, found.environment)
  if (environment === undefined) return { found, because }
  return { found, because, environment, selection: { by: 'path' } }
}

function subjectOf(
  { environment, selection, because }: Target,
  executable: string,
  name: string | undefined,
): ExplainSubject {
  if (environment === undefined || selection === undefined) return { kind: 'python', executable, because }
  const { inside, activeElsewhere } = selection
  return {
    kind: 'environment',
    root: environment.root,
    madeBy: environment.kind,
    name: name ?? '',
    systemSitePackages: environment.systemSitePackages,
    by: selection.by,
    ...(inside === undefined ? {} : { inside }),
    ...(activeElsewhere === undefined ? {} : { activeElsewhere }),
  }
}

function nameOf({ host }: Core, environment: Environment): string {
  const prompt = environment.cfg === undefined ? undefined : promptOf(environment.cfg)
  const folder = host.path.basename(environment.root)
  // den's scripts call a project's environment by the project; those of the others by the directory.
  const project = environment.kind === 'den' && folder === '.venv'
  return prompt || environment.name || (project && host.path.basename(host.path.dirname(environment.root))) || folder
}

function pythonOf(interpreter: Interpreter, executable: string): ExplainedPython {
  return {
    executable,
    version: formatPythonVersion(interpreter.version),
    implementation: interpreter.implementation,
    base: interpreter.executable,
    basePrefix: interpreter.prefix,
  }
}

/** The `python` (else `python3`) of PATH without this environment. Never started: it is told for comparison. */
async function explainOutside(
  core: Core,
  environment: Environment,
  options: PythonOptions,
): Promise<ExplainResult['outside']> {
  const { host } = core
  const kept = pathEntries(host).filter((entry) => host.path.resolve(host.cwd, entry) !== environment.paths.scripts)
  const without = { ...host, env: { ...host.env, PATH: kept.join(host.path.delimiter), VIRTUAL_ENV: undefined } }
  const candidates = explainCommands(without, {}, ['python', 'python3']).flatMap(({ files }) => files)
  for (const { interpreter: executable } of candidates) {
    if (executable === undefined || environmentOf(host, executable) === environment.root) continue
    const found = await inspectPython(core, executable, { spawn: false })
    if (found.interpreter === undefined) continue
    const sysPath = explainSysPath(without, { interpreter: found.interpreter, executable, options })
    return { python: pythonOf(found.interpreter, executable), sysPath }
  }
  return undefined
}

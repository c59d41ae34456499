// `den run CMD…`: the program to become, with the environment in effect. Working it out touches nothing; cli/ carries it out.

import { DenError } from '../base/error.ts'
import { type Selection, selectEnvironment } from '../env/select.ts'
import { variable } from '../host/host.ts'
import type { Core } from './core.ts'

export interface RunRequest {
  /** The program and its arguments. */
  readonly command: readonly string[]
  /** The environment: a path or the name of a named one; found by the rule of env/select.ts when left out. */
  readonly environment?: string | undefined
  readonly name?: string | undefined
}

export interface RunPlan {
  /** The file to run, absolute. */
  readonly file: string
  /** The arguments with the program's name first. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly selection: Selection
}

/** Variables that would lead a Python elsewhere than to the environment it stands in. */
const misleading = ['PYTHONHOME', 'PYTHONEXECUTABLE', '__PYVENV_LAUNCHER__'] as const

/** Finds the environment and the program. Throws `environment-not-found`, `command-not-found`. */
export function planRun(core: Core, request: RunRequest): RunPlan {
  const { host } = core
  const { path } = host
  const selection = selectEnvironment(core, { path: request.environment, name: request.name })
  const scripts = scriptsOf(core, selection.root)
  const searched = [scripts, ...(variable(host, 'PATH') ?? '').split(path.delimiter)].join(path.delimiter)
  const env: Record<string, string | undefined> = { ...host.env }
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH' && host.platform === 'win32') ?? 'PATH'
  env[pathName] = searched
  env['VIRTUAL_ENV'] = selection.root
  env['VIRTUAL_ENV_PROMPT'] =
    path.basename(selection.root) === '.venv'
      ? path.basename(path.dirname(selection.root))
      : path.basename(selection.root)
  for (const name of misleading) delete env[name]
  const [command, ...args] = request.command
  if (command === undefined) throw new DenError('command-not-found', { command: '', root: selection.root })
  const isScript = command.endsWith('.py') && host.files.stat(path.resolve(host.cwd, command))?.kind === 'file'
  const program = isScript ? 'python' : command
  const file = findProgram(core, program, searched)
  if (file === undefined) throw new DenError('command-not-found', { command, root: selection.root })
  return { file, argv: [program, ...(isScript ? [command] : []), ...args], env, selection }
}

/** bin, or Scripts on Windows; conda's Windows environments keep python.exe in the root. */
function scriptsOf(core: Core, root: string): string {
  const { path, platform } = core.host
  return path.join(root, platform === 'win32' ? 'Scripts' : 'bin')
}

function findProgram(core: Core, command: string, searched: string): string | undefined {
  const { host } = core
  const { path } = host
  const endings =
    host.platform === 'win32' ? ['', ...(variable(host, 'PATHEXT') ?? '.COM;.EXE;.BAT;.CMD').split(';')] : ['']
  const directories = /[/\\]/.test(command) ? [host.cwd] : searched.split(path.delimiter)
  for (const directory of directories) {
    // An empty entry of PATH means the working directory.
    const place = path.resolve(host.cwd, directory, command)
    for (const ending of endings) if (host.files.isExecutable(place + ending)) return place + ending
  }
  // A file that is there but may not be executed shall be told as such by the system.
  const place = path.resolve(host.cwd, command)
  return /[/\\]/.test(command) && host.files.stat(place) !== undefined ? place : undefined
}

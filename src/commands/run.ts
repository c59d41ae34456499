// `den run CMD…`: the program to become, with the environment in effect. Working it out touches nothing; cli/ carries it out.

import { DenError } from '../base/error.ts'
import { promptName } from '../env/prompt-name.ts'
import { ifReadable } from '../env/quietly.ts'
import { type Selection, selectEnvironment } from '../env/select.ts'
import { systemPath } from '../env/shell.ts'
import { variable } from '../host/host.ts'
import { parsePyvenvCfg, promptOf } from '../spec/pyvenv-cfg.ts'
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

/** Finds the environment and the program. Throws `environment-not-found`, `environment-broken`, `command-not-found`, `environment-without-pip`. */
export function planRun(core: Core, request: RunRequest): RunPlan {
  const { host } = core
  const { path } = host
  const selection = selectEnvironment(core, { path: request.environment, name: request.name })
  const { root } = selection
  const isConda = host.files.stat(path.join(root, 'conda-meta')) !== undefined
  const own = programDirectories(core, root, isConda)
  // An empty entry would stand for the working directory.
  const defaultPath = host.platform === 'win32' ? '' : systemPath
  const searched = [...own, variable(host, 'PATH') || defaultPath].filter(Boolean).join(path.delimiter)
  const env: Record<string, string | undefined> = { ...host.env }
  const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH' && host.platform === 'win32') ?? 'PATH'
  env[pathName] = searched
  if (isConda) {
    // What looks for a pyvenv.cfg where VIRTUAL_ENV says, as uv does, takes conda's for a broken environment.
    for (const name of ['VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT']) delete env[name]
    env['CONDA_PREFIX'] = root
    env['CONDA_DEFAULT_ENV'] = path.basename(path.dirname(root)) === 'envs' ? path.basename(root) : root
  } else {
    env['VIRTUAL_ENV'] = root
    env['VIRTUAL_ENV_PROMPT'] = promptFor(core, root)
  }
  for (const name of misleading) delete env[name]
  const [command, ...args] = request.command
  if (command === undefined) throw new DenError('command-not-found', { command: '', root: selection.root })
  const isScript = command.endsWith('.py') && host.files.stat(path.resolve(host.cwd, command))?.kind === 'file'
  const program = isScript ? 'python' : command
  const file = findProgram(core, program, searched)
  refuseDangling(core, own, program, root)
  if (isPip(program) && (file === undefined || !own.includes(path.dirname(file)))) {
    throw new DenError('environment-without-pip', {
      command,
      root: selection.root,
      named: selection.by === 'path' || selection.by === 'name',
      ...(file === undefined ? {} : { elsewhere: file }),
    })
  }
  if (file === undefined) throw new DenError('command-not-found', { command, root: selection.root })
  return { file, argv: [program, ...(isScript ? [command] : []), ...args], env, selection }
}

/** pip by its bare name: the one that PATH has further on installs for another Python, which is never what is meant. */
function isPip(command: string): boolean {
  return /^pip(?:\d+(?:\.\d+)*)?(?:\.exe)?$/.test(command)
}

/** bin, or Scripts on Windows; conda's Windows environments keep python.exe in the root and libraries beside it. */
function programDirectories({ host }: Core, root: string, isConda: boolean): readonly string[] {
  const { path } = host
  if (host.platform !== 'win32') return [path.join(root, 'bin')]
  const scripts = path.join(root, 'Scripts')
  return isConda ? [root, path.join(root, 'Library', 'bin'), scripts] : [scripts]
}

/** What the activation scripts set: the prompt that was chosen, else the directory's name, of .venv its project's. */
function promptFor({ host }: Core, root: string): string {
  const { path, files } = host
  const text = ifReadable(() => files.readText(path.join(root, 'pyvenv.cfg')))
  const chosen = text === undefined ? undefined : promptOf(parsePyvenvCfg(text))
  return promptName(path, root, chosen)
}

/** A Python of the environment whose link leads nowhere: the next one on PATH is another, without the environment's packages. */
function refuseDangling({ host }: Core, own: readonly string[], program: string, root: string): void {
  if (!/^python(?:\d+(?:\.\d+)*)?$/.test(program)) return
  for (const directory of own) {
    const place = host.path.join(directory, program)
    if (host.files.lstat(place)?.kind !== 'link' || host.files.stat(place) !== undefined) continue
    const target = host.files.readLink(place) ?? 'nowhere'
    throw new DenError('environment-broken', { path: root, problem: `${place} leads to ${target}, which isn't there` })
  }
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

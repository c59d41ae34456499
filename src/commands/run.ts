// The program that `den run` becomes, with an environment in effect. Working it out touches nothing; cli/ carries it out.

import { DenError } from '../base/error.ts'
import { promptName } from '../env/prompt-name.ts'
import { ifReadable } from '../env/quietly.ts'
import { type Selection, selectEnvironment } from '../env/select.ts'
import { systemPath } from '../env/shell.ts'
import { variable } from '../host/host.ts'
import { parsePyvenvCfg, promptOf } from '../spec/pyvenv-cfg.ts'
import type { Core } from './core.ts'

export interface ProgramRequest {
  /** The program and its arguments; with `module`, a module and its arguments. */
  readonly command: readonly string[]
  /** A module of Python's: python -m. */
  readonly module?: boolean
  /** What Python is given, in place of the command: `-c` and a text, a file. */
  readonly python?: readonly string[]
  /** The root of the environment, and what led to it. */
  readonly selection: Selection
  /** The root of another environment that is seen through this one. */
  readonly under?: string
  /** Variables from `.env` files; what the environment sets goes over them. */
  readonly variables?: ReadonlyMap<string, string>
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

/** The same for the environment that is named, or found from here. Throws `environment-not-found` as well. */
export function planRun(
  core: Core,
  {
    command,
    environment,
    name,
  }: { readonly command: readonly string[]; readonly environment?: string; readonly name?: string },
): RunPlan {
  return planProgram(core, { command, selection: selectEnvironment(core, { path: environment, name }) })
}

/** Finds the program. Throws `environment-broken`, `command-not-found`, `environment-without-pip`. */
export function planProgram(core: Core, request: ProgramRequest): RunPlan {
  const { host } = core
  const { path } = host
  const { selection, under } = request
  const { root } = selection
  const isConda = host.files.stat(path.join(root, 'conda-meta')) !== undefined
  const own = programDirectories(core, root, isConda)
  const below = under === undefined ? [] : programDirectories(core, under, false)
  const around: Record<string, string | undefined> = {
    ...host.env,
    ...(request.variables === undefined ? {} : Object.fromEntries(request.variables)),
  }
  // An empty entry would stand for the working directory.
  const defaultPath = host.platform === 'win32' ? '' : systemPath
  const outer = variable({ env: around, platform: host.platform }, 'PATH') || defaultPath
  const searched = [...own, ...below, outer].filter(Boolean).join(path.delimiter)
  const env = { ...around }
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
  const isModule = request.module === true
  const told = request.python
  const isScript =
    !isModule &&
    told === undefined &&
    command.endsWith('.py') &&
    host.files.stat(path.resolve(host.cwd, command))?.kind === 'file'
  const program = isScript || isModule || told !== undefined ? 'python' : command
  const before = isModule ? ['-m', command] : isScript ? [command] : []
  const file = findProgram(core, program, searched)
  refuseDangling(core, own, program, root)
  if (isPip(program) && (file === undefined || ![...own, ...below].includes(path.dirname(file)))) {
    throw new DenError('environment-without-pip', {
      command,
      root: selection.root,
      named: selection.by === 'path' || selection.by === 'name',
      ...(file === undefined ? {} : { elsewhere: file }),
    })
  }
  if (file === undefined) throw new DenError('command-not-found', { command, root: selection.root })
  if (below.includes(path.dirname(file)) && isPythonScript(core, file)) {
    // Its first line names the Python of its own environment, which does not see through this one.
    const python = findProgram(core, 'python', own.join(path.delimiter))
    if (python !== undefined) return { file: python, argv: ['python', file, ...args], env, selection }
  }
  return { file, argv: [program, ...(told ?? [...before, ...args])], env, selection }
}

/** A program that an installer has made: a few lines of Python with the environment's own in the first. */
function isPythonScript({ host }: Core, file: string): boolean {
  const start = host.files.readBytes(file, { start: 0, length: 512 })
  const [first = ''] = new TextDecoder('latin1').decode(start ?? new Uint8Array()).split('\n')
  return first.startsWith('#!') && /python/.test(first)
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

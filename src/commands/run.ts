// The program that `den run` becomes, with an environment in effect. Working it out touches nothing; cli/ carries it out.

import { promptName } from '../env/prompt-name.ts'
import { ifReadable } from '../env/quietly.ts'
import { type Selection, selectEnvironment } from '../env/select.ts'
import { parsePyvenvCfg, promptOf } from '../spec/pyvenv-cfg.ts'
import type { Core } from './core.ts'
import { type ProgramWish, programIn, type RunSettings } from './run-program.ts'

export interface ProgramRequest extends ProgramWish {
  /** The root of the environment, and what led to it. */
  readonly selection: Selection
  /** It is an installation of Python, and no environment. */
  readonly bare?: boolean
  /** The root of another environment that is seen through this one. */
  readonly under?: string
  /** `.env` files, absolute; what the environment sets goes over what they say. */
  readonly envFiles?: readonly string[]
}

export interface RunPlan {
  /** The file to run, absolute. */
  readonly file: string
  /** The arguments with the program's name first. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly selection: Selection
  /** The same for whatever program. */
  readonly settings: RunSettings
}

/** The plan for the environment that is named, or found from here. Throws `environment-not-found` and what `planProgram` throws. */
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
  const settings = runSettings(core, request)
  // Which program it is, and what else the variables say, is looked up for each run anew.
  return { ...programIn(core.host.beside ?? core.host, settings, request), selection: request.selection, settings }
}

function runSettings(core: Core, { selection, under, envFiles = [], bare = false }: ProgramRequest): RunSettings {
  const { host } = core
  const { path } = host
  const { root, by } = selection
  const isConda = host.files.stat(path.join(root, 'conda-meta')) !== undefined
  const conda = path.basename(path.dirname(root)) === 'envs' ? path.basename(root) : root
  return {
    root,
    named: by === 'path' || by === 'name',
    own: programDirectories(core, root, isConda),
    below: under === undefined ? [] : programDirectories(core, under, false),
    envFiles,
    set: bare
      ? {}
      : isConda
        ? { CONDA_PREFIX: root, CONDA_DEFAULT_ENV: conda }
        : { VIRTUAL_ENV: root, VIRTUAL_ENV_PROMPT: promptFor(core, root) },
    // What looks for a pyvenv.cfg where VIRTUAL_ENV says, as uv does, takes conda's for a broken environment.
    unset: [...misleading, ...(isConda || bare ? ['VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT'] : [])],
  }
}

/** Variables that would lead a Python elsewhere than to the environment it stands in. */
const misleading = ['PYTHONHOME', 'PYTHONEXECUTABLE', '__PYVENV_LAUNCHER__'] as const

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

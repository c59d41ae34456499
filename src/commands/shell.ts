// `den shell`: the program to become, a shell with the environment active in it. Writes the shell's last start-up file under DEN_HOME
// where it isn't there yet; cli/ starts the program.

import { DenError } from '../base/error.ts'
import { readEnvironment } from '../env/environment.ts'
import { promptName } from '../env/prompt-name.ts'
import { type Selection, selectEnvironment } from '../env/select.ts'
import { type FoundShell, findUserShell, planShell, shellNameOf } from '../env/shell.ts'
import { searchPath, variable } from '../host/host.ts'
import type { Core } from './core.ts'

export interface ShellRequest {
  /** The environment: a path or the name of a named one; found by the rule of env/select.ts when left out. */
  readonly environment?: string | undefined
  readonly name?: string | undefined
  /** A name on PATH or a path; the calling shell, else the user's, when left out. */
  readonly shell?: string | undefined
}

export interface ShellResult {
  /** The file to run, absolute. */
  readonly file: string
  /** The arguments with the program's name first. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly selection: Selection
  /** "bash", "zsh", … */
  readonly shell: string
  /** Whether the prompt shows the environment; csh offers no way. */
  readonly drawsPrompt: boolean
  /** The environment of the den shell that this one is started inside of; `exit` leads back there. */
  readonly inside?: string
}

/** Finds environment and shell. Throws `environment-not-found`, `shell-not-found`, `shell-nested` (that very environment's shell). */
export function shell(core: Core, request: ShellRequest = {}): ShellResult {
  const { host, places } = core
  const selection = selectEnvironment(core, { path: request.environment, name: request.name })
  const { root } = selection
  const outer = variable(host, 'DEN_SHELL') || undefined
  const active = variable(host, 'VIRTUAL_ENV') || undefined
  if (outer === root && active === root) throw new DenError('shell-nested', { root })
  const found = request.shell === undefined ? findUserShell(host) : namedShell(core, request.shell)
  if (found === undefined)
    throw new DenError('shell-not-found', request.shell === undefined ? {} : { shell: request.shell })
  const name = promptName(host.path, root, readEnvironment(host, root)?.prompt)
  const plan = planShell(host, { root, name, shell: found, places })
  for (const file of plan.files) {
    if (host.files.readText(file.path) === file.text) continue
    host.disk.makeDirectories(host.path.dirname(file.path))
    host.disk.writeAtomic(file.path, file.text)
  }
  const { file, argv, env, drawsPrompt } = plan
  return {
    file,
    argv,
    env,
    selection,
    shell: found.name,
    drawsPrompt,
    ...(outer === undefined || outer !== active ? {} : { inside: outer }),
  }
}

function namedShell({ host }: Core, wanted: string): FoundShell | undefined {
  const { path, files } = host
  const name = shellNameOf(wanted) ?? path.basename(wanted)
  if (/[/\\]/.test(wanted)) {
    const file = path.resolve(host.cwd, wanted)
    return files.isExecutable(file) ? { file, name } : undefined
  }
  const endings = host.platform === 'win32' ? ['.exe', ''] : ['']
  for (const directory of searchPath(host)) {
    for (const ending of endings) {
      const file = path.join(directory, wanted + ending)
      if (files.isExecutable(file)) return { file, name }
    }
  }
  return undefined
}

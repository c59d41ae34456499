// `den hook SHELL`: the code for a shell's start-up file. `den hook allow [PATH]`: lets the hook activate an environment that den did
// not make.

import { DenError } from '../base/error.ts'
import { readEnvironment } from '../env/environment.ts'
import { type HookShell, hookScript, hookShellOf, hookShells } from '../env/hook.ts'
import { versionText } from '../env/label.ts'
import { registerEnvironment } from '../env/registry.ts'
import { selectEnvironment } from '../env/select.ts'
import type { Core } from './core.ts'

export interface HookRequest {
  /** "bash", "zsh", "sh" (also dash, ksh, mksh, yash, busybox), "fish", "nushell", "xonsh", "powershell". */
  readonly shell: string
}

export interface HookResult {
  readonly shell: HookShell
  /** What the shell shall evaluate. */
  readonly script: string
}

/** Makes the hook of a shell. Touches nothing. Throws `shell-without-hook`. */
export function hook(core: Core, request: HookRequest): HookResult {
  const shell = hookShellOf(request.shell)
  if (shell === undefined) throw new DenError('shell-without-hook', { shell: request.shell, known: hookShells })
  return { shell, script: hookScript(shell, { registry: core.places.registry }) }
}

export interface HookAllowResult {
  /** The root of the environment that the hook activates from now on. */
  readonly root: string
}

/**
 * Writes an environment down in the registry, which is what the hook goes by. The environment is the one at `path`, else the nearest
 * `.venv`. Throws `environment-not-found`.
 */
export function hookAllow(core: Core, request: { readonly path?: string | undefined } = {}): HookAllowResult {
  const { root } = selectEnvironment(core, { path: request.path })
  const environment = readEnvironment(core.host, root)
  if (environment === undefined) throw new DenError('environment-not-found', { wanted: root, looked: [root] })
  registerEnvironment(core, core.places.registry, {
    root,
    version: versionText(environment),
    implementation: environment.implementation,
    base: environment.base.executable ?? '',
    created: core.host.now(),
    seeds: [],
  })
  return { root }
}

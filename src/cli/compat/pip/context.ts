// What each of pip's commands is given, and how it speaks: pip's levels of -q and -v, answers on stdout, warnings on stderr.

import type { Core } from '../../../commands/core.ts'
import type { EnvironmentWish } from '../../../commands/install-request.ts'
import type { PipConfig, ReadPipConfigOptions } from '../../../config/pip-config.ts'
import type { Host } from '../../../host/host.ts'
import type { Output } from '../../output.ts'
import { visible } from '../../render/style.ts'
import { environmentWish, type PipInvocation } from './install-request.ts'
import type { PipOptions } from './options.ts'

export interface PipContext extends PipInvocation {
  readonly core: Core
  readonly host: Host
  readonly output: Output
  readonly options: PipOptions
  /** How the program is called: "den pip". */
  readonly program: string
  /** -v less -q. */
  readonly verbosity: number
  readonly environment: EnvironmentWish
  /** pip's configuration files and variables. */
  readonly config: (options?: ReadPipConfigOptions) => PipConfig
  /** An answer on stdout; -q leaves it out. */
  say(text: string): void
  /** An answer on stdout that -q does not touch. */
  print(text: string): void
  /** "WARNING: …" on stderr; -qq leaves it out. */
  warn(text: string): void
  /** "ERROR: …" on stderr; -qqq leaves it out. */
  error(text: string): void
}

/** Carries out one command; answers the exit code. */
export type PipHandler = (context: PipContext) => Promise<number>

export interface ContextParts extends PipInvocation {
  readonly core: Core
  readonly output: Output
  readonly program: string
  readonly config: PipContext['config']
}

export function pipContext(parts: ContextParts): PipContext {
  const { options, output, core } = parts
  const verbosity = options.debug_mode ? 2 : options.verbose - options.quiet
  const log = options.log === undefined ? undefined : core.host.path.resolve(core.host.cwd, options.log)
  const record = (text: string): void => {
    if (log === undefined) return
    const time = new Date(core.host.now()).toISOString().replace('Z', '').replace('.', ',')
    core.host.disk.makeDirectories(core.host.path.dirname(log))
    core.host.disk.append(
      log,
      text
        .split('\n')
        .map((line) => `${time} ${line}\n`)
        .join(''),
    )
  }
  const onStderr = (level: number, text: string): void => {
    record(text)
    if (verbosity >= level && !output.json) output.talk(visible(text))
  }
  return {
    ...parts,
    host: core.host,
    verbosity,
    environment: environmentWish(parts),
    say: (text) => {
      record(text)
      if (verbosity >= 0) output.print(text)
    },
    print: (text) => {
      record(text)
      output.print(text)
    },
    warn: (text) => onStderr(-1, `WARNING: ${text}`),
    error: (text) => onStderr(-2, `ERROR: ${text}`),
  }
}

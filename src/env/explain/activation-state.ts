// Whether the environment that VIRTUAL_ENV names is the one in effect, and if not, what is in its way.

import { shellWord } from '../../base/shell-word.ts'
import { type Host, variable } from '../../host/host.ts'
import { ifReadable } from '../quietly.ts'
import { environmentOf } from './membership.ts'
import { type CommandExplanation, pathEntries } from './which.ts'

export interface ActivationState {
  /**
   * `none`: no environment is active. `in-effect`: it is. `path-only`: an environment is first on PATH without having been activated.
   * `not-in-effect`: VIRTUAL_ENV names one and another Python is run. `gone`: VIRTUAL_ENV names what is no environment.
   */
  readonly kind: 'none' | 'in-effect' | 'path-only' | 'not-in-effect' | 'gone'
  /** VIRTUAL_ENV, else the environment that PATH leads to. */
  readonly environment?: string
  /** What was found, in sentences. */
  readonly why: readonly string[]
  /** What to type. */
  readonly fix: readonly string[]
}

/** Compares VIRTUAL_ENV with what the commands come to. */
export function activationState(host: Host, commands: readonly CommandExplanation[]): ActivationState {
  const { path } = host
  const active = variable(host, 'VIRTUAL_ENV') || undefined
  const python = commands.find(({ name }) => name === 'python')
  const first = python?.files[0]
  if (active === undefined) {
    const conda = variable(host, 'CONDA_PREFIX')
    if (conda !== undefined && conda !== '' && path.resolve(conda) !== first?.environment) {
      return condaNotInEffect(host, path.resolve(conda), first)
    }
    if (first?.environment === undefined) {
      return { kind: 'none', why: ['no environment is active: VIRTUAL_ENV is not set'], fix: [] }
    }
    const why = `PATH leads to the environment ${first.environment}, though VIRTUAL_ENV is not set`
    const byConda = conda !== undefined && path.resolve(conda) === first.environment
    return {
      kind: byConda ? 'in-effect' : 'path-only',
      environment: first.environment,
      why: [byConda ? `conda has activated ${first.environment}` : why],
      fix: [],
    }
  }
  const root = path.resolve(host.cwd, active)
  const scripts = path.join(root, host.platform === 'win32' ? 'Scripts' : 'bin')
  const activate =
    host.platform === 'win32' ? `${scripts}\\activate` : `source ${shellWord(path.join(scripts, 'activate'))}`
  if (environmentOf(host, path.join(scripts, 'python')) === undefined) {
    const there = ifReadable(() => host.files.stat(root)) !== undefined
    const why = `VIRTUAL_ENV names ${active}, ${there ? 'which holds no environment' : 'which is not there any more'}`
    return { kind: 'gone', environment: root, why: [why], fix: ['deactivate, or open a new shell'] }
  }
  const why: string[] = []
  const fix: string[] = []
  if (python?.before?.kind === 'alias') {
    why.push(`python is an alias for ${python.before.what}, and aliases go before PATH`)
    fix.push('unalias python')
  } else if (python?.before?.kind === 'function') {
    why.push('python is a function of the shell, and functions go before PATH')
    fix.push('unset -f python')
  } else if (python?.before?.kind === 'hash') {
    why.push(`the shell remembers python at ${python.before.what} from before`)
    fix.push('hash -r')
  }
  const entries = pathEntries(host).map((entry) => path.resolve(host.cwd, entry))
  const place = entries.indexOf(scripts)
  if (place === -1) {
    why.push(
      `${scripts} is not on PATH: the activation script was run in a shell of its own, or PATH was set anew since`,
    )
    fix.push(activate)
  } else if (first !== undefined && first.environment !== root && path.dirname(first.path) !== scripts) {
    why.push(`${path.dirname(first.path)} comes before ${scripts} on PATH and has a python too`)
    fix.push(activate)
  }
  const literal = activateLiteral(host, scripts)
  if (literal !== undefined && literal !== root) {
    why.push(`${path.join(scripts, 'activate')} still names ${literal}: the environment was moved or copied`)
    fix.push(`den repair ${shellWord(root)}`)
  }
  if (why.length === 0) return { kind: 'in-effect', environment: root, why: [`${root} is active`], fix: [] }
  return { kind: 'not-in-effect', environment: root, why, fix: [...new Set(fix)] }
}

function condaNotInEffect(
  host: Host,
  root: string,
  first: CommandExplanation['files'][number] | undefined,
): ActivationState {
  const { path, files } = host
  const scripts = host.platform === 'win32' ? root : path.join(root, 'bin')
  if (ifReadable(() => files.stat(path.join(root, 'conda-meta'))) === undefined) {
    const why = `CONDA_PREFIX names ${root}, which holds no conda environment`
    return { kind: 'gone', environment: root, why: [why], fix: ['conda deactivate, or open a new shell'] }
  }
  const isOnPath = pathEntries(host).some((entry) => path.resolve(host.cwd, entry) === scripts)
  // An environment without Python is in effect without changing which one runs.
  const own = ['python', 'python.exe'].some(
    (name) => ifReadable(() => files.stat(path.join(scripts, name))) !== undefined,
  )
  if (isOnPath && !own) {
    return { kind: 'in-effect', environment: root, why: [`conda has activated ${root}, which has no Python`], fix: [] }
  }
  const why =
    isOnPath && first !== undefined
      ? `${path.dirname(first.path)} comes before ${scripts} on PATH and has a python too`
      : `${scripts} is not on PATH, though CONDA_PREFIX names ${root}: PATH was set anew since conda activated it`
  return { kind: 'not-in-effect', environment: root, why: [why], fix: [`conda activate ${shellWord(root)}`] }
}

/** The path that venv, virtualenv and uv write into the activation script; den's finds its own place. */
export function activateLiteral({ files, path }: Host, scripts: string): string | undefined {
  const text = ifReadable(() => files.readText(path.join(scripts, 'activate')))
  const match = /^\s*(?:export )?VIRTUAL_ENV=(?:'([^'\n$]+)'|"([^"\n$]+)"|([^\s'"$;]+))\s*$/m.exec(text ?? '')
  const literal = match?.[1] ?? match?.[2] ?? match?.[3]
  return literal !== undefined && path.isAbsolute(literal) ? literal : undefined
}

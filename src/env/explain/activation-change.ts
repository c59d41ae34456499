// What activating an environment changes: a handful of variables of the shell, and nothing on disk.

import { type Host, variable } from '../../host/host.ts'
import { pathEntries } from './which.ts'

export interface VariableChange {
  readonly name: string
  /** Absent: not set. */
  readonly before?: string
  readonly after?: string
  readonly why: string
}

export interface ActivationChange {
  /** PATH's entries without and with the environment. */
  readonly pathBefore: readonly string[]
  readonly pathAfter: readonly string[]
  readonly variables: readonly VariableChange[]
}

export interface ActivationTarget {
  readonly root: string
  /** bin or Scripts. */
  readonly scripts: string
  /** The name in front of the shell's prompt. */
  readonly prompt: string
  /** conda's own way: other variables, and no VIRTUAL_ENV. */
  readonly conda?: boolean
}

/** The shell before and after. What an environment that is active now has put in place is taken away first. */
export function activationChange(host: Host, target: ActivationTarget): ActivationChange {
  const { path } = host
  const active = variable(host, target.conda === true ? 'CONDA_PREFIX' : 'VIRTUAL_ENV') || undefined
  const ofActive =
    active === undefined ? undefined : path.join(path.resolve(host.cwd, active), path.basename(target.scripts))
  const entries = pathEntries(host)
  const pathBefore = entries.filter((entry) => entry !== ofActive && entry !== target.scripts)
  const pathAfter = [target.scripts, ...pathBefore]
  const home = variable(host, 'PYTHONHOME')
  const variables: VariableChange[] = [
    {
      name: 'PATH',
      before: pathBefore.join(path.delimiter),
      after: pathAfter.join(path.delimiter),
      why: `${target.scripts} is put first, so that the shell finds the environment's python and pip before all others`,
    },
    ...(target.conda === true ? condaVariables(target) : venvVariables(target)),
  ]
  if (home !== undefined && target.conda !== true) {
    variables.push({
      name: 'PYTHONHOME',
      before: home,
      why: 'is taken away, since it would send Python past the environment',
    })
  }
  if (target.conda === true || !variable(host, 'VIRTUAL_ENV_DISABLE_PROMPT')) {
    variables.push({
      name: host.platform === 'win32' ? 'PROMPT' : 'PS1',
      after: `(${target.prompt}) …`,
      why: 'shows that it is active',
    })
  }
  return { pathBefore, pathAfter, variables }
}

function venvVariables({ root, prompt }: ActivationTarget): readonly VariableChange[] {
  return [
    {
      name: 'VIRTUAL_ENV',
      after: root,
      why: 'tells other programs which environment is active; Python itself does not read it',
    },
    { name: 'VIRTUAL_ENV_PROMPT', after: prompt, why: 'the name in front of the prompt' },
  ]
}

function condaVariables({ root, prompt }: ActivationTarget): readonly VariableChange[] {
  return [
    {
      name: 'CONDA_PREFIX',
      after: root,
      why: 'tells conda and other programs which environment is active; Python itself does not read it',
    },
    { name: 'CONDA_DEFAULT_ENV', after: prompt, why: "the environment's name" },
  ]
}

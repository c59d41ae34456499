// What is said of environments that were made, and what a dry run shows.

import { shellWord } from '../../base/shell-word.ts'
import type { CreatedResult, CreateResult } from '../../commands/create.ts'
import type { PlanEntry } from '../../env/plan.ts'
import { type Host, variable } from '../../host/host.ts'
import type { Implementation } from '../../python/interpreter.ts'
import { implementationName } from './python.ts'
import { type Style, visible } from './style.ts'
import { renderTable } from './table.ts'

type Here = Pick<Host, 'env' | 'platform' | 'path' | 'cwd' | 'home'>

/** One line an environment, then how to begin using it where there is only one. */
export function renderCreated(result: CreateResult, host: Here, style: Style): string {
  const lines = result.environments.flatMap((environment) => [
    lineFor(environment, host, style),
    ...(environment.seeds.length === 0 || !environment.changed ? [] : [`  with ${environment.seeds.join(', ')}`]),
    ...(environment.redirect === undefined ? [] : [`  ${shortPath(environment.redirect, host)} leads to it`]),
  ])
  if (result.packages !== undefined && result.packages.length > 0) lines.push(`  with ${counted(result.packages)}`)
  const [only, ...others] = result.environments
  if (only !== undefined && others.length === 0) {
    const rows = [
      ['activate it:', style.cyan(activation(only, host))],
      ['or just use it:', style.cyan(useOf(only, host))],
    ]
    lines.push(renderTable(rows, '  '))
  }
  return lines.join('\n')
}

/** The packages by name as long as that is a line; else how many. */
function counted(packages: NonNullable<CreateResult['packages']>): string {
  return packages.length > 6
    ? `${packages.length} packages`
    : packages.map(({ name, version }) => `${name} ${version}`).join(', ')
}

function lineFor(environment: CreatedResult, host: Here, style: Style): string {
  const where = style.bold(environment.name ?? shortPath(environment.root, host))
  const python = `${implementationName(environment.implementation as Implementation)} ${environment.version}`
  const time = style.dim(`in ${duration(environment.milliseconds)}`)
  switch (environment.outcome) {
    case 'created':
      return `created ${where} with ${python} ${time}`
    case 'replaced':
      return `made ${where} anew with ${python} ${time}`
    case 'refreshed':
      return environment.changed
        ? `brought ${where} up to date with ${python} ${time}`
        : `${where} is up to date with ${python}`
    case 'kept':
      return `${where} is there already, with ${python}`
    case 'planned':
      return `would make ${where} with ${python}`
  }
}

/** "9 ms", "1.4 s" */
export function duration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`
}

/** A path as one would type it here: relative where it is below the working directory, with `~` below the home. */
export function shortPath(path: string, { path: paths, cwd, home }: Pick<Host, 'path' | 'cwd' | 'home'>): string {
  const relative = paths.relative(cwd, path)
  if (relative !== '' && !relative.startsWith('..') && !paths.isAbsolute(relative)) return visible(relative)
  if (home !== undefined && home !== paths.sep && path.startsWith(home + paths.sep))
    return visible(`~${path.slice(home.length)}`)
  return visible(path)
}

/** The line to type in the user's own shell. */
function activation({ scripts }: CreatedResult, host: Here): string {
  const { path, platform } = host
  const relative = path.relative(host.cwd, scripts)
  const directory = relative.startsWith('..') || path.isAbsolute(relative) ? scripts : relative
  if (platform === 'win32') return `${path.join(directory, 'activate')}`
  const shell = path.basename(variable(host, 'SHELL') ?? 'sh')
  const script = (name: string): string => {
    const place = path.join(directory, name)
    return shellWord(place.startsWith('-') ? `./${place}` : place)
  }
  if (shell === 'fish') return `source ${script('activate.fish')}`
  if (shell === 'csh' || shell === 'tcsh') return `source ${script('activate.csh')}`
  if (shell === 'nu') return `overlay use ${script('activate.nu')}`
  if (shell === 'xonsh') return `source ${script('activate.xsh')}`
  if (shell === 'bash' || shell === 'zsh') return `source ${script('activate')}`
  // A POSIX shell's `.` looks for a bare name on PATH; there is always a directory here.
  return `. ${script('activate')}`
}

function useOf({ name, root }: CreatedResult, host: Here): string {
  if (name !== undefined) return `den run -n ${name} python`
  const { path, cwd } = host
  if (path.relative(cwd, root) === '.venv') return 'den run python'
  return `den run -e ${shellWord(shortPath(root, { ...host, home: undefined }))} python`
}

/** Every entry of the plans, a line each. */
export function renderPlans(result: CreateResult, host: Here, style: Style): string {
  return result.environments
    .flatMap((environment) => {
      if (environment.plan === undefined) return [lineFor(environment, host, style)]
      const rows = environment.plan.entries.map((entry) => [
        style.dim(entry.kind === 'bytes' ? 'file' : entry.kind),
        entryText(entry),
      ])
      const seeds = environment.seeds.map((seed) => [style.dim('package'), seed])
      return [lineFor(environment, host, style), renderTable([...rows, ...seeds], '  ')]
    })
    .join('\n')
}

function entryText(entry: PlanEntry): string {
  switch (entry.kind) {
    case 'link':
      return visible(`${entry.path} -> ${entry.target}`)
    case 'copy':
      return visible(`${entry.path} (of ${entry.from})`)
    default:
      return visible(entry.path)
  }
}

// What became of a project: its requirements, its lock, its environment.

import type { HeldBack } from '../../commands/lock-held.ts'
import type { ChangeResult, RequirementChange } from '../../commands/project-change.ts'
import type { Host } from '../../host/host.ts'
import { renderChanges } from './project-lock.ts'
import { type Style, visible } from './style.ts'
import { renderSynced } from './sync.ts'

export function renderChange(result: ChangeResult, host: Host, style: Style): string {
  const { outcome, requirements, changes, environment } = result
  if (outcome === 'unchanged' && environment === undefined) return 'nothing to change'
  return [
    ...requirements.map((one) => requirementLine(one, style)),
    // What was put in and taken out is told once, of the environment where there is one.
    ...(changes.length === 0 || environment !== undefined ? [] : [renderChanges(changes, style)]),
    ...(outcome === 'planned' ? [style.dim('nothing was written')] : []),
    ...(environment === undefined ? [] : [renderSynced(environment, host, style)]),
  ].join('\n')
}

/** A line for each that is not the newest, and the command that goes over the project's own bounds. */
export function renderHeld(held: readonly HeldBack[], style: Style): string {
  const lifted = [...new Set(held.flatMap(({ name, own }) => (own ? [name] : [])))]
  return [
    ...held.map(
      ({ name, version, newest, because }) =>
        `${name} stays at ${version} ${style.dim(`(newest: ${newest})`)}: ${because.map(visible).join('; ')}`,
    ),
    ...(lifted.length === 0 ? [] : [`over the project’s own bounds: den upgrade --latest ${lifted.join(' ')}`]),
  ].join('\n')
}

/** "dependencies: requests>=2.32.5", "group dev: pytest>=8 → pytest>=9". */
export function requirementLine({ place, name, before, after }: RequirementChange, style: Style): string {
  const head = style.bold(`${visible(place)}:`)
  if (after === undefined) return `${head} ${style.red('-')} ${visible(before ?? name)}`
  if (before === undefined) return `${head} ${style.green('+')} ${visible(after)}`
  return `${head} ${visible(before)} → ${visible(after)}`
}

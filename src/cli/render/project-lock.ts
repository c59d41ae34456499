// What became of a project's lock.

import type { LockChange, LockProjectResult } from '../../commands/project-lock.ts'
import type { Host } from '../../host/host.ts'
import { type Style, visible } from './style.ts'

/** A line each: "+ name 1.2", "- name 1.0", "~ name 1.0 → 1.2". */
export function renderChanges(changes: readonly LockChange[], style: Style): string {
  return changes
    .map(({ name, before, after }) => {
      const [was, is] = [visible(before.join(', ')), visible(after.join(', '))]
      if (before.length === 0) return `${style.green('+')} ${name} ${is}`.trimEnd()
      if (after.length === 0) return `${style.red('-')} ${name} ${was}`.trimEnd()
      return `${style.yellow('~')} ${name} ${was} → ${is}`
    })
    .join('\n')
}

/** The last line, and why there was something to do. */
export function renderLocked(
  { outcome, file, packages, because, changes, milliseconds }: LockProjectResult,
  { cwd, path }: Pick<Host, 'cwd' | 'path'>,
  style: Style,
): string {
  const shown = visible(path.relative(cwd, file))
  const count = packages === 1 ? '1 package' : `${packages} packages`
  const why = because.map((reason) => style.dim(visible(`  ${reason}`)))
  switch (outcome) {
    case 'current':
      return `${shown} is up to date: ${count}`
    case 'outdated':
      if (why.length > 0) return [`${shown} is not up to date:`, ...why].join('\n')
      // Versions were to be chosen anew, and which of them would be others is told before.
      return `${shown} is not up to date${changes.length === 0 ? ': it would change, and no version in it' : ''}`
    case 'planned':
      return changes.length === 0 ? `${shown} would change, and no version in it` : `${shown} would have ${count}`
    case 'written':
      return `locked ${count} in ${duration(milliseconds)}: ${shown}`
  }
}

function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}

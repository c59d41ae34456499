// What a sync did, or would do: a line a package, as plans are shown everywhere.

import type { SyncChange, SyncProjectResult } from '../../commands/project-sync.ts'
import type { SyncScriptResult } from '../../commands/script-change.ts'
import type { Host } from '../../host/host.ts'
import { shortPath } from './create.ts'
import { type Style, visible } from './style.ts'

type Synced = Pick<SyncProjectResult, 'environment' | 'lock' | 'changes' | 'unchanged'>

export function renderSynced({ environment, changes, unchanged }: Synced, host: Host, style: Style): string {
  const { outcome, version, because } = environment
  const place = style.bold(shortPath(environment.root, host))
  const lines: string[] = []
  if (outcome === 'created') lines.push(`made ${place} with Python ${version}`)
  if (outcome === 'replaced') lines.push(`made ${place} anew with Python ${version}: ${visible(because ?? '')}`)
  lines.push(...changes.map((change) => renderChange(change, style)))
  const packages = (count: number): string => `${count} ${count === 1 ? 'package' : 'packages'}`
  if (changes.length === 0) lines.push(`${place} has what the lock says: ${packages(unchanged)}`)
  else lines.push(`${place} is in sync: ${packages(changes.length)} changed, ${unchanged} as before`)
  return lines.join('\n')
}

export function renderSyncPlan({ environment, lock, changes, unchanged }: Synced, host: Host, style: Style): string {
  const { outcome, version, because } = environment
  const place = shortPath(environment.root, host)
  const lines: string[] = []
  if (lock.state === 'stale') lines.push('the lock would be made anew first: this is what it says now')
  if (outcome === 'planned' && because === undefined) lines.push(`${place} would be made with Python ${version}`)
  if (because !== undefined) lines.push(`${place} would be made anew with Python ${version}: ${visible(because)}`)
  lines.push(...changes.map((change) => renderChange(change, style)))
  if (lines.length === 0) lines.push(`nothing to do: ${place} has what the lock says, ${unchanged} packages`)
  return lines.join('\n')
}

export function renderScriptPlan(
  { environment, lock, changes = [] }: SyncScriptResult,
  script: string,
  style: Style,
): string {
  const { outcome, version } = environment
  const lines: string[] = []
  if (lock?.state === 'stale') lines.push('the lock would be made anew first: this is what it says now')
  if (outcome === 'planned') lines.push(`${script} would get an environment, with Python ${version}`)
  lines.push(...changes.map((change) => renderChange(change, style)))
  return lines.length === 0 ? `nothing to do: ${script} has its environment` : lines.join('\n')
}

export function renderChange({ name, from, to, editable }: SyncChange, style: Style): string {
  const note = editable === true ? style.dim(' (editable)') : ''
  if (to === undefined) return style.red(`- ${name} ${from}`)
  // What only a build will tell is not known before.
  const version = to === '' ? '' : ` ${to}`
  if (from === undefined) return `${style.green(`+ ${name}${version}`)}${note}`
  return from === to ? `~ ${name}${version}${note}` : `~ ${name} ${from} → ${to}${note}`
}

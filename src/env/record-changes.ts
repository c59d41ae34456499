// The RECORD files of an environment after some of its files have changed: new hashes and sizes, so that tools that verify agree.

import type { Host } from '../host/host.ts'
import type { Change } from './change.ts'
import type { Environment } from './environment.ts'
import { ifReadable } from './quietly.ts'
import { updateRecord } from './record-rows.ts'

/** The writes that bring every RECORD in line with `changes`, which are relative to the environment's root. */
export function recordChanges(
  host: Pick<Host, 'files' | 'path'>,
  environment: Environment,
  changes: readonly Change[],
): readonly Change[] {
  const { files, path } = host
  const { root, paths } = environment
  const updates: Change[] = []
  for (const library of new Set([paths.purelib, paths.platlib])) {
    // Rows are relative to site-packages, or absolute; both name the present place.
    const changed = new Map<string, Uint8Array | undefined>()
    for (const change of changes) {
      if (change.kind !== 'write' && change.kind !== 'remove') continue
      const bytes = change.kind === 'write' ? change.bytes : undefined
      changed.set(path.relative(library, path.join(root, change.path)).replaceAll('\\', '/'), bytes)
    }
    if (changed.size === 0) continue
    for (const { name, kind } of ifReadable(() => files.list(library)) ?? []) {
      if (kind !== 'directory' || !name.endsWith('.dist-info')) continue
      const place = path.join(library, name, 'RECORD')
      const text = ifReadable(() => files.readText(place))
      const updated = text === undefined ? undefined : updateRecord(text, changed)
      if (updated === undefined) continue
      const relative = path.relative(root, place).replaceAll('\\', '/')
      const mode = files.lstat(place)?.mode ?? 0o644
      updates.push({ kind: 'write', path: relative, bytes: new TextEncoder().encode(updated), mode })
    }
  }
  return updates
}

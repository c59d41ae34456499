// The mount a path is on, as Linux tells it in /proc/self/mountinfo.

import type { Host } from '../../host/host.ts'
import { ifReadable } from '../quietly.ts'
import { isInside } from '../size.ts'

export interface Mount {
  /** Where it is mounted. */
  readonly point: string
  /** "ext4", "nfs4", "9p", "fuse.sshfs", … */
  readonly type: string
  readonly options: readonly string[]
}

/** The mount of the path; undefined where the system does not tell. */
export function mountOf(host: Pick<Host, 'files' | 'path' | 'platform'>, place: string): Mount | undefined {
  if (host.platform !== 'linux') return undefined
  const real = ifReadable(() => host.files.realPath(place)) ?? place
  let best: Mount | undefined
  for (const line of (ifReadable(() => host.files.readText('/proc/self/mountinfo')) ?? '').split('\n')) {
    const fields = line.split(' ')
    const dash = fields.indexOf('-')
    if (dash < 6) continue
    const point = fields[4]!.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    // Of two on one point the later one is on top.
    if (!isInside(host.path, point, real) || (best !== undefined && best.point.length > point.length)) continue
    best = { point, type: fields[dash + 1] ?? '', options: (fields[5] ?? '').split(',') }
  }
  return best
}

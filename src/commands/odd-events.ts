// Whether anything happened on the way to an answer that the next who asks would have to be told or see happen as well: then the answer is
// not for remembering.

import type { Core } from './core.ts'

export interface Watched {
  /** What the way is gone with. */
  readonly core: Core
  /** Something was said, or built, since. */
  isOdd(): boolean
}

export function watchOdd(core: Core): Watched {
  let odd = false
  const report: Core['report'] = (event) => {
    odd ||= event.kind === 'warning' || event.kind === 'note' || event.kind === 'build.started'
    core.report(event)
  }
  return { core: { ...core, report }, isOdd: () => odd }
}

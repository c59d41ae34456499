// Root who changes an installation changes what the system's own tools run on.

import type { PipContext } from './context.ts'

/** Warns once, unless `--root-user-action=ignore` says not to. Environments are root's own affair. */
export function warnOfRoot(context: PipContext, isVirtual: boolean): void {
  const { host, options } = context
  if (isVirtual || host.uid !== 0 || options.root_user_action === 'ignore' || host.platform === 'win32') return
  context.warn(
    "root changes the system's own Python here, and may break what it is for: make an environment (den create), or say --root-user-action=ignore",
  )
}

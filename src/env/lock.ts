// The lock of an environment: held while one that stands is changed in more than one step. Making one where nothing stands needs none:
// there a rename decides.

import { diagnose, isDenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { acquireLock, type Lock } from '../host/lock.ts'
import { registryFile } from './registry.ts'

/**
 * Waits until nobody else changes the environment at `root`; `directory` is the journal's, made when missing. Where no lock can be had,
 * because the user may not write there, a warning says so and the change goes on. Throws `lock-timeout` and `aborted`.
 */
export async function lockEnvironment(context: Context, directory: string, root: string): Promise<Lock | undefined> {
  const { host, signal } = context
  const file = `${registryFile(host, directory, root).slice(0, -'.json'.length)}.lock`
  try {
    if (host.files.stat(directory) === undefined) host.disk.makeDirectories(directory)
    return await acquireLock(file, { signal })
  } catch (error) {
    if (!isDenError(error, 'permission-denied', 'read-only-disk')) throw error
    context.report({ kind: 'warning', warning: diagnose(error) })
    return undefined
  }
}

// The lock of an environment: held while one that stands is changed in more than one step. Making one where nothing stands needs none:
// there a rename decides.

import { DenError, diagnose, isDenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { acquireLock, type Lock } from '../host/lock.ts'
import { registryFile } from './registry.ts'

/**
 * Waits until nobody else changes the environment at `root`; `directory` is the journal's, made when missing. Where no lock can be had,
 * because the user may not write there, a warning says so and the change goes on. uv's lock is taken as well where uv has been. Throws
 * `lock-timeout` and `aborted`.
 */
export async function lockEnvironment(context: Context, directory: string, root: string): Promise<Lock | undefined> {
  const { host, signal } = context
  const file = lockFileOf(context, directory, root)
  try {
    if (host.files.stat(directory) === undefined) host.disk.makeDirectories(directory)
    const own = await acquireLock(file, { signal })
    try {
      return both(own, await lockAsUv(context, root))
    } catch (error) {
      own.release()
      throw error
    }
  } catch (error) {
    if (!isDenError(error, 'permission-denied', 'read-only-disk')) throw error
    context.report({ kind: 'warning', warning: diagnose(error) })
    return undefined
  }
}

/**
 * The same for a change of the environment as a whole, moving or removing it: dens with another DEN_HOME, which know it by its own lock
 * alone, are waited for too.
 */
export async function lockWhole(context: Context, directory: string, root: string): Promise<Lock | undefined> {
  const { host, signal } = context
  const outer = await lockEnvironment(context, directory, root)
  // Windows moves no directory in which a file is open.
  const file = host.path.join(root, '.den', 'lock')
  if (host.platform === 'win32' || Buffer.byteLength(file) > 480 || host.files.lstat(file)?.kind !== 'file')
    return outer
  try {
    const inner = await acquireLock(file, { signal })
    return outer === undefined ? inner : both(inner, outer)
  } catch (error) {
    if (!isDenError(error, 'permission-denied', 'read-only-disk', 'io-failed')) {
      outer?.release()
      throw error
    }
    return outer
  }
}

/** The lock's file in the journal's directory. It stays, but for an environment that nobody else will ever ask for. */
export function lockFileOf({ host }: Pick<Context, 'host'>, directory: string, root: string): string {
  return `${registryFile(host, directory, root).slice(0, -'.json'.length)}.lock`
}

const patience = 300

/** uv locks ENV/.lock by flock, and leaves the file there. Where it isn't there uv has not been, and den makes none. */
async function lockAsUv({ host, signal }: Context, root: string): Promise<Lock | undefined> {
  const file = host.path.join(root, '.lock')
  if (host.files.lstat(file)?.kind !== 'file') return undefined
  const { tryFlock, canFlock } = await import('../host/flock.ts')
  if (!canFlock()) return undefined
  const start = performance.now()
  for (;;) {
    if (signal?.aborted) throw new DenError('aborted', { operation: 'waiting for a lock' }, { cause: signal.reason })
    const lock = tryFlock(file)
    if (lock !== undefined) return lock
    if (performance.now() - start > patience * 1000)
      throw new DenError('lock-timeout', { path: file, seconds: patience })
    await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 20))
  }
}

function both(first: Lock, second: Lock | undefined): Lock {
  if (second === undefined) return first
  const release = (): void => {
    second.release()
    first.release()
  }
  return Object.freeze({ path: first.path, release, [Symbol.dispose]: release })
}

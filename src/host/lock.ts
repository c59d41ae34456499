// Locks between processes: an exclusive transaction on an empty SQLite file that is used for nothing else. The system frees it
// when the holder dies, kill -9 included. The file stays where it is: removing it would let two holders meet on two files.

import fs from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { DenError } from '../base/error.ts'
import { ioError } from './io-error.ts'

export interface Lock {
  readonly path: string
  release(): void
  [Symbol.dispose](): void
}

/**
 * Takes the lock, or answers undefined when another holds it. Any number may hold it `shared`, while nobody holds it alone. Throws
 * `io-failed` and its kin when the file can't be opened.
 */
export function tryLock(path: string, options: { readonly shared?: boolean } = {}): Lock | undefined {
  // Loaded here, not imported above: on Node 22 the mere import prints a warning.
  const sqlite = process.getBuiltinModule('node:sqlite')
  let database: DatabaseSync
  try {
    database = new sqlite.DatabaseSync(path)
  } catch (error) {
    throw lockError(error, path)
  }
  try {
    // Waiting inside SQLite would block the event loop. Nothing is ever written, so there is nothing to be forced to the disk, and no
    // journal to be kept there: making and removing that file was half of what a lock costs.
    const transaction = options.shared === true ? 'BEGIN; SELECT count(*) FROM sqlite_schema' : 'BEGIN EXCLUSIVE'
    database.exec(
      `PRAGMA busy_timeout=0; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=MEMORY; ${transaction}`,
    )
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw lockError(error, path)
  }
  let held = true
  const release = (): void => {
    if (!held) return
    held = false
    database.close()
  }
  return Object.freeze({ path, release, [Symbol.dispose]: release })
}

/**
 * Waits for the lock without blocking the event loop. Throws `lock-timeout` after `seconds` (300 unless said) and `aborted` by
 * the signal; a holder that dies frees it at once.
 */
export async function acquireLock(
  path: string,
  options: { readonly signal?: AbortSignal | undefined; readonly seconds?: number; readonly shared?: boolean } = {},
): Promise<Lock> {
  const { signal, seconds = 300 } = options
  const start = performance.now()
  for (let attempt = 0; ; attempt += 1) {
    if (signal?.aborted) throw new DenError('aborted', { operation: 'waiting for a lock' }, { cause: signal.reason })
    const lock = tryLock(path, options)
    if (lock !== undefined) return lock
    if (performance.now() - start > seconds * 1000) throw new DenError('lock-timeout', { path, seconds })
    await pause(Math.min(2 + attempt, 25) * (0.5 + Math.random()), signal)
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** SQLite's result code (SQLITE_BUSY is 5); Bun gives the name in the message only. */
function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined
}

function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  return code === undefined ? /database is locked|SQLITE_BUSY/.test(String(error)) : (code & 0xff) === 5
}

/** SQLite says only that it could not open the file (14); asking the system once more tells why. */
function lockError(error: unknown, path: string): unknown {
  const code = (resultCode(error) ?? 0) & 0xff
  // SQLite's own limit, which it does not name.
  if (Buffer.byteLength(path) > 500)
    return ioError(Object.assign(new Error(String(error), { cause: error }), { code: 'ENAMETOOLONG' }), 'lock', path)
  if (code === 14) {
    try {
      fs.closeSync(fs.openSync(path, 'a'))
    } catch (reason) {
      return ioError(reason, 'lock', path)
    }
  }
  const errno = { 8: 'EROFS', 13: 'ENOSPC' }[code] ?? 'EIO'
  return ioError(Object.assign(new Error(String(error), { cause: error }), { code: errno }), 'lock', path)
}

// What is written down before a change that takes more than one step: a small JSON file in the journal's directory, from which whoever
// comes next can finish the change when the process that began it is gone.

import { DenError, diagnose, isDenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import { type Lock, tryLock } from '../host/lock.ts'
import { processMark, processState } from '../host/processes.ts'

interface AnyRecord {
  readonly target: string
  readonly staged: string
  readonly aside: string
  /** The lock that is held as long as somebody is at it; without one, the process that wrote the record tells. */
  readonly lock?: string
}

/** A directory gives way to another: `staged` is whole and comes to stand at `target`; what was there goes by way of `aside`. */
export interface DirectoryRecord extends AnyRecord {
  readonly kind: 'directory'
}

/** The same where the directory itself has to stay (a mount point, a working directory): its entries move, one by one. */
export interface ContentsRecord extends AnyRecord {
  readonly kind: 'contents'
  readonly old: readonly string[]
  readonly new: readonly string[]
}

export type JournalRecord = DirectoryRecord | ContentsRecord

export interface OpenRecord {
  readonly record: JournalRecord
  readonly file: string
  /** Taken to keep others from it, and to be released. */
  readonly lock?: Lock
}

/**
 * Writes a record down and gives its file; undefined, with a warning, where the journal can't be written: the change then goes on
 * without a net, since nobody who may not write there is helped by a refusal.
 */
export function openRecord(context: Context, directory: string, record: JournalRecord): string | undefined {
  const { host } = context
  const file = host.path.join(directory, `${processMark()}-${Math.floor(Math.random() * 2 ** 40).toString(36)}.json`)
  const text = `${JSON.stringify(record)}\n`
  try {
    try {
      host.disk.writeAtomic(file, text)
    } catch (error) {
      if (ioCode(error) !== 'ENOENT') throw error
      host.disk.makeDirectories(directory)
      host.disk.writeAtomic(file, text)
    }
    return file
  } catch (error) {
    if (!isDenError(error, 'permission-denied', 'read-only-disk')) throw error
    context.report({ kind: 'warning', warning: diagnose(error) })
    return undefined
  }
}

/** Strikes a record out: its change is finished or taken back. False, with a warning, when it can't be: then it will be looked at again. */
export function closeRecord(context: Context, file: string | undefined): boolean {
  if (file === undefined) return true
  try {
    context.host.disk.removeFile(file)
  } catch (error) {
    if (ioCode(error) === 'ENOENT') return true
    if (!isDenError(error)) throw error
    context.report({ kind: 'warning', warning: diagnose(error) })
    return false
  }
  return true
}

/** The records that nobody is at any more. One that makes no sense is warned about and left. `holding`: a lock that the caller has. */
export function abandonedRecords(context: Context, directory: string, holding?: string): readonly OpenRecord[] {
  const { host } = context
  const open: OpenRecord[] = []
  for (const { name } of host.files.list(directory) ?? []) {
    if (!name.endsWith('.json')) continue
    const file = host.path.join(directory, name)
    const text = host.files.readText(file)
    if (text === undefined) continue
    const record = parseRecord(text)
    if (record === undefined) {
      context.report({ kind: 'warning', warning: diagnose(new DenError('journal-damaged', { path: file })) })
      continue
    }
    if (record.lock !== undefined && record.lock === holding) {
      open.push({ record, file })
    } else if (record.lock !== undefined) {
      const lock = lockOf(context, record.lock)
      if (lock === undefined) continue
      if (isOpen(context, file)) open.push({ record, file, lock })
      else lock.release()
    } else if (isAbandoned(context, file, name) && isOpen(context, file)) {
      open.push({ record, file })
    }
  }
  return open
}

/**
 * Asked once nobody can be at it any more: whoever was may have finished since the record was read, and what it tells of that looks just
 * like a change whose new directory is lost.
 */
function isOpen({ host }: Context, file: string): boolean {
  return host.files.lstat(file) !== undefined
}

/** Where somebody is at it, or where the lock can't be had at all (another user's), undefined. */
function lockOf(context: Context, path: string): Lock | undefined {
  try {
    return tryLock(path)
  } catch (error) {
    if (!isDenError(error)) throw error
    context.report({ kind: 'warning', warning: diagnose(error) })
    return undefined
  }
}

/** Of another machine's process nothing can be known but that nobody takes a day. */
function isAbandoned({ host }: Context, file: string, name: string): boolean {
  const state = processState(name)
  if (state !== 'unknown') return state === 'ended'
  return host.now() - (host.files.lstat(file)?.modified ?? host.now()) > 24 * 60 * 60 * 1000
}

function parseRecord(text: string): JournalRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { kind, target, staged, aside, lock, old, new: fresh } = (value ?? {}) as Record<string, unknown>
  const isPath = (path: unknown): path is string => typeof path === 'string' && path !== ''
  const isNames = (names: unknown): names is string[] =>
    Array.isArray(names) && names.every((name) => typeof name === 'string' && !/[\\/]/.test(name) && name !== '..')
  if (!isPath(target) || !isPath(staged) || !isPath(aside)) return undefined
  const places = { target, staged, aside, ...(isPath(lock) ? { lock } : {}) }
  if (kind === 'directory') return { kind, ...places }
  if (kind === 'contents' && isNames(old) && isNames(fresh)) return { kind, ...places, old, new: fresh }
  return undefined
}

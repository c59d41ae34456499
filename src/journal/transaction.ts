// A change of a directory tree that happens as a whole or not at all, wherever a kill, a full disk or a power cut ends it. It knows
// nothing of what the directory holds. Everything lies in ROOT/.den, on the root's own file system:
//
//   .den/lock       held from beginning to end; the system frees it when its holder dies
//   .den/new        what comes, laid out as the root is
//   1. what was staged is forced to the disk
//   2. .den/transaction is written and forced to the disk     killed before this: the old; after it: the new, when den runs next
//   3. the renames: what goes into .den/old, what comes out of .den/new
//   4. the directories they changed are forced to the disk; the record is struck out
//   5. .den/old and .den/new are removed
// A small file in the journal's directory names the root from before 1 until after 5, so that any next command finds what is open
// (`recoverTransactions`); whoever works on the root itself finds the record without it.

import { DenError, diagnose, isDenError } from '../base/error.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Context, Host } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import { acquireLock, type Lock, tryLock } from '../host/lock.ts'
import {
  dropEmptied,
  endsOf,
  type Move,
  type MovePlaces,
  type MovePlan,
  makeMoves,
  planMoves,
  unmakeMoves,
} from './moves.ts'
import { openLine, sealLine } from './sealed-line.ts'

export interface TransactionRequest {
  /** The directory that changes; it stands. */
  readonly root: string
  /** The journal's directory; made when missing. */
  readonly journal: string
  /** Leave no trace in the root: .den goes at the end, its lock too. The caller holds another lock, which others wait for. */
  readonly traceless?: boolean
}

export interface Transaction {
  readonly root: string
  /** An empty directory: what is put here, laid out as the root is, comes. */
  readonly stage: string
  /** What a commit would do. Throws `install-blocked`. */
  plan(remove: Iterable<string>, keep?: Iterable<string>): MovePlan
  /**
   * Makes the moves, all of them or none: a failure takes them back and is thrown. `written`: what was staged by writing it, as opposed
   * to a second name of a file that is safe on the disk already.
   */
  commit(plan: MovePlan, written?: readonly string[]): void
  /** Removes what was staged, unless it was committed, and lets others at the root. */
  close(): void
}

/** ROOT/.den, where den keeps what it needs to know of a directory that it changes. */
export function workDirectory(host: Pick<Host, 'path'>, root: string): string {
  return host.path.join(root, '.den')
}

/**
 * Waits until nobody else changes the root, finishes what a killed process left, and opens a transaction. Throws `lock-timeout`,
 * `aborted`, `journal-damaged`, and what the disk throws.
 */
export async function openTransaction(context: Context, request: TransactionRequest): Promise<Transaction> {
  const { host, signal } = context
  const { root, journal } = request
  const work = workDirectory(host, root)
  const places = placesIn(host, root)
  ensureDirectory(host, work)
  const lockFile = lockFileOf(host, root, journal)!
  refuseLinks(host, { directory: work, file: lockFile })
  if (!lockFile.startsWith(work)) ensureDirectory(host, journal)
  const lock = await acquireLock(lockFile, { signal })
  let pointer: string | undefined
  let committed = false
  const close = (): void => {
    try {
      // Where the record still stands, what it names is needed to finish the change.
      if (!committed && host.files.lstat(recordFile(host, root)) === undefined) removeWork(context, places)
      if (!hasRemains(host, work)) {
        if (request.traceless === true) {
          // SQLite keeps a second file beside that of a lock that is held.
          lock.release()
          removeTrace(host, lockFile, work)
        }
        forgetPointer(context, pointer)
      }
    } finally {
      lock.release()
    }
  }
  try {
    settle(context, root)
    pointer = leavePointer(context, journal, root)
    for (const place of [places.stage, places.aside]) if (host.files.lstat(place)) host.disk.removeTree(place)
    host.disk.makeDirectory(places.stage)
  } catch (error) {
    close()
    throw error
  }
  return Object.freeze({
    root,
    stage: places.stage,
    plan: (remove: Iterable<string>, keep?: Iterable<string>) =>
      planMoves(host, { root, remove, stage: places.stage, ...(keep === undefined ? {} : { keep }) }),
    commit: (plan: MovePlan, written: readonly string[] = []) => {
      commit(context, places, plan.moves, { written, pointer })
      committed = true
    },
    close,
  })
}

/** SQLite opens no file whose path is longer than 512 bytes, with what it adds to the name. */
const longestLock = 480

/** Where the root lies too deep for a lock in it, the lock stands in the journal's directory, and other journals don't see it. */
function lockFileOf({ path }: Pick<Host, 'path'>, root: string, journal: string | undefined): string | undefined {
  const own = path.join(root, '.den', 'lock')
  if (Buffer.byteLength(own) <= longestLock) return own
  return journal === undefined ? undefined : path.join(journal, `${sha256Hex(root).slice(0, 32)}.lock`)
}

/** A link in the place of what den keeps there leads to something that isn't den's to change. */
function refuseLinks(host: Pick<Host, 'files'>, places: { readonly directory: string; readonly file: string }): void {
  for (const [kind, place] of Object.entries(places)) {
    const there = host.files.lstat(place)?.kind ?? kind
    if (there !== kind)
      throw new DenError('install-blocked', {
        path: place,
        by: there === 'link' ? 'a link that leads elsewhere' : `a ${there}`,
      })
  }
}

function placesIn(host: Pick<Host, 'path' | 'files'>, root: string): MovePlaces {
  const work = workDirectory(host, root)
  return {
    root: host.files.realPath(root) ?? root,
    stage: host.path.join(work, 'new'),
    aside: host.path.join(work, 'old'),
  }
}

function recordFile(host: Pick<Host, 'path'>, root: string): string {
  return host.path.join(workDirectory(host, root), 'transaction')
}

function commit(
  context: Context,
  places: MovePlaces,
  moves: readonly Move[],
  { written, pointer }: { readonly written: readonly string[]; readonly pointer: string | undefined },
): void {
  const { host } = context
  const { disk, path } = host
  if (moves.length === 0) {
    removeWork(context, places)
    return
  }
  const record = recordFile(host, places.root)
  disk.makeDirectory(places.aside)
  const parents = new Set(moves.flatMap((move) => (move[0] === 'out' ? [path.dirname(move[1])] : [])))
  for (const parent of parents) if (parent !== '.') disk.makeDirectories(path.join(places.aside, parent))
  disk.syncTrees([places.stage, places.aside], written)
  // After a power cut, too, the next command has to find what it finishes.
  if (pointer !== undefined) disk.syncAll([pointer, path.dirname(pointer), path.dirname(path.dirname(pointer))])

  const made: Move[] = []
  let late: readonly Move[]
  try {
    disk.writeNew(record, sealRecord(moves))
    disk.syncAll([record, path.dirname(record), places.root])
    late = makeMoves(host, places, moves, rewriter(host, record), made)
    disk.syncAll(changedBy(host, places, made))
  } catch (error) {
    const problem = unmakeMoves(host, places, made)
    if (problem === undefined && strikeOut(context, record)) removeWork(context, places)
    else report(context, problem)
    throw error
  }
  // The change stands. What fails from here on is no reason to say otherwise: whoever comes next tidies up.
  if (
    !reported(context, () => dropEmptied(host, places, late)) &&
    !reported(context, () => dropEmptied(host, places, late))
  )
    return
  // All that a power cut could bring back now are empty directories.
  reported(context, () => disk.syncAll(changedBy(host, places, late)))
  if (strikeOut(context, record)) removeWork(context, places)
}

/** Whether it went well; what went wrong is a warning. */
function reported(context: Context, work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (!isDenError(error)) throw error
    report(context, error)
    return false
  }
}

/** Puts another list of moves into the record's place, where directories turn out not to be movable. */
function rewriter({ disk, files, path }: Host, record: string): (moves: readonly Move[]) => void {
  return (moves) => {
    // Its bytes reach the disk before its name does: a power cut leaves the one record or the other, never an empty one.
    const next = `${record}.next`
    if (files.lstat(next) !== undefined) disk.removeFile(next)
    try {
      disk.writeNew(next, sealRecord(moves))
      disk.syncAll([next])
      disk.rename(next, record)
    } catch (error) {
      if (isDenError(error) && files.lstat(next) !== undefined) disk.removeFile(next)
      throw error
    }
    disk.syncAll([path.dirname(record)])
  }
}

/** The directories whose entries the moves change, and the one above each. */
function changedBy(host: Pick<Host, 'files' | 'path'>, places: MovePlaces, moves: readonly Move[]): readonly string[] {
  const changed = new Set<string>()
  for (const move of moves) for (const end of endsOf(host, places, move)) changed.add(host.path.dirname(end))
  return [...changed].filter((directory) => host.files.lstat(directory) !== undefined)
}

function directoriesUnder(host: Pick<Host, 'files' | 'path'>, top: string): readonly string[] {
  const found = [top]
  for (const directory of found) {
    for (const { name, kind } of host.files.list(directory) ?? [])
      if (kind === 'directory') found.push(`${directory}${host.path.sep}${name}`)
  }
  return found
}

/** Finishes what a killed process left in the root, under its lock. True when there was something. Throws `journal-damaged`. */
function settle(context: Context, root: string): boolean {
  const { host } = context
  const record = recordFile(host, root)
  const text = host.files.readText(record)
  if (text === undefined) return false
  const places = placesIn(host, root)
  const moves = openRecord(text)
  if (moves === undefined) {
    // Cut off while it was written: then nothing has been moved.
    if (holdsFiles(host, places.aside)) throw new DenError('journal-damaged', { path: record })
  } else {
    const made: Move[] = []
    const late = makeMoves(host, places, moves, rewriter(host, record), made)
    host.disk.syncAll(changedBy(host, places, made))
    dropEmptied(host, places, late)
    host.disk.syncAll(changedBy(host, places, late))
  }
  const next = `${record}.next`
  if (host.files.lstat(next) !== undefined) host.disk.removeFile(next)
  host.disk.removeFile(record)
  host.disk.syncAll([workDirectory(host, root)])
  removeWork(context, places)
  return true
}

function holdsFiles(host: Pick<Host, 'files' | 'path'>, top: string): boolean {
  return directoriesUnder(host, top).some((directory) =>
    (host.files.list(directory) ?? []).some(({ kind }) => kind !== 'directory'),
  )
}

/**
 * Finishes what a killed process left in `root`: its transaction, or what it had staged for one. False where there is nothing, or
 * somebody is at it. Costs one look where den never changed anything. Throws `journal-damaged` and what the disk throws.
 */
export function recoverTransaction(context: Context, root: string, journal?: string): boolean {
  const { host } = context
  const work = workDirectory(host, root)
  if (!hasRemains(host, work)) return false
  const lock = lockOf(host, lockFileOf(host, root, journal))
  if (lock === undefined) return false
  try {
    const settled = settle(context, root)
    removeWork(context, placesIn(host, root))
    return settled
  } finally {
    lock.release()
  }
}

function hasRemains({ files }: Pick<Host, 'files'>, work: string): boolean {
  return files.names(work)?.some((name) => name === 'transaction' || name === 'new' || name === 'old') === true
}

/** The lock, if nobody holds it; not that of a file which its last holder took away. */
function lockOf(host: Pick<Host, 'files' | 'path'>, file: string | undefined): Lock | undefined {
  if (file === undefined) return undefined
  const before = host.files.lstat(file)?.inode
  const lock = tryLock(file)
  if (lock === undefined || before === undefined || host.files.lstat(file)?.inode === before) return lock
  lock.release()
  return undefined
}

const pointerSuffix = '.open'

/**
 * Finishes what killed processes left anywhere: every root that the journal names. What goes wrong with one is a warning, since nobody who
 * works at one place is to be kept from it by another's. Costs one look when there is nothing. Returns the roots that it settled.
 */
export function recoverTransactions(
  context: Context,
  journal: string,
  tidy?: (root: string) => void,
): readonly string[] {
  const { host } = context
  const settled: string[] = []
  for (const name of host.files.names(journal) ?? []) {
    if (!name.endsWith(pointerSuffix)) continue
    const pointer = host.path.join(journal, name)
    const root = host.files.readText(pointer)?.trimEnd()
    if (root === undefined) continue
    try {
      // Cut off by a power cut: then nothing was begun.
      if (!host.path.isAbsolute(root)) {
        host.disk.removeFile(pointer)
        continue
      }
      const work = workDirectory(host, root)
      // Without it nothing was begun there, or the root is gone: on a disk that comes back the record itself is found.
      if (host.files.names(work) !== undefined) {
        const lock = lockOf(host, lockFileOf(host, root, journal))
        if (lock === undefined) continue
        // What was prepared for a change that others make with one rename of their own is theirs to take away, before what tells of it.
        try {
          tidy?.(root)
        } finally {
          lock.release()
        }
        if (recoverTransaction(context, root, journal)) settled.push(root)
      }
      host.disk.removeFile(pointer)
    } catch (error) {
      if (ioCode(error) === 'ENOENT') continue
      if (!isDenError(error)) throw error
      report(context, error)
    }
  }
  return settled
}

/** Names the root in the journal; where that can't be written only whoever works on the root finds what was left. */
function leavePointer({ host }: Context, journal: string, root: string): string | undefined {
  const pointer = host.path.join(journal, `${sha256Hex(root).slice(0, 32)}${pointerSuffix}`)
  try {
    ensureDirectory(host, journal)
    host.disk.writeAtomic(pointer, `${root}\n`)
    return pointer
  } catch (error) {
    if (isDenError(error, 'permission-denied', 'read-only-disk')) return undefined
    throw error
  }
}

function forgetPointer(context: Context, pointer: string | undefined): void {
  if (pointer === undefined) return
  try {
    context.host.disk.removeFile(pointer)
  } catch (error) {
    if (ioCode(error) === 'ENOENT') return
    if (!isDenError(error)) throw error
    report(context, error)
  }
}

/** False, with a warning, when it can't be: then the change will be finished by whoever comes next. */
function strikeOut(context: Context, record: string): boolean {
  const { disk, path } = context.host
  try {
    disk.removeFile(record)
    disk.syncAll([path.dirname(record)])
    return true
  } catch (error) {
    if (ioCode(error) === 'ENOENT') return true
    if (!isDenError(error)) throw error
    report(context, error)
    return context.host.files.lstat(record) === undefined
  }
}

/** What was moved aside or never moved in is of no use to anybody; that it can't be removed is no reason to fail. */
function removeWork(context: Context, { stage, aside }: MovePlaces): void {
  for (const place of [aside, stage]) {
    try {
      context.host.disk.removeTree(place)
    } catch (error) {
      if (!isDenError(error)) throw error
      report(context, error)
    }
  }
}

function removeTrace({ disk }: Pick<Host, 'disk'>, lock: string, work: string): void {
  try {
    disk.removeFile(lock)
    disk.removeDirectory(work)
  } catch (error) {
    if (!isDenError(error)) throw error
  }
}

function ensureDirectory({ disk }: Pick<Host, 'disk'>, directory: string): void {
  try {
    disk.makeDirectory(directory)
  } catch (error) {
    const code = ioCode(error)
    if (code === 'EEXIST') return
    if (code !== 'ENOENT') throw error
    disk.makeDirectories(directory)
  }
}

function report(context: Context, error: DenError | undefined): void {
  if (error !== undefined) context.report({ kind: 'warning', warning: diagnose(error) })
}

function sealRecord(moves: readonly Move[]): string {
  return sealLine({ schema: 1, moves })
}

function openRecord(text: string): readonly Move[] | undefined {
  const record = openLine(text) as { readonly schema: unknown; readonly moves: readonly Move[] } | undefined
  if (record?.schema !== 1) return undefined
  const { moves } = record
  const isPlace = (place: string): boolean => place !== '' && place.split(/[\\/]/).every((part) => part !== '..')
  return moves.every(([, ...ends]) => ends.every((end) => typeof end === 'number' || isPlace(end))) ? moves : undefined
}

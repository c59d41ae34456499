// Putting a finished directory in the place of another, so that after a kill at any instant the place holds the old one or the new one,
// whole, as soon as anybody looks (`recoverJournal`). It knows nothing of what the directories hold.
//
//   1. the record is written      from here on the change is finished by whoever comes next, if not by this process
//   2. target → aside             killed after this, the target is missing for as long as nobody looks
//   3. staged → target            the new one stands
//   4. the record is struck out
//   5. what is aside is removed   killed before this, it stays behind under the name it was given

import { diagnose, isDenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { abandonedRecords, type ContentsRecord, closeRecord, type DirectoryRecord, openRecord } from './record.ts'

export interface ReplaceRequest {
  /** The journal's directory; made when missing. */
  readonly journal: string
  /** The directory to be replaced. */
  readonly target: string
  /**
   * The new one, whole; gone afterwards in any case, unless it is needed to finish the change later. `replaceDirectory`: beside `target`,
   * on its file system; `replaceContents`: directly in it.
   */
  readonly staged: string
  /** A free name beside `target`, or directly in it. */
  readonly aside: string
  /** The lock that the caller holds for as long as this takes. */
  readonly lock?: string
}

export interface ReplaceContentsRequest extends ReplaceRequest {
  /** The names in `target` that go, and those in `staged` that come, in the order in which they move. */
  readonly old: readonly string[]
  readonly new: readonly string[]
}

/**
 * Replaces `target` by `staged`. When a step fails everything is as before and the error is thrown: EBUSY or EXDEV for a directory that
 * can't be renamed (then `replaceContents` may do), EEXIST or ENOTEMPTY when somebody else made `target` in between.
 */
export function replaceDirectory(context: Context, request: ReplaceRequest): void {
  const { target, staged, aside } = request
  carryOut(context, request, { kind: 'directory', ...placesOf(request) }, (move) => {
    move(target, aside)
    move(staged, target)
  })
}

/**
 * Replaces what is in `target` by what is in `staged`, entry by entry. When a step fails the entries go back to where they were and the
 * error is thrown.
 */
export function replaceContents(context: Context, request: ReplaceContentsRequest): void {
  const { disk, path } = context.host
  const { target, staged, aside, old, new: fresh } = request
  carryOut(context, request, { kind: 'contents', ...placesOf(request), old, new: fresh }, (move) => {
    disk.makeDirectory(aside)
    for (const name of old) move(path.join(target, name), path.join(aside, name))
    for (const name of fresh) move(path.join(staged, name), path.join(target, name))
  })
}

function placesOf({ target, staged, aside, lock }: ReplaceRequest): Omit<DirectoryRecord, 'kind'> {
  return { target, staged, aside, ...(lock === undefined ? {} : { lock }) }
}

/** The moves of `change` under a record: all of them, or none. */
function carryOut(
  context: Context,
  { journal, staged, aside }: ReplaceRequest,
  record: DirectoryRecord | ContentsRecord,
  change: (move: (from: string, to: string) => void) => void,
): void {
  const { disk } = context.host
  let file: string | undefined
  try {
    file = openRecord(context, journal, record)
  } catch (error) {
    discard(context, staged)
    throw error
  }
  const done: (readonly [from: string, to: string])[] = []
  try {
    change((from, to) => {
      disk.rename(from, to)
      done.push([from, to])
    })
  } catch (error) {
    if (moveBack(context, done) && closeRecord(context, file)) {
      discard(context, staged)
      // Empty again where it is a directory of its own; elsewhere it is missing.
      discard(context, aside)
    }
    throw error
  }
  if (!closeRecord(context, file)) return
  discard(context, staged)
  discard(context, aside)
}

/** False when a disk that fails for good keeps things where they are: then the record stays, for whoever comes next. */
function moveBack(context: Context, done: readonly (readonly [from: string, to: string])[]): boolean {
  try {
    for (const [from, to] of done.toReversed()) context.host.disk.rename(to, from)
    return true
  } catch (error) {
    if (!isDenError(error)) throw error
    context.report({ kind: 'warning', warning: diagnose(error) })
    return false
  }
}

/** What is left over is of no use to anybody; that it can't be removed is no reason to fail. */
function discard(context: Context, directory: string): void {
  try {
    context.host.disk.removeTree(directory)
  } catch (error) {
    if (!isDenError(error)) throw error
    context.report({ kind: 'warning', warning: diagnose(error) })
  }
}

/** So long a record is kept whose directories are not to be seen: they may be on a disk that is plugged in again. */
const outOfSightFor = 30 * 24 * 60 * 60 * 1000

/**
 * Finishes the changes that nobody is at any more, or takes them back where the new directory is lost. Returns how many it settled.
 * What goes wrong with one is thrown if its target is `about`, and a warning otherwise: nobody who works at one place is to be kept
 * from it by another's. Looking costs one call when there are none. `holding`: a lock that the caller has.
 */
export function recoverJournal(
  context: Context,
  journal: string,
  { about, holding }: { readonly about?: string; readonly holding?: string | undefined } = {},
): number {
  const open = abandonedRecords(context, journal, holding)
  let settled = 0
  try {
    for (const { record, file } of open) {
      try {
        if (isOutOfSight(context, record, file)) continue
        if (record.kind === 'directory') settleDirectory(context, record)
        else settleContents(context, record)
        settled += 1
        if (!closeRecord(context, file)) continue
        discard(context, record.staged)
        discard(context, record.aside)
      } catch (error) {
        if (!isDenError(error) || record.target === about) throw error
        context.report({ kind: 'warning', warning: diagnose(error) })
      }
    }
  } finally {
    for (const { lock } of open) lock?.release()
  }
  return settled
}

/** Nothing that the record tells of is there: it was removed by hand, or lies on a disk that is not mounted now. */
function isOutOfSight({ host }: Context, record: DirectoryRecord | ContentsRecord, file: string): boolean {
  const { target, staged, aside } = record
  const places = record.kind === 'directory' ? [target, staged, aside] : [staged, aside]
  if (places.some((place) => host.files.lstat(place) !== undefined)) return false
  return host.now() - (host.files.lstat(file)?.modified ?? 0) < outOfSightFor
}

function settleDirectory(context: Context, { target, staged, aside }: DirectoryRecord): void {
  const { files, disk } = context.host
  const stands = (place: string): boolean => files.lstat(place) !== undefined
  // With the target in its place either nothing has happened yet or all of it has.
  if (stands(target)) return
  if (stands(staged)) disk.rename(staged, target)
  else if (stands(aside)) disk.rename(aside, target)
}

function settleContents(context: Context, record: ContentsRecord): void {
  const { files, disk, path } = context.host
  const { target, staged, aside } = record
  const stands = (place: string, name: string): boolean => files.lstat(path.join(place, name)) !== undefined
  const move = (name: string, from: string, to: string): void => disk.rename(path.join(from, name), path.join(to, name))
  if (files.lstat(staged) === undefined) {
    for (const name of record.new) {
      const isNew = !record.old.includes(name) || stands(aside, name)
      if (isNew && stands(target, name)) disk.removeTree(path.join(target, name))
    }
    for (const name of record.old) if (stands(aside, name)) move(name, aside, target)
    return
  }
  if (files.lstat(aside) === undefined) disk.makeDirectory(aside)
  // An old entry and a new one may have one name: what stands there is the old one until it has been moved.
  for (const name of record.old) if (stands(target, name) && !stands(aside, name)) move(name, target, aside)
  for (const name of record.new) if (stands(staged, name)) move(name, staged, target)
}

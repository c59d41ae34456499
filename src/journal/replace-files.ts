// Several files of one directory that change together or not at all, wherever a kill or a power cut ends it: a project's manifest and
// its lock. Beside the files stands, for as long as it takes:
//
//   .den-change.new   what is about to be done                killed before the next: nothing has happened
//   .NAME.den-new     each new file, whole, forced to the disk
//   .NAME.den-old     each old one by a second name, so that taking it back needs no room
//   .den-change       the first, renamed: from here on the new holds, and whoever comes next makes the renames that are left
//   NAME              the renames, and the removal of what is to go; then .den-change goes
//
// A reader need only look whether `.den-change` is there. Who changes holds a lock of its own making (`hold`), which the system frees when
// it dies: the record is nobody's as soon as the lock can be had.

import { DenError, diagnose, isDenError } from '../base/error.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Context, Host } from '../host/host.ts'
import { acquireLock, type Lock } from '../host/lock.ts'
import { openLine, sealLine } from './sealed-line.ts'

export interface FileChange {
  /** Absolute; a link is followed, and what it leads to changes. */
  readonly file: string
  /** The text that it was read with; undefined: it was not there. */
  readonly before: string | undefined
  /** undefined: it is not to be there any more. */
  readonly after: string | undefined
}

export interface FilesPlace {
  /** The directory that the files belong to. */
  readonly directory: string
  /** The journal's directory: the lock is there, so that a project holds nothing of den's when nothing is going on. */
  readonly journal: string
}

interface Step {
  readonly target: string
  /** Hashes of what is there before and after; null: nothing. */
  readonly before: string | null
  readonly after: string | null
}

/** Waits until nobody else changes the directory's files, and finishes what a killed process left. Throws `lock-timeout`, `aborted`. */
export async function holdFiles(context: Context, place: FilesPlace): Promise<Lock> {
  const { host, signal } = context
  const { path, disk, files } = host
  const real = files.realPath(place.directory) ?? place.directory
  if (files.lstat(place.journal) === undefined) disk.makeDirectories(place.journal)
  const lock = await acquireLock(path.join(place.journal, `files-${sha256Hex(real).slice(0, 32)}.lock`), { signal })
  try {
    settle(context, place.directory)
  } catch (error) {
    lock.release()
    throw error
  }
  return lock
}

/**
 * For who only reads: finishes what a killed process left, and waits for one that is at it. Costs one look where nothing is open; true
 * where something was.
 */
export async function settleFiles(context: Context, place: FilesPlace): Promise<boolean> {
  if (context.host.files.lstat(recordOf(context.host, place.directory)) === undefined) return false
  const lock = await holdFiles(context, place)
  lock.release()
  return true
}

/**
 * Writes the files, all or none. The caller holds them (`holdFiles`). A failure leaves all as they were. Throws `file-changed` for a file
 * that somebody else has changed since it was read, and what the disk throws.
 */
export function replaceFiles(context: Context, directory: string, changes: readonly FileChange[]): void {
  const { host } = context
  const { disk, files, path } = host
  const steps = changes.map(({ file, before, after }) => {
    const target = files.realPath(file) ?? file
    const step: Step = { target, before: hashOf(before), after: hashOf(after) }
    return { file, text: after, before, step }
  })
  for (const { file, step } of steps)
    if (hashAt(host, step.target) !== step.before) throw new DenError('file-changed', { file })

  const record = recordOf(host, directory)
  const opening = `${record}.new`
  const done: typeof steps = []
  try {
    disk.writeNew(opening, seal(steps.map(({ step }) => step)))
    for (const { text, step } of steps) {
      const staged = stagedBeside(host, step.target)
      const mode = files.stat(step.target)?.mode
      // A power cut may leave it, and take the record that tells of it.
      clear(host, staged)
      if (text !== undefined) disk.writeNew(staged, text)
      if (text !== undefined && mode !== undefined && files.lstat(staged)?.mode !== mode) disk.chmod(staged, mode)
      clear(host, keptBeside(host, step.target))
      if (step.before !== null) keepOld(host, step.target)
    }
    const places = [...new Set([directory, ...steps.map(({ step }) => path.dirname(step.target))])]
    const staged = steps.flatMap(({ step, text }) => (text === undefined ? [] : [stagedBeside(host, step.target)]))
    disk.syncAll([opening, ...staged, ...places])
    disk.rename(opening, record)
    disk.syncAll([directory])
    for (const one of steps) {
      turn(host, one.step)
      done.push(one)
    }
    disk.syncAll(places)
  } catch (error) {
    // No DenError is no failure of the disk: then nothing more may happen here, as after a kill.
    if (isDenError(error)) takeBack(context, { directory, steps, done })
    throw error
  }
  // The change stands. A record that stays is struck out by whoever comes next.
  reported(context, () => {
    for (const { step } of steps) clear(host, keptBeside(host, step.target))
    disk.removeFile(record)
  })
}

/** Where the file system knows no second names, the text itself is written again. */
function keepOld(host: Host, target: string): void {
  try {
    host.disk.hardLink(target, keptBeside(host, target))
  } catch (error) {
    if (!isDenError(error)) throw error
  }
}

function takeBack(
  context: Context,
  change: {
    readonly directory: string
    readonly steps: readonly { readonly step: Step }[]
    readonly done: readonly { readonly step: Step; readonly before: string | undefined }[]
  },
): void {
  const { host } = context
  const { disk, files } = host
  const record = recordOf(host, change.directory)
  const isBack = reported(context, () => {
    for (const { step, before } of change.done.toReversed()) {
      const kept = keptBeside(host, step.target)
      if (before === undefined) disk.removeFile(step.target)
      else if (files.lstat(kept) !== undefined) disk.rename(kept, step.target)
      else disk.writeAtomic(step.target, before, files.stat(step.target)?.mode)
    }
  })
  // With what it names the change can be finished by whoever comes next.
  if (!isBack) return
  for (const place of [record, `${record}.new`]) reported(context, () => clear(host, place))
  for (const { step } of change.steps) reported(context, () => clearBeside(host, step.target))
}

/** Finishes or clears away what a killed process left. The caller holds the lock. */
function settle(context: Context, directory: string): void {
  const { host } = context
  const { disk, files, path } = host
  const record = recordOf(host, directory)
  const opening = `${record}.new`
  const begun = files.readText(opening)
  const committed = files.readText(record)
  if (begun !== undefined) {
    // Cut off while it was written: then nothing stands beside the files yet.
    for (const { target } of open(begun) ?? []) clearBeside(host, target)
    disk.removeFile(opening)
  }
  if (committed === undefined) return
  const steps = open(committed)
  if (steps === undefined) throw new DenError('journal-damaged', { path: record })
  const left = steps.filter(({ target, after }) => hashAt(host, target) !== after)
  const inTheWay = left.filter(
    ({ target, before, after }) =>
      hashAt(host, target) !== before || hashAt(host, stagedBeside(host, target)) !== after,
  )
  if (inTheWay.length > 0) {
    // Somebody has written to them since: what they wrote is newer than what den was about to.
    const paths = inTheWay.map(({ target }) => target)
    context.report({ kind: 'warning', warning: diagnose(new DenError('change-dropped', { directory, paths })) })
  } else {
    for (const step of left) turn(host, step)
    if (left.length > 0) disk.syncAll([...new Set(left.map(({ target }) => path.dirname(target)))])
  }
  for (const { target } of steps) clearBeside(host, target)
  disk.removeFile(record)
}

/** From the old to the new. */
function turn(host: Host, { target, after }: Step): void {
  if (after === null) clear(host, target)
  else host.disk.rename(stagedBeside(host, target), target)
}

function clear({ files, disk }: Host, file: string): void {
  if (files.lstat(file) !== undefined) disk.removeFile(file)
}

function clearBeside(host: Host, target: string): void {
  clear(host, stagedBeside(host, target))
  clear(host, keptBeside(host, target))
}

function recordOf({ path }: Pick<Host, 'path'>, directory: string): string {
  return path.join(directory, '.den-change')
}

function stagedBeside({ path }: Pick<Host, 'path'>, target: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.den-new`)
}

function keptBeside({ path }: Pick<Host, 'path'>, target: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.den-old`)
}

function hashAt({ files }: Host, file: string): string | null {
  return hashOf(files.readText(file))
}

function hashOf(text: string | undefined): string | null {
  return text === undefined ? null : sha256Hex(text)
}

/** Whether it went well; what went wrong is a warning. */
function reported(context: Context, work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (!isDenError(error)) throw error
    context.report({ kind: 'warning', warning: diagnose(error) })
    return false
  }
}

function seal(steps: readonly Step[]): string {
  return sealLine({ schema: 1, steps })
}

function open(text: string): readonly Step[] | undefined {
  const record = openLine(text) as { readonly schema: unknown; readonly steps: readonly Step[] } | undefined
  return record?.schema === 1 ? record.steps : undefined
}

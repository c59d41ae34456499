// A project's lock as it stands on disk: read with den's notes, set against the manifest, and as what to prefer when it is made anew. A
// lock in which a merge has left its marks is read as both of its sides; one that is broken, where it is to be made anew, by its lines.

import type { ProjectName } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import type { ParseDetail } from '../base/errors/spec.ts'
import type { Host } from '../host/host.ts'
import { evaluateMarker, type Marker, tryParseMarker } from '../spec/marker.ts'
import type { MarkerEnvironment } from '../spec/marker-expression.ts'
import { tryParseProjectName } from '../spec/name.ts'
import { type Pylock, parsePylock } from '../spec/pylock.ts'
import { compareVersions, tryParseVersion, type Version } from '../spec/version.ts'
import { choiceChanges, type ResolutionChoice } from './lock-choice.ts'
import { changedDirectories } from './lock-directories.ts'
import { inputsOf, type LockedManifest } from './lock-inputs.ts'
import { notesVersion, readTopNotes, type TopNotes, versionTextOf } from './lock-notes.ts'
import { readOwnLock, readOwnTool } from './lock-quick.ts'
import { inputChanges, type LockInputs } from './lock-values.ts'
import { isAsWritten } from './lock-write.ts'

export const lockFilename = 'pylock.toml'

export interface ProjectLock {
  /** Absolute, where it was read from disk. */
  readonly file: string
  readonly text: string
  /** Of a merge that was not finished: our side, else theirs, whichever can be read; undefined where neither can. */
  readonly lock?: Pylock
  /** What it was made from; absent: another tool wrote it. */
  readonly inputs?: LockInputs
  /** How its versions were chosen otherwise than the inputs say. */
  readonly chosen?: LockInputs
  /** The name of the script's file whose lock it is. */
  readonly script?: string
  readonly written: LockWriter
  /** The directories that it names which need something else by now; looked at when it is asked. Absent: no disk to look at. */
  readonly changedDirectories?: () => readonly string[]
  /** In the order in which they are to be tried. */
  readonly pins: readonly LockPin[]
}

/**
 * Whose work the text is. `den`: den's, as it left it; `edited`: den's, and changed since, by a hand or a merge; `merging`: it holds the marks
 * of a merge that was not finished; `newer`: a newer den's, with notes that this one doesn't know; `other`: another tool's; `broken`: no
 * lock any more, or of a standard to come, of which only the pins that its lines tell are known.
 */
export type LockWriter = 'den' | 'edited' | 'merging' | 'newer' | 'other' | 'broken'

export interface LockPin {
  readonly name: ProjectName
  readonly version: Version
  /** Where it was chosen; absent: everywhere. */
  readonly marker?: Marker
}

/** A version to take where it will do, as the resolver has it. */
export type LockPreferences = ReadonlyMap<ProjectName, readonly Omit<LockPin, 'name'>[]>

export type LockState = 'current' | { readonly stale: true; readonly because: readonly string[] }

export interface LockReading {
  /** Where the directories that it names are looked at. */
  readonly host?: Pick<Host, 'files' | 'path'>
  /** The script whose lock it is; absent: a project's. */
  readonly script?: string
  /** What cannot be read is taken for its pins, in place of an error: it is to be made anew. */
  readonly salvage?: boolean
}

/** The lock of a project's directory; undefined where there is none. Throws as `parseLock`, and what reading a file throws. */
export function findLock(
  { files, path }: Pick<Host, 'files' | 'path'>,
  directory: string,
  reading: Pick<LockReading, 'salvage'> = {},
): ProjectLock | undefined {
  const file = path.join(directory, lockFilename)
  const text = files.readText(file)
  return text === undefined ? undefined : parseLock(text, file, { ...reading, host: { files, path } })
}

/** Reads a lock. Throws `lock-unreadable`, `unsupported-lock-file`; of one with a merge's marks nothing. */
export function parseLock(text: string, file: string, reading: LockReading = {}): ProjectLock {
  const { host, script, salvage = false } = reading
  try {
    return readLock(text, file, host)
  } catch (error) {
    if (!isDenError(error, ...unreadable)) throw error
    if (salvage) return { file, text, written: 'broken', pins: pinsInLines(text) }
    if (isDenError(error, 'unsupported-lock-file')) throw error
    const detail = error.detail as ParseDetail
    throw new DenError('lock-unreadable', { ...detail, ...(script === undefined ? {} : { script }) }, { cause: error })
  }
}

const unreadable = ['invalid-toml', 'invalid-lock-file', 'unsupported-lock-file'] as const

function readLock(text: string, file: string, host: LockReading['host']): ProjectLock {
  const sides = sidesOfMerge(text)
  if (sides !== undefined) return mergingLock(text, file, sides)
  if (isAsWritten(text)) return ownLock(text.replaceAll('\r\n', '\n'), { file, text }, host)
  const lock = parsePylock(text, { file })
  const notes = readTopNotes(lock)
  const written = notes === undefined ? 'other' : notes.version > notesVersion ? 'newer' : 'edited'
  return {
    file,
    text,
    lock,
    ...(notes === undefined ? {} : noted(notes)),
    written,
    pins: pinsOf(lock),
  }
}

function noted({ script, inputs, chosen }: TopNotes): Pick<ProjectLock, 'script' | 'inputs' | 'chosen'> {
  return { ...(script === undefined ? {} : { script }), inputs, chosen }
}

/** What den wrote, and nobody changed: its packages are read when somebody looks at them. */
function ownLock(
  plain: string,
  { file, text }: Pick<ProjectLock, 'file' | 'text'>,
  host: Pick<Host, 'files' | 'path'> | undefined,
): ProjectLock {
  const notes = readTopNotes(readOwnTool(plain))
  let lock: Pylock | undefined
  const whole = (): Pylock => {
    lock ??= readOwnLock(plain) ?? parsePylock(text, { file })
    return lock
  }
  return {
    file,
    text,
    get lock() {
      return whole()
    },
    ...(notes === undefined ? {} : noted(notes)),
    written: notes === undefined ? 'other' : notes.version > notesVersion ? 'newer' : 'den',
    ...(host === undefined || notes === undefined || notes.directories.size === 0
      ? {}
      : { changedDirectories: () => changedDirectories(host, host.path.dirname(file), notes.directories) }),
    get pins() {
      return pinsOf(whole())
    },
  }
}

/**
 * Whether the lock is what this manifest asks for, and chosen as is said now, told without the network; else why not, in words. Where nothing
 * is said of choosing, the way that was said when it was made will do.
 */
export function lockState(
  manifest: LockedManifest,
  lock: ProjectLock | undefined,
  choice: ResolutionChoice = {},
): LockState {
  if (lock === undefined) return { stale: true, because: ['there is no lock yet'] }
  const { written, inputs = {} } = lock
  if (written === 'merging') return { stale: true, because: ['it holds the marks of a merge that was not finished'] }
  if (written === 'broken') return { stale: true, because: ['it cannot be read'] }
  if (written === 'other') return { stale: true, because: ['another tool wrote it, and does not tell what for'] }
  if (written === 'newer') return { stale: true, because: ['a newer den wrote it'] }
  const because = [
    ...inputChanges(inputs, inputsOf(manifest)),
    ...choiceChanges(lock, choice),
    ...(lock.changedDirectories?.() ?? []).map((place) =>
      place === '.'
        ? 'what the build backend tells the requirements from has changed'
        : `${place} needs something else by now`,
    ),
    ...(written === 'edited' ? ['it was changed since den wrote it, by hand or by a merge'] : []),
  ]
  return because.length === 0 ? 'current' : { stale: true, because }
}

/**
 * What to take where it will do when the lock is made anew: of a merge, both sides' pins. The newest comes first: where a project stands in
 * several versions, each for its own environments, the oldest would do in all of them and end the others.
 */
export function preferencesOf({ pins }: Pick<ProjectLock, 'pins'>): LockPreferences {
  const preferences = new Map<ProjectName, Omit<LockPin, 'name'>[]>()
  for (const { name, ...pin } of pins) {
    const known = preferences.get(name)
    if (known === undefined) preferences.set(name, [pin])
    else if (!known.some((other) => other.version.text === pin.version.text && other.marker?.text === pin.marker?.text))
      known.push(pin)
  }
  for (const own of preferences.values()) own.sort((a, b) => compareVersions(b.version, a.version))
  return preferences
}

/** The same for one environment, whichever of the extras and groups it has. */
export function preferredVersions(
  lock: Pick<ProjectLock, 'pins' | 'lock'>,
  markers: MarkerEnvironment,
): ReadonlyMap<ProjectName, Version> {
  const { extras = [], dependencyGroups = [], defaultGroups = [] } = lock.lock ?? {}
  const also = { extras: new Set(extras), dependencyGroups: new Set([...dependencyGroups, ...defaultGroups]) }
  return new Map(
    [...preferencesOf(lock)].flatMap(([name, own]) => {
      const here = own.find(({ marker }) => marker === undefined || evaluateMarker(marker, markers, also))
      return here === undefined ? [] : [[name, here.version] as const]
    }),
  )
}

function pinsOf({ packages }: Pylock): readonly LockPin[] {
  return packages.flatMap((one) => {
    const version = tryParseVersion(versionTextOf(one) ?? '')
    const { name, marker } = one
    return version === undefined ? [] : [{ name, version, ...(marker === undefined ? {} : { marker }) }]
  })
}

/** What git, hg and their kin leave where they could not decide: `<<<<<<<`, perhaps `|||||||`, `=======`, `>>>>>>>`. */
function sidesOfMerge(text: string): { readonly ours: string; readonly theirs: string } | undefined {
  if (!/^<{7}(?: |\r?$)/m.test(text)) return undefined
  const ours: string[] = []
  const theirs: string[] = []
  let within: 'both' | 'ours' | 'base' | 'theirs' = 'both'
  for (const line of text.split('\n')) {
    if (/^<{7}(?: |\r?$)/.test(line)) within = 'ours'
    else if (within !== 'both' && /^\|{7}(?: |\r?$)/.test(line)) within = 'base'
    else if (within !== 'both' && /^={7}\r?$/.test(line)) within = 'theirs'
    else if (within !== 'both' && /^>{7}(?: |\r?$)/.test(line)) within = 'both'
    else {
      if (within === 'both' || within === 'ours') ours.push(line)
      if (within === 'both' || within === 'theirs') theirs.push(line)
    }
  }
  return { ours: ours.join('\n'), theirs: theirs.join('\n') }
}

function mergingLock(
  text: string,
  file: string,
  { ours, theirs }: { readonly ours: string; readonly theirs: string },
): ProjectLock {
  const sides = [ours, theirs].map((side) => ({ side, lock: readSide(side, file) }))
  const lock = sides.find((side) => side.lock !== undefined)?.lock
  const notes = lock === undefined ? undefined : readTopNotes(lock)
  return {
    file,
    text,
    ...(lock === undefined ? {} : { lock }),
    ...(notes === undefined ? {} : noted(notes)),
    written: 'merging',
    pins: sides.flatMap((side) => (side.lock === undefined ? pinsInLines(side.side) : pinsOf(side.lock))),
  }
}

/** A side can be broken: a merge goes by lines, and what it joined by itself need not fit together. */
function readSide(text: string, file: string): Pylock | undefined {
  try {
    return parsePylock(text, { file })
  } catch (error) {
    if (isDenError(error, ...unreadable)) return undefined
    throw error
  }
}

/** The pins of a text that is no TOML any more, line by line, as den and its kin write them. */
function pinsInLines(text: string): readonly LockPin[] {
  return text.split(/^\[\[packages\]\][ \t\r]*$/m).flatMap((part) => {
    const [head] = part.split(/^\[/m)
    const value = (key: string): string | undefined =>
      new RegExp(`^${key} = ("(?:[^"\\\\\\n]|\\\\.)*"|'[^'\\n]*')`, 'm').exec(head!)?.[1]
    const name = tryParseProjectName(unquoted(value('name')))
    const version = tryParseVersion(unquoted(value('version')))
    const marker = tryParseMarker(unquoted(value('marker')))
    if (name === undefined || version === undefined) return []
    return [{ name, version, ...(marker === undefined ? {} : { marker }) }]
  })
}

/** TOML's basic strings are JSON's, but for escapes that no name, version or marker has. */
function unquoted(text: string | undefined): string {
  if (text?.startsWith("'") === true) return text.slice(1, -1)
  try {
    return text === undefined ? '' : String(JSON.parse(text))
  } catch {
    return ''
  }
}

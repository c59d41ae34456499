// What was learned of a page's files after it came: which of a version's files fits whom, and what metadata a file has. It stands behind
// the page's head in the same file, so that one read gives all that solving needs of a project; a resolution appends what it has learned.
// Nothing here is the only place for anything: what is damaged or lost is worked out again.

import { joinBytes, viewOf } from '../format/bytes.ts'
import { crc32 } from '../host/checksum.ts'
import type { MetadataCore } from './metadata-core.ts'
import type { RowText } from './page-rows.ts'

/** What names a version's files, as they are on this page. */
export interface RowsMark {
  readonly length: number
  readonly checksum: number
}

export interface PageNotes {
  /** What a closer look at a version's files found, by the rules of that look (16 hex digits): a file, or a word of why there is none. */
  choice(rows: RowsMark, rules: string): RowText | string | undefined
  addChoice(rows: RowsMark, rules: string, found: RowText | string): void
  /** null: without running code there is none. */
  metadata(filename: string, sha256: string): MetadataCore | null | undefined
  addMetadata(filename: string, sha256: string, core: MetadataCore | null): void
  /** Takes up what is written elsewhere. */
  adopt(bytes: Uint8Array): void
  /** What was added since the last time, as bytes to append. */
  takeAdded(): Uint8Array | undefined
}

/** Of a note: length of its text, CRC-32 of its key and text, key. */
const keyLength = 16
const headerLength = 8 + keyLength
/** Pages that are looked at by every Python of a machine for years would grow without end. */
const maxBytes = 2 ** 23

interface Place {
  readonly bytes: Uint8Array
  readonly at: number
  readonly length: number
}

/** Reads what follows a head. Of each note only its key is looked at. */
export function openNotes(bytes: Uint8Array): PageNotes {
  const places = new Map<string, Place>()
  const values = new Map<string, unknown>()
  let unread: Uint8Array[] = bytes.length === 0 ? [] : [bytes]
  let added: Uint8Array[] = []

  const noted = (key: string): unknown => {
    for (const part of unread) for (const [found, place] of notesIn(part)) places.set(found, place)
    unread = []
    const known = values.get(key)
    if (known !== undefined) return known
    const place = places.get(key)
    const value = place === undefined ? undefined : valueAt(place)
    if (value !== undefined) values.set(key, value)
    return value
  }
  const add = (key: string, value: unknown): void => {
    if (values.has(key)) return
    values.set(key, value)
    added.push(noteOf(key, value))
  }
  return {
    choice: (rows, rules) => noted(choiceKey(rows, rules)) as RowText | string | undefined,
    addChoice: (rows, rules, found) => add(choiceKey(rows, rules), found),
    metadata: (filename, sha256) => {
      const value = noted(metadataKey(sha256)) as MetadataNote | undefined
      return value === undefined || value[0] !== sha256 || value[1] !== filename ? undefined : value[2]
    },
    addMetadata: (filename, sha256, core) => add(metadataKey(sha256), [sha256, filename, core] satisfies MetadataNote),
    adopt: (more) => {
      if (more.length > 0) unread.push(more)
    },
    takeAdded: () => {
      if (added.length === 0) return undefined
      const all = joinBytes(added)
      added = []
      return all
    },
  }
}

type MetadataNote = readonly [sha256: string, filename: string, core: MetadataCore | null]

/** Of the notes behind an old head those that say something of a new page: metadata, and choices of versions that are the same. */
export function notesToKeep(bytes: Uint8Array, marks: ReadonlySet<string>): Uint8Array {
  if (bytes.length > maxBytes) return new Uint8Array()
  const kept: Uint8Array[] = []
  for (const [key, { at, length }] of notesIn(bytes))
    if (key.startsWith('m') || marks.has(key.slice(1, 17))) kept.push(bytes.subarray(at - headerLength, at + length))
  return joinBytes(kept)
}

/** How far the notes go on whole: what a process that was killed, or a full disk, left behind the last of them hides what is appended. */
export function wholeLength(bytes: Uint8Array): number {
  let end = 0
  for (const [, { at, length }] of notesIn(bytes)) end = at + length
  return end
}

/** How `notesToKeep` knows a version's files. */
export function markOf({ length, checksum }: RowsMark): string {
  return hex32(length) + hex32(checksum)
}

function choiceKey(rows: RowsMark, rules: string): string {
  return `c${markOf(rows)}${rules}`
}

function metadataKey(sha256: string): string {
  return `m${sha256.slice(0, 32)}`
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0')
}

/** A torn note ends them: nobody can tell where the next one begins. */
function* notesIn(bytes: Uint8Array): Generator<readonly [key: string, place: Place]> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + headerLength <= buffer.length; ) {
    const said = buffer.readUInt32LE(at)
    const length = said & 0x7fff_ffff
    const next = at + headerLength + length
    if (next > buffer.length) return
    const kind = said === length ? 'c' : 'm'
    yield [kind + buffer.toString('hex', at + 8, at + headerLength), { bytes, at: at + headerLength, length }]
    at = next
  }
}

function valueAt({ bytes, at, length }: Place): unknown {
  const view = viewOf(bytes)
  const end = at + length
  if (crc32(bytes.subarray(at - keyLength, end)) !== view.getUint32(at - keyLength - 4, true)) return undefined
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('utf8'))
}

function noteOf(key: string, value: unknown): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(value))
  const note = joinBytes([new Uint8Array(8), Buffer.from(key.slice(1), 'hex'), text])
  const view = viewOf(note)
  view.setUint32(0, key.startsWith('m') ? text.length + 2 ** 31 : text.length, true)
  view.setUint32(4, crc32(note.subarray(8)), true)
  return note
}

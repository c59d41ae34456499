// The structure of zip archives (APPNOTE 6.3.10 with ZIP64), read strictly: an archive that two readers could read differently is
// refused. The central directory and the local headers must agree and every byte must belong to something. Stored and deflated
// entries only. Contents are inflated elsewhere; the bytes come from any source that can be read at an offset.

import { DenError } from '../base/error.ts'
import { uint64At, viewOf } from './bytes.ts'
import { entryNameProblem, findCollision } from './zip-names.ts'

/** Bytes that can be read at any offset. `read` gives exactly `length` bytes; it is never asked for what lies outside. */
export interface ByteSource {
  readonly size: number
  read(offset: number, length: number): Uint8Array
  /** The same, but good only until the next call: for whoever looks once, without a buffer for each look. */
  peek?(offset: number, length: number): Uint8Array
}

export interface ZipEntry {
  /** The path with `/`; a directory's ends in one. */
  readonly name: string
  readonly directory: boolean
  /** Whether the Unix mode that it was packed with lets anyone execute it. */
  readonly executable: boolean
  readonly method: 'stored' | 'deflated'
  readonly crc32: number
  readonly compressedSize: number
  readonly size: number
  /** Where its data starts in the archive. */
  readonly offset: number
  /** When it was changed, by the clock of whoever packed it, taken for UTC: milliseconds since 1970, even seconds. */
  readonly modified: number
}

export interface ZipLimits {
  readonly entries: number
  /** Bytes of all entries together. */
  readonly size: number
  /** How many times larger the contents may be than the archive, once they pass `freeSize`. */
  readonly ratio: number
  readonly freeSize: number
}

export interface ZipOptions {
  /** What messages call the archive. */
  readonly file: string
  readonly limits?: ZipLimits
  /** Whether a short comment of printable ASCII may follow, as forges put the revision there. Never in a wheel. */
  readonly comment?: boolean
}

/** PyPI refuses a ratio over 50 above 64 MiB; the largest wheels known hold a few gigabytes. */
export const defaultZipLimits: ZipLimits = { entries: 500_000, size: 2 ** 35, ratio: 50, freeSize: 2 ** 26 }

/** A source over bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) }
}

/** In tenths: the newest that APPNOTE.TXT describes what it needs of, and that zipfile reads. */
const newestVersion = 63

const signature = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator: 0x07064b50 }
const descriptorSignature = 0x08074b50
const endLength = 22
const locatorLength = 20
const end64Length = 56
const centralLength = 46
const localLength = 30
const max16 = 0xffff
const max32 = 0xffffffff
/** Deflate's own option bits (1, 2), sizes after the data (3), names in UTF-8 (11); all others change what is read. */
const knownFlags = 0x0806 | 0x0008
const flag = { encrypted: 0x0001, descriptor: 0x0008, utf8: 0x0800 }

/** An entry as the central directory has it. */
interface CentralEntry extends ZipEntry {
  readonly flags: number
  readonly rawMethod: number
  readonly rawName: Uint8Array
  readonly headerOffset: number
}

/**
 * The entries in the central directory's order. Throws `invalid-archive` (naming `file`) for whatever is not one unambiguous zip:
 * see the module's head and docs/internals/store.md.
 */
export function parseZip(source: ByteSource, options: ZipOptions): readonly ZipEntry[] {
  const { file, limits = defaultZipLimits } = options
  const end = readEnd(source, file, options.comment === true)
  if (end.count > limits.entries) throw refuse(file, `it has ${end.count} entries, more than ${limits.entries}`)
  const central = readCentral(source, end, file)
  checkNames(central, file)
  checkSizes(central, source.size, limits, file)
  return checkLocalHeaders(source, central, end.directoryOffset, file)
}

/**
 * The entries that `wanted` picks by name, of an archive of which only the end and those entries are read (a wheel on a server). As
 * strict as `parseZip` about what it reads; that nothing hides between the other entries is not known. Throws `invalid-archive`.
 */
export function pickFromZip(
  source: ByteSource,
  options: { file: string; limits?: ZipLimits; wanted: (name: string) => boolean },
): { readonly names: readonly string[]; readonly entries: readonly ZipEntry[] } {
  const { file, limits = defaultZipLimits, wanted } = options
  const end = readEnd(source, file)
  if (end.count > limits.entries) throw refuse(file, `it has ${end.count} entries, more than ${limits.entries}`)
  const central = readCentral(source, end, file)
  checkNames(central, file)
  checkSizes(central, source.size, limits, file)
  const starts = central.map((entry) => entry.headerOffset).sort((a, b) => a - b)
  const entries = central
    .filter((entry) => wanted(entry.name))
    .map((entry) => {
      const next = starts.find((start) => start > entry.headerOffset) ?? end.directoryOffset
      return plainEntry(entry, checkLocalHeader(source, entry, next, file))
    })
  return { names: central.map((entry) => entry.name), entries }
}

function refuse(file: string, reason: string, entry?: string): DenError {
  return new DenError('invalid-archive', { file, reason, ...(entry === undefined ? {} : { entry }) })
}

interface End {
  readonly count: number
  readonly directoryOffset: number
  readonly directorySize: number
}

function readEnd(source: ByteSource, file: string, comment = false): End {
  if (source.size < endLength) throw refuse(file, 'it is too short for a zip archive')
  const endOffset = source.size - endLength - (comment ? commentLength(source) : 0)
  const data = viewOf(source.read(endOffset, endLength))
  // No search backwards: a comment or trailing bytes are a second archive's hiding place.
  if (data.getUint32(0, true) !== signature.end || data.getUint16(20, true) !== source.size - endOffset - endLength)
    throw refuse(file, 'it does not end with the end record of a zip archive: it is cut, or bytes or a comment follow')
  const disk = data.getUint16(4, true)
  const directoryDisk = data.getUint16(6, true)
  const here = data.getUint16(8, true)
  const narrow = { count: data.getUint16(10, true), size: data.getUint32(12, true), offset: data.getUint32(16, true) }
  if (here !== narrow.count) throw refuse(file, 'it is part of an archive in several volumes')

  const wide = readEnd64(source, endOffset, file)
  const disksAreFine = (value: number): boolean => value === 0 || (wide !== undefined && value === max16)
  if (!disksAreFine(disk) || !disksAreFine(directoryDisk))
    throw refuse(file, 'it is part of an archive in several volumes')
  if (wide === undefined) {
    if (narrow.count === max16 || narrow.size === max32 || narrow.offset === max32)
      throw refuse(file, 'its end record points to a ZIP64 record that is not there')
  } else if (
    (narrow.count !== max16 && narrow.count !== wide.count) ||
    (narrow.size !== max32 && narrow.size !== wide.directorySize) ||
    (narrow.offset !== max32 && narrow.offset !== wide.directoryOffset)
  ) {
    throw refuse(file, 'its two end records disagree')
  }
  const end = wide ?? { count: narrow.count, directorySize: narrow.size, directoryOffset: narrow.offset }
  const directoryEnd = wide === undefined ? endOffset : endOffset - locatorLength - end64Length
  if (end.directoryOffset + end.directorySize !== directoryEnd)
    throw refuse(file, 'bytes stand between its directory and its end, or before its start')
  return end
}

/** How many printable characters follow an end record that announces just as many; 0 for any other end. */
function commentLength(source: ByteSource): number {
  const tail = source.read(Math.max(0, source.size - endLength - 256), Math.min(source.size, endLength + 256))
  const data = viewOf(tail)
  for (let at = tail.length - endLength; at >= 0; at -= 1) {
    if (data.getUint32(at, true) === signature.end) {
      const length = tail.length - at - endLength
      return data.getUint16(at + 20, true) === length ? length : 0
    }
    // Nothing that could be a record of its own.
    const last = tail[at + endLength - 1]!
    if (last < 0x20 || last > 0x7e) return 0
  }
  return 0
}

/** The ZIP64 end record, when its locator stands right before the end record. */
function readEnd64(source: ByteSource, endOffset: number, file: string): End | undefined {
  if (endOffset < locatorLength) return undefined
  const locator = viewOf(source.read(endOffset - locatorLength, locatorLength))
  if (locator.getUint32(0, true) !== signature.locator) return undefined
  const offset = uint64At(locator, 8)
  if (offset !== endOffset - locatorLength - end64Length || locator.getUint32(4, true) !== 0)
    throw refuse(file, 'its ZIP64 locator does not point to the record before it')
  if (locator.getUint32(16, true) > 1) throw refuse(file, 'it is part of an archive in several volumes')
  const data = viewOf(source.read(offset, end64Length))
  if (data.getUint32(0, true) !== signature.end64 || uint64At(data, 4) !== end64Length - 12)
    throw refuse(file, 'its ZIP64 end record is malformed')
  const count = uint64At(data, 32)
  if (data.getUint32(16, true) !== 0 || data.getUint32(20, true) !== 0 || uint64At(data, 24) !== count)
    throw refuse(file, 'it is part of an archive in several volumes')
  return { count, directorySize: uint64At(data, 40), directoryOffset: uint64At(data, 48) }
}

function readCentral(source: ByteSource, end: End, file: string): readonly CentralEntry[] {
  const bytes = source.read(end.directoryOffset, end.directorySize)
  const data = viewOf(bytes)
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const entries: CentralEntry[] = []
  let at = 0
  while (at < bytes.length) {
    if (at + centralLength > bytes.length || data.getUint32(at, true) !== signature.central)
      throw refuse(file, 'its directory holds something else than entries')
    const nameLength = data.getUint16(at + 28, true)
    const extraLength = data.getUint16(at + 30, true)
    const next = at + centralLength + nameLength + extraLength + data.getUint16(at + 32, true)
    if (next > bytes.length) throw refuse(file, 'an entry of its directory is cut')
    const rawName = bytes.subarray(at + centralLength, at + centralLength + nameLength)
    const extraAt = at + centralLength + nameLength
    const flags = data.getUint16(at + 8, true)
    const name = decodeName(rawName, flags, decoder, file)
    const stated = {
      size: data.getUint32(at + 24, true),
      compressedSize: data.getUint32(at + 20, true),
      headerOffset: data.getUint32(at + 42, true),
      disk: data.getUint16(at + 34, true),
    }
    const zip64 = extraLength === 0 ? undefined : readExtra(bytes.subarray(extraAt, extraAt + extraLength), name, file)
    const { size, compressedSize, headerOffset, disk } = widen(stated, zip64, name, file)
    if (disk !== 0) throw refuse(file, 'it is part of an archive in several volumes', name)
    const needed = data.getUint8(at + 6)
    if (needed > newestVersion) throw refuse(file, `it needs version ${needed / 10} of the zip format`, name)
    const rawMethod = data.getUint16(at + 10, true)
    const mode = data.getUint32(at + 38, true) >>> 16
    checkKind({ name, flags, rawMethod, mode, size, compressedSize }, file)
    entries.push({
      name,
      directory: name.endsWith('/'),
      executable: (mode & 0o111) !== 0,
      method: rawMethod === 0 ? 'stored' : 'deflated',
      crc32: data.getUint32(at + 16, true),
      compressedSize,
      size,
      offset: 0,
      modified: dosTime(data.getUint16(at + 14, true), data.getUint16(at + 12, true)),
      flags,
      rawMethod,
      rawName,
      headerOffset,
    })
    at = next
  }
  if (entries.length !== end.count) throw refuse(file, 'its directory does not have as many entries as it says')
  return entries
}

/** MS-DOS's date and time; a date that there is not gives the first that it has. */
function dosTime(date: number, time: number): number {
  const [year, month, day] = [1980 + (date >>> 9), (date >>> 5) & 15, date & 31]
  if (month < 1 || month > 12 || day < 1) return Date.UTC(1980, 0, 1)
  return Date.UTC(year, month - 1, day, time >>> 11, (time >>> 5) & 63, (time & 31) * 2)
}

function decodeName(raw: Uint8Array, flags: number, decoder: TextDecoder, file: string): string {
  let name: string
  try {
    name = decoder.decode(raw)
  } catch {
    throw refuse(file, 'the name of an entry is not UTF-8')
  }
  // Without the flag the bytes are code page 437 to one reader and UTF-8 to the next.
  if ((flags & flag.utf8) === 0 && name.length !== 0 && /[^\0-\x7f]/.test(name))
    throw refuse(file, 'its name is not marked as UTF-8', name)
  return name
}

interface Stated {
  readonly size: number
  readonly compressedSize: number
  readonly headerOffset: number
  readonly disk: number
}

/** The extra fields by their id; the ones that would give the entry a second name are refused. */
function readExtra(extra: Uint8Array, name: string, file: string): Uint8Array | undefined {
  const data = viewOf(extra)
  let zip64: Uint8Array | undefined
  let at = 0
  while (at < extra.length) {
    if (at + 4 > extra.length) throw refuse(file, 'its extra field is malformed', name)
    const id = data.getUint16(at, true)
    const length = data.getUint16(at + 2, true)
    if (at + 4 + length > extra.length) throw refuse(file, 'its extra field is malformed', name)
    if (id === 0x7075) throw refuse(file, 'it has a second name in an extra field', name)
    if (id === 0x0001) {
      if (zip64 !== undefined) throw refuse(file, 'it has two ZIP64 fields', name)
      zip64 = extra.subarray(at + 4, at + 4 + length)
    }
    at += 4 + length
  }
  return zip64
}

/** Puts the ZIP64 field's values where the header says "too large for here" (all ones), in the standard's order. */
function widen(stated: Stated, zip64: Uint8Array | undefined, name: string, file: string): Stated {
  const wide = stated.size === max32 || stated.compressedSize === max32 || stated.headerOffset === max32
  if (zip64 === undefined) {
    if (wide || stated.disk === max16) throw refuse(file, 'its ZIP64 field is missing', name)
    return stated
  }
  const data = viewOf(zip64)
  let at = 0
  const take = (value: number, sentinel: number): number => {
    // Where nothing is too large the field may be there all the same; then it has to say the same.
    const needed = value === sentinel
    if (!needed && (wide || at === zip64.length)) return value
    const length = sentinel === max16 ? 4 : 8
    if (at + length > zip64.length) throw refuse(file, 'its ZIP64 field is too short', name)
    const found = length === 4 ? data.getUint32(at, true) : uint64At(data, at)
    at += length
    if (!needed && found !== value) throw refuse(file, 'its ZIP64 field contradicts its header', name)
    return found
  }
  const result = {
    size: take(stated.size, max32),
    compressedSize: take(stated.compressedSize, max32),
    headerOffset: take(stated.headerOffset, max32),
    disk: take(stated.disk, max16),
  }
  if (at !== zip64.length) throw refuse(file, 'its ZIP64 field holds more than it needs', name)
  return result
}

function checkKind(
  entry: {
    readonly name: string
    readonly flags: number
    readonly rawMethod: number
    readonly mode: number
    readonly size: number
    readonly compressedSize: number
  },
  file: string,
): void {
  const { name, flags, rawMethod, mode } = entry
  const problem = entryNameProblem(name)
  if (problem !== undefined) throw refuse(file, problem, name)
  if ((flags & flag.encrypted) !== 0) throw refuse(file, 'it is encrypted', name)
  if ((flags & ~knownFlags) !== 0)
    throw refuse(file, `it has flags that den does not know (${flags.toString(16)})`, name)
  if (rawMethod !== 0 && rawMethod !== 8)
    throw refuse(file, `it is compressed by method ${rawMethod}; stored and deflated are allowed`, name)
  if (rawMethod === 0 && entry.size !== entry.compressedSize) throw refuse(file, 'its two sizes differ', name)
  // A reader of the stream could not tell where it ends; what looks like a header inside it would be one.
  if (rawMethod === 0 && (flags & flag.descriptor) !== 0 && entry.size !== 0)
    throw refuse(file, 'it is stored, and its size stands after its data', name)
  // Type bits of the Unix mode: none, a file, or a directory.
  const type = mode & 0o170000
  const directory = name.endsWith('/')
  if (type === 0o120000) throw refuse(file, 'it is a symbolic link', name)
  if (type !== 0 && type !== (directory ? 0o040000 : 0o100000)) throw refuse(file, 'it is no plain file', name)
  if (directory && entry.size !== 0) throw refuse(file, 'it is a directory that holds data', name)
}

function checkNames(entries: readonly CentralEntry[], file: string): void {
  const collision = findCollision(entries.map((entry) => entry.name))
  if (collision === undefined) return
  const [first, second] = collision
  const reason =
    first === second ? 'it is there twice' : `it meets ${JSON.stringify(first)} in one place on some file systems`
  throw refuse(file, reason, second)
}

function checkSizes(entries: readonly CentralEntry[], archiveSize: number, limits: ZipLimits, file: string): void {
  let total = 0
  for (const entry of entries) total += entry.size
  if (total > limits.size) throw refuse(file, `it would unpack to ${total} bytes, more than ${limits.size}`)
  if (total > limits.freeSize && total > limits.ratio * archiveSize)
    throw refuse(file, `it would unpack to ${Math.floor(total / archiveSize)} times its size (${total} bytes)`)
}

/** Walks the entries by where they stand: each local header repeats the central one, and each begins where the last one ended. */
function checkLocalHeaders(
  source: ByteSource,
  central: readonly CentralEntry[],
  directoryOffset: number,
  file: string,
): readonly ZipEntry[] {
  const starts = new Map<CentralEntry, number>()
  const byOffset = [...central].sort((a, b) => a.headerOffset - b.headerOffset)
  let expected = 0
  for (const [index, entry] of byOffset.entries()) {
    const { name, headerOffset } = entry
    if (headerOffset !== expected)
      throw refuse(file, headerOffset < expected ? 'it overlaps another entry' : 'unlisted bytes stand before it', name)
    const end = byOffset[index + 1]?.headerOffset ?? directoryOffset
    const start = checkLocalHeader(source, entry, end, file)
    starts.set(entry, start)
    expected = checkDescriptor(source, entry, start + entry.compressedSize, end, file)
  }
  if (expected !== directoryOffset) throw refuse(file, 'unlisted bytes stand before its directory')
  return central.map((entry) => plainEntry(entry, starts.get(entry)!))
}

function plainEntry(entry: CentralEntry, offset: number): ZipEntry {
  const { name, directory, executable, method, crc32, compressedSize, size, modified } = entry
  return { name, directory, executable, method, crc32, compressedSize, size, offset, modified }
}

/** Extra fields are rarely longer: a header is looked at in one piece. */
const usualExtra = 64

/** Compares one local header with the central one; answers where the entry's data starts. */
function checkLocalHeader(source: ByteSource, entry: CentralEntry, end: number, file: string): number {
  const { name, headerOffset, rawName } = entry
  if (headerOffset + localLength > end) throw refuse(file, 'its local header is cut', name)
  const look = (length: number): Uint8Array => (source.peek ?? source.read).call(source, headerOffset, length)
  let head = look(Math.min(localLength + rawName.length + usualExtra, end - headerOffset))
  if (uint32In(head, 0) !== signature.local) throw refuse(file, 'its local header is not where it should be', name)
  const nameLength = uint16In(head, 26)
  const length = localLength + nameLength + uint16In(head, 28)
  const start = headerOffset + length
  if (start + entry.compressedSize > end) throw refuse(file, 'its data runs into what follows', name)
  if (length > head.length) head = look(length)
  if (nameLength !== rawName.length || !sameBytes(head, localLength, rawName))
    throw refuse(file, 'its local header has another name', name)
  if (uint16In(head, 6) !== entry.flags) throw refuse(file, 'its two headers have different flags', name)
  if (uint16In(head, 8) !== entry.rawMethod) throw refuse(file, 'its two headers name different methods', name)
  const narrow = { size: uint32In(head, 22), compressedSize: uint32In(head, 18), headerOffset: 0, disk: 0 }
  const crc = uint32In(head, 14)
  const extra = localLength + nameLength
  const zip64 = length === extra ? undefined : readExtra(head.subarray(extra, length), name, file)
  const local = widen(narrow, zip64, name, file)
  const same =
    (crc === entry.crc32 && local.size === entry.size && local.compressedSize === entry.compressedSize) ||
    // Written as a stream: the numbers stand in the descriptor after the data, and zeros here.
    ((entry.flags & flag.descriptor) !== 0 && crc === 0 && local.size === 0 && local.compressedSize === 0)
  if (!same) throw refuse(file, 'its two headers differ in size or checksum', name)
  return start
}

/** These run for every entry: a view of a dozen bytes costs more than the bytes. */
function uint16In(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8)
}

function uint32In(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

function sameBytes(bytes: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let at = 0; at < wanted.length; at += 1) if (bytes[start + at] !== wanted[at]) return false
  return true
}

/** Checks the data descriptor, where the flags announce one; answers where the entry ends. */
function checkDescriptor(source: ByteSource, entry: CentralEntry, at: number, end: number, file: string): number {
  if ((entry.flags & flag.descriptor) === 0) return at
  const length = end - at
  // With or without its signature, with sizes of four or eight bytes: whichever fits must fit exactly.
  if (length !== 12 && length !== 16 && length !== 20 && length !== 24)
    throw refuse(file, 'unlisted bytes stand after its data', entry.name)
  const data = viewOf(source.read(at, length))
  const signed = length === 16 || length === 24
  const start = signed ? 4 : 0
  const long = length >= 20
  const compressedSize = long ? uint64At(data, start + 4) : data.getUint32(start + 4, true)
  const size = long ? uint64At(data, start + 12) : data.getUint32(start + 8, true)
  if (
    (signed && data.getUint32(0, true) !== descriptorSignature) ||
    data.getUint32(start, true) !== entry.crc32 ||
    compressedSize !== entry.compressedSize ||
    size !== entry.size
  )
    throw refuse(file, 'the descriptor after its data says something else than its header', entry.name)
  return end
}

// Tar archives, read strictly from a stream (POSIX.1-1988 ustar, POSIX.1-2001 pax, GNU tar; PEP 706 and 721 for what may be in a source
// distribution). One dialect throughout, every number and length exact, nothing hidden: what two readers could unpack differently is
// refused. What comes out is plain data for a sink; decompression and writing are done elsewhere.

import { DenError } from '../base/error.ts'
import {
  decodeName,
  type HeaderFormat,
  type PaxRecords,
  parsePax,
  type Refuse,
  readHeader,
  type TarHeader,
} from './tar-header.ts'
import { collisionKey, entryNameProblem } from './zip-names.ts'

export interface TarEntry {
  /** The path with `/`, without one at its end. */
  readonly name: string
  readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink'
  /** Whether its owner may execute it; no other bit of the mode is kept. */
  readonly executable: boolean
  /** Bytes of a file; 0 for the others. */
  readonly size: number
  /** In milliseconds since 1970. */
  readonly modified: number
  /** Of a link, as written. A hard link's counts from the archive's top. */
  readonly target?: string
}

/** Whom the entries are told to, in their order; `data` belongs to the last entry, until `size` bytes have come. */
export interface TarSink {
  entry(entry: TarEntry): void
  data(bytes: Uint8Array): void
}

export interface TarLimits {
  readonly entries: number
  /** Bytes of the whole archive, unpacked. */
  readonly size: number
  /** How many times larger the archive may be than its compressed form, once it passes `freeSize`. */
  readonly ratio: number
  readonly freeSize: number
}

/** Text repeated for tests packs very well, so a source may grow more than a wheel. */
export const defaultTarLimits: TarLimits = { entries: 500_000, size: 2 ** 34, ratio: 200, freeSize: 2 ** 26 }

export interface TarOptions {
  /** What messages call the archive. */
  readonly file: string
  readonly limits?: TarLimits
  /** Of the archive as it was received; the ratio counts from it. */
  readonly compressedSize?: number
}

export interface TarReader {
  /** The next bytes of the archive. Throws `invalid-archive`. */
  push(bytes: Uint8Array): void
  /** After the last byte: checks that the archive was whole. Answers all entries. */
  end(): readonly TarEntry[]
}

const blockSize = 512
/** Names and comments; no honest extension comes near. */
const largestExtension = 2 ** 20

/** A reader that tells `sink` what it finds. Names are checked as they come; links are left to `findLinkProblem`. */
export function openTar(options: TarOptions, sink: TarSink): TarReader {
  const { file, limits = defaultTarLimits, compressedSize } = options
  const entries: TarEntry[] = []
  const block = new Uint8Array(blockSize)
  let filled = 0
  let total = 0
  let zeroBlocks = 0
  let format: HeaderFormat | undefined
  let body: { remaining: number; padding: number; extension: Extension | undefined } | undefined
  /** What the extensions before the next entry say of it. */
  let next: Following = {}
  let global: PaxRecords = new Map()

  const refuse: Refuse = (reason, entry) =>
    new DenError('invalid-archive', { file, reason, ...(entry === undefined ? {} : { entry }) })

  const extensionEnds = (extension: Extension): void => {
    const bytes = extension.bytes
    if (extension.type === 'x' || extension.type === 'g') {
      const records = parsePax(bytes, refuse)
      if (extension.type === 'x') {
        if (next.pax !== undefined) throw refuse('two extended headers stand before one entry')
        next = { ...next, pax: records }
        return
      }
      for (const key of records.keys()) {
        if (/^(?:path|linkpath|size|hdrcharset)$/.test(key)) throw refuse(`a global header sets ${key} for all entries`)
      }
      global = new Map([...global, ...records])
      return
    }
    const key = extension.type === 'L' ? 'longName' : 'longTarget'
    if (next[key] !== undefined) throw refuse('two long names stand before one entry')
    next = { ...next, [key]: longName(bytes, refuse) }
  }

  const header = (): void => {
    const found = readHeader(block, refuse)
    if (format !== undefined && found.format !== format) throw refuse('it mixes the dialects of tar', found.name)
    format = found.format
    const { type } = found
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      const isGnu = type === 'L' || type === 'K'
      if (isGnu !== (format === 'gnu')) throw refuse('it mixes the dialects of tar', found.name)
      if (found.size > largestExtension) throw refuse(`an extended header takes ${found.size} bytes`)
      if (type === 'g' && Object.keys(next).length > 0)
        throw refuse('a global header stands between an entry and its own')
      start(found.size, { type, bytes: new Uint8Array(found.size), filled: 0 })
      return
    }
    const entry = entryOf(found, next, global, refuse)
    next = {}
    if (entry === undefined) return
    entries.push(entry)
    claim(entry)
    if (entries.length > limits.entries) throw refuse(`it has more than ${limits.entries} entries`)
    sink.entry(entry)
    start(entry.size, undefined)
  }

  /** What stands where, by collision key. Checked entry by entry, so that nothing is written over or through what came before. */
  const leaves = new Map<string, string>()
  const directories = new Set<string>()
  const claim = ({ name, kind }: TarEntry): void => {
    const meets = (other: string): DenError => {
      const reason = other === name ? 'it is there twice' : `it meets ${JSON.stringify(other)} in one place`
      return refuse(`${reason}${other === name ? '' : ', here or on some file systems'}`, name)
    }
    const key = collisionKey(name)
    const leaf = leaves.get(key)
    if (leaf !== undefined) throw meets(leaf)
    if (kind === 'directory') directories.add(key)
    else if (directories.has(key)) throw meets(`${name}/`)
    else leaves.set(key, name)
    for (let slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1)) {
      const parent = collisionKey(name.slice(0, slash))
      const file = leaves.get(parent)
      if (file !== undefined) throw meets(file)
      directories.add(parent)
    }
  }

  const start = (size: number, extension: Extension | undefined): void => {
    body = { remaining: size, padding: (blockSize - (size % blockSize)) % blockSize, extension }
    endBody()
  }
  const endBody = (): void => {
    if (body === undefined || body.remaining > 0 || body.padding > 0) return
    const { extension } = body
    body = undefined
    if (extension !== undefined) extensionEnds(extension)
  }

  /** Takes a whole header block. */
  const take = (): void => {
    if (block.every((byte) => byte === 0)) {
      if (Object.keys(next).length > 0) throw refuse('an extended header stands before the end, without an entry')
      zeroBlocks += 1
    } else {
      if (zeroBlocks > 0) throw refuse('bytes stand after its end: a second archive, or a part that some readers skip')
      header()
    }
  }

  return {
    push(bytes) {
      total += bytes.length
      if (total > limits.size) throw refuse(`it unpacks to more than ${limits.size} bytes`)
      if (compressedSize !== undefined && total > limits.freeSize && total > limits.ratio * compressedSize)
        throw refuse(`it unpacks to more than ${limits.ratio} times its size`)
      let at = 0
      while (at < bytes.length) {
        if (body !== undefined && body.remaining > 0) {
          const piece = bytes.subarray(at, at + body.remaining)
          at += piece.length
          body.remaining -= piece.length
          if (body.extension === undefined) sink.data(piece)
          else {
            body.extension.bytes.set(piece, body.extension.filled)
            body.extension.filled += piece.length
          }
          endBody()
        } else if (body !== undefined) {
          const length = Math.min(body.padding, bytes.length - at)
          for (let index = at; index < at + length; index += 1) {
            if (bytes[index] !== 0) throw refuse('bytes stand between its entries', entries.at(-1)?.name)
          }
          at += length
          body.padding -= length
          endBody()
        } else {
          const piece = bytes.subarray(at, at + blockSize - filled)
          block.set(piece, filled)
          filled += piece.length
          at += piece.length
          if (filled < blockSize) return
          filled = 0
          take()
        }
      }
    },
    end() {
      if (body !== undefined || filled > 0) throw refuse('it is cut', entries.at(-1)?.name)
      if (zeroBlocks < 2) throw refuse('its end is missing: two empty blocks close an archive')
      return entries
    },
  }
}

interface Extension {
  readonly type: 'x' | 'g' | 'L' | 'K'
  readonly bytes: Uint8Array
  filled: number
}

interface Following {
  readonly pax?: PaxRecords
  readonly longName?: string
  readonly longTarget?: string
}

/** GNU's long name: text that a NUL ends, the last byte of the block's data. */
function longName(bytes: Uint8Array, refuse: Refuse): string {
  const end = bytes.indexOf(0)
  if (end === -1 || bytes.subarray(end).some((byte) => byte !== 0)) throw refuse('a long name in it is malformed')
  return decodeName(bytes.subarray(0, end), refuse)
}

/** The entry that a header and the extensions before it describe; undefined for the archive's own top (`./`). */
function entryOf(header: TarHeader, next: Following, global: PaxRecords, refuse: Refuse): TarEntry | undefined {
  const { pax } = next
  const rawName = pax?.get('path') ?? next.longName ?? header.name
  const rawTarget = pax?.get('linkpath') ?? next.longTarget ?? header.target
  const kind = kindOf(header.type, rawName, refuse)
  for (const key of [...(pax?.keys() ?? []), ...global.keys()]) {
    if (key.startsWith('GNU.sparse')) throw refuse('it is a sparse file', rawName)
    if (key === 'hdrcharset' && (pax?.get(key) ?? global.get(key)) === 'BINARY')
      throw refuse('its name is in an unknown encoding', rawName)
  }
  const isLink = kind === 'symlink' || kind === 'hardlink'
  if (!isLink && (next.longTarget !== undefined || pax?.has('linkpath') === true))
    throw refuse('it has the target of a link and is none', rawName)
  const size = header.size
  const stated = pax?.get('size')
  // The size that one reader takes from here and another from there is where an archive hides a second one.
  if (stated !== undefined && decimal(stated, rawName, refuse) !== size) throw refuse('its two sizes differ', rawName)
  if (kind !== 'file' && size !== 0) throw refuse(`it is a ${kind} that holds data`, rawName)

  const name = cleanName(rawName)
  if (name === '') {
    if (kind === 'directory') return undefined
    throw refuse('it stands for the top of the archive and is no directory')
  }
  const problem = entryNameProblem(name)
  if (problem !== undefined) throw refuse(problem, rawName)
  const modified = timeOf(pax?.get('mtime') ?? global.get('mtime'), header.modified, rawName, refuse)
  if (isLink && rawTarget === '') throw refuse('it is a link to nothing', name)
  return {
    name,
    kind,
    executable: kind === 'file' && (header.mode & 0o100) !== 0,
    size,
    modified,
    ...(isLink ? { target: rawTarget } : {}),
  }
}

function kindOf(type: string, name: string, refuse: Refuse): TarEntry['kind'] {
  switch (type) {
    case '0':
    case '\0':
      // Older than typeflags: some readers take this for a directory.
      if (name.endsWith('/')) throw refuse('it is a file with the name of a directory', name)
      return 'file'
    case '5':
      return 'directory'
    case '1':
      return 'hardlink'
    case '2':
      return 'symlink'
    case '3':
    case '4':
      throw refuse('it is a device', name)
    case '6':
      throw refuse('it is a named pipe', name)
    case 'S':
      throw refuse('it is a sparse file', name)
    default:
      throw refuse(`it is of the unknown type ${JSON.stringify(type)}`, name)
  }
}

/** `./name/` as tar writes it when it is told to pack `.`: the same place as `name`. */
function cleanName(name: string): string {
  const bare = name.startsWith('./') ? name.slice(2) : name
  const short = bare.endsWith('/') ? bare.slice(0, -1) : bare
  return short === '.' ? '' : short
}

function decimal(text: string, name: string, refuse: Refuse): number {
  if (!/^(?:0|[1-9]\d{0,15})$/.test(text)) throw refuse('a number in its extended header is malformed', name)
  return Number(text)
}

function timeOf(pax: string | undefined, header: number, name: string, refuse: Refuse): number {
  if (pax === undefined) return header * 1000
  if (!/^-?\d{1,15}(?:\.\d*)?$/.test(pax)) throw refuse('a number in its extended header is malformed', name)
  return Math.max(0, Math.floor(Number(pax) * 1000))
}

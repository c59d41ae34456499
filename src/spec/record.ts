// RECORD (PEP 376; the specifications "Recording installed projects" and "Binary distribution format", PEP 427 and 627): which
// files a distribution brought, with their hashes and sizes.

import type { Sha256 } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { formatCsvRow, parseCsv } from '../format/csv.ts'

export interface RecordEntry {
  /** With `/` on every system; relative to the directory that holds the dist-info directory. */
  readonly path: string
  readonly hash?: RecordHash
  /** Bytes. */
  readonly size?: number
}

export interface RecordHash {
  /** hashlib's name: "sha256". */
  readonly algorithm: string
  /** base64 in the alphabet for URLs, without padding. */
  readonly digest: string
}

export interface ParseRecordOptions {
  /** The file's name, for errors. */
  readonly file?: string
  /**
   * `allow`: paths may be absolute or lead upwards, as in the RECORD of an installed distribution ("../../../bin/pip").
   * `refuse` (the default): as in a wheel, where such a path is an attack.
   */
  readonly outside?: 'refuse' | 'allow'
}

/** Reads a RECORD. Throws `invalid-record` for a row that no reader could follow, or whose path leaves the tree. */
export function parseRecord(text: string, options: ParseRecordOptions = {}): RecordEntry[] {
  const { file, outside = 'refuse' } = options
  const entries: RecordEntry[] = []
  const seen = new Map<string, RecordEntry>()
  for (const { fields, line } of parseCsv(text.replace(/^\ufeff/, ''))) {
    const fail = (reason: string, part: number): never => {
      const source = formatCsvRow(fields)
      const start = part === 0 ? 0 : formatCsvRow(fields.slice(0, part)).length + 1
      const end = Math.max(start, part < fields.length ? formatCsvRow(fields.slice(0, part + 1)).length : source.length)
      throw new DenError('invalid-record', { source, span: { start, end }, reason, ...(file ? { file } : {}), line })
    }
    if (fields.length > 3) fail('a row has three fields: path, hash, size', 3)
    const [path = '', hashText = '', sizeText = ''] = fields
    const unsafe = path === '' ? 'the path is missing' : outside === 'refuse' ? whyOutside(path) : undefined
    if (unsafe !== undefined) fail(unsafe, 0)
    const hash = hashText === '' ? undefined : parseRecordHash(hashText)
    if (hashText !== '' && hash === undefined) fail('a hash is written like sha256=<base64>', 1)
    if (!/^\d{0,15}$/.test(sizeText)) fail('the size is a number of bytes', 2)
    const entry: RecordEntry = {
      path,
      ...(hash === undefined ? {} : { hash }),
      ...(sizeText === '' ? {} : { size: Number(sizeText) }),
    }
    const before = seen.get(path)
    if (before === undefined) {
      seen.set(path, entry)
      entries.push(entry)
    } else if (before.hash?.digest !== hash?.digest || before.size !== entry.size) {
      fail('the file is listed twice, with different content', 0)
    }
  }
  return entries
}

/** One row, for whoever has thousands of them: no object each. */
export function formatRecordRow(path: string, sha256: string, size: number): string {
  return `${/[",\r\n]/.test(path) ? formatCsvRow([path]) : path},sha256=${sha256},${size}\n`
}

/** The text of a RECORD, in the order given, with `\n` at the end of each row. */
export function formatRecord(entries: Iterable<RecordEntry>): string {
  let text = ''
  for (const { path, hash, size } of entries) {
    const rest = `${hash === undefined ? '' : `${hash.algorithm}=${hash.digest}`},${size ?? ''}`
    text += `${/[",\r\n]/.test(path) ? formatCsvRow([path]) : path},${rest}\n`
  }
  return text
}

/** "sha256=47DEQpj8…"; undefined for anything else. Padding, which the standard forbids and some tools write, is taken away. */
export function parseRecordHash(text: string): RecordHash | undefined {
  // Python 2.7's hashlib calls it SHA256, and wheels that were built there do.
  const match = /^([A-Za-z0-9_-]+)=([A-Za-z0-9_-]+)=*$/.exec(text)
  return match === null ? undefined : { algorithm: match[1]!.toLowerCase(), digest: match[2]! }
}

/** Whether the hash may vouch for a file of a wheel: "sha256 or better; md5, sha1 and sha224 are not permitted". */
export function isStrongHash(hash: RecordHash): boolean {
  return /^(?:sha(?:256|384|512)|sha3_(?:256|384|512)|blake2[bs])$/.test(hash.algorithm)
}

/** A SHA-256 as RECORD writes it. */
export function recordHash(digest: Sha256): RecordHash {
  return { algorithm: 'sha256', digest: hexToBase64(digest) }
}

/** The SHA-256 of a record's hash; undefined where it is made by another algorithm or has another length. */
export function sha256OfRecordHash(hash: RecordHash): Sha256 | undefined {
  if (hash.algorithm !== 'sha256' || hash.digest.length !== 43) return undefined
  const hex = base64ToHex(hash.digest)
  // The last character holds two bits too many, which have to be zero: otherwise four texts would stand for one digest.
  return hexToBase64(hex) === hash.digest ? (hex as Sha256) : undefined
}

/** Why a path of a wheel could land outside the directory it is unpacked into; undefined for a good one. */
function whyOutside(path: string): string | undefined {
  // Nearly every path is of this kind, and a wheel may have ten thousand of them.
  if (/^[^/\\\0:]+(?:\/[^/\\\0]+)*$/.test(path) && !/(?:^|\/)\.\.?(?:\/|$)/.test(path)) return undefined
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'a path in a wheel is relative'
  if (path.includes('\\')) return 'the separator in a path is /'
  if (path.includes('\0')) return 'no path holds a NUL character'
  if (path.split('/').some((segment) => segment === '..')) return 'the path leads out of the wheel'
  if (path.split('/').some((segment) => segment === '' || segment === '.')) return 'a part of the path is empty'
  return undefined
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

function hexToBase64(hex: string): string {
  let text = ''
  for (let at = 0; at < hex.length; at += 6) {
    const group = hex.slice(at, at + 6)
    const bits = Number.parseInt(group.padEnd(6, '0'), 16)
    const characters = Math.ceil((group.length * 4) / 6)
    for (let index = 0; index < characters; index++) text += alphabet[(bits >> (18 - 6 * index)) & 63]!
  }
  return text
}

function base64ToHex(digest: string): string {
  let hex = ''
  for (let at = 0; at < digest.length; at += 4) {
    const group = digest.slice(at, at + 4)
    let bits = 0
    for (let index = 0; index < 4; index++) bits = bits * 64 + Math.max(0, alphabet.indexOf(group[index] ?? 'A'))
    hex += bits
      .toString(16)
      .padStart(6, '0')
      .slice(0, Math.floor((group.length * 6) / 8) * 2)
  }
  return hex
}

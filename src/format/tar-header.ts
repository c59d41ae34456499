// One header block of a tar archive, and the records of a pax extended header: fields read exactly, or refused.

import type { DenError } from '../base/error.ts'
import { tryDecodeUtf8 } from './bytes.ts'

/** `ustar` stands for pax as well, which adds extended headers and nothing else. */
export type HeaderFormat = 'ustar' | 'gnu'

export interface TarHeader {
  readonly format: HeaderFormat
  readonly name: string
  readonly type: string
  readonly mode: number
  readonly size: number
  /** Seconds since 1970. */
  readonly modified: number
  readonly target: string
}

export type PaxRecords = ReadonlyMap<string, string>

/** The error that an archive is refused by. */
export type Refuse = (reason: string, entry?: string) => DenError

/** Reads one block of 512 bytes. */
export function readHeader(block: Uint8Array, refuse: Refuse): TarHeader {
  const magic = latin1(block.subarray(257, 265))
  const format = magic === 'ustar\u000000' ? 'ustar' : magic === 'ustar  \0' ? 'gnu' : undefined
  if (format === undefined) throw refuse('it holds something else than the headers of a tar archive')
  if (checksumOf(block) !== octal(block.subarray(148, 156))) throw refuse('the checksum of a header is wrong')
  const own = field(block.subarray(0, 100), refuse)
  // In GNU's dialect these bytes are times and offsets.
  const prefix = format === 'gnu' ? '' : field(block.subarray(345, 500), refuse)
  const name = prefix === '' ? own : `${prefix}/${own}`
  const size = octal(block.subarray(124, 136))
  if (size === undefined) throw refuse('its size is malformed', name)
  const mode = octal(block.subarray(100, 108))
  if (mode === undefined) throw refuse('its mode is malformed', name)
  return {
    format,
    name,
    type: String.fromCharCode(block[156]!),
    mode,
    size,
    // A time before 1970 or after 2242 is written in binary, which says nothing about the contents.
    modified: octal(block.subarray(136, 148)) ?? 0,
    target: field(block.subarray(157, 257), refuse),
  }
}

/** The sum of all bytes, with those of the sum itself taken for spaces. */
function checksumOf(block: Uint8Array): number {
  let sum = 8 * 0x20
  for (let index = 0; index < block.length; index += 1) if (index < 148 || index >= 156) sum += block[index]!
  return sum
}

/** Octal digits, spaces before them, spaces or NULs after them; undefined for anything else, binary numbers included. */
function octal(bytes: Uint8Array): number | undefined {
  const match = /^ *([0-7]{1,12})[ \0]*$/.exec(latin1(bytes))
  if (match !== null) return Number.parseInt(match[1]!, 8)
  return bytes.every((byte) => byte === 0 || byte === 0x20) ? 0 : undefined
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

/** Text up to the first NUL; whatever stands behind it would be a name to some readers. */
function field(bytes: Uint8Array, refuse: Refuse): string {
  const end = bytes.indexOf(0)
  if (end !== -1 && bytes.subarray(end).some((byte) => byte !== 0)) throw refuse('bytes hide behind a name in a header')
  const used = end === -1 ? bytes : bytes.subarray(0, end)
  return decodeName(used, refuse)
}

/** A name, which is UTF-8. */
export function decodeName(bytes: Uint8Array, refuse: Refuse): string {
  const name = tryDecodeUtf8(bytes)
  if (name === undefined) throw refuse('the name of an entry is not UTF-8')
  return name
}

/**
 * The records "LENGTH KEY=VALUE\n" of an extended header. Lengths must be exact and canonical, keys must not repeat, and what den
 * reads must be UTF-8 without NUL; values that say nothing about names or sizes may be any bytes (an archiver's extended attributes).
 */
export function parsePax(bytes: Uint8Array, refuse: Refuse): PaxRecords {
  const records = new Map<string, string>()
  let at = 0
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at)
    const digits = space === -1 || space - at > 8 ? '' : latin1(bytes.subarray(at, space))
    if (!/^[1-9]\d*$/.test(digits)) throw refuse('the length of a record in an extended header is malformed')
    const end = at + Number(digits)
    const equals = bytes.indexOf(0x3d, space)
    if (end > bytes.length || equals === -1 || equals >= end - 1 || bytes[end - 1] !== 0x0a)
      throw refuse('a record in an extended header is not as long as it says')
    const key = latin1(bytes.subarray(space + 1, equals))
    if (key === '' || !/^[\x21-\x7e]+$/.test(key)) throw refuse('a keyword in an extended header is malformed')
    if (records.has(key)) throw refuse(`an extended header says ${key} twice`)
    const raw = bytes.subarray(equals + 1, end - 1)
    const matters = /^(?:path|linkpath|size|mtime|hdrcharset|GNU\.sparse\..*)$/.test(key)
    records.set(key, matters ? value(raw, key, refuse) : '')
    at = end
  }
  return records
}

function value(bytes: Uint8Array, key: string, refuse: Refuse): string {
  const text = tryDecodeUtf8(bytes)
  if (text === undefined) throw refuse(`an extended header's ${key} is not UTF-8`)
  // An empty value takes an earlier one back, which is nobody's honest wish for a name or a size.
  if (text === '' || text.includes('\0')) throw refuse(`an extended header's ${key} is malformed`)
  return text
}

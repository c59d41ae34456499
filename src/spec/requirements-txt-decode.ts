// The bytes of a requirements file as text: a byte order mark, a PEP 263 comment (`# -*- coding: latin-1 -*-`) in the first two
// lines, or UTF-8. What stands after a mark or names an encoding is read strictly, as Python does.

import { DenError } from '../base/error.ts'
import { viewOf } from '../format/bytes.ts'

export interface DecodeOptions {
  /** The file's name, for errors. */
  readonly file?: string
  /** The encoding of the user's locale, taken where the text is no UTF-8 and says nothing itself. Absent: such a text is refused. */
  readonly localeEncoding?: string
}

/** UTF-32 before UTF-16, whose mark is the beginning of the other's. */
const marks: readonly (readonly [readonly number[], string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe, 0x00, 0x00], 'utf-32-le'],
  [[0x00, 0x00, 0xfe, 0xff], 'utf-32-be'],
  [[0xff, 0xfe], 'utf-16-le'],
  [[0xfe, 0xff], 'utf-16-be'],
]

/** The text, and whether only the locale's encoding could read it (which pip warns of). Throws `undecodable-file`. */
export function decodeRequirements(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): { readonly text: string; readonly guessed: boolean } {
  const { file = 'requirements.txt', localeEncoding } = options
  const decode = (part: Uint8Array, encoding: string): string => {
    const text = tryDecode(part, encoding)
    if (text !== undefined) return text
    throw new DenError('undecodable-file', { file, encoding })
  }
  for (const [mark, encoding] of marks) {
    if (mark.every((byte, index) => bytes[index] === byte))
      return { text: decode(bytes.subarray(mark.length), encoding), guessed: false }
  }
  const named = cookieOf(bytes)
  if (named !== undefined) return { text: decode(bytes, named), guessed: false }
  const text = tryDecode(bytes, 'utf-8')
  if (text !== undefined) return { text, guessed: false }
  if (localeEncoding !== undefined && pythonEncoding(localeEncoding) !== 'utf-8')
    return { text: decode(bytes, localeEncoding), guessed: true }
  throw new DenError('undecodable-file', { file, encoding: 'utf-8' })
}

/** The encoding that a comment in one of the first two lines names. */
function cookieOf(bytes: Uint8Array): string | undefined {
  let start = 0
  for (let number = 1; number <= 2 && start < bytes.length; number++) {
    const newline = bytes.indexOf(0x0a, start)
    const end = newline === -1 ? bytes.length : newline
    if (bytes[start] === 0x23) {
      const line = characters(end - start, (index) => bytes[start + index]!)
      const found = /coding[:=][ \t-\r]*([-\w.]+)/.exec(line)
      if (found !== null) return found[1]!
    }
    start = end + 1
  }
  return undefined
}

/** Code pages by the names that TextDecoder has for them. */
const codePages: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
  'mac-roman': 'macintosh',
}

/** Python's name of an encoding, without its spellings. */
function pythonEncoding(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[_ ]+/g, '-')
    .replace(/-(?:unix|dos|mac)$/, '')
  if (/^(?:utf-?8|u8|utf|cp65001|utf8-ucs[24])$/.test(plain)) return 'utf-8'
  if (/^(?:latin-?1|l1|iso-?8859-1(?:-1987)?|8859|cp819|iso-ir-100)$/.test(plain)) return 'latin-1'
  if (/^(?:us-)?ascii$|^646$|^ansi-x3\.4-19/.test(plain)) return 'ascii'
  const utf = /^utf-?(16|32)-?(le|be)?$/.exec(plain)
  if (utf !== null) return `utf-${utf[1]}${utf[2] === undefined ? '' : `-${utf[2]}`}`
  const windows = /^(?:cp|windows-?)(125\d)$/.exec(plain)
  return windows === null ? (codePages[plain] ?? plain) : `windows-${windows[1]}`
}

function tryDecode(bytes: Uint8Array, name: string): string | undefined {
  const encoding = pythonEncoding(name)
  switch (encoding) {
    case 'latin-1':
      return characters(bytes.length, (index) => bytes[index]!)
    case 'ascii':
      return bytes.some((byte) => byte > 0x7f) ? undefined : characters(bytes.length, (index) => bytes[index]!)
    case 'utf-8-sig':
      return decodeWith('utf-8', bytes, false)
    case 'utf-16':
    case 'utf-32': {
      const [big, little] = encoding === 'utf-16' ? [marks[4]!, marks[3]!] : [marks[2]!, marks[1]!]
      const marked = [big, little].find(([mark]) => mark.every((byte, index) => bytes[index] === byte))
      return tryDecode(
        marked === undefined ? bytes : bytes.subarray(marked[0].length),
        `${encoding}-${marked === big ? 'be' : 'le'}`,
      )
    }
    case 'utf-16-le':
      return decodeWith('utf-16le', bytes, true)
    case 'utf-16-be':
      return decodeWith('utf-16be', bytes, true)
    case 'utf-32-le':
    case 'utf-32-be':
      return decodeUtf32(bytes, encoding === 'utf-32-be')
    default:
      return decodeWith(encoding, bytes, true)
  }
}

function decodeWith(label: string, bytes: Uint8Array, keepMark: boolean): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: keepMark }).decode(bytes)
  } catch {
    // An encoding that nobody knows, or bytes that it doesn't have.
    return undefined
  }
}

function decodeUtf32(bytes: Uint8Array, big: boolean): string | undefined {
  if (bytes.length % 4 !== 0) return undefined
  const view = viewOf(bytes)
  let text = ''
  for (let at = 0; at < bytes.length; at += 4) {
    const code = view.getUint32(at, !big)
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
    text += String.fromCodePoint(code)
  }
  return text
}

function characters(length: number, codeAt: (index: number) => number): string {
  let text = ''
  for (let index = 0; index < length; index++) text += String.fromCharCode(codeAt(index))
  return text
}

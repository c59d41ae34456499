// Versions of distributions (PEP 440, as on packaging.python.org "Version specifiers"): parsed once into data with a key whose
// plain string order is the standard's order, so that comparing costs one `<` and a key can be stored or put into a Map.

import { DenError } from '../base/error.ts'
import { strip } from '../format/python-text.ts'

export interface Version {
  /** The normal form: "1!2.0rc1.post2.dev3+local.1". */
  readonly text: string
  readonly epoch: number
  /** The release segment as written, trailing zeros included. Numbers beyond 2^53 are rounded here, and exact in `text` and `key`. */
  readonly release: readonly number[]
  readonly pre?: { readonly letter: 'a' | 'b' | 'rc'; readonly number: number }
  readonly post?: number
  readonly dev?: number
  /** The local segment in its normal form: "ubuntu.1". */
  readonly local?: string
  /** For every two versions, `a.key < b.key` says that a is older, `a.key === b.key` that they are equal. */
  readonly key: string
  /** How much of `key` stands for the epoch and the release without its trailing zeros. */
  readonly releaseKeyLength: number
  /** How much of `key` stands for the public version: all but the local segment. */
  readonly publicKeyLength: number
}

// The key: epoch, release without trailing zeros, then ranks below every number, so that "1" < "1.1" and "1rc1" < "1" < "1.post1".
//   number   1 character up to 9999 (U+0100 + n); beyond that the count of digits (U+3000 + count), then the digits
//   suffix   pre    \1 dev release of a final   \2 a   \3 b   \4 rc   \5 none
//            post   \1 none   \2 number
//            dev    \1 number \2 none
//   local    nothing, or \1 and its parts: \1 text \0, or \2 number (numbers are newer than words)
const end = '\x00'
/** The key of the number 0, which pads releases. */
export const zeroKey = '\u0100'
const mostDigits = 4300 // as Python's int() bounds a number's digits

const pattern =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[._-]?(alpha|a|beta|b|preview|pre|c|rc)[._-]?(\d+)?)?(?:-(\d+)|[._-]?(post|rev|r)[._-]?(\d+)?)?(?:[._-]?(dev)[._-]?(\d+)?)?(?:\+([a-z0-9]+(?:[._-][a-z0-9]+)*))?$/
// After the release: neither pre, post nor dev.
const plainEnd = '\x05\x01\x02'
// After the release: a first development release of it.
const firstDev = '\x01\x01\x01\u0100'

/** Parses a version. Throws `invalid-version`. */
export function parseVersion(text: string): Version {
  const version = tryParseVersion(text)
  if (version !== undefined) return version
  throw new DenError('invalid-version', { source: text, ...explainVersion(text) })
}

/** Parses a version; undefined for what the standard doesn't know. */
export function tryParseVersion(text: string): Version | undefined {
  const simple = readRelease(text)
  if (simple !== undefined) return simple
  const match = pattern.exec(lowerAscii(strip(text)))
  if (match === null) return undefined
  const [, epoch, release, preWord, preNumber, postNumber1, postWord, postNumber2, devWord, devNumber, local] = match
  const numbers = [epoch, preNumber, postNumber1, postNumber2, devNumber, ...release!.split('.')]
  if (text.length > mostDigits && [...numbers, ...(local ?? '').split(/[._-]/)].some(tooLong)) return undefined
  return fromParts(
    epoch ?? '0',
    release!.split('.'),
    preWord === undefined ? undefined : { letter: letters[preWord]!, digits: preNumber ?? '0' },
    postNumber1 ?? (postWord === undefined ? undefined : (postNumber2 ?? '0')),
    devWord === undefined ? undefined : (devNumber ?? '0'),
    local,
  )
}

/** Less than 0 when `a` is older, 0 when they are equal, more than 0 when `a` is newer. */
export function compareVersions(a: Version, b: Version): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}

/** The normal form. */
export function formatVersion(version: Version): string {
  return version.text
}

/** Whether it is an alpha, beta, release candidate or development release. */
export function isPrerelease(version: Version): boolean {
  return version.pre !== undefined || version.dev !== undefined
}

/** The normal form without the local segment. */
export function publicVersion(version: Version): string {
  return version.local === undefined ? version.text : version.text.slice(0, version.text.indexOf('+'))
}

/** Whether it is a final release without post, dev and local parts. */
export function isPlainRelease(version: Version): boolean {
  return version.key.length === version.releaseKeyLength + plainEnd.length
}

// Places in the order of versions that specifiers need, made from keys.

/** The key of the first development release of a version that is none itself; the local segment left out. */
export function firstDevOf(version: Version): string {
  const { key, publicKeyLength, releaseKeyLength } = version
  return version.pre === undefined && version.post === undefined
    ? key.slice(0, releaseKeyLength) + firstDev
    : `${key.slice(0, publicKeyLength - 1)}\x01${zeroKey}`
}

/** The key of the first development release of the version's release. */
export function firstDevOfRelease(version: Version): string {
  return version.key.slice(0, version.releaseKeyLength) + firstDev
}

/** The key of the first version whose release is greater in its first `count` numbers: after 1.2 comes 1.3.dev0. */
export function nextSibling(version: Version, count: number): string {
  const { release } = version
  const exact = release.every(Number.isSafeInteger) ? undefined : releaseDigits(version)
  let key = numberKey(version.epoch === 0 ? '0' : epochDigits(version))
  for (let index = 0; index < count; index++) {
    const number = release[index]!
    const last = index === count - 1
    if (exact === undefined) key += numberKey(String(last ? number + 1 : number))
    else key += numberKey(last ? String(BigInt(exact[index]!) + 1n) : exact[index]!)
  }
  return key + firstDev
}

/** The release's numbers as digits, exact whatever their size. */
function releaseDigits(version: Version): string[] {
  return /^(?:\d+!)?(\d+(?:\.\d+)*)/.exec(version.text)![1]!.split('.')
}

function epochDigits(version: Version): string {
  return /^\d+(?=!)/.exec(version.text)?.[0] ?? '0'
}

/** The normal form without trailing zeros in the release: the same text for all versions that are equal. */
export function canonicalVersion(version: Version): string {
  const { text } = version
  const start = text.indexOf('!') + 1
  let end = start
  while (/[\d.]/.test(text.charAt(end)) && !/^\.[a-z]/.test(text.slice(end, end + 2))) end++
  const numbers = text.slice(start, end).split('.')
  while (numbers.length > 1 && numbers.at(-1) === '0') numbers.pop()
  return text.slice(0, start) + numbers.join('.') + text.slice(end)
}

const letters: Readonly<Record<string, 'a' | 'b' | 'rc'>> = {
  a: 'a',
  alpha: 'a',
  b: 'b',
  beta: 'b',
  c: 'rc',
  rc: 'rc',
  pre: 'rc',
  preview: 'rc',
}

function tooLong(digits: string | undefined): boolean {
  return digits !== undefined && digits.length > mostDigits && /^\d+$/.test(digits)
}

/** Nearly all versions are numbers below 10,000 with dots between them; those are read letter by letter. */
function readRelease(text: string): Version | undefined {
  const { length } = text
  const release: number[] = []
  let key = zeroKey
  let significant = 1
  for (let at = 0; at <= length; at++) {
    const start = at
    let number = 0
    let code = text.charCodeAt(at)
    while (code >= 48 && code <= 57) {
      number = number * 10 + code - 48
      code = text.charCodeAt(++at)
    }
    const digits = at - start
    // No digits, too many, leading zeros, or another letter than a dot after them.
    if (digits === 0 || digits > 4 || (digits > 1 && text.charCodeAt(start) === 48)) return undefined
    if (at < length && code !== 46) return undefined
    release.push(number)
    key += String.fromCharCode(0x100 + number)
    if (number !== 0) significant = key.length
  }
  if (significant < key.length) key = key.slice(0, significant)
  return {
    text,
    epoch: 0,
    release,
    key: key + plainEnd,
    releaseKeyLength: significant,
    publicKeyLength: significant + 3,
  }
}

function fromParts(
  epoch: string,
  release: readonly string[],
  pre?: { readonly letter: 'a' | 'b' | 'rc'; readonly digits: string },
  post?: string,
  dev?: string,
  local?: string,
): Version {
  const epochDigits = plain(epoch)
  const segments = release.map(plain)
  let text = epochDigits === '0' ? segments.join('.') : `${epochDigits}!${segments.join('.')}`

  let significant = segments.length
  while (significant > 1 && segments[significant - 1] === '0') significant--
  if (significant === 1 && segments[0] === '0') significant = 0
  let key = numberKey(epochDigits)
  for (let index = 0; index < significant; index++) key += numberKey(segments[index]!)
  const releaseKeyLength = key.length

  if (pre !== undefined) {
    const digits = plain(pre.digits)
    text += pre.letter + digits
    key += (pre.letter === 'a' ? '\x02' : pre.letter === 'b' ? '\x03' : '\x04') + numberKey(digits)
  } else {
    key += post === undefined && dev !== undefined ? '\x01' : '\x05'
  }
  if (post !== undefined) {
    const digits = plain(post)
    text += `.post${digits}`
    key += `\x02${numberKey(digits)}`
  } else key += '\x01'
  if (dev !== undefined) {
    const digits = plain(dev)
    text += `.dev${digits}`
    key += `\x01${numberKey(digits)}`
  } else key += '\x02'
  const publicKeyLength = key.length

  let normalLocal: string | undefined
  if (local !== undefined) {
    const parts = local.split(/[._-]/).map((part) => (/^\d+$/.test(part) ? plain(part) : part))
    normalLocal = parts.join('.')
    text += `+${normalLocal}`
    key += '\x01'
    for (const part of parts)
      key += /^\d/.test(part) && /^\d+$/.test(part) ? `\x02${numberKey(part)}` : `\x01${part}${end}`
  }
  const version: { -readonly [Field in keyof Version]: Version[Field] } = {
    text,
    epoch: Number(epochDigits),
    release: segments.map(Number),
    key,
    releaseKeyLength,
    publicKeyLength,
  }
  if (pre !== undefined) version.pre = { letter: pre.letter, number: Number(pre.digits) }
  if (post !== undefined) version.post = Number(post)
  if (dev !== undefined) version.dev = Number(dev)
  if (normalLocal !== undefined) version.local = normalLocal
  return version
}

/** Digits without leading zeros. */
function plain(digits: string): string {
  if (digits.charCodeAt(0) !== 48 || digits.length === 1) return digits
  return digits.replace(/^0+(?=\d)/, '')
}

function numberKey(digits: string): string {
  return digits.length <= 4
    ? String.fromCharCode(0x100 + Number(digits))
    : String.fromCharCode(0x3000 + digits.length) + digits
}

/** Lower case for A–Z alone: JavaScript would also turn the Kelvin sign into "k". */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Where the text stops being a version, and what was expected there. */
export function explainVersion(text: string): {
  readonly reason: string
  readonly span: { readonly start: number; readonly end: number }
} {
  const start = text.length - text.trimStart().length
  const body = strip(text)
  if (body === '') return { reason: 'it is empty', span: { start: 0, end: text.length } }
  const whole = { start, end: start + body.length }
  if (!/^v?\d/i.test(body)) return { reason: 'a version starts with a number', span: { start, end: start + 1 } }
  const longest = longestValidStart(body)
  if (longest === body.length) return { reason: 'a number in it has too many digits', span: whole }
  const rest = body.slice(longest)
  const reason = rest.startsWith('+')
    ? 'after + come letters and digits, in parts separated by . _ or -'
    : rest.startsWith('.*')
      ? '.* belongs into a specifier (==1.*), not into a version'
      : 'this is no pre (a, b, rc), post or dev part of a version'
  return { reason, span: { start: start + longest, end: whole.end } }
}

function longestValidStart(body: string): number {
  for (let length = Math.min(body.length, 300); length > 0; length--) {
    if (pattern.test(lowerAscii(body.slice(0, length)))) return length
  }
  return 0
}

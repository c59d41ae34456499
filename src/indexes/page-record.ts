// A project's page in the form that den keeps and works with. The *head* holds what solving needs of each version (order, text, key,
// flags, Requires-Python, times), a few kilobytes read at once; the *files* (addresses, hashes, sizes) lie apart and are read for the
// versions that are looked at more closely. A page is turned into this form when it comes, so that there is one reader for both.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { crc32 } from '../host/checksum.ts'
import type { Freshness } from '../net/freshness.ts'
import { type SdistFilename, tryParseDistributionFilename, type WheelFilename } from '../spec/filename.ts'
import type { IndexFile, IndexPage, ProjectStatus } from '../spec/simple-index.ts'
import { isPrerelease, type Version } from '../spec/version.ts'
import type { DistributionFile } from './distribution-file.ts'

/** What a version's files are, without looking at them. */
export const versionFlags = {
  sdist: 1,
  /** A wheel that fits every Python 3 everywhere (py3-none-any). */
  pureWheel: 2,
  /** A wheel whose tags have to be compared with the target's. */
  platformWheel: 4,
  /** All files are yanked. */
  yanked: 8,
  someYanked: 16,
  prerelease: 32,
  /** The files do not all say the same of Python: look at them. */
  mixedPython: 64,
  /** Of one file at least the index does not say when it came. */
  unknownTime: 128,
  /** Some files are too new to exist: what is said of the version holds for all of them, so look at those that are left. */
  cut: 256,
  /** A wheel that fits every Python 2 everywhere (py2-none-any). */
  py2Wheel: 512,
} as const

/** What the head tells beside its versions. */
export interface PageFacts extends Freshness {
  readonly etag?: string
  readonly lastModified?: string
  /** The index does not have the project. */
  readonly absent?: boolean
  readonly status?: ProjectStatus
}

export interface EncodedPage {
  /** The versions' part of the head; `sealHead` puts the facts before it. */
  readonly versions: Uint8Array
  readonly files: Uint8Array
  readonly filesPart: FilesPart
  readonly requires: readonly string[]
  readonly count: number
}

/** A head, read: `count` versions, newest first. */
export interface PageHead {
  readonly facts: PageFacts
  readonly count: number
  readonly files: FilesPart
  /** The files' part that was there before this one. */
  readonly previous: FilesPart | undefined
  textOf(index: number): string
  /** `Version.key` of the version. */
  keyOf(index: number): string
  flagsOf(index: number): number
  /** undefined where the files say nothing, or not the same (`mixedPython`). */
  requiresPythonOf(index: number): string | undefined
  /** The first and the last file's time, in milliseconds rounded outwards to seconds. */
  uploadedOf(index: number): { readonly from: number; readonly to: number }
  /** Where the version's files stand in the files' part, and their checksum. */
  rowsOf(index: number): { readonly start: number; readonly length: number; readonly checksum: number }
}

export interface FilesPart {
  readonly length: number
  readonly checksum: number
}

const magic = 0x68_6e_65_64
/** Raised whenever the meaning of a byte changes. */
const format = 1
const preamble = 36
const recordLength = 32

/** The files of one version, and what they are together. */
interface Group {
  readonly version: Version
  readonly rows: RowText[]
  flags: number
  yanked: number
  readonly requiresPython: string | undefined
  /** Milliseconds since 1970; infinities where no time is told. */
  first: number
  last: number
}

/** The page of `name` as bytes; files that are no distributions of it are left out, as every installer does. */
export function encodePage(name: ProjectName, page: IndexPage): EncodedPage {
  const groups = groupFiles(name, page.files)
  const requires = new Map<string, number>()
  const numberOf = (specifier: string): number => {
    const number = requires.get(specifier) ?? requires.size + 1
    requires.set(specifier, number)
    return number
  }
  const records = new DataView(new ArrayBuffer(groups.length * recordLength))
  const parts: Uint8Array[] = []
  let texts = ''
  let keys = ''
  let start = 0
  const encoder = new TextEncoder()
  for (const [index, group] of groups.entries()) {
    texts += group.version.text
    keys += group.version.key
    const bytes = encoder.encode(JSON.stringify(group.rows))
    parts.push(bytes)
    const number = group.requiresPython === undefined ? 0 : numberOf(group.requiresPython)
    const told = (group.flags & versionFlags.mixedPython) === 0 && number <= 0xffff
    if (!told) group.flags |= versionFlags.mixedPython
    if (group.yanked === group.rows.length) group.flags |= versionFlags.yanked
    else if (group.yanked > 0) group.flags |= versionFlags.someYanked
    const at = index * recordLength
    records.setUint32(at, texts.length, true)
    records.setUint32(at + 4, keys.length, true)
    records.setUint32(at + 8, start, true)
    records.setUint32(at + 12, bytes.length, true)
    records.setUint32(at + 16, crc32(bytes), true)
    records.setUint32(at + 20, seconds(Math.floor(group.first / 1000)), true)
    records.setUint32(at + 24, seconds(Math.ceil(group.last / 1000)), true)
    records.setUint16(at + 28, group.flags, true)
    records.setUint16(at + 30, told ? number : 0, true)
    start += bytes.length
  }
  const filesBytes = joined(parts)
  return {
    versions: joined([
      new Uint8Array(records.buffer),
      uint32(texts.length),
      encoder.encode(texts),
      // Two bytes a character, as it is in memory.
      utf16(keys),
    ]),
    files: filesBytes,
    filesPart: { length: filesBytes.length, checksum: crc32(filesBytes) },
    requires: [...requires.keys()],
    count: groups.length,
  }
}

/** By version, newest first. */
function groupFiles(name: ProjectName, files: readonly IndexFile[]): readonly Group[] {
  const groups = new Map<string, Group>()
  const known = new Map<string, Group>()
  for (const file of files) {
    const { filename, requiresPython } = file
    // Half a dozen files have one beginning, "name-version-": what it says is found once.
    const beginning = beginningOf(filename)
    let group = beginning === undefined ? undefined : known.get(beginning)
    let kind = beginning === undefined ? 0 : kindOfTags(filename)
    if (group === undefined || kind === 0) {
      const parsed = tryParseDistributionFilename(filename, { project: name })
      if (parsed === undefined || parsed.name !== name) continue
      const { version } = parsed
      group = groups.get(version.key)
      if (group === undefined) {
        group = { version, rows: [], flags: 0, yanked: 0, requiresPython, first: Infinity, last: -Infinity }
        if (isPrerelease(version)) group.flags |= versionFlags.prerelease
        groups.set(version.key, group)
      }
      if (beginning !== undefined) known.set(beginning, group)
      kind = parsed.kind === 'sdist' ? versionFlags.sdist : kindOfWheel(parsed)
    }
    group.flags |= kind
    if (requiresPython !== group.requiresPython) group.flags |= versionFlags.mixedPython
    if (file.yanked !== undefined) group.yanked += 1
    const time = file.uploadTime === undefined ? Number.NaN : Date.parse(file.uploadTime)
    if (Number.isNaN(time)) group.flags |= versionFlags.unknownTime
    else {
      if (time < group.first) group.first = time
      if (time > group.last) group.last = time
    }
    group.rows.push(formatRow(file, Number.isNaN(time) ? null : time))
  }
  return [...groups.values()].sort((a, b) => (a.version.key < b.version.key ? 1 : -1))
}

/** "name-version-" of a wheel's name that has the plain five parts. */
function beginningOf(filename: string): string | undefined {
  if (!filename.endsWith('.whl')) return undefined
  const dash = filename.indexOf('-')
  const end = filename.indexOf('-', dash + 1)
  return dash === -1 || end === -1 ? undefined : filename.slice(0, end + 1)
}

/** The flags of a wheel with ordinary tags; 0 where its name needs a closer look. */
function kindOfTags(filename: string): number {
  const match = /^[^-]+-[^-]+-((?:[a-z]+[0-9]+)(?:\.[a-z]+[0-9]+)*)-([a-z0-9_]+)-([a-z0-9_.]+)\.whl$/.exec(filename)
  if (match === null) return 0
  const [, python, abi, platform] = match
  if (platform!.startsWith('.') || platform!.endsWith('.') || platform!.includes('..')) return 0
  if (abi !== 'none' || platform !== 'any') return versionFlags.platformWheel
  return kindOfWheel({ pythonTags: python!.split('.'), abiTags: [abi], platformTags: [platform] })
}

function kindOfWheel({
  pythonTags,
  abiTags,
  platformTags,
}: Pick<WheelFilename, 'pythonTags' | 'abiTags' | 'platformTags'>): number {
  const pure = abiTags.includes('none') && platformTags.includes('any')
  const py3 = pure && pythonTags.includes('py3') ? versionFlags.pureWheel : versionFlags.platformWheel
  return pure && pythonTags.includes('py2') ? py3 | versionFlags.py2Wheel : py3
}

function seconds(value: number): number {
  return Math.min(Math.max(Number.isFinite(value) ? value : 0, 0), 0xffff_ffff)
}

type RowText = readonly [
  filename: string,
  url: string,
  hashes: Readonly<Record<string, string>>,
  size: number | null,
  uploaded: number | null,
  requiresPython: string | null,
  yanked: string | true | null,
  metadata: Readonly<Record<string, string>> | true | null,
  provenance: string | null,
]

function formatRow(file: IndexFile, uploaded: number | null): RowText {
  const { filename, url, hashes, size, requiresPython, yanked, metadata, provenance } = file
  return [
    filename,
    url,
    hashes,
    size ?? null,
    uploaded,
    requiresPython ?? null,
    yanked ?? null,
    metadata ?? null,
    provenance ?? null,
  ]
}

/**
 * The files of one version, from the bytes that `rowsOf` points to. `index` lends its credentials to addresses of its own origin. Names
 * and addresses are taken apart when somebody asks: a version may have a hundred files, of which one is fetched.
 */
export function readRows(
  bytes: Uint8Array,
  options: { readonly name: ProjectName; readonly index: SafeUrl; readonly version: Version },
): readonly DistributionFile[] {
  const { name, index } = options
  const rows = JSON.parse(decode(bytes, 0, bytes.length, 'utf-8')) as readonly RowText[]
  const files: DistributionFile[] = []
  for (const [filename, address, hashes, size, uploaded, requiresPython, yanked, metadata, provenance] of rows) {
    if (!/^https?:/.test(address)) continue
    let parsed: DistributionFile['parsed'] | undefined
    let place: DistributionFile['place'] | undefined
    files.push({
      get parsed() {
        parsed ??= parseKnownFilename(filename, name, options.version)
        return parsed
      },
      get place() {
        place ??= { kind: 'url', url: neededAddress(address, index) }
        return place
      },
      hashes,
      ...(size === null ? undefined : { size }),
      ...(uploaded === null ? undefined : { uploaded }),
      ...(requiresPython === null ? undefined : { requiresPython }),
      ...(yanked === null ? undefined : { yanked }),
      ...(metadata === null ? undefined : { metadata }),
      ...(provenance === null ? undefined : { provenance }),
      foundAt: index.href,
    })
  }
  return files
}

function neededAddress(address: string, index: SafeUrl): SafeUrl {
  const url = fileAddress(address, index)
  if (url === undefined) throw new DenError('invalid-link', { link: address, reason: 'this is no address' })
  return url
}

/** A name that was parsed when the page came: of a wheel only the tags have to be found again. */
function parseKnownFilename(filename: string, name: ProjectName, version: Version): WheelFilename | SdistFilename {
  const parts = filename.endsWith('.whl') ? filename.slice(0, -4).split('-') : []
  if (parts.length !== 5 || parts[1] !== version.text) return tryParseDistributionFilename(filename, { project: name })!
  const [, , python, abi, platform] = parts
  return {
    kind: 'wheel',
    filename,
    name,
    version,
    pythonTags: python!.toLowerCase().split('.'),
    abiTags: abi!.toLowerCase().split('.'),
    platformTags: platform!.toLowerCase().split('.'),
  }
}

/** An index's own credentials are good for files on its origin; a page can't have them sent anywhere else. */
export function fileAddress(address: string, index: SafeUrl): SafeUrl | undefined {
  const plain = tryParseUrl(address)
  if (plain === undefined || !/^https?:/.test(plain.href)) return undefined
  if (plain.origin !== index.origin) return plain
  return tryParseUrl(plain.href.slice(plain.origin.length), index) ?? plain
}

/** The whole head: the facts, then the versions. `previous` is the files' part that this page takes the place of. */
export function sealHead(page: EncodedPage, facts: PageFacts, previous?: FilesPart): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify({ ...facts, requires: page.requires }))
  const head = joined([new Uint8Array(preamble), text, page.versions])
  const view = new DataView(head.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(4, format, true)
  view.setUint32(12, text.length, true)
  view.setUint32(16, page.count, true)
  view.setUint32(20, page.filesPart.length, true)
  view.setUint32(24, page.filesPart.checksum, true)
  view.setUint32(28, previous?.length ?? 0, true)
  view.setUint32(32, previous?.checksum ?? 0, true)
  view.setUint32(8, crc32(head.subarray(12)), true)
  return head
}

/** The same head with other facts: what an answer "not modified" changes. */
export function renewHead(head: Uint8Array, facts: PageFacts): Uint8Array | undefined {
  const read = readHead(head)
  if (read === undefined) return undefined
  const old = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const oldText = head.subarray(preamble, preamble + old.getUint32(12, true))
  const { requires } = JSON.parse(new TextDecoder().decode(oldText)) as { readonly requires: readonly string[] }
  const text = new TextEncoder().encode(JSON.stringify({ ...facts, requires }))
  const renewed = joined([head.subarray(0, preamble), text, head.subarray(preamble + oldText.length)])
  const view = new DataView(renewed.buffer)
  view.setUint32(12, text.length, true)
  view.setUint32(8, crc32(renewed.subarray(12)), true)
  return renewed
}

/** undefined for what is damaged, cut, or of another format. */
export function readHead(head: Uint8Array): PageHead | undefined {
  if (head.length < preamble) return undefined
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (view.getUint32(0, true) !== magic || view.getUint32(4, true) !== format) return undefined
  // Where the checksum holds the bytes are those that sealHead wrote.
  return view.getUint32(8, true) === crc32(head.subarray(12)) ? new SealedHead(head, view) : undefined
}

/** One for each of the hundreds of projects of a resolution, made from the bytes without a look at most of them. */
class SealedHead implements PageHead {
  readonly facts: PageFacts
  readonly count: number
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #records: number
  readonly #requires: readonly string[]
  #texts: string | undefined
  #keys: string | undefined

  constructor(bytes: Uint8Array, view: DataView) {
    this.#bytes = bytes
    this.#view = view
    this.#records = preamble + view.getUint32(12, true)
    this.count = view.getUint32(16, true)
    const text = decode(bytes, preamble, this.#records, 'utf-8')
    const { requires, ...facts } = JSON.parse(text) as PageFacts & { readonly requires: readonly string[] }
    this.facts = facts
    this.#requires = requires
  }

  get files(): FilesPart {
    return { length: this.#view.getUint32(20, true), checksum: this.#view.getUint32(24, true) }
  }

  get previous(): FilesPart | undefined {
    const length = this.#view.getUint32(28, true)
    return length === 0 ? undefined : { length, checksum: this.#view.getUint32(32, true) }
  }

  textOf(index: number): string {
    const [start, end] = this.#textsPart()
    this.#texts ??= decode(this.#bytes, start, end, 'utf-8')
    return this.#slice(this.#texts, index, 0)
  }

  keyOf(index: number): string {
    this.#keys ??= decode(this.#bytes, this.#textsPart()[1], this.#bytes.length, 'utf-16le')
    return this.#slice(this.#keys, index, 4)
  }

  flagsOf(index: number): number {
    return this.#view.getUint16(this.#records + index * recordLength + 28, true)
  }

  requiresPythonOf(index: number): string | undefined {
    const number = this.#view.getUint16(this.#records + index * recordLength + 30, true)
    return number === 0 ? undefined : this.#requires[number - 1]
  }

  uploadedOf(index: number): { readonly from: number; readonly to: number } {
    const at = this.#records + index * recordLength
    return { from: this.#view.getUint32(at + 20, true) * 1000, to: this.#view.getUint32(at + 24, true) * 1000 }
  }

  rowsOf(index: number): { readonly start: number; readonly length: number; readonly checksum: number } {
    const at = this.#records + index * recordLength
    return {
      start: this.#view.getUint32(at + 8, true),
      length: this.#view.getUint32(at + 12, true),
      checksum: this.#view.getUint32(at + 16, true),
    }
  }

  #textsPart(): readonly [start: number, end: number] {
    const at = this.#records + this.count * recordLength
    return [at + 4, at + 4 + this.#view.getUint32(at, true)]
  }

  #slice(all: string, index: number, field: number): string {
    const at = this.#records + index * recordLength + field
    return all.slice(index === 0 ? 0 : this.#view.getUint32(at - recordLength, true), this.#view.getUint32(at, true))
  }
}

function decode(bytes: Uint8Array, start: number, end: number, encoding: 'utf-8' | 'utf-16le'): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString(encoding)
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < text.length; index += 1) view.setUint16(index * 2, text.charCodeAt(index), true)
  return bytes
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

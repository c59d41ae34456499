// A project's page in the form that den keeps and works with. The *head* holds what solving needs of each version (order, text, key,
// flags, Requires-Python, times), a few kilobytes read at once; the *files* (addresses, hashes, sizes) lie apart and are read for the
// versions that are looked at more closely. A page is turned into this form when it comes, so that there is one reader for both.

import { joinBytes, viewOf } from '../format/bytes.ts'
import { crc32 } from '../host/checksum.ts'
import type { Freshness } from '../net/freshness.ts'
import type { ProjectStatus } from '../spec/simple-index.ts'

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
  /** Of the head in bytes. */
  readonly length: number
  readonly count: number
  readonly files: FilesPart
  /** The files' part that was there before this one. */
  readonly previous: FilesPart | undefined
  textOf(index: number): string
  /** `Version.key` of the version. */
  keyOf(index: number): string
  flagsOf(index: number): number
  /** The flags and the number of the `Requires-Python` in one. */
  stateOf(index: number): number
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
const format = 2
const preamble = 40
/** Of a version. */
export const recordLength: number = 32

/** The whole head: the facts, then the versions. `previous` is the files' part that this page takes the place of. */
export function sealHead(page: EncodedPage, facts: PageFacts, previous?: FilesPart): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify({ ...facts, requires: page.requires }))
  const head = joinBytes([new Uint8Array(preamble), text, page.versions])
  const view = viewOf(head)
  view.setUint32(0, magic, true)
  view.setUint32(4, format, true)
  view.setUint32(12, text.length, true)
  view.setUint32(16, page.count, true)
  view.setUint32(20, page.filesPart.length, true)
  view.setUint32(24, page.filesPart.checksum, true)
  view.setUint32(28, previous?.length ?? 0, true)
  view.setUint32(32, previous?.checksum ?? 0, true)
  view.setUint32(36, head.length, true)
  view.setUint32(8, crc32(head.subarray(12)), true)
  return head
}

/** The same head with other facts: what an answer "not modified" changes. What follows the head stays. */
export function renewHead(head: Uint8Array, facts: PageFacts): Uint8Array | undefined {
  const read = readHead(head)
  if (read === undefined) return undefined
  const old = viewOf(head)
  const oldText = head.subarray(preamble, preamble + old.getUint32(12, true))
  const { requires } = JSON.parse(new TextDecoder().decode(oldText)) as { readonly requires: readonly string[] }
  const text = new TextEncoder().encode(JSON.stringify({ ...facts, requires }))
  const renewed = joinBytes([head.subarray(0, preamble), text, head.subarray(preamble + oldText.length)])
  const view = viewOf(renewed)
  const length = old.getUint32(36, true) - oldText.length + text.length
  view.setUint32(12, text.length, true)
  view.setUint32(36, length, true)
  view.setUint32(8, crc32(renewed.subarray(12, length)), true)
  return renewed
}

/** undefined for what is damaged, cut, or of another format. What follows the head is another's (page-notes.ts). */
export function readHead(bytes: Uint8Array): PageHead | undefined {
  if (bytes.length < preamble) return undefined
  const view = viewOf(bytes)
  if (view.getUint32(0, true) !== magic || view.getUint32(4, true) !== format) return undefined
  const length = view.getUint32(36, true)
  if (length > bytes.length) return undefined
  // Where the checksum holds the bytes are those that sealHead wrote.
  return view.getUint32(8, true) === crc32(bytes.subarray(12, length))
    ? new SealedHead(bytes.subarray(0, length), view)
    : undefined
}

/** What a resolution reads in a page, in few letters: the same for two pages only where they say the same of the same files. */
export function pageIdentity({ facts, files, count }: Pick<PageHead, 'facts' | 'files' | 'count'>): string {
  const status = facts.status === undefined ? '' : JSON.stringify(facts.status)
  return facts.absent === true ? 'absent' : `${files.length} ${files.checksum} ${count} ${status}`
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

  get length(): number {
    return this.#bytes.length
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

  stateOf(index: number): number {
    return this.#view.getUint32(this.#records + index * recordLength + 28, true)
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

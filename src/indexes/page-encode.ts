// A page, as the index sent it, into den's form (page-record.ts): grouped by version, judged once, written down.

import type { ProjectName } from '../base/brand.ts'
import { joinBytes, viewOf } from '../format/bytes.ts'
import { crc32 } from '../host/checksum.ts'
import { tryParseDistributionFilename, type WheelFilename } from '../spec/filename.ts'
import type { IndexFile, IndexPage } from '../spec/simple-index.ts'
import { isPrerelease, type Version } from '../spec/version.ts'
import { type EncodedPage, recordLength, versionFlags } from './page-record.ts'
import type { RowText } from './page-rows.ts'

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
  const filesBytes = joinBytes(parts)
  return {
    versions: joinBytes([
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
  const kinds = new Map<string, number>()
  for (const file of files) {
    const { filename, requiresPython } = file
    // Half a dozen files have one beginning, "name-version-": what it says is found once.
    const beginning = beginningOf(filename)
    let group = beginning === undefined ? undefined : known.get(beginning)
    let kind = 0
    if (beginning !== undefined) {
      // Every release has wheels for the same two dozen kinds of machine.
      const tags = filename.slice(beginning.length)
      kind = kinds.get(tags) ?? kindOfTags(tags)
      kinds.set(tags, kind)
    }
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

/** The flags of a wheel by the end of its name, "python-abi-platform.whl", where the tags are ordinary; 0 where they need a closer look. */
function kindOfTags(tags: string): number {
  const match = /^((?:[a-z]+[0-9]+)(?:\.[a-z]+[0-9]+)*)-([a-z0-9_]+)-([a-z0-9_.]+)\.whl$/.exec(tags)
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

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  viewOf(bytes).setUint32(0, value, true)
  return bytes
}

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2)
  const view = viewOf(bytes)
  for (let index = 0; index < text.length; index += 1) view.setUint16(index * 2, text.charCodeAt(index), true)
  return bytes
}

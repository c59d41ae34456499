// What is installed, as `importlib.metadata` finds it along sys.path and as pip therefore lists it: the first distribution of each name
// counts; eggs count where a path leads into them; an .egg-link leads to a project's source.

import type { ProjectName } from '../base/brand.ts'
import { ifReadable } from '../env/quietly.ts'
import { findHeader, headerValues, type MailMessage, parseMailMessage } from '../format/mail-headers.ts'
import { splitLines, strip } from '../format/python-text.ts'
import { bytesSource, parseZip } from '../format/zip.ts'
import type { Host } from '../host/host.ts'
import { inflateRaw } from '../host/inflate.ts'
import { tryParseProjectName } from '../spec/name.ts'
import { parseRequiresTxt } from '../spec/requires-txt.ts'
import { formatVersion, tryParseVersion, type Version } from '../spec/version.ts'

export interface SeenDistribution {
  readonly project: ProjectName
  /** As the metadata has them; the name of the directory where it has none. */
  readonly rawName: string
  readonly rawVersion: string
  /** In its normal form; undefined for what is no version. */
  readonly version: Version | undefined
  /** The directory on sys.path, the egg (with a `/` behind it where it is a zip file), or the source directory of an egg-link. */
  readonly location: string
  /** The dist-info directory, or the egg-info directory or file. */
  readonly info: string
  /** The site-packages directory that makes it importable: where the egg-link stands, else `location`. */
  readonly site: string
  readonly kind: 'dist-info' | 'egg-info' | 'distutils'
  /** METADATA or PKG-INFO, with what requires.txt of an egg adds. */
  readonly metadata: MailMessage
  /** The same; of a long description it may have a part, or nothing. */
  readonly headers: MailMessage
  /** The .egg-link file. */
  readonly eggLink?: string
  /** A file of the info directory. */
  readText(name: string): string | undefined
}

type Reader = Pick<Host, 'files' | 'path'>

/** What is passed over, in a sentence. */
export type Passed = (sentence: string) => void

/** Every distribution on these paths, in their order and then by name; of each name the first. */
export function readSeen(
  host: Reader,
  paths: readonly string[],
  passed: Passed = () => undefined,
): readonly SeenDistribution[] {
  const seen = new Map<ProjectName, SeenDistribution>()
  const add = (distribution: SeenDistribution): void => {
    if (!seen.has(distribution.project)) seen.set(distribution.project, distribution)
  }
  for (const location of new Set(paths)) {
    const place = openPlace(host, location)
    if (place === undefined) continue
    for (const distribution of distributionsIn(host, place, location, passed)) add(distribution)
    for (const link of place.names.filter((name) => name.endsWith('.egg-link')).sort()) {
      const file = host.path.join(location, link)
      const target = splitLines(place.read(link) ?? '')
        .map(strip)
        .find((line) => line !== '')
      if (target === undefined) continue
      const source = host.path.resolve(location, target)
      const there = openPlace(host, source)
      if (there === undefined) continue
      for (const distribution of distributionsIn(host, there, source, passed)) {
        add({ ...distribution, site: location, eggLink: file })
      }
    }
  }
  return [...seen.values()]
}

/** A directory, or a zip file that stands on sys.path like one. */
interface Place {
  readonly isZip: boolean
  readonly names: readonly string[]
  read(name: string): string | undefined
  /** The beginning of a file, or all of it; undefined where it isn't there, or is had in no other way than whole. */
  readStart(name: string): { readonly text: string; readonly isWhole: boolean } | undefined
  isDirectory(name: string): boolean
}

/** Descriptions are read by nobody who lists a hundred distributions: headers fit into this, nearly always. */
const startLength = 16 * 1024

function openPlace({ files, path }: Reader, location: string): Place | undefined {
  const names = ifReadable(() => files.names(location))
  if (names !== undefined) {
    return {
      isZip: false,
      names,
      read: (name) => ifReadable(() => files.readText(path.join(location, name))),
      readStart: (name) => {
        const bytes = ifReadable(() => files.readBytes(path.join(location, name), { start: 0, length: startLength }))
        if (bytes === undefined) return undefined
        const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
        return { text, isWhole: bytes.length < startLength }
      },
      isDirectory: (name) => ifReadable(() => files.stat(path.join(location, name)))?.kind === 'directory',
    }
  }
  if (!/\.(?:egg|zip|whl)$/.test(location) || location.endsWith('.whl')) return undefined
  const bytes = ifReadable(() => files.readBytes(location))
  return bytes === undefined ? undefined : openZip(bytes, location)
}

function openZip(bytes: Uint8Array, file: string): Place | undefined {
  const source = bytesSource(bytes)
  let entries: ReturnType<typeof parseZip>
  try {
    entries = parseZip(source, { file })
  } catch {
    // What is no zip file holds nothing.
    return undefined
  }
  return {
    isZip: true,
    names: [...new Set(entries.map(({ name }) => name.split('/')[0]!))],
    read: (name) => {
      const entry = entries.find((each) => each.name === name.replaceAll('\\', '/'))
      if (entry === undefined) return undefined
      const data = source.read(entry.offset, entry.compressedSize)
      const inflated = entry.method === 'stored' ? data : inflateRaw(data, entry.size)
      return typeof inflated === 'string' ? undefined : new TextDecoder().decode(inflated)
    },
    readStart: () => undefined,
    isDirectory: (name) => entries.some((entry) => entry.name.startsWith(`${name}/`)),
  }
}

function distributionsIn(host: Reader, place: Place, location: string, passed: Passed): readonly SeenDistribution[] {
  const { path } = host
  const isEgg = /\.egg$/i.test(path.basename(location))
  return place.names
    .filter((name) => /\.(?:dist-info|egg-info)$/i.test(name) || (isEgg && /^egg-info$/i.test(name)))
    .sort()
    .flatMap((name) => {
      const stem = /^egg-info$/i.test(name)
        ? path.basename(location).replace(/\.egg$/i, '')
        : name.slice(0, name.lastIndexOf('.'))
      if (name.startsWith('~')) {
        passed(
          `${path.join(location, name)} is what an unfinished installation left behind, and is passed over: it can be deleted`,
        )
        return []
      }
      const one = describe(place, { host, location, name, stem })
      if (one === undefined) {
        passed(`${path.join(location, name)} names no project, and is passed over`)
        return []
      }
      return [one]
    })
}

/** A header of one line, found without reading the others; undefined where it takes a closer look. */
function plainHeader(text: string, field: string): string | undefined {
  const mark = `\n${field}: `
  const at = text.indexOf(mark)
  if (at === -1 || text.includes(mark, at + 1)) return undefined
  const end = text.indexOf('\n', at + mark.length)
  const value = text.slice(at + mark.length, end)
  return /^\S+$/.test(value) && !/[ \t]/.test(text.charAt(end + 1)) ? value : undefined
}

interface Found {
  readonly host: Reader
  readonly location: string
  readonly name: string
  readonly stem: string
}

function describe(place: Place, { host, location, name, stem }: Found): SeenDistribution | undefined {
  const isDistInfo = /\.dist-info$/i.test(name)
  const isDirectory = place.isDirectory(name)
  const readText = (file: string): string | undefined =>
    isDirectory ? place.read(host.path.join(name, file)) : undefined
  let parsed: MailMessage | undefined
  const metadata = (): MailMessage => {
    parsed ??= readMetadata(isDirectory ? (readText('METADATA') ?? readText('PKG-INFO')) : place.read(name), readText)
    return parsed
  }
  let start: ReturnType<Place['readStart']>
  let isStarted = false
  /** The header part, where it can be had without reading further. */
  const headerText = (): string | undefined => {
    if (!isStarted && isDirectory) start = place.readStart(host.path.join(name, 'METADATA'))
    isStarted = true
    const end = start === undefined ? -1 : start.text.search(/\n\r?\n/)
    return end === -1 ? undefined : start!.text.slice(0, end + 1)
  }
  let started: MailMessage | undefined
  const headers = (): MailMessage => {
    const text = parsed === undefined && started === undefined ? headerText() : undefined
    if (text !== undefined) started = readMetadata(text, readText)
    return parsed ?? started ?? metadata()
  }
  const header = (field: string): string | undefined => {
    const text = parsed === undefined && started === undefined ? headerText() : undefined
    const plain = text === undefined ? undefined : plainHeader(text, field)
    return plain ?? findHeader(headers(), field)?.value
  }
  const [fromName = '', fromVersion] = stem.split(/-(.*)/s)
  const inFile =
    isDistInfo && fromVersion !== undefined ? fromName : isDistInfo ? header('Name') : fromName || header('Name')
  const project = inFile === undefined ? undefined : tryParseProjectName(inFile)
  if (project === undefined) return undefined
  return {
    project,
    get rawName() {
      return header('Name') ?? project
    },
    get rawVersion() {
      return header('Version') ?? fromVersion ?? ''
    },
    get version() {
      return tryParseVersion((isDistInfo ? fromVersion : undefined) ?? header('Version') ?? '')
    },
    location: place.isZip ? `${location}/` : location,
    // importlib's paths into zip files mark directories.
    info: `${host.path.join(location, name)}${place.isZip && isDirectory ? '/' : ''}`,
    site: location,
    kind: isDistInfo ? 'dist-info' : isDirectory ? 'egg-info' : 'distutils',
    get metadata() {
      return metadata()
    },
    get headers() {
      return headers()
    },
    readText,
  }
}

/** What an egg requires stands in a file of its own; as pip does, it is told as if it stood in the metadata. */
function readMetadata(text: string | undefined, readText: (name: string) => string | undefined): MailMessage {
  const message = parseMailMessage(text ?? '')
  const requires = headerValues(message, 'Requires-Dist').length > 0 ? undefined : readText('requires.txt')
  if (requires === undefined) return message
  const { requiresDist, providesExtra } = parseRequiresTxt(requires)
  const added = [
    ...requiresDist.map((value) => ({ name: 'Requires-Dist', value, line: 0 })),
    ...(headerValues(message, 'Provides-Extra').length > 0
      ? []
      : providesExtra.map((value) => ({ name: 'Provides-Extra', value, line: 0 }))),
  ]
  return { ...message, headers: [...message.headers, ...added] }
}

/** The version as it is shown where it is one, else as written. */
export function shownVersion({ version, rawVersion }: SeenDistribution): string {
  return version === undefined ? rawVersion : formatVersion(version)
}

/** The tool that installed it; empty where nothing says. */
export function installerOf(distribution: SeenDistribution): string {
  return (
    splitLines(distribution.readText('INSTALLER') ?? '')
      .map(strip)
      .find((line) => line !== '') ?? ''
  )
}

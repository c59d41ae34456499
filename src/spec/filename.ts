// The names of wheels (PEP 427, 425, 491: `name-version[-build]-python-abi-platform.whl`) and source distributions (PEP 625:
// `name-version.tar.gz`). A name is all that an index tells of a file for certain, so nothing ill-formed gets through.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { normalizeName, tryParseProjectName } from './name.ts'
import { tryParseVersion, type Version } from './version.ts'

export interface WheelFilename {
  readonly kind: 'wheel'
  readonly filename: string
  readonly name: ProjectName
  readonly version: Version
  /** Breaks ties between wheels of one version; sorts by number, then suffix; absent is lowest. */
  readonly build?: { readonly number: number; readonly suffix: string }
  /** The compressed tag set, in lower case: every combination of one of each is a tag. */
  readonly pythonTags: readonly string[]
  readonly abiTags: readonly string[]
  readonly platformTags: readonly string[]
}

export interface SdistFilename {
  readonly kind: 'sdist'
  readonly filename: string
  readonly name: ProjectName
  readonly version: Version
  /** What the standard allows, and what older releases on indexes still have. */
  readonly format:
    | '.tar.gz'
    | '.zip'
    | '.tgz'
    | '.tar.bz2'
    | '.tbz'
    | '.tar.xz'
    | '.txz'
    | '.tar.lzma'
    | '.tlz'
    | '.tar'
}

const sdistFormats = [
  '.tar.gz',
  '.zip',
  '.tgz',
  '.tar.bz2',
  '.tbz',
  '.tar.xz',
  '.txz',
  '.tar.lzma',
  '.tlz',
  '.tar',
] as const

/** Parses a wheel's name. Throws `invalid-filename`. */
export function parseWheelFilename(filename: string): WheelFilename {
  const result = readWheel(filename)
  if ('name' in result) return result
  throw invalid(filename, result)
}

/** Parses a wheel's name; undefined for what is none. */
export function tryParseWheelFilename(filename: string): WheelFilename | undefined {
  const result = readWheel(filename)
  return 'name' in result ? result : undefined
}

export interface ParseSdistOptions {
  /** The project on whose page the file stands: settles where the name ends when the version holds a dash ("foo-1.0-1.zip"). */
  readonly project?: ProjectName
}

/** Parses the name of a source distribution. Throws `invalid-filename`. */
export function parseSdistFilename(filename: string, options: ParseSdistOptions = {}): SdistFilename {
  const result = readSdist(filename, options)
  if ('name' in result) return result
  throw invalid(filename, result)
}

/** Parses the name of a source distribution; undefined for what is none. */
export function tryParseSdistFilename(filename: string, options: ParseSdistOptions = {}): SdistFilename | undefined {
  const result = readSdist(filename, options)
  return 'name' in result ? result : undefined
}

/** A wheel or a source distribution; undefined for other files (eggs, installers, signatures). */
export function tryParseDistributionFilename(
  filename: string,
  options: ParseSdistOptions = {},
): WheelFilename | SdistFilename | undefined {
  return filename.endsWith('.whl') ? tryParseWheelFilename(filename) : tryParseSdistFilename(filename, options)
}

/** The name of a dist-info directory, "name-version.dist-info", in its two parts; undefined for other directories. */
export function tryParseDistInfoName(
  directory: string,
): { readonly name: ProjectName; readonly version: Version } | undefined {
  const match = /^([^-]+)-([^-]+)\.dist-info$/.exec(directory)
  const name = match === null ? undefined : tryParseProjectName(match[1]!)
  const version = match === null ? undefined : tryParseVersion(match[2]!)
  return name === undefined || version === undefined ? undefined : { name, version }
}

/** The tags of a wheel, "py3-none-any" each. As a compressed set may stand for very many, they come one by one. */
export function* wheelTags(wheel: Pick<WheelFilename, 'pythonTags' | 'abiTags' | 'platformTags'>): Generator<string> {
  for (const python of wheel.pythonTags) {
    for (const abi of wheel.abiTags) {
      for (const platform of wheel.platformTags) yield `${python}-${abi}-${platform}`
    }
  }
}

/** The tags in a compressed set as WHEEL has it, letters as written: "py2.py3-none-any" is two. None for what is no such set. */
export function expandTag(text: string): readonly string[] {
  const parts = text.split('-')
  if (parts.length !== 3) return []
  const [pythonTags, abiTags, platformTags] = parts.map((part) => part.split('.')) as [string[], string[], string[]]
  return [...wheelTags({ pythonTags, abiTags, platformTags })]
}

/** Orders wheels of one version by their build tags: less than 0 when `a` is the lesser. */
export function compareBuildTags(a: WheelFilename['build'], b: WheelFilename['build']): number {
  if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1)
  return a.number - b.number || (a.suffix < b.suffix ? -1 : a.suffix > b.suffix ? 1 : 0)
}

interface Fault {
  readonly reason: string
  readonly start: number
  readonly end: number
}

function readWheel(filename: string): WheelFilename | Fault {
  const whole = { start: 0, end: filename.length }
  if (!filename.endsWith('.whl')) return { reason: "a wheel's name ends in .whl", ...whole }
  const parts = filename.slice(0, -4).split('-')
  if (parts.length !== 5 && parts.length !== 6) {
    return { reason: 'it has the parts name-version[-build]-python-abi-platform', ...whole }
  }
  const [rawName = '', rawVersion = ''] = parts
  // "__" cannot come out of escaping a name, where each run of separators becomes one "_".
  const name = rawName.includes('__') ? undefined : tryParseProjectName(rawName)
  if (name === undefined) return { reason: 'this is no name of a project', start: 0, end: rawName.length }
  const version = /\s/.test(rawVersion) ? undefined : tryParseVersion(rawVersion)
  let start = rawName.length + 1
  if (version === undefined) return { reason: 'this is no version', start, end: start + rawVersion.length }
  start += rawVersion.length + 1

  let build: WheelFilename['build']
  if (parts.length === 6) {
    const match = /^(\d+)(.*)$/.exec(parts[2]!)
    if (match === null) return { reason: 'a build tag starts with a digit', start, end: start + parts[2]!.length }
    build = { number: Number(match[1]), suffix: match[2]! }
    start += parts[2]!.length + 1
  }
  const tags = parts.slice(-3).map((part) => part.split('.'))
  const end = filename.length - 4
  if (tags.flat().includes('')) return { reason: 'a tag in it is empty', start, end }
  if (!tags[0]!.every((tag) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(tag))) {
    return { reason: 'this is no tag of a Python', start, end: start + parts.at(-3)!.length }
  }
  const [pythonTags = [], abiTags = [], platformTags = []] = tags.map((part) => part.map((tag) => tag.toLowerCase()))
  return {
    kind: 'wheel',
    filename,
    name,
    version,
    ...(build === undefined ? {} : { build }),
    pythonTags,
    abiTags,
    platformTags,
  }
}

function readSdist(filename: string, { project }: ParseSdistOptions): SdistFilename | Fault {
  const format = sdistFormats.find((extension) => filename.endsWith(extension))
  if (format === undefined) {
    return { reason: "a source distribution's name ends in .tar.gz", start: 0, end: filename.length }
  }
  const stem = filename.slice(0, -format.length)
  const dash = nameEnd(stem, project)
  const name = dash <= 0 ? undefined : tryParseProjectName(stem.slice(0, dash))
  if (name === undefined || (project !== undefined && name !== project)) {
    const reason = project === undefined ? 'it has the parts name-version' : `its name is not that of ${project}`
    return { reason, start: 0, end: Math.max(dash, 1) }
  }
  const text = stem.slice(dash + 1)
  const version = /\s/.test(text) ? undefined : tryParseVersion(text)
  if (version === undefined) return { reason: 'this is no version', start: dash + 1, end: stem.length }
  return { kind: 'sdist', filename, name, version, format }
}

/** The dash between name and version: the last one, or the one after the project's name. */
function nameEnd(stem: string, project: ProjectName | undefined): number {
  if (project === undefined) return stem.lastIndexOf('-')
  for (let dash = stem.indexOf('-'); dash !== -1 && dash <= project.length; dash = stem.indexOf('-', dash + 1)) {
    if (normalizeName(stem.slice(0, dash)) === project && /^v?\d/i.test(stem.slice(dash + 1))) return dash
  }
  return stem.lastIndexOf('-')
}

function invalid(filename: string, { reason, start, end }: Fault): DenError<'invalid-filename'> {
  return new DenError('invalid-filename', { source: filename, span: { start, end }, reason })
}

// One requirement as people write it to pip, on the command line or in a file: `name[extra]>=1 ; marker`, a path, a URL, a version
// control address, an editable project. What pip takes a word for depends on which files are there, so that is passed in.

import type { ExtraName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { Span } from '../base/span.ts'
import { strip, stripEnd } from '../format/python-text.ts'
import { tryParseWheelFilename } from './filename.ts'
import type { Marker } from './marker.ts'
import { parseMarker } from './marker.ts'
import { reparse } from './reparse.ts'
import { parseRequirement, type Requirement } from './requirement.ts'
import { controlNames, fileUrl, isControlledUrl, isDirectUrl, readLink } from './requirements-txt-url.ts'

/** The rules of paths, as Node's `path` has them. */
export interface PathRules {
  readonly sep: string
  dirname(path: string): string
  isAbsolute(path: string): boolean
  join(...parts: string[]): string
  resolve(...parts: string[]): string
}

/** What pip looks at besides the text. */
export interface Surroundings {
  /** Absolute; where relative paths to projects and archives start, whatever file they stand in. */
  readonly directory: string
  readonly path: PathRules
  /** What is there, links followed: a directory with pyproject.toml or setup.py is a project. */
  look(path: string): 'project' | 'directory' | 'file' | undefined
}

/** What was asked for: a name with versions, or a link, or both (`name @ URL`, a wheel, `#egg=`). */
export interface RequirementSource {
  readonly requirement?: Requirement
  /** An absolute URL where it was a path. May hold credentials. */
  readonly link?: string
  readonly editable: boolean
  readonly extras: readonly ExtraName[]
  readonly marker?: Marker
  /** A path that looks like an archive which isn't there; pip warns and goes on. */
  readonly missing?: string
}

/** Reads what is no editable. Throws `invalid-requirement`. */
export function parseRequirementSource(text: string, around: Surroundings): RequirementSource {
  const fail = failing(text)
  const separator = isDirectUrl(text) ? '; ' : ';'
  const cut = text.indexOf(separator)
  const head = cut === -1 ? text : text.slice(0, cut)
  const markerText = cut === -1 ? '' : strip(text.slice(cut + separator.length))
  const marker = markerText === '' ? undefined : within(fail, text, markerText, cut, () => parseMarker(markerText))
  const name = strip(head)

  let link: string | undefined
  let extras: readonly ExtraName[] = []
  let missing: string | undefined
  if (isDirectUrl(name)) {
    link = name
  } else {
    const bare = withoutExtras(around.path.resolve(around.directory, name), (extrasText) => extrasOf(extrasText, fail))
    extras = bare.extras
    const local = localLink(bare.path, name, around, fail)
    link = local?.link
    missing = local?.missing
  }

  let named: string | undefined = name
  if (link !== undefined) {
    const parts = readLink(link)
    if (typeof parts === 'string') return fail(parts)
    if (parts.scheme === 'file' && link.includes('../')) {
      link = fileUrl(around.path.resolve(around.directory, parts.path), around.path)
    }
    named = parts.egg
    if (extensionOf(parts.filename) === '.whl') {
      const wheel = tryParseWheelFilename(parts.filename)
      if (wheel === undefined) return fail(`${parts.filename} is not how a wheel is called`)
      named = `${wheel.name}==${wheel.version.text}`
    }
  }
  const requirement =
    named === undefined
      ? undefined
      : within(fail, text, named, text.indexOf(named), () => parseRequirement(named), hintFor(named, around))
  const target = link ?? requirement?.url
  if (target !== undefined) {
    const parts = readLink(target)
    if (typeof parts === 'string') return fail(parts)
  }
  return sourceOf({ requirement, link: target, editable: false, extras, marker, missing })
}

/** Reads the value of `-e`: a directory, a version control address, or `name @ address`. Throws `invalid-requirement`. */
export function parseEditableSource(text: string, around: Surroundings): RequirementSource {
  const fail = failing(text)
  const direct = tryParse(() => parseRequirement(text))
  if (direct?.url !== undefined) {
    const parts = readLink(direct.url)
    if (typeof parts === 'string') return fail(parts)
    checkEditable(direct.url, true, fail)
    return sourceOf({ requirement: direct, link: direct.url, editable: true, extras: [] })
  }
  const bare = withoutExtras(text, (extrasText) => extrasOf(extrasText, fail))
  const path = around.path.resolve(around.directory, bare.path)
  const found = bare.path === '' ? undefined : around.look(path)
  let link = text
  let extras: readonly ExtraName[] = []
  if (found === 'directory' || found === 'project') {
    link = fileUrl(path, around.path)
    extras = bare.extras
  } else if (/^file:/i.test(bare.path)) {
    link = bare.path
    extras = bare.extras
  } else {
    const control = controlNames.find((name) => text.toLowerCase().startsWith(`${name}:`))
    if (control !== undefined) link = `${control}+${text}`
  }
  const parts = readLink(link)
  if (typeof parts === 'string') return fail(parts)
  checkEditable(link, parts.egg !== undefined, fail)
  const named = parts.egg
  const requirement = named === undefined ? undefined : parseRequirement(named)
  return sourceOf({ requirement, link, editable: true, extras })
}

function checkEditable(link: string, isNamed: boolean, fail: (reason: string) => never): void {
  const local = link.startsWith('file:')
  if (!isControlledUrl(link) && !local) {
    fail('an editable project is a directory, or an address of a version control system like git+https://…')
  }
  if (!isNamed && !local) fail('the project has no name here; write it as name @ ADDRESS')
}

function sourceOf(parts: {
  readonly requirement: Requirement | undefined
  readonly link: string | undefined
  readonly editable: boolean
  readonly extras: readonly ExtraName[]
  readonly marker?: Marker | undefined
  readonly missing?: string | undefined
}): RequirementSource {
  const { requirement, link, editable, missing } = parts
  const marker = parts.marker ?? requirement?.marker
  return {
    ...(requirement === undefined ? {} : { requirement }),
    ...(link === undefined ? {} : { link }),
    editable,
    extras: parts.extras.length > 0 ? parts.extras : (requirement?.extras ?? []),
    ...(marker === undefined ? {} : { marker }),
    ...(missing === undefined ? {} : { missing }),
  }
}

function localLink(
  path: string,
  name: string,
  around: Surroundings,
  fail: (reason: string) => never,
): { readonly link: string; readonly missing?: string } | undefined {
  const windows = around.path.sep === '\\'
  const looksLikePath = (text: string): boolean =>
    text.includes('/') || text.startsWith('.') || (windows && text.includes('\\'))
  const found = around.look(path)
  if (looksLikePath(name)) {
    if (found === 'project') return { link: fileUrl(path, around.path) }
    if (found === 'directory') fail('the directory has neither pyproject.toml nor setup.py')
  }
  if (!isArchiveName(path)) return undefined
  if (found === 'file') return { link: fileUrl(path, around.path) }
  // `name @ dir/file.whl` names its project first and is no path.
  const at = name.indexOf('@')
  if (at !== -1 && !looksLikePath(name.slice(0, at))) return undefined
  return { link: fileUrl(path, around.path), missing: name }
}

const archiveExtensions =
  /^(?:\.zip|\.whl|\.tar\.bz2|\.tbz|\.tar\.gz|\.tgz|\.tar|\.tar\.xz|\.txz|\.tlz|\.tar\.lz|\.tar\.lzma)$/i

/** Whether the last part of a path ends like a wheel or an sdist of any age. */
export function isArchiveName(path: string): boolean {
  return archiveExtensions.test(extensionOf(path.slice(path.lastIndexOf('/') + 1)))
}

/** From the last dot on, with a `.tar` before it; a name's leading dots begin no extension. */
function extensionOf(filename: string): string {
  const dot = filename.lastIndexOf('.')
  if (dot === -1 || /^\.*$/.test(filename.slice(0, dot))) return ''
  return filename.slice(/\.tar$/i.test(filename.slice(0, dot)) ? dot - 4 : dot)
}

/** The last pair of brackets that ends a text with something in it, and what stands before; undefined where there is none. */
export function splitExtras(text: string): { readonly path: string; readonly extras: string } | undefined {
  const open = text.endsWith(']') ? text.lastIndexOf('[', text.length - 3) : -1
  if (open < 1 || text.slice(open, -1).includes(']')) return undefined
  return { path: stripEnd(text.slice(0, open)), extras: text.slice(open) }
}

/** Takes `[extra,other]` off the end of a path. */
function withoutExtras(
  text: string,
  parse: (extras: string) => readonly ExtraName[],
): { readonly path: string; readonly extras: readonly ExtraName[] } {
  const split = splitExtras(text)
  return split === undefined ? { path: text, extras: [] } : { path: split.path, extras: parse(split.extras) }
}

function extrasOf(text: string, fail: (reason: string) => never): readonly ExtraName[] {
  const read = tryParse(() => parseRequirement(`name${text.toLowerCase()}`))
  return read === undefined ? fail(`${text} is no list of extras`) : read.extras
}

/** Words about what was probably meant. */
function hintFor(text: string, around: Surroundings): string | undefined {
  if (text.includes(around.path.sep)) {
    const found = around.look(around.path.resolve(around.directory, text))
    if (found === undefined) return 'it looks like a path, but nothing is there'
    return found === 'file' ? 'a file with requirements is given with -r' : undefined
  }
  return /=/.test(text) && !/[~=!<>]=|[<>]/.test(text) ? 'versions are compared with ==, not with =' : undefined
}

type Failing = (reason: string, span?: Span) => never

function failing(source: string): Failing {
  return (reason, span = { start: 0, end: source.length }) => {
    throw new DenError('invalid-requirement', { source, span, reason })
  }
}

/** Runs a parser over a part of the text; its error becomes one of the whole text, at the right place. */
function within<Value>(
  fail: Failing,
  source: string,
  part: string,
  from: number,
  parse: () => Value,
  hint?: string,
): Value {
  return reparse(parse, (reason, span) => {
    const place = source.indexOf(part, Math.max(0, from))
    const said = hint === undefined ? reason : `${reason}; ${hint}`
    return fail(said, place === -1 ? undefined : { start: place + span.start, end: place + span.end })
  })
}

function tryParse<Value>(parse: () => Value): Value | undefined {
  try {
    return parse()
  } catch (error) {
    if (error instanceof DenError) return undefined
    throw error
  }
}

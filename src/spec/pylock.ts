// pylock.toml (PEP 751; the specification "pylock.toml" on packaging.python.org): reading, with each of its rules. Selecting from a lock
// is pylock-select.ts, writing one pylock-write.ts.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { defined } from '../base/defined.ts'
import { DenError } from '../base/error.ts'
import type { Span } from '../base/span.ts'
import {
  isTomlMoment,
  isTomlTable,
  parseTomlDocument,
  type TomlDocument,
  type TomlMoment,
  type TomlTable,
  type TomlValue,
  tomlFault,
  tomlTypeOf,
} from '../format/toml.ts'
import type { TomlPath } from '../format/toml-places.ts'
import { tryParseSdistFilename, tryParseWheelFilename, type WheelFilename } from './filename.ts'
import { type Marker, parseMarker } from './marker.ts'
import { normalizeName, tryParseProjectName } from './name.ts'
import { reparse } from './reparse.ts'
import { percentDecoded } from './requirements-txt-url.ts'
import { parseSpecifiers, type SpecifierSet } from './specifier.ts'
import { compareVersions, parseVersion, type Version } from './version.ts'

export interface Pylock {
  /** "1.0". A greater minor version may hold more than is read here. */
  readonly lockVersion: string
  readonly environments: readonly Marker[]
  readonly requiresPython?: SpecifierSet
  readonly extras: readonly ExtraName[]
  /** As written. */
  readonly dependencyGroups: readonly string[]
  readonly defaultGroups: readonly string[]
  readonly createdBy: string
  readonly packages: readonly PylockPackage[]
  /** `[tool.*]`, as it stands. Its whole numbers are bigints. */
  readonly tool?: TomlTable
}

export interface PylockPackage {
  readonly name: ProjectName
  readonly version?: Version
  readonly marker?: Marker
  readonly requiresPython?: SpecifierSet
  /** Tables that tell other packages of this file apart, as they stand; for readers, not for installers. */
  readonly dependencies?: readonly TomlTable[]
  readonly vcs?: PylockVcs
  readonly directory?: PylockDirectory
  readonly archive?: PylockArchive
  /** The address of the index, for readers. */
  readonly index?: string
  readonly sdist?: PylockFile
  readonly wheels?: readonly PylockWheel[]
  readonly attestationIdentities?: readonly TomlTable[]
  readonly tool?: TomlTable
}

/** Where something is: a path (relative to the lock file) comes before an address. At least one is there. */
export interface PylockPlace {
  readonly url?: string
  readonly path?: string
}

export interface PylockVcs extends PylockPlace {
  readonly type: string
  readonly requestedRevision?: string
  readonly commitId: string
  readonly subdirectory?: string
}

export interface PylockDirectory {
  readonly path: string
  readonly editable?: boolean
  readonly subdirectory?: string
}

export interface PylockBytes extends PylockPlace {
  readonly size?: number
  readonly uploadTime?: TomlMoment
  /** Hexadecimal digests by algorithm, as written; never empty. */
  readonly hashes: ReadonlyMap<string, string>
}

export interface PylockArchive extends PylockBytes {
  readonly subdirectory?: string
}

export interface PylockFile extends PylockBytes {
  /** Where it differs from the last part of the path or address, or simply because somebody wrote it. */
  readonly name?: string
  /** What the file is called, whatever tells it. */
  readonly filename: string
}

export interface PylockWheel extends PylockFile {
  readonly parsed: WheelFilename
}

/** Reads a lock file. Throws `invalid-toml`, `invalid-lock-file`, `unsupported-lock-file`. */
export function parsePylock(text: string, options: { readonly file?: string } = {}): Pylock {
  const { file = 'pylock.toml' } = options
  const document = parseTomlDocument(text, { file, exactIntegers: true })
  const root = reader(document, [], document.table)
  const lockVersion = root.need('lock-version', root.parsed('lock-version', parseVersion))
  // "Tools SHOULD warn for an unsupported minor version, and MUST raise an error for an unsupported major version."
  if (compareVersions(lockVersion, parseVersion('1')) < 0 || compareVersions(lockVersion, parseVersion('2')) >= 0) {
    throw new DenError('unsupported-lock-file', { file, version: lockVersion.text })
  }
  const requiresPython = root.parsed('requires-python', parseSpecifiers)
  const tool = root.table('tool')
  const packages = root.need('packages', root.list('packages', isTomlTable, 'a table'))
  return {
    lockVersion: lockVersion.text,
    environments: root.parsedList('environments', parseMarker) ?? [],
    ...(requiresPython === undefined ? {} : { requiresPython }),
    extras: root.parsedList('extras', (name) => normalizedName(name) as string as ExtraName) ?? [],
    dependencyGroups: root.strings('dependency-groups') ?? [],
    defaultGroups: root.strings('default-groups') ?? [],
    createdBy: root.need('created-by', root.string('created-by')),
    packages: packages.map((table, index) => readPackage(document, ['packages', index], table as TomlTable)),
    ...(tool === undefined ? {} : { tool }),
  }
}

function readPackage(document: TomlDocument, path: TomlPath, table: TomlTable): PylockPackage {
  const entry = reader(document, path, table)
  const name = entry.need('name', entry.parsed('name', normalizedName))
  const version = entry.parsed('version', parseVersion)
  const child = <Part>(key: string, read: (part: Reader) => Part): Part | undefined => {
    const part = entry.table(key)
    return part === undefined ? undefined : read(reader(document, [...path, key], part))
  }
  const wheels = entry.list('wheels', isTomlTable, 'a table')?.map((wheel, index) => {
    const part = reader(document, [...path, 'wheels', index], wheel as TomlTable)
    const file = readFile(part)
    const parsed = tryParseWheelFilename(file.filename)
    if (parsed === undefined) throw part.fault([], `${file.filename} is not how a wheel is called`)
    checkFile(part, file.filename, parsed, name, version)
    return { ...file, parsed }
  })
  const sdist = child('sdist', (part) => {
    const file = readFile(part)
    const parsed = tryParseSdistFilename(file.filename)
    if (parsed === undefined) throw part.fault([], `${file.filename} is not how a source distribution is called`)
    checkFile(part, file.filename, parsed, name, version)
    return file
  })
  const identities = entry.list('attestation-identities', isTomlTable, 'a table') as readonly TomlTable[] | undefined
  for (const [index, identity] of (identities ?? []).entries()) {
    const part = reader(document, [...path, 'attestation-identities', index], identity)
    part.need('kind', part.string('kind'))
  }
  const found = {
    name,
    version,
    marker: entry.parsed('marker', parseMarker),
    requiresPython: entry.parsed('requires-python', parseSpecifiers),
    dependencies: entry.list('dependencies', isTomlTable, 'a table') as readonly TomlTable[] | undefined,
    vcs: child('vcs', readVcs),
    directory: child('directory', readDirectory),
    archive: child('archive', readArchive),
    index: entry.string('index'),
    sdist,
    wheels,
    attestationIdentities: identities,
    tool: entry.table('tool'),
  }
  const direct = [found.vcs, found.directory, found.archive].filter((source) => source !== undefined).length
  const fromIndex = sdist !== undefined || (wheels ?? []).length > 0
  if (fromIndex && direct > 0) throw entry.fault([], 'with sdist or wheels there is no vcs, directory or archive')
  if (!fromIndex && direct !== 1)
    throw entry.fault([], 'it has exactly one of vcs, directory and archive, or sdist or wheels')
  return defined(found)
}

function checkFile(
  part: Reader,
  filename: string,
  parsed: { readonly name: ProjectName; readonly version: Version },
  name: ProjectName,
  version: Version | undefined,
): void {
  if (parsed.name !== name) throw part.fault([], `${filename} is no file of ${name}`)
  if (version !== undefined && compareVersions(parsed.version, version) !== 0) {
    throw part.fault([], `${filename} is not of version ${version.text}`)
  }
}

function readVcs(part: Reader): PylockVcs {
  return defined({
    type: part.need('type', part.string('type')),
    ...readPlace(part),
    requestedRevision: part.string('requested-revision'),
    commitId: part.need('commit-id', part.string('commit-id')),
    subdirectory: part.string('subdirectory'),
  })
}

function readDirectory(part: Reader): PylockDirectory {
  return defined({
    path: part.need('path', part.string('path')),
    editable: part.typed('editable', 'boolean'),
    subdirectory: part.string('subdirectory'),
  })
}

function readArchive(part: Reader): PylockArchive {
  return defined({ ...readBytes(part), subdirectory: part.string('subdirectory') })
}

function readFile(part: Reader): PylockFile {
  const name = part.string('name')
  const bytes = readBytes(part)
  const { path, url } = bytes
  const filename = name || (path ? lastOfPath(path) : undefined) || (url ? lastOfUrl(url) : undefined)
  if (!filename) throw part.fault([], 'nothing says what the file is called')
  return defined({ name, filename, ...bytes })
}

function readBytes(part: Reader): PylockBytes {
  const hashes = part.need('hashes', part.table('hashes'))
  if (Object.keys(hashes).length === 0) throw part.fault(['hashes'], 'at least one hash is needed')
  const size = part.typed('size', 'bigint')
  return defined({
    ...readPlace(part),
    size: size === undefined ? undefined : Number(size),
    uploadTime: part.moment('upload-time'),
    hashes: new Map(
      Object.entries(hashes).map(([algorithm, digest]) => {
        if (typeof digest !== 'string') throw part.fault(['hashes', algorithm], 'a hash is a string')
        return [algorithm, digest]
      }),
    ),
  })
}

function readPlace(part: Reader): PylockPlace {
  const url = part.string('url')
  const path = part.string('path')
  if (!url && !path) throw part.fault([], 'a path or url is missing')
  return defined({ url, path })
}

function lastOfPath(path: string): string {
  return path.split(path.includes('/') ? '/' : '\\').at(-1)!
}

function lastOfUrl(url: string): string {
  const path = url.replace(/[?#].*$/s, '').replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  return percentDecoded(
    path
      .replace(/;[^/]*$/, '')
      .split('/')
      .at(-1)!,
  )
}

/** "MUST be normalized." */
function normalizedName(text: string): ProjectName {
  const name = tryParseProjectName(text)
  if (name === text) return name
  const reason = name === undefined ? 'this is no name' : `a name is normalized here: ${normalizeName(text)}`
  throw new DenError('invalid-name', { source: text, span: { start: 0, end: text.length }, reason })
}

/** Reads the keys of one table; what is wrong is told with its place. */
interface Reader {
  fault(path: TomlPath, reason: string, within?: Span): DenError<'invalid-lock-file'>
  need<Value>(key: string, value: Value | undefined): Value
  string(key: string): string | undefined
  typed<Type extends 'boolean' | 'bigint'>(
    key: string,
    type: Type,
  ): (Type extends 'boolean' ? boolean : bigint) | undefined
  moment(key: string): TomlMoment | undefined
  table(key: string): TomlTable | undefined
  list(key: string, is: (item: TomlValue) => boolean, noun: string): readonly TomlValue[] | undefined
  strings(key: string): readonly string[] | undefined
  parsed<Value>(key: string, parse: (text: string) => Value): Value | undefined
  parsedList<Value>(key: string, parse: (text: string) => Value): readonly Value[] | undefined
}

function reader(document: TomlDocument, base: TomlPath, table: TomlTable): Reader {
  const fault: Reader['fault'] = (path, reason, within) =>
    new DenError('invalid-lock-file', tomlFault(document, [...base, ...path], reason, within))
  const ofType = <Value extends TomlValue>(
    key: string,
    is: (value: TomlValue) => value is Value,
    noun: string,
  ): Value | undefined => {
    const value = table[key]
    if (value === undefined || is(value)) return value
    throw fault([key], `${key} is ${noun}, this is ${tomlTypeOf(value)}`)
  }
  const parse = <Value>(path: TomlPath, text: string, read: (text: string) => Value): Value =>
    reparse(
      () => read(text),
      (reason, span) => fault(path, reason, span),
    )
  const list: Reader['list'] = (key, is, noun) => {
    const value = table[key]
    if (value === undefined) return undefined
    if (!Array.isArray(value)) throw fault([key], `${key} is a list, this is ${tomlTypeOf(value)}`)
    const items = value as readonly TomlValue[]
    const wrong = items.findIndex((item) => !is(item))
    if (wrong !== -1) throw fault([key, wrong], `here belongs ${noun}, this is ${tomlTypeOf(items[wrong]!)}`)
    return items
  }
  const strings = (key: string): readonly string[] | undefined =>
    list(key, (item) => typeof item === 'string', 'a string') as readonly string[] | undefined
  const string = (key: string): string | undefined =>
    ofType(key, (value): value is string => typeof value === 'string', 'a string')
  return {
    fault,
    need: (key, value) => {
      if (value === undefined) throw fault([], `${key} is missing`)
      return value
    },
    string,
    typed: ((key, type) =>
      ofType(
        key,
        (value): value is boolean | bigint => typeof value === type,
        type === 'boolean' ? 'true or false' : 'a whole number',
      )) as Reader['typed'],
    moment: (key) =>
      ofType(
        key,
        (value): value is TomlMoment => isTomlMoment(value) && value.kind.endsWith('date-time'),
        'a date with a time',
      ),
    table: (key) => ofType(key, isTomlTable, 'a table'),
    list,
    strings,
    parsed: (key, read) => {
      const text = string(key)
      return text === undefined ? undefined : parse([key], text, read)
    },
    parsedList: (key, read) => strings(key)?.map((text, index) => parse([key, index], text, read)),
  }
}

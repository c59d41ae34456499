// A lock from an answer: a `pylock.toml` (PEP 751) for every environment in scope, which plain installers take as it is, with den's notes
// beside. The same answer gives the same text, and a change of one package a change of few lines.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { type TomlTable, tomlMomentOf } from '../format/toml.ts'
import { pathOfAddress } from '../host/file-address.ts'
import { sha256Hex } from '../host/hash.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import { type Marker, parseMarker } from '../spec/marker.ts'
import { andMarkers, orMarkers } from '../spec/marker-algebra.ts'
import { restrictMarker } from '../spec/marker-restrict.ts'
import { tryParseProjectName } from '../spec/name.ts'
import type { Pylock, PylockBytes, PylockFile, PylockPackage, PylockWheel } from '../spec/pylock.ts'
import { formatPylock } from '../spec/pylock-write.ts'
import { tryParseRequirement } from '../spec/requirement.ts'
import type { PathRules } from '../spec/requirements-txt-source.ts'
import { fileUrl } from '../spec/requirements-txt-url.ts'
import { type SpecifierSet, tryParseSpecifiers } from '../spec/specifier.ts'
import { compareVersions } from '../spec/version.ts'
import { type CanonicalAddresses, canonicalAddresses, type IndexAddresses } from './lock-addresses.ts'
import type { AnswerDependency, AnswerPackage, UniversalAnswer } from './lock-answer.ts'
import { chosenInputs, type ResolutionChoice } from './lock-choice.ts'
import { inputsOf, type LockedManifest, toldFields } from './lock-inputs.ts'
import { packageNotes, topNotes } from './lock-notes.ts'
import type { Manifest } from './manifest.ts'

export interface LockParts extends IndexAddresses {
  readonly manifest: LockedManifest & Pick<Manifest, 'directory' | 'script'>
  readonly result: UniversalAnswer
  /** What was said of choosing in place of the manifest. */
  readonly choice?: ResolutionChoice
  /** The Pythons that it is for, where the manifest does not say. */
  readonly requiresPython?: SpecifierSet
  /** Lower-case SHA-256 of the files for which nobody promises a hash: `filesWithoutHash` names them. */
  readonly digests?: ReadonlyMap<DistributionFile, string>
  /**
   * The fingerprint of what a directory needs, by its absolute path; without it nothing tells when that changes. Of the project's own, where
   * only the backend knows, too.
   */
  readonly fingerprint?: (directory: string) => string
  /** Of the machine: paths are written as seen from the manifest's directory. */
  readonly path: PathRules & { relative(from: string, to: string): string }
}

const strong: ReadonlySet<string> = new Set(['sha256', 'sha384', 'sha512'])

/** Files that a lock must have a hash of, and that have none: somebody has to look at their bytes. */
export function filesWithoutHash(result: UniversalAnswer): readonly DistributionFile[] {
  return result.packages
    .flatMap(({ files, link }) => [...files, ...(link?.file === undefined ? [] : [link.file])])
    .filter(({ hashes }) => !Object.keys(hashes).some((algorithm) => strong.has(algorithm)))
}

/** What an entry is made from. */
type EntryParts = LockParts & { readonly addresses: CanonicalAddresses }

/** The lock as data. Throws what reading dependency groups throws. */
export function lockOf(asked: LockParts): Pylock {
  const parts: EntryParts = { ...asked, addresses: canonicalAddresses(asked) }
  const { manifest, result } = parts
  const { settings } = manifest
  const requiresPython = manifest.requiresPython ?? parts.requiresPython
  const several = namesOfSeveral(result.packages)
  const packages = result.packages.map((one) => packageOf(one, several, parts))
  return {
    lockVersion: '1.0',
    environments: settings.environments,
    ...(requiresPython === undefined ? {} : { requiresPython }),
    extras: [...manifest.extras.keys()].sort(),
    dependencyGroups: [...manifest.groups.groups.keys()].sort(),
    defaultGroups: [],
    createdBy: 'den',
    // The project itself is not among them: pip would refuse the whole file, since a directory has no hash. The notes tell of it.
    packages,
    tool: topNotes({
      script: manifest.script,
      inputs: inputsOf(manifest),
      chosen: chosenInputs(manifest, parts.choice ?? {}),
      directories: fingerprintsOf(packages, parts),
    }),
  }
}

/** The lock as text, with a digest of itself in [tool.den], by which a change by other hands is noticed. */
export function lockText(lock: Pylock): string {
  return sealedLock(formatPylock(lock))
}

/** A text that has no digest yet, with one; a text without den's notes as it is. */
export function sealedLock(text: string): string {
  const at = text.lastIndexOf(head)
  if (at === -1) return text
  const place = at + head.length
  return `${text.slice(0, place)}${digestLine(text)}${text.slice(place)}`
}

const head = '\n[tool.den]\n'

function digestLine(text: string): string {
  return `digest = "sha256:${sha256Hex(text)}"\n`
}

/** Whether a lock's text is as den wrote it. Line ends may be another system's. */
export function isAsWritten(text: string): boolean {
  const plain = text.replaceAll('\r\n', '\n')
  const at = plain.lastIndexOf(`${head}digest = "sha256:`)
  if (at === -1) return false
  const place = at + head.length
  const end = plain.indexOf('\n', place) + 1
  const without = plain.slice(0, place) + plain.slice(end)
  return plain.slice(place, end) === digestLine(without)
}

function fingerprintsOf(
  packages: readonly PylockPackage[],
  { fingerprint, manifest, path }: LockParts,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  if (fingerprint !== undefined && toldFields(manifest).length > 0) found.set('.', fingerprint(manifest.directory))
  for (const { directory } of packages) {
    if (directory === undefined || fingerprint === undefined) continue
    const place =
      directory.subdirectory === undefined ? directory.path : path.join(directory.path, directory.subdirectory)
    found.set(place, fingerprint(path.resolve(manifest.directory, place)))
  }
  return found
}

/** The projects of which there is more than one version: a name alone does not tell which is meant. */
function namesOfSeveral(packages: readonly AnswerPackage[]): ReadonlySet<ProjectName> {
  const seen = new Set<ProjectName>()
  const several = new Set<ProjectName>()
  for (const { name } of packages) (seen.has(name) ? several : seen).add(name)
  return several
}

function packageOf(one: AnswerPackage, several: ReadonlySet<ProjectName>, parts: EntryParts): PylockPackage {
  const { name, version, marker } = one
  const specifiers = one.requiresPython === undefined ? undefined : tryParseSpecifiers(one.requiresPython)
  const requiresPython = specifiers === undefined || specifiers.specifiers.length === 0 ? undefined : specifiers
  const place = one.link === undefined ? filesOf(one, parts) : linkedOf(one, parts)
  const isCheckout = place.vcs !== undefined
  const lines = linesOf(one)
  const tool = packageNotes({
    version: isCheckout ? version.text : undefined,
    requires: [...new Set(one.dependencies.map((edge) => edgeText(edge, ownMarker(one, edge, lines))))].sort(),
  })
  const dependencies = dependencyTables(one.dependencies, several)
  return {
    name,
    // "MUST NOT be included when it cannot be guaranteed to be consistent with the code used (i.e. when a source tree is used)."
    ...(isCheckout || place.directory !== undefined ? {} : { version }),
    ...(marker === undefined ? {} : { marker }),
    ...(requiresPython === undefined ? {} : { requiresPython }),
    ...(dependencies.length === 0 ? {} : { dependencies }),
    ...place,
    ...(tool === undefined ? {} : { tool }),
  }
}

/** "The minimum information required to tell which other package entry it corresponds to." */
function dependencyTables(edges: readonly AnswerDependency[], several: ReadonlySet<ProjectName>): readonly TomlTable[] {
  const tables = new Map<string, AnswerDependency>()
  for (const edge of edges) tables.set(several.has(edge.name) ? `${edge.name} ${edge.version.text}` : edge.name, edge)
  return [...tables.values()]
    .sort((a, b) => (a.name === b.name ? compareVersions(a.version, b.version) : a.name < b.name ? -1 : 1))
    .map(({ name, version }) => (several.has(name) ? { name, version: version.text } : { name }))
}

function edgeText({ name, extras, specifiers }: AnswerDependency, marker: Marker | undefined): string {
  const wanted = extras.length === 0 ? '' : `[${[...extras].sort().join(',')}]`
  return `${name}${wanted}${specifiers}${marker === undefined ? '' : `; ${marker.text}`}`
}

/** The lines of metadata that begin with each name, unread: those of an extra that nobody asks for may be a thousand. */
function linesOf({ extras, metadata }: AnswerPackage): ReadonlyMap<ProjectName, readonly string[]> {
  const lines = new Map<ProjectName, string[]>()
  if (extras.length === 0) return lines
  for (const text of metadata?.requiresDist ?? []) {
    const name = tryParseProjectName(/^\s*([\w.-]+)/.exec(text)?.[1] ?? '')
    const known = name === undefined ? undefined : lines.get(name)
    if (known !== undefined) known.push(text)
    else if (name !== undefined) lines.set(name, [text])
  }
  return lines
}

/** An edge's marker, with the extra of the one who needs it for which alone it is there. */
function ownMarker(
  one: AnswerPackage,
  { name, marker }: AnswerDependency,
  all: ReadonlyMap<ProjectName, readonly string[]>,
): Marker | undefined {
  if (one.extras.length === 0 || one.metadata === undefined || marker?.text.includes('extra ') === true) return marker
  const lines = (all.get(name) ?? []).flatMap((text) => tryParseRequirement(text) ?? [])
  const holdsFor = (...extras: readonly string[]): boolean =>
    lines.some(
      (line) => line.marker === undefined || restrictMarker(line.marker, { extra: new Set(extras) }) !== 'never',
    )
  if (lines.length === 0 || holdsFor()) return marker
  const extras = one.extras.filter((extra) => holdsFor(extra)).sort()
  if (extras.length === 0) return marker
  const [first, ...more] = extras.map((extra) => parseMarker(`extra == "${extra}"`))
  const either = orMarkers(first!, ...more)
  return marker === undefined ? either : andMarkers(marker, either)
}

function filesOf(one: AnswerPackage, parts: EntryParts): Partial<PylockPackage> {
  const [first] = one.files
  if (first === undefined) throw new DenError('internal', { message: `${one.name} has no file`, name: 'lock' })
  const sdists: DistributionFile[] = []
  const wheels: PylockWheel[] = []
  for (const file of one.files) {
    const { parsed } = file
    if (parsed.kind === 'wheel') wheels.push(Object.assign(fileOf(file, parts), { parsed }))
    else sdists.push(file)
  }
  // One is all that there is room for; by PEP 625 it is the .tar.gz.
  const sdist = sdists.find(({ parsed }) => parsed.filename.endsWith('.tar.gz')) ?? sdists[0]
  const index = parts.addresses.index(first.foundAt)
  return {
    ...(index === undefined ? {} : { index }),
    ...(sdist === undefined ? {} : { sdist: fileOf(sdist, parts) }),
    ...(wheels.length === 0 ? {} : { wheels }),
  }
}

/** Made field by field: a lock has thousands of them. */
function fileOf(file: DistributionFile, parts: EntryParts): PylockFile {
  const { filename } = file.parsed
  const { url, path } = placeOf(file, parts)
  const made: { -readonly [Field in keyof PylockFile]: PylockFile[Field] } = { filename, hashes: hashesOf(file, parts) }
  // "name: optional when the last component of path/ url would be the same value."
  if (!isLastOf(path ?? url ?? '', filename)) made.name = filename
  if (url !== undefined) made.url = url
  if (path !== undefined) made.path = path
  if (file.size !== undefined) made.size = file.size
  const moment = file.uploaded === undefined ? undefined : tomlMomentOf(file.uploaded)
  if (moment !== undefined) made.uploadTime = moment
  return made
}

/** Whether the last component of a path or an address is this name. */
function isLastOf(place: string, filename: string): boolean {
  const isPlain = !place.includes('?') && !place.includes('#')
  if (isPlain && place.endsWith(filename) && place.at(-filename.length - 1) === '/') return true
  return decodeURIComponentSafely(place.replace(/[?#].*$/s, '').replace(/^.*\//s, '')) === filename
}

function decodeURIComponentSafely(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function hashesOf(file: DistributionFile, parts: EntryParts): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>()
  for (const algorithm in file.hashes) if (strong.has(algorithm)) hashes.set(algorithm, file.hashes[algorithm]!)
  const found = hashes.size > 0 ? undefined : parts.digests?.get(file)
  if (found !== undefined) hashes.set('sha256', found)
  if (hashes.size === 0)
    throw new DenError('internal', { message: `${file.parsed.filename} has no hash`, name: 'lock' })
  return hashes
}

function placeOf({ place, foundAt }: DistributionFile, parts: EntryParts): Pick<PylockBytes, 'url' | 'path'> {
  if (place.kind === 'url') return { url: parts.addresses.file(place.url.href, foundAt) }
  return pathOf(place.path, parts)
}

/** What lies at or below the project goes where that goes; a neighbour is named as one. What is far away has an address. */
function pathOf(place: string, parts: EntryParts): Pick<PylockBytes, 'url' | 'path'> {
  const relative = relativePath(place, parts)
  return relative === undefined ? { url: fileUrl(place, parts.path) } : { path: relative }
}

function relativePath(place: string, { manifest, path }: LockParts): string | undefined {
  const relative = path.relative(manifest.directory, place)
  if (path.isAbsolute(relative)) return undefined
  return (path.sep === '\\' ? relative.replaceAll('\\', '/') : relative) || '.'
}

/** What came from an address, a directory or a repository. */
function linkedOf({ name, link }: AnswerPackage, parts: EntryParts): Partial<PylockPackage> {
  const { directUrl, editable, file } = link!
  const below = directUrl.subdirectory === undefined ? {} : { subdirectory: directUrl.subdirectory }
  if (directUrl.vcs_info !== undefined) {
    const { vcs: type, commit_id: commitId, requested_revision: requested } = directUrl.vcs_info
    const revision = requested === undefined ? {} : { requestedRevision: requested }
    return { vcs: { type, url: directUrl.url, ...revision, commitId, ...below } }
  }
  if (directUrl.dir_info !== undefined) {
    const path = pathOfAddress(directUrl.url)
    if (path === undefined) throw new DenError('invalid-link', { link: directUrl.url, reason: 'this is no directory' })
    const isEditable = editable || directUrl.dir_info.editable === true
    // A directory has no address in a lock: where it has no way from here (another drive), its own path has to do.
    return {
      directory: { path: relativePath(path, parts) ?? path, ...(isEditable ? { editable: true } : {}), ...below },
    }
  }
  const told = Object.entries(directUrl.archive_info?.hashes ?? {}).filter(([algorithm]) => strong.has(algorithm))
  const known = file === undefined ? undefined : (file.hashes['sha256'] ?? parts.digests?.get(file))
  const hashes = told.length > 0 ? told : known === undefined ? [] : ([['sha256', known]] as const)
  if (hashes.length === 0) throw new DenError('internal', { message: `${name} has no hash`, name: 'lock' })
  const path = pathOfAddress(directUrl.url)
  const place = path === undefined ? { url: directUrl.url } : pathOf(path, parts)
  const size = file?.size
  return { archive: { ...place, ...(size === undefined ? {} : { size }), hashes: new Map(hashes), ...below } }
}

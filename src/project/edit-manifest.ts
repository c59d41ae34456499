// Changes of what a project requires, from text to text: nothing is read or written here. Lists keep their order where they have one,
// comments stay, and what stands in a tool's own table is changed there.

import type { ProjectName } from '../base/brand.ts'
import { closest } from '../base/closest.ts'
import { DenError } from '../base/error.ts'
import { isTomlTable, parseTomlDocument, type TomlDocument, type TomlTable, type TomlValue } from '../format/toml.ts'
import { editToml, type TomlEdit } from '../format/toml-edit.ts'
import type { TomlPath } from '../format/toml-places.ts'
import { normalizeName } from '../spec/name.ts'
import { formatRequirement, type Requirement, tryParseRequirement } from '../spec/requirement.ts'
import { specifierSet } from '../spec/specifier.ts'
import {
  addToPoetry,
  hasPoetryGroup,
  type PoetryEntry,
  poetryEntries,
  poetryNames,
  setInPoetry,
} from './edit-poetry.ts'
import { joinedRequirements } from './join-requirements.ts'
import type { DependencySource, IndexDefinition } from './manifest.ts'
import { additionFault, itemsOf, type Place, placeAt, rootPlace } from './place.ts'
import { isPoetryProject } from './tool-poetry.ts'

/** Where a requirement stands. `script`: at the top of a script's metadata. */
export type RequirementPlace =
  | { readonly kind: 'project' }
  | { readonly kind: 'extra'; readonly extra: string }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'script' }

export interface ManifestChange {
  readonly kind: 'added' | 'changed' | 'removed'
  readonly name: ProjectName
  readonly place: RequirementPlace
  /** The requirements as they stood and stand; of poetry's tables, what the standard would write. */
  readonly before?: string
  readonly after?: string
}

export interface EditedManifest {
  readonly text: string
  readonly changes: readonly ManifestChange[]
}

export interface AddRequirements {
  readonly place: RequirementPlace
  readonly requirements: readonly Requirement[]
  /** Where projects among them come from. */
  readonly sources?: ReadonlyMap<ProjectName, DependencySource>
  /** The file, for errors. */
  readonly file?: string
}

/**
 * Adds requirements. One of the same name and marker is replaced where it stands; where the new one asks for no version, the old one's
 * specifiers stay, and extras come together. Throws `invalid-toml`, `invalid-project-settings`, `no-place-for-requirement`, and `invalid-link`
 * for two of one name that are to come from two addresses.
 */
export function addRequirements(text: string, { place, requirements, sources, file }: AddRequirements): EditedManifest {
  let current = text
  const changes: ManifestChange[] = []
  for (const requirement of joinedRequirements(requirements)) {
    const document = parseTomlDocument(current, file === undefined ? {} : { file })
    const source = sources?.get(requirement.name)
    const inPoetry = isPoetrysPlace(document, place, requirement)
    const made = inPoetry ? addToPoetry(document, place, requirement, source) : addToList(document, place, requirement)
    current = editToml(current, made.edits)
    if (made.change !== undefined) changes.push(made.change)
    if (source !== undefined && !inPoetry) current = setSource(current, requirement.name, source, file)
  }
  return { text: current, changes }
}

/** Puts indexes before those that there are, in the order given. Throws `invalid-toml`. */
export function addIndexes(text: string, indexes: readonly IndexDefinition[], file?: string): string {
  if (indexes.length === 0) return text
  const path = ['tool', settingsTool(parseTomlDocument(text, file === undefined ? {} : { file })), 'index']
  const tables = indexes.map(
    ({ name, url, isDefault, isExplicit, isFlat }): TomlTable => ({
      ...(name === undefined ? {} : { name }),
      url,
      ...(isDefault ? { default: true } : {}),
      ...(isExplicit ? { explicit: true } : {}),
      ...(isFlat === true ? { format: 'flat' } : {}),
    }),
  )
  const edits = tables.toReversed().map((value): TomlEdit => ({ kind: 'append-table', path, value, first: true }))
  return editToml(text, edits)
}

export interface RemoveRequirements {
  readonly place: RequirementPlace
  readonly names: readonly ProjectName[]
  readonly file?: string
}

/**
 * Takes requirements out, with any marker, and the sources of those that nothing asks for any more. Throws `not-required` for one that
 * isn't there, `invalid-toml`, `invalid-project-settings`.
 */
export function removeRequirements(text: string, { place, names, file }: RemoveRequirements): EditedManifest {
  const options = file === undefined ? {} : { file }
  let current = text
  const changes: ManifestChange[] = []
  for (const name of names) {
    const document = parseTomlDocument(current, options)
    const found = entriesOfName(document, place, name)
    if (found.length === 0) {
      const places = placesOf(document).filter((other) => entriesOfName(document, other, name).length > 0)
      throw new DenError('not-required', {
        file: file ?? 'pyproject.toml',
        name,
        place: describePlace(place),
        elsewhere: places.map(describePlace),
        meant: places.length > 0 ? [] : closest(name, namesAt(document, place)),
      })
    }
    // The last first: taking one out moves those behind it. Several constraints of poetry's are one entry.
    const paths = new Map(found.map(({ path }) => [JSON.stringify(path), path]))
    current = editToml(
      current,
      [...paths.values()].toReversed().map((path): TomlEdit => ({ kind: 'remove', path })),
    )
    for (const before of new Set(found.map((entry) => entry.before))) {
      changes.push({ kind: 'removed', name, place, before })
    }
    current = withoutSource(current, name, options)
  }
  return { text: current, changes }
}

export interface SetRequirement {
  readonly place: RequirementPlace
  /** The requirement as it stands: of its name, extras and marker. */
  readonly before: Requirement
  readonly after: Requirement
  readonly file?: string
}

/** Puts a requirement in the place of another: with new bounds, say. Nothing changes where that one isn't there. */
export function setRequirement(text: string, { place, before, after, file }: SetRequirement): EditedManifest {
  const document = parseTomlDocument(text, file === undefined ? {} : { file })
  const [entry] = entriesOfName(document, place, before.name).filter(
    ({ before: written }) => comparable(tryParseRequirement(written)) === comparable(before),
  )
  if (entry === undefined) return { text, changes: [] }
  if ('form' in entry) {
    const { edits, change } = setInPoetry(place, entry, after)
    return { text: editToml(text, edits), changes: change === undefined ? [] : [change] }
  }
  const written = writtenRequirement(after)
  const change = { kind: 'changed', name: after.name, place, before: entry.before, after: written } as const
  return { text: editToml(text, [{ kind: 'set', path: entry.path, value: written }]), changes: [change] }
}

function comparable(requirement: Requirement | undefined): string {
  if (requirement === undefined) return ''
  return formatRequirement({ ...requirement, rawName: requirement.name })
}

/** The place in words: "the project", "the extra web", "the group dev". */
export function describePlace(place: RequirementPlace): string {
  if (place.kind === 'extra') return `the extra ${place.extra}`
  if (place.kind === 'group') return `the group ${place.group}`
  return place.kind === 'script' ? 'the script' : 'the project'
}

/** As it is written into a list: specifiers in the order given, single quotes inside, since TOML's own are double ones. */
export function writtenRequirement(requirement: Requirement): string {
  const { marker, specifiers, ...bare } = requirement
  const bounds = specifiers.specifiers.map(({ operator, versionText }) => `${operator}${versionText}`).join(',')
  const head = formatRequirement({ ...bare, specifiers: specifierSet([]) })
  const text =
    requirement.url === undefined
      ? `${head}${bounds}${marker === undefined ? '' : `; ${marker.text}`}`
      : formatRequirement(requirement)
  return text.includes("'") ? text : text.replaceAll('"', "'")
}

/** A requirement with its place in the document. */
interface ListEntry {
  readonly path: TomlPath
  readonly before: string
}

function entriesOfName(
  document: TomlDocument,
  place: RequirementPlace,
  name: ProjectName,
): readonly (ListEntry | PoetryEntry)[] {
  if (isPoetryProject(document)) return poetryEntries(document, place, name)
  const listed = listsOf(document, place).flatMap((list) =>
    itemsOf(list).flatMap(({ path, value }) => {
      const before = typeof value === 'string' ? value : undefined
      return before !== undefined && tryParseRequirement(before)?.name === name ? [{ path, before }] : []
    }),
  )
  // A project of poetry 2 may have its groups in poetry's tables still.
  return place.kind === 'group' ? [...listed, ...poetryEntries(document, place, name)] : listed
}

/** Whether a requirement is added to poetry's tables: all of poetry 1, and groups of poetry 2 that stand nowhere else. */
function isPoetrysPlace(document: TomlDocument, place: RequirementPlace, { name, marker }: Requirement): boolean {
  if (isPoetryProject(document)) return true
  if (place.kind !== 'group') return false
  const same = entriesOfName(document, place, name).find((entry) => {
    const there = 'form' in entry ? entry.form.requirement : tryParseRequirement(entry.before)
    return there?.marker?.text === marker?.text
  })
  return same === undefined
    ? listsOf(document, place).length === 0 && hasPoetryGroup(document, place.group)
    : 'form' in same
}

function namesAt(document: TomlDocument, place: RequirementPlace): readonly ProjectName[] {
  if (isPoetryProject(document)) return poetryNames(document, place)
  const items = listsOf(document, place).flatMap(itemsOf)
  const listed = items.flatMap(({ value }) =>
    typeof value === 'string' ? (tryParseRequirement(value)?.name ?? []) : [],
  )
  return place.kind === 'group' ? [...listed, ...poetryNames(document, place)] : listed
}

/** The lists that make up what stands at a place: those of other tools from before the standard too. The one to add to comes first. */
function listsOf(document: TomlDocument, place: RequirementPlace): readonly Place[] {
  const root = rootPlace(document)
  const named = (name: string, ...keys: readonly string[]): readonly (Place | undefined)[] => {
    const table = placeAt(root, ...keys)
    const written = Object.keys(table !== undefined && isTomlTable(table.value) ? table.value : {})
    return written.filter((key) => normalizeName(key) === normalizeName(name)).map((key) => placeAt(table!, key))
  }
  const found = (): readonly (Place | undefined)[] => {
    switch (place.kind) {
      case 'project':
        return [placeAt(root, 'project', 'dependencies')]
      case 'script':
        return [placeAt(root, 'dependencies')]
      case 'extra':
        return named(place.extra, 'project', 'optional-dependencies')
      case 'group':
        return [
          ...named(place.group, 'dependency-groups'),
          ...named(place.group, 'tool', 'pdm', 'dev-dependencies'),
          ...(normalizeName(place.group) === 'dev' ? [placeAt(root, 'tool', 'uv', 'dev-dependencies')] : []),
        ]
    }
  }
  return found().filter((list) => list !== undefined)
}

/** Every place that the document has, for telling where else a requirement stands. */
function placesOf(document: TomlDocument): readonly RequirementPlace[] {
  const root = rootPlace(document)
  const keys = (...path: readonly string[]): readonly string[] => {
    const table = placeAt(root, ...path)?.value
    return isTomlTable(table) ? Object.keys(table) : []
  }
  const groups = [
    ...keys('dependency-groups'),
    ...keys('tool', 'pdm', 'dev-dependencies'),
    ...keys('tool', 'poetry', 'group'),
    'dev',
  ]
  return [
    { kind: 'project' },
    ...[...keys('project', 'optional-dependencies'), ...keys('tool', 'poetry', 'extras')].map((extra) => ({
      kind: 'extra' as const,
      extra,
    })),
    ...[...new Set(groups)].map((group) => ({ kind: 'group' as const, group })),
  ]
}

function addToList(
  document: TomlDocument,
  place: RequirementPlace,
  requirement: Requirement,
): { readonly edits: readonly TomlEdit[]; readonly change?: ManifestChange } {
  checkProject(document, place)
  checkStatic(document, place)
  const { name } = requirement
  const same = entriesOfName(document, place, name).find(
    (entry) => !('form' in entry) && tryParseRequirement(entry.before)?.marker?.text === requirement.marker?.text,
  )
  if (same !== undefined) {
    const after = writtenRequirement(joined(tryParseRequirement(same.before)!, requirement))
    if (comparable(tryParseRequirement(after)) === comparable(tryParseRequirement(same.before))) return { edits: [] }
    return {
      edits: [{ kind: 'set', path: same.path, value: after }],
      change: { kind: 'changed', name, place, before: same.before, after },
    }
  }
  const after = writtenRequirement(requirement)
  const [list] = listsOf(document, place)
  const path = list?.path ?? newListPath(place)
  const index = list === undefined ? 0 : placeInOrder(itemsOf(list), requirement)
  return {
    edits: [
      ...(list === undefined ? [{ kind: 'set' as const, path, value: [], after: 'project' }] : []),
      { kind: 'insert', path, index, value: after },
    ],
    change: { kind: 'added', name, place, after },
  }
}

/** A file that has groups alone describes no project: begun by a requirement, its [project] would lack all that makes it one. */
function checkProject(document: TomlDocument, { kind }: RequirementPlace): void {
  if ((kind !== 'project' && kind !== 'extra') || document.table['project'] !== undefined) return
  const place = { ...rootPlace(document), path: Object.keys(document.table).slice(0, 1) }
  throw additionFault(
    place,
    'there is no [project] that could ask for it: add one, with a name, or add to a group: --dev',
  )
}

/** What a backend tells cannot be added to in the file. */
function checkStatic(document: TomlDocument, place: RequirementPlace): void {
  const field = place.kind === 'project' ? 'dependencies' : place.kind === 'extra' ? 'optional-dependencies' : undefined
  const dynamic = field === undefined ? undefined : placeAt(rootPlace(document), 'project', 'dynamic')
  if (dynamic === undefined || !itemsOf(dynamic).some(({ value }) => value === field)) return
  throw additionFault(dynamic, `the build backend tells the ${field}: add to where it reads them from`)
}

/** The new one, with what it leaves open as the old one has it. */
function joined(before: Requirement, after: Requirement): Requirement {
  const isOpen = after.url === undefined && after.specifiers.specifiers.length === 0
  return {
    ...after,
    rawName: before.rawName,
    extras: [...new Set([...before.extras, ...after.extras])].sort(),
    ...(isOpen ? { specifiers: before.url === undefined ? before.specifiers : specifierSet([]) } : {}),
    ...(isOpen && before.url !== undefined ? { url: before.url } : {}),
  }
}

function newListPath(place: RequirementPlace): TomlPath {
  switch (place.kind) {
    case 'project':
      return ['project', 'dependencies']
    case 'script':
      return ['dependencies']
    case 'extra':
      return ['project', 'optional-dependencies', place.extra]
    case 'group':
      return ['dependency-groups', place.group]
  }
}

/** Where a requirement goes in a list: in the list's order where it has one, else to its end. */
function placeInOrder(items: readonly Place[], requirement: Requirement): number {
  const names = items.map(({ value }) => (typeof value === 'string' ? tryParseRequirement(value)?.name : undefined))
  const isSorted = names.every((name, index) => name !== undefined && (index === 0 || names[index - 1]! <= name))
  if (!isSorted) return items.length
  const index = names.findIndex((name) => name! > requirement.name)
  return index === -1 ? items.length : index
}

function sourcesPath(document: TomlDocument): readonly string[] {
  return ['tool', settingsTool(document), 'sources']
}

/** Whose table sources and indexes go into: den's, or uv's where a project has some there and none in den's. */
function settingsTool({ table }: TomlDocument): 'den' | 'uv' {
  const tool = isTomlTable(table['tool']) ? table['tool'] : {}
  const has = (name: string): boolean => {
    const own = (tool as TomlTable)[name]
    return isTomlTable(own) && (own['sources'] !== undefined || own['index'] !== undefined)
  }
  return !has('den') && has('uv') ? 'uv' : 'den'
}

function setSource(text: string, name: ProjectName, source: DependencySource, file: string | undefined): string {
  const document = parseTomlDocument(text, file === undefined ? {} : { file })
  const path = sourcesPath(document)
  const known = placeAt(rootPlace(document), ...path)?.value
  const written = Object.keys(isTomlTable(known) ? known : {}).find((key) => normalizeName(key) === name)
  return editToml(text, [{ kind: 'set', path: [...path, written ?? name], value: sourceTable(source), inline: true }])
}

/** A source as [tool.den.sources] and [tool.uv.sources] write it. */
export function sourceTable(source: DependencySource): TomlTable {
  const where = {
    ...(source.marker === undefined ? {} : { marker: source.marker.text.replaceAll('"', "'") }),
    ...(source.extra === undefined ? {} : { extra: source.extra }),
    ...(source.group === undefined ? {} : { group: source.group }),
  }
  const inside =
    'subdirectory' in source && source.subdirectory !== undefined ? { subdirectory: source.subdirectory } : {}
  switch (source.kind) {
    case 'path':
      return {
        path: source.path,
        ...(source.editable === undefined ? {} : { editable: source.editable }),
        ...inside,
        ...where,
      }
    case 'git':
      return {
        git: source.url,
        ...(source.revision === undefined ? {} : { rev: source.revision }),
        ...inside,
        ...where,
      }
    case 'url':
      return { url: source.url, ...inside, ...where }
    case 'index':
      return { index: source.index, ...where }
  }
}

const sourceTables = [
  ['tool', 'den', 'sources'],
  ['tool', 'uv', 'sources'],
]

/** In a project of poetry 2 what stands there says of the dependencies in [project] where they come from, and asks for nothing itself. */
const besideProject = ['tool', 'poetry', 'dependencies']

/** Without the source of a project that nothing asks for any more; the table goes with its last one. */
function withoutSource(text: string, name: ProjectName, options: { readonly file?: string }): string {
  const document = parseTomlDocument(text, options)
  if (placesOf(document).some((place) => entriesOfName(document, place, name).length > 0)) return text
  const tables = isPoetryProject(document) ? sourceTables : [...sourceTables, besideProject]
  const edits = tables.flatMap((path): readonly TomlEdit[] => {
    const sources: TomlValue | undefined = placeAt(rootPlace(document), ...path)?.value
    if (!isTomlTable(sources)) return []
    const written = Object.keys(sources).filter((key) => normalizeName(key) === name)
    if (written.length === 0) return []
    if (written.length === Object.keys(sources).length) return [{ kind: 'remove', path }]
    return written.map((key) => ({ kind: 'remove', path: [...path, key] }))
  })
  return editToml(text, edits)
}

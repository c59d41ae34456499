// Requirements of a project of poetry's, where they stand: [tool.poetry.dependencies], its groups and extras, in poetry's words. Of a project
// of poetry 2 only groups stand there.

import type { ProjectName } from '../base/brand.ts'
import { isTomlTable, type TomlDocument, type TomlTable, type TomlValue } from '../format/toml.ts'
import type { TomlEdit } from '../format/toml-edit.ts'
import { sameToml } from '../format/toml-edit-value.ts'
import type { TomlPath } from '../format/toml-places.ts'
import { normalizeName } from '../spec/name.ts'
import { isSubsetRange, type VersionRange } from '../spec/range.ts'
import { formatRequirement, type Requirement } from '../spec/requirement.ts'
import type { SpecifierSet } from '../spec/specifier.ts'
import type { ManifestChange, RequirementPlace } from './edit-manifest.ts'
import type { DependencySource } from './manifest.ts'
import { additionFault, itemsOf, type Place, placeAt, rootPlace } from './place.ts'
import { parsePoetryConstraint } from './poetry-constraint.ts'
import { dependencyOf, type PoetryDependency } from './tool-poetry.ts'

const top = ['tool', 'poetry']

/** The table that holds the requirements of a place; of an extra, those of the project: the extra itself only names them. */
function tablePath({ table }: TomlDocument, place: RequirementPlace): readonly string[] {
  if (place.kind !== 'group') return [...top, 'dependencies']
  const groups = at(table, [...top, 'group'])
  const known = Object.keys(isTomlTable(groups) ? groups : {}).find(
    (name) => normalizeName(name) === normalizeName(place.group),
  )
  const isOld = known === undefined && place.group === 'dev' && at(table, [...top, 'dev-dependencies']) !== undefined
  return isOld ? [...top, 'dev-dependencies'] : [...top, 'group', known ?? place.group, 'dependencies']
}

/** Whether a group has a table of requirements. */
export function hasPoetryGroup(document: TomlDocument, group: string): boolean {
  return at(document.table, tablePath(document, { kind: 'group', group })) !== undefined
}

function extraPath({ table }: TomlDocument, extra: string): readonly string[] {
  const extras = at(table, [...top, 'extras'])
  const known = Object.keys(isTomlTable(extras) ? extras : {}).find(
    (name) => normalizeName(name) === normalizeName(extra),
  )
  return [...top, 'extras', known ?? extra]
}

function at(table: TomlTable, path: readonly string[]): TomlValue | undefined {
  return path.reduce<TomlValue | undefined>((value, key) => (isTomlTable(value) ? value[key] : undefined), table)
}

function keyOf(document: TomlDocument, path: readonly string[], name: ProjectName): string | undefined {
  const table = at(document.table, path)
  return Object.keys(isTomlTable(table) ? table : {}).find((key) => normalizeName(key) === name)
}

/** One way in which poetry's words ask for a project: the entry itself, or one of its several constraints. */
export interface PoetryForm extends PoetryDependency {
  readonly place: Place
}

/** A requirement with its place in the document. */
export interface PoetryEntry {
  readonly path: TomlPath
  readonly before: string
  readonly form: PoetryForm
}

function formsAt(document: TomlDocument, path: TomlPath, key: string | undefined): readonly PoetryForm[] {
  if (key === undefined) return []
  const entry = placeAt(rootPlace(document), ...path.map(String), key)!
  const places = Array.isArray(entry.value) ? itemsOf(entry) : [entry]
  return places.map((place) => ({ ...dependencyOf(key, place), place }))
}

/** The entries of a project at a place, with what the standard would write for them. */
export function poetryEntries(
  document: TomlDocument,
  place: RequirementPlace,
  name: ProjectName,
): readonly PoetryEntry[] {
  const path = tablePath(document, place)
  const key = keyOf(document, path, name)
  const listed = place.kind === 'extra' ? extraItem(document, place.extra, name) : undefined
  if (key === undefined || (place.kind === 'extra' && listed === undefined)) return []
  const forms = formsAt(document, path, key)
  // Without the extra's list the optional dependencies of the project are not its own requirements.
  if (place.kind === 'project' && forms.every(({ isOptional }) => isOptional)) return []
  const entriesAt = (at: TomlPath): readonly PoetryEntry[] =>
    forms.map((form) => ({ path: at, before: formatRequirement(form.requirement), form }))
  if (listed === undefined) return entriesAt([...path, key])
  const extras = at(document.table, [...top, 'extras'])
  const others = Object.keys(isTomlTable(extras) ? extras : {}).filter(
    (other) => normalizeName(other) !== normalizeName(place.kind === 'extra' ? place.extra : ''),
  )
  const isShared = others.some((other) => extraItem(document, other, name) !== undefined)
  // What the project needs in any case stays when an extra that names it goes.
  const stays = isShared || forms.some(({ isOptional }) => !isOptional)
  return [...entriesAt(listed), ...(stays ? [] : entriesAt([...path, key]))]
}

/** What is required at a place, by name. */
export function poetryNames(document: TomlDocument, place: RequirementPlace): readonly ProjectName[] {
  const table = at(document.table, tablePath(document, place))
  return Object.keys(isTomlTable(table) ? table : {}).map(normalizeName)
}

function extraItem(document: TomlDocument, extra: string, name: ProjectName): TomlPath | undefined {
  const path = extraPath(document, extra)
  const list = at(document.table, path)
  const index = Array.isArray(list)
    ? list.findIndex((item) => typeof item === 'string' && normalizeName(item.replace(/[ [(<>=!~].*$/s, '')) === name)
    : -1
  return index === -1 ? undefined : [...path, index]
}

interface PoetryEdit {
  readonly edits: readonly TomlEdit[]
  readonly change?: ManifestChange
}

/**
 * Adds a requirement. One of the same marker keeps all that the new one says nothing of, in its words; beside one of another marker it
 * becomes one more constraint. Throws `no-place-for-requirement` for what poetry's words cannot say.
 */
export function addToPoetry(
  document: TomlDocument,
  place: RequirementPlace,
  requirement: Requirement,
  source: DependencySource | undefined,
): PoetryEdit {
  const { name, rawName } = requirement
  const path = tablePath(document, place)
  const key = keyOf(document, path, name)
  const forms = formsAt(document, path, key)
  const needed = place.kind === 'extra' ? forms.find(({ isOptional }) => !isOptional) : undefined
  if (needed !== undefined)
    throw additionFault(
      needed.place,
      `the project itself needs ${rawName}, and poetry's extras are of what it may lack: remove it here first`,
    )
  const same = forms.find((form) => form.requirement.marker?.text === requirement.marker?.text)
  if (same !== undefined) {
    const { edits, after } = formEdits(same, requirement, source, place)
    const all = [...edits, ...listEdits(document, place, requirement)]
    if (all.length === 0) return { edits: [] }
    const before = poetryEntries(document, place, name).length === 0 ? undefined : formatRequirement(same.requirement)
    return { edits: all, change: changeOf(place, name, before, formatRequirement(after)) }
  }
  const table = newForm(requirement, source, place.kind === 'extra')
  const [first] = forms
  const edits: readonly TomlEdit[] =
    key === undefined || first === undefined
      ? [{ kind: 'set', path: [...path, key ?? rawName], value: plainForm(table), inline: true }]
      : first.place.path.length > path.length + 1
        ? [{ kind: 'insert', path: [...path, key], index: forms.length, value: table }]
        : [{ kind: 'set', path: [...path, key], value: [tableOfForm(first), table] }]
  return {
    edits: [...edits, ...listEdits(document, place, requirement)],
    change: changeOf(place, name, undefined, formatRequirement(requirement)),
  }
}

/** Puts a requirement in the place of one that stands there. */
export function setInPoetry(
  place: RequirementPlace,
  { before, form }: PoetryEntry,
  requirement: Requirement,
): PoetryEdit {
  const { edits, after } = formEdits(form, requirement, undefined, place, 'replaced')
  if (edits.length === 0) return { edits }
  return { edits, change: changeOf(place, requirement.name, before, formatRequirement(after)) }
}

function changeOf(
  place: RequirementPlace,
  name: ProjectName,
  before: string | undefined,
  after: string,
): ManifestChange {
  return before === undefined ? { kind: 'added', name, place, after } : { kind: 'changed', name, place, before, after }
}

/** An extra names what it is made of. */
function listEdits(document: TomlDocument, place: RequirementPlace, requirement: Requirement): readonly TomlEdit[] {
  if (place.kind !== 'extra' || extraItem(document, place.extra, requirement.name) !== undefined) return []
  const path = extraPath(document, place.extra)
  const list = at(document.table, path)
  return [
    ...(list === undefined ? [{ kind: 'set' as const, path, value: [] }] : []),
    { kind: 'insert', path, index: Array.isArray(list) ? list.length : 0, value: requirement.rawName },
  ]
}

/** Where something comes from: one of these takes the place of the others. */
const originWords = ['git', 'rev', 'tag', 'branch', 'path', 'file', 'develop', 'url', 'subdirectory', 'source']

/**
 * The words of a form that differ for the requirement, and nothing else of it. What asks for no version leaves the one that is there, unless
 * it is to take its place.
 */
function formEdits(
  form: PoetryForm,
  requirement: Requirement,
  source: DependencySource | undefined,
  place: RequirementPlace,
  how: 'joined' | 'replaced' = 'joined',
): { readonly edits: readonly TomlEdit[]; readonly after: Requirement } {
  const { specifiers, url } = requirement
  const old = tableOfForm(form)
  const from = source ?? (url === undefined ? undefined : { kind: 'url' as const, url })
  const isAddressed = form.source !== undefined && form.source.kind !== 'index'
  const isOpen = specifiers.specifiers.length === 0 && (how === 'joined' || isAddressed)
  if (from === undefined && isAddressed && !isOpen)
    throw additionFault(form.place, 'poetry has no word for the version of what comes from an address: remove it first')
  const table: Record<string, TomlValue> = { ...old }
  if (from !== undefined) {
    for (const word of originWords) delete table[word]
    Object.assign(table, sourceWords(from))
  }
  if (from !== undefined && from.kind !== 'index') delete table['version']
  else if (!isOpen) table['version'] = versionWords(specifiers, isAddressed ? undefined : old['version'])
  else if (from !== undefined) table['version'] ??= '*'
  const extras = [...new Set([...form.requirement.extras, ...requirement.extras])].sort()
  if (extras.length > form.requirement.extras.length) table['extras'] = extras
  // What the project asks for itself is not left to its extras any more.
  if (place.kind === 'project') delete table['optional']
  const { url: _, ...bare } = form.requirement
  return {
    edits: tableEdits(form.place, table),
    after: {
      ...bare,
      extras,
      specifiers: isOpen ? form.requirement.specifiers : specifiers,
      ...(from?.kind === 'url' ? { url: from.url } : {}),
    },
  }
}

function tableEdits({ path, value }: Place, table: TomlTable): readonly TomlEdit[] {
  if (!isTomlTable(value)) {
    const plain = plainForm(table)
    return plain === value ? [] : [{ kind: 'set', path, value: plain, inline: true }]
  }
  return [...new Set([...Object.keys(value), ...Object.keys(table)])].flatMap((key): readonly TomlEdit[] => {
    const [before, after] = [value[key], table[key]]
    if (after === undefined) return [{ kind: 'remove', path: [...path, key] }]
    return before !== undefined && sameToml(before, after) ? [] : [{ kind: 'set', path: [...path, key], value: after }]
  })
}

function tableOfForm({ place: { value } }: PoetryForm): TomlTable {
  return isTomlTable(value) ? value : { version: value }
}

/** "^1.0" for a table that says no more than that. */
function plainForm(table: TomlTable): TomlValue {
  return Object.keys(table).length === 1 && typeof table['version'] === 'string' ? table['version'] : table
}

function newForm(requirement: Requirement, source: DependencySource | undefined, isOptional: boolean): TomlTable {
  const { extras, specifiers, marker, url } = requirement
  const from = source ?? (url === undefined ? undefined : { kind: 'url' as const, url })
  return {
    ...(from === undefined || from.kind === 'index' ? { version: versionWords(specifiers) } : {}),
    ...(from === undefined ? {} : sourceWords(from)),
    ...(extras.length === 0 ? {} : { extras }),
    ...(marker === undefined ? {} : { markers: marker.text.replaceAll('"', "'") }),
    ...(isOptional ? { optional: true } : {}),
  }
}

/** "*", ">=1,<2"; as it was where it means the same, and with the caret that it had where one still says it. */
function versionWords({ specifiers, range }: SpecifierSet, before?: TomlValue): string {
  const plain = specifiers.map(({ operator, versionText }) => operator + versionText).join(',')
  if (typeof before === 'string') {
    const means = (text: string): boolean => sameRange(parsePoetryConstraint(text).range, range)
    const caret = `^${specifiers.find(({ operator }) => operator === '>=')?.versionText ?? ''}`
    if (means(before)) return before
    if (before.startsWith('^') && caret !== '^' && means(caret)) return caret
  }
  return plain === '' ? '*' : plain
}

function sameRange(a: VersionRange, b: VersionRange): boolean {
  return isSubsetRange(a, b) && isSubsetRange(b, a)
}

function sourceWords(source: DependencySource): TomlTable {
  const inside =
    'subdirectory' in source && source.subdirectory !== undefined ? { subdirectory: source.subdirectory } : {}
  switch (source.kind) {
    case 'path':
      return { path: source.path, ...(source.editable === true ? { develop: true } : {}), ...inside }
    case 'git':
      return { git: source.url, ...(source.revision === undefined ? {} : { rev: source.revision }), ...inside }
    case 'url':
      return { url: source.url, ...inside }
    case 'index':
      return { source: source.index }
  }
}

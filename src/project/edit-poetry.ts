// Requirements of a project of poetry 1, where they stand: [tool.poetry.dependencies], its groups and extras, in poetry's words.

import type { ProjectName } from '../base/brand.ts'
import { isTomlTable, type TomlDocument, type TomlTable, type TomlValue } from '../format/toml.ts'
import type { TomlEdit } from '../format/toml-edit.ts'
import type { TomlPath } from '../format/toml-places.ts'
import { normalizeName } from '../spec/name.ts'
import { formatRequirement, type Requirement } from '../spec/requirement.ts'
import type { ManifestChange, RequirementEntry, RequirementPlace } from './edit-manifest.ts'
import type { DependencySource } from './manifest.ts'
import { placeAt, rootPlace } from './place.ts'
import { dependenciesAt } from './tool-poetry.ts'

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

/** The entries of a project at a place, with what the standard would write for them. */
export function poetryEntries(
  document: TomlDocument,
  place: RequirementPlace,
  name: ProjectName,
): readonly RequirementEntry[] {
  const path = tablePath(document, place)
  const key = keyOf(document, path, name)
  const listed = place.kind === 'extra' ? extraItem(document, place.extra, name) : undefined
  if (key === undefined || (place.kind === 'extra' && listed === undefined)) return []
  const entry = placeAt(rootPlace(document), ...path, key)!
  const found = dependenciesAt({ ...entry, path, value: { [key]: entry.value } })
  // Without the extra's list the optional dependencies of the project are not its own requirements.
  if (place.kind === 'project' && found.every(({ isOptional }) => isOptional)) return []
  const before = found.map(({ requirement }) => formatRequirement(requirement)).join(' or ')
  if (listed === undefined) return [{ path: [...path, key], before }]
  const extras = at(document.table, [...top, 'extras'])
  const others = Object.keys(isTomlTable(extras) ? extras : {}).filter(
    (other) => normalizeName(other) !== normalizeName(place.kind === 'extra' ? place.extra : ''),
  )
  const isShared = others.some((other) => extraItem(document, other, name) !== undefined)
  return [{ path: listed, before }, ...(isShared ? [] : [{ path: [...path, key], before }])]
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

/** Adds a requirement, or puts it in the place of the one that is there. */
export function addToPoetry(
  document: TomlDocument,
  place: RequirementPlace,
  requirement: Requirement,
  source: DependencySource | undefined,
): { readonly edits: readonly TomlEdit[]; readonly change?: ManifestChange } {
  const { name } = requirement
  const path = tablePath(document, place)
  const key = keyOf(document, path, name)
  const [before] = poetryEntries(document, place, name)
  const after = formatRequirement(requirement)
  if (before !== undefined && before.before === after && source === undefined) return { edits: [] }
  const value = poetryValue(requirement, source, place.kind === 'extra')
  const listPath = place.kind === 'extra' ? extraPath(document, place.extra) : undefined
  const list = listPath === undefined ? undefined : at(document.table, listPath)
  const isListed = place.kind === 'extra' && extraItem(document, place.extra, name) !== undefined
  const edits: TomlEdit[] = [{ kind: 'set', path: [...path, key ?? requirement.rawName], value, inline: true }]
  if (listPath !== undefined && !isListed) {
    if (list === undefined) edits.push({ kind: 'set', path: listPath, value: [] })
    const index = Array.isArray(list) ? list.length : 0
    edits.push({ kind: 'insert', path: listPath, index, value: requirement.rawName })
  }
  return {
    edits,
    change:
      before === undefined
        ? { kind: 'added', name, place, after }
        : { kind: 'changed', name, place, before: before.before, after },
  }
}

/** "*", ">=1,<2", or a table where there is more to say. */
function poetryValue(requirement: Requirement, source: DependencySource | undefined, isOptional: boolean): TomlValue {
  const { extras, specifiers, marker, url } = requirement
  const version = specifiers.specifiers.map(({ operator, versionText }) => operator + versionText).join(',')
  const from = source ?? (url === undefined ? undefined : { kind: 'url' as const, url })
  const table: TomlTable = {
    ...(from === undefined || from.kind === 'index' ? { version: version === '' ? '*' : version } : {}),
    ...(from === undefined ? {} : sourceWords(from)),
    ...(extras.length === 0 ? {} : { extras }),
    ...(marker === undefined ? {} : { markers: marker.text.replaceAll('"', "'") }),
    ...(isOptional ? { optional: true } : {}),
  }
  return Object.keys(table).length === 1 && typeof table['version'] === 'string' ? table['version'] : table
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

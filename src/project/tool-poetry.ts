// [tool.poetry]: all of a project of poetry 1, whose dependencies stand there in poetry's own words, and of one of poetry 2, with [project],
// where the dependencies in [project] come from.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { isTomlTable, type TomlDocument, type TomlValue } from '../format/toml.ts'
import { publicIndex } from '../indexes/public-index.ts'
import { type Marker, parseMarker } from '../spec/marker.ts'
import { andMarkers, orMarkers } from '../spec/marker-algebra.ts'
import { normalizeName, parseProjectName } from '../spec/name.ts'
import { formatRequirement, type Requirement } from '../spec/requirement.ts'
import { type SpecifierSet, specifierSet } from '../spec/specifier.ts'
import { parseVersion, type Version } from '../spec/version.ts'
import type { DependencySource, IndexDefinition } from './manifest.ts'
import {
  entriesOf,
  flagOf,
  itemsOf,
  nameOf,
  type Place,
  parsedAt,
  placeAt,
  settingFault,
  textOf,
  wordOf,
} from './place.ts'
import { parsePoetryConstraint, parsePoetryPython, poetryAlternatives } from './poetry-constraint.ts'
import type { ToolSettings } from './settings-words.ts'

export interface PoetryProject {
  readonly name?: ProjectName
  readonly rawName?: string
  readonly version?: Version
  readonly requiresPython?: SpecifierSet
  readonly dependencies: readonly Requirement[]
  readonly extras: ReadonlyMap<ExtraName, readonly Requirement[]>
}

export interface PoetrySettings {
  readonly settings: ToolSettings
  /** What stands in each group: requirements as the standard writes them, and groups that are included. */
  readonly groups: ReadonlyMap<string, readonly TomlValue[]>
  readonly project: PoetryProject
}

/** One dependency in the standard's words. */
export interface PoetryDependency {
  readonly requirement: Requirement
  readonly source?: DependencySource
  readonly isOptional: boolean
}

/** Poetry's own tables hold the requirements: there is no [project]. */
export function isPoetryProject({ table }: TomlDocument): boolean {
  const { project, tool } = table
  return project === undefined && isTomlTable(tool) && tool['poetry'] !== undefined
}

/** Reads the table. Throws `invalid-project-settings`. */
export function readPoetry(table: Place): PoetrySettings {
  const main = dependenciesAt(placeAt(table, 'dependencies'))
  const groups = new Map<string, readonly TomlValue[]>()
  const optionalGroups = new Set<string>()
  const sources = new Map<ProjectName, readonly DependencySource[]>()
  const addSources = (dependencies: readonly PoetryDependency[], group?: string): void => {
    for (const { requirement, source } of dependencies) {
      if (source === undefined) continue
      const own = group === undefined ? source : { ...source, group }
      sources.set(requirement.name, [...(sources.get(requirement.name) ?? []), own])
    }
  }
  const addGroup = (name: string, dependencies: readonly PoetryDependency[], included: readonly TomlValue[]): void => {
    const written = dependencies.map(({ requirement }) => formatRequirement(requirement))
    groups.set(name, [...(groups.get(name) ?? []), ...included, ...written])
    addSources(dependencies, name)
  }
  addSources(main)
  const before = placeAt(table, 'dev-dependencies')
  if (before !== undefined) addGroup('dev', dependenciesAt(before), [])
  const groupTable = placeAt(table, 'group')
  for (const [rawName, group] of groupTable === undefined ? [] : entriesOf(groupTable)) {
    const name = normalizeName(rawName)
    const included = placeAt(group, 'include-groups')
    const isOptional = placeAt(group, 'optional')
    if (isOptional !== undefined && flagOf(isOptional)) optionalGroups.add(name)
    addGroup(
      name,
      dependenciesAt(placeAt(group, 'dependencies')),
      (included === undefined ? [] : itemsOf(included)).map((one) => ({ 'include-group': textOf(one) })),
    )
  }
  const indexes = readIndexes(placeAt(table, 'source'))
  const packageMode = placeAt(table, 'package-mode')
  const isNotPackage = packageMode !== undefined && !flagOf(packageMode)
  return {
    settings: {
      ...(sources.size === 0 ? {} : { sources }),
      ...(indexes.length === 0 ? {} : { indexes }),
      ...(isNotPackage ? { isPackage: false } : {}),
      optionalGroups,
    },
    groups,
    project: readProject(table, main),
  }
}

function readProject(table: Place, main: readonly PoetryDependency[]): PoetryProject {
  const [name, version] = [placeAt(table, 'name'), placeAt(table, 'version')]
  const python = placeAt(table, 'dependencies', 'python')
  const extras = placeAt(table, 'extras')
  return {
    ...(name === undefined ? {} : { name: parsedAt(name, parseProjectName), rawName: textOf(name) }),
    ...(version === undefined ? {} : { version: parsedAt(version, parseVersion) }),
    ...(python === undefined ? {} : { requiresPython: parsedAt(python, parsePoetryPython) }),
    dependencies: main.flatMap(({ requirement, isOptional }) => (isOptional ? [] : [requirement])),
    extras: new Map(
      (extras === undefined ? [] : entriesOf(extras)).map(([rawName, list]) => [
        normalizeName(rawName) as string as ExtraName,
        itemsOf(list).flatMap((item) => requirementsOfExtra(item, main)),
      ]),
    ),
  }
}

/** An extra names optional dependencies; their bounds stand with them. */
function requirementsOfExtra(item: Place, main: readonly PoetryDependency[]): readonly Requirement[] {
  const written = textOf(item).replace(/[ [(<>=!~].*$/s, '')
  const name = nameOf({ ...item, value: written })
  return main.flatMap(({ requirement, isOptional }) => (isOptional && requirement.name === name ? [requirement] : []))
}

/** The dependencies of a table; without `python`, which is no project. */
function dependenciesAt(table: Place | undefined): readonly PoetryDependency[] {
  return (table === undefined ? [] : entriesOf(table)).flatMap(([rawName, entry]) => {
    if (rawName === 'python') return []
    const forms = Array.isArray(entry.value) ? itemsOf(entry) : [entry]
    return forms.map((form) => dependencyOf(rawName, form))
  })
}

/** One of the forms of an entry: a constraint, or a table. */
export function dependencyOf(rawName: string, place: Place): PoetryDependency {
  const name = nameOf({ ...place, value: rawName })
  const base = { name, rawName, extras: [] }
  if (!isTomlTable(place.value)) {
    return { requirement: { ...base, specifiers: parsedAt(place, parsePoetryConstraint) }, isOptional: false }
  }
  const version = placeAt(place, 'version')
  const extras = placeAt(place, 'extras')
  const optional = placeAt(place, 'optional')
  const marker = markerOfDependency(place)
  const source = sourceOf(place, marker)
  const isAddressed = source !== undefined && source.kind !== 'index'
  return {
    requirement: {
      ...base,
      extras: (extras === undefined ? [] : itemsOf(extras)).map((one) => nameOf(one) as string as ExtraName).sort(),
      specifiers: version === undefined || isAddressed ? specifierSet([]) : parsedAt(version, parsePoetryConstraint),
      ...(marker === undefined ? {} : { marker }),
    },
    ...(source === undefined ? {} : { source }),
    isOptional: optional !== undefined && flagOf(optional),
  }
}

function markerOfDependency(place: Place): Marker | undefined {
  const [markers, python, platform] = ['markers', 'python', 'platform'].map((key) => placeAt(place, key))
  const parts = [
    ...(markers === undefined ? [] : [parsedAt(markers, parseMarker)]),
    ...(python === undefined ? [] : pythonMarker(python)),
    ...(platform === undefined ? [] : [platformMarker(platform)]),
  ]
  return parts.length === 0 ? undefined : andMarkers(parts[0]!, ...parts.slice(1))
}

/** "^3.8 || ~2.7" as a marker; none for any Python. */
function pythonMarker(place: Place): readonly Marker[] {
  const alternatives = parsedAt(place, (text) =>
    poetryAlternatives(text).map(({ specifiers }) =>
      specifiers.map(({ operator, versionText, wildcard, version }) => {
        const parts = version === undefined ? 3 : version.release.length
        const field = wildcard ? parts < 2 : parts < 3
        // python_version has two numbers: "3.8.*" is its 3.8; a bound such as 3.8.1, and one such as 3.*, is about the whole.
        if (wildcard && parts === 2) return parseMarker(`python_version ${operator} "${versionText.slice(0, -2)}"`)
        return parseMarker(
          `${field && !wildcard ? 'python_version' : 'python_full_version'} ${operator} "${versionText}"`,
        )
      }),
    ),
  )
  if (alternatives.some((markers) => markers.length === 0)) return []
  const joined = alternatives.map(([first, ...rest]) => andMarkers(first!, ...rest))
  return [orMarkers(joined[0]!, ...joined.slice(1))]
}

/** "linux", "!=win32", "linux || darwin". */
function platformMarker(place: Place): Marker {
  const words = textOf(place)
    .split(/\|\|?/)
    .map((word) => word.trim())
  const markers = words.map((word) => {
    const [, operator = '==', name = ''] = /^(==|!=)?\s*([\w.-]+)$/.exec(word) ?? []
    if (name === '') throw settingFault(place, 'a platform is named like linux, darwin or win32')
    return parseMarker(`sys_platform ${operator} "${name}"`)
  })
  return orMarkers(markers[0]!, ...markers.slice(1))
}

function sourceOf(place: Place, marker: Marker | undefined): DependencySource | undefined {
  const text = (key: string): string | undefined => {
    const value = placeAt(place, key)
    return value === undefined ? undefined : textOf(value)
  }
  const where = marker === undefined ? {} : { marker }
  const subdirectory = text('subdirectory')
  const inside = subdirectory === undefined ? {} : { subdirectory }
  const git = text('git')
  if (git !== undefined) {
    const revision = text('rev') ?? text('tag') ?? text('branch')
    return { ...where, kind: 'git', url: git, ...(revision === undefined ? {} : { revision }), ...inside }
  }
  const path = text('path') ?? text('file')
  if (path !== undefined) {
    const develop = placeAt(place, 'develop')
    return { ...where, kind: 'path', path, editable: develop !== undefined && flagOf(develop), ...inside }
  }
  const url = text('url')
  if (url !== undefined) return { ...where, kind: 'url', url, ...inside }
  const index = text('source')
  return index === undefined ? undefined : { ...where, kind: 'index', index }
}

const priorities = new Map([
  ['default', 'primary'],
  ['primary', 'primary'],
  ['secondary', 'supplemental'],
  ['supplemental', 'supplemental'],
  ['explicit', 'explicit'],
] as const)

/** In the order in which they are asked. The last of those for everybody is what den calls the default one: the public index is then not asked. */
function readIndexes(table: Place | undefined): readonly IndexDefinition[] {
  const found = (table === undefined ? [] : itemsOf(table)).map((place) => {
    const [name, url, priority] = ['name', 'url', 'priority'].map((key) => placeAt(place, key))
    const isPublic = name !== undefined && url === undefined && /^pypi$/i.test(textOf(name))
    if (url === undefined && !isPublic) throw settingFault(place, 'a source has an address: url = "https://…"')
    const old = ['secondary', 'default'].find((key) => {
      const flag = placeAt(place, key)
      return flag !== undefined && flagOf(flag)
    })
    return {
      definition: {
        ...(name === undefined ? {} : { name: textOf(name) }),
        url: isPublic ? publicIndex : textOf(url!),
      },
      priority:
        priority === undefined ? (old === 'secondary' ? 'supplemental' : 'primary') : wordOf(priority, priorities),
    }
  })
  const ofKind = (kind: string): readonly Pick<IndexDefinition, 'name' | 'url'>[] =>
    found.flatMap(({ definition, priority }) => (priority === kind ? [definition] : []))
  const primary = ofKind('primary')
  const supplemental = ofKind('supplemental')
  // Without a primary one, poetry asks the public index before the supplemental ones.
  const forAll = [
    ...(primary.length === 0 && supplemental.length > 0 ? [{ url: publicIndex }] : primary),
    ...supplemental,
  ]
  return [
    ...forAll.map((one, index) => ({ ...one, isDefault: index === forAll.length - 1, isExplicit: false })),
    ...ofKind('explicit').map((one) => ({ ...one, isDefault: false, isExplicit: true })),
  ]
}

// [tool.pdm]: what a project of pdm's settles about finding and choosing packages, and its groups from before [dependency-groups].

import type { ProjectName } from '../base/brand.ts'
import { normalizeName } from '../spec/name.ts'
import { formatRequirement, parseRequirement, type Requirement } from '../spec/requirement.ts'
import type { DependencySource, IndexDefinition } from './manifest.ts'
import { entriesOf, flagOf, itemsOf, nameOf, type Place, parsedAt, placeAt, settingFault, textOf } from './place.ts'
import type { ToolSettings } from './settings-words.ts'

export interface PdmSettings {
  readonly settings: ToolSettings
  readonly groups: ReadonlyMap<string, readonly string[]>
}

/** Throws `invalid-project-settings`. */
export function readPdm(table: Place): PdmSettings {
  const groups = new Map<string, readonly string[]>()
  const sources = new Map<ProjectName, readonly DependencySource[]>()
  const groupTable = placeAt(table, 'dev-dependencies')
  for (const [name, list] of groupTable === undefined ? [] : entriesOf(groupTable)) {
    const lines = itemsOf(list).map((item) => {
      const { requirement, source } = developed(item)
      if (source !== undefined) sources.set(requirement.name, [{ ...source, group: normalizeName(name) as string }])
      return formatRequirement(requirement)
    })
    groups.set(normalizeName(name), lines)
  }
  const { indexes, findLinks } = readIndexes(placeAt(table, 'source'))
  const resolution = placeAt(table, 'resolution')
  const [overrides, excludes, allowed] = ['overrides', 'excludes', 'allow-prereleases'].map((key) =>
    resolution === undefined ? undefined : placeAt(resolution, key),
  )
  const distribution = placeAt(table, 'distribution')
  return {
    settings: {
      ...(sources.size === 0 ? {} : { sources }),
      ...(indexes.length === 0 ? {} : { indexes }),
      ...(findLinks.length === 0 ? {} : { findLinks }),
      ...(overrides === undefined
        ? {}
        : { overrides: entriesOf(overrides).map(([name, place]) => override(name, place)) }),
      ...(excludes === undefined ? {} : { exclusions: itemsOf(excludes).map(nameOf) }),
      ...(allowed === undefined ? {} : { prereleases: flagOf(allowed) ? 'allow' : 'never' }),
      ...(distribution === undefined ? {} : { isPackage: flagOf(distribution) }),
      // pdm installs all of a project's groups unless told otherwise.
      optionalGroups: new Set<string>(),
    },
    groups,
  }
}

/** "1.2" is one version, ">=1" a range, an address what stands there. */
function override(name: string, place: Place): Requirement {
  return parsedAt(place, (text) => {
    const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    const written = isAddress ? `${name} @ ${text}` : /^[<>=!~]/.test(text) ? name + text : `${name}==${text}`
    // The fault's place would be one in a text that nobody wrote.
    return parseWhole(place, written)
  })
}

function parseWhole(place: Place, text: string): Requirement {
  try {
    return parseRequirement(text)
  } catch {
    throw settingFault(place, 'here stands a version, specifiers such as >=1.0, or an address')
  }
}

/** "-e ADDRESS#egg=name" beside plain requirements; ${PROJECT_ROOT} is the project's directory. */
function developed(place: Place): { readonly requirement: Requirement; readonly source?: DependencySource } {
  const text = textOf(place)
  const [, address, egg] = /^-e\s+(.+?)#(?:.*&)?egg=([^&]+)/.exec(text) ?? []
  if (address === undefined || egg === undefined) {
    if (/^-e\b/.test(text)) throw settingFault(place, 'what is editable names its project: -e ADDRESS#egg=NAME')
    return { requirement: parsedAt(place, parseRequirement) }
  }
  const requirement = parseWhole(place, egg)
  const local = /^file:\/\/\/\$\{PROJECT_ROOT\}\/?(.*)$/.exec(address)?.[1] ?? /^file:\/\/(\/.*)$/.exec(address)?.[1]
  if (local !== undefined) return { requirement, source: { kind: 'path', path: local || '.', editable: true } }
  const [, url = address, revision] = /^git\+(.*?)(?:@([^@/]+))?$/.exec(address) ?? []
  return { requirement, source: { kind: 'git', url, ...(revision === undefined ? {} : { revision }) } }
}

/** One that is named "pypi" takes the place of the public index. */
function readIndexes(table: Place | undefined): {
  readonly indexes: readonly IndexDefinition[]
  readonly findLinks: readonly string[]
} {
  const indexes: IndexDefinition[] = []
  const findLinks: string[] = []
  for (const place of table === undefined ? [] : itemsOf(table)) {
    const [name, url, type] = ['name', 'url', 'type'].map((key) => placeAt(place, key))
    if (url === undefined) throw settingFault(place, 'a source has an address: url = "https://…"')
    if (type !== undefined && textOf(type) === 'find_links') findLinks.push(textOf(url))
    else {
      const isDefault = name !== undefined && textOf(name) === 'pypi'
      indexes.push({
        ...(name === undefined ? {} : { name: textOf(name) }),
        url: textOf(url),
        isDefault,
        isExplicit: false,
      })
    }
  }
  return { indexes, findLinks }
}

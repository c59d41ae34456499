// The words in which [tool.den] and [tool.uv] say the same: a project of either is understood by one reader.

import { parseAge, tryParseTime } from '../base/age.ts'
import type { ExtraName, ProjectName } from '../base/brand.ts'
import { isTomlMoment } from '../format/toml.ts'
import type { Marker } from '../spec/marker.ts'
import { normalizeName } from '../spec/name.ts'
import type { ConflictItem, DependencySource, IndexDefinition, ResolutionSettings } from './manifest.ts'
import {
  entriesOf,
  flagOf,
  itemsOf,
  markerOf,
  nameOf,
  type Place,
  placeAt,
  requirementOf,
  settingFault,
  tableOf,
  textOf,
  wordOf,
} from './place.ts'

/** What one tool's table says; what it does not speak of is absent. */
export interface ToolSettings extends Partial<Omit<ResolutionSettings, 'sources'>> {
  readonly sources?: ReadonlyMap<ProjectName, readonly DependencySource[]>
  /** `all`: every group that there is. */
  readonly defaultGroups?: readonly string[] | 'all'
  /** Groups that are not synced unless asked for, of a tool that syncs all others. */
  readonly optionalGroups?: ReadonlySet<string>
  readonly isPackage?: boolean
}

/** The keys that `readSettings` reads. */
export const settingWords: readonly string[] = [
  ...['sources', 'index', 'find-links', 'constraint-dependencies', 'override-dependencies', 'exclude-dependencies'],
  ...['environments', 'required-environments', 'conflicts', 'default-groups', 'exclude-newer', 'resolution'],
  ...['prerelease', 'fork-strategy', 'no-binary', 'no-binary-package', 'no-build', 'no-build-package', 'package'],
]

/** Reads a table. `now`, in milliseconds since 1970, is what "1 week" is counted from. Throws `invalid-project-settings`. */
export function readSettings(table: Place, now: number): ToolSettings {
  const given = <Key extends keyof ToolSettings>(
    key: Key,
    word: string,
    read: (place: Place) => ToolSettings[Key],
  ): Partial<ToolSettings> => {
    const place = placeAt(table, word)
    return place === undefined ? {} : { [key]: read(place) }
  }
  const noBinary = binaryWish(table, 'no-binary', 'no-binary-package')
  const onlyBinary = binaryWish(table, 'no-build', 'no-build-package')
  return {
    ...given('sources', 'sources', readSources),
    ...given('indexes', 'index', (place) => itemsOf(place).map(readIndex)),
    ...given('findLinks', 'find-links', (place) => itemsOf(place).map(textOf)),
    ...given('constraints', 'constraint-dependencies', (place) => itemsOf(place).map(requirementOf)),
    ...given('overrides', 'override-dependencies', (place) => itemsOf(place).map(requirementOf)),
    ...given('exclusions', 'exclude-dependencies', (place) => itemsOf(place).map(nameOf)),
    ...given('environments', 'environments', readMarkers),
    ...given('requiredEnvironments', 'required-environments', readMarkers),
    ...given('conflicts', 'conflicts', (place) => itemsOf(place).map(readConflict)),
    ...given('defaultGroups', 'default-groups', readDefaultGroups),
    ...given('excludeNewer', 'exclude-newer', (place) => readTime(place, now)),
    ...given('excludeNewerAge', 'exclude-newer', ({ value }) =>
      typeof value === 'string' ? parseAge(value) : undefined,
    ),
    ...given('strategy', 'resolution', (place) => wordOf(place, strategies)),
    ...given('prereleases', 'prerelease', (place) => wordOf(place, prereleases)),
    ...given('forkStrategy', 'fork-strategy', (place) => wordOf(place, forkStrategies)),
    ...given('isPackage', 'package', flagOf),
    ...(noBinary === undefined ? {} : { noBinary }),
    ...(onlyBinary === undefined ? {} : { onlyBinary }),
  }
}

const strategies = new Map([
  ['highest', 'highest'],
  ['lowest', 'lowest'],
  ['lowest-direct', 'lowest-direct'],
] as const)

const forkStrategies = new Map([
  ['requires-python', 'requires-python'],
  ['fewest', 'fewest'],
] as const)

/** uv's words; `if-necessary` is what den does anyway where nothing is said. */
const prereleases = new Map<string, ToolSettings['prereleases']>([
  ['allow', 'allow'],
  ['disallow', 'never'],
  ['never', 'never'],
  ['explicit', 'if-asked'],
  ['if-asked', 'if-asked'],
  ['if-necessary', undefined],
  ['if-necessary-or-explicit', undefined],
])

function readMarkers(place: Place): readonly Marker[] {
  return typeof place.value === 'string' ? [markerOf(place)] : itemsOf(place).map(markerOf)
}

function binaryWish(table: Place, flag: string, list: string): readonly string[] | undefined {
  const all = placeAt(table, flag)
  const some = placeAt(table, list)
  if (all === undefined && some === undefined) return undefined
  const names = some === undefined ? [] : itemsOf(some).map(nameOf)
  return all !== undefined && flagOf(all) ? [':all:', ...names] : names
}

function readDefaultGroups(place: Place): readonly string[] | 'all' {
  return place.value === 'all' ? 'all' : itemsOf(place).map(nameOf)
}

/** A moment, a day (to its end, in UTC: everywhere the same), or a length of time before now. */
export function readTime(place: Place, now: number): number {
  const { value } = place
  const moment = tryParseTime(isTomlMoment(value) ? value.text : textOf(place), now)
  if (moment !== undefined) return moment
  throw settingFault(place, 'a time is a date (2026-01-31), a moment (2026-01-31T12:00:00Z) or an age ("1 week")')
}

function readIndex(place: Place): IndexDefinition {
  const url = placeAt(place, 'url')
  if (url === undefined) throw settingFault(place, 'an index has an address: url = "https://…"')
  const name = placeAt(place, 'name')
  const format = placeAt(place, 'format')
  const flag = (key: string): boolean => {
    const value = placeAt(place, key)
    return value !== undefined && flagOf(value)
  }
  const isExplicit = flag('explicit')
  if (isExplicit && name === undefined) {
    throw settingFault(place, 'an explicit index is asked only for those that name it, and so needs a name')
  }
  return {
    ...(name === undefined ? {} : { name: textOf(name) }),
    url: textOf(url),
    isDefault: flag('default'),
    isExplicit,
    ...(format !== undefined && wordOf(format, formats) ? { isFlat: true as const } : {}),
  }
}

const formats = new Map([
  ['simple', false],
  ['flat', true],
])

function readConflict(place: Place): readonly ConflictItem[] {
  const items = itemsOf(place)
  if (items.length < 2) throw settingFault(place, 'a conflict is between two or more')
  return items.map((item) => {
    const extra = placeAt(item, 'extra')
    const group = placeAt(item, 'group')
    if ((extra === undefined) === (group === undefined)) {
      throw settingFault(item, 'here stands {extra = "NAME"} or {group = "NAME"}')
    }
    return extra === undefined ? { group: nameOf(group!) as string } : { extra: nameOf(extra) as string as ExtraName }
  })
}

export function readSources(place: Place): ReadonlyMap<ProjectName, readonly DependencySource[]> {
  const sources = new Map<ProjectName, readonly DependencySource[]>()
  for (const [name, entry] of entriesOf(place)) {
    const items = Array.isArray(entry.value) ? itemsOf(entry) : [entry]
    sources.set(normalizeName(name), items.map(readSource))
  }
  return sources
}

/** `tag`, `branch` and `rev` differ in what the one who wrote them means; git takes all three for a name of a commit. */
function readSource(place: Place): DependencySource {
  const text = (key: string): string | undefined => {
    const value = placeAt(place, key)
    return value === undefined ? undefined : textOf(value)
  }
  const kinds = ['git', 'url', 'path', 'index', 'workspace'].filter((key) => tableOf(place)[key] !== undefined)
  if (kinds.length !== 1) {
    throw settingFault(place, 'a source has one of git, url, path and index')
  }
  const marker = placeAt(place, 'marker')
  const [extra, group, subdirectory] = [placeAt(place, 'extra'), placeAt(place, 'group'), text('subdirectory')]
  const where = {
    ...(marker === undefined ? {} : { marker: markerOf(marker) }),
    ...(extra === undefined ? {} : { extra: nameOf(extra) as string as ExtraName }),
    ...(group === undefined ? {} : { group: nameOf(group) as string }),
  }
  const inside = subdirectory === undefined ? {} : { subdirectory }
  switch (kinds[0]) {
    case 'git': {
      const revisions = ['rev', 'tag', 'branch'].flatMap((key) => text(key) ?? [])
      if (revisions.length > 1) throw settingFault(place, 'a source has one of rev, tag and branch')
      const [revision] = revisions
      return { ...where, kind: 'git', url: text('git')!, ...(revision === undefined ? {} : { revision }), ...inside }
    }
    case 'url':
      return { ...where, kind: 'url', url: text('url')!, ...inside }
    case 'index':
      return { ...where, kind: 'index', index: text('index')! }
    case 'path': {
      const editable = placeAt(place, 'editable')
      return {
        ...where,
        kind: 'path',
        path: text('path')!,
        ...(editable === undefined ? {} : { editable: flagOf(editable) }),
        ...inside,
      }
    }
    default:
      throw settingFault(
        place,
        'den does not read workspaces yet: say where the member is, path = "…", and editable = true',
      )
  }
}

// What a project asks for, as the resolver takes it: its dependencies, extras and groups, each with for whom it is, and each from where
// the project's sources say.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import type { UniversalRoot } from '../engine/universal-request.ts'
import type { Host } from '../host/host.ts'
import { isAddress } from '../indexes/link.ts'
import type { ConflictItem, DependencySource, Manifest } from '../project/manifest.ts'
import { resolveDependencyGroup } from '../spec/dependency-groups.ts'
import { type Marker, parseMarker } from '../spec/marker.ts'
import { andMarkers, type MarkerCondition, negateMarker } from '../spec/marker-algebra.ts'
import { normalizeName } from '../spec/name.ts'
import { formatRequirement, type Requirement } from '../spec/requirement.ts'
import { fileUrl } from '../spec/requirements-txt-url.ts'

/** Who asks: the project itself where neither is given. */
interface Asking {
  readonly extra?: ExtraName
  readonly group?: string
}

type Rules = Pick<Host, 'path'>
type Asked = Pick<Manifest, 'name' | 'directory' | 'dependencies' | 'extras' | 'groups' | 'settings'>

/** All that is asked for. Throws what reading dependency groups throws. */
export function projectRoots(host: Rules, manifest: Asked): readonly UniversalRoot[] {
  const { dependencies, extras, groups } = manifest
  return [
    ...dependencies.flatMap((one) => rootsFor(host, manifest, one, {})),
    ...[...extras].flatMap(([extra, list]) => list.flatMap((one) => rootsFor(host, manifest, one, { extra }))),
    ...[...groups.groups.keys()].flatMap((group) =>
      resolveDependencyGroup(groups, group).flatMap((one) => rootsFor(host, manifest, one, { group })),
    ),
  ]
}

/** What one requirement more of the project's own would ask for. */
export function rootsOfRequirement(host: Rules, manifest: Asked, requirement: Requirement): readonly UniversalRoot[] {
  return rootsFor(host, manifest, requirement, {})
}

/** The project itself, from where it lies; what is no package has nothing but what its extras ask for. */
export function rootsOfProject(
  host: Rules,
  manifest: Asked & Pick<Manifest, 'isPackage'>,
  requirement: Requirement,
): readonly UniversalRoot[] {
  if (!manifest.isPackage) return selfRoots(host, manifest, requirement, {}, new Set())
  return [{ ...rootOf(requirement, {}, fileUrl(manifest.directory, host.path)), editable: true }]
}

/** The markers of which no two hold together, by what the project says excludes each other. */
export function projectConflicts({ settings }: Pick<Manifest, 'settings'>): readonly (readonly Marker[])[] {
  const markerOf = (item: ConflictItem): Marker => whenOf('extra' in item ? { extra: item.extra } : item)!
  return settings.conflicts.map((items) => items.map(markerOf))
}

function whenOf({ extra, group }: Asking): Marker | undefined {
  if (extra !== undefined) return parseMarker(`'${extra}' in extras`)
  if (group !== undefined) return parseMarker(`'${normalizeName(group)}' in dependency_groups`)
  return undefined
}

function rootsFor(
  host: Rules,
  manifest: Asked,
  requirement: Requirement,
  asking: Asking,
  seen: ReadonlySet<ExtraName> = new Set(),
): readonly UniversalRoot[] {
  if (requirement.name === manifest.name) return selfRoots(host, manifest, requirement, asking, seen)
  const sources = (manifest.settings.sources.get(requirement.name) ?? []).filter(
    ({ extra, group }) =>
      (extra === undefined || extra === asking.extra) &&
      (group === undefined || (asking.group !== undefined && normalizeName(group) === normalizeName(asking.group))),
  )
  // An address says where it comes from by itself.
  if (requirement.url !== undefined || sources.every(({ kind }) => kind === 'index'))
    return [rootOf(requirement, asking, requirement.url)]
  const roots: UniversalRoot[] = []
  let left: MarkerCondition = 'always'
  for (const source of sources) {
    const where = both(left, source.marker ?? 'always')
    left = both(left, source.marker === undefined ? 'never' : negateMarker(source.marker))
    const narrowed = where === 'never' ? undefined : within(requirement, where)
    if (narrowed === undefined) continue
    roots.push(
      source.kind === 'index' ? rootOf(narrowed, asking) : rootOf(narrowed, asking, linkOf(host, manifest, source)),
    )
    const last = roots.length - 1
    if (source.kind === 'path' && source.editable === true) roots[last] = { ...roots[last]!, editable: true }
  }
  const rest = left === 'never' ? undefined : within(requirement, left)
  return rest === undefined ? roots : [...roots, rootOf(rest, asking)]
}

/** A project's own extras, asked for by name: what they ask for is asked for by whoever asks for them. */
function selfRoots(
  host: Rules,
  manifest: Asked,
  { extras, marker }: Requirement,
  asking: Asking,
  seen: ReadonlySet<ExtraName>,
): readonly UniversalRoot[] {
  return extras.flatMap((extra) => {
    if (seen.has(extra)) return []
    const deeper = new Set([...seen, extra])
    return (manifest.extras.get(extra) ?? []).flatMap((one) => {
      const narrowed = marker === undefined ? one : within(one, marker)
      return narrowed === undefined ? [] : rootsFor(host, manifest, narrowed, asking, deeper)
    })
  })
}

function both(one: MarkerCondition, other: MarkerCondition): MarkerCondition {
  if (one === 'never' || other === 'never') return 'never'
  if (one === 'always') return other
  return other === 'always' ? one : andMarkers(one, other)
}

/** The requirement where the marker holds as well; undefined where that is nowhere. */
function within(requirement: Requirement, where: MarkerCondition): Requirement | undefined {
  const marker = both(requirement.marker ?? 'always', where)
  if (marker === 'never') return undefined
  return marker === 'always' ? requirement : { ...requirement, marker }
}

function rootOf(requirement: Requirement, asking: Asking, link?: string): UniversalRoot {
  const when = whenOf(asking)
  const { url: _, ...named } = requirement
  return {
    text: formatRequirement(requirement),
    // A version that is asked for beside an address is what the address must hold.
    requirement: link === undefined ? requirement : { ...named, url: link },
    extras: requirement.extras,
    ...(link === undefined ? {} : { link }),
    ...(requirement.marker === undefined ? {} : { marker: requirement.marker }),
    ...(when === undefined ? {} : { when }),
  }
}

/** A source's address, as pip writes it; paths count from the project. */
function linkOf({ path }: Rules, { directory }: Asked, source: Exclude<DependencySource, { kind: 'index' }>): string {
  const below = 'subdirectory' in source && source.subdirectory !== undefined ? source.subdirectory : undefined
  const fragment = below === undefined ? '' : `#subdirectory=${below}`
  if (source.kind === 'path') return `${fileUrl(path.resolve(directory, source.path), path)}${fragment}`
  if (source.kind === 'url') return `${source.url}${fragment}`
  const { url, revision } = source
  const repository = /^git\+/i.test(url)
    ? url
    : `git+${isAddress(url) || /^[a-z+]+:\/\//i.test(url) ? url : sshAddress(url)}`
  return `${repository}${revision === undefined ? '' : `@${revision}`}${fragment}`
}

/** "git@host:path", as git itself takes it. */
function sshAddress(url: string): string {
  const parts = /^([^/]+@[^/:]+):(.*)$/.exec(url)
  return parts === null ? url : `ssh://${parts[1]}/${parts[2]}`
}

/** A part of the environments, and the index by its name that a project comes from there; absent: from those that are named for none. */
export interface IndexPart {
  readonly index?: string
  readonly where: Marker
}

/** The projects that come from an index in some environments only, or for an extra or group, with all the parts that this makes. */
export function partedProjects({
  settings,
}: Pick<Manifest, 'settings'>): ReadonlyMap<ProjectName, readonly IndexPart[]> {
  const found = new Map<ProjectName, readonly IndexPart[]>()
  for (const [name, sources] of settings.sources) {
    const isPlain = ({ marker, extra, group }: DependencySource): boolean =>
      marker === undefined && extra === undefined && group === undefined
    if (!sources.some((source) => source.kind === 'index' && !isPlain(source))) continue
    const parts: IndexPart[] = []
    let left: MarkerCondition = 'always'
    for (const source of sources) {
      const when = whenOf(source.extra === undefined ? source : { extra: source.extra }) ?? 'always'
      const own = both(source.marker ?? 'always', when)
      const where = both(left, own)
      left = both(left, own === 'always' ? 'never' : own === 'never' ? 'always' : negateMarker(own))
      if (source.kind === 'index' && typeof where !== 'string') parts.push({ index: source.index, where })
    }
    found.set(name, typeof left === 'string' ? parts : [...parts, { where: left }])
  }
  return found
}

/** The projects that come from particular indexes, by the index's name, in the order in which sources name them. */
export function pinnedProjects({ settings }: Pick<Manifest, 'settings'>): ReadonlyMap<string, readonly ProjectName[]> {
  const found = new Map<string, ProjectName[]>()
  for (const [name, sources] of settings.sources) {
    for (const source of sources) {
      if (source.kind !== 'index') continue
      const list = found.get(source.index)
      if (list === undefined) found.set(source.index, [name])
      else if (!list.includes(name)) list.push(name)
    }
  }
  return found
}

// The requirements of a manifest, each with the list that it stands in, and how two manifests differ in them.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { hideCredentials } from '../base/safe-url.ts'
import { type RequirementPlace, writtenRequirement } from '../project/edit-manifest.ts'
import type { Manifest } from '../project/manifest.ts'
import { normalizeName } from '../spec/name.ts'
import { type Requirement, tryParseRequirement } from '../spec/requirement.ts'
import type { RequirementChange } from './project-change.ts'

export interface PlacedRequirement {
  readonly place: RequirementPlace
  readonly requirement: Requirement
}

/** What stands in the manifest itself; groups that others include are told once. */
export function placedRequirements({ dependencies, extras, groups }: Manifest): readonly PlacedRequirement[] {
  return [
    ...dependencies.map((requirement) => ({ place: { kind: 'project' } as const, requirement })),
    ...[...extras].flatMap(([extra, list]) =>
      list.map((requirement) => ({ place: { kind: 'extra', extra } as const, requirement })),
    ),
    ...[...groups.groups].flatMap(([group, { value }]) =>
      (Array.isArray(value) ? value : []).flatMap((item) => {
        const requirement = typeof item === 'string' ? tryParseRequirement(item) : undefined
        return requirement === undefined ? [] : [{ place: { kind: 'group', group } as const, requirement }]
      }),
    ),
  ]
}

/** Those of one list, by name. */
export function requirementsAt(manifest: Manifest, place: RequirementPlace): readonly Requirement[] {
  const wanted = placeText(place)
  return placedRequirements(manifest).flatMap((one) => (placeText(one.place) === wanted ? [one.requirement] : []))
}

/** "dependencies", "extra x", "group dev". */
export function placeText(place: RequirementPlace): string {
  if (place.kind === 'project' || place.kind === 'script') return 'dependencies'
  return place.kind === 'extra' ? `extra ${normalizeName(place.extra)}` : `group ${normalizeName(place.group)}`
}

export function extraPlace(name: string): RequirementPlace {
  return { kind: 'extra', extra: normalizeName(name) as string as ExtraName }
}

export function groupPlace(name: string): RequirementPlace {
  return { kind: 'group', group: normalizeName(name) }
}

/** What the history calls a change: "add --group docs sphinx"; addresses without their credentials. */
export function commandText(
  verb: string,
  { group, optional }: { readonly group?: string | undefined; readonly optional?: string | undefined },
  words: readonly string[],
): string {
  const place = group !== undefined ? ['--group', group] : optional !== undefined ? ['--optional', optional] : []
  return hideCredentials([verb, ...place, ...words].join(' '))
}

/** Requirements that came, went or changed, sorted by where they stand; addresses without their credentials. */
export function requirementChanges(before: Manifest, after: Manifest): readonly RequirementChange[] {
  const [was, is] = [textsOf(before), textsOf(after)]
  const keys = [...new Set([...was.keys(), ...is.keys()])]
  return keys.flatMap((key) => {
    const [old, now] = [was.get(key), is.get(key)]
    if (old?.text === now?.text) return []
    const { place, name } = (now ?? old)!
    return [
      {
        place,
        name,
        ...(old === undefined ? {} : { before: hideCredentials(old.text) }),
        ...(now === undefined ? {} : { after: hideCredentials(now.text) }),
      },
    ]
  })
}

interface Written {
  readonly place: string
  readonly name: ProjectName
  readonly text: string
}

/** By list, name and, where a name stands several times in a list, its number among them; with where it comes from. */
function textsOf(manifest: Manifest): ReadonlyMap<string, Written> {
  const found = new Map<string, Written>()
  const counts = new Map<string, number>()
  for (const { place, requirement } of placedRequirements(manifest)) {
    const { name } = requirement
    const list = placeText(place)
    const count = counts.get(`${list} ${name}`) ?? 0
    counts.set(`${list} ${name}`, count + 1)
    const sources = (manifest.settings.sources.get(name) ?? []).map(sourceText)
    const from = sources.length === 0 ? '' : ` (${sources.join(', ')})`
    found.set(`${list} ${name} ${count}`, { place: list, name, text: `${writtenRequirement(requirement)}${from}` })
  }
  return found
}

function sourceText(source: NonNullable<ReturnType<Manifest['settings']['sources']['get']>>[number]): string {
  switch (source.kind) {
    case 'path':
      return source.editable === true ? `${source.path}, editable` : source.path
    case 'git':
      return source.revision === undefined ? source.url : `${source.url}@${source.revision}`
    case 'url':
      return source.url
    case 'index':
      return `index ${source.index}`
  }
}

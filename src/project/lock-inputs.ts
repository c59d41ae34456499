// What a lock was made from, as the texts that stand in its [tool.den.inputs]: set against what the manifest says now (lock-values.ts) they
// tell, without the network, whether the lock still fits, and where not, in words.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { hideCredentials } from '../base/safe-url.ts'
import { isTomlTable, type TomlTable, type TomlValue } from '../format/toml.ts'
import { resolveDependencyGroup } from '../spec/dependency-groups.ts'
import { normalizeName, tryParseProjectName } from '../spec/name.ts'
import { formatRequirement, type Requirement, tryParseRequirement } from '../spec/requirement.ts'
import { formatSpecifiers, tryParseSpecifiers } from '../spec/specifier.ts'
import { choiceInputs } from './lock-choice.ts'
import { kept, type LockInputs } from './lock-values.ts'
import type { ConflictItem, DependencySource, IndexDefinition, Manifest } from './manifest.ts'

/** As much of a manifest as a lock is made from. */
export type LockedManifest = Pick<
  Manifest,
  'name' | 'requiresPython' | 'dependencies' | 'extras' | 'groups' | 'isPackage' | 'dynamic' | 'settings'
>

/** Throws what reading dependency groups throws. */
export function inputsOf(manifest: LockedManifest): LockInputs {
  const { settings } = manifest
  const groups = [...manifest.groups.groups.keys()].map(
    (name) => [name, resolveDependencyGroup(manifest.groups, name)] as const,
  )
  const { requiresPython } = manifest
  return kept({
    name: manifest.name,
    package: manifest.isPackage ? true : undefined,
    'requires-python': requiresPython && formatSpecifiers(requiresPython),
    dynamic: toldFields(manifest),
    dependencies: requirementTexts(manifest.dependencies),
    extras: byName([...manifest.extras].map(([name, list]) => [name, requirementTexts(list)])),
    groups: byName(groups.map(([name, list]) => [name, requirementTexts(list)])),
    constraints: requirementTexts(settings.constraints),
    overrides: requirementTexts(settings.overrides),
    exclusions: [...settings.exclusions].sort(),
    environments: settings.environments.map(({ text }) => text),
    'required-environments': settings.requiredEnvironments.map(({ text }) => text),
    conflicts: settings.conflicts.map((items) => items.map(conflictText).sort()),
    indexes: settings.indexes.map(indexTable),
    'find-links': settings.findLinks.map(hideCredentials),
    sources: byName([...settings.sources].map(([name, list]) => [name, list.map(sourceTable)])),
    ...choiceInputs(settings),
  })
}

const toldByBackends = ['requires-python', 'dependencies', 'optional-dependencies'] as const

/** The fields that a lock is made from and that only the build backend tells. */
export function toldFields({ dynamic }: Pick<Manifest, 'dynamic'>): readonly (typeof toldByBackends)[number][] {
  return toldByBackends.filter((field) => dynamic.has(field))
}

/** The manifest with the Pythons that its backend told when the lock was made, where it does not say them itself. */
export function withLockedPythons(manifest: Manifest, inputs: LockInputs | undefined): Manifest {
  if (!manifest.dynamic.has('requires-python')) return manifest
  const text = inputs?.['requires-python']
  const requiresPython = typeof text === 'string' ? tryParseSpecifiers(text) : undefined
  return requiresPython === undefined ? manifest : { ...manifest, requiresPython }
}

/** Something that the inputs ask for, and for whom. */
export interface LockRoot {
  readonly requirement: Requirement
  /** The extra or group that asks; neither: the project itself. */
  readonly extra?: ExtraName
  readonly group?: string
}

/** The project itself, where it is installed: a package that stands in no lock, since it is where the lock is. */
export function projectOfInputs(inputs: LockInputs | undefined): ProjectName | undefined {
  const name = inputs?.['name']
  return inputs?.['package'] === true && typeof name === 'string' ? tryParseProjectName(name) : undefined
}

/** What is asked for, by the inputs. What is no requirement (a hand's work) is passed over. */
export function rootsOfInputs(inputs: LockInputs): readonly LockRoot[] {
  const read = (list: TomlValue | undefined): readonly Requirement[] =>
    (Array.isArray(list) ? list : []).flatMap((text) =>
      typeof text === 'string' ? (tryParseRequirement(text) ?? []) : [],
    )
  const tables = (key: string): readonly (readonly [string, TomlValue])[] => {
    const table = inputs[key]
    return isTomlTable(table) ? Object.entries(table) : []
  }
  return [
    ...read(inputs['dependencies']).map((requirement) => ({ requirement })),
    ...tables('extras').flatMap(([name, list]) =>
      read(list).map((requirement) => ({ requirement, extra: normalizeName(name) as string as ExtraName })),
    ),
    ...tables('groups').flatMap(([name, list]) =>
      read(list).map((requirement) => ({ requirement, group: normalizeName(name) as string })),
    ),
  ]
}

/** An extra or a group of the project, normalized. */
export type LockPart =
  | { readonly extra: string; readonly group?: never }
  | { readonly group: string; readonly extra?: never }

/** Lists of extras and groups of which no two of a list are ever wanted together. */
export function conflictsOfInputs(inputs: LockInputs): readonly (readonly LockPart[])[] {
  const conflicts = inputs['conflicts']
  return (Array.isArray(conflicts) ? conflicts : []).map((items) =>
    (Array.isArray(items) ? items : []).flatMap((item): readonly LockPart[] => {
      const [, kind, name] = (typeof item === 'string' && /^(extra|group) (.+)$/.exec(item)) || []
      if (kind === undefined || name === undefined) return []
      return [kind === 'extra' ? { extra: name } : { group: name }]
    }),
  )
}

/** The projects that a backend asked for when the lock was made; none where the manifest itself says all. */
export function namesTold(
  manifest: Pick<Manifest, 'dynamic'>,
  lock: { readonly inputs?: LockInputs } | undefined,
): readonly ProjectName[] {
  if (toldFields(manifest).length === 0) return []
  return rootsOfInputs(lock?.inputs ?? {}).map(({ requirement }) => requirement.name)
}

/** A requirement in one spelling, without the credentials of its address. */
function requirementText(requirement: Requirement): string {
  const { name, url } = requirement
  return formatRequirement({
    ...requirement,
    rawName: name,
    ...(url === undefined ? {} : { url: hideCredentials(url) }),
  })
}

/** Their order says nothing, and so a change of it changes nothing. */
function requirementTexts(requirements: readonly Requirement[]): readonly string[] {
  return [...new Set(requirements.map(requirementText))].sort()
}

function conflictText(item: ConflictItem): string {
  return 'extra' in item ? `extra ${item.extra}` : `group ${normalizeName(item.group)}`
}

function indexTable({ name, url, isDefault, isExplicit, isFlat }: IndexDefinition): TomlTable {
  return kept({
    name,
    url: hideCredentials(url),
    default: isDefault ? true : undefined,
    explicit: isExplicit ? true : undefined,
    flat: isFlat,
  })
}

function sourceTable(source: DependencySource): TomlTable {
  const { marker, extra, group } = source
  const told: Record<string, TomlValue | undefined> =
    source.kind === 'path'
      ? { path: source.path, editable: source.editable, subdirectory: source.subdirectory }
      : source.kind === 'git'
        ? { git: hideCredentials(source.url), revision: source.revision, subdirectory: source.subdirectory }
        : source.kind === 'url'
          ? { url: hideCredentials(source.url), subdirectory: source.subdirectory }
          : { index: source.index }
  return kept({ ...told, marker: marker?.text, extra, group: group && normalizeName(group) })
}

function byName(entries: readonly (readonly [string, TomlValue])[]): TomlTable {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
}

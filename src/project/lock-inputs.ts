// What a lock was made from, as the texts that stand in its [tool.den.inputs]: set against what the manifest says now they tell, without
// the network, whether the lock still fits, and where not, in words.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { hideCredentials } from '../base/safe-url.ts'
import { isTomlTable, type TomlTable, type TomlValue } from '../format/toml.ts'
import { formatTomlValue } from '../format/toml-write.ts'
import { resolveDependencyGroup } from '../spec/dependency-groups.ts'
import { normalizeName, tryParseProjectName } from '../spec/name.ts'
import { formatRequirement, type Requirement, tryParseRequirement } from '../spec/requirement.ts'
import { formatSpecifiers } from '../spec/specifier.ts'
import type { ConflictItem, DependencySource, IndexDefinition, Manifest } from './manifest.ts'

/** Keys in a fixed order; what is empty is left out. Texts, flags, lists and tables of them: no numbers, no dates. */
export type LockInputs = TomlTable

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

/** What a command line may say of choosing in place of the manifest. */
export type ResolutionChoice = Partial<
  Pick<
    LockedManifest['settings'],
    'excludeNewer' | 'excludeNewerAge' | 'prereleases' | 'strategy' | 'forkStrategy' | 'noBinary' | 'onlyBinary'
  >
>

function choiceInputs(choice: ResolutionChoice): LockInputs {
  return kept({
    'exclude-newer': excludeNewerText(choice),
    prereleases: choice.prereleases,
    strategy: choice.strategy,
    'fork-strategy': choice.forkStrategy,
    'no-binary': choice.noBinary?.map(controlName).sort(),
    'only-binary': choice.onlyBinary?.map(controlName).sort(),
  })
}

/** What counts where nothing is said. */
const ordinary: LockInputs = { prereleases: 'if-asked', strategy: 'highest', 'fork-strategy': 'requires-python' }

/** How a lock was chosen, of both that its manifest and its command line said. */
interface Chosen {
  readonly inputs?: LockInputs | undefined
  readonly chosen?: LockInputs | undefined
}

/** Of what was said, what is not as the manifest has it: for the lock's notes. */
export function chosenInputs({ settings }: Pick<LockedManifest, 'settings'>, choice: ResolutionChoice): LockInputs {
  const inputs = choiceInputs(settings)
  return Object.fromEntries(
    Object.entries(choiceInputs(choice)).filter(([key, value]) => !sameChoice(key, inputs[key], value)),
  )
}

/** How the lock was chosen otherwise than is said now, a sentence each. What is not said may be as it was. */
export function choiceChanges({ inputs = {}, chosen = {} }: Chosen, choice: ResolutionChoice): readonly string[] {
  return Object.entries(choiceInputs(choice)).flatMap(([key, value]) => {
    const before = chosen[key] ?? inputs[key]
    return sameChoice(key, before, value) ? [] : [valueChange(key, before ?? ordinary[key], value)]
  })
}

/**
 * Whether versions are to be chosen by another rule than the lock's, so that those which it has say nothing: by what is said now, or by what
 * the manifest says since.
 */
export function choosesOtherwise(
  { inputs, chosen = {} }: Chosen,
  { settings }: Pick<LockedManifest, 'settings'>,
  choice: ResolutionChoice,
): boolean {
  const [said, settled] = [choiceInputs(choice), choiceInputs(settings)]
  return ['strategy', 'fork-strategy', 'prereleases'].some((key) => {
    const now = said[key] ?? settled[key]
    // Of another tool's lock nobody knows by which rule.
    const before = said[key] === undefined && inputs === undefined ? now : inputs?.[key]
    const rule = said[key] === undefined ? before : (chosen[key] ?? before)
    // Where fewer will do than before, those that will not do any more go by themselves.
    return !sameChoice(key, rule, now) && (key !== 'prereleases' || now === 'allow')
  })
}

function sameChoice(key: string, a: TomlValue | undefined, b: TomlValue | undefined): boolean {
  return sameValue(a ?? ordinary[key], b ?? ordinary[key])
}

/** The fields that a lock is made from and that only the build backend tells. */
export function toldFields({
  dynamic,
}: Pick<Manifest, 'dynamic'>): readonly ('dependencies' | 'optional-dependencies')[] {
  return (['dependencies', 'optional-dependencies'] as const).filter((field) => dynamic.has(field))
}

/**
 * How the second differs from the first, a sentence each; empty where they are the same. What the backend told is not asked again: whether
 * it would tell something else is seen by its files.
 */
export function inputChanges(locked: LockInputs, now: LockInputs): readonly string[] {
  const found: string[] = []
  const dynamic = textsOf(now['dynamic'])
  for (const key of keysOf(locked, now)) {
    if (dynamic.includes(key === 'extras' ? 'optional-dependencies' : key)) continue
    const [before, after] = [locked[key], now[key]]
    if (sameValue(before, after)) continue
    if (key === 'dependencies') found.push(...listChanges(before, after, ''))
    else if (key === 'constraints') found.push(...listChanges(before, after, 'the constraint '))
    else if (key === 'overrides') found.push(...listChanges(before, after, 'the override '))
    else if (key === 'extras' || key === 'groups') found.push(...tableChanges(key, before, after))
    else found.push(valueChange(key, before, after))
  }
  return found
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

/** The projects that a backend asked for when the lock was made; none where the manifest itself says all. */
export function namesTold(
  manifest: Pick<Manifest, 'dynamic'>,
  lock: { readonly inputs?: LockInputs } | undefined,
): readonly ProjectName[] {
  if (toldFields(manifest).length === 0) return []
  return rootsOfInputs(lock?.inputs ?? {}).map(({ requirement }) => requirement.name)
}

/** What is said as an age is a new moment each time that it is read, and has not changed for that. */
function excludeNewerText({ excludeNewer, excludeNewerAge }: ResolutionChoice): string | undefined {
  if (excludeNewerAge !== undefined) return `${excludeNewerAge / (60 * 60 * 1000)} hours ago`
  return excludeNewer === undefined ? undefined : new Date(excludeNewer).toISOString()
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

function controlName(name: string): string {
  return name.startsWith(':') ? name : normalizeName(name)
}

function byName(entries: readonly (readonly [string, TomlValue])[]): TomlTable {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function kept(table: Readonly<Record<string, TomlValue | undefined>>): TomlTable {
  return Object.fromEntries(
    Object.entries(table).filter((entry): entry is [string, TomlValue] => {
      const value = entry[1]
      if (value === undefined) return false
      if (Array.isArray(value)) return value.length > 0
      return !isTomlTable(value) || Object.keys(value).length > 0
    }),
  )
}

function keysOf(...tables: readonly TomlTable[]): readonly string[] {
  return [...new Set(tables.flatMap((table) => Object.keys(table)))]
}

/** The order of a table's keys says nothing. */
function sameValue(a: TomlValue | undefined, b: TomlValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  if (isTomlTable(a) && isTomlTable(b)) return keysOf(a, b).every((key) => sameValue(a[key], b[key]))
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameValue(item, (b as readonly TomlValue[])[index]))
  return !isTomlTable(a) && !isTomlTable(b) && formatTomlValue(a) === formatTomlValue(b)
}

function textsOf(value: TomlValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.map((item) => (typeof item === 'string' ? item : formatTomlValue(item))) : []
}

/** One that went and one that came with the same name is one that changed. */
function listChanges(
  before: TomlValue | undefined,
  after: TomlValue | undefined,
  what: string,
  where = '',
): readonly string[] {
  const [old, now] = [textsOf(before), textsOf(after)]
  const gone = old.filter((text) => !now.includes(text))
  const come = now.filter((text) => !old.includes(text))
  const nameOf = (text: string): string => tryParseRequirement(text)?.name ?? text
  const found: string[] = []
  for (const text of gone) {
    const same = (other: string): boolean => nameOf(other) === nameOf(text)
    const [instead] = come.filter(same)
    if (instead !== undefined && come.filter(same).length === 1 && gone.filter(same).length === 1) {
      found.push(`${what}${text} is now ${instead}${where}`)
      come.splice(come.indexOf(instead), 1)
    } else found.push(`${what}${text} is not asked for any more${where}`)
  }
  return [...found, ...come.map((text) => `${what}${text} is new${where}`)]
}

function tableChanges(
  key: 'extras' | 'groups',
  before: TomlValue | undefined,
  after: TomlValue | undefined,
): readonly string[] {
  const noun = key === 'extras' ? 'extra' : 'group'
  const [old, now] = [isTomlTable(before) ? before : {}, isTomlTable(after) ? after : {}]
  return keysOf(old, now).flatMap((name) => {
    if (now[name] === undefined) return [`the ${noun} ${name} is not there any more`]
    if (old[name] === undefined) return [`the ${noun} ${name} is new`]
    return listChanges(old[name], now[name], '', ` (${noun} ${name})`)
  })
}

const nouns: Readonly<Record<string, string>> = {
  name: 'the project’s name',
  package: 'whether the project itself is installed',
  dynamic: 'which requirements the build backend tells',
  'requires-python': 'requires-python',
  indexes: 'the indexes',
  'find-links': 'the places with links to files',
  sources: 'the sources of dependencies',
  environments: 'the environments that the lock is for',
  'required-environments': 'the environments that every package must have a file for',
  conflicts: 'which extras and groups exclude each other',
  exclusions: 'what is never installed',
}

function valueChange(key: string, before: TomlValue | undefined, after: TomlValue | undefined): string {
  const noun = nouns[key] ?? key
  const isText = (value: TomlValue | undefined): boolean => value === undefined || typeof value === 'string'
  if (!isText(before) || !isText(after)) return `${noun} changed`
  if (before === undefined) return `${noun} is now ${after as string}`
  if (after === undefined) return `${noun} was ${before as string} and is not given any more`
  return `${noun} was ${before as string} and is now ${after as string}`
}

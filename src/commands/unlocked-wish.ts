// What is chosen without a lock, for a script or for one run: where from, which versions and which files, as the project (or the script
// itself) has settled it, with the command line in its place.

import { defined } from '../base/defined.ts'
import type { UniversalRoot } from '../engine/universal-request.ts'
import { pathOfAddress } from '../host/file-address.ts'
import { isAddress } from '../indexes/link.ts'
import type { ProjectLock } from '../project/lock-read.ts'
import { formatRequirement } from '../spec/requirement.ts'
import { specifierSet } from '../spec/specifier.ts'
import type { Core } from './core.ts'
import type { ProjectPackagesWish } from './library-request.ts'
import type { PackageChoices } from './package-choices.ts'
import { uploadFacts } from './project-age.ts'
import type { Described } from './project-sources.ts'
import { projectWish } from './project-wish.ts'
import { writtenText } from './written-text.ts'

/** Names no packages yet. */
export type UnlockedWish = Omit<
  ProjectPackagesWish,
  'packages' | 'editables' | 'requirements' | 'scripts' | 'standardInput'
>

/** `earlier`: the lock whose files are of no age, having been decided for. Throws as `projectSources`. */
export function unlockedWish(
  core: Core,
  described: Described,
  choices: PackageChoices,
  earlier?: Pick<ProjectLock, 'lock' | 'text'>,
): UnlockedWish {
  const { settings } = described
  const { index, extraIndexes, findLinks, noIndex, offline } = choices
  const files = (list: typeof settings.constraints): readonly string[] =>
    list.length === 0 ? [] : [writtenText(core, 'requirements.txt', list.map(formatRequirement).join('\n'))]
  const prereleases = choices.prereleases ?? settings.prereleases
  const strategy = choices.strategy ?? settings.strategy
  const { exclusions } = settings
  return {
    ...projectWish(core, described, choices, earlier),
    // What a requirements file's own words about indexes come on top of.
    ...defined({ index, extraIndexes, findLinks, noIndex, offline }),
    constraints: files(settings.constraints),
    overrides: files(settings.overrides),
    ...(prereleases === undefined || prereleases === 'if-asked' ? {} : { prereleases: prereleases === 'allow' }),
    solving: {
      ...(strategy === undefined ? {} : { strategy }),
      ...(exclusions.length === 0 ? {} : { exclusions: new Set(exclusions) }),
    },
  }
}

/** What is asked for, as a command line would have it. */
export function packagesOfRoots(roots: readonly UniversalRoot[]): {
  readonly packages: readonly string[]
  readonly editables: readonly string[]
} {
  const isEdited = ({ editable, link }: UniversalRoot): boolean => editable === true && link !== undefined
  return {
    packages: roots.flatMap((root) => [...(isEdited(root) ? [] : [placeText(root)]), ...versionTexts(root)]),
    editables: roots.filter(isEdited).map(placeText),
  }
}

/** Where it comes from, with its extras and for whom it is; a text has no place for an address and versions both. */
function placeText({ requirement, text, link }: UniversalRoot): string {
  if (requirement === undefined) return link ?? text
  return formatRequirement(
    requirement.url === undefined ? requirement : { ...requirement, specifiers: specifierSet([]) },
  )
}

/** The versions that must come from an address, which is a requirement of its own then. */
function versionTexts({ requirement }: UniversalRoot): readonly string[] {
  if (requirement?.url === undefined || requirement.specifiers.specifiers.length === 0) return []
  const { url: _, ...named } = requirement
  return [formatRequirement({ ...named, extras: [] })]
}

/**
 * The same, to be compared: all that changes what is chosen, and nothing that doesn't. Ages are told as such, since the moment that one
 * comes to is another each time; of a directory with files, how it looks.
 */
export function unlockedFacts(
  core: Core,
  described: Described,
  choices: PackageChoices,
  { offline: _, project: __, settings, solving, ...wish }: UnlockedWish,
): readonly unknown[] {
  const { host } = core
  const places = (settings?.findLinks ?? []).map((place) => {
    const path = isAddress(place) ? pathOfAddress(place) : host.path.resolve(host.cwd, place)
    return path === undefined ? place : [path, host.files.stat(path)?.modified]
  })
  return [
    wish,
    [solving?.strategy, [...(solving?.exclusions ?? [])].sort()],
    [...(solving?.preferences ?? [])].map(([name, { text }]) => [name, text]),
    [settings?.indexes.map(({ url, projects }) => [url.href, projects]), settings?.policy, places],
    uploadFacts(core, described, choices),
  ]
}

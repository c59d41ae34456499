// What is chosen without a lock, for a script or for one run: where from, which versions and which files, as the project (or the script
// itself) has settled it, with the command line in its place.

import { isAddress } from '../indexes/link.ts'
import { pathOfAddress } from '../indexes/linked-files.ts'
import type { ProjectLock } from '../project/lock-read.ts'
import { formatRequirement } from '../spec/requirement.ts'
import type { Core } from './core.ts'
import type { ProjectPackagesWish } from './library-request.ts'
import type { ProjectChoices } from './project-resolve.ts'
import { type Described, projectSources, uploadFacts } from './project-sources.ts'
import { writtenText } from './written-text.ts'

/** What a command line may say of it. */
export type UnlockedChoices = Omit<ProjectChoices, 'upgrade' | 'limits'>

/** Names no packages yet. */
export type UnlockedWish = Omit<ProjectPackagesWish, 'packages' | 'editables' | 'requirements'>

/** `earlier`: the lock whose files are of no age, having been decided for. Throws as `projectSources`. */
export function unlockedWish(
  core: Core,
  described: Described,
  choices: UnlockedChoices,
  earlier?: Pick<ProjectLock, 'lock'>,
): UnlockedWish {
  const { settings } = described
  const files = (list: typeof settings.constraints): readonly string[] =>
    list.length === 0 ? [] : [writtenText(core, 'requirements.txt', list.map(formatRequirement).join('\n'))]
  const projects = (names: readonly string[]): readonly string[] | true => (names.includes(':all:') ? true : names)
  const prereleases = choices.prereleases ?? settings.prereleases
  const strategy = choices.strategy ?? settings.strategy
  const { exclusions } = settings
  return {
    ...sourcesWish(choices),
    constraints: files(settings.constraints),
    overrides: files(settings.overrides),
    noBinary: projects(choices.noBinary ?? settings.noBinary),
    onlyBinary: projects(choices.onlyBinary ?? settings.onlyBinary),
    ...(prereleases === undefined || prereleases === 'if-asked' ? {} : { prereleases: prereleases === 'allow' }),
    ...(choices.noBuildIsolation === true ? { buildIsolation: false } : {}),
    settings: projectSources(core, described, choices, earlier).settings,
    solving: {
      ...(strategy === undefined ? {} : { strategy }),
      ...(exclusions.length === 0 ? {} : { exclusions: new Set(exclusions) }),
    },
  }
}

/** What a requirements file's own words about indexes come on top of. */
function sourcesWish({
  index,
  extraIndexes,
  findLinks,
  noIndex,
  offline,
}: UnlockedChoices): Pick<UnlockedWish, 'index' | 'extraIndexes' | 'findLinks' | 'noIndex' | 'offline'> {
  return {
    ...(index === undefined ? {} : { index }),
    ...(extraIndexes === undefined ? {} : { extraIndexes }),
    ...(findLinks === undefined ? {} : { findLinks }),
    ...(noIndex === undefined ? {} : { noIndex }),
    ...(offline === undefined ? {} : { offline }),
  }
}

/**
 * The same, to be compared: all that changes what is chosen, and nothing that doesn't. Ages are told as such, since the moment that one
 * comes to is another each time; of a directory with files, how it looks.
 */
export function unlockedFacts(
  core: Core,
  described: Described,
  choices: UnlockedChoices,
  { offline: _, settings, solving, ...wish }: UnlockedWish,
): readonly unknown[] {
  const { host } = core
  const places = (settings?.findLinks ?? []).map((place) => {
    const path = isAddress(place) ? pathOfAddress(place) : host.path.resolve(host.cwd, place)
    return path === undefined ? place : [path, host.files.stat(path)?.modified]
  })
  return [
    wish,
    [solving?.strategy, [...(solving?.exclusions ?? [])].sort()],
    [settings?.indexes.map(({ url, projects }) => [url.href, projects]), settings?.policy, places],
    uploadFacts(core, described, choices),
  ]
}

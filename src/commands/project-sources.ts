// Where a project's packages come from. The strongest first: the command line and DEN_INDEX_URL, the project's own indexes, the user's pip
// settings, the public index. Of all of them the first that has a project gives it; one that is named for particular projects gives those
// and, where it is explicit, no others.

import type { ProjectName } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import type { UniversalOrigin, UniversalRequest } from '../engine/universal-request.ts'
import { type Host, variable } from '../host/host.ts'
import {
  type IndexEntry,
  openPackageSource,
  type PackageSource,
  type SourceSettings,
} from '../indexes/package-source.ts'
import type { ProjectLock } from '../project/lock-read.ts'
import type { IndexDefinition, Manifest } from '../project/manifest.ts'
import { tryParseProjectName } from '../spec/name.ts'
import type { PylockPackage } from '../spec/pylock.ts'
import { tryParseRequirement } from '../spec/requirement.ts'
import { specifiersContain } from '../spec/specifier.ts'
import { formatVersion, type Version } from '../spec/version.ts'
import type { Core } from './core.ts'
import { type IndexWish, indexRequest } from './library-request.ts'
import { indexUrl, sourceSettings } from './pip-sources.ts'
import { readPolicy } from './policy.ts'
import { type AgePolicy, type LockedFile, uploadSettings } from './policy-age.ts'
import { partedProjects, pinnedProjects } from './project-roots.ts'

export interface ProjectSources {
  readonly settings: SourceSettings
  /** The index that the user's settings put in the public one's place; absent: none did. */
  readonly mirror?: string
  /** Where projects come from that come from one index here and from another there. */
  readonly origins?: NonNullable<UniversalRequest['origins']>
}

export interface ProjectSourcesRequest extends IndexWish {
  /** Milliseconds since 1970; in place of what the project says. */
  readonly excludeNewer?: number
  /** Where that was said as an age: the milliseconds. */
  readonly excludeNewerAge?: number
  /** Milliseconds; in place of the `minimum-age` that the project says, or of a day. 0: files of any age will do. */
  readonly minimumAge?: number
  /** Ask again, whatever the cache holds. */
  readonly refresh?: boolean
}

export type Described = Pick<Manifest, 'file' | 'directory' | 'settings'>

/**
 * The settings of the project's package source. `earlier`: the lock whose files are of no age, having been decided for. Throws
 * `invalid-setting`, `invalid-ini`, `invalid-policy`, `unknown-index`.
 */
export function projectSources(
  core: Core,
  manifest: Described,
  wish: ProjectSourcesRequest = {},
  earlier?: Pick<ProjectLock, 'lock'>,
): ProjectSources {
  const { host } = core
  const { settings: own } = manifest
  const { sources, network } = indexRequest(host, wish)
  const asked = wish.index ?? (variable(host, 'DEN_INDEX_URL')?.trim() || undefined)
  const simple = own.indexes.filter(({ isFlat }) => isFlat !== true)
  const general = simple.filter(({ isDefault, isExplicit }) => !isDefault && !isExplicit)
  const fallback = simple.find(({ isDefault, isExplicit }) => isDefault && !isExplicit)
  const main = asked ?? (fallback === undefined ? sources.index : addressOf(host, manifest, fallback))
  const flat = own.indexes.filter(({ isFlat }) => isFlat === true).map((one) => addressOf(host, manifest, one))
  const findLinks = [...own.findLinks, ...flat].map((place) => placeOf(host, manifest.directory, place))
  const settings = sourceSettings(
    host,
    {
      sources: {
        ...sources,
        ...(main === undefined ? {} : { index: main }),
        extraIndexes: [
          ...(wish.extraIndexes ?? []),
          ...general.map((one) => addressOf(host, manifest, one)),
          ...(wish.extraIndexes === undefined ? sources.extraIndexes : []),
        ],
        findLinks: [...sources.findLinks, ...findLinks],
        refresh: wish.refresh === true ? new Set([':all:']) : sources.refresh,
      },
      network,
    },
    core,
  )
  const uploads = uploadsOf(core, manifest, wish, earlier)
  const pinned = pinnedEntries(host, manifest, simple)
  const mirror = fallback === undefined || asked !== undefined ? main : undefined
  const parts = partedProjects(manifest)
  const parted = new Map([...parts].map(([name, list]) => [name, list.some(({ index }) => index === undefined)]))
  const origins = new Map(
    [...parts].map(([name, list]) => [
      name,
      list.map(({ index, where }): UniversalOrigin => {
        if (index !== undefined)
          return { indexes: pinned.flatMap((one) => (one.name === index ? [one.url] : [])), where }
        const indexes = settings.indexes.map(({ url }) => url)
        return { indexes, ...(settings.policy === 'best-version' ? { all: true } : {}), where }
      }),
    ]),
  )
  return {
    settings: {
      ...settings,
      ...uploads,
      indexes: [...pinned, ...settings.indexes],
      ...(parted.size === 0 ? {} : { parted }),
    },
    ...(mirror === undefined ? {} : { mirror }),
    ...(origins.size === 0 ? {} : { origins }),
  }
}

/** How old files must be. */
type AgeRule =
  | { readonly kind: 'before'; readonly moment: number; readonly age?: number | undefined }
  | { readonly kind: 'policy'; readonly policy: AgePolicy }

/** As `exclude-newer` says, which is exact and holds for all of them, else as the policy does; undefined: files of any age will do. */
function ageRule(
  { host }: Pick<Core, 'host'>,
  { directory, settings }: Described,
  { excludeNewer, excludeNewerAge, minimumAge }: ProjectSourcesRequest,
): AgeRule | undefined {
  if (excludeNewer !== undefined) return { kind: 'before', moment: excludeNewer, age: excludeNewerAge }
  if (settings.excludeNewer !== undefined)
    return { kind: 'before', moment: settings.excludeNewer, age: settings.excludeNewerAge }
  if (minimumAge === 0) return undefined
  const { age } = readPolicy(host, directory)
  const policy = minimumAge === undefined ? age : { ...age, minimumAge }
  return policy.minimumAge === 0 ? undefined : { kind: 'policy', policy }
}

function uploadsOf(
  core: Core,
  manifest: Described,
  wish: ProjectSourcesRequest,
  earlier: Pick<ProjectLock, 'lock'> | undefined,
): Pick<SourceSettings, 'uploadedBefore' | 'uploadExceptions'> {
  const rule = ageRule(core, manifest, wish)
  if (rule === undefined) return {}
  if (rule.kind === 'before') return { uploadedBefore: rule.moment }
  return uploadSettings(rule.policy, { now: core.host.now(), locked: () => lockedFiles(earlier?.lock?.packages ?? []) })
}

/** How old files must be, to be compared: what is said as an age is another moment each time, and the same age. */
export function uploadFacts(core: Pick<Core, 'host'>, manifest: Described, wish: ProjectSourcesRequest): unknown {
  const rule = ageRule(core, manifest, wish)
  if (rule?.kind !== 'before') return rule && [rule.policy.minimumAge, [...rule.policy.exempt].sort()]
  return rule.age === undefined ? new Date(rule.moment).toISOString() : { age: rule.age }
}

/**
 * What is too young is not there, for the solver: it cannot say so itself. `looked`: the source that it has looked in; without it what the
 * cache knows.
 */
export function sayWhatIsTooYoung(core: Core, settings: SourceSettings, error: unknown, looked?: PackageSource): void {
  if (settings.uploadExceptions === undefined || !isDenError(error, 'no-solution')) return
  const { refresh: _, ...kept } = settings
  const quiet = { ...core, report: () => undefined }
  const source = looked ?? openPackageSource(quiet, { ...kept, findLinks: [], offline: true })
  try {
    const names = tooYoungFor(source, error.detail)
    if (names.length === 0) return
    const text = `releases of ${names.join(', ')} younger than minimum-age were left out: --minimum-age 0 lets them in`
    core.report({ kind: 'note', text })
  } finally {
    if (source !== looked) source.close()
  }
}

/** The projects of a conflict of which something was left out that what is asked for would let through. */
function tooYoungFor(
  source: PackageSource,
  { asked, reasons, missing }: DenError<'no-solution'>['detail'],
): readonly ProjectName[] {
  const wishes = asked.flatMap((text) => tryParseRequirement(text) ?? [])
  const words = [...asked, ...reasons, ...missing].flatMap((text) => text.match(/[\w.-]+/g) ?? [])
  const found: ProjectName[] = []
  for (const name of new Set(words.flatMap((word) => tryParseProjectName(word) ?? []))) {
    const own = wishes.filter((wish) => wish.name === name)
    // Words that are no projects are in no cache, and nobody is asked about them.
    const versions = source.cachedProject(name)?.tooNew?.() ?? []
    const isMeant = (version: Version): boolean =>
      own.every(({ specifiers }) => specifiersContain(specifiers, version, { prereleases: true }))
    if (versions.some(isMeant)) found.push(name)
  }
  return found.sort()
}

function lockedFiles(packages: readonly PylockPackage[]): readonly LockedFile[] {
  return packages.flatMap(({ name, version, sdist, wheels = [] }) => {
    if (version === undefined) return []
    const text = formatVersion(version)
    return [...wheels, ...(sdist === undefined ? [] : [sdist])].map(({ hashes }) => ({
      project: name,
      version: text,
      hashes: Object.fromEntries(hashes),
    }))
  })
}

function pinnedEntries(host: Host, manifest: Described, indexes: readonly IndexDefinition[]): readonly IndexEntry[] {
  return [...pinnedProjects(manifest)].map(([name, projects]) => {
    const index = indexes.find((one) => one.name === name)
    if (index === undefined) {
      const known = indexes.flatMap((one) => one.name ?? [])
      throw new DenError('unknown-index', { file: manifest.file, index: name, projects, known })
    }
    return { url: indexUrl(host, addressOf(host, manifest, index)), name, projects }
  })
}

/** An index's address with what it leaves to variables, `${NAME}` and credentials that are no business of a file in a repository. */
function addressOf(host: Host, { directory }: Described, { name, url }: IndexDefinition): string {
  const filled = url.replace(/\$\{([A-Za-z_]\w*)\}/g, (reference, one: string) => variable(host, one) ?? reference)
  const place = placeOf(host, directory, filled)
  return name === undefined ? place : withCredentials(host, name, place)
}

function withCredentials(host: Host, name: string, address: string): string {
  const word = name.toUpperCase().replace(/[^A-Z0-9]/g, '_')
  const told = (what: string): string | undefined =>
    variable(host, `DEN_INDEX_${word}_${what}`) ?? variable(host, `UV_INDEX_${word}_${what}`)
  const [user, password] = [told('USERNAME'), told('PASSWORD')]
  const parsed: SafeUrl | undefined = user === undefined && password === undefined ? undefined : tryParseUrl(address)
  if (parsed === undefined || !/^https?:/.test(parsed.href)) return address
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`
  return parsed.href.replace('://', `://${encodeURIComponent(user ?? '')}${secret}@`)
}

/** A path counts from the project, whoever asks from where. */
function placeOf({ path }: Host, directory: string, text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : path.resolve(directory, text)
}

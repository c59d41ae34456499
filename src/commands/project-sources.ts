// Where a project's packages come from. The strongest first: the command line and DEN_INDEX_URL, the project's own indexes, the user's pip
// settings, the public index. Of all of them the first that has a project gives it; one that is named for particular projects gives those
// and, where it is explicit, no others.

import { DenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import type { UniversalOrigin, UniversalRequest } from '../engine/universal-request.ts'
import { type Host, variable } from '../host/host.ts'
import type { IndexEntry, SourceSettings } from '../indexes/package-source.ts'
import type { ProjectLock } from '../project/lock-read.ts'
import type { IndexDefinition, Manifest } from '../project/manifest.ts'
import type { Core } from './core.ts'
import { type IndexWish, indexRequest } from './library-request.ts'
import { indexUrl, sourceSettings } from './pip-sources.ts'
import { type AgeLimit, uploadsOf } from './project-age.ts'
import { partedProjects, pinnedProjects } from './project-roots.ts'

export interface ProjectSources {
  readonly settings: SourceSettings
  readonly ageLimit?: AgeLimit
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
  earlier?: Pick<ProjectLock, 'lock' | 'text'>,
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
      ...uploads.settings,
      indexes: [...pinned, ...settings.indexes],
      ...(parted.size === 0 ? {} : { parted }),
    },
    ...(uploads.ageLimit === undefined ? {} : { ageLimit: uploads.ageLimit }),
    ...(mirror === undefined ? {} : { mirror }),
    ...(origins.size === 0 ? {} : { origins }),
  }
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

// Where distributions come from: the indexes and find-links of the settings as one source, with everything cached that may be. What is
// asked twice is fetched once; what is fresh in the cache is answered without asking, and without a promise (`cachedProject`).

import type { ProjectName } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import type { Places } from '../config/places.ts'
import type { Context } from '../host/host.ts'
import { workPlace } from '../host/work-place.ts'
import type { Transport, TransportOptions } from '../net/transport.ts'
import type { Metadata } from '../spec/metadata.ts'
import type { DistributionFile, ProjectFiles } from './distribution-file.ts'
import { type FetchedFile, type FetchOptions, openFetcher } from './fetch-file.ts'
import { type Answer, openIndexAnswers, type PageRead } from './index-answers.ts'
import { isAddress } from './link.ts'
import { readPlace } from './linked-files.ts'
import { openMetadataReader } from './metadata-reader.ts'
import { mergeProjects, projectOfFiles, statusWarning } from './project-files.ts'
import { cameBefore, type UploadExceptions, uploadLimitOf } from './upload-limit.ts'

export type IndexContext = Context & { readonly places: Pick<Places, 'cache'> }

export interface IndexEntry {
  /** Ends in `/`. Its credentials go to its own origin only. */
  readonly url: SafeUrl
  readonly name?: string
  /** These projects come from this index alone, and nothing else does. */
  readonly projects?: readonly ProjectName[]
}

export interface SourceSettings {
  /** Best first. */
  readonly indexes: readonly IndexEntry[]
  /**
   * Projects of which every index that is named for them is asked, since each is for other environments; `true`: and, for what is left, the
   * indexes that are named for none.
   */
  readonly parted?: ReadonlyMap<ProjectName, boolean>
  /** Directories, pages, addresses of either. */
  readonly findLinks: readonly string[]
  /** `first-index`: a project comes from the first index that has it. `best-version`: from all of them, as in pip. */
  readonly policy: 'first-index' | 'best-version'
  readonly offline: boolean
  /** Milliseconds since 1970: files of indexes that came then or later do not exist. */
  readonly uploadedBefore?: number
  /** What that limit leaves alone, for a cool-down; nothing unless said, as in pip. */
  readonly uploadExceptions?: UploadExceptions
  /** Projects (or all) whose pages are asked for however fresh they are. */
  readonly refresh?: true | ReadonlySet<ProjectName>
  /** What becomes of an index that cannot be asked: `skip` warns and goes on, as pip does. `error` unless said. */
  readonly unreachable?: 'error' | 'skip'
  /** What becomes of a page that comes over plain http from a host that is not trusted: `skip` warns, as pip does. `allow` unless said. */
  readonly insecure?: 'allow' | 'skip'
  /** false: nothing that others have kept is read, and nothing is left behind (--no-cache-dir). */
  readonly cache?: boolean
  /** The connection; otherwise one is opened when it is needed, and closed with the source. */
  readonly transport?: Transport
  /** For the connection that is opened: proxies, certificates, trusted hosts, keyring. */
  readonly connection?: Omit<TransportOptions, 'offline' | 'indexes'>
}

export interface PackageSource {
  /** Files of the project, from the indexes and find-links of the settings by the policy; undefined when nobody has it. */
  project(name: ProjectName): Promise<ProjectFiles | undefined>
  /** METADATA without running code; undefined: only a build tells. Throws `metadata-mismatch`, and what fetching throws. */
  metadata(file: DistributionFile): Promise<Metadata | undefined>
  /** METADATA's or PKG-INFO's whole text, where `metadata` has it. */
  metadataText(file: DistributionFile): Promise<string | undefined>
  /** The verified bytes, on disk or in memory. Throws `hash-mismatch`, and what fetching throws. */
  fetch(file: DistributionFile, options?: FetchOptions): Promise<FetchedFile>
  /** An answer without asking anybody; undefined: ask `project`, which may find that nobody has it. */
  cachedProject(name: ProjectName): ProjectFiles | undefined
  cachedMetadata(file: DistributionFile): Metadata | undefined
  /** The pages of indexes that were used so far, as they were. */
  pagesRead(): readonly PageRead[]
  close(): void
}

/** Nothing is read, made or connected before it is needed. */
export function openPackageSource(context: IndexContext, settings: SourceSettings): PackageSource {
  const { host } = context
  const { policy, offline } = settings
  // Without a cache there is one of this run's own: a page is read in parts, and large files have to be somewhere.
  const places = settings.cache === false ? { cache: workPlace(host, context.places.cache) } : context.places
  let opened: Promise<Transport> | undefined
  const transport = (): Promise<Transport> => {
    if (settings.transport !== undefined) return Promise.resolve(settings.transport)
    opened ??= import('../net/transport.ts').then(({ openTransport }) =>
      openTransport(context, { ...settings.connection, offline, indexes: settings.indexes.map(({ url }) => url) }),
    )
    return opened
  }
  const fetcher = openFetcher(context, { transport, places })

  /** Of each list the policy chooses. */
  const indexesFor = (name: ProjectName): readonly (readonly IndexEntry[])[] => {
    const pinned = settings.indexes.filter(({ projects }) => projects?.includes(name) === true)
    const others = (): readonly IndexEntry[] => settings.indexes.filter(({ projects }) => projects === undefined)
    const isParted = settings.parted?.get(name)
    if (isParted !== undefined) return [...pinned.map((one) => [one]), ...(isParted ? [others()] : [])]
    return [pinned.length > 0 ? pinned : others()]
  }
  const ofIndexes = openIndexAnswers(context, {
    settings,
    places,
    transport,
    damaged: (name) => {
      settled.delete(name)
      asked.delete(name)
    },
  })
  const { fresh, ask, failure, passesOver, notesOf, keepNotes } = ofIndexes

  const metadata = openMetadataReader(context, { transport, places, fetch: fetcher.fetch, notesOf })

  let linked: ReadonlyMap<ProjectName, readonly DistributionFile[]> | undefined =
    settings.findLinks.length === 0 ? new Map() : undefined
  let reading: Promise<ReadonlyMap<ProjectName, readonly DistributionFile[]>> | undefined
  const readLinked = async (): Promise<ReadonlyMap<ProjectName, readonly DistributionFile[]>> => {
    const found = new Map<ProjectName, DistributionFile[]>()
    const allowed = settings.findLinks.filter((place) => {
      const url = isAddress(place) ? tryParseUrl(place) : undefined
      return url === undefined || !passesOver(url)
    })
    const lists = await Promise.all(allowed.map((place) => readPlace(context, place, { transport })))
    for (const file of lists.flat()) {
      const known = found.get(file.parsed.name)
      if (known === undefined) found.set(file.parsed.name, [file])
      else known.push(file)
    }
    linked = found
    return found
  }

  const join = (
    name: ProjectName,
    links: readonly DistributionFile[],
    answers: readonly Answer[],
  ): ProjectFiles | undefined => {
    const parts = answers.flatMap((answer) => (answer === 'absent' ? [] : [answer.project]))
    // Files that the user has pointed to by hand go before an index's of the same version. Those of this machine are of no time.
    const uploads = uploadLimitOf(name, settings)
    const own = links.filter((file) => uploads === undefined || file.place.kind === 'path' || cameBefore(file, uploads))
    if (own.length > 0) parts.unshift(projectOfFiles(name, own))
    return parts.length === 0 ? undefined : mergeProjects(name, parts)
  }

  /** By the policy, from what `answer` gives; undefined as soon as it gives nothing. */
  const choose = (name: ProjectName, answer: (index: SafeUrl) => Answer | undefined): readonly Answer[] | undefined => {
    const answers = new Map<string, Answer>()
    for (const list of indexesFor(name)) {
      for (const { url } of list) {
        const one = answers.get(url.href) ?? answer(url)
        if (one === undefined) return undefined
        answers.set(url.href, one)
        if (policy === 'first-index' && one !== 'absent') break
      }
    }
    return [...answers.values()]
  }

  const find = async (name: ProjectName): Promise<ProjectFiles | undefined> => {
    reading ??= linked === undefined ? readLinked() : Promise.resolve(linked)
    // Told where it is waited for, which an index's own error may come before.
    reading.catch(() => undefined)
    const answers = new Map<string, Promise<Answer>>()
    const answer = (url: SafeUrl): Promise<Answer> => {
      const known = answers.get(url.href) ?? ask(name, url)
      answers.set(url.href, known)
      return known
    }
    for (const indexes of indexesFor(name)) {
      if (policy === 'best-version') await Promise.all(indexes.map(({ url }) => answer(url)))
      else for (const { url } of indexes) if ((await answer(url)) !== 'absent') break
    }
    const project = join(name, (await reading).get(name) ?? [], await Promise.all(answers.values()))
    // "Nobody has it" would be no answer where one could not be asked.
    const failed = project === undefined ? failure(name) : undefined
    if (failed !== undefined) throw failed
    return project
  }

  const asked = new Map<ProjectName, Promise<ProjectFiles | undefined>>()
  const settled = new Map<ProjectName, ProjectFiles>()
  const settle = (name: ProjectName, project: ProjectFiles): void => {
    // Without a word it would look as if nothing had ever been released.
    if (project.status?.state === 'quarantined' && !settled.has(name))
      context.report({ kind: 'note', text: statusWarning(project)! })
    settled.set(name, project)
  }
  const project = (name: ProjectName): Promise<ProjectFiles | undefined> => {
    const known = asked.get(name)
    if (known !== undefined) return known
    const answer = find(name).then(
      (project) => {
        if (project !== undefined) settle(name, project)
        return project
      },
      (error: unknown) => {
        // Another try may go better.
        asked.delete(name)
        if (settings.findLinks.length === 0 || !isDenError(error, 'offline')) throw error
        throw new DenError('offline', { ...error.detail, links: true }, { cause: error })
      },
    )
    asked.set(name, answer)
    return answer
  }
  return Object.freeze({
    project,
    cachedProject: (name: ProjectName) => {
      const known = settled.get(name)
      if (known !== undefined || linked === undefined || asked.has(name)) return known
      const answers = choose(name, (index) => fresh(name, index))
      const project = answers === undefined ? undefined : join(name, linked.get(name) ?? [], answers)
      if (project !== undefined) settle(name, project)
      return project
    },
    metadata: metadata.metadata,
    metadataText: metadata.text,
    cachedMetadata: metadata.cached,
    pagesRead: ofIndexes.read,
    fetch: async (file: DistributionFile, options?: FetchOptions) => {
      if (file.lockedIndex === undefined) return await fetcher.fetch(file, options)
      const { standInFor } = await import('./stand-in.ts')
      return await fetcher.fetch(await standInFor(file, { settings, project }), options)
    },
    close: () => {
      void opened?.then((open) => open.close())
      ofIndexes.close()
      if (settings.cache === false) host.disk.removeTree(places.cache)
      else keepNotes()
    },
  })
}

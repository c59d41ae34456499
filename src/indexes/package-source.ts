// Where distributions come from: the indexes and find-links of the settings as one source, with everything cached that may be. What is
// asked twice is fetched once; what is fresh in the cache is answered without asking, and without a promise (`cachedProject`).

import type { ProjectName } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import type { Places } from '../config/places.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import { isFresh } from '../net/freshness.ts'
import { isSecureOrigin } from '../net/origins.ts'
import type { Transport, TransportOptions } from '../net/transport.ts'
import type { Metadata } from '../spec/metadata.ts'
import type { IndexPage } from '../spec/simple-index.ts'
import type { DistributionFile, ProjectFiles } from './distribution-file.ts'
import { type FetchedFile, type FetchOptions, openFetcher } from './fetch-file.ts'
import { openIndexClient, type PageAnswer, type PageState } from './index-client.ts'
import { isAddress } from './link.ts'
import { filesOfLocalPage, pathOfAddress, readPlace } from './linked-files.ts'
import { openMetadataReader } from './metadata-reader.ts'
import { type CachedPage, openPageCache } from './page-cache.ts'
import { type EncodedPage, encodePage, type PageFacts, readHead, sealHead } from './page-record.ts'
import { cameBefore, mergeProjects, projectOfFiles, projectOfPage } from './project-files.ts'

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
  /** Directories, pages, addresses of either. */
  readonly findLinks: readonly string[]
  /** `first-index`: a project comes from the first index that has it. `best-version`: from all of them, as in pip. */
  readonly policy: 'first-index' | 'best-version'
  readonly offline: boolean
  /** Milliseconds since 1970: files of indexes that came then or later do not exist. */
  readonly uploadedBefore?: number
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
  close(): void
}

/** Of the simple API, with the project's status (PEP 792). */
const newestMinor = 4

/** One index's answer for one project. */
type Answer = { readonly project: ProjectFiles } | 'absent'

/** Nothing is read, made or connected before it is needed. */
export function openPackageSource(context: IndexContext, settings: SourceSettings): PackageSource {
  const { host, report } = context
  const { policy, offline, uploadedBefore, refresh } = settings
  // Without a cache there is one of this run's own: a page is read in parts, and large files have to be somewhere.
  const places =
    settings.cache === false
      ? {
          cache: host.path.join(
            context.places.cache,
            `run-${sha256Hex(`${host.now()} ${Math.random()}`).slice(0, 16)}`,
          ),
        }
      : context.places
  const pages = openPageCache(context, places)
  let opened: Promise<Transport> | undefined
  const transport = (): Promise<Transport> => {
    if (settings.transport !== undefined) return Promise.resolve(settings.transport)
    opened ??= import('../net/transport.ts').then(({ openTransport }) =>
      openTransport(context, { ...settings.connection, offline, indexes: settings.indexes.map(({ url }) => url) }),
    )
    return opened
  }
  const fetcher = openFetcher(context, { transport, places })
  const metadata = openMetadataReader(context, { transport, places, fetch: fetcher.fetch })

  const indexesFor = (name: ProjectName): readonly IndexEntry[] => {
    const pinned = settings.indexes.filter(({ projects }) => projects?.includes(name) === true)
    return pinned.length > 0 ? pinned : settings.indexes.filter(({ projects }) => projects === undefined)
  }
  const answerOf = (page: CachedPage, name: ProjectName, index: SafeUrl): Answer => {
    if (page.head.facts.absent === true) return 'absent'
    const damaged = (): void => {
      pages.forget(index, name)
      settled.delete(name)
      asked.delete(name)
    }
    return { project: projectOfPage(page, { name, index, uploadedBefore, damaged }) }
  }
  const wantsRefresh = (name: ProjectName): boolean => refresh === true || refresh?.has(name) === true

  /** What the cache may answer by itself. */
  const fresh = (name: ProjectName, index: SafeUrl): Answer | undefined => {
    if (isLocal(index) || (wantsRefresh(name) && !offline) || passesOver(index)) return undefined
    const page = pages.read(index, name)
    return page !== undefined && (offline || isFresh(page.head.facts, host.now()))
      ? answerOf(page, name, index)
      : undefined
  }

  const ask = async (name: ProjectName, index: SafeUrl): Promise<Answer> => {
    if (isLocal(index)) return askLocal(name, index)
    const before = fresh(name, index)
    if (before !== undefined) return before
    const known = pages.read(index, name)
    const client = openIndexClient(context, { transport: await transport(), url: index })
    const answer = await client.requestProjectPage(name, known?.head.facts)
    if (answer.kind === 'unchanged' && known !== undefined) {
      const facts = { ...known.head.facts, ...factsOf(answer.state) }
      return answerOf(pages.renew(index, name, facts) ?? known, name, index)
    }
    if (answer.kind === 'page') noteNewer(index, answer.page)
    const page = pageInMemory(name, answer)
    if (!answer.state.storable) pages.forget(index, name)
    else pages.write(index, name, page.encoded, page.page.head.facts)
    return answerOf(page.page, name, index)
  }

  /** "Clients SHOULD warn" (PEP 629); once an index is enough. */
  const noteNewer = (index: SafeUrl, { apiVersion }: IndexPage): void => {
    if (apiVersion === undefined || apiVersion[1] <= newestMinor || noted.has(index.href)) return
    noted.add(index.href)
    const text = `${index} speaks version ${apiVersion.join('.')} of the simple API; den knows 1.${newestMinor}`
    report({ kind: 'note', text })
  }
  const noted = new Set<string>()

  const passesOver = (page: SafeUrl): boolean => {
    if (settings.insecure !== 'skip') return false
    let insecure = insecurePages.get(page.href)
    if (insecure === undefined) {
      insecure = !isSecureOrigin(page, settings.connection?.trustedHosts ?? [])
      insecurePages.set(page.href, insecure)
      const why = `its host is not trusted, and what it sends is not encrypted (--trusted-host ${page.host})`
      if (insecure) report({ kind: 'note', text: `${page} is passed over: ${why}` })
    }
    return insecure
  }
  const insecurePages = new Map<string, boolean>()

  const askLocal = (name: ProjectName, index: SafeUrl): Answer => {
    const directory = pathOfAddress(index.href)
    if (directory === undefined)
      throw new DenError('invalid-setting', {
        setting: 'index',
        value: String(index),
        reason: 'it names no directory of this machine',
      })
    const files = filesOfLocalPage(context, host.path.join(directory, name, 'index.html'), name)
    return files.length === 0 ? 'absent' : { project: projectOfFiles(name, files) }
  }

  const askPatiently = async (name: ProjectName, index: SafeUrl): Promise<Answer> => {
    if (passesOver(index)) return 'absent'
    try {
      return await ask(name, index)
    } catch (error) {
      const passable = isDenError(
        error,
        'fetch-failed',
        'http-status',
        'proxy-failed',
        'redirect-refused',
        'invalid-index-page',
      )
      if (settings.unreachable !== 'skip' || !passable) throw error
      report({ kind: 'note', text: `${index} is passed over for ${name}: ${error.message}` })
      return 'absent'
    }
  }

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
    const own = links.filter(
      (file) => uploadedBefore === undefined || file.place.kind === 'path' || cameBefore(file, uploadedBefore),
    )
    if (own.length > 0) parts.unshift(projectOfFiles(name, own))
    return parts.length === 0 ? undefined : mergeProjects(name, parts)
  }

  /** By the policy, from what `answer` gives; undefined as soon as it gives nothing. */
  const choose = (name: ProjectName, answer: (index: SafeUrl) => Answer | undefined): readonly Answer[] | undefined => {
    const answers: Answer[] = []
    for (const { url } of indexesFor(name)) {
      const one = answer(url)
      if (one === undefined) return undefined
      answers.push(one)
      if (policy === 'first-index' && one !== 'absent') break
    }
    return answers
  }

  const find = async (name: ProjectName): Promise<ProjectFiles | undefined> => {
    reading ??= linked === undefined ? readLinked() : Promise.resolve(linked)
    const indexes = indexesFor(name)
    const answers: Answer[] = []
    if (policy === 'best-version')
      answers.push(...(await Promise.all(indexes.map(({ url }) => askPatiently(name, url)))))
    else
      for (const { url } of indexes) {
        const answer = await askPatiently(name, url)
        answers.push(answer)
        if (answer !== 'absent') break
      }
    return join(name, (await reading).get(name) ?? [], answers)
  }

  const asked = new Map<ProjectName, Promise<ProjectFiles | undefined>>()
  const settled = new Map<ProjectName, ProjectFiles>()
  return Object.freeze({
    project: (name: ProjectName) => {
      const known = asked.get(name)
      if (known !== undefined) return known
      const answer = find(name).then(
        (project) => {
          if (project !== undefined) settled.set(name, project)
          return project
        },
        (error: unknown) => {
          // Another try may go better.
          asked.delete(name)
          throw error
        },
      )
      asked.set(name, answer)
      return answer
    },
    cachedProject: (name: ProjectName) => {
      const known = settled.get(name)
      if (known !== undefined || linked === undefined || asked.has(name)) return known
      const answers = choose(name, (index) => fresh(name, index))
      const project = answers === undefined ? undefined : join(name, linked.get(name) ?? [], answers)
      if (project !== undefined) settled.set(name, project)
      return project
    },
    metadata: metadata.metadata,
    metadataText: metadata.text,
    cachedMetadata: metadata.cached,
    fetch: fetcher.fetch,
    close: () => {
      void opened?.then((open) => open.close())
      if (settings.cache === false) host.disk.removeTree(places.cache)
    },
  })
}

function isLocal(index: SafeUrl): boolean {
  return index.href.startsWith('file:')
}

/** An index's answer in den's form; for "not there", a page without files. */
function pageInMemory(name: ProjectName, answer: PageAnswer): { encoded: EncodedPage; page: CachedPage } {
  const page: IndexPage = answer.kind === 'page' ? answer.page : { files: [] }
  const encoded = encodePage(name, page)
  const head = readHead(
    sealHead(encoded, {
      ...factsOf(answer.state),
      ...(answer.kind === 'page' ? {} : { absent: true }),
      ...(page.status === undefined ? {} : { status: page.status }),
    }),
  )!
  const readFiles = (start: number, length: number): Uint8Array => encoded.files.subarray(start, start + length)
  return { encoded, page: { head, readFiles } }
}

function factsOf({ fetchedAt, freshUntil, etag, lastModified }: PageState): PageFacts {
  return {
    fetchedAt,
    freshUntil,
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  }
}

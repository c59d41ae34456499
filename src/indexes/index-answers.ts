// What one index says of one project: from the cache while that is fresh, otherwise asked, on the condition that something has changed.

import type { ProjectName } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import type { SafeUrl } from '../base/safe-url.ts'
import type { Places } from '../config/places.ts'
import { pathOfAddress } from '../host/file-address.ts'
import type { Context } from '../host/host.ts'
import { type Freshness, isFresh } from '../net/freshness.ts'
import { isSecureOrigin } from '../net/origins.ts'
import type { Transport } from '../net/transport.ts'
import type { DistributionFile, ProjectFiles } from './distribution-file.ts'
import { openIndexClient, type PageState, type PartsAnswer } from './index-client.ts'
import { filesOfLocalPage } from './linked-files.ts'
import type { SourceSettings } from './package-source.ts'
import type { PageParts } from './page-body.ts'
import { type CachedPage, openPageCache } from './page-cache.ts'
import { encodePage } from './page-encode.ts'
import { openPageEncoder } from './page-encoder.ts'
import { openNotes, type PageNotes } from './page-notes.ts'
import { type EncodedPage, type PageFacts, pageIdentity, readHead, sealHead, versionFlags } from './page-record.ts'
import { firstUploadAfter, projectOfFiles, projectOfPage } from './project-files.ts'
import { uploadLimitOf } from './upload-limit.ts'

export type Answer = { readonly project: ProjectFiles } | 'absent'

export interface IndexAnswers {
  /** What the cache may answer by itself; undefined: ask. */
  fresh(name: ProjectName, index: SafeUrl): Answer | undefined
  /** Throws what fetching throws, unless the settings say that such an index is passed over. */
  ask(name: ProjectName, index: SafeUrl): Promise<Answer>
  /** What was learned of a file of a page that was read. */
  notesOf(file: DistributionFile): PageNotes | undefined
  /** Writes down what has been learned. */
  keepNotes(): void
  close(): void
  /** Why an index was passed over for this project, where one was. */
  failure(name: ProjectName): DenError | undefined
  /** The pages that answers were made from. */
  read(): readonly PageRead[]
  /** Whether a page is left out because nobody vouches for what comes over this connection; said once. */
  passesOver(page: SafeUrl): boolean
}

/** A page that was used, as it was then. */
export interface PageRead extends Freshness {
  readonly index: SafeUrl
  readonly name: ProjectName
  /** See `pageIdentity`; empty where the page was not the same each time that it was read. */
  readonly identity: string
  /** When the first of its files came that are too new to be seen, in milliseconds since 1970; never later than that. */
  firstTooNew(): number | undefined
}

export interface IndexAnswersOptions {
  readonly settings: SourceSettings
  readonly places: Pick<Places, 'cache'>
  readonly transport: () => Promise<Transport>
  /** Told of a project whose page turned out to be damaged, when it has been removed. */
  readonly damaged: (name: ProjectName) => void
}

/** Of the simple API, with the project's status (PEP 792). */
const newestMinor = 4
/** What may be wrong with an index that others can stand in for. */
const passable = ['fetch-failed', 'http-status', 'proxy-failed', 'redirect-refused', 'invalid-index-page'] as const

export function openIndexAnswers(context: Context, options: IndexAnswersOptions): IndexAnswers {
  const { host, report } = context
  const { settings, transport } = options
  const { offline, refresh, unreachable, insecure } = settings
  const pages = openPageCache(context, options.places)
  const encoder = openPageEncoder(host.platform)
  const insecurePages = new Map<string, boolean>()
  const newerApis = new Set<string>()
  const timeless = new Set<string>()
  const failures = new Map<ProjectName, DenError>()
  const noted = new Map<string, { readonly notes: PageNotes; readonly name: ProjectName; readonly index: SafeUrl }>()

  /** What cannot be known is said, once an index. */
  const noteUnknownTimes = ({ head }: CachedPage, index: SafeUrl): void => {
    if (timeless.has(index.href)) return
    for (let at = 0; at < head.count; at += 1) {
      if ((head.flagsOf(at) & versionFlags.unknownTime) === 0) continue
      timeless.add(index.href)
      const text = `${index} does not tell when its files were uploaded: they are taken however new they are`
      report({ kind: 'note', text })
      return
    }
  }

  const read = new Map<string, PageRead>()
  const noteRead = ({ head }: CachedPage, name: ProjectName, index: SafeUrl): void => {
    const key = `${index.href} ${name}`
    const now = pageIdentity(head)
    const identity = (read.get(key)?.identity ?? now) === now ? now : ''
    const { fetchedAt, freshUntil } = head.facts
    const tooNew = (): number | undefined => {
      const uploads = uploadLimitOf(name, settings)
      return uploads === undefined ? undefined : firstUploadAfter(head, uploads)
    }
    read.set(key, { index, name, identity, fetchedAt, freshUntil, firstTooNew: tooNew })
  }

  const answerOf = (page: CachedPage, name: ProjectName, index: SafeUrl): Answer => {
    noteRead(page, name, index)
    if (page.head.facts.absent === true) return 'absent'
    noted.set(`${index.href} ${name}`, { notes: page.notes, name, index })
    const damaged = (): void => {
      pages.forget(index, name)
      options.damaged(name)
    }
    const uploads = uploadLimitOf(name, settings)
    if (uploads?.exceptions?.unknown === 'take') noteUnknownTimes(page, index)
    return { project: projectOfPage(page, { name, index, uploads, damaged }) }
  }
  /** Whether what is kept is to be asked about, however fresh. */
  const mustAsk = (name: ProjectName): boolean => !offline && (refresh === true || refresh?.has(name) === true)
  const suffices = ({ head }: CachedPage, name: ProjectName): boolean =>
    offline || (!mustAsk(name) && isFresh(head.facts, host.now()))

  const passesOver = (page: SafeUrl): boolean => {
    if (insecure !== 'skip') return false
    let isInsecure = insecurePages.get(page.href)
    if (isInsecure === undefined) {
      isInsecure = !isSecureOrigin(page, settings.connection?.trustedHosts ?? [])
      insecurePages.set(page.href, isInsecure)
      const why = `its host is not trusted, and what it sends is not encrypted (--trusted-host ${page.host})`
      if (isInsecure) report({ kind: 'note', text: `${page} is passed over: ${why}` })
    }
    return isInsecure
  }

  const fresh = (name: ProjectName, index: SafeUrl): Answer | undefined => {
    if (isLocal(index) || mustAsk(name) || passesOver(index)) return undefined
    const page = pages.read(index, name)
    return page !== undefined && suffices(page, name) ? answerOf(page, name, index) : undefined
  }

  /** "Clients SHOULD warn" (PEP 629); once an index is enough. */
  const noteNewer = (index: SafeUrl, { apiVersion }: PageParts): void => {
    if (apiVersion === undefined || apiVersion[1] <= newestMinor || newerApis.has(index.href)) return
    newerApis.add(index.href)
    const text = `${index} speaks version ${apiVersion.join('.')} of the simple API; den knows 1.${newestMinor}`
    report({ kind: 'note', text })
  }

  const askRemote = async (name: ProjectName, index: SafeUrl): Promise<Answer> => {
    const known = pages.read(index, name)
    if (known !== undefined && suffices(known, name)) return answerOf(known, name, index)
    const client = openIndexClient(context, { transport: await transport(), url: index })
    const answer = await client.requestPageParts(name, encoder.encode, known?.head.facts)
    if (answer.kind === 'unchanged' && known !== undefined) {
      const facts = { ...known.head.facts, ...factsOf(answer.state) }
      return answerOf(pages.renew(index, name, facts) ?? known, name, index)
    }
    if (answer.kind === 'page') noteNewer(index, answer.parts)
    const page = pageInMemory(name, answer)
    if (answer.state.storable) page.page.notes.adopt(pages.write(index, name, page.encoded, page.page.head.facts))
    else pages.forget(index, name)
    return answerOf(page.page, name, index)
  }

  /** An index that is a directory, with a page `PROJECT/index.html` each. */
  const askLocal = (name: ProjectName, index: SafeUrl): Answer => {
    const directory = pathOfAddress(index.href)
    if (directory === undefined) {
      const reason = 'it names no directory of this machine'
      throw new DenError('invalid-setting', { setting: 'index', value: String(index), reason })
    }
    const files = filesOfLocalPage(context, host.path.join(directory, name, 'index.html'), name)
    return files.length === 0 ? 'absent' : { project: projectOfFiles(name, files) }
  }

  return Object.freeze({
    fresh,
    failure: (name: ProjectName) => failures.get(name),
    passesOver,
    read: () => [...read.values()],
    notesOf: (file: DistributionFile) => noted.get(`${file.foundAt} ${file.parsed.name}`)?.notes,
    keepNotes: () => {
      for (const { notes, name, index } of noted.values()) pages.addNotes(index, name, notes)
    },
    close: encoder.close,
    ask: async (name: ProjectName, index: SafeUrl) => {
      if (passesOver(index)) return 'absent'
      try {
        return isLocal(index) ? askLocal(name, index) : await askRemote(name, index)
      } catch (error) {
        if (unreachable !== 'skip' || !isDenError(error, ...passable)) throw error
        report({ kind: 'note', text: `${index} is passed over for ${name}: ${error.message}` })
        failures.set(name, error)
        return 'absent'
      }
    },
  })
}

function isLocal(index: SafeUrl): boolean {
  return index.href.startsWith('file:')
}

/** An index's answer in den's form; for "not there", a page without files. */
function pageInMemory(name: ProjectName, answer: PartsAnswer): { encoded: EncodedPage; page: CachedPage } {
  const { encoded, status }: PageParts =
    answer.kind === 'page' ? answer.parts : { encoded: encodePage(name, { files: [] }) }
  const head = readHead(
    sealHead(encoded, {
      ...factsOf(answer.state),
      ...(answer.kind === 'page' ? {} : { absent: true }),
      ...(status === undefined ? {} : { status }),
    }),
  )!
  const readFiles = (start: number, length: number): Uint8Array => encoded.files.subarray(start, start + length)
  return { encoded, page: { head, notes: openNotes(new Uint8Array()), readFiles } }
}

function factsOf({ fetchedAt, freshUntil, etag, lastModified }: PageState): PageFacts {
  return {
    fetchedAt,
    freshUntil,
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  }
}

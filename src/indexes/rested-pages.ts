// The pages that an answer rests on: as long as each is as it was, whatever was worked out from them is worked out again in the same way.
// They are told by what is in them, so that an index which says "unchanged" leaves the answer standing.

import type { ProjectName } from '../base/brand.ts'
import type { Host } from '../host/host.ts'
import { type Freshness, isFresh } from '../net/freshness.ts'
import type { PageRead } from './index-answers.ts'
import type { PackageSource, SourceSettings } from './package-source.ts'
import { pageDirectory } from './page-place.ts'

/** As data. Of the freshness of all pages the strictest. */
export interface RestedPages extends Freshness {
  /** By index: how its directory of pages was, when all of its pages were as below. */
  readonly stamps: readonly Stamp[]
  readonly pages: readonly (readonly [index: number, name: string, identity: string])[]
}

/** A directory's time, and when it was looked at: what is written in the moment of the look may leave it as it is. */
export type Stamp = readonly [modified: number, lookedAt: number]

/** Where pages are looked for. */
export interface PageOrigin {
  readonly settings: Pick<SourceSettings, 'indexes'>
  /** The cache that the pages are in. */
  readonly cache: string
}

/** Good for nothing: each page is looked at. */
const untold: Stamp = [0, 0]
/** Milliseconds: the coarsest time that a file system keeps, in whole seconds, and half of that again. */
const coarse = 3000
/** The same where it keeps parts of seconds: the kernel's own clock ticks, and that of another machine may be a little off. */
const fine = 500

/** How the directories of pages are now: taken before the first page is read, it saves `restOn` a look at each. */
export function stampsNow(host: Host, { settings, cache }: PageOrigin): readonly Stamp[] {
  return settings.indexes.map(({ url }) => [modifiedOf(host, pageDirectory(host, { cache }, url)), host.now()])
}

/**
 * What can be held against the cache later. Undefined where that is impossible: a page was not the same each time that it was read, or comes
 * from elsewhere. Whether the cache has the pages as they were read is told the next time, unless nothing was written since `before`.
 */
export function restOn(
  host: Host,
  origin: PageOrigin,
  read: readonly PageRead[],
  before?: readonly Stamp[],
): RestedPages | undefined {
  if (read.some(({ identity }) => identity === '')) return undefined
  const indexes = origin.settings.indexes.map(({ url }) => url.href)
  const pages = read.map(({ index, name, identity }) => [indexes.indexOf(index.href), name, identity] as const)
  if (pages.length === 0 || pages.some(([index]) => index === -1)) return undefined
  // What was fetched since is in no cache where nothing was written.
  const isTold =
    before !== undefined &&
    isUntouched(host, origin, before) &&
    read.every(({ fetchedAt }) => before.every(([, lookedAt]) => fetchedAt <= lookedAt))
  return { ...strictest(read), stamps: isTold ? before : indexes.map(() => untold), pages }
}

function strictest(read: readonly Freshness[]): Freshness {
  return {
    fetchedAt: Math.max(...read.map(({ fetchedAt }) => fetchedAt)),
    freshUntil: Math.min(...read.map(({ freshUntil }) => freshUntil)),
  }
}

/**
 * The same pages where all of them are fresh and as they were; they have other stamps where that took a look at each. One look an index where
 * nothing was written since.
 */
export async function freshAsThen(
  host: Host,
  origin: PageOrigin,
  rested: RestedPages,
): Promise<RestedPages | undefined> {
  return isFresh(rested, host.now()) ? await sameAsThen(host, origin, rested) : undefined
}

/** As `freshAsThen`, however old they are. */
export async function sameAsThen(
  host: Host,
  origin: PageOrigin,
  rested: RestedPages,
): Promise<RestedPages | undefined> {
  if (isUntouched(host, origin, rested.stamps)) return rested
  const stamps = await verifiedStamps(host, origin, rested.pages)
  if (stamps === undefined) return undefined
  // Those of a directory that was just written to would be worth nothing the next time.
  return stamps.every(isAtRest) ? { ...rested, stamps } : rested
}

/**
 * Asks the indexes for all of them at once, which is good in any case: whoever works the answer out anew needs most of them. Undefined where
 * one is not as it was, or cannot be had, which the ordinary way tells. Throws what asking throws where none of them can be had.
 */
export async function askedAnew(
  host: Host,
  origin: PageOrigin,
  { source, rested }: { readonly source: Pick<PackageSource, 'project' | 'pagesRead'>; readonly rested: RestedPages },
): Promise<RestedPages | undefined> {
  const names = new Set(rested.pages.map(([, name]) => name as ProjectName))
  const asked = await Promise.allSettled([...names].map((name) => source.project(name)))
  const failed = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  // Where nothing can be had, the ordinary way would wait as long once more, to say the same.
  if (failed.length === asked.length) throw failed[0]
  if (failed.length > 0) return undefined
  const read = source.pagesRead()
  const now = new Map(read.map(({ index, name, identity }) => [`${index.href} ${name}`, identity]))
  const isSame = rested.pages.every(
    ([index, name, identity]) => now.get(`${origin.settings.indexes[index]?.url.href} ${name}`) === identity,
  )
  return isSame ? restOn(host, origin, read) : undefined
}

/** One look an index. */
function isUntouched(host: Host, { settings, cache }: PageOrigin, stamps: readonly Stamp[]): boolean {
  return settings.indexes.every(({ url }, index) => {
    const stamp = stamps[index] ?? untold
    return isAtRest(stamp) && modifiedOf(host, pageDirectory(host, { cache }, url)) === stamp[0]
  })
}

/** Whether what is written in the moment of the look would have changed the time. */
function isAtRest([modified, lookedAt]: Stamp): boolean {
  return lookedAt - modified > (modified % 1000 === 0 ? coarse : fine)
}

function modifiedOf(host: Host, directory: string): number {
  // An index that has not been asked yet has no pages that could have changed.
  return host.files.stat(directory)?.modified ?? 1
}

/** One read a page. The stamps, which were taken before; undefined where a page is not as it was. */
async function verifiedStamps(
  host: Host,
  { settings, cache }: PageOrigin,
  pages: RestedPages['pages'],
): Promise<readonly Stamp[] | undefined> {
  const stamps = stampsNow(host, { settings, cache })
  const [{ openPageCache }, { pageIdentity }] = await Promise.all([
    import('./page-cache.ts'),
    import('./page-record.ts'),
  ])
  const cached = openPageCache({ host }, { cache })
  const isSame = pages.every(([index, name, identity]) => {
    const page = cached.read(settings.indexes[index]!.url, name as ProjectName)
    return page !== undefined && pageIdentity(page.head) === identity
  })
  return isSame ? stamps : undefined
}

// The cache may go at any time; what den still needs of it comes back as it works.

import { type BudgetedKind, cacheBudgets, trimmedTo } from '../config/cache-budgets.ts'
import { ifReadable } from '../env/quietly.ts'
import { walkTree } from '../env/walk.ts'
import { isWorkPlace } from '../host/work-place.ts'
import type { Core } from './core.ts'

export interface CacheClearResult {
  readonly directory: string
  readonly files: number
  readonly bytes: number
}

/** What a part of the cache holds. */
export type CacheKind = BudgetedKind | 'interpreters' | 'work'

export interface CachePartSize {
  /** The name in the cache directory. */
  readonly name: string
  readonly kind: CacheKind
  readonly files: number
  readonly bytes: number
  /** It was written by another den, and this one does not read it. */
  readonly stale: boolean
  /** Bytes that `den cache prune` leaves at most; absent where there is no limit. */
  readonly budget?: number
}

export interface CacheInfoResult {
  readonly directory: string
  readonly parts: readonly CachePartSize[]
  readonly files: number
  readonly bytes: number
}

export interface CachePruneRequest {
  /** What nobody has read for so many days goes; 90 unless said. */
  readonly days?: number
  /** Bytes of a kind that stay at most, in place of den's own. */
  readonly budgets?: { readonly [Kind in BudgetedKind]?: number }
  /** Only says what would go. */
  readonly dryRun?: boolean
}

const kinds: Readonly<Record<string, CacheKind>> = {
  http: 'answers',
  pages: 'pages',
  metadata: 'metadata',
  resolved: 'remembered answers',
  resolutions: 'remembered answers',
  files: 'downloads',
  vcs: 'checkouts',
  built: 'built wheels',
  wheels: 'built wheels',
  satisfied: 'remembered answers',
  recall: 'remembered answers',
  sources: 'remembered answers',
  environments: 'environments',
  scripts: 'downloads',
}

/** The version that this den reads of each. */
const current = new Set(
  [
    'http',
    'pages',
    'metadata',
    'resolved',
    'resolutions',
    'files',
    'vcs',
    'built',
    'satisfied',
    'recall',
    'sources',
    'environments',
    'scripts',
  ].map((name) => `${name}-v1`),
)

export interface Part {
  readonly name: string
  readonly kind: CacheKind
  readonly stale: boolean
}

const builds = 'builds'

/** What den puts into its cache; nothing else is looked at or removed: DEN_CACHE_DIR may be somebody's home by mistake. */
export function partNamed(name: string): Part | undefined {
  if (isWorkPlace(name)) return { name, kind: 'work', stale: false }
  // What stands behind the version is a file that was being written when its den was killed.
  const facts = /^interpreters-v\d+\.(?:txt|json)(\..*\.tmp)?$/.exec(name)
  if (facts !== null) return { name, kind: 'interpreters', stale: facts[1] !== undefined }
  const word = /^([a-z]+)-v\d+$/.exec(name)?.[1] ?? ''
  const kind = Object.hasOwn(kinds, word) ? kinds[word] : undefined
  if (kind === undefined) return undefined
  return { name, kind, stale: !current.has(name) }
}

function partsOf({ host, places }: Core): readonly Part[] {
  const { files, path } = host
  const running = (files.names(path.join(places.cache, builds)) ?? []).filter((name) => isWorkPlace(name))
  return [
    ...(files.names(places.cache) ?? []).flatMap((name) => partNamed(name) ?? []),
    ...running.map((name): Part => ({ name: path.join(builds, name), kind: 'work', stale: false })),
  ]
}

interface CachedFile {
  readonly file: string
  readonly bytes: number
  /** The last time that it was read or written, as far as the disk tells. */
  readonly used: number
}

/** Every file of a part; links are not followed. */
async function* filesOf(core: Core, { name }: Part): AsyncGenerator<CachedFile> {
  const { host, places, signal } = core
  const place = host.path.join(places.cache, name)
  const facts = host.files.lstat(place)
  if (facts === undefined) return
  if (facts.kind !== 'directory') {
    yield { file: place, bytes: facts.size, used: Math.max(facts.accessed, facts.modified) }
    return
  }
  for await (const entry of walkTree(host, place, { operation: `measuring ${place}`, signal })) {
    if (entry.kind === 'directory') continue
    const file = host.path.join(place, entry.path)
    // Another den may be at work: what has gone meanwhile counts as nothing.
    const found = host.files.lstat(file)
    if (found !== undefined) yield { file, bytes: found.size, used: Math.max(found.accessed, found.modified) }
  }
}

/** What the cache holds, by kind. Throws `permission-denied`. */
export async function cacheInfo(core: Core): Promise<CacheInfoResult> {
  const parts: CachePartSize[] = []
  for (const part of partsOf(core)) {
    let files = 0
    let bytes = 0
    for await (const one of filesOf(core, part)) {
      files += 1
      bytes += one.bytes
    }
    const budget = budgetOf(part)
    parts.push({ ...part, files, bytes, ...(budget === undefined ? {} : { budget }) })
  }
  return { directory: core.places.cache, parts, ...sum(parts) }
}

function sum(parts: readonly { readonly files: number; readonly bytes: number }[]): { files: number; bytes: number } {
  return {
    files: parts.reduce((total, { files }) => total + files, 0),
    bytes: parts.reduce((total, { bytes }) => total + bytes, 0),
  }
}

/**
 * Removes what den has put into the cache directory; the directory itself stays. Throws `permission-denied` and the other errors of the
 * disk.
 */
export async function cacheClear(core: Core): Promise<CacheClearResult> {
  const { host, places } = core
  const info = await cacheInfo(core)
  for (const { name } of info.parts) host.disk.removeTree(host.path.join(places.cache, name))
  removeIfEmpty(core, host.path.join(places.cache, builds))
  return { directory: places.cache, files: info.files, bytes: info.bytes }
}

const day = 86_400_000

/** What another den may be at work with. */
const atWork = 3_600_000

/** Of all that is of one kind; what is stale goes as a whole. */
function budgetOf({ kind, stale }: Part, wanted: CachePruneRequest['budgets'] = {}): number | undefined {
  return stale || kind === 'work' || kind === 'interpreters' ? undefined : (wanted[kind] ?? cacheBudgets[kind])
}

/**
 * Removes what is of no use any more: what older dens wrote, what killed ones left behind, what nobody has read for long; and of a kind that
 * has more than its budget what was used longest ago. Throws as `cacheClear` does.
 */
export async function cachePrune(core: Core, request: CachePruneRequest = {}): Promise<CacheClearResult> {
  const { host, places } = core
  const { days = 90, dryRun = false } = request
  const now = host.now()
  let files = 0
  let bytes = 0
  for (const part of partsOf(core)) {
    // Nobody builds or installs for a day.
    const limit = part.stale ? Number.POSITIVE_INFINITY : now - (part.kind === 'work' ? 1 : days) * day
    const groups = await groupsOf(core, part)
    const unread = groups.filter(({ used }) => used < limit)
    const left = groups.filter(({ used }) => used >= limit)
    const going = [...unread, ...beyond(left, budgetOf(part, request.budgets), now - atWork)]
    for (const { whole, members, size } of going) {
      files += members.length
      bytes += size
      if (!dryRun) host.disk.removeTree(whole)
    }
    if (!dryRun) removeEmpty(core, host.path.join(places.cache, part.name))
  }
  if (!dryRun) removeIfEmpty(core, host.path.join(places.cache, builds))
  return { directory: places.cache, files, bytes }
}

/** Where there is more than the budget: those used longest ago, until there is less. */
function beyond(groups: readonly Group[], budget: number | undefined, busy: number): readonly Group[] {
  let total = groups.reduce((sum, { size }) => sum + size, 0)
  if (budget === undefined || total <= budget) return []
  const going: Group[] = []
  for (const group of [...groups].sort((a, b) => a.used - b.used)) {
    if (total <= budget * trimmedTo || group.used >= busy) break
    going.push(group)
    total -= group.size
  }
  return going
}

interface Group {
  /** The file or the directory that goes. */
  readonly whole: string
  readonly members: readonly CachedFile[]
  /** Bytes of all. */
  readonly size: number
  /** The last time that one of them was. */
  readonly used: number
}

/** What is of use only together: a checkout, a wheel with the note of where it came from, a work directory. */
async function groupsOf(core: Core, part: Part): Promise<readonly Group[]> {
  const { path } = core.host
  const root = path.join(core.places.cache, part.name)
  const wholeOf = (file: string): string => {
    if (file === root || part.stale) return root
    switch (part.kind) {
      case 'checkouts':
      case 'environments':
        return path.join(root, path.relative(root, file).split(path.sep)[0]!)
      case 'work':
        return root
      case 'built wheels':
        return path.dirname(file)
      default:
        return file
    }
  }
  const groups = new Map<string, CachedFile[]>()
  for await (const one of filesOf(core, part)) {
    const whole = wholeOf(one.file)
    const known = groups.get(whole)
    if (known === undefined) groups.set(whole, [one])
    else known.push(one)
  }
  return [...groups].map(([whole, members]) => ({
    whole,
    members,
    size: members.reduce((total, { bytes }) => total + bytes, 0),
    used: members.reduce((latest, { used }) => Math.max(latest, used), 0),
  }))
}

/** Directories that are empty now, from the inside out. */
function removeEmpty(core: Core, directory: string): void {
  const { files, path } = core.host
  if (files.lstat(directory)?.kind !== 'directory') return
  for (const { name, kind } of files.list(directory) ?? [])
    if (kind === 'directory') removeEmpty(core, path.join(directory, name))
  removeIfEmpty(core, directory)
}

function removeIfEmpty({ host }: Core, directory: string): void {
  // Another den may put something there at this very moment, and then it stays.
  if ((host.files.names(directory) ?? ['?']).length === 0) ifReadable(() => host.disk.removeDirectory(directory))
}

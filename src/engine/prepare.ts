// What a resolution chose, made ready: fetched, verified, built where it has to be, unpacked into the store. Many at once, and nothing
// in an environment is touched.

import type { Sha256 } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { strongDigest } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import type { FetchedFile } from '../indexes/fetch-file.ts'
import { checkSameMetadata } from '../indexes/metadata-reader.ts'
import type { PackageSource } from '../indexes/package-source.ts'
import { rankOfWheel, type TagRanks } from '../spec/tag.ts'
import { parseVersion } from '../spec/version.ts'
import type { Store, Tree, WheelSource } from '../store/store.ts'
import type { VerifiedWheel } from '../store/verify-wheel.ts'
import type { PreparedDistribution } from './apply.ts'
import type { BuildableSource, Builder } from './builder.ts'
import type { LinkReader } from './links.ts'
import type { ResolvedDistribution } from './resolve-request.ts'

export interface PrepareOptions {
  readonly source: PackageSource
  readonly store: Store
  readonly builder: Builder
  readonly links: LinkReader
  /** Of the Python that it is for. */
  readonly ranks: TagRanks
  /** A directory of the run's own, for what the store cannot keep. */
  readonly work: string
  readonly configSettings?: Readonly<Record<string, string | readonly string[]>>
  /** What was begun before. */
  readonly begun?: (file: DistributionFile) => Promise<Tree> | undefined
}

/** A distribution that is ready, and what is known of the file it came from. */
export interface Prepared extends PreparedDistribution {
  /** The wheel's own hash. */
  readonly sha256: Sha256
}

/** At a time: enough to hide a network's delay, few enough that memory stays small. */
const atOnce = 32

/** Makes all of them ready. Throws what fetching, building and unpacking throw, and `hash-mismatch`; the first fault ends it. */
export async function prepare(
  context: Context,
  distributions: readonly ResolvedDistribution[],
  options: PrepareOptions,
): Promise<ReadonlyMap<ResolvedDistribution, Prepared>> {
  const ready = new Map<ResolvedDistribution, Prepared>()
  await inParallel(longestFirst(distributions), atOnce, async (one) => {
    if (context.signal?.aborted === true)
      throw new DenError('aborted', { operation: 'fetching packages' }, { cause: context.signal.reason })
    ready.set(one, await prepareOne(context, one, options))
  })
  return ready
}

/** So that the last thing under way is a small one: what has to be built first of all, then by size. */
function longestFirst(distributions: readonly ResolvedDistribution[]): readonly ResolvedDistribution[] {
  const weight = ({ file }: ResolvedDistribution): number =>
    file?.parsed.kind === 'wheel' ? (file.size ?? 0) : Number.MAX_SAFE_INTEGER
  return [...distributions].sort((a, b) => weight(b) - weight(a))
}

async function prepareOne(context: Context, one: ResolvedDistribution, options: PrepareOptions): Promise<Prepared> {
  const { store } = options
  const { wheel, directUrl } = await wheelOf(context, one, options)
  const fallback = (): string =>
    context.host.path.join(options.work, `tree-${one.name}-${Math.floor(Math.random() * 2 ** 40).toString(36)}`)
  const begun = one.file === undefined || one.hashes !== undefined ? undefined : options.begun?.(one.file)
  const tree = await (begun ?? store.ensure(wheel, fallback()))
  checkAllowed(one, tree)
  checkMetadata(one, tree)
  const url = typeof directUrl === 'function' ? directUrl(tree.manifest.sha256) : directUrl
  return {
    tree,
    sha256: tree.manifest.sha256,
    requested: one.requested,
    restore: (damaged: Tree) => store.restore(damaged, wheel, fallback()),
    ...(url === undefined ? {} : { directUrl: url }),
  }
}

interface Wheel {
  readonly wheel: WheelSource
  readonly directUrl?: unknown
}

async function wheelOf(context: Context, one: ResolvedDistribution, options: PrepareOptions): Promise<Wheel> {
  if (one.link !== undefined) {
    const linked = options.links.sourceOf(one.link)
    if (linked.kind === 'wheel')
      return { wheel: wheelSource(context, linked.file, one, options), directUrl: linked.directUrl }
    return { wheel: await builtWheel(linked.source, options), directUrl: linked.directUrl }
  }
  const file = one.file
  if (file === undefined) throw new DenError('internal', { message: `${one.name} has no file`, name: 'prepare' })
  if (file.parsed.kind === 'wheel') return { wheel: wheelSource(context, file, one, options) }
  return { wheel: await builtWheel(await sourceOf(context, file, one, options), options) }
}

/** A wheel of an index or a directory. The store knows most of them by hash, without a byte being fetched. */
function wheelSource(
  context: Context,
  file: DistributionFile,
  one: ResolvedDistribution,
  options: PrepareOptions,
): WheelSource {
  const stated = file.hashes['sha256'] as Sha256 | undefined
  // A demanded hash of another kind is compared with the bytes themselves, whatever the store knows by their SHA-256.
  const demanded = one.hashes === undefined || one.hashes.size === 0 ? undefined : one.hashes
  const isOfOneKind = demanded === undefined || (demanded.size === 1 && demanded.has('sha256'))
  const promised = isOfOneKind ? stated : undefined
  const local = file.place.kind === 'path' ? file.place.path : undefined
  const facts = local === undefined ? undefined : context.host.files.stat(local)
  if (file.exactSize === true && facts !== undefined && facts.size !== file.size)
    throw new DenError('size-mismatch', { file: file.parsed.filename, expected: file.size ?? 0, actual: facts.size })
  // An address without a hash may hold other bytes tomorrow; a file's time tells.
  const identity = facts === undefined ? undefined : `${local} ${facts.size} ${facts.modified}`
  const fetch = async (): Promise<FetchedFile> => {
    const fetched = await options.source.fetch(file)
    await checkFetched(context, one, fetched)
    return fetched
  }
  return {
    filename: file.parsed.filename,
    ...(local === undefined ? {} : { path: local }),
    ...(promised === undefined ? {} : { sha256: promised }),
    ...(identity === undefined || one.hashes !== undefined ? {} : { identity }),
    ...(local === undefined || !isOfOneKind ? { fetch } : { file: local }),
  }
}

/** The tree of an index's wheel that nobody has asked for yet. */
export function prepareAhead(
  { host, signal, report }: Context,
  file: DistributionFile,
  options: Pick<PrepareOptions, 'source' | 'store' | 'work'>,
): Promise<Tree> {
  const sha256 = file.hashes['sha256'] as Sha256
  const fallback = host.path.join(options.work, `tree-${file.parsed.name}-${sha256.slice(0, 16)}`)
  const fetch = (): Promise<FetchedFile> => options.source.fetch(file, { report, ...(signal && { signal }) })
  return options.store.ensure({ filename: file.parsed.filename, sha256, fetch }, fallback)
}

/** The archive of a source distribution, fetched and verified, as something to be built. */
export async function sourceOf(
  context: Context,
  file: DistributionFile,
  one: Pick<ResolvedDistribution, 'name' | 'hashes'> | undefined,
  options: Pick<PrepareOptions, 'source' | 'configSettings'>,
): Promise<BuildableSource> {
  const fetched = await options.source.fetch(file, { keep: true })
  if (one !== undefined) await checkFetched(context, one, fetched)
  const { sha256Hex } = await import('../host/hash.ts')
  const { files } = context.host
  const path = fetched.path!
  const { configSettings } = options
  return {
    label: `${file.parsed.name} ${file.parsed.version.text}`,
    place: {
      kind: 'archive',
      path,
      filename: file.parsed.filename,
      sha256: fetched.sha256 ?? sha256Hex(files.readBytes(path) ?? new Uint8Array()),
    },
    name: file.parsed.name,
    ...(configSettings === undefined ? {} : { configSettings }),
  }
}

async function builtWheel(source: BuildableSource, options: PrepareOptions): Promise<WheelSource> {
  const made = await options.builder.wheel(source)
  if (rankOfWheel(made.parsed, options.ranks) === undefined) {
    const reason = `its backend made ${made.parsed.filename}, which does not fit this Python and this machine`
    throw new DenError('build-invalid', { distribution: source.label, reason })
  }
  return { filename: made.parsed.filename, path: made.path, sha256: made.sha256, file: made.path }
}

/** The bytes of a file against the hashes that a requirement demands; SHA-256 of a wheel is compared without them (`checkAllowed`). */
export async function checkFetched(
  { host }: Context,
  { name, hashes }: Pick<ResolvedDistribution, 'name' | 'hashes'>,
  fetched: FetchedFile,
): Promise<void> {
  if (hashes === undefined || hashes.size === 0) return
  const bytes = fetched.bytes ?? (fetched.path === undefined ? undefined : host.files.readBytes(fetched.path))
  if (bytes === undefined) return
  for (const [algorithm, digests] of hashes) {
    const digest = strongDigest(algorithm, bytes, 'hex')
    if (digest !== undefined && digests.has(digest)) return
  }
  throw mismatch(fetched.filename, hashes, strongDigest('sha256', bytes, 'hex') ?? name)
}

/** A tree that the store had already was never fetched: its hash must be one of those allowed, or its file's promise was compared. */
function checkAllowed(one: ResolvedDistribution, tree: Tree): void {
  const allowed = one.hashes?.get('sha256')
  if (allowed === undefined || one.file?.parsed.kind !== 'wheel') return
  if ([...one.hashes!.keys()].some((algorithm) => algorithm !== 'sha256')) return
  if (!allowed.has(tree.manifest.sha256)) throw mismatch(tree.manifest.filename, one.hashes!, tree.manifest.sha256)
}

/** What was resolved by may have stood beside the wheel (PEP 658): one that hides a dependency, or adds one, is not what was asked for. */
export function checkMetadata(one: ResolvedDistribution, { manifest }: { readonly manifest: VerifiedWheel }): void {
  const { metadata, file } = one
  if (metadata === undefined || file?.parsed.kind !== 'wheel') return
  const { filename, project, version, requiresDist, requiresPython, providesExtra } = manifest
  checkSameMetadata(filename, metadata, {
    name: project,
    version: parseVersion(version),
    requiresDist,
    providesExtra,
    ...(requiresPython === undefined ? {} : { requiresPython }),
  })
}

function mismatch(file: string, hashes: NonNullable<ResolvedDistribution['hashes']>, actual: string): DenError {
  const expected = [...hashes].flatMap(([algorithm, digests]) => [...digests].map((digest) => `${algorithm}:${digest}`))
  return new DenError('hash-mismatch', { file, expected: expected.join(' or '), actual })
}

async function inParallel<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0
  let failed = false
  const run = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const item = items[next]!
      next += 1
      try {
        await work(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const runs = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, run))
  const fault = runs.find((one) => one.status === 'rejected')
  if (fault !== undefined) throw fault.reason
}

// Where a damaged distribution is had again: the store's tree of it, den's own pip, the address it came from, the index by name, version
// and hash. What is had is compared with what still stands, so that nobody is given another wheel of the same number.

import type { Sha256 } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import { readIndexSettings } from '../config/index-settings.ts'
import type { Places } from '../config/places.ts'
import { isDenPip } from '../env/den-pip.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import { ifReadable } from '../env/quietly.ts'
import { sha256Base64Url } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import { workPlace } from '../host/work-place.ts'
import { publicIndex } from '../indexes/public-index.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { type DirectUrl, tryParseDirectUrl } from '../spec/direct-url.ts'
import { listTrees } from '../store/collect.ts'
import { openStore, type Store, type Tree } from '../store/store.ts'
import type { Prepared } from './prepare.ts'
import type { ResolvedDistribution, WantedRequirement } from './resolve-request.ts'
import { type DamagedDistribution, treeFilesIn } from './verify.ts'
import type { Workshop } from './workshop.ts'

export type RepairContext = Context & {
  readonly places: Pick<Places, 'store' | 'cache' | 'journal' | 'registry'>
}

export interface SourceRequest {
  readonly paths: EnvironmentPaths
  readonly interpreter: Interpreter
  readonly offline: boolean
}

/** A distribution that can be put in again. */
export interface Regained {
  readonly tree: Tree
  readonly from: 'store' | 'index' | 'build'
  /** Files of the store's tree that were damaged themselves; it has been made again. */
  readonly restored: readonly string[]
  readonly restore?: (tree: Tree) => Promise<Tree>
  readonly directUrl?: unknown
}

export interface RepairSources {
  readonly store: Store
  /** From the store's tree, as long as that is whole. */
  stored(damage: DamagedDistribution): Regained | undefined
  /** Throws what fetching and building throw, and `repair-source-differs`. */
  regain(damage: DamagedDistribution): Promise<Regained>
  close(): void
}

/** Nothing is read or connected before it is needed; `close` it. */
export function openRepairSources(context: RepairContext, request: SourceRequest): RepairSources {
  const { host, places } = context
  const { paths, interpreter } = request
  const store = openStore(context, places.store)
  let opened: Promise<{ workshop: Workshop; close(): void }> | undefined

  const look = (damage: DamagedDistribution) => {
    const directUrl = damage.noted?.directUrl ?? addressOf(context, damage)
    const address = directUrl === undefined ? {} : { directUrl }
    const known = damage.tree ?? searchStore(context, store, paths, damage)
    const bad = known === undefined ? [] : store.verify(known)
    const whole: Regained | undefined =
      known === undefined || bad.length > 0 ? undefined : { tree: known, from: 'store', restored: [], ...address }
    return { whole, known, bad, directUrl, address }
  }

  const regain = async (damage: DamagedDistribution): Promise<Regained> => {
    const { distribution, noted } = damage
    const { whole, known, bad, directUrl, address } = look(damage)
    if (whole !== undefined) return whole
    if (isDenPip(distribution)) {
      const { denPipSource } = await import('./den-pip.ts')
      const { wheel } = denPipSource(store, interpreter)
      const fallback = workPlace(host, places.cache)
      const tree =
        known === undefined ? await store.ensure(wheel, fallback) : await store.restore(known, wheel, fallback)
      return { tree, from: 'build', restored: bad }
    }
    opened ??= openSources(context, request)
    const { workshop } = await opened
    const { one, ready } = await fetchAgain(
      workshop,
      damage,
      directUrl as DirectUrl | undefined,
      noted?.tree ?? known?.manifest.sha256,
    )
    const isBuilt = one.file?.parsed.kind !== 'wheel'
    let { tree } = ready
    if (ready.restore !== undefined && store.verify(tree).length > 0) tree = await ready.restore(tree)
    const sameBytes = known !== undefined && tree.manifest.sha256 === known.manifest.sha256
    if (!isBuilt && noted?.tree !== tree.manifest.sha256 && !sameBytes) {
      // Where den noted the hash no other will do; where another tool put it in, what it recorded and what still stands decides.
      const against =
        noted?.tree === undefined
          ? compare(context, paths, damage, tree).against
          : `SHA-256 (${noted.tree} was installed)`
      if (against !== undefined)
        throw new DenError('repair-source-differs', {
          distribution: `${distribution.project} ${distribution.version}`,
          file: tree.manifest.filename,
          path: against,
        })
    }
    return {
      tree,
      from: isBuilt ? 'build' : 'index',
      restored: sameBytes ? bad : [],
      ...address,
      ...(ready.restore === undefined ? {} : { restore: ready.restore }),
    }
  }

  return Object.freeze({
    store,
    stored: (damage: DamagedDistribution) => look(damage).whole,
    regain,
    close: () => void opened?.then((sources) => sources.close()).catch(() => undefined),
  })
}

/** Where a file says that the distribution came from, as long as that file is not one of the damaged. */
function addressOf({ host }: RepairContext, { distribution, files }: DamagedDistribution): DirectUrl | undefined {
  const file = host.path.join(distribution.location, 'direct_url.json')
  if (files.some(({ path }) => path === file)) return undefined
  const text = ifReadable(() => host.files.readText(file))
  return text === undefined ? undefined : tryParseDirectUrl(text)
}

/** Of the store's trees of this release, the one that agrees best with what still stands. */
function searchStore(
  context: RepairContext,
  store: Store,
  paths: EnvironmentPaths,
  damage: DamagedDistribution,
): Tree | undefined {
  const { project, version } = damage.distribution
  const scored = listTrees(context.host, store.directory)
    .filter((one) => one.project === project && one.version === version)
    .flatMap(({ sha256 }) => {
      const tree = store.find(sha256)
      return tree === undefined ? [] : [{ tree, ...compare(context, paths, damage, tree) }]
    })
    // Without a RECORD nobody can tell an edited file from another wheel's: most of it has to agree.
    .filter(({ same, other }) => (damage.record === undefined ? other === 0 : same > other))
    .sort((a, b) => b.same - a.same)
  return scored[0]?.tree
}

interface Comparison {
  /** Files that stand in the environment and are the tree's, and those that are not. */
  readonly same: number
  readonly other: number
  /** One of the latter. */
  readonly against?: string
}

function compare(
  { host }: RepairContext,
  paths: EnvironmentPaths,
  damage: DamagedDistribution,
  tree: Tree,
): Comparison {
  const damaged = new Map(damage.files.map((one) => [one.path, one]))
  let same = 0
  let other = 0
  let against: string | undefined
  for (const { file, size, sha256 } of treeFilesIn(host, paths, tree.manifest)) {
    const lost = damaged.get(file)
    if (lost !== undefined) {
      // What is gone is known by its row alone, as long as RECORD can be believed.
      if (damage.record === undefined && lost.recorded !== undefined && lost.recorded !== sha256) {
        other += 1
        against ??= file
      }
      continue
    }
    const facts = ifReadable(() => host.files.stat(file))
    const bytes = facts?.size === size ? ifReadable(() => host.files.readBytes(file)) : undefined
    if (bytes !== undefined && sha256Base64Url(bytes) === sha256) same += 1
    else {
      other += 1
      against ??= file
    }
  }
  return { same, other, ...(against === undefined ? {} : { against }) }
}

/** The index and the directories that pip's settings name. */
async function openSources(
  context: RepairContext,
  { interpreter, offline }: SourceRequest,
): Promise<{ workshop: Workshop; close(): void }> {
  const { openPackageSource } = await import('../indexes/package-source.ts')
  const { openWorkshop } = await import('./workshop.ts')
  const settings = readIndexSettings(context.host)
  const url = settings.index?.value ?? tryParseUrl(publicIndex)!
  const source = openPackageSource(context, {
    indexes: settings.noIndex === undefined ? [{ url }] : [],
    findLinks: settings.findLinks.map(({ value }) => value),
    policy: 'first-index',
    offline,
    ...(settings.timeout === undefined ? {} : { connection: { idleMilliseconds: settings.timeout.value * 1000 } }),
  })
  const workshop = openWorkshop(context, { interpreter, source, offline })
  return {
    workshop,
    close: () => {
      workshop.close()
      source.close()
    },
  }
}

interface Fetched {
  readonly one: ResolvedDistribution
  readonly ready: Prepared
}

/** The very file, by its hash where that is known; what was built from its sources has a hash of its own, and is had without. */
async function fetchAgain(
  workshop: Workshop,
  { distribution: { project, version } }: DamagedDistribution,
  directUrl: DirectUrl | undefined,
  key: Sha256 | undefined,
): Promise<Fetched> {
  const { wantedText } = await import('./workshop.ts')
  const plain: WantedRequirement =
    directUrl === undefined
      ? wantedText(`${project}==${version}`)
      : { ...wantedText(project), ...linkOf(directUrl), text: project }
  const ask = async (wanted: WantedRequirement): Promise<Fetched> => {
    const { distributions } = await workshop.resolve({
      requirements: [wanted],
      dependencies: 'none',
      ignoreRequiresPython: true,
    })
    const one = distributions.find(({ name }) => name === project)
    const ready = one === undefined ? undefined : (await workshop.prepare([one])).get(one)
    if (one === undefined || ready === undefined)
      throw new DenError('internal', { message: `${project} was not found again`, name: 'repair' })
    return { one, ready }
  }
  if (directUrl === undefined && key !== undefined) {
    try {
      return await ask({ ...plain, hashes: [{ algorithm: 'sha256', digest: key }] })
    } catch (error) {
      if (!isDenError(error, 'no-solution', 'hash-mismatch', 'hashes-required')) throw error
    }
  }
  return await ask(plain)
}

/** The address and how it was installed: in place, from an archive, from a commit. */
function linkOf({ url, ...more }: DirectUrl): Pick<WantedRequirement, 'link' | 'editable'> {
  const { vcs_info: vcs, archive_info: archive, dir_info: directory, subdirectory } = more
  const hash = Object.entries(archive?.hashes ?? {})[0]
  const fragments = [
    ...(hash === undefined ? [] : [`${hash[0]}=${hash[1]}`]),
    ...(subdirectory === undefined ? [] : [`subdirectory=${subdirectory}`]),
  ]
  const address = vcs === undefined ? url : `${vcs.vcs}+${url}@${vcs.commit_id}`
  return {
    link: fragments.length === 0 ? address : `${address}#${fragments.join('&')}`,
    ...(directory?.editable === true ? { editable: true } : {}),
  }
}

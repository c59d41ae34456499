// `den store`: how large it is, whether it is as it was made, and what of it nobody needs.

import type { Sha256 } from '../base/brand.ts'
import { slicer } from '../host/slices.ts'
import { collect, listTrees, type StoredTree } from '../store/collect.ts'
import { damagedFiles } from '../store/damage.ts'
import { openStore } from '../store/store.ts'
import type { Core } from './core.ts'
import { storeRoots } from './store-roots.ts'

/** A tree, and the environments that use it. */
export interface UsedTree extends StoredTree {
  readonly users: readonly string[]
}

export interface StoreSizeResult {
  readonly directory: string
  /** The largest first. */
  readonly trees: readonly UsedTree[]
  readonly files: number
  /** Bytes as they were unpacked. */
  readonly bytes: number
  /** Of trees that no known environment uses. */
  readonly unused: { readonly trees: number; readonly bytes: number }
}

/** What the store holds, and for whom. Throws `permission-denied`. */
export async function storeSize(core: Core): Promise<StoreSizeResult> {
  const { host, places } = core
  const { users } = await storeRoots(core)
  const trees = listTrees(host, places.store)
    .map((tree): UsedTree => ({ ...tree, users: users.get(tree.sha256) ?? [] }))
    .sort((a, b) => b.size - a.size)
  const unused = trees.filter((tree) => tree.users.length === 0)
  return {
    directory: places.store,
    trees,
    files: trees.reduce((sum, { files }) => sum + files, 0),
    bytes: bytesOf(trees),
    unused: { trees: unused.length, bytes: bytesOf(unused) },
  }
}

function bytesOf(trees: readonly StoredTree[]): number {
  return trees.reduce((sum, { size }) => sum + size, 0)
}

export interface StoreVerifyRequest {
  /** Removes damaged trees, unless an environment is made of links to them: what needs one gets it anew. */
  readonly remove?: boolean
}

export interface DamagedTree extends UsedTree {
  /** What is gone or holds something else, with `/`; empty where the manifest itself can't be read. */
  readonly paths: readonly string[]
  readonly removed: boolean
}

export interface StoreVerifyResult {
  readonly directory: string
  readonly checked: number
  readonly files: number
  readonly bytes: number
  readonly damaged: readonly DamagedTree[]
}

/** Hashes every file of every tree. Throws `permission-denied`, and `store-busy` where something is to be removed while others link. */
export async function storeVerify(core: Core, request: StoreVerifyRequest = {}): Promise<StoreVerifyResult> {
  const { host, places } = core
  const store = openStore(core, places.store)
  const trees = listTrees(host, places.store)
  const slice = slicer({ operation: 'verifying the store', signal: core.signal })
  const found: { readonly tree: StoredTree; readonly paths: readonly string[] }[] = []
  for (const tree of trees) {
    await slice()
    const opened = store.find(tree.sha256)
    // Another den may have made it anew, or collected it, since it was listed.
    if (opened === undefined) {
      if (host.files.lstat(host.path.join(places.store, 'v1', 'trees', tree.sha256)) !== undefined)
        found.push({ tree, paths: [] })
      continue
    }
    const paths = damagedFiles(host, opened)
    if (paths.length > 0) found.push({ tree, paths })
  }
  const damaged = found.length === 0 ? [] : await withUsers(core, found, request.remove === true)
  return {
    directory: places.store,
    checked: trees.length,
    files: trees.reduce((sum, { files }) => sum + files, 0),
    bytes: bytesOf(trees),
    damaged,
  }
}

async function withUsers(
  core: Core,
  found: readonly { readonly tree: StoredTree; readonly paths: readonly string[] }[],
  remove: boolean,
): Promise<readonly DamagedTree[]> {
  const { host, places } = core
  const { users, linked } = await storeRoots(core)
  const going = new Set<Sha256>(remove ? found.map(({ tree }) => tree.sha256).filter((key) => !linked.has(key)) : [])
  const removed =
    going.size === 0
      ? []
      : (
          await collect(core, places.store, {
            roots: new Set(
              listTrees(host, places.store)
                .map(({ sha256 }) => sha256)
                .filter((key) => !going.has(key)),
            ),
            madeBefore: Number.POSITIVE_INFINITY,
          })
        ).removed
  const gone = new Set(removed.map(({ sha256 }) => sha256))
  return found.map(({ tree, paths }) => ({
    ...tree,
    users: users.get(tree.sha256) ?? [],
    paths,
    removed: gone.has(tree.sha256),
  }))
}

export interface StoreCollectRequest {
  /** Only says what would go. */
  readonly dryRun?: boolean
  /** Waits for no environment that is gone from its place. */
  readonly now?: boolean
}

export interface StoreCollectResult {
  readonly directory: string
  readonly removed: readonly StoredTree[]
  readonly bytes: number
  readonly kept: number
  /** Environments that are gone from their places, and may have moved: what they could use stays until they have been gone so long. */
  readonly waitingFor: readonly string[]
}

const day = 86_400_000
/** DESIGN: "a path that is gone keeps its trees for 30 days". */
const patience = 30 * day
/** A tree so young may belong to an environment that is just being made. */
const youth = 60 * 60 * 1000

/** Removes the trees that no environment is filled from, nor led back to by its history. Throws `store-busy`, `permission-denied`. */
export async function storeCollect(core: Core, request: StoreCollectRequest = {}): Promise<StoreCollectResult> {
  const { host, places } = core
  const { users, gone } = await storeRoots(core)
  const now = host.now()
  const waiting = request.now === true ? [] : gone.filter(({ lastUsed }) => lastUsed > now - patience)
  // What such an environment used was there when it was last used. It can't be asked which of it.
  const keptUntil = Math.max(0, ...waiting.map(({ lastUsed }) => lastUsed))
  const older = listTrees(host, places.store).filter(({ made }) => made <= keptUntil)
  const collected = await collect(core, places.store, {
    roots: new Set([...users.keys(), ...older.map(({ sha256 }) => sha256)]),
    madeBefore: request.now === true ? Number.POSITIVE_INFINITY : now - youth,
    dryRun: request.dryRun === true,
  })
  return {
    directory: places.store,
    ...collected,
    waitingFor: older.some(({ sha256 }) => !users.has(sha256)) ? waiting.map(({ root }) => root) : [],
  }
}

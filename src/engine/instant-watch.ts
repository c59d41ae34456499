// Links to whole trees let whoever may write there write into the store: root does, by `pip install -I` or by hand. The next command on
// any environment that uses such a tree notices: one look at each directory, none within a minute of the last. The tree is made again,
// and all environments that had the change are named.

import { DenError, diagnose, isDenError } from '../base/error.ts'
import type { Environment } from '../env/environment.ts'
import { type HistoryDistribution, lastHistoryEntry } from '../env/history.ts'
import type { InstalledDistribution } from '../env/installed.ts'
import { otherEnvironments } from '../env/other-environments.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import { ifReadable } from '../env/quietly.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { quickDamageOf } from '../store/damage.ts'
import { openStore, type Tree } from '../store/store.ts'
import { lookInterval, lookMark } from './look-mark.ts'
import type { RepairContext } from './repair-sources.ts'

export interface WatchRequest {
  readonly root: string
  readonly paths: EnvironmentPaths
  readonly interpreter: Interpreter
  readonly offline: boolean
}

/** Looks, and mends what it finds; what it can't mend is a warning. Throws what the disk throws. */
export async function watchTrees(context: RepairContext, request: WatchRequest): Promise<void> {
  const { host, places, report } = context
  const { disk, files, path } = host
  const store = openStore(context, places.store)
  for (const noted of lastHistoryEntry(host, request.root)?.after ?? []) {
    if (noted.tree === undefined) continue
    const mark = lookMark(path, places.store, noted.tree)
    const last = ifReadable(() => files.lstat(mark))?.modified ?? 0
    if (host.now() - last < lookInterval) continue
    const tree = store.find(noted.tree)
    const damaged = tree === undefined ? undefined : ifReadable(() => quickDamageOf(host, tree))
    if (tree !== undefined && damaged !== undefined) {
      const restored = await restore(context, request, noted, tree)
      const distribution = `${noted.name} ${noted.version}`
      const environments = environmentsWith(context, request.root, noted)
      report({
        kind: 'warning',
        warning: diagnose(new DenError('store-changed', { distribution, path: damaged, environments, restored })),
      })
      if (!restored) continue
    }
    try {
      disk.makeDirectories(path.dirname(mark))
      disk.writeAtomic(mark, '')
    } catch (error) {
      // Another user's store: looked at each time.
      if (!isDenError(error)) throw error
    }
  }
}

/** Whether the tree is as it was unpacked again. */
async function restore(
  context: RepairContext,
  request: WatchRequest,
  noted: HistoryDistribution,
  tree: Tree,
): Promise<boolean> {
  const { openRepairSources } = await import('./repair-sources.ts')
  // As it was installed: what stands there by now may be what wrote through the links.
  const site = request.paths.purelib
  const distribution: InstalledDistribution = {
    project: noted.name,
    version: noted.version,
    kind: 'wheel',
    site,
    location: context.host.path.join(site, tree.manifest.distInfo),
    installer: () => 'den',
  }
  const sources = openRepairSources(context, request)
  try {
    await sources.regain({ distribution, files: [], noted, tree })
    // Made again it has times of its own, which its new manifest knows.
    const again = sources.store.find(tree.manifest.sha256)
    return again !== undefined && quickDamageOf(context.host, again) === undefined
  } catch (error) {
    if (!isDenError(error) || error.code === 'aborted') throw error
    return false
  } finally {
    sources.close()
  }
}

/** The environments that den knows and that have links into the tree, this one first. */
function environmentsWith(context: RepairContext, root: string, noted: HistoryDistribution): readonly string[] {
  const { host, places } = context
  const isUser = (other: Environment): boolean =>
    lastHistoryEntry(host, other.root)?.after.some(({ tree }) => tree === noted.tree) === true
  const others = otherEnvironments(context, places.registry, root).filter(isUser)
  return [root, ...others.map((other) => other.root)]
}

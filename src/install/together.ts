// Installing many trees at once: this thread, and beside it another where there is enough to do and a second core. Most of an install is the
// kernel's work for `link` and `mkdir`, which two threads get done in little more than half the time; so both take trees from one list,
// the largest first, until none is left.

import { realDisk } from '../host/disk.ts'
import { realFiles } from '../host/files.ts'
import type { Context } from '../host/host.ts'
import { startThread, type Thread } from '../host/thread.ts'
import { workerUrl } from '../host/worker-url.ts'
import { spareThreads } from '../host/workers.ts'
import type { TreeManifest } from '../store/manifest.ts'
import { manifestName } from '../store/store.ts'
import { type InstalledTree, installTree, recordReader } from './install.ts'
import { cells, type HandedRequest, type InstallAnswer, type InstallJob, type TreeRequest } from './install-job.ts'
import type { Linker, LinkMode } from './linker.ts'

/** A thread costs eight milliseconds of processor time to start; so many files are linked in about thirty. */
const worthThread = 1500

/**
 * Installs the trees. Whatever two of them have in common is done in the order given, so that the later one's content stands. Throws what
 * `installTree` throws; nothing goes on in the background by then.
 */
export async function installTrees(
  context: Context,
  requests: readonly TreeRequest[],
  { linker, mode }: { readonly linker: Linker; readonly mode: LinkMode },
): Promise<readonly InstalledTree[]> {
  const { host } = context
  const done: InstalledTree[] = []
  const sharing = sharingTrees(requests.map(({ tree }) => tree.manifest))
  // A disk that isn't the real one (a test's, one with faults) exists on this thread alone.
  const helped = host.disk === realDisk && host.files === realFiles && spareThreads() > 0
  const apart = (index: number): boolean => helped && !sharing.has(index) && !requests[index]!.tree.private
  const free = requests.map((_, index) => index).filter(apart)
  const size = free.reduce((sum, index) => sum + requests[index]!.tree.manifest.fileCount, 0)
  if (size >= worthThread) {
    const order = free.sort((a, b) => requests[b]!.tree.manifest.fileCount - requests[a]!.tree.manifest.fileCount)
    // While the other thread starts: afterwards it could only look on.
    const first = requests.map((_, index) => index).filter((index) => !apart(index))
    await shareOut(context, { requests, first, order, mode, linker, done })
  }
  for (const [index, request] of requests.entries()) done[index] ??= await installTree(context, { ...request, linker })
  return done
}

/**
 * Which of them bring something that another one brings too, as far as their top entries and scripts tell. Letters' case counts for nothing,
 * as on some file systems.
 */
export function sharingTrees(manifests: readonly TreeManifest[]): ReadonlySet<number> {
  const owners = new Map<string, number>()
  const sharing = new Set<number>()
  const note = (place: string, index: number): void => {
    const key = place.normalize().toLowerCase()
    const owner = owners.get(key)
    if (owner === undefined) owners.set(key, index)
    else if (owner !== index) sharing.add(owner).add(index)
  }
  for (const [index, manifest] of manifests.entries()) {
    for (const name of manifest.topLevel) note(`site/${name}`, index)
    for (const { name } of [...manifest.consoleScripts, ...manifest.guiScripts]) note(`scripts/${name}`, index)
    for (const { scheme, directories } of manifest.outside) {
      for (const { path, files } of directories) {
        for (const [name] of files) {
          note(scheme === 'scripts' ? `scripts/${name}` : `${scheme}/${path}/${name}`, index)
          if (isFarData(scheme, path)) sharing.add(index)
        }
      }
    }
  }
  return sharing
}

/** Data can land anywhere in the environment, among others' modules and scripts too. `path`: the directory, relative to the scheme's. */
export function isFarData(scheme: string, path: string): boolean {
  return scheme === 'data' && !/^(?:share|etc|man)(?:\/|$)/.test(path)
}

interface Sharing {
  readonly requests: readonly TreeRequest[]
  /** Indexes into the requests: what this thread does alone, in this order. */
  readonly first: readonly number[]
  /** What both threads take from. */
  readonly order: readonly number[]
  readonly mode: LinkMode
  readonly linker: Linker
  /** By the requests' indexes. */
  readonly done: InstalledTree[]
}

async function shareOut(context: Context, { requests, first, order, mode, linker, done }: Sharing): Promise<void> {
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const alone = (index: number): Promise<InstalledTree> => installTree(context, { ...requests[index]!, linker })
  const job: InstallJob = { requests: order.map((index) => handed(context, requests[index]!)), mode, shared }
  const thread = startThread<readonly InstallAnswer[]>(workerUrl('install/install-worker'), job)
  try {
    for (const index of first) done[index] = await alone(index)
    const take = (): number | undefined => order[Atomics.add(shared, cells.taken, 1)]
    for (let index = take(); index !== undefined; index = take()) done[index] = await alone(index)
  } catch (error) {
    // The other one finds nothing more to take; what it is at has to end before anybody clears up.
    Atomics.store(shared, cells.taken, order.length)
    await finish(thread, shared)
    throw error
  }
  for (const { turn, tree, events } of await finish(thread, shared)) {
    for (const event of events) context.report(event)
    const request = requests[order[turn]!]!
    done[order[turn]!] = { ...tree, record: recordReader(context.host, stagedRecord(context, request, tree.distInfo)) }
  }
  // A damaged tree is mended on this thread, and so is what a thread that ended has left undone. It meets its own files there.
  for (const index of order) done[index] ??= { ...(await alone(index)), replaced: [] }
}

/** The RECORD that the other thread wrote. */
function stagedRecord({ host }: Context, { paths, staged = paths.root }: TreeRequest, distInfo: string): string {
  return `${staged}${host.path.join(distInfo, 'RECORD').slice(paths.root.length)}`
}

function handed({ host }: Context, { tree, restore: _, ...rest }: TreeRequest): HandedRequest {
  const { directory } = tree
  const manifest = host.path.join(host.path.dirname(directory), manifestName)
  return { ...rest, tree: { directory, manifest, sha256: tree.manifest.sha256 } }
}

/** What the other thread has done, once it has finished what it has taken. */
async function finish(
  thread: Thread<readonly InstallAnswer[]> | undefined,
  shared: Int32Array,
): Promise<readonly InstallAnswer[]> {
  // One that has not come to its first line finds nothing more to take.
  const begun = Atomics.load(shared, cells.begun) === 1
  const answers = begun ? await thread?.answer() : undefined
  thread?.end()
  // What one that ended has done by then is not known, and done again.
  return answers ?? []
}

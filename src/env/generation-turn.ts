// Turning an environment over to generations: what stands at a place of the root moves into the generation, and a link through `now`
// comes in its stead. Where the system can exchange two names that is one step, and a Python that starts meanwhile sees no difference;
// elsewhere it is a transaction of two renames, which the next den command finishes.

import { isDenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import type { Move } from '../journal/moves.ts'
import { openTransaction } from '../journal/transaction.ts'
import { parsePyvenvCfg } from '../spec/pyvenv-cfg.ts'
import {
  backLinks,
  currentGeneration,
  type Generation,
  generationDirectory,
  linkThroughNow,
  nowLink,
} from './generation.ts'
import { carryOver } from './generation-carry.ts'
import { linkModeKey, storeKey } from './instant-keys.ts'

export interface TurnRequest {
  readonly root: string
  readonly journal: string
  /** Places of the root, relative and with `/`. */
  readonly places: readonly string[]
}

/**
 * Makes links through `now` of those places that aren't yet; a place where nothing stands becomes a link to what will. Makes the first
 * generation where there is none. The environment's lock is held. Throws what the disk throws; the environment works then, too.
 */
export async function turnOver(context: Context, request: TurnRequest): Promise<Generation> {
  const { host } = context
  const { files, disk, path } = host
  const { root } = request
  const generation = currentGeneration(host, root) ?? firstGeneration(context, root)
  const left: string[] = []
  for (const place of request.places) {
    const here = path.join(root, place)
    const target = linkThroughNow(place)
    const facts = files.lstat(here)
    if (facts?.kind === 'link' && files.readLink(here) === target) continue
    const inside = path.join(generation.directory, place)
    disk.makeDirectories(path.dirname(inside))
    if (facts === undefined) {
      disk.makeDirectories(path.dirname(here))
      disk.symlink(target, here)
      continue
    }
    // A kill may have left this link.
    if (files.lstat(inside)?.kind === 'link' && files.readLink(inside) === target) disk.removeFile(inside)
    if (files.lstat(inside) !== undefined) left.push(place)
    else {
      disk.symlink(target, inside)
      if (!exchange(context, here, inside)) {
        disk.removeFile(inside)
        left.push(place)
      }
    }
  }
  if (left.length > 0) await turnByMoves(context, request, generation, left)
  return generation
}

function firstGeneration({ host }: Context, root: string): Generation {
  const { disk, files, path } = host
  const directory = generationDirectory(host, root, 1)
  disk.makeDirectories(directory)
  for (const [place, target] of backLinks(host, root)) {
    const link = path.join(directory, place)
    disk.makeDirectories(path.dirname(link))
    if (files.lstat(link) === undefined) disk.symlink(target, link)
  }
  disk.symlink('generations/1', nowLink(host, root))
  return { number: 1, directory }
}

/** False where the two can't be exchanged: another system, an old kernel, a file system that doesn't know how. */
function exchange({ host }: Context, one: string, other: string): boolean {
  if (host.disk.exchange === undefined) return false
  try {
    host.disk.exchange(one, other)
    return true
  } catch (error) {
    if (/^(?:ENOSYS|EINVAL|ENOTSUP|EOPNOTSUPP|EXDEV|EPERM|EBUSY)$/.test(ioCode(error) ?? '')) return false
    throw error
  }
}

async function turnByMoves(
  context: Context,
  { root, journal }: TurnRequest,
  generation: Generation,
  places: readonly string[],
): Promise<void> {
  const { host } = context
  const { disk, files, path } = host
  const transaction = await openTransaction(context, { root, journal })
  try {
    const moves: Move[] = []
    for (const place of places) {
      const native = path.join(...place.split('/'))
      const here = path.join(root, native)
      carryOver(context, { from: here, to: path.join(generation.directory, native), gone: new Set() })
      disk.makeDirectories(path.dirname(path.join(transaction.stage, native)))
      disk.symlink(linkThroughNow(place), path.join(transaction.stage, native))
      moves.push(['out', native, files.lstat(here)?.inode ?? 0], ['in', native])
    }
    transaction.commit({ moves, displaced: [] })
  } finally {
    transaction.close()
  }
}

/** Writes down in pyvenv.cfg that the environment is one of links, and into which store they lead. */
export function noteStore({ host, report }: Context, root: string, store: string): void {
  const { files, disk, path } = host
  const file = path.join(root, 'pyvenv.cfg')
  const text = files.readText(file)
  if (text === undefined) return
  const { values } = parsePyvenvCfg(text)
  const lines = [
    ...(values.has(linkModeKey) ? [] : [`${linkModeKey} = instant`]),
    ...(values.get(storeKey) === store || /[\n\r]/.test(store) ? [] : [`${storeKey} = ${store}`]),
  ]
  if (lines.length === 0) return
  try {
    const kept = values.has(storeKey) ? text.replace(new RegExp(`^${storeKey}[ \\t]*=.*\\n`, 'gm'), '') : text
    disk.writeAtomic(file, `${kept.trimEnd()}\n${lines.join('\n')}\n`, files.stat(file)?.mode ?? 0o644)
  } catch (error) {
    if (!isDenError(error, 'permission-denied', 'read-only-disk')) throw error
    report({ kind: 'note', text: `${file} could not be written: the store's place is not noted` })
  }
}

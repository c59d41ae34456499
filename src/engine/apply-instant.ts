// A change of an environment that is links: a new generation is made beside the one in use, from what stays of that and from what
// comes, and one rename of `now` puts it into use. Killed before, the old one is in use; killed after, the new one; never a mixture.

import { DenError } from '../base/error.ts'
import {
  type Generation,
  generationDirectory,
  generations,
  generationsDirectory,
  linkedPlaces,
  nowLink,
  placeOf,
  relativeToGeneration,
  sentinel,
  throughDirectories,
} from '../env/generation.ts'
import { carryOver } from '../env/generation-carry.ts'
import { tidyGenerations } from '../env/generation-tidy.ts'
import { noteStore, turnOver } from '../env/generation-turn.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import type { Context } from '../host/host.ts'
import { linkedTree } from '../install/instant-unfold.ts'
import { openTransaction, type Transaction, workDirectory } from '../journal/transaction.ts'
import { openStore } from '../store/store.ts'
import { type AppliedPlan, type ApplyContext, type ApplyRequest, type ApplyTarget, applyIn } from './apply.ts'
import { openPuttingIn, openRememberedSet, type RememberedSet } from './instant-trees.ts'

/** Carries the plan out by a new generation. The environment's lock is held. Throws what `applyPlan` throws. */
export async function applyInstant(context: ApplyContext, given: ApplyRequest): Promise<AppliedPlan> {
  const { journal } = context.places
  const request = { ...given, environment: { ...given.environment, paths: plainPaths(context, given) } }
  const { root, paths } = request.environment
  const through = throughDirectories(context.host, paths)
  const coming = [
    ...request.plan.install,
    ...request.plan.change.map(({ to }) => to),
    ...request.plan.reinstall.map(({ to }) => to),
  ].map(({ source }) => source.tree)
  const store = coming.flatMap(({ directory }) => linkedTree(context.host, directory)?.store ?? [])[0]
  const held = store === undefined ? undefined : await openStore(context, store).hold()
  const set = openRememberedSet(context, request)
  try {
    let places = set?.known?.places ?? firstPlaces(context, request, through)
    for (let attempt = 0; ; attempt += 1) {
      const current = await turnOver(context, { root, journal, places })
      if (store !== undefined) noteStore(context, root, store)
      const transaction = await openTransaction(context, { root, journal })
      try {
        const target = openTarget(context, request, { transaction, current, through, set })
        const applied = await applyIn(context, request, target)
        set?.keep(places)
        tidyGenerations(context, root, through)
        return applied
      } catch (error) {
        if (!(error instanceof UnlinkedPlaces) || attempt === 3) {
          tidyGenerations(context, root, through)
          throw error
        }
        places = [...places, ...error.places]
      } finally {
        transaction.close()
      }
    }
  } finally {
    held?.release()
  }
}

/** Found out under way: something is or comes where the root has no link through `now` yet. */
class UnlinkedPlaces extends Error {
  readonly places: readonly string[]
  constructor(places: readonly string[]) {
    super(`not linked yet: ${places.join(', ')}`)
    this.places = places
  }
}

/** lib64 is another name of lib; a generation has only the one. */
function plainPaths({ host }: Context, { environment }: ApplyRequest): EnvironmentPaths {
  const { root, paths } = environment
  const plain = (place: string): string => {
    const relative = relativeToGeneration(host, root, place)
    return relative === undefined ? place : host.path.join(root, ...relative.split('/'))
  }
  return { ...paths, purelib: plain(paths.purelib), platlib: plain(paths.platlib) }
}

/** What is linked from the beginning, and what the plan's data files and headers need. */
function firstPlaces(
  { host }: Context,
  { plan, environment }: ApplyRequest,
  through: readonly string[],
): readonly string[] {
  const { files, path } = host
  const { root, paths } = environment
  const relative = (place: string): string => path.relative(root, place).split(path.sep).join('/')
  const places = new Set([relative(paths.scripts), relative(paths.purelib), relative(paths.platlib), '.den/history'])
  for (const name of ['share', 'etc', 'man']) if (files.lstat(path.join(root, name)) !== undefined) places.add(name)
  const trees = [...plan.install, ...plan.change.map(({ to }) => to), ...plan.reinstall.map(({ to }) => to)]
  for (const { source } of trees) {
    for (const part of source.tree.manifest.outside) {
      if (part.scheme === 'headers') places.add(placeOf(`${relative(paths.include)}/x`, through))
      if (part.scheme !== 'data') continue
      for (const directory of part.directories)
        for (const [name] of directory.files)
          places.add(placeOf(directory.path === '' ? name : `${directory.path}/${name}`, through))
    }
  }
  return [...places]
}

interface Making {
  readonly transaction: Transaction
  readonly current: Generation
  readonly through: readonly string[]
  readonly set: RememberedSet | undefined
}

function openTarget(context: ApplyContext, request: ApplyRequest, making: Making): ApplyTarget {
  const { host } = context
  const { disk, path } = host
  const { root, paths } = request.environment
  const { transaction, current, through, set } = making
  // Where it will be: until `now` leads there it is what a killed process left, and taken away as such.
  const number = Math.max(0, ...generations(host, root).map((one) => one.number)) + 1
  const stage = generationDirectory(host, root, number)
  const linked = new Set(linkedPlaces(host, root, through))
  const left = new Set<string>()
  let begin: () => void = () => undefined

  const putting = openPuttingIn(context, request, {
    stage,
    set,
    again: () => {
      disk.removeTree(stage)
      begin()
    },
  })
  return {
    stage,
    begin: (remove) => {
      const gone = new Set<string>()
      const missing = new Set<string>()
      for (const file of remove) {
        const relative = relativeToGeneration(host, root, file)
        if (relative === undefined)
          throw new DenError('install-blocked', { path: file, by: 'a link that leads elsewhere' })
        gone.add(relative)
        left.add(file)
        const place = placeOf(relative, through)
        if (!linked.has(place) && host.files.lstat(path.join(root, place)) !== undefined) missing.add(place)
      }
      if (missing.size > 0) throw new UnlinkedPlaces([...missing])
      const site = relativeToGeneration(host, root, paths.purelib)!
      const keep = new Set(['.den', '.den/history', path.basename(paths.scripts), site, ...through])
      begin = () => {
        carryOver(context, { from: current.directory, to: stage, gone, keep })
        const directory = path.join(stage, site)
        disk.makeDirectories(directory)
        if (host.files.lstat(path.join(directory, sentinel)) === undefined)
          disk.writeNew(path.join(directory, sentinel), '')
      }
      begin()
    },
    install: putting.install,
    mode: putting.mode,
    plan: (remove) => {
      // What was pushed out of the history, and the bytecode of what gave way, came along before that was known.
      for (const file of remove) {
        if (left.has(file)) continue
        const relative = relativeToGeneration(host, root, file)
        if (relative === undefined) continue
        const inside = path.join(stage, relative)
        if (host.files.lstat(inside) === undefined) continue
        disk.removeFile(inside)
        const directory = path.dirname(inside)
        if (path.basename(directory) === '__pycache__' && host.files.names(directory)?.length === 0)
          disk.removeDirectory(directory)
      }
      const missing = placesIn(context, stage, through).filter((place) => !linked.has(place))
      if (missing.length > 0) throw new UnlinkedPlaces(missing)
      return { moves: [], displaced: putting.displaced }
    },
    commit: (_plan, written) => switchTo(context, { root, number, work: transaction.stage, written }),
  }
}

/** The places of the root that what stands in the generation is reached by. */
export function placesIn({ host }: Context, generation: string, through: readonly string[]): readonly string[] {
  const back = new Set(['pyvenv.cfg'])
  return ['', ...through].flatMap((directory) =>
    (host.files.list(host.path.join(generation, directory)) ?? []).flatMap(({ name, kind }) => {
      const place = directory === '' ? name : `${directory}/${name}`
      // Links back to what the root itself has are not for the root.
      if (through.includes(place) || back.has(place) || (kind === 'link' && directory === 'lib')) return []
      return [place]
    }),
  )
}

interface Switch {
  readonly root: string
  /** The new generation. */
  readonly number: number
  readonly work: string
  readonly written: readonly string[]
}

/** The change itself. */
function switchTo({ host }: Context, { root, number, work, written }: Switch): void {
  const { disk, path } = host
  const fresh = path.join(work, 'now')
  disk.symlink(`generations/${number}`, fresh)
  disk.syncTrees([generationDirectory(host, root, number)], [...written, generationsDirectory(host, root)])
  disk.rename(fresh, nowLink(host, root))
  disk.syncAll([workDirectory(host, root)])
}

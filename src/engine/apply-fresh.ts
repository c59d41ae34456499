// Packages into an environment that is being made and has no name yet (env/make.ts): nobody else knows it, so that nothing is to be locked,
// taken along or switched. What is put in stands where it stays, in the first generation where the environment is one of links. Forcing
// it to the disk is the caller's, once for as many environments as it makes.

import { isDenError } from '../base/error.ts'
import { currentGeneration, linkedPlaces, linkThroughNow, throughDirectories } from '../env/generation.ts'
import type { SetMemory } from '../install/instant-set.ts'
import type { SetHelper } from '../install/instant-set-helper.ts'
import { openLinker } from '../install/linker.ts'
import { installTrees, isFarData } from '../install/together.ts'
import type { TreePart } from '../store/manifest.ts'
import {
  type AppliedPlan,
  type ApplyContext,
  type ApplyRequest,
  type ApplyTarget,
  allowedInstant,
  applyIn,
} from './apply.ts'
import { placesIn } from './apply-instant.ts'
import { openPuttingIn, openRememberedSet } from './instant-trees.ts'

export interface FreshPlace {
  /** Where the environment stands; `request.environment` tells where it will. */
  readonly staged: string
  /** The sets of those that were made before it. */
  readonly memory: SetMemory
  readonly helper?: SetHelper | undefined
}

export interface FilledPlan extends AppliedPlan {
  /** What was written, as opposed to linked. */
  readonly written: readonly string[]
}

/** Something that an environment which stands already has the means for: it is to be made first, and to get its packages then. */
export class NotWhileMaking extends Error {}

/** Puts the plan's packages in, of which none may replace anything. Throws `NotWhileMaking`, and what `applyPlan` throws. */
export async function applyFresh(context: ApplyContext, request: ApplyRequest, place: FreshPlace): Promise<FilledPlan> {
  const { change, reinstall, remove } = request.plan
  if (change.length + reinstall.length + remove.length > 0) throw new NotWhileMaking()
  const written: string[] = []
  try {
    const target = currentGeneration(context.host, place.staged)
      ? await generationTarget(context, request, place, written)
      : plainTarget(context, request, place, written)
    return { ...(await applyIn(context, request, target)), written }
  } catch (error) {
    if (isDenError(error, 'store-damaged')) throw new NotWhileMaking(error.message, { cause: error })
    throw error
  }
}

async function generationTarget(
  context: ApplyContext,
  given: ApplyRequest,
  { staged, memory, helper }: FreshPlace,
  all: string[],
): Promise<ApplyTarget> {
  const { host } = context
  const { disk, path } = host
  const request =
    given.linkMode === 'instant' ? await allowedInstant(context, given, standingAt(staged, given.environment)) : given
  const { paths } = request.environment
  const through = throughDirectories(host, paths)
  const stage = currentGeneration(host, staged)!.directory
  const set = openRememberedSet(context, request, memory)
  const putting = openPuttingIn(context, request, {
    stage,
    set,
    helper,
    again: () => {
      throw new NotWhileMaking()
    },
  })
  return {
    stage,
    standing: staged,
    install: putting.install,
    mode: putting.mode,
    plan: () => {
      if (putting.displaced.length > 0) throw new NotWhileMaking()
      const linked = new Set(linkedPlaces(host, staged, through))
      for (const place of placesIn(context, stage, through)) {
        if (linked.has(place)) continue
        const here = path.join(staged, ...place.split('/'))
        if (host.files.lstat(here) !== undefined) throw new NotWhileMaking()
        disk.symlink(linkThroughNow(place), here)
      }
      return { moves: [], displaced: [] }
    },
    commit: (_, written) => {
      all.push(...written)
      set?.keep(linkedPlaces(host, staged, through))
    },
  }
}

function plainTarget(context: ApplyContext, request: ApplyRequest, { staged }: FreshPlace, all: string[]): ApplyTarget {
  const mode = request.linkMode === 'instant' ? 'auto' : (request.linkMode ?? 'auto')
  const linker = openLinker(context, mode)
  let isInTheWay = false
  return {
    stage: staged,
    standing: staged,
    install: async (trees) => {
      // What stands there may lead out of the environment.
      const isFar = ({ scheme, directories }: TreePart): boolean =>
        directories.some(({ path }) => isFarData(scheme, path))
      if (trees.some(({ tree }) => tree.manifest.outside.some(isFar))) throw new NotWhileMaking()
      const installed = await installTrees(context, trees, { linker, mode })
      isInTheWay = installed.some(({ replaced }) => replaced.length > 0)
      return installed
    },
    mode: linker.mode,
    plan: () => {
      if (isInTheWay) throw new NotWhileMaking()
      return { moves: [], displaced: [] }
    },
    commit: (_, written) => {
      all.push(...written)
    },
  }
}

/** The environment where it stands for now. */
function standingAt(staged: string, { root, paths }: ApplyRequest['environment']): ApplyRequest['environment'] {
  return { root: staged, paths: { ...paths, root: staged, purelib: `${staged}${paths.purelib.slice(root.length)}` } }
}

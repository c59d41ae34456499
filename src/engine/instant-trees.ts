// Trees into a generation that is being made: as a list of links that is remembered of the same set, or one after another, as links to their
// top entries or, where one doesn't bear that, as files. Where the generation stands, and what becomes of it, is the caller's.

import type { Context } from '../host/host.ts'
import { type InstalledTree, installTree } from '../install/install.ts'
import type { TreeRequest } from '../install/install-job.ts'
import { linkTree } from '../install/instant.ts'
import {
  type KeptSet,
  keepSet,
  noteLooked,
  placedTrees,
  placeSet,
  recallSet,
  type SetMemory,
  type SetPlace,
  setJob,
  setPlace,
} from '../install/instant-set.ts'
import type { SetHelper } from '../install/instant-set-helper.ts'
import { openSetRecorder, type SetRecorder } from '../install/instant-set-recorder.ts'
import { unfoldAlong } from '../install/instant-unfold.ts'
import { openLinker } from '../install/linker.ts'
import { type AppliedPlan, type ApplyContext, type ApplyRequest, treeRequestOf } from './apply.ts'

/** Trees that don't bear being read-only links: what they copy from themselves for their users keeps the mode. */
const alwaysCopied: ReadonlySet<string> = new Set(['alembic', 'flask-migrate'])

/** What putting the same distributions into another environment came to, and what it comes to in this one. */
export interface RememberedSet {
  readonly place: SetPlace
  known: KeptSet | undefined
  recorded: { readonly recorder: SetRecorder; readonly installed: readonly InstalledTree[] } | undefined
  /** What the known set rests on was found as it was. */
  looked(): void
  keep(places: readonly string[]): void
}

/** Undefined where other things than the distributions have a say. */
export function openRememberedSet(
  context: ApplyContext,
  request: ApplyRequest,
  memory: SetMemory = new Map(),
): RememberedSet | undefined {
  const { plan, linkMode = 'instant', copied } = request
  if (linkMode !== 'instant' || plan.change.length + plan.reinstall.length > 0 || (copied?.size ?? 0) > 0)
    return undefined
  if (plan.install.some(({ name }) => alwaysCopied.has(name))) return undefined
  const requests = plan.install.map(({ source }) => treeRequestOf(request, source))
  const place = setPlace(context.host, requests)
  if (place === undefined) return undefined
  const set: RememberedSet = {
    place,
    known: recallSet(context.host, place, memory),
    recorded: undefined,
    looked: () => {
      if (set.known !== undefined) noteLooked(context.host, place, set.known, memory)
    },
    keep: (places) => {
      const made = set.recorded?.recorder.set(set.recorded.installed, places)
      if (made === undefined) return
      memory.delete(place.file)
      keepSet(context.host, place, made)
    },
  }
  return set
}

/** Trees on their way into one generation. */
export interface PuttingIn {
  install(trees: readonly TreeRequest[]): Promise<readonly InstalledTree[]>
  /** How they got there, so far. */
  mode(): AppliedPlan['linkMode']
  /** What of other distributions gave way. */
  readonly displaced: readonly string[]
}

interface Place {
  /** The generation, laid out as the root is. */
  readonly stage: string
  readonly set: RememberedSet | undefined
  /** Makes the generation anew, where a part of it has come to be of no use. */
  readonly again: () => void
  readonly helper?: SetHelper | undefined
}

export function openPuttingIn(
  context: ApplyContext,
  request: ApplyRequest,
  { stage, set, again, helper }: Place,
): PuttingIn {
  const { host } = context
  const { path } = host
  const wholes = request.linkMode === undefined || request.linkMode === 'instant'
  const linker = openLinker(context, wholes ? 'hardlink' : (request.linkMode ?? 'auto'))
  const copier = openLinker({ ...context, report: () => undefined }, 'copy')
  const displaced: string[] = []
  const earlier: InstalledTree[] = []
  const standing = new Set<string>()
  let instant = false

  const installOne = async (tree: TreeRequest, recorder: SetRecorder | undefined): Promise<InstalledTree> => {
    const { manifest } = tree.tree
    const copied = alwaysCopied.has(manifest.project) || request.copied?.has(manifest.project) === true
    const asLinks = wholes && !copied && !tree.tree.private
    if (!asLinks) keepOutOfStore(context, stage, tree)
    if (asLinks) instant = true
    const installed = asLinks
      ? await linkTree(recorder?.context ?? context, {
          ...tree,
          staged: stage,
          linker: recorder?.linker ?? linker,
          copier: recorder?.copier ?? copier,
          standing,
        })
      : await installTree(context, { ...tree, linker: copied || tree.tree.private ? copier : linker })
    if (installed.replaced.length > 0) {
      // What another of those that come brought a moment ago is told of as shared.
      const brought = new Set(
        earlier.flatMap(({ distInfo, record }) =>
          record().map((row) => path.resolve(path.dirname(distInfo), row.path)),
        ),
      )
      displaced.push(...installed.replaced.filter((file) => !brought.has(file)))
    }
    earlier.push(installed)
    return installed
  }
  const install = async (trees: readonly TreeRequest[]): Promise<readonly InstalledTree[]> => {
    const isSet = set !== undefined && setPlace(host, trees)?.file === set.place.file
    const given = { stage, trees: set?.place.trees ?? '', requests: trees }
    if (isSet && set.known !== undefined) {
      const request = { ...given, copier }
      const job = setJob(request)
      const helped = await helper?.place(set.place, set.known, job)
      const placed = helped === undefined || helped === 'lost' ? placeSet(host, set.known, job, copier) : helped
      if (placed === 'done') {
        instant = true
        set.looked()
        return placedTrees(context, set.known, request)
      }
      if (placed === 'stopped') again()
    }
    const recorder = isSet ? openSetRecorder(context, { ...given, copier }) : undefined
    const installed: InstalledTree[] = []
    for (const tree of trees) installed.push(await installOne(tree, recorder))
    if (set !== undefined && recorder !== undefined) set.recorded = { recorder, installed }
    return installed
  }
  return { install, mode: () => (instant ? 'instant' : linker.mode()), displaced }
}

/** A link to a directory of the store must not be on the way of a file that is written. */
function keepOutOfStore(context: Context, stage: string, { tree, paths }: TreeRequest): void {
  for (const part of tree.manifest.parts) {
    if (part.scheme !== 'purelib' && part.scheme !== 'platlib') continue
    const site = `${stage}${paths[part.scheme].slice(paths.root.length)}`
    for (const directory of part.directories) unfoldAlong(context, site, directory.path)
  }
}

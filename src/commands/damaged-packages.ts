// What check and repair both ask of an environment's packages: which are damaged, which of the store's trees with them, and who else has
// the same files.

import type { SharingEnvironment } from '../engine/repair-packages.ts'
import type { DamagedDistribution, FileState, Verification } from '../engine/verify.ts'
import { type Environment, readEnvironment } from '../env/environment.ts'
import { type Core, storePlace } from './core.ts'

export interface DamagedPackage {
  readonly name: string
  readonly version: string
  /** Relative to the root, with `/`. */
  readonly files: readonly { readonly path: string; readonly state: FileState }[]
  /** What is wrong with its RECORD. */
  readonly record?: string
}

export interface DamagedTree {
  readonly distribution: string
  /** Relative to the tree. */
  readonly files: readonly string[]
}

/** The same den, at work with the store that the environment is linked to. */
export function withStoreOf(core: Core, environment: Environment): Core {
  return { ...core, places: { ...core.places, store: storePlace(core, environment) } }
}

/** Reads every file of every package. */
export async function verify(core: Core, environment: Environment): Promise<Verification> {
  const { verifyEnvironment } = await import('../engine/verify.ts')
  const { openStore } = await import('../store/store.ts')
  const { root, paths, kind } = environment
  // conda rewrites what it installs, and has a check of its own.
  if (kind === 'conda' || kind === 'pixi')
    return { damaged: [], unverifiable: [], distributions: 0, files: 0, bytes: 0 }
  return await verifyEnvironment(core, { root, paths, store: openStore(core, core.places.store) })
}

export async function sharingOf(
  core: Core,
  { root, paths }: Environment,
  damaged: readonly DamagedDistribution[],
): Promise<readonly SharingEnvironment[]> {
  if (!damaged.some(({ files }) => files.some(({ linked }) => linked))) return []
  const { environmentsSharing } = await import('../engine/repair-packages.ts')
  return environmentsSharing(core, { root, paths }, damaged)
}

export function damagedPackage(
  { host }: Core,
  root: string,
  { distribution, files, record }: DamagedDistribution,
): DamagedPackage {
  return {
    name: distribution.project,
    version: distribution.version,
    files: files.map(({ path, state }) => ({ path: host.path.relative(root, path).replaceAll('\\', '/'), state })),
    ...(record === undefined ? {} : { record }),
  }
}

export async function damagedTrees(
  core: Core,
  damaged: readonly DamagedDistribution[],
): Promise<readonly DamagedTree[]> {
  const { openStore } = await import('../store/store.ts')
  const store = openStore(core, core.places.store)
  return damaged.flatMap(({ tree }) => {
    const files = tree === undefined ? [] : store.verify(tree)
    return tree === undefined || files.length === 0
      ? []
      : [{ distribution: `${tree.manifest.project} ${tree.manifest.version}`, files }]
  })
}

/** The environment as it stands after a change. */
export function readAgain(core: Core, environment: Environment): Environment {
  return readEnvironment(core.host, environment.root) ?? environment
}

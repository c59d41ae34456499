// What keeps trees in the store: the environments that den knows, by what they are filled from and by what their history leads back to.

import { readHistory } from '../env/history.ts'
import { ifReadable } from '../env/quietly.ts'
import { registeredEnvironments } from '../env/registry.ts'
import { walkTree } from '../env/walk.ts'
import type { Core } from './core.ts'

export interface StoreRoots {
  /** The environments that use a tree, by its key: their roots. */
  readonly users: ReadonlyMap<string, readonly string[]>
  /** Trees that environments lead into by links: without them these environments are broken. */
  readonly linked: ReadonlySet<string>
  /** Environments that are not where they were, with when they were last used: moved or deleted, nothing tells. */
  readonly gone: readonly { readonly root: string; readonly lastUsed: number }[]
}

/** Looks at every environment of the registry. Throws `permission-denied` for one that can't be looked at: its trees are not known. */
export async function storeRoots(core: Core): Promise<StoreRoots> {
  const { host, places, signal } = core
  const { files, path } = host
  const users = new Map<string, Set<string>>()
  const linked = new Set<string>()
  const gone: { root: string; lastUsed: number }[] = []
  const use = (sha256: string, root: string): void => {
    const known = users.get(sha256)
    if (known === undefined) users.set(sha256, new Set([root]))
    else known.add(root)
  }
  const trees = [places.store, files.realPath(places.store) ?? places.store].map((store) =>
    path.join(store, 'v1', 'trees', path.sep),
  )
  const keyIn = (target: string): string | undefined => {
    const above = trees.find((place) => target.startsWith(place))
    const key = above === undefined ? undefined : target.slice(above.length).split(path.sep)[0]
    return key !== undefined && /^[0-9a-f]{64}$/.test(key) ? key : undefined
  }
  for (const { root, lastUsed } of registeredEnvironments(core, places.registry)) {
    if (files.lstat(root) === undefined) {
      gone.push({ root, lastUsed })
      continue
    }
    for (const { before, after } of readHistory(host, root))
      for (const { tree } of [...before, ...after]) if (tree !== undefined) use(tree, root)
    // Links into the store tell what an instant environment is made of, whoever put them there.
    const real = files.realPath(root) ?? root
    for await (const entry of walkTree(host, real, { operation: `looking at ${root}`, signal })) {
      if (entry.kind !== 'link') continue
      const place = path.join(real, entry.path)
      const target = ifReadable(() => files.readLink(place))
      const key = target === undefined ? undefined : keyIn(path.resolve(path.dirname(place), target))
      if (key === undefined) continue
      use(key, root)
      linked.add(key)
    }
  }
  return { users: new Map([...users].map(([key, roots]) => [key, [...roots].sort()])), linked, gone }
}

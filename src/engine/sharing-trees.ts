// A tree of the store that is found damaged while it is put in is made again, and this environment gets it whole. Others that were linked
// from it still have the damaged files, as second names of the very same: they are named, since nothing else would tell.

import { DenError, diagnose } from '../base/error.ts'
import type { Places } from '../config/places.ts'
import { readEnvironment } from '../env/environment.ts'
import { ifReadable } from '../env/quietly.ts'
import { registeredEnvironments } from '../env/registry.ts'
import type { Context } from '../host/host.ts'
import type { Tree } from '../store/store.ts'
import { treeFilesIn } from './verify.ts'

export type SharingContext = Context & { readonly places: Pick<Places, 'registry'> }

/** `restore`, which tells of the environments (besides that at `root`) that go on with what was damaged. */
export function tellingRestore(
  context: SharingContext,
  root: string,
  restore: (tree: Tree) => Promise<Tree>,
): (tree: Tree) => Promise<Tree> {
  return async (tree) => {
    const before = damagedIn(context, tree)
    const again = await restore(tree)
    const environments = sharingEnvironments(context, root, tree, before)
    const { project, version } = tree.manifest
    const [path] = before.keys()
    if (environments.length > 0 && path !== undefined) {
      const detail = { distribution: `${project} ${version}`, path, environments }
      context.report({ kind: 'warning', warning: diagnose(new DenError('store-restored', detail)) })
    }
    return again
  }
}

/** The damaged files that still stand in the tree, by their place in it, and what tells them from others. */
function damagedIn({ host }: Context, { directory, manifest }: Tree): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const part of manifest.parts) {
    for (const { path, files } of part.directories) {
      for (const [name, size] of files) {
        const place = [part.from, path, name].filter((piece) => piece !== '').join('/')
        const facts = host.files.lstat(host.path.join(directory, ...place.split('/')))
        if (facts?.kind === 'file' && (facts.size !== size || facts.modified !== manifest.modified))
          found.set(place, `${facts.device} ${facts.inode}`)
      }
    }
  }
  return found
}

function sharingEnvironments(
  { host, places, report, signal }: SharingContext,
  root: string,
  { manifest }: Tree,
  damaged: ReadonlyMap<string, string>,
): readonly string[] {
  if (damaged.size === 0) return []
  return registeredEnvironments({ host, report, signal }, places.registry).flatMap((entry) => {
    if (entry.root === root) return []
    const paths = ifReadable(() => readEnvironment(host, entry.root))?.paths
    if (paths === undefined) return []
    for (const { file, inTree } of treeFilesIn(host, paths, manifest)) {
      const identity = damaged.get(inTree)
      const facts = identity === undefined ? undefined : ifReadable(() => host.files.lstat(file))
      if (facts !== undefined && `${facts.device} ${facts.inode}` === identity) return [entry.root]
    }
    return []
  })
}

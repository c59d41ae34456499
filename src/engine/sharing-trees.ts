// A tree of the store that is found damaged while it is put in is made again, and this environment gets it whole. Others that were linked
// from it still have the damaged files, as second names of the very same: they are named, since nothing else would tell.

import { DenError, diagnose } from '../base/error.ts'
import type { Places } from '../config/places.ts'
import { otherEnvironments } from '../env/other-environments.ts'
import { ifReadable } from '../env/quietly.ts'
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
  context: SharingContext,
  root: string,
  { manifest }: Tree,
  damaged: ReadonlyMap<string, string>,
): readonly string[] {
  if (damaged.size === 0) return []
  const { host, places } = context
  const isDamaged = ({ file, inTree }: { readonly file: string; readonly inTree: string }): boolean => {
    const identity = damaged.get(inTree)
    const facts = identity === undefined ? undefined : ifReadable(() => host.files.lstat(file))
    return facts !== undefined && `${facts.device} ${facts.inode}` === identity
  }
  return otherEnvironments(context, places.registry, root).flatMap((other) => {
    for (const one of treeFilesIn(host, other.paths, manifest)) if (isDamaged(one)) return [other.root]
    return []
  })
}

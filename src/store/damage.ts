// Noticing that a tree is not as it was made: by looking (size and time of a file, time of a directory), or by hashing all of it.

import { openFileSource } from '../host/byte-source.ts'
import { sha256Stream } from '../host/hash.ts'
import type { Host } from '../host/host.ts'
import type { TreeManifest } from './manifest.ts'
import type { Tree } from './store.ts'

type Looking = Pick<Host, 'files' | 'path'>

/** The first file whose presence, size or time shows damage; one stat a file. */
export function damageOf(host: Looking, tree: Pick<Tree, 'directory' | 'manifest'>): string | undefined {
  const { modified } = tree.manifest
  for (const { path, size } of treeFiles(tree.manifest)) {
    const facts = host.files.lstat(`${tree.directory}${host.path.sep}${path}`)
    if (facts?.kind !== 'file' || facts.size !== size || facts.modified !== modified) return path
  }
  return undefined
}

/**
 * Looks at the directories only: whatever was put into one, replaced or removed there has changed its time, and then its files are looked
 * at. An edit in place keeps the directory's time; `damageOf` sees it.
 */
export function quickDamageOf(host: Looking, tree: Pick<Tree, 'directory' | 'manifest'>): string | undefined {
  const { modified, parts } = tree.manifest
  const { sep } = host.path
  for (const part of parts) {
    for (const { path, files } of part.directories) {
      const place = [part.from, path].filter((piece) => piece !== '').join('/')
      const directory = place === '' ? tree.directory : `${tree.directory}${sep}${place}`
      const facts = host.files.lstat(directory)
      if (facts?.kind !== 'directory') return place
      if (facts.modified === modified) continue
      // Bytecode is no damage, and changes the time as well.
      for (const [name, size] of files) {
        const found = host.files.lstat(`${directory}${sep}${name}`)
        if (found?.kind !== 'file' || found.size !== size || found.modified !== modified)
          return place === '' ? name : `${place}/${name}`
      }
    }
  }
  return undefined
}

/** Hashes every file; the paths, with `/`, that are gone or hold something else. */
export function damagedFiles(host: Looking, tree: Pick<Tree, 'directory' | 'manifest'>): readonly string[] {
  return [...treeFiles(tree.manifest)].flatMap(({ path, size, sha256 }) => {
    const full = host.path.join(tree.directory, path)
    const facts = host.files.lstat(full)
    return facts?.kind === 'file' && facts.size === size && hashOf(host, full, size) === sha256 ? [] : [path]
  })
}

/** Files of hundreds of megabytes are not read at once. */
const wholeFile = 2 ** 20

function hashOf(host: Looking, file: string, size: number): string {
  const hash = sha256Stream()
  if (size <= wholeFile) hash.update(host.files.readBytes(file) ?? new Uint8Array())
  else {
    const source = openFileSource(file)
    try {
      for (const piece of source.pieces()) hash.update(piece)
    } finally {
      source.close()
    }
  }
  return hash.base64Url()
}

/** Every file with its path in the tree. */
export function* treeFiles(manifest: TreeManifest): Generator<{ path: string; size: number; sha256: string }> {
  for (const part of manifest.parts) {
    for (const directory of part.directories) {
      const place = [part.from, directory.path].filter((piece) => piece !== '').join('/')
      for (const [name, size, sha256] of directory.files)
        yield { path: place === '' ? name : `${place}/${name}`, size, sha256 }
    }
  }
}

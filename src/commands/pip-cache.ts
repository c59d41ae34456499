// The cache as `pip cache` sees it: answers of indexes, and wheels that were built here.

import { ifReadable } from '../env/quietly.ts'
import { type CacheKind, partNamed } from './cache.ts'
import type { Core } from './core.ts'

export interface CachePart {
  readonly kind: 'http' | 'wheel'
  readonly name: string
  readonly path: string
  readonly bytes: number
}

/** pip's word for what a part of the cache holds; it has none for the others. */
const kinds: Readonly<Partial<Record<CacheKind, CachePart['kind']>>> = {
  answers: 'http',
  pages: 'http',
  metadata: 'http',
  downloads: 'http',
  checkouts: 'http',
  'built wheels': 'wheel',
}

/** Every file of these kinds, by path. */
export function pipCacheParts({ host }: Core, directory: string): readonly CachePart[] {
  const { files, path } = host
  const parts: CachePart[] = []
  const walk = (place: string, kind: CachePart['kind']): void => {
    for (const entry of ifReadable(() => files.list(place)) ?? []) {
      const file = path.join(place, entry.name)
      if (entry.kind === 'directory') walk(file, kind)
      else {
        const isWheel = entry.name.endsWith('.whl')
        if (kind === 'wheel' && !isWheel) continue
        parts.push({ kind, name: entry.name, path: file, bytes: ifReadable(() => files.lstat(file))?.size ?? 0 })
      }
    }
  }
  for (const entry of ifReadable(() => files.list(directory)) ?? []) {
    // A directory of somebody else's that is named as the cache by mistake loses nothing.
    const part = entry.kind === 'directory' ? partNamed(entry.name) : undefined
    const kind = part === undefined ? undefined : kinds[part.kind]
    if (kind !== undefined) walk(path.join(directory, entry.name), kind)
  }
  return parts.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Removes these files, and the directories below the cache that are empty then. */
export function removeCached(
  { host }: Core,
  directory: string,
  parts: readonly CachePart[],
): { readonly files: number; readonly bytes: number; readonly directories: number } {
  const { path, disk, files } = host
  let bytes = 0
  const parents = new Set<string>()
  for (const part of parts) {
    disk.removeFile(part.path)
    bytes += part.bytes
    // A wheel's directory may hold a note of where it came from, of no use without it.
    const parent = path.dirname(part.path)
    parents.add(parent)
    if (part.kind === 'wheel' && (files.names(parent) ?? []).every((name) => !name.endsWith('.whl'))) {
      for (const { name, kind } of files.list(parent) ?? [])
        if (kind === 'file') disk.removeFile(path.join(parent, name))
    }
  }
  let directories = 0
  for (const parent of [...parents].sort((a, b) => b.length - a.length)) {
    for (let place = parent; place !== directory && place.startsWith(directory); place = path.dirname(place)) {
      if ((files.names(place) ?? ['?']).length > 0) break
      disk.removeDirectory(place)
      directories += 1
    }
  }
  return { files: parts.length, bytes, directories }
}

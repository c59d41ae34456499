// Files as they came, in DEN_CACHE_DIR/files-v1, by their SHA-256: source distributions, and wheels that somebody wants as files. A
// wheel that goes into the store is handed over in memory and not kept: the store's tree is what it is needed for.

import type { Sha256 } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import type { Places } from '../config/places.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Context } from '../host/host.ts'

/** A file that is being written, under a name of its own until it is whole. */
export interface PartialDownload {
  readonly path: string
  append(bytes: Uint8Array): void
  /** Throws away what is there. */
  restart(): void
  /** Gives it its name; answers its path. */
  finish(sha256: Sha256): string
  /** Removes it. */
  abandon(): void
}

export interface DownloadCache {
  /** The path of a kept file; one that is damaged is removed. */
  find(sha256: string, filename: string): string | undefined
  /** Keeps the bytes; undefined where the cache cannot be written. */
  keep(sha256: Sha256, filename: string, bytes: Uint8Array): string | undefined
  /** Begins a file whose hash is known at its end. Throws what the disk throws. */
  begin(filename: string): PartialDownload
}

export const downloadBucket = 'files-v1'
/** Nobody takes that long for a file, in milliseconds. */
const abandonedAfter = 24 * 60 * 60 * 1000

export function openDownloadCache({ host }: Pick<Context, 'host'>, places: Pick<Places, 'cache'>): DownloadCache {
  const { files, disk, path } = host
  const root = path.join(places.cache, downloadBucket)
  const directoryOf = (sha256: string): string => path.join(root, sha256.slice(0, 2), sha256)
  const quietly = <Value>(change: () => Value): Value | undefined => {
    try {
      return change()
    } catch (error) {
      if (isDenError(error)) return undefined
      throw error
    }
  }
  let begun = 0
  /** What killed processes have left behind. */
  const removeAbandoned = (): void => {
    for (const name of files.names(root) ?? []) {
      if (!/^partial-[0-9a-f]{24}$/.test(name)) continue
      const file = path.join(root, name)
      if (host.now() - (files.lstat(file)?.modified ?? host.now()) > abandonedAfter) disk.removeFile(file)
    }
  }
  return Object.freeze({
    find: (sha256: string, filename: string) => {
      if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined
      const file = path.join(directoryOf(sha256), filename)
      return quietly(() => {
        const bytes = files.readBytes(file)
        if (bytes === undefined) return undefined
        if (sha256Hex(bytes) === sha256) return file
        disk.removeFile(file)
        return undefined
      })
    },
    keep: (sha256: Sha256, filename: string, bytes: Uint8Array) => {
      const file = path.join(directoryOf(sha256), filename)
      return quietly(() => {
        disk.makeDirectories(path.dirname(file))
        disk.writeAtomic(file, bytes)
        return file
      })
    },
    begin: (filename: string) => {
      if (begun === 0) quietly(removeAbandoned)
      begun += 1
      const salt = sha256Hex(`${filename}\0${host.now()}\0${begun}\0${Math.random()}`).slice(0, 24)
      const partial = path.join(root, `partial-${salt}`)
      disk.makeDirectories(root)
      disk.writeNew(partial, '')
      return {
        path: partial,
        append: (bytes: Uint8Array) => disk.append(partial, bytes),
        restart: () => {
          disk.removeFile(partial)
          disk.writeNew(partial, '')
        },
        finish: (sha256: Sha256) => {
          const file = path.join(directoryOf(sha256), filename)
          disk.makeDirectories(path.dirname(file))
          disk.rename(partial, file)
          return file
        },
        abandon: () => void quietly(() => disk.removeFile(partial)),
      }
    },
  })
}

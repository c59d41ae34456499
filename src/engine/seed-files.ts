// A seed's wheel as a file: which of several fits a Python, and what the store needs to know of it.

import type { Sha256 } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import type { LinkedPath } from '../indexes/find-links-directory.ts'
import type { PythonVersion } from '../python/interpreter.ts'
import { tryParseWheelFilename, type WheelFilename } from '../spec/filename.ts'
import { compareVersions, formatVersion, isPrerelease, type Version } from '../spec/version.ts'
import type { Store, Tree, WheelSource } from '../store/store.ts'
import { fitsPython, type SeedName } from './seed-choice.ts'

/** Where a seed was found. `tree` is there when the store remembers it. */
export interface SeedSource {
  readonly version: string
  readonly wheel: WheelSource
  readonly tree?: Tree
  /** Other names that the store is to remember the tree by. */
  readonly alsoKnownAs?: readonly string[]
}

/** A wheel's name, read, when it is a release of the seed that fits this Python. */
export function fittingWheel(
  filename: string,
  name: SeedName,
  python: Pick<PythonVersion, 'major' | 'minor'>,
): WheelFilename | undefined {
  const wheel = tryParseWheelFilename(filename)
  return wheel !== undefined && wheel.name === (name as string) && fitsPython(wheel, python) ? wheel : undefined
}

/** The newest of the files that are a release of the seed for this Python, or the one of the version `exact`. */
export function newestWheel<File extends { readonly filename: string }>(
  files: readonly File[],
  choice: {
    readonly name: SeedName
    readonly python: Pick<PythonVersion, 'major' | 'minor'>
    readonly exact?: Version | undefined
  },
): File | undefined {
  const ranked = files
    .flatMap((file) => {
      const wheel = fittingWheel(file.filename, choice.name, choice.python)
      return wheel === undefined || (choice.exact !== undefined && wheel.version.key !== choice.exact.key)
        ? []
        : [{ file, version: wheel.version }]
    })
    .sort((a, b) => compareVersions(b.version, a.version))
  return (ranked.find(({ version }) => !isPrerelease(version)) ?? ranked[0])?.file
}

/** A wheel on this machine. The store knows it by its path, size and time, so that a known one is not even opened. */
export function sourceOfFile({ host }: Pick<Context, 'host'>, store: Store, file: LinkedPath): SeedSource {
  const { path, size, modified, filename, sha256 } = file
  const identity = `file\0${path}\0${size}\0${modified}${sha256 === undefined ? '' : `\0${sha256}`}`
  const tree = store.remembered(identity)
  const read = (): Uint8Array => {
    const bytes = host.files.readBytes(path)
    if (bytes === undefined) throw new DenError('io-failed', { operation: 'read', path, errno: 'ENOENT' })
    return bytes
  }
  return {
    version: tree?.manifest.version ?? formatVersion(tryParseWheelFilename(filename)!.version),
    wheel: { filename, path, identity, read, ...(sha256 === undefined ? {} : { sha256: sha256 as Sha256 }) },
    ...(tree === undefined ? {} : { tree }),
  }
}

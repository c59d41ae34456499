// Files of one name whose content is another one than when they were locked: a release's files are never replaced, so somebody did what
// nobody should.

import type { ProjectName } from '../base/brand.ts'
import type { Pylock, PylockFile, PylockPackage } from '../spec/pylock.ts'

export interface ChangedHash {
  readonly name: ProjectName
  readonly filename: string
  /** "sha256:…". */
  readonly locked: string
  readonly told: string
}

/** Of one index's files; another index may well have builds of its own. */
export function changedHashes(
  earlier: Pick<Pylock, 'packages'>,
  now: Pick<Pylock, 'packages'>,
): readonly ChangedHash[] {
  const known = new Map(
    earlier.packages.flatMap((one) => filesOf(one).map((file) => [keyOf(one, file), file.hashes] as const)),
  )
  return now.packages.flatMap((one) =>
    filesOf(one).flatMap((file): readonly ChangedHash[] => {
      const before = known.get(keyOf(one, file))
      const [algorithm, told] =
        [...file.hashes].find(([name, digest]) => (before?.get(name) ?? digest) !== digest) ?? []
      if (algorithm === undefined) return []
      const locked = `${algorithm}:${before!.get(algorithm)}`
      return [{ name: one.name, filename: file.filename, locked, told: `${algorithm}:${told}` }]
    }),
  )
}

function filesOf({ wheels = [], sdist }: PylockPackage): readonly PylockFile[] {
  return sdist === undefined ? wheels : [...wheels, sdist]
}

function keyOf({ index = '' }: PylockPackage, { filename }: PylockFile): string {
  return `${index} ${filename}`
}

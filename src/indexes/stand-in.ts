// A file that a lock names, where this run's indexes have it. A lock is written for everybody and says the public index of what came from
// it, by whichever mirror; whoever has set an index in the public one's place has the file fetched from there, found by its name and hash.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { DistributionFile, ProjectFiles } from './distribution-file.ts'
import { isSameIndex } from './index-address.ts'
import type { SourceSettings } from './package-source.ts'
import { publicFiles, publicIndex } from './public-index.ts'
import { overWholePages } from './whole-pages.ts'

export interface StandInSource {
  readonly settings: Pick<SourceSettings, 'indexes' | 'findLinks'>
  readonly project: (name: ProjectName) => Promise<ProjectFiles | undefined>
}

/** The file itself where its address will do. Throws `locked-file-missing`, and what asking an index throws. */
export async function standInFor(
  file: DistributionFile,
  { settings, project }: StandInSource,
): Promise<DistributionFile> {
  const { lockedIndex, place } = file
  if (lockedIndex === undefined || place.kind === 'path' || !isSameIndex(lockedIndex, publicIndex)) return file
  const { indexes, findLinks } = settings
  // With no index at all the address in the lock is the only one there is.
  if (indexes.length === 0 && findLinks.length === 0) return file
  const isPublic = indexes.some(({ url }) => isSameIndex(url.href, publicIndex))
  if (isPublic && place.url.href.startsWith(publicFiles)) return file
  // A mirror's own address, of the mirror that is in use here too.
  if (indexes.some(({ url }) => url.host === place.url.host)) return file
  const { name, filename } = file.parsed
  const found = await overWholePages(async () =>
    (await project(name))?.versions
      .flatMap(({ files }) => files)
      .find((one) => one.parsed.filename === filename && sharesHash(one, file)),
  )
  if (found !== undefined) return { ...file, place: found.place }
  throw new DenError('locked-file-missing', { file: filename, indexes: indexes.map(({ url }) => String(url)) })
}

function sharesHash({ hashes }: DistributionFile, other: DistributionFile): boolean {
  return Object.entries(hashes).some(([algorithm, digest]) => other.hashes[algorithm] === digest)
}

// A distribution that was chosen, and its file, as data that can be written down, and read back without what they came from: the file by its row
// of an index's page.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import type { SafeUrl } from '../base/safe-url.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import { RowFile, type RowText } from '../indexes/page-rows.ts'
import { parseVersion, type Version } from '../spec/version.ts'
import type { ResolvedDistribution } from './resolve-request.ts'

/** Those of a source. */
export type Indexes = readonly { readonly url: SafeUrl }[]

/** A file, by the place of its index among those of the source. */
export type KeptFile = readonly [index: number, row: RowText]

export interface KeptDistribution {
  readonly name: ProjectName
  readonly version: string
  readonly rawName?: string
  readonly file: KeptFile
  readonly requested: boolean
  readonly extras: readonly ExtraName[]
  readonly requestedExtras: readonly ExtraName[]
  readonly dependencies: readonly ProjectName[]
  readonly hashes?: readonly (readonly [algorithm: string, digests: readonly string[]])[]
}

/** Undefined where it is no file of one of these indexes. */
export function keptDistribution(one: ResolvedDistribution, indexes: Indexes): KeptDistribution | undefined {
  const { name, version, link, present, extras, requested, requestedExtras, dependencies, hashes } = one
  const file = keptFile(one.file, indexes)
  if (file === undefined || link !== undefined || present !== undefined) return undefined
  const rawName = one.metadata?.rawName ?? one.rawName
  return {
    name,
    version: version.text,
    file,
    requested,
    extras,
    requestedExtras,
    dependencies,
    ...(rawName === undefined ? {} : { rawName }),
    ...(hashes === undefined ? {} : { hashes: [...hashes].map(([algorithm, all]) => [algorithm, [...all]]) }),
  }
}

export function distributionOfKept(kept: KeptDistribution, indexes: Indexes): ResolvedDistribution {
  const { name, rawName, requested, extras, requestedExtras, dependencies, hashes } = kept
  const version = parseVersion(kept.version)
  return {
    name,
    version,
    ...(rawName === undefined ? {} : { rawName }),
    file: fileOfKept(kept.file, { name, version }, indexes),
    requested,
    extras,
    requestedExtras,
    dependencies,
    ...(hashes === undefined ? {} : { hashes: new Map(hashes.map(([algorithm, all]) => [algorithm, new Set(all)])) }),
  }
}

export function keptFile(file: DistributionFile | undefined, indexes: Indexes): KeptFile | undefined {
  if (!(file instanceof RowFile)) return undefined
  const index = indexes.findIndex(({ url }) => url.href === file.foundAt)
  return index === -1 ? undefined : [index, file.row]
}

export function fileOfKept(
  [index, row]: KeptFile,
  { name, version }: { readonly name: ProjectName; readonly version: Version },
  indexes: Indexes,
): RowFile {
  return new RowFile(row, { name, index: indexes[index]!.url, version })
}

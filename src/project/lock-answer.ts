// What a lock is written from: as much of a universal resolution as it takes. The engine's own answer is one of these.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import type { DirectUrl } from '../spec/direct-url.ts'
import type { Marker } from '../spec/marker.ts'
import type { Metadata } from '../spec/metadata.ts'
import type { Version } from '../spec/version.ts'

export interface AnswerDependency {
  readonly name: ProjectName
  readonly version: Version
  readonly extras: readonly ExtraName[]
  readonly marker?: Marker
  /** As the one who needs it says: ">=1,<2". */
  readonly specifiers: string
}

export interface AnswerLink {
  readonly directUrl: DirectUrl
  readonly editable: boolean
  /** An archive or a wheel; absent for directories and checkouts. */
  readonly file?: DistributionFile
}

export interface AnswerPackage {
  readonly name: ProjectName
  readonly version: Version
  readonly marker?: Marker
  readonly requiresPython?: string
  readonly files: readonly DistributionFile[]
  readonly link?: AnswerLink
  readonly extras: readonly ExtraName[]
  readonly dependencies: readonly AnswerDependency[]
  readonly metadata?: Pick<Metadata, 'requiresDist'>
}

export interface UniversalAnswer {
  readonly packages: readonly AnswerPackage[]
  readonly roots: readonly (AnswerDependency & { readonly when?: Marker })[]
}

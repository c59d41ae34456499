// What resolving for every platform and Python at once is asked, and what it answers, as data.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import type { SafeUrl } from '../base/safe-url.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import type { PackageSource } from '../indexes/package-source.ts'
import type { Marker } from '../spec/marker.ts'
import type { Metadata } from '../spec/metadata.ts'
import type { SpecifierSet } from '../spec/specifier.ts'
import type { Version } from '../spec/version.ts'
import type {
  FormatControl,
  LinkedDistribution,
  ReleaseControl,
  ResolveRequest,
  ResolveStatistics,
  WantedRequirement,
} from './resolve-request.ts'

/** Something asked for, and for whom. */
export type UniversalRoot = WantedRequirement & {
  /** `'x' in extras`, `'g' in dependency_groups` or both; beside the requirement's own marker. */
  readonly when?: Marker
}

export interface UniversalRequest
  extends Pick<
    ResolveRequest,
    | 'constraints'
    | 'overrides'
    | 'exclusions'
    | 'strategy'
    | 'clashThreshold'
    | 'tryFixes'
    | 'knownMetadata'
    | 'buildMetadata'
    | 'readLink'
  > {
  readonly roots: readonly UniversalRoot[]
  /** The Pythons that the answer is for; absent: all that there are. */
  readonly requiresPython?: SpecifierSet
  /** The environments that the answer is for: those of which one of these markers holds; none: all. */
  readonly environments?: readonly Marker[]
  /** For each of these every package needs a file that can be installed. */
  readonly requiredEnvironments?: readonly Marker[]
  /** Of each list no two markers hold together: extras and groups that exclude each other. */
  readonly conflicts?: readonly (readonly Marker[])[]
  readonly source: PackageSource
  /** Projects that come from one index here and from another there. The parts of the scope that this makes are told apart. */
  readonly origins?: ReadonlyMap<ProjectName, readonly UniversalOrigin[]>
  readonly formats?: Partial<FormatControl>
  readonly releases?: Partial<ReleaseControl>
  /** `requires-python`: the newest version for each Python. `fewest`: as few versions of a project as can be. */
  readonly forkStrategy?: 'requires-python' | 'fewest'
  /** Parts of the scope that an earlier answer told apart (`forks` of its result). */
  readonly apart?: readonly Marker[]
  /** Versions to take where they will do, best first: a lock's. */
  readonly preferences?: ReadonlyMap<ProjectName, readonly UniversalPreference[]>
  /** All files of what is chosen are wanted: they are read with the rest, so that a page that is damaged there is asked for anew as well. */
  readonly wholeFiles?: boolean
}

/** Of the origins of a project no two hold together. What was found at no index counts as everywhere. */
export interface UniversalOrigin {
  /** The first of them that has the project gives it; with `all`, each does. */
  readonly indexes: readonly SafeUrl[]
  readonly all?: true
  readonly where: Marker
}

export interface UniversalPreference {
  readonly version: Version
  /** Where it was chosen; absent: everywhere. */
  readonly marker?: Marker
}

export interface UniversalDependency {
  readonly name: ProjectName
  /** Tells it from other versions of its project in the answer. */
  readonly version: Version
  readonly extras: readonly ExtraName[]
  /** Where it is needed, beside where the one who needs it is; absent: everywhere there. */
  readonly marker?: Marker
  /** As the one who needs it says: ">=1,<2". */
  readonly specifiers: string
}

/** One distribution of the answer. Of two with one name no two markers hold together. */
export interface UniversalPackage {
  readonly name: ProjectName
  readonly version: Version
  /** Where it is installed, among what the answer is for; absent: everywhere. */
  readonly marker?: Marker
  /** What the version says of Python, where that lets all Pythons through that it is wanted for. */
  readonly requiresPython?: string
  /** Every file of the version that somebody in scope could install; empty for a link that is no archive. */
  readonly files: readonly DistributionFile[]
  readonly link?: LinkedDistribution
  /** Those asked for by anybody. */
  readonly extras: readonly ExtraName[]
  readonly dependencies: readonly UniversalDependency[]
  readonly metadata?: Pick<Metadata, 'requiresDist'>
}

export interface UniversalResult {
  /** By name, then version. */
  readonly packages: readonly UniversalPackage[]
  /** What is asked for, as each root was met. */
  readonly roots: readonly (UniversalDependency & { readonly when?: Marker })[]
  /** The parts of the scope that were solved apart and did not come to the same; one, or none, where all came to the same. */
  readonly forks: readonly Marker[]
  readonly yanked: readonly { readonly name: ProjectName; readonly version: Version; readonly reason?: string }[]
  readonly unknownExtras: readonly { readonly name: ProjectName; readonly version: Version; readonly extra: string }[]
  readonly statistics: ResolveStatistics & { readonly forksTried: number }
}

// What resolving is asked and what it answers, as data.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import type { PackageSource } from '../indexes/package-source.ts'
import type { Target } from '../python/target.ts'
import type { Statistics } from '../resolve/problem.ts'
import type { DirectUrl } from '../spec/direct-url.ts'
import type { Metadata } from '../spec/metadata.ts'
import type { Requirement } from '../spec/requirement.ts'
import type { RequirementLine } from '../spec/requirements-txt.ts'
import type { Version } from '../spec/version.ts'
import type { AllowedHashes, FormatControl, ReleaseControl } from './resolve-candidates.ts'

export type { AllowedHashes, FormatControl, ReleaseControl } from './resolve-candidates.ts'

/** One thing asked for: a line of a requirements file fits, and so does what a command line or a project says. */
export type WantedRequirement = Pick<RequirementLine, 'requirement' | 'link' | 'extras' | 'marker' | 'text'> &
  Partial<Pick<RequirementLine, 'editable' | 'hashes' | 'configSettings' | 'from'>>

/** An address, or what a path of this machine is as one, from which something is to be installed. */
export interface WantedLink {
  /** As written, made absolute; may hold credentials. */
  readonly address: string
  readonly editable: boolean
  /** The project that it is expected to be. */
  readonly name?: ProjectName
  readonly hashes?: AllowedHashes
  /** Bytes that the archive has, by a lock file. */
  readonly size?: number
  readonly configSettings?: RequirementLine['configSettings']
}

/** What an address turned out to hold. */
export interface LinkedDistribution {
  readonly name: ProjectName
  readonly version: Version
  readonly metadata: Metadata
  readonly directUrl: DirectUrl
  readonly editable: boolean
  /** An archive or a wheel; absent for directories and checkouts. */
  readonly file?: DistributionFile
}

/** What is installed already. */
export interface PresentDistribution {
  readonly name: ProjectName
  readonly version: Version
  /** Read when it matters. */
  readonly metadata: () => Metadata | undefined
}

export interface ResolveRequest {
  readonly requirements: readonly WantedRequirement[]
  /** Limits for what is installed anyway; they may hold an address and hashes. */
  readonly constraints?: readonly WantedRequirement[]
  /** In place of whatever is asked of these projects. */
  readonly overrides?: readonly Requirement[]
  /** Never asked for, whatever asks for them. */
  readonly exclusions?: ReadonlySet<ProjectName>
  readonly target: Target
  readonly source: PackageSource
  readonly formats?: Partial<FormatControl>
  readonly releases?: Partial<ReleaseControl>
  readonly strategy?: 'highest' | 'lowest' | 'lowest-direct'
  readonly ignoreRequiresPython?: boolean
  /** `none`: what is asked for, without its dependencies. `only`: its dependencies, without what is asked for. */
  readonly dependencies?: 'none' | 'only'
  /** Versions to take where they will do: a lock's. */
  readonly preferences?: ReadonlyMap<ProjectName, Version>
  /** What is installed. Leave it out to install everything anew. */
  readonly installed?: ReadonlyMap<ProjectName, PresentDistribution>
  /** What installed versions are given up for newer ones: none that will do; those asked for (pip's `only-if-needed`); all. */
  readonly upgrade?: 'none' | 'requested' | 'all' | ReadonlySet<ProjectName>
  /** Everything has to be pinned and have a hash: always, never, or (undefined) when anything has one. */
  readonly requireHashes?: boolean
  readonly clashThreshold?: number
  /** Where it can't be had, things that could be asked for instead are tried, and told in the error. */
  readonly tryFixes?: boolean
  /** Told of the wheels of projects that are asked for in one version alone, before it is settled that they are what is chosen. */
  readonly likely?: (file: DistributionFile) => void
  /** Metadata that was built before, or told by the file's own source tree, where that is remembered. */
  readonly knownMetadata?: (file: DistributionFile) => Metadata | undefined
  /** The metadata of a source distribution that does not tell it. */
  readonly buildMetadata: (file: DistributionFile) => Promise<Metadata>
  /** What an address holds. */
  readonly readLink: (link: WantedLink) => Promise<LinkedDistribution>
}

/** One distribution of the answer. Exactly one of `file`, a `link` without one, and `present` says where it is. */
export interface ResolvedDistribution {
  readonly name: ProjectName
  readonly version: Version
  readonly file?: DistributionFile
  readonly link?: LinkedDistribution
  /** What is installed will do. */
  readonly present?: PresentDistribution
  /** Absent for a source distribution that tells nothing, where dependencies were not wanted, and in an answer that was remembered. */
  readonly metadata?: Metadata
  /** The name as its metadata writes it, where that was remembered without the rest. */
  readonly rawName?: string
  /** Those asked for by anybody. */
  readonly extras: readonly ExtraName[]
  /** It was asked for, not only needed. */
  readonly requested: boolean
  /** Of what was asked for, the extras that came of it, whoever asked for them: what pip's report says. */
  readonly requestedExtras: readonly ExtraName[]
  readonly directUrl?: DirectUrl
  readonly editable?: boolean
  /** The file must have one of these. */
  readonly hashes?: AllowedHashes
  readonly dependencies: readonly ProjectName[]
}

/** The name as its metadata writes it, as far as that is known. */
export function writtenName({ metadata, rawName, name }: ResolvedDistribution): string {
  return metadata?.rawName ?? rawName ?? name
}

export interface ResolveStatistics extends Statistics {
  readonly milliseconds: number
  /** Projects and metadata that were asked for and came from elsewhere than the cache. */
  readonly pagesAsked: number
  readonly metadataAsked: number
  readonly pagesCached: number
  readonly metadataCached: number
  /** The answer had been found before, and nothing that it rests on has changed since. */
  readonly remembered?: true
}

export interface ResolveResult {
  /** What depends on others stands after them, as far as there is such an order. */
  readonly distributions: readonly ResolvedDistribution[]
  /** Requirements whose markers say that they are not for this target. */
  readonly ignored: readonly WantedRequirement[]
  /** What was chosen although it was taken back (PEP 592), with the reason where one was given. */
  readonly yanked: readonly {
    readonly name: ProjectName
    readonly version: Version
    readonly file: string
    readonly reason?: string
  }[]
  /** Extras that somebody asked for and that don't exist. */
  readonly unknownExtras: readonly { readonly name: ProjectName; readonly version: Version; readonly extra: string }[]
  readonly statistics: ResolveStatistics
}

/** Of an answer that took no solving. */
export const noStatistics: ResolveStatistics = {
  decisions: 0,
  conflicts: 0,
  clauses: 0,
  restarts: 0,
  milliseconds: 0,
  pagesAsked: 0,
  metadataAsked: 0,
  pagesCached: 0,
  metadataCached: 0,
}

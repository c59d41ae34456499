// A file that could be installed, wherever it was found: one row of an index's page, of a find-links directory, or what an address or
// a path on the command line names.

import type { ProjectName } from '../base/brand.ts'
import type { SafeUrl } from '../base/safe-url.ts'
import type { SdistFilename, WheelFilename } from '../spec/filename.ts'
import type { ProjectStatus } from '../spec/simple-index.ts'
import type { Version } from '../spec/version.ts'

/** Where a file lies: an address, or a path of this machine (absolute). */
export type Place = { readonly kind: 'url'; readonly url: SafeUrl } | { readonly kind: 'path'; readonly path: string }

export interface DistributionFile {
  /** What its name says of it: a wheel with its tags, or a source distribution. */
  readonly parsed: WheelFilename | SdistFilename
  readonly place: Place
  /** hashlib's names to lower-case hex, as promised by where it was found. */
  readonly hashes: Readonly<Record<string, string>>
  /** Bytes. */
  readonly size?: number
  /** A file of another size is not the one that is meant: so it is where a lock file names the size (PEP 751), not where a page does. */
  readonly exactSize?: true
  /** Milliseconds since 1970; absent where the index doesn't tell. */
  readonly uploaded?: number
  /** A specifier set, as written. */
  readonly requiresPython?: string
  /** The reason, where there is one (PEP 592). */
  readonly yanked?: string | true
  /** Its METADATA stands beside it, with these hashes (PEP 658, 714). */
  readonly metadata?: Readonly<Record<string, string>> | true
  /** The address of its attestations (PEP 740). */
  readonly provenance?: string
  /** The index that a lock names for it: where this run has another in that one's place, it is fetched from there. */
  readonly lockedIndex?: string
  /** The index, find-links place or address that named it, for messages and for priority. */
  readonly foundAt: string
}

/** All files of one project, by version, newest first; of equal versions in the order found. */
export interface ProjectFiles {
  readonly name: ProjectName
  readonly versions: readonly ProjectVersion[]
  /** PEP 792. */
  readonly status?: ProjectStatus
  /** The same versions in the same order, without an object for each: there where one index's page is all that is known. */
  readonly head?: ProjectHead
  /** Versions with files that are not among these because they are too new. */
  readonly tooNew?: () => readonly Version[]
  /** What was found of its versions before; with the head only. */
  readonly notes?: ProjectNotes
}

/** What a closer look at a version's files found, by the rules of that look (16 hex digits): a file, or a word of why there is none. */
export interface ProjectNotes {
  recall(index: number, rules: string): DistributionFile | string | undefined
  note(index: number, rules: string, found: DistributionFile | string): void
}

/** What solving needs of each version; nothing of it is read before it is asked for. */
export interface ProjectHead {
  readonly count: number
  /** The version's normal form. */
  textOf(index: number): string
  /** `Version.key`. */
  keyOf(index: number): string
  /** A sum of `versionFlags` (page-record.ts). */
  flagsOf(index: number): number
  /** A number that two versions share only where flags and `requiresPythonOf` are the same. */
  stateOf(index: number): number
  /** undefined where the files say nothing, or not all the same (the flag `mixedPython`: look at them). */
  requiresPythonOf(index: number): string | undefined
}

/** Of an index's page both are read when they are first asked for, and `files` may then throw `cache-damaged`. */
export interface ProjectVersion {
  readonly version: Version
  readonly files: readonly DistributionFile[]
}

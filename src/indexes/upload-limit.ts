// Which files are too new to be seen. pip's limit (--uploaded-prior-to) has no exceptions, and refuses a file whose time is not told; a
// cool-down lets pass what somebody has decided for before, and says where it cannot know.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { DistributionFile } from './distribution-file.ts'

export interface UploadExceptions {
  /** Projects whose files are of any age. */
  readonly projects: ReadonlySet<ProjectName>
  /** What a lock file holds: versions in their normal form, files by their SHA-256. */
  readonly locked: ReadonlyMap<
    ProjectName,
    { readonly versions: ReadonlySet<string>; readonly sha256: ReadonlySet<string> }
  >
  /** What becomes of a file whose time the index does not tell. */
  readonly unknown: 'refuse' | 'take'
}

export interface UploadLimit {
  /** Milliseconds since 1970: files that came then or later do not exist. */
  readonly before: number
  readonly exceptions?: UploadExceptions | undefined
}

/** The limit that holds for a project; undefined for none. */
export function uploadLimitOf(
  name: ProjectName,
  { uploadedBefore, uploadExceptions }: { uploadedBefore?: number; uploadExceptions?: UploadExceptions },
): UploadLimit | undefined {
  if (uploadedBefore === undefined || uploadExceptions?.projects.has(name) === true) return undefined
  return { before: uploadedBefore, exceptions: uploadExceptions }
}

/** Whether a version may hold files that are locked, whatever their age. */
export function isLockedVersion({ exceptions }: UploadLimit, name: ProjectName, version: string): boolean {
  return exceptions?.locked.get(name)?.versions.has(version) === true
}

/** Throws `no-upload-times` for a file whose time is not told, unless such files are taken: it is not guessed. */
export function cameBefore(file: DistributionFile, { before, exceptions }: UploadLimit): boolean {
  if (file.uploaded !== undefined && file.uploaded < before) return true
  const sha256 = file.hashes['sha256']?.toLowerCase()
  if (sha256 !== undefined && exceptions?.locked.get(file.parsed.name)?.sha256.has(sha256) === true) return true
  if (file.uploaded !== undefined) return false
  if (exceptions?.unknown === 'take') return true
  throw new DenError('no-upload-times', { index: file.foundAt, file: file.parsed.filename })
}

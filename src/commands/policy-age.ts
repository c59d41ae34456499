// The cool-down: a release younger than that is not chosen. Most malicious releases are found within hours (docs/explanation/policy.md),
// so den's own verbs wait a day unless told otherwise; the pip and uv faces don't, since those tools don't.

import type { ProjectName } from '../base/brand.ts'
import type { SourceSettings } from '../indexes/package-source.ts'
import type { UploadExceptions } from '../indexes/upload-limit.ts'

export { parseAge } from '../base/age.ts'

/** How old a file must be to be chosen. */
export interface AgePolicy {
  /** Milliseconds; 0: no age is asked for. */
  readonly minimumAge: number
  /** Projects, by normal name, whose releases are taken at once. */
  readonly exempt: ReadonlySet<ProjectName>
}

const day = 24 * 60 * 60 * 1000

/** den's own verbs, where a project says nothing. */
export const defaultAgePolicy: AgePolicy = { minimumAge: day, exempt: new Set() }

/** What is known of a file when it is about to be chosen. */
export interface AgedFile {
  readonly project: ProjectName
  /** Milliseconds since 1970; undefined where the index doesn't tell. */
  readonly uploaded?: number | undefined
  /** hashlib's names to hex. */
  readonly hashes: Readonly<Record<string, string>>
}

export type AgeVerdict =
  | { readonly kind: 'old enough' }
  /** Somebody has decided for it before: the project is exempt, or the lock file holds the file's hash. */
  | { readonly kind: 'exempt' }
  /** `until`: when it will be old enough, in milliseconds since 1970. */
  | { readonly kind: 'too young'; readonly until: number }
  /** The index tells no time. It is taken, and that is said: a guess would be worse either way. */
  | { readonly kind: 'unknown' }

export interface AgeSurroundings {
  /** Milliseconds since 1970. */
  readonly now: number
  /** "sha256:HEX" of every file in the lock: what was locked is not asked again. */
  readonly locked?: ReadonlySet<string>
}

/** Whether a file may be chosen. A time that lies ahead of this machine's clock is no age: such a file is too young. */
export function judgeAge(policy: AgePolicy, file: AgedFile, { now, locked }: AgeSurroundings): AgeVerdict {
  if (policy.minimumAge === 0) return { kind: 'old enough' }
  const isLocked = Object.entries(file.hashes).some(([name, hex]) => locked?.has(`${name}:${hex.toLowerCase()}`))
  if (isLocked || policy.exempt.has(file.project)) return { kind: 'exempt' }
  if (file.uploaded === undefined) return { kind: 'unknown' }
  const until = file.uploaded + policy.minimumAge
  return until <= now ? { kind: 'old enough' } : { kind: 'too young', until }
}

/** The limit that a package source takes (`SourceSettings.uploadedBefore`); undefined where no age is asked for. */
export function uploadedBeforeOf({ minimumAge }: AgePolicy, now: number): number | undefined {
  // The source leaves out what came at the limit or later; what is exactly old enough may stay.
  return minimumAge === 0 ? undefined : now - minimumAge + 1
}

/** A file of a lock: its version in normal form, its hashes as hashlib names them. */
export interface LockedFile {
  readonly project: ProjectName
  readonly version: string
  readonly hashes: Readonly<Record<string, string>>
}

/** What den's own verbs hand to a package source, so that it and `judgeAge` agree. */
export function uploadSettings(
  policy: AgePolicy,
  { now, locked }: { readonly now: number; readonly locked?: () => readonly LockedFile[] },
): Pick<SourceSettings, 'uploadedBefore' | 'uploadExceptions'> {
  const uploadedBefore = uploadedBeforeOf(policy, now)
  if (uploadedBefore === undefined) return {}
  const { exempt } = policy
  // Nobody looks before something too young is met, and a lock may hold thousands of files.
  let known: UploadExceptions['locked'] | undefined
  const exceptions: UploadExceptions = {
    projects: exempt,
    get locked() {
      known ??= lockedByProject(locked?.() ?? [])
      return known
    },
    unknown: 'take',
  }
  return { uploadedBefore, uploadExceptions: exceptions }
}

function lockedByProject(locked: readonly LockedFile[]): UploadExceptions['locked'] {
  const byProject = new Map<ProjectName, { versions: Set<string>; sha256: Set<string> }>()
  for (const { project, version, hashes } of locked) {
    const known = byProject.get(project) ?? { versions: new Set(), sha256: new Set() }
    byProject.set(project, known)
    const sha256 = hashes['sha256']
    // Without a hash nothing says that it is the same file.
    if (sha256 === undefined) continue
    known.versions.add(version)
    known.sha256.add(sha256.toLowerCase())
  }
  return byProject
}

// Who published a file: its attestations verified, and set against what the policy wants and against the releases before it. `den audit
// --provenance` tells it of what is installed; whoever installs by a policy calls `requireProvenance` before the file is used.

import type { ProjectName } from '../base/brand.ts'
import { DenError, type Diagnosis, diagnose, isDenError } from '../base/error.ts'
import { fetchProvenance, type ProvenanceOptions } from '../indexes/attestations.ts'
import type { VerifiedAttestation } from '../indexes/attestations-verify.ts'
import type { DistributionFile, ProjectFiles } from '../indexes/distribution-file.ts'
import { statusWarning } from '../indexes/project-files.ts'
import { overWholePages } from '../indexes/whole-pages.ts'
import { formatPublisher, type Publisher } from '../spec/provenance.ts'
import { judgeProvenance, type ProvenanceWish } from '../spec/provenance-policy.ts'
import { rankOfWheel, type TagRanks } from '../spec/tag.ts'
import { tryParseVersion, type Version } from '../spec/version.ts'
import type { AuditedRelease } from './audit.ts'

export interface ProvenanceSubject extends AuditedRelease {
  /** Of the wheel or archive that was installed, where something remembers it. */
  readonly sha256?: string
  /** Who published it when it was locked; the releases before it tell otherwise. */
  readonly before?: readonly Publisher[]
}

export interface CheckProvenance extends Pick<ProvenanceOptions, 'fetch' | 'trustedRoot'> {
  /** Files of the project by the index; undefined where it has none. */
  readonly project: (name: ProjectName) => Promise<ProjectFiles | undefined>
  readonly wanted: (name: ProjectName) => ProvenanceWish | undefined
  /** Of the environment's Python: which wheel it was most likely, where nothing remembers. */
  readonly ranks?: TagRanks
}

export interface ProvenanceReport extends AuditedRelease {
  /** `unsigned`: the index offers no attestation; `absent`: no file of the index is the one that was installed, so nothing can be said of it. */
  readonly status: 'verified' | 'unsigned' | 'refused' | 'absent'
  readonly file?: string
  /** Nothing remembers which file was installed: this is the one that fits best. */
  readonly assumed: boolean
  readonly publishers: readonly string[]
  readonly commit?: string
  readonly ref?: string
  /** Milliseconds since 1970. */
  readonly signed?: number
  /** What could not be weighed, and why. */
  readonly passed: readonly string[]
  /** What the index says of the project as a whole (PEP 792): archived, deprecated, quarantined. */
  readonly notice?: string
  /** What is wrong: a broken signature, or one that the policy doesn't take. */
  readonly problem?: Diagnosis
}

/** Throws what fetching throws; what is wrong with the file itself stands in the report. */
export async function checkProvenance(subject: ProvenanceSubject, options: CheckProvenance): Promise<ProvenanceReport> {
  const { name, sha256 } = subject
  const wanted = options.wanted(name)
  const { sha256: _, before: locked, ...release } = subject
  const version = tryParseVersion(subject.version)
  const { project, files } = await overWholePages(async () => {
    const project = await options.project(name)
    return { project, files: project?.versions.find((one) => one.version.key === version?.key)?.files ?? [] }
  })
  const notice = project === undefined ? undefined : statusWarning(project)
  const said = notice === undefined ? {} : { notice }
  const nothing = { ...release, ...said, assumed: false, publishers: [], passed: [] }
  const file =
    sha256 === undefined ? likeliest(files, options.ranks) : files.find(({ hashes }) => hashes['sha256'] === sha256)
  if (project === undefined || version === undefined || file === undefined) {
    const label = `${name} ${subject.version}`
    const missing = wanted === undefined ? undefined : refusalOf(label, { kind: 'missing', wanted: wishText(wanted) })
    return { ...nothing, status: 'absent', ...(missing === undefined ? {} : { problem: diagnose(missing) }) }
  }
  const { filename } = file.parsed
  const about = { ...nothing, file: filename, assumed: sha256 === undefined }
  try {
    const before = locked ?? (await publishersBefore(project, version, options))
    const { attestations, passed } = await requireProvenance(file, {
      ...options,
      wanted,
      before,
      ...(sha256 === undefined ? {} : { sha256 }),
    })
    if (attestations.length === 0) return { ...about, status: 'unsigned', passed }
    return { ...about, status: 'verified', passed, ...detailsOf(attestations) }
  } catch (error) {
    if (!isDenError(error, ...fileProblems)) throw error
    return { ...about, status: 'refused', problem: diagnose(error as DenError) }
  }
}

/** What is the file's own fault, and no network's. */
const fileProblems = [
  'attestation-refused',
  'attestation-missing',
  'invalid-provenance',
  'provenance-lost',
  'publisher-mismatch',
] as const

export interface RequireProvenance extends ProvenanceOptions {
  readonly wanted?: ProvenanceWish | undefined
  /** Who published an earlier release, or what the lock file says: no step back from there. */
  readonly before?: readonly Publisher[] | undefined
}

/**
 * The file's verified attestations, which are as the policy wants them. Throws `attestation-refused`, `attestation-missing`,
 * `publisher-mismatch`, `provenance-lost`, `invalid-provenance`, and what fetching throws.
 */
export async function requireProvenance(
  file: DistributionFile,
  options: RequireProvenance,
): Promise<{ readonly attestations: readonly VerifiedAttestation[]; readonly passed: readonly string[] }> {
  const { wanted, before } = options
  const { attestations, passed } = (await fetchProvenance(file, options)) ?? { attestations: [], passed: [] }
  const found = distinctPublishers(attestations)
  const refusal = refusalOf(file.parsed.filename, judgeProvenance({ wanted, before, found }))
  if (refusal !== undefined) throw refusal
  return { attestations, passed }
}

/** A file that is about to be used. */
export interface ChosenFile {
  readonly file: DistributionFile
  /** As its bytes were verified; what the page says unless given. */
  readonly sha256?: string
}

export interface VerifyChosen extends CheckProvenance {
  /** All of them (`--verify-attestations`), not only those that the policy speaks of. */
  readonly all: boolean
}

/**
 * What an install by a policy calls between choosing and using: verifies the files that the policy speaks of, or all. Files that lie on
 * this machine come from no publisher, and are refused only where the policy names one. Throws as `requireProvenance` does.
 */
export async function verifyChosen(
  chosen: readonly ChosenFile[],
  options: VerifyChosen,
): Promise<ReadonlyMap<DistributionFile, readonly VerifiedAttestation[]>> {
  const verified = new Map<DistributionFile, readonly VerifiedAttestation[]>()
  for (const { file, sha256 } of chosen) {
    const { name, version } = file.parsed
    const wanted = options.wanted(name)
    if (wanted === undefined && !options.all) continue
    const project = file.place.kind === 'path' ? undefined : await options.project(name)
    const before = project === undefined ? [] : await publishersBefore(project, version, options)
    const hash = sha256 === undefined ? {} : { sha256 }
    verified.set(file, (await requireProvenance(file, { ...options, ...hash, wanted, before })).attestations)
  }
  return verified
}

function refusalOf(file: string, verdict: ReturnType<typeof judgeProvenance>): DenError | undefined {
  switch (verdict.kind) {
    case 'accepted':
      return undefined
    case 'missing':
      return new DenError('attestation-missing', { file, wanted: verdict.wanted })
    case 'mismatch':
      return new DenError('publisher-mismatch', { file, wanted: verdict.wanted, found: verdict.found })
    case 'lost':
      return new DenError('provenance-lost', { file, before: verdict.before })
    case 'changed':
      return new DenError('provenance-lost', { file, before: verdict.before, found: verdict.found })
  }
}

function wishText(wanted: ProvenanceWish): string {
  return wanted === 'any' ? 'any publisher' : formatPublisher(wanted)
}

function distinctPublishers(attestations: readonly VerifiedAttestation[]): readonly Publisher[] {
  return [...new Map(attestations.map(({ publisher }) => [formatPublisher(publisher), publisher])).values()]
}

/** Who signed the newest release before this one that has signatures. One that does not hold is no witness. */
async function publishersBefore(
  { versions }: ProjectFiles,
  version: Version,
  options: Pick<ProvenanceOptions, 'fetch' | 'trustedRoot'>,
): Promise<readonly Publisher[]> {
  for (const earlier of versions) {
    if (earlier.version.key >= version.key) continue
    // What was taken back is no measure: it may be what an attacker signed.
    const signed = earlier.files.find(({ provenance, yanked }) => provenance !== undefined && yanked === undefined)
    if (signed === undefined) continue
    try {
      const verified = await fetchProvenance(signed, options)
      return distinctPublishers(verified?.attestations ?? [])
    } catch (error) {
      if (!isDenError(error, 'attestation-refused', 'invalid-provenance')) throw error
    }
  }
  return []
}

/** The wheel that this Python would have been given; else the first file there is. */
function likeliest(files: readonly DistributionFile[], ranks: TagRanks | undefined): DistributionFile | undefined {
  let best: { readonly file: DistributionFile; readonly rank: number } | undefined
  for (const file of files) {
    const rank = file.parsed.kind === 'wheel' && ranks !== undefined ? rankOfWheel(file.parsed, ranks) : undefined
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { file, rank }
  }
  return best?.file ?? files[0]
}

function detailsOf(
  attestations: readonly VerifiedAttestation[],
): Pick<ProvenanceReport, 'publishers' | 'commit' | 'ref' | 'signed'> {
  const [first] = attestations
  return {
    publishers: distinctPublishers(attestations).map(formatPublisher),
    ...(first?.commit === undefined ? {} : { commit: first.commit }),
    ...(first?.ref === undefined ? {} : { ref: first.ref }),
    ...(first?.signed === undefined ? {} : { signed: first.signed }),
  }
}

// Which releases an audit looks up: those installed in an environment, or those that requirements and lock files name.

import { DenError } from '../base/error.ts'
import type { ProvenanceSubject } from '../engine/audit-provenance.ts'
import type { WantedRequirement } from '../engine/resolve-request.ts'
import { isDenPip } from '../env/den-pip.ts'
import { historyNumbers, readHistoryEntry } from '../env/history.ts'
import type { Transport } from '../net/transport.ts'
import { tryParseDistributionFilename } from '../spec/filename.ts'
import { readPublisher } from '../spec/provenance.ts'
import { parsePylock } from '../spec/pylock.ts'
import { percentDecoded } from '../spec/requirements-txt-url.ts'
import { namesOneVersion } from '../spec/specifier.ts'
import { formatVersion } from '../spec/version.ts'
import type { Core } from './core.ts'
import { viewInstalled } from './installed-view.ts'
import { directUrlOf } from './pip-direct-url.ts'
import type { AimedEnvironment } from './pip-environment.ts'
import { readWanted, type WantedLock } from './wanted.ts'

export interface SkippedRelease {
  readonly name: string
  readonly version?: string
  readonly reason: string
}

export interface AuditedReleases {
  readonly releases: readonly ProvenanceSubject[]
  /** What is no release of an index: databases know nothing of it, and its name is nobody's business. */
  readonly skipped: readonly SkippedRelease[]
  /** Absent where files name the releases. */
  readonly aimed?: AimedEnvironment
}

/** What is installed where `python` means. Throws what finding the environment throws. */
export async function installedReleases(core: Core, python: string | undefined): Promise<AuditedReleases> {
  const { aimed, distributions } = await viewInstalled(core, {
    requireVirtual: false,
    isolated: false,
    ...(python === undefined ? {} : { python }),
  })
  const hashes = rememberedHashes(core, aimed)
  const releases: ProvenanceSubject[] = []
  const skipped: SkippedRelease[] = []
  for (const one of distributions) {
    const version = one.version === undefined ? one.rawVersion : formatVersion(one.version)
    if (isDenPip({ project: one.project, version })) {
      skipped.push({ name: one.project, version, reason: 'it is den itself, not the pip of that version' })
      continue
    }
    const direct = directUrlOf(one)
    if (direct?.dir_info !== undefined || one.eggLink !== undefined) {
      skipped.push({ name: one.project, version, reason: 'it was installed from a directory' })
      continue
    }
    const sha256 = direct?.archive_info?.hashes?.['sha256'] ?? hashes.get(`${one.project} ${version}`)
    releases.push({ name: one.project, version, ...(sha256 === undefined ? {} : { sha256 }) })
  }
  return { releases, skipped, aimed }
}

/** den's history knows the wheel of what den put in: the key of its tree is the wheel's hash. */
function rememberedHashes({ host }: Core, { environment }: AimedEnvironment): ReadonlyMap<string, string> {
  const known = new Map<string, string>()
  if (environment === undefined) return known
  for (const number of historyNumbers(host, environment.root)) {
    for (const { name, version, tree } of readHistoryEntry(host, environment.root, number)?.after ?? []) {
      if (tree === undefined) known.delete(`${name} ${version}`)
      else known.set(`${name} ${version}`, tree)
    }
  }
  return known
}

/**
 * What requirements.txt and pylock.toml files name: exact versions, and files by their names. Throws `audit-unpinned` for a requirement
 * without one, and what reading the files throws.
 */
export async function namedReleases(
  core: Core,
  files: readonly string[],
  transport: () => Promise<Transport>,
): Promise<AuditedReleases> {
  const none = new Set<string>()
  const read = await readWanted(core, {
    wanted: {
      requirements: [],
      editables: [],
      requirementFiles: files,
      constraintFiles: [],
      scripts: [],
      groups: [],
      dependencies: 'all',
    },
    choice: { noBinary: none, onlyBinary: none, allReleases: none, onlyFinal: none },
    build: { constraintFiles: [] },
    transport,
  })
  for (const text of read.warnings) core.report({ kind: 'note', text })
  const pins = new Map<string, string>()
  for (const { requirement } of read.constraints) {
    const version = pinOf(requirement)
    if (requirement !== undefined && version !== undefined) pins.set(requirement.name, version)
  }
  const releases: ProvenanceSubject[] = []
  const skipped: SkippedRelease[] = []
  for (const wanted of read.requirements) {
    const from = wanted.from === undefined ? undefined : `${wanted.from.file}:${wanted.from.line}`
    const named = releaseOf(wanted, pins)
    if (named === undefined && wanted.link !== undefined)
      skipped.push({ name: wanted.requirement?.name ?? wanted.link, reason: 'its address names no release' })
    else if (named === undefined)
      throw new DenError('audit-unpinned', {
        requirement: wanted.text,
        file: wanted.from?.file ?? '?',
        line: wanted.from?.line ?? 0,
      })
    else releases.push({ ...named, ...(from === undefined ? {} : { from }) })
  }
  for (const lock of read.locks) addLocked(lock, releases, skipped)
  return { releases: distinct(releases), skipped }
}

function pinOf(requirement: WantedRequirement['requirement']): string | undefined {
  const exact = requirement?.specifiers.specifiers.find(namesOneVersion)
  return exact?.version === undefined ? exact?.versionText : formatVersion(exact.version)
}

function releaseOf(
  { requirement, link, hashes }: WantedRequirement,
  pins: ReadonlyMap<string, string>,
): ProvenanceSubject | undefined {
  if (link !== undefined) {
    const [place = '', fragment = ''] = link.split('#')
    const parsed = tryParseDistributionFilename(percentDecoded(place.split('?')[0]!.split('/').at(-1) ?? ''))
    const sha256 = /(?:^|&)sha256=([0-9a-f]{64})(?:&|$)/.exec(fragment)?.[1]
    if (parsed === undefined) return undefined
    return { name: parsed.name, version: formatVersion(parsed.version), ...(sha256 === undefined ? {} : { sha256 }) }
  }
  const version = pinOf(requirement) ?? (requirement === undefined ? undefined : pins.get(requirement.name))
  if (requirement === undefined || version === undefined) return undefined
  const strong = hashes?.filter(({ algorithm }) => algorithm === 'sha256') ?? []
  // Of several hashes it is not known whose the installed file has.
  const [only] = strong.length === 1 ? strong : []
  return { name: requirement.name, version, ...(only === undefined ? {} : { sha256: only.digest }) }
}

function addLocked(lock: WantedLock, releases: ProvenanceSubject[], skipped: SkippedRelease[]): void {
  for (const entry of parsePylock(lock.text, { file: lock.place }).packages) {
    const { name, version, directory } = entry
    if (version === undefined || directory !== undefined) {
      const reason = directory === undefined ? 'it is locked without a version' : 'it is locked as a directory'
      skipped.push({ name, ...(version === undefined ? {} : { version: formatVersion(version) }), reason })
      continue
    }
    const files = [...(entry.wheels ?? []), ...[entry.sdist, entry.archive].filter((file) => file !== undefined)]
    const sha256 = files.length === 1 ? files[0]!.hashes.get('sha256')?.toLowerCase() : undefined
    const before = entry.attestationIdentities?.flatMap((identity) => readPublisher({ ...identity }) ?? [])
    releases.push({
      name,
      version: formatVersion(version),
      from: lock.place,
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(before === undefined ? {} : { before }),
    })
  }
}

/** A release that several files or markers name is looked up once. */
function distinct(releases: readonly ProvenanceSubject[]): readonly ProvenanceSubject[] {
  return [...new Map(releases.map((one) => [`${one.name} ${one.version}`, one])).values()]
}

// What is installed or written down, set against what is known to be bad: findings, what would mend them, what was looked at and let
// pass. Knows nothing of where records come from.

import type { ProjectName } from '../base/brand.ts'
import { judgeVersion, type OsvRecord } from '../spec/osv.ts'
import { groupRecords, type OsvGroup } from '../spec/osv-group.ts'
import { compareVersions, formatVersion, isPrerelease, tryParseVersion, type Version } from '../spec/version.ts'

/** A release that is looked up. */
export interface AuditedRelease {
  readonly name: ProjectName
  /** As it is written where it was found. */
  readonly version: string
  /** "requirements.txt:3", where a file names it. */
  readonly from?: string
}

/** Somebody has looked at a vulnerability and decided to live with it. */
export interface IgnoreRule {
  /** Any of its names. */
  readonly id: string
  readonly reason?: string
  /** Milliseconds since 1970: from then on it counts again. */
  readonly until?: number
  /** It counts again as soon as a release without it is known. */
  readonly untilFixed?: boolean
}

export interface Finding extends AuditedRelease {
  readonly id: string
  readonly aliases: readonly string[]
  /** The release itself is the attack. */
  readonly malware: boolean
  readonly severity?: OsvGroup['severity']
  readonly score?: number
  readonly summary?: string
  readonly url?: string
  /** Releases known to be without it, oldest first; the first is the smallest step. */
  readonly fixed: readonly string[]
}

export interface IgnoredFinding extends Finding {
  readonly reason?: string
}

/** The smallest step that ends the most of a release's findings. */
export interface Upgrade extends AuditedRelease {
  readonly to: string
  readonly ends: readonly string[]
  /** Findings that stay; no release is known that ends them. */
  readonly leaves: readonly string[]
}

export interface AuditFindings {
  readonly findings: readonly Finding[]
  readonly ignored: readonly IgnoredFinding[]
  readonly upgrades: readonly Upgrade[]
  /** Records that speak of the project in words that can't be set against the version. */
  readonly undecided: readonly (AuditedRelease & { readonly id: string; readonly reason: string })[]
}

export interface AuditOptions {
  readonly ignore: readonly IgnoreRule[]
  /** Milliseconds since 1970. */
  readonly now: number
  /** Told of rules that no longer hold. */
  readonly note: (text: string) => void
}

/** Pure: the same records give the same findings, in the order of the releases and then the gravest first. */
export function findVulnerabilities(
  releases: readonly AuditedRelease[],
  records: readonly OsvRecord[],
  { ignore, now, note }: AuditOptions,
): AuditFindings {
  const groups = groupRecords(records)
  const result = {
    findings: [] as Finding[],
    ignored: [] as IgnoredFinding[],
    upgrades: [] as Upgrade[],
    undecided: [] as AuditFindings['undecided'][number][],
  }
  const rules = ignore.filter((rule) => {
    if (rule.until === undefined || now < rule.until) return true
    note(`${rule.id} was to be ignored until ${new Date(rule.until).toISOString().slice(0, 10)}, and counts again`)
    return false
  })
  for (const release of releases) {
    const found: { finding: Finding; group: OsvGroup }[] = []
    for (const group of groups) {
      const verdicts = group.records.map((record) => judgeVersion(record, release.name, release.version))
      if (!verdicts.some(({ kind }) => kind === 'affected')) {
        const open = verdicts.find((verdict) => verdict.kind === 'undecided')
        if (open?.kind === 'undecided') result.undecided.push({ ...release, id: group.id, reason: open.reason })
        continue
      }
      // Where two databases differ on what is fixed, a release counts when neither calls it affected.
      const fixed = distinct(verdicts.flatMap((verdict) => (verdict.kind === 'affected' ? verdict.fixed : [])))
        .filter((version) => !isAffected(group, release.name, version))
        .map(formatVersion)
      const finding = findingOf(release, group, fixed)
      const names = new Set([group.id, ...group.aliases].map((name) => name.toLowerCase()))
      const rule = rules.find(({ id }) => names.has(id.toLowerCase()))
      if (rule !== undefined && !(rule.untilFixed === true && fixed.length > 0))
        result.ignored.push({ ...finding, ...(rule.reason === undefined ? {} : { reason: rule.reason }) })
      else found.push({ finding, group })
    }
    found.sort((a, b) => gravity(b.finding) - gravity(a.finding))
    result.findings.push(...found.map(({ finding }) => finding))
    const upgrade = smallestStep(release, found)
    if (upgrade !== undefined) result.upgrades.push(upgrade)
  }
  return result
}

function findingOf(release: AuditedRelease, group: OsvGroup, fixed: readonly string[]): Finding {
  const { id, aliases, malware, severity, score, summary, reference } = group
  return {
    ...release,
    id,
    aliases,
    malware,
    ...(severity === undefined ? {} : { severity }),
    ...(score === undefined ? {} : { score }),
    ...(summary === undefined ? {} : { summary }),
    ...(reference === undefined ? {} : { url: reference }),
    fixed,
  }
}

const words = { none: 0, low: 2, medium: 5, high: 8, critical: 9.5 } as const

function gravity({ malware, score, severity }: Finding): number {
  if (malware) return 11
  return score ?? (severity === undefined ? 5 : words[severity])
}

function isAffected({ records }: OsvGroup, name: ProjectName, version: Version): boolean {
  return records.some((record) => judgeVersion(record, name, version.text).kind === 'affected')
}

function distinct(versions: readonly Version[]): readonly Version[] {
  return [...new Map(versions.map((version) => [version.key, version])).values()].sort(compareVersions)
}

/** Malware is no fault that an upgrade ends: the release goes, and what it saw is no secret any more. */
function smallestStep(
  release: AuditedRelease,
  found: readonly { readonly finding: Finding; readonly group: OsvGroup }[],
): Upgrade | undefined {
  const mendable = found.filter(({ finding }) => !finding.malware)
  const candidates = distinct(
    mendable.flatMap(({ finding }) => finding.fixed.flatMap((text) => tryParseVersion(text) ?? [])),
  )
  const stable = candidates.filter((version) => !isPrerelease(version))
  let best: { readonly version: Version; readonly ends: readonly string[] } | undefined
  for (const version of stable.length > 0 ? stable : candidates) {
    if (found.some(({ finding, group }) => finding.malware && isAffected(group, release.name, version))) continue
    const ends = mendable
      .filter(({ group }) => !isAffected(group, release.name, version))
      .map(({ finding }) => finding.id)
    if (ends.length > (best?.ends.length ?? 0)) best = { version, ends }
  }
  if (best === undefined) return undefined
  const { version, ends } = best
  const leaves = mendable.map(({ finding }) => finding.id).filter((id) => !ends.includes(id))
  return { ...release, to: formatVersion(version), ends, leaves }
}

// Several databases describe one fault: GHSA-…, PYSEC-… and CVE-… are names of it. Records that name each other, or the same third, are one.

import { compareTexts } from '../base/compare.ts'
import type { Severity } from './cvss.ts'
import { severities } from './cvss.ts'
import type { OsvRecord } from './osv.ts'

export interface OsvGroup {
  /** The name to show: PYSEC before GHSA before CVE before others; malware's own before all. */
  readonly id: string
  /** Every other name of it, sorted. */
  readonly aliases: readonly string[]
  readonly records: readonly OsvRecord[]
  /** The malicious-packages database has it: the release itself is the attack. */
  readonly malware: boolean
  readonly summary?: string
  readonly severity?: Severity
  readonly score?: number
  /** The first address any of the records gives. */
  readonly reference?: string
}

const order = [/^MAL-/, /^PYSEC-/, /^GHSA-/, /^CVE-/]

function rankOf(id: string): number {
  const found = order.findIndex((pattern) => pattern.test(id))
  return found === -1 ? order.length : found
}

const byRank = (a: string, b: string): number => rankOf(a) - rankOf(b) || compareTexts(a, b)

/** Groups records by their names. Those that were taken back are left out, and join nothing. */
export function groupRecords(records: readonly OsvRecord[]): readonly OsvGroup[] {
  // An index tells of one release at a time: several records may have one id, and each says its part.
  const standing = records.filter(({ withdrawn }) => withdrawn === undefined)
  const parents = new Map<string, string>()
  const rootOf = (id: string): string => {
    let root = id
    for (let above = parents.get(root); above !== undefined; above = parents.get(root)) root = above
    return root
  }
  for (const { id, aliases } of standing) {
    for (const alias of aliases) {
      const [one, other] = [rootOf(id), rootOf(alias)]
      if (one !== other) parents.set(other, one)
    }
  }
  const groups = new Map<string, OsvRecord[]>()
  for (const record of standing) {
    const root = rootOf(record.id)
    const group = groups.get(root)
    if (group === undefined) groups.set(root, [record])
    else group.push(record)
  }
  return [...groups.values()].map(groupOf).sort((a, b) => byRank(a.id, b.id))
}

function groupOf(records: readonly OsvRecord[]): OsvGroup {
  const sorted = [...records].sort((a, b) => byRank(a.id, b.id))
  const [first] = sorted
  const id = first!.id
  const names = new Set(sorted.flatMap((record) => [record.id, ...record.aliases]))
  names.delete(id)
  const summary = sorted.find((record) => record.summary !== undefined)?.summary ?? firstLine(sorted)
  const severity = worst(sorted.flatMap((record) => record.severity ?? []))
  const scores = sorted.flatMap((record) => record.score ?? [])
  const reference = sorted.flatMap(({ references }) => references)[0]
  return {
    id,
    aliases: [...names].sort(byRank),
    records: sorted,
    malware: [id, ...names].some((name) => name.startsWith('MAL-')),
    ...(summary === undefined ? {} : { summary }),
    ...(severity === undefined ? {} : { severity }),
    ...(scores.length === 0 ? {} : { score: Math.max(...scores) }),
    ...(reference === undefined ? {} : { reference }),
  }
}

/** PYSEC's records have no summary: their details begin with what it would say. */
function firstLine(records: readonly OsvRecord[]): string | undefined {
  const details = records.find((record) => record.details !== undefined)?.details?.trim()
  const line = details?.split('\n', 1)[0]?.replace(/^#+\s*/, '')
  return line === undefined || line === '' ? undefined : line
}

function worst(found: readonly Severity[]): Severity | undefined {
  return severities.toReversed().find((severity) => found.includes(severity))
}

// What is known to be bad, in the form of the Open Source Vulnerability schema (ossf.github.io/osv-schema), and whether a version of a
// Python project is among it: events along PEP 440's order, and lists of versions. Reading is lenient: a field of the wrong kind isn't there.

import type { ProjectName } from '../base/brand.ts'
import { defined } from '../base/defined.ts'
import { isJsonObject, type JsonObject } from '../format/json.ts'
import { cvssBaseScore, type Severity, severityOfScore, severityOfWord } from './cvss.ts'
import { tryParseProjectName } from './name.ts'
import { compareVersions, parseVersion, publicVersion, tryParseVersion, type Version } from './version.ts'

export type OsvEventKind = 'introduced' | 'fixed' | 'last_affected' | 'limit'

export interface OsvEvent {
  readonly kind: OsvEventKind
  /** As written; "0" as introduced stands before all versions, "*" as limit behind them. */
  readonly version: string
}

export interface OsvAffected {
  readonly project: ProjectName
  readonly ranges: readonly (readonly OsvEvent[])[]
  /** As written. */
  readonly versions: readonly string[]
}

export interface OsvRecord {
  readonly id: string
  /** ISO 8601. */
  readonly modified?: string
  readonly published?: string
  /** Taken back: nothing of it holds. */
  readonly withdrawn?: string
  /** Other databases' names of the same thing. */
  readonly aliases: readonly string[]
  readonly summary?: string
  readonly details?: string
  readonly severity?: Severity
  /** The base score behind `severity`, where a vector tells one. */
  readonly score?: number
  /** Of Python's index alone. */
  readonly affected: readonly OsvAffected[]
  /** Addresses, the advisory's own first. */
  readonly references: readonly string[]
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const textsOf = (value: unknown): readonly string[] => list(value).filter((one) => typeof one === 'string')

/** One record from its JSON; undefined for what has no id. */
export function readOsvRecord(value: unknown): OsvRecord | undefined {
  if (!isJsonObject(value)) return undefined
  const id = textOf(value['id'])
  if (id === undefined) return undefined
  const { severity, score } = readSeverity(value)
  const optional = {
    modified: textOf(value['modified']),
    published: textOf(value['published']),
    withdrawn: textOf(value['withdrawn']),
    summary: textOf(value['summary']),
    details: textOf(value['details']),
    severity,
    score,
  }
  return {
    id,
    aliases: textsOf(value['aliases']),
    affected: list(value['affected']).flatMap(readAffected),
    references: list(value['references'])
      .filter(isJsonObject)
      .sort((a, b) => Number(b['type'] === 'ADVISORY') - Number(a['type'] === 'ADVISORY'))
      .flatMap((reference) => textOf(reference['url']) ?? []),
    ...defined(optional),
  }
}

function readAffected(value: unknown): readonly OsvAffected[] {
  if (!isJsonObject(value) || !isJsonObject(value['package'])) return []
  const { ecosystem, name } = value['package']
  // "PyPI:SUFFIX" is the schema's way to name a part of an ecosystem.
  if (typeof ecosystem !== 'string' || ecosystem.split(':', 1)[0] !== 'PyPI' || typeof name !== 'string') return []
  const project = tryParseProjectName(name)
  if (project === undefined) return []
  const ranges = list(value['ranges'])
    .filter(isJsonObject)
    // Commits say nothing of a version.
    .filter(({ type }) => type === 'ECOSYSTEM' || type === 'SEMVER')
    .map(({ events }) => list(events).flatMap(readEvent))
    .filter((events) => events.length > 0)
  return [{ project, ranges, versions: textsOf(value['versions']) }]
}

const eventKinds: readonly OsvEventKind[] = ['introduced', 'fixed', 'last_affected', 'limit']

function readEvent(value: unknown): readonly OsvEvent[] {
  if (!isJsonObject(value)) return []
  return eventKinds.flatMap((kind) => {
    const version = textOf(value[kind])
    return version === undefined ? [] : [{ kind, version }]
  })
}

/** A vector's score counts before a database's word; of several vectors the newest form. */
function readSeverity(record: JsonObject): { readonly severity?: Severity; readonly score?: number } {
  const affected = list(record['affected']).filter(isJsonObject)
  const vectors = [...list(record['severity']), ...affected.flatMap((one) => list(one['severity']))]
    .filter(isJsonObject)
    .flatMap((one) => textOf(one['score']) ?? [])
  const scores = vectors.flatMap((vector) => cvssBaseScore(vector) ?? [])
  const words = [record, ...affected].flatMap(({ database_specific: own }) => {
    const word = isJsonObject(own) ? textOf(own['severity']) : undefined
    return word === undefined ? [] : (severityOfWord(word) ?? [])
  })
  if (scores.length > 0) {
    const score = Math.max(...scores)
    return { score, severity: severityOfScore(score) }
  }
  return words[0] === undefined ? {} : { severity: words[0] }
}

/** What a record says of one version; `undecided`: it speaks of the project, in words that den cannot set against the version. */
export type OsvVerdict =
  | {
      readonly kind: 'affected' /** Releases that the record calls fixed and that come later, oldest first. */
      readonly fixed: readonly Version[]
    }
  | { readonly kind: 'unaffected' }
  | { readonly kind: 'undecided'; readonly reason: string }

const unaffected: OsvVerdict = { kind: 'unaffected' }

/**
 * The schema's evaluation. A local segment (1.0+cu118) counts for nothing: advisories speak of releases, and what was built from one
 * has its faults.
 */
export function judgeVersion(record: OsvRecord, project: ProjectName, text: string): OsvVerdict {
  const exact = tryParseVersion(text)
  const version = exact === undefined ? undefined : parseVersion(publicVersion(exact))
  const fixed: Version[] = []
  let isAffected = false
  let undecided: string | undefined
  for (const affected of record.affected) {
    if (affected.project !== project) continue
    const listed = affected.versions.some((one) => {
      const named = tryParseVersion(one)
      if (named === undefined || version === undefined || exact === undefined) return one === text
      return compareVersions(named, exact) === 0 || compareVersions(named, version) === 0
    })
    if (listed) isAffected = true
    for (const events of affected.ranges) {
      if (version === undefined) {
        undecided ??= `${text} is no version by PEP 440`
        continue
      }
      const range = readRange(events)
      if (typeof range === 'string') {
        undecided ??= `its event ${range} is no version by PEP 440`
        continue
      }
      if (isInRange(range, version)) isAffected = true
      fixed.push(...range.flatMap(({ kind, version: at }) => (kind === 'fixed' && at !== undefined ? [at] : [])))
    }
  }
  if (isAffected) {
    const later = version === undefined ? fixed : fixed.filter((one) => compareVersions(one, version) > 0)
    return { kind: 'affected', fixed: distinct(later.sort(compareVersions)) }
  }
  return undecided === undefined ? unaffected : { kind: 'undecided', reason: undecided }
}

interface ReadEvent {
  readonly kind: OsvEventKind
  /** Absent: before all versions (introduced) or behind them (limit). */
  readonly version?: Version
}

/** In the order of their versions; or the text that is none. */
function readRange(events: readonly OsvEvent[]): readonly ReadEvent[] | string {
  const read: ReadEvent[] = []
  for (const { kind, version: text } of events) {
    if ((kind === 'introduced' && text === '0') || (kind === 'limit' && text === '*')) {
      read.push({ kind })
      continue
    }
    const version = tryParseVersion(text)
    if (version === undefined) return text
    read.push({ kind, version })
  }
  return read.sort((a, b) =>
    a.version === undefined || b.version === undefined
      ? Number(a.version !== undefined) - Number(b.version !== undefined)
      : compareVersions(a.version, b.version),
  )
}

function isInRange(events: readonly ReadEvent[], version: Version): boolean {
  const limits = events.filter(({ kind }) => kind === 'limit')
  const before = ({ version: at }: ReadEvent): boolean => at === undefined || compareVersions(version, at) < 0
  if (limits.length > 0 && !limits.some(before)) return false
  let inside = false
  for (const { kind, version: at } of events) {
    const order = at === undefined ? 1 : compareVersions(version, at)
    if (kind === 'introduced' && order >= 0) inside = true
    else if (kind === 'fixed' && order >= 0) inside = false
    else if (kind === 'last_affected' && order > 0) inside = false
  }
  return inside
}

function distinct(sorted: readonly Version[]): readonly Version[] {
  return sorted.filter((version, index) => index === 0 || compareVersions(version, sorted[index - 1]!) !== 0)
}

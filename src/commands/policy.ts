// What a project demands of packages, from [tool.den] of its pyproject.toml or from den.toml: how old they must be, who must have
// published them, which known vulnerabilities it lives with, and why.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { projectSettings } from '../config/project-settings.ts'
import type { IgnoreRule } from '../engine/audit.ts'
import { isTomlMoment, isTomlTable, type TomlTable, type TomlValue } from '../format/toml.ts'
import type { Host } from '../host/host.ts'
import { tryParseProjectName } from '../spec/name.ts'
import { parsePublisher, readPublisher } from '../spec/provenance.ts'
import type { ProvenanceWish } from '../spec/provenance-policy.ts'
import { type AgePolicy, defaultAgePolicy, parseAge } from './policy-age.ts'

export interface Policy {
  /** The file that says it; absent where none does. */
  readonly file?: string
  readonly age: AgePolicy
  readonly attestations: ReadonlyMap<ProjectName, ProvenanceWish>
  /** Vulnerabilities that the project has looked at and lives with. */
  readonly ignored: readonly IgnoreRule[]
}

export const defaultPolicy: Policy = { age: defaultAgePolicy, attestations: new Map(), ignored: [] }

/** The nearest den.toml or pyproject.toml with [tool.den], upwards from `directory`. Throws `invalid-toml`, `invalid-policy`. */
export function readPolicy(host: Pick<Host, 'files' | 'path'>, directory: string): Policy {
  const settings = projectSettings(host, directory)
  return settings === undefined ? defaultPolicy : parsePolicy(settings.table, settings.file)
}

/** Reads the table; what it does not speak of is as by default. Throws `invalid-policy`. */
export function parsePolicy(table: TomlTable, file: string): Policy {
  const wrong = (key: string, reason: string): DenError => new DenError('invalid-policy', { file, key, reason })
  const audit = table['audit'] ?? {}
  if (!isTomlTable(audit)) throw wrong('audit', 'it is a table: [tool.den.audit]')
  return {
    file,
    age: readAge(table, wrong),
    attestations: readAttestations(table['attestations'], wrong),
    ignored: readIgnored(audit['ignore'], wrong),
  }
}

type Wrong = (key: string, reason: string) => DenError

function readAge(table: TomlTable, wrong: Wrong): AgePolicy {
  const value = table['minimum-age']
  const age =
    value === undefined
      ? defaultAgePolicy.minimumAge
      : value === false || value === 0 || value === '0'
        ? 0
        : typeof value === 'string'
          ? parseAge(value)
          : undefined
  if (age === undefined) throw wrong('minimum-age', 'it is a time like "1 day", "36 hours" or "P3D", or false')
  const exempt = table['minimum-age-exempt'] ?? []
  if (!Array.isArray(exempt)) throw wrong('minimum-age-exempt', 'it is a list of projects')
  return {
    minimumAge: age,
    exempt: new Set(exempt.map((name: TomlValue) => projectOf('minimum-age-exempt', name, wrong))),
  }
}

function projectOf(key: string, value: TomlValue, wrong: Wrong): ProjectName {
  const name = typeof value === 'string' ? tryParseProjectName(value) : undefined
  if (name === undefined) throw wrong(key, `${JSON.stringify(value)} is no project's name`)
  return name
}

function readAttestations(value: TomlValue | undefined, wrong: Wrong): ReadonlyMap<ProjectName, ProvenanceWish> {
  const wishes = new Map<ProjectName, ProvenanceWish>()
  if (value === undefined) return wishes
  if (!isTomlTable(value)) throw wrong('attestations', 'it is a table of projects and their publishers')
  for (const [name, publisher] of Object.entries(value)) {
    const key = `attestations.${name}`
    const wish =
      publisher === 'any' ? 'any' : typeof publisher === 'string' ? parsePublisher(publisher) : publisherIn(publisher)
    if (wish === undefined)
      throw wrong(
        key,
        'a publisher is "any", "github:OWNER/NAME", "github:OWNER/NAME@release.yml", "gitlab:GROUP/NAME" or "google:EMAIL"',
      )
    wishes.set(projectOf('attestations', name, wrong), wish)
  }
  return wishes
}

/** As pylock.toml's attestation-identities have it. A kind alone would let anybody in. */
function publisherIn(value: TomlValue): ProvenanceWish | undefined {
  const publisher = isTomlTable(value) ? readPublisher({ ...value }) : undefined
  return publisher?.repository === undefined && publisher?.email === undefined ? undefined : publisher
}

function readIgnored(value: TomlValue | undefined, wrong: Wrong): readonly IgnoreRule[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw wrong('audit.ignore', 'it is a list')
  return (value as readonly TomlValue[]).map((entry) => {
    if (typeof entry === 'string' && entry !== '') return { id: entry }
    const { id, reason, until, 'until-fixed': untilFixed } = isTomlTable(entry) ? entry : ({} as TomlTable)
    if (typeof id !== 'string' || id === '')
      throw wrong('audit.ignore', 'each entry is an id, or a table with id and reason')
    if (reason !== undefined && typeof reason !== 'string')
      throw wrong('audit.ignore', `the reason for ${id} is no text`)
    if (untilFixed !== undefined && typeof untilFixed !== 'boolean')
      throw wrong('audit.ignore', `until-fixed of ${id} is true or false`)
    const end = until === undefined ? undefined : Date.parse(isTomlMoment(until) ? until.text : String(until))
    if (Number.isNaN(end)) throw wrong('audit.ignore', `until of ${id} is no date`)
    return {
      id,
      ...(reason === undefined ? {} : { reason }),
      ...(end === undefined ? {} : { until: end }),
      ...(untilFixed === undefined ? {} : { untilFixed }),
    }
  })
}

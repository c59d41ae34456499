// Who built a file, as an index hands it out (PEP 740): the provenance document, the statement that was signed, and the publisher. What
// this module reads is claims; whether they are signed is found out in indexes/attestations-verify.ts.

import { DenError } from '../base/error.ts'
import { isJsonObject, tryParseJson } from '../format/json.ts'

/** A trusted publisher. What a certificate does not vouch for (GitHub's "environment") is left out. */
export interface Publisher {
  /** "GitHub", "GitLab", "Google", or a kind that came later. */
  readonly kind: string
  /** OWNER/NAME, or GROUP/…/NAME. */
  readonly repository?: string
  /** The workflow's file: "release.yml" at GitHub, ".gitlab-ci.yml" at GitLab. */
  readonly workflow?: string
  readonly email?: string
  /** The host's own number of the repository, which a transfer keeps and a new owner of an old name has not. In certificates alone. */
  readonly repositoryId?: string
}

export interface Attestation {
  /** The certificate's DER in base64. */
  readonly certificate: string
  /** Entries of the transparency log, as sigstore's own JSON has them. */
  readonly entries: readonly unknown[]
  /** RFC 3161's, in base64: what newer logs, which tell no time themselves, come with. */
  readonly timestamps: readonly string[]
  /** The statement, in base64: what was signed. */
  readonly statement: string
  /** In base64. */
  readonly signature: string
}

export interface AttestationBundle {
  readonly publisher: Publisher
  readonly attestations: readonly Attestation[]
}

/** An in-toto statement, as far as PEP 740 uses it. */
export interface Statement {
  readonly predicateType: string
  readonly subjects: readonly { readonly name: string; readonly sha256: string | undefined }[]
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Reads a provenance document. Throws `invalid-provenance`, `file` being the one it is about. */
export function readProvenance(text: string, { file }: { readonly file: string }): readonly AttestationBundle[] {
  const wrong = (reason: string): DenError => new DenError('invalid-provenance', { file, reason })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new DenError('invalid-provenance', { file, reason: `it is no JSON: ${(error as Error).message}` })
  }
  if (!isJsonObject(value)) throw wrong('it is no object')
  if (value['version'] !== 1) throw wrong(`its version is ${JSON.stringify(value['version'])}; den knows version 1`)
  const bundles = value['attestation_bundles']
  if (!Array.isArray(bundles)) throw wrong('it has no list of attestations')
  return bundles.map((bundle: unknown) => {
    if (!isJsonObject(bundle) || !Array.isArray(bundle['attestations']))
      throw wrong('a bundle has no list of attestations')
    const publisher = readPublisher(bundle['publisher'])
    if (publisher === undefined) throw wrong('a bundle names no publisher')
    return { publisher, attestations: bundle['attestations'].map((one: unknown) => readAttestation(one, wrong)) }
  })
}

function readAttestation(value: unknown, wrong: (reason: string) => DenError): Attestation {
  if (!isJsonObject(value)) throw wrong('an attestation is no object')
  if (value['version'] !== 1) throw wrong('an attestation is of a version that den does not know')
  const { verification_material: material, envelope } = value
  if (!isJsonObject(material) || !isJsonObject(envelope))
    throw wrong('an attestation has no envelope or nothing to check it by')
  const { certificate, transparency_entries: entries, timestamps = [] } = material
  const { statement, signature } = envelope
  if (!isText(certificate) || !Array.isArray(entries))
    throw wrong('an attestation has no certificate or no log entries')
  if (!isText(statement) || !isText(signature)) throw wrong('an attestation has no statement or no signature')
  if (!Array.isArray(timestamps) || !timestamps.every(isText))
    throw wrong('an attestation has timestamps that are none')
  return { certificate, entries, timestamps, statement, signature }
}

/** The statement that an attestation signs; undefined for what is none. */
export function readStatement(text: string): Statement | undefined {
  const value = tryParseJson(text)
  if (!isJsonObject(value) || !Array.isArray(value['subject']) || !isText(value['predicateType'])) return undefined
  if (!/^https:\/\/in-toto\.io\/Statement\/v\d/.test(String(value['_type']))) return undefined
  const subjects: { name: string; sha256: string | undefined }[] = []
  for (const subject of value['subject'] as readonly unknown[]) {
    if (!isJsonObject(subject) || !isText(subject['name']) || !isJsonObject(subject['digest'])) return undefined
    const { sha256 } = subject['digest']
    subjects.push({ name: subject['name'], sha256: isText(sha256) ? sha256.toLowerCase() : undefined })
  }
  return { predicateType: value['predicateType'], subjects }
}

/** A publisher as an index and pylock.toml have it: `kind`, with the rest beside it or under `claims`. */
export function readPublisher(value: unknown): Publisher | undefined {
  if (!isJsonObject(value) || !isText(value['kind'])) return undefined
  const claims = isJsonObject(value['claims']) ? { ...value['claims'], ...value } : value
  const { repository, email } = claims
  const workflow = claims['workflow'] ?? claims['workflow_filepath']
  return {
    kind: value['kind'],
    ...(isText(repository) ? { repository } : {}),
    ...(isText(workflow) ? { workflow } : {}),
    ...(isText(email) ? { email } : {}),
  }
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['github', 'GitHub'],
  ['gitlab', 'GitLab'],
  ['google', 'Google'],
])

/** "github:OWNER/NAME", "github:OWNER/NAME@release.yml", "gitlab:GROUP/NAME@.gitlab-ci.yml", "google:EMAIL"; undefined for other texts. */
export function parsePublisher(text: string): Publisher | undefined {
  const [, word = '', rest = ''] = /^([a-z]+):(\S+)$/i.exec(text.trim()) ?? []
  const kind = kinds.get(word.toLowerCase())
  if (kind === undefined) return undefined
  if (kind === 'Google') return /^[^@]+@[^@]+$/.test(rest) ? { kind, email: rest } : undefined
  const [, repository, workflow] = /^([\w.-]+(?:\/[\w.-]+)+)(?:@([\w./-]+))?$/.exec(rest) ?? []
  if (repository === undefined || (kind === 'GitHub' && repository.split('/').length !== 2)) return undefined
  return { kind, repository, ...(workflow === undefined ? {} : { workflow }) }
}

/** The text that `parsePublisher` reads; for kinds it does not know, all that there is. */
export function formatPublisher({ kind, repository, workflow, email }: Publisher): string {
  const place = email ?? repository ?? '?'
  return `${kind.toLowerCase()}:${place}${workflow === undefined ? '' : `@${workflow}`}`
}

/** Whether a publisher is the one that is wanted; what the wish leaves out may be anything. Hosts take repositories in any case. */
export function matchesPublisher(wanted: Publisher, found: Publisher): boolean {
  const same = (a: string | undefined, b: string | undefined): boolean => a === undefined || a === b
  return (
    wanted.kind === found.kind &&
    same(wanted.repository?.toLowerCase(), found.repository?.toLowerCase()) &&
    same(wanted.workflow, found.workflow) &&
    same(wanted.email?.toLowerCase(), found.email?.toLowerCase())
  )
}

/** What a certificate of the public sigstore instance says of its holder: the words of its extensions. */
export interface CertifiedIdentity {
  readonly issuer: string
  /** The subject's alternative name: an address or an e-mail address. */
  readonly subject: string
  readonly sourceRepository?: string
  readonly repositoryId?: string
  /** The commit. */
  readonly sourceDigest?: string
  readonly sourceRef?: string
  readonly buildConfig?: string
}

/** The publisher behind an identity; undefined where it is none of those that den can name for certain. */
export function publisherOf(identity: CertifiedIdentity): Publisher | undefined {
  const { issuer, subject } = identity
  switch (issuer) {
    case 'https://token.actions.githubusercontent.com':
      return repositoryPublisher('GitHub', 'https://github.com/', '/.github/workflows/', identity)
    case 'https://gitlab.com':
      return repositoryPublisher('GitLab', 'https://gitlab.com/', '//', identity)
    case 'https://accounts.google.com':
      return { kind: 'Google', email: subject }
    default:
      return undefined
  }
}

/** The workflow's address is REPOSITORY, a fixed part, its file, "@" and the commit or the branch: all but the file is known. */
function repositoryPublisher(
  kind: string,
  host: string,
  between: string,
  { sourceRepository, sourceDigest, sourceRef, buildConfig, repositoryId }: CertifiedIdentity,
): Publisher | undefined {
  if (sourceRepository === undefined || buildConfig === undefined || !sourceRepository.startsWith(host))
    return undefined
  const start = `${sourceRepository}${between}`
  if (!buildConfig.startsWith(start)) return undefined
  for (const revision of [sourceDigest, sourceRef]) {
    const end = `@${revision}`
    if (revision === undefined || !buildConfig.endsWith(end)) continue
    const workflow = buildConfig.slice(start.length, -end.length)
    if (workflow === '') continue
    const number = repositoryId === undefined ? {} : { repositoryId }
    return { kind, repository: sourceRepository.slice(host.length), workflow, ...number }
  }
  return undefined
}

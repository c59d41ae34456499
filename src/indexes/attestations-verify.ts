// Whether attestations hold (PEP 740, "Attestation verification"), by sigstore's own verifier: the signature, the certificate's chain up
// to the public instance's authority, its mention in a certificate log, and the signature's entry in a transparency log. What it does
// not know of is done here: that the statement is about this very file, and that the certificate's holder is the publisher.

import type { ObjectIdentifierValuePair } from '@sigstore/verify'
import { DenError } from '../base/error.ts'
import { tryParseDistributionFilename, type WheelFilename } from '../spec/filename.ts'
import {
  type Attestation,
  type AttestationBundle,
  type CertifiedIdentity,
  formatPublisher,
  matchesPublisher,
  type Publisher,
  publisherOf,
  readStatement,
  type Statement,
} from '../spec/provenance.ts'

export interface VerifiedAttestation {
  /** By the certificate, not by what the index says. */
  readonly publisher: Publisher
  readonly predicateType: string
  /** The commit that it was built from, where the certificate names one. */
  readonly commit?: string
  /** The branch or tag. */
  readonly ref?: string
  /** When the log took it in, or an authority saw it: milliseconds since 1970. */
  readonly signed?: number
}

export interface VerifyOptions {
  readonly filename: string
  readonly sha256: string
  /** A trusted root in sigstore's JSON; the public instance's, as it came with den, unless said. */
  readonly trustedRoot?: string | undefined
}

export interface VerifiedProvenance {
  readonly attestations: readonly VerifiedAttestation[]
  /** Attestations that den cannot weigh, with why: of a kind, or a publisher, that came later. They count as none. */
  readonly passed: readonly string[]
}

/** The predicates that PEP 740 names: published by, and SLSA's provenance. */
const knownPredicate = /^https:\/\/(?:[a-z.]+\/attestations\/publish\/v1|slsa\.dev\/provenance\/v1)$/

/** Verifies all of a provenance document. Throws `attestation-refused` as soon as one attestation does not hold. */
export async function verifyProvenance(
  bundles: readonly AttestationBundle[],
  options: VerifyOptions,
): Promise<VerifiedProvenance> {
  const verify = await openVerifier(options.trustedRoot)
  const attestations: VerifiedAttestation[] = []
  const passed: string[] = []
  for (const { publisher, attestations: all } of bundles) {
    for (const attestation of all) {
      const refuse = (reason: string, cause?: unknown): DenError =>
        new DenError('attestation-refused', { file: options.filename, reason }, { cause })
      const statement = readStatement(decodeBase64(attestation.statement))
      if (statement === undefined) throw refuse('what was signed is no statement')
      const problem = subjectProblem(statement, options)
      if (problem !== undefined) throw refuse(problem)
      let identity: CertifiedIdentity
      let signed: number | undefined
      try {
        ;({ identity, signed } = verify(attestation))
      } catch (error) {
        throw refuse((error as Error).message, error)
      }
      if (!knownPredicate.test(statement.predicateType)) {
        passed.push(`${statement.predicateType} is no kind of attestation that den knows`)
        continue
      }
      const holder = publisherOf(identity)
      if (holder === undefined) {
        passed.push(
          `it is signed by ${identity.subject} (${identity.issuer}), who den cannot set against ${publisher.kind}`,
        )
        continue
      }
      if (!matchesPublisher(publisher, holder))
        throw refuse(`it is signed by ${formatPublisher(holder)}, and the index names ${formatPublisher(publisher)}`)
      attestations.push({
        publisher: holder,
        predicateType: statement.predicateType,
        ...(identity.sourceDigest === undefined ? {} : { commit: identity.sourceDigest }),
        ...(identity.sourceRef === undefined ? {} : { ref: identity.sourceRef }),
        ...(signed === undefined ? {} : { signed }),
      })
    }
  }
  return { attestations, passed }
}

/** "The subject is the distribution file": exactly one, by name and by SHA-256. */
function subjectProblem({ subjects }: Statement, { filename, sha256 }: VerifyOptions): string | undefined {
  const [subject] = subjects
  if (subject === undefined || subjects.length !== 1) return `it is about ${subjects.length} files instead of one`
  if (!isSameFile(subject.name, filename)) return `it is about ${subject.name}`
  if (subject.sha256 !== sha256.toLowerCase())
    return `it is about other bytes: SHA-256 ${subject.sha256 ?? 'not told'}, the file has ${sha256}`
  return undefined
}

/** Names may be spelled as the uploader wrote them, before the index made them normal. */
function isSameFile(a: string, b: string): boolean {
  if (a === b) return true
  const [one, other] = [tryParseDistributionFilename(a), tryParseDistributionFilename(b)]
  if (one === undefined || other === undefined || one.kind !== other.kind) return false
  if (one.name !== other.name || one.version.key !== other.version.key) return false
  if (one.kind === 'sdist' || other.kind === 'sdist')
    return one.kind === 'sdist' && other.kind === 'sdist' && one.format === other.format
  return wheelText(one) === wheelText(other)
}

function wheelText({ build, pythonTags, abiTags, platformTags }: WheelFilename): string {
  return [
    `${build?.number}${build?.suffix}`,
    ...[pythonTags, abiTags, platformTags].map((each) => [...each].sort()),
  ].join('-')
}

/** The numbers of sigstore's certificate extensions (fulcio's oid-info) behind 1.3.6.1.4.1.57264.1. */
const extensions = {
  issuer: 8,
  sourceRepository: 12,
  sourceDigest: 13,
  sourceRef: 14,
  repositoryId: 15,
  buildConfig: 18,
} as const

interface Signed {
  readonly identity: CertifiedIdentity
  readonly signed: number | undefined
}

/** Loaded when something is verified: 30 ms. The verifier answers who signed and when, and throws where something does not hold. */
async function openVerifier(trustedRoot: string | undefined): Promise<(attestation: Attestation) => Signed> {
  const [{ toSignedEntity, toTrustMaterial, Verifier }, { bundleFromJSON }, { TrustedRoot }] = await Promise.all([
    import('@sigstore/verify'),
    import('@sigstore/bundle'),
    import('@sigstore/protobuf-specs'),
  ])
  const text = trustedRoot ?? (await import('./attestations-root.generated.ts')).trustedRootText
  const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(text))))
  return ({ certificate, entries, timestamps, statement, signature }) => {
    const bundle = bundleFromJSON({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: certificate },
        tlogEntries: entries,
        timestampVerificationData: {
          rfc3161Timestamps: timestamps.map((signedTimestamp) => ({ signedTimestamp })),
        },
      },
      dsseEnvelope: {
        payload: statement,
        payloadType: 'application/vnd.in-toto+json',
        signatures: [{ sig: signature, keyid: '' }],
      },
    })
    const entity = toSignedEntity(bundle)
    const { identity } = verifier.verify(entity)
    const times = entity.timestamps.map((one) =>
      one.$case === 'timestamp-authority'
        ? one.timestamp.signingTime.getTime()
        : Number(one.tlogEntry.integratedTime) * 1000,
    )
    const oids = identity?.oids ?? []
    const words = Object.entries(extensions).flatMap(([name, number]) => {
      const value = extensionText(oids, number)
      return value === undefined ? [] : [[name, value] as const]
    })
    const read = Object.fromEntries(words) as Partial<CertifiedIdentity>
    return {
      identity: {
        ...read,
        issuer: read.issuer ?? identity?.extensions?.issuer ?? 'an unnamed issuer',
        subject: identity?.subjectAlternativeName ?? 'nobody it names',
      },
      signed: times.length === 0 ? undefined : Math.max(...times),
    }
  }
}

const arc = '1.3.6.1.4.1.57264.1'

/** An extension's value is a UTF8String in DER: a tag, a length, the text. */
function extensionText(oids: readonly ObjectIdentifierValuePair[], number: number): string | undefined {
  const bytes = oids.find(({ oid }) => oid?.id.join('.') === `${arc}.${number}`)?.value
  if (bytes === undefined || bytes[0] !== 0x0c || bytes[1] === undefined) return undefined
  const long = bytes[1] & 0x80 ? bytes[1] & 0x7f : 0
  if (long > 2) return undefined
  let length = long === 0 ? bytes[1] : 0
  for (let at = 0; at < long; at += 1) length = length * 256 + (bytes[2 + at] ?? 0)
  const start = 2 + long
  return start + length === bytes.length ? new TextDecoder('utf-8').decode(bytes.subarray(start)) : undefined
}

function decodeBase64(text: string): string {
  return new TextDecoder('utf-8').decode(Buffer.from(text, 'base64'))
}

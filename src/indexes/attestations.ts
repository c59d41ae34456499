// A file's provenance, fetched from where its index's page says (PEP 740) and verified.

import { DenError } from '../base/error.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import type { FetchRequest, FetchResponse } from '../net/transport.ts'
import { readProvenance } from '../spec/provenance.ts'
import { type VerifiedProvenance, verifyProvenance } from './attestations-verify.ts'
import type { DistributionFile } from './distribution-file.ts'
import { fileAddress } from './page-rows.ts'

export interface ProvenanceOptions {
  /** Through the cache where there is one: a file's provenance never changes. */
  readonly fetch: (request: FetchRequest) => Promise<FetchResponse>
  /** Of the file's bytes as they were verified; what the page says unless given. */
  readonly sha256?: string
  readonly trustedRoot?: string | undefined
}

/** PyPI's are below 100 kB. */
const maxBytes = 4 * 2 ** 20

/**
 * The verified provenance of a file; undefined where its index names none. Throws `attestation-refused`, `invalid-provenance`, and what
 * fetching throws: where the index promises provenance, its absence is an error.
 */
export async function fetchProvenance(
  file: DistributionFile,
  { fetch, sha256 = file.hashes['sha256'], trustedRoot }: ProvenanceOptions,
): Promise<VerifiedProvenance | undefined> {
  if (file.provenance === undefined) return undefined
  const { filename } = file.parsed
  if (sha256 === undefined)
    throw new DenError('attestation-refused', { file: filename, reason: 'its SHA-256 is not known' })
  const url = provenanceAddress(file)
  if (url === undefined)
    throw new DenError('invalid-provenance', { file: filename, reason: `${file.provenance} is no http address` })
  const response = await fetch({
    url,
    maxBytes,
    compressed: true,
    headers: { accept: 'application/vnd.pypi.integrity.v1+json, application/json;q=0.9' },
  })
  if (response.status !== 200) throw new DenError('http-status', { url: String(url), status: response.status })
  const text = new TextDecoder('utf-8').decode(response.body)
  return await verifyProvenance(readProvenance(text, { file: filename }), { filename, sha256, trustedRoot })
}

/** The index's credentials go along to its own origin only. */
function provenanceAddress({ provenance = '', foundAt }: DistributionFile): SafeUrl | undefined {
  const index = tryParseUrl(foundAt)
  const address = index === undefined ? tryParseUrl(provenance) : fileAddress(provenance, index)
  return address !== undefined && /^https?:/.test(address.href) ? address : undefined
}

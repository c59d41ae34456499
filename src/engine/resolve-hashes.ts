// Hash-checking mode, by pip's rules: as soon as one requirement has a hash, every distribution must have one and be pinned, and what
// has no file to be hashed is refused.

import { DenError } from '../base/error.ts'
import { namesOneVersion } from '../spec/specifier.ts'
import type { AllowedHashes, ResolvedDistribution, ResolveRequest, WantedRequirement } from './resolve-request.ts'

/** Algorithms that prove something; weaker ones are as good as none. */
const strong = new Set(['sha256', 'sha384', 'sha512'])

/** The allowed hashes by project: a file must please every requirement and constraint that has some. */
export function allowedHashes(
  named: readonly { readonly name: string; readonly wanted: Pick<WantedRequirement, 'hashes'> }[],
): Map<string, AllowedHashes> {
  const found = new Map<string, Map<string, Set<string>>>()
  for (const { name, wanted } of named) {
    const own = new Map<string, Set<string>>()
    for (const { algorithm, digest } of wanted.hashes ?? []) {
      if (!strong.has(algorithm)) continue
      own.set(algorithm, (own.get(algorithm) ?? new Set()).add(digest.toLowerCase()))
    }
    if (own.size === 0) continue
    const before = found.get(name)
    if (before === undefined) found.set(name, own)
    else
      for (const [algorithm, digests] of own) {
        const known = before.get(algorithm)
        before.set(algorithm, known === undefined ? digests : new Set([...digests].filter((one) => known.has(one))))
      }
  }
  return found
}

export function areHashesRequired({ requireHashes, requirements }: ResolveRequest): boolean {
  return requireHashes ?? requirements.some(({ hashes = [] }) => hashes.length > 0)
}

/** Whether a requirement says exactly one version, or an address. */
export function isPinned({ requirement, link }: Pick<WantedRequirement, 'requirement' | 'link'>): boolean {
  if (link !== undefined || requirement === undefined || requirement.url !== undefined) return true
  const { specifiers } = requirement.specifiers
  return specifiers.length === 1 && namesOneVersion(specifiers[0]!)
}

/** Throws `hashes-required` with everything that breaks the rules. */
export function checkHashes(
  distributions: readonly ResolvedDistribution[],
  wantedOf: (name: string) => readonly WantedRequirement[],
): void {
  const missing: { requirement: string; sha256?: string }[] = []
  const unpinned: string[] = []
  const unhashable: string[] = []
  for (const { name, version, file, link, present, hashes } of distributions) {
    if (present !== undefined) continue
    const wanted = wantedOf(name)
    const exact = `${name}==${version.text}`
    if (link !== undefined && file === undefined) unhashable.push(wanted[0]?.text ?? exact)
    else if (hashes === undefined) {
      const sha256 = file?.hashes['sha256']
      const requirement = link === undefined ? exact : (wanted[0]?.text ?? exact)
      missing.push({ requirement, ...(sha256 === undefined ? {} : { sha256 }) })
    } else if (link === undefined && !wanted.some(isPinned)) unpinned.push(wanted[0]?.text ?? name)
  }
  if (missing.length + unpinned.length + unhashable.length === 0) return
  throw new DenError('hashes-required', { missing, unpinned, unhashable })
}

// Python's half of a problem: a spec is a specifier set or an address, candidates are versions, and what a candidate wishes stands in
// its metadata (wish-reader.ts).

import { namesOneVersion, type SpecifierSet, specifierSet } from '../spec/specifier.ts'
import { hasPlace, type IndexSet, noPlaces } from './index-set.ts'
import type { Candidate, Tier, Wish } from './problem.ts'

export {
  acrossEnvironments,
  inEnvironment,
  openWishReader,
  type WishOptions,
  type WishReader,
} from './wish-reader.ts'

/** Which versions of a project will do. There is one object for each text, so that equal sets are the same. */
export interface PythonSpec {
  /** As in a requirement: ">=1,<2", "@ https://…", or nothing. */
  readonly text: string
  readonly specifiers: SpecifierSet
  readonly url?: string
  /** The address is named by somebody who may not: it will do where others ask for the same, and brings nothing by itself. */
  readonly refused?: true
}

export interface PythonCandidate extends Candidate {
  /** `Version.key`; the label is the version's normal form. */
  readonly key: string
  /** The address that it was asked for with, where it does not come from an index. */
  readonly url?: string
}

export const tiers = { ordinary: 0, prerelease: 1, yanked: 2, direct: 3 } as const

export type PythonWish = Wish<PythonSpec>

/** The places of the candidates, in ascending order, that a spec lets through. Pre-releases are the tier's matter, not the cut's. */
export function cutVersions(spec: PythonSpec, candidates: readonly PythonCandidate[]): IndexSet {
  const { specifiers, url } = spec
  if (url !== undefined) return placesOf(candidates, (candidate) => candidate.url === url)
  const exact = specifiers.specifiers.filter(({ operator }) => operator === '===')
  if (exact.length > 0) {
    const texts = exact.map(({ versionText }) => versionText.toLowerCase())
    const within = cutVersions(
      { ...spec, specifiers: specifierSet(specifiers.specifiers.filter((one) => !exact.includes(one))) },
      candidates,
    )
    return placesOf(
      candidates,
      (candidate, place) => hasPlace(within, place) && texts.every((text) => text === candidate.label),
    )
  }
  const places: number[] = []
  for (const { low, high } of specifiers.range) {
    const from = firstNotBelow(candidates, low)
    const to = firstNotBelow(candidates, high)
    if (from === to) continue
    if (places[places.length - 1] === from + 1) places[places.length - 1] = to + 1
    else places.push(from + 1, to + 1)
  }
  return places.length === 0 ? noPlaces : places
}

/** Whether a spec asks for candidates of a tier: pre-releases by naming one, yanked ones by an exact version (PEP 592), or an address. */
export function opensTier(spec: PythonSpec, tier: Tier): boolean {
  if (tier === tiers.prerelease) return spec.specifiers.namesPrerelease
  if (tier === tiers.direct) return spec.url !== undefined
  return tier === tiers.yanked && spec.specifiers.specifiers.some(namesOneVersion)
}

export function isDirectSpec(spec: PythonSpec): boolean {
  return spec.url !== undefined && spec.refused !== true
}

function placesOf<One>(candidates: readonly One[], holds: (candidate: One, place: number) => boolean): IndexSet {
  const places: number[] = []
  candidates.forEach((candidate, index) => {
    const place = index + 1
    if (!holds(candidate, place)) return
    if (places[places.length - 1] === place) places[places.length - 1] = place + 1
    else places.push(place, place + 1)
  })
  return places.length === 0 ? noPlaces : places
}

/** The index of the first candidate whose key is not below `key`. */
function firstNotBelow(candidates: readonly PythonCandidate[], key: string): number {
  let low = 0
  let high = candidates.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (candidates[middle]!.key < key) low = middle + 1
    else high = middle
  }
  return low
}

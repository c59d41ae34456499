// Python's half of a problem: a spec is a specifier set or an address, candidates are versions, and what a candidate wishes stands in
// its metadata. Parsing is remembered by text: thirty thousand lines of metadata hold about five thousand different requirements.

import { isDenError } from '../base/error.ts'
import { evaluateMarker, type MarkerEnvironment, type MarkerExpression } from '../spec/marker.ts'
import type { Metadata } from '../spec/metadata.ts'
import { normalizeName } from '../spec/name.ts'
import { parseRequirement, type Requirement } from '../spec/requirement.ts'
import { formatSpecifiers, type SpecifierSet, specifierSet } from '../spec/specifier.ts'
import { type IndexSet, noPlaces } from './index-set.ts'
import type { Candidate, Tier, Unavailable, Wish, Wishes } from './problem.ts'

/** Which versions of a project will do. There is one object for each text, so that equal sets are the same. */
export interface PythonSpec {
  /** As in a requirement: ">=1,<2", "@ https://…", or nothing. */
  readonly text: string
  readonly specifiers: SpecifierSet
  readonly url?: string
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
    const allowed = new Set<number>()
    for (let at = 0; at < within.length; at += 2)
      for (let one = within[at]!; one < within[at + 1]!; one++) allowed.add(one)
    return placesOf(
      candidates,
      (candidate, place) => allowed.has(place) && texts.every((text) => text === candidate.label),
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
  return (
    tier === tiers.yanked &&
    spec.specifiers.specifiers.some(({ operator, wildcard }) => (operator === '==' && !wildcard) || operator === '===')
  )
}

export function isDirectSpec(spec: PythonSpec): boolean {
  return spec.url !== undefined
}

export interface WishOptions {
  readonly environment: Partial<MarkerEnvironment>
  /** Stand in place of whatever is wished of these projects. */
  readonly overrides?: ReadonlyMap<string, readonly Requirement[]>
  /** Wishes for these are left out. */
  readonly exclusions?: ReadonlySet<string>
}

export interface WishReader {
  /** The wish of a requirement, whose marker is not looked at. */
  readonly wishOf: (requirement: Requirement) => PythonWish
  /** The wishes of what stands on a list of requirements whose markers hold, overrides and exclusions applied. */
  readonly wishesOfAll: (requirements: readonly Requirement[]) => readonly PythonWish[]
  /** What the metadata of a candidate wishes; unavailable where a line of it is no requirement. */
  readonly wishesOf: (metadata: Pick<Metadata, 'requiresDist' | 'providesExtra'>) => Wishes<PythonSpec> | Unavailable
  readonly specOf: (specifiers: SpecifierSet, url?: string) => PythonSpec
}

/** A line of metadata, read once for this environment. */
interface Line {
  readonly wishes: readonly PythonWish[]
  /** It holds whatever extras are asked for. */
  readonly always: boolean
  /** Otherwise, those extras with which it does. */
  readonly extras: readonly string[]
}

/** Reads requirements for one environment, and remembers them. */
export function openWishReader(options: WishOptions): WishReader {
  const { environment, overrides, exclusions } = options
  const specs = new Map<string, PythonSpec>()
  const lines = new Map<string, Line | Unavailable>()
  const specOf = (specifiers: SpecifierSet, url?: string): PythonSpec => {
    const text = url === undefined ? formatSpecifiers(specifiers) : `@ ${url}`
    let spec = specs.get(text)
    if (spec === undefined) {
      spec = { text, specifiers, ...(url === undefined ? {} : { url }) }
      specs.set(text, spec)
    }
    return spec
  }
  const wishOf = ({ name, extras, specifiers, url }: Requirement): PythonWish => ({
    project: name,
    extras,
    spec: specOf(specifiers, url),
  })
  const adjusted = (requirement: Requirement): readonly PythonWish[] => {
    const { name, extras } = requirement
    if (exclusions?.has(name) === true) return []
    const instead = overrides?.get(name)
    if (instead === undefined) return [wishOf(requirement)]
    return instead
      .filter(({ marker }) => marker === undefined || evaluateMarker(marker, environment))
      .map((one) => ({ ...wishOf(one), extras: [...new Set([...extras, ...one.extras])].sort() }))
  }
  const readLine = (text: string): Line | Unavailable => {
    let requirement: Requirement
    try {
      requirement = parseRequirement(text)
      const wishes = adjusted(requirement)
      const { marker } = requirement
      if (marker === undefined || evaluateMarker(marker, environment)) return { wishes, always: true, extras: [] }
      const named = extrasIn(marker.expression)
      const holding = named.filter((extra) => evaluateMarker(marker, environment, { extras: new Set([extra]) }))
      return { wishes, always: false, extras: holding }
    } catch (error) {
      if (isDenError(error, 'invalid-requirement', 'invalid-specifier', 'invalid-marker'))
        return { unavailable: `its metadata has an invalid requirement: ${text}` }
      throw error
    }
  }
  const wishesOf: WishReader['wishesOf'] = ({ requiresDist, providesExtra }) => {
    const always: PythonWish[] = []
    const extras = new Map<string, PythonWish[]>()
    for (const extra of providesExtra) extras.set(normalizeName(extra), [])
    for (const text of requiresDist) {
      let line = lines.get(text)
      if (line === undefined) {
        line = readLine(text)
        lines.set(text, line)
      }
      if ('unavailable' in line) return line
      if (line.always) for (const wish of line.wishes) always.push(wish)
      else
        for (const extra of line.extras) {
          // An extra that is only ever named in a marker is one all the same (old metadata declares none).
          const list = extras.get(extra)
          if (list === undefined) extras.set(extra, [...line.wishes])
          else list.push(...line.wishes)
        }
    }
    return { always, extras }
  }
  return { wishOf, wishesOfAll: (requirements) => requirements.flatMap(adjusted), wishesOf, specOf }
}

function extrasIn(expression: MarkerExpression): readonly string[] {
  const found = new Set<string>()
  const visit = (one: MarkerExpression): void => {
    if (one.kind !== 'comparison') {
      for (const part of one.parts) visit(part)
      return
    }
    if (one.field === 'extra' || one.field === 'extras') found.add(normalizeName(one.value))
  }
  visit(expression)
  return [...found]
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

// What is asked for, with the names of the projects behind addresses: what solving for one target and for many begin with.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { type PythonSpec, type PythonWish, tiers, type WishReader } from '../resolve/python.ts'
import type { Requirement } from '../spec/requirement.ts'
import { specifierSet } from '../spec/specifier.ts'
import type { AllowedHashes } from './resolve-candidates.ts'
import type { LinkCandidate } from './resolve-facts.ts'
import { allowedHashes } from './resolve-hashes.ts'
import type { LinkedDistribution, ResolveRequest, WantedLink, WantedRequirement } from './resolve-request.ts'

/** A requirement whose project is known. */
export interface Named {
  readonly name: ProjectName
  readonly wanted: WantedRequirement
  readonly address?: string
}

export interface Asked {
  readonly named: readonly Named[]
  readonly limits: readonly Named[]
  readonly ignored: readonly WantedRequirement[]
  readonly hashes: ReadonlyMap<string, AllowedHashes>
  /** Projects that addresses were given for, and what is there. */
  readonly links: ReadonlyMap<ProjectName, ReadonlyMap<string, LinkedDistribution>>
}

/** Leaves out what does not apply, and looks behind addresses. */
export async function readAsked(
  request: Pick<ResolveRequest, 'requirements' | 'constraints' | 'readLink'>,
  applies: (wanted: WantedRequirement) => boolean,
): Promise<Asked> {
  const { requirements, constraints = [] } = request
  const ignored = requirements.filter((one) => !applies(one))
  for (const wanted of constraints) {
    if (wanted.extras.length > 0 || (wanted.requirement?.extras.length ?? 0) > 0)
      throw new DenError('invalid-constraint', { constraint: wanted.text, reason: 'it has extras' })
    if (wanted.editable === true)
      throw new DenError('invalid-constraint', { constraint: wanted.text, reason: 'it is editable' })
    if (wanted.requirement === undefined && wanted.link === undefined)
      throw new DenError('invalid-constraint', { constraint: wanted.text, reason: 'it names no project' })
  }
  const found = new Map<string, Promise<LinkedDistribution>>()
  const look = (wanted: WantedRequirement, address: string): Promise<LinkedDistribution> => {
    const name = wanted.requirement?.name
    const key = `${wanted.editable === true ? 'editable ' : ''}${address}`
    let known = found.get(key)
    if (known === undefined) {
      const own = name === undefined ? undefined : allowedHashes([{ name, wanted }]).get(name)
      const link: WantedLink = {
        address,
        editable: wanted.editable === true,
        ...(name === undefined ? {} : { name }),
        ...(own === undefined ? {} : { hashes: own }),
        ...(wanted.configSettings === undefined ? {} : { configSettings: wanted.configSettings }),
      }
      known = request.readLink(link).then((one) => checkName(link, one))
      found.set(key, known)
    }
    return known
  }
  const links = new Map<ProjectName, Map<string, LinkedDistribution>>()
  const name = async (wanted: WantedRequirement): Promise<Named> => {
    const written = wanted.link ?? wanted.requirement?.url
    if (written === undefined) return { name: wanted.requirement!.name, wanted }
    const one = await look(wanted, written)
    const address = identityOf(written)
    const own = links.get(one.name) ?? new Map<string, LinkedDistribution>()
    links.set(one.name, own)
    // Once as it stands and once to be edited: what can be edited is what somebody works on.
    if (own.get(address)?.editable !== true) own.set(address, one)
    return { name: one.name, wanted, address }
  }
  const named = await Promise.all(requirements.filter(applies).map(name))
  const limits = await Promise.all(constraints.filter(applies).map(name))
  return { named, limits, ignored, hashes: allowedHashes([...named, ...limits]), links }
}

/** An address without what names the project in it, which says nothing of where it is. */
export function identityOf(address: string): string {
  const [place = '', fragment] = address.split('#', 2)
  const kept = fragment?.split('&').filter((part) => !part.startsWith('egg=')) ?? []
  return kept.length === 0 ? place : `${place}#${kept.join('&')}`
}

export function checkName(link: Pick<WantedLink, 'address' | 'name'>, found: LinkedDistribution): LinkedDistribution {
  if (link.name === undefined || link.name === found.name) return found
  throw new DenError('metadata-mismatch', {
    file: link.address,
    field: 'Name',
    expected: link.name,
    actual: found.name,
    written: true,
  })
}

export function byName(requirements: readonly Requirement[]): ReadonlyMap<string, readonly Requirement[]> {
  const found = new Map<string, Requirement[]>()
  for (const one of requirements) found.set(one.name, [...(found.get(one.name) ?? []), one])
  return found
}

export function linkCandidate(address: string, link: LinkedDistribution): LinkCandidate {
  const { version } = link
  return { kind: 'link', label: version.text, key: version.key, version, tier: tiers.direct, url: address, link }
}

/** What a requirement comes to for the solver. */
export function wishesOfNamed({ name, wanted, address }: Named, reader: WishReader): readonly PythonWish[] {
  const { requirement } = wanted
  const extras = [...new Set<ExtraName>([...wanted.extras, ...(requirement?.extras ?? [])])].sort()
  const base: Requirement = requirement ?? { name, rawName: name, extras, specifiers: anyVersion }
  return reader.wishesOfAll([{ ...base, extras, ...(address === undefined ? {} : { url: address }) }])
}

/** What a constraint lets through. */
export function specOfNamed({ wanted, address }: Named, reader: WishReader): PythonSpec {
  return reader.specOf(wanted.requirement?.specifiers ?? anyVersion, address)
}

const anyVersion = specifierSet([])

export function groupedByName<Value>(
  all: readonly Named[],
  read: (one: Named) => Value,
): ReadonlyMap<string, readonly Value[]> {
  const groups = new Map<string, Value[]>()
  for (const one of all) {
    const own = groups.get(one.name)
    if (own === undefined) groups.set(one.name, [read(one)])
    else own.push(read(one))
  }
  return groups
}

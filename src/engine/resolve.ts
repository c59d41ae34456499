// The resolver for one target: what is asked for becomes a problem (resolve/), the solver's needs are answered from a package source
// (resolve-facts.ts), and its answer becomes distributions with the files they are installed from.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { DenError, diagnose } from '../base/error.ts'
import { hideCredentials } from '../base/safe-url.ts'
import type { Context } from '../host/host.ts'
import { explainFailure } from '../resolve/explain.ts'
import type { Chosen, Failure, Problem } from '../resolve/problem.ts'
import {
  cutVersions,
  inEnvironment,
  isDirectSpec,
  opensTier,
  openWishReader,
  type PythonSpec,
  type PythonWish,
  tiers,
  type WishReader,
} from '../resolve/python.ts'
import { solve } from '../resolve/solver.ts'
import { evaluateMarker } from '../spec/marker.ts'
import type { Requirement } from '../spec/requirement.ts'
import { specifierSet, specifiersContain } from '../spec/specifier.ts'
import { compareVersions } from '../spec/version.ts'
import {
  type AllowedHashes,
  type CandidateChooser,
  type IndexCandidate,
  openCandidateChooser,
} from './resolve-candidates.ts'
import { type Facts, type LinkCandidate, openFacts, type PipCandidate, type PresentCandidate } from './resolve-facts.ts'
import { allowedHashes, areHashesRequired, checkHashes, isPinned } from './resolve-hashes.ts'
import type {
  LinkedDistribution,
  ResolvedDistribution,
  ResolveRequest,
  ResolveResult,
  WantedLink,
  WantedRequirement,
} from './resolve-request.ts'

export type * from './resolve-request.ts'

/**
 * Finds the distributions that meet all requirements. Throws `no-solution`, `hashes-required`, `invalid-constraint`, and what the
 * source, building and reading links throw.
 */
export async function resolve(
  context: Pick<Context, 'signal'> & Partial<Pick<Context, 'report'>> & { readonly host: Pick<Context['host'], 'now'> },
  request: ResolveRequest,
): Promise<ResolveResult> {
  const { host, signal } = context
  const started = host.now()
  const asked = await readAsked(request)
  const { named, limits: constraints, hashes, links } = asked
  const reader = openWishReader({
    holds: inEnvironment(request.target.markers),
    ...(request.overrides === undefined ? {} : { overrides: byName(request.overrides) }),
    ...(request.exclusions === undefined ? {} : { exclusions: request.exclusions }),
  })
  const { formats, releases, source } = request
  const chooser = openCandidateChooser({
    target: request.target,
    formats: { noBinary: new Set(), onlyBinary: new Set(), preferBinary: false, ...formats },
    releases: { allReleases: new Set(), onlyFinal: new Set(), ...releases },
    ignoreRequiresPython: request.ignoreRequiresPython ?? false,
    hashes,
  })
  const fixed = new Map(
    [...links].map(([name, found]) => [
      name as string,
      [...found].map(([address, link]) => linkCandidate(address, link)).sort((a, b) => (a.key < b.key ? -1 : 1)),
    ]),
  )
  const present = presentCandidates(request)
  const broken: { readonly candidate: IndexCandidate; readonly error: DenError }[] = []
  const facts = openFacts({
    request,
    passedOver: (candidate, error) => {
      if (candidate.kind === 'index') broken.push({ candidate, error })
    },
    source,
    chooser,
    reader,
    present: (project) => present.get(project),
    fixed,
    asked: new Set(named.map(({ name }) => name)),
    pinned: pinnedOf(request, named, reader),
    readLink: async (project, address) => {
      const wanted = { address, editable: false, name: project as ProjectName }
      const found = await request.readLink(wanted)
      return linkCandidate(address, checkName(wanted, found))
    },
  })
  const problem = problemOf(request, {
    reader,
    wishes: named.flatMap((one) => wishesOf(one, reader)),
    limits: limitsOf(constraints, reader),
    present,
    fixed,
  })

  const search = solve(problem)
  let step = search.next()
  while (step.done !== true) {
    signal?.throwIfAborted()
    const known = facts.now(step.value)
    step = search.next(facts.isWaiting() ? [...known, ...(await facts.later())] : known)
  }
  const resolution = step.value
  await facts.idle()
  if (resolution.kind === 'failed') throw noSolution(resolution.failure, { facts, chooser, fixed })

  const wantedBy = new Map<string, WantedRequirement[]>()
  for (const { name, wanted } of [...named, ...constraints]) {
    const list = wantedBy.get(name)
    if (list === undefined) wantedBy.set(name, [wanted])
    else list.push(wanted)
  }
  // An older release in place of a newer one that is broken: whoever can break a file could have an old one installed.
  for (const { candidate, error } of broken) {
    const chosen = resolution.chosen.get(candidate.project)?.candidate.version
    if (chosen !== undefined && compareVersions(candidate.version, chosen) > 0)
      context.report?.({ kind: 'warning', warning: diagnose(error) })
  }
  const all = inOrder(resolution.chosen).map(([name, chosen]) =>
    distributionOf(name, chosen, { facts, named, hashes: hashes.get(name) }),
  )
  const distributions = request.dependencies === 'only' ? all.filter(({ requested }) => !requested) : all
  if (areHashesRequired(request)) checkHashes(distributions, (name) => wantedBy.get(name) ?? [])
  return {
    distributions,
    ignored: asked.ignored,
    yanked: distributions.flatMap(({ name, version, file, link }) =>
      file?.yanked === undefined || link !== undefined
        ? []
        : [{ name, version, file: file.parsed.filename, ...(file.yanked === true ? {} : { reason: file.yanked }) }],
    ),
    unknownExtras: [...resolution.chosen].flatMap(([name, { candidate, unknownExtras }]) =>
      unknownExtras.map((extra) => ({ name: name as ProjectName, version: candidate.version, extra })),
    ),
    statistics: { ...resolution.statistics, ...facts.counts, milliseconds: host.now() - started },
  }
}

// What is asked for

/** A requirement whose project is known. */
interface Named {
  readonly name: ProjectName
  readonly wanted: WantedRequirement
  readonly address?: string
}

interface Asked {
  readonly named: readonly Named[]
  readonly limits: readonly Named[]
  readonly ignored: readonly WantedRequirement[]
  readonly hashes: ReadonlyMap<string, AllowedHashes>
  /** Projects that addresses were given for, and what is there. */
  readonly links: ReadonlyMap<ProjectName, ReadonlyMap<string, LinkedDistribution>>
}

/** Leaves out what is not for this target, and looks behind addresses. */
async function readAsked(request: ResolveRequest): Promise<Asked> {
  const { requirements, constraints = [], target } = request
  const applies = ({ marker, requirement }: WantedRequirement): boolean =>
    [marker, requirement?.marker].every((one) => one === undefined || evaluateMarker(one, target.markers))
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
function identityOf(address: string): string {
  const [place = '', fragment] = address.split('#', 2)
  const kept = fragment?.split('&').filter((part) => !part.startsWith('egg=')) ?? []
  return kept.length === 0 ? place : `${place}#${kept.join('&')}`
}

function checkName(link: Pick<WantedLink, 'address' | 'name'>, found: LinkedDistribution): LinkedDistribution {
  if (link.name === undefined || link.name === found.name) return found
  throw new DenError('metadata-mismatch', {
    file: link.address,
    field: 'Name',
    expected: link.name,
    actual: found.name,
    written: true,
  })
}

function byName(requirements: readonly Requirement[]): ReadonlyMap<string, readonly Requirement[]> {
  const found = new Map<string, Requirement[]>()
  for (const one of requirements) found.set(one.name, [...(found.get(one.name) ?? []), one])
  return found
}

// The problem

interface Parts {
  readonly reader: WishReader
  readonly wishes: readonly PythonWish[]
  readonly limits: ReadonlyMap<string, readonly PythonSpec[]>
  readonly present: ReadonlyMap<string, PresentCandidate>
  readonly fixed: ReadonlyMap<string, readonly LinkCandidate[]>
}

function problemOf(request: ResolveRequest, parts: Parts): Problem<PipCandidate, PythonSpec> {
  const { wishes, limits, present, fixed } = parts
  const { upgrade = 'none', preferences, strategy = 'highest' } = request
  const requested = new Set(wishes.map(({ project }) => project))
  const stays = (project: string): boolean => {
    if (fixed.has(project) || upgrade === 'all') return false
    if (upgrade === 'none') return true
    return upgrade === 'requested' ? !requested.has(project) : !upgrade.has(project as ProjectName)
  }
  const staying = new Map([...present].filter(([project]) => stays(project)))
  const preferred = new Map<string, PipCandidate | undefined>()
  const prefer = (project: string, candidates: readonly PipCandidate[]): PipCandidate | undefined => {
    const own = staying.get(project)
    if (own !== undefined) return own
    const wish = preferences?.get(project as ProjectName)
    if (wish === undefined) return undefined
    if (!preferred.has(project))
      preferred.set(
        project,
        candidates.find(({ key }) => key === wish.key),
      )
    return preferred.get(project)
  }
  return {
    wishes,
    limits,
    cut: cutVersions,
    opens: opensTier,
    // Those that were asked for by address are all that their projects have.
    isDirect: (spec) => isDirectSpec(spec) && ![...fixed.values()].flat().some(({ url }) => url === spec.url),
    prefer,
    ...(staying.size === 0 ? {} : { present: staying }),
    someAreLesser: request.formats?.preferBinary === true,
    lowest: (project) => strategy === 'lowest' || (strategy === 'lowest-direct' && requested.has(project)),
    ...(request.clashThreshold === undefined ? {} : { clashThreshold: request.clashThreshold }),
  }
}

function wishesOf({ name, wanted, address }: Named, reader: WishReader): readonly PythonWish[] {
  const { requirement } = wanted
  const extras = [...new Set<ExtraName>([...wanted.extras, ...(requirement?.extras ?? [])])].sort()
  const base: Requirement = requirement ?? { name, rawName: name, extras, specifiers: any }
  return reader.wishesOfAll([{ ...base, extras, ...(address === undefined ? {} : { url: address }) }])
}

/** By project. With hashes demanded, none: a file that they refuse is not to be fetched at all. */
function pinnedOf(request: ResolveRequest, named: readonly Named[], reader: WishReader): Map<string, PythonWish> {
  const found = new Map<string, PythonWish>()
  if (request.likely === undefined || areHashesRequired(request)) return found
  for (const one of named) {
    if (one.address !== undefined || !isPinned(one.wanted)) continue
    const [wish] = wishesOf(one, reader)
    if (wish?.project === one.name) found.set(one.name, wish)
  }
  return found
}

const any = specifierSet([])

function limitsOf(constraints: readonly Named[], reader: WishReader): ReadonlyMap<string, readonly PythonSpec[]> {
  const limits = new Map<string, PythonSpec[]>()
  for (const { name, wanted, address } of constraints) {
    const spec = reader.specOf(wanted.requirement?.specifiers ?? any, address)
    const list = limits.get(name)
    if (list === undefined) limits.set(name, [spec])
    else list.push(spec)
  }
  return limits
}

function linkCandidate(address: string, link: LinkedDistribution): LinkCandidate {
  const { version } = link
  return { kind: 'link', label: version.text, key: version.key, version, tier: tiers.direct, url: address, link }
}

function presentCandidates({ installed }: ResolveRequest): ReadonlyMap<string, PresentCandidate> {
  const found = new Map<string, PresentCandidate>()
  for (const [name, present] of installed ?? []) {
    const { version } = present
    found.set(name, { kind: 'present', label: version.text, key: version.key, version, tier: tiers.ordinary, present })
  }
  return found
}

// The answer

function distributionOf(
  name: string,
  { candidate, extras, dependencies }: Chosen<PipCandidate>,
  about: { readonly facts: Facts; readonly named: readonly Named[]; readonly hashes: AllowedHashes | undefined },
): ResolvedDistribution {
  const requests = about.named.filter((one) => one.name === name)
  const metadata = about.facts.metadataOf(candidate)
  const file =
    candidate.kind === 'index'
      ? about.facts.fileOf(candidate)
      : candidate.kind === 'link'
        ? candidate.link.file
        : undefined
  return {
    name: name as ProjectName,
    version: candidate.version,
    ...(file === undefined ? {} : { file }),
    ...(candidate.kind === 'link'
      ? { link: candidate.link, directUrl: candidate.link.directUrl, editable: candidate.link.editable }
      : {}),
    ...(candidate.kind === 'present' ? { present: candidate.present } : {}),
    ...(metadata === undefined ? {} : { metadata }),
    extras: extras as readonly ExtraName[],
    requested: requests.length > 0,
    requestedExtras: requests.length > 0 ? (extras as readonly ExtraName[]) : [],
    ...(about.hashes === undefined ? {} : { hashes: about.hashes }),
    dependencies: dependencies as readonly ProjectName[],
  }
}

/** What others depend on first; a circle is broken where it was entered. */
function inOrder<One extends { readonly dependencies: readonly string[] }>(
  chosen: ReadonlyMap<string, One>,
): readonly (readonly [string, One])[] {
  const ordered: (readonly [string, One])[] = []
  const seen = new Set<string>()
  for (const first of chosen.keys()) {
    if (seen.has(first)) continue
    seen.add(first)
    const stack = [{ name: first, next: 0 }]
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!
      const one = chosen.get(top.name)!
      const dependency = one.dependencies[top.next++]
      if (dependency === undefined) {
        ordered.push([top.name, one])
        stack.pop()
      } else if (!seen.has(dependency) && chosen.has(dependency)) {
        seen.add(dependency)
        stack.push({ name: dependency, next: 0 })
      }
    }
  }
  return ordered
}

function noSolution(
  failure: Failure<PythonSpec>,
  { facts, chooser, fixed }: { facts: Facts; chooser: CandidateChooser; fixed: Parts['fixed'] },
): DenError<'no-solution'> {
  const explanation = explainFailure(failure, {
    spec: ({ text, url }) => (url === undefined ? text : `@ ${hideCredentials(url)}`),
    hopeless: ({ refused }) =>
      refused === true ? 'what comes from an index may name no address: ask for that address yourself' : undefined,
    unusable: (project, spec) => {
      const own = fixed.get(project)
      if (own !== undefined) {
        const fits = spec.url !== undefined || own.some(({ version }) => specifiersContain(spec.specifiers, version))
        return fits
          ? undefined
          : own.map(({ url, label }) => `it comes from ${hideCredentials(url!)}, which has ${label}`).join(', and ')
      }
      const files = facts.projectOf(project)
      if (files === undefined || spec.url !== undefined) return undefined
      return chooser.whyNot(files, (version) => specifiersContain(spec.specifiers, version))
    },
  })
  return new DenError('no-solution', { ...explanation })
}

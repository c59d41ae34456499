// The resolver for one target: what is asked for becomes a problem (resolve/), the solver's needs are answered from a package source
// (resolve-facts.ts), and its answer becomes distributions with the files they are installed from.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { DenError, diagnose } from '../base/error.ts'
import type { ResolutionFix } from '../base/errors/resolve.ts'
import { hideCredentials } from '../base/safe-url.ts'
import type { Context } from '../host/host.ts'
import { overWholePages } from '../indexes/whole-pages.ts'
import type { Target } from '../python/target.ts'
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
import { specifiersContain } from '../spec/specifier.ts'
import { compareVersions, type Version } from '../spec/version.ts'
import {
  type Asked,
  byName,
  checkName,
  groupedByName,
  linkCandidate,
  type Named,
  readAsked,
  specOfNamed,
  wishesOfNamed,
} from './resolve-asked.ts'
import {
  type AllowedHashes,
  type CandidateChooser,
  type IndexCandidate,
  openCandidateChooser,
} from './resolve-candidates.ts'
import {
  answered,
  type Facts,
  type LinkCandidate,
  openFacts,
  type PipCandidate,
  type PresentCandidate,
} from './resolve-facts.ts'
import { areHashesRequired, checkHashes, isPinned } from './resolve-hashes.ts'
import type { ResolvedDistribution, ResolveRequest, ResolveResult, WantedRequirement } from './resolve-request.ts'

export type * from './resolve-request.ts'

/**
 * Finds the distributions that meet all requirements. Throws `no-solution`, `hashes-required`, `invalid-constraint`, and what the
 * source, building and reading links throw.
 */
export async function resolve(context: ResolvingContext, request: ResolveRequest): Promise<ResolveResult> {
  return await overWholePages(() => resolveOnce(context, request))
}

type ResolvingContext = Pick<Context, 'signal'> &
  Partial<Pick<Context, 'report'>> & { readonly host: Pick<Context['host'], 'now'> }

async function resolveOnce(context: ResolvingContext, request: ResolveRequest): Promise<ResolveResult> {
  const { host, signal } = context
  const started = host.now()
  const search = await openSearch(request)
  const { asked, facts, hashes, broken } = search
  const { named, limits: constraints } = asked
  const resolution = await answered(solve(search.problem), facts, signal)
  if (resolution.kind === 'failed') {
    const { failure } = resolution
    const milliseconds = host.now() - started
    const fixes =
      request.tryFixes === true
        ? await fixesFor({ request, search, failure, now: host.now, milliseconds, signal })
        : undefined
    throw noSolution(failure, search, undefined, fixes)
  }

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

async function fixesFor({
  request,
  search,
  failure,
  signal,
  ...clock
}: {
  readonly request: ResolveRequest
  readonly search: Search
  readonly failure: Failure<PythonSpec>
  readonly now: () => number
  readonly milliseconds: number
  readonly signal: AbortSignal | undefined
}): Promise<readonly ResolutionFix[]> {
  const { otherPythons, waysOut } = await import('./resolve-fixes.ts')
  const { facts, fixed, hashes } = search
  const pythons = (): ReturnType<typeof otherPythons> =>
    otherPythons({
      target: request.target,
      failure,
      facts,
      chooserFor: (target) => chooserOf(request, target, hashes),
      openFor: (target) => openSearch(withTarget(request, target)),
    })
  return await waysOut({
    ...search,
    ...clock,
    ...(signal === undefined ? {} : { signal }),
    failure,
    mayLoosen: !areHashesRequired(request),
    // What an address holds was looked at for this Python.
    others: fixed.size > 0 ? [] : pythons(),
  })
}

/** All that a search for one target goes by. */
interface Search {
  readonly asked: Asked
  readonly hashes: Asked['hashes']
  readonly reader: WishReader
  readonly chooser: CandidateChooser
  readonly fixed: Parts['fixed']
  readonly facts: Facts
  readonly problem: Problem<PipCandidate, PythonSpec>
  /** Met on the way, and found damaged. */
  readonly broken: readonly { readonly candidate: IndexCandidate; readonly error: DenError }[]
}

async function openSearch(request: ResolveRequest): Promise<Search> {
  const asked = await readAsked(request, ({ marker, requirement }) =>
    [marker, requirement?.marker].every((one) => one === undefined || evaluateMarker(one, request.target.markers)),
  )
  const { named, limits: constraints, hashes, links } = asked
  const reader = openWishReader({
    holds: inEnvironment(request.target.markers),
    ...(request.overrides === undefined ? {} : { overrides: byName(request.overrides) }),
    ...(request.exclusions === undefined ? {} : { exclusions: request.exclusions }),
  })
  const { source } = request
  const chooser = chooserOf(request, request.target, hashes)
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
    wishes: named.flatMap((one) => wishesOfNamed(one, reader)),
    limits: groupedByName(constraints, (one) => specOfNamed(one, reader)),
    present,
    fixed,
  })
  return { asked, hashes, reader, chooser, fixed, facts, problem, broken }
}

function chooserOf(request: ResolveRequest, target: Target, hashes: Asked['hashes']): CandidateChooser {
  const { formats, releases } = request
  return openCandidateChooser({
    target,
    formats: { noBinary: new Set(), onlyBinary: new Set(), preferBinary: false, ...formats },
    releases: { allReleases: new Set(), onlyFinal: new Set(), ...releases },
    ignoreRequiresPython: request.ignoreRequiresPython ?? false,
    hashes,
  })
}

/** For another Python nothing is installed, and nothing is fetched before it is chosen. */
function withTarget({ installed: _, likely: __, ...request }: ResolveRequest, target: Target): ResolveRequest {
  return { ...request, target }
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

/** By project. With hashes demanded, none: a file that they refuse is not to be fetched at all. */
function pinnedOf(request: ResolveRequest, named: readonly Named[], reader: WishReader): Map<string, PythonWish> {
  const found = new Map<string, PythonWish>()
  if (request.likely === undefined || areHashesRequired(request)) return found
  for (const one of named) {
    if (one.address !== undefined || !isPinned(one.wanted)) continue
    const [wish] = wishesOfNamed(one, reader)
    if (wish?.project === one.name) found.set(one.name, wish)
  }
  return found
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

export function noSolution(
  failure: Failure<PythonSpec>,
  { facts, chooser, fixed }: Pick<Search, 'facts' | 'chooser' | 'fixed'>,
  where?: string,
  fixes?: readonly ResolutionFix[],
): DenError<'no-solution'> {
  const explanation = explainFailure(failure, {
    spec: ({ text, url }) => (url === undefined ? text : `@ ${hideCredentials(url)}`),
    hopeless: ({ refused }) =>
      refused === true ? 'what comes from an index may name no address: ask for that address yourself' : undefined,
    unusable: (project, asked) => {
      const own = fixed.get(project)
      const isLet = (version: Version): boolean =>
        asked.every((specs) => specs.some(({ specifiers }) => specifiersContain(specifiers, version)))
      const names = asked.some((specs) => specs.some(({ url }) => url !== undefined))
      if (own !== undefined) {
        return names || own.some(({ version }) => isLet(version))
          ? undefined
          : own.map(({ url, label }) => `it comes from ${hideCredentials(url!)}, which has ${label}`).join(', and ')
      }
      const files = facts.projectOf(project)
      return files === undefined || names ? undefined : chooser.whyNot(files, isLet)
    },
  })
  return new DenError('no-solution', {
    ...explanation,
    ...(where === undefined ? {} : { where }),
    ...(fixes === undefined ? {} : { fixes }),
  })
}

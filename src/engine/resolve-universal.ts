// The resolver for every platform and Python in scope: the same needs, answered by the same facts as for one target (resolve-facts.ts),
// put to the solver that splits the scope where it must (resolve/universal.ts), and the forks' answers joined to packages with markers.

import type { ProjectName } from '../base/brand.ts'
import { compareTexts } from '../base/compare.ts'
import { defined } from '../base/defined.ts'
import { DenError, diagnose } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { overWholePages } from '../indexes/whole-pages.ts'
import {
  acrossEnvironments,
  cutVersions,
  isDirectSpec,
  opensTier,
  openWishReader,
  type PythonSpec,
  type PythonWish,
  type WishReader,
} from '../resolve/python.ts'
import { solveUniversally } from '../resolve/universal.ts'
import type { Limit, Preference, UniversalProblem, UniversalResolution } from '../resolve/universal-problem.ts'
import type { Marker } from '../spec/marker.ts'
import { andMarkers } from '../spec/marker-algebra.ts'
import { type Condition, type MarkerSpace, openMarkerSpace, pythonsLetThrough } from '../spec/marker-space.ts'
import { formatSpecifiers } from '../spec/specifier.ts'
import { compareVersions } from '../spec/version.ts'
import { noSolution } from './resolve.ts'
import {
  type Asked,
  byName,
  checkName,
  groupedByName,
  identityOf,
  linkCandidate,
  type Named,
  readAsked,
  specOfNamed,
  wishesOfNamed,
} from './resolve-asked.ts'
import type { IndexCandidate } from './resolve-candidates.ts'
import { answered, type Facts, type LinkCandidate, openFacts, type PipFact, type PipNeed } from './resolve-facts.ts'
import { joinForks, type Taken, type UniversalLinkCandidate } from './universal-answer.ts'
import { type CandidateOrigin, openUniversalChooser, type UniversalChooser } from './universal-candidates.ts'
import type { UniversalRequest, UniversalResult, UniversalRoot } from './universal-request.ts'

/**
 * Finds distributions for every environment in scope. Throws `no-solution`, `invalid-constraint`, `environment-out-of-scope`,
 * `invalid-marker` (markers too large to be compared), and what the source, building and reading links throw.
 */
export async function resolveUniversal(context: ResolvingContext, request: UniversalRequest): Promise<UniversalResult> {
  return await overWholePages(async () => {
    const result = await resolveOnce(context, request)
    if (request.wholeFiles === true) for (const one of result.packages) void one.files
    return result
  })
}

type ResolvingContext = Pick<Context, 'signal'> &
  Partial<Pick<Context, 'report'>> & { readonly host: Pick<Context['host'], 'now'> }

async function resolveOnce(context: ResolvingContext, request: UniversalRequest): Promise<UniversalResult> {
  const { host, signal } = context
  const started = host.now()
  const space = openMarkerSpace()
  const scope = scopeOf(space, request)
  const whole = (wanted: UniversalRoot): Condition =>
    [wanted.when, wanted.marker, wanted.requirement?.marker].reduce<Condition>(
      (all, marker) => (marker === undefined ? all : space.both(all, space.of(marker))),
      scope,
    )
  const asked = await readAsked(
    { requirements: request.roots, readLink: request.readLink, ...defined({ constraints: request.constraints }) },
    (wanted) => whole(wanted) !== space.never,
  )
  const reader = openWishReader({
    holds: acrossEnvironments(space, scope),
    both: (a, b) => space.both(a as Condition, b as Condition),
    ...defined({ overrides: request.overrides && byName(request.overrides) }),
    ...defined({ exclusions: request.exclusions }),
  })
  const chooser = openUniversalChooser({
    space,
    scope,
    scopeText: scopeTextOf(request),
    formats: { noBinary: new Set(), onlyBinary: new Set(), preferBinary: false, ...request.formats },
    releases: { allReleases: new Set(), onlyFinal: new Set(), ...request.releases },
    ...(request.origins === undefined ? {} : { origins: originsOf(space, request.origins) }),
  })
  const links = linkCandidates(asked, chooser)
  // What is asked for from an address wherever it is needed comes from nowhere else, and no index hears of it.
  const fixed = new Map<string, UniversalLinkCandidate[]>()
  for (const { name, wanted, address } of asked.named) {
    if (address === undefined || whole(wanted) !== scope) continue
    const link = links.get(`${name} ${address}`)!
    const own = fixed.get(name) ?? []
    if (!own.includes(link))
      fixed.set(
        name,
        [...own, link].sort((a, b) => compareTexts(a.key, b.key)),
      )
  }
  const broken: { readonly candidate: IndexCandidate; readonly error: DenError }[] = []
  const { roots: _roots, ...rest } = request
  const facts = openFacts({
    request: rest,
    source: request.source,
    chooser,
    reader,
    present: () => undefined,
    fixed,
    asked: new Set(asked.named.map(({ name }) => name)),
    pinned: new Map(),
    passedOver: (candidate, error) => {
      if (candidate.kind === 'index') broken.push({ candidate, error })
    },
    readLink: async (project, address) => {
      const known = links.get(`${project} ${address}`)
      if (known !== undefined) return known
      const wanted = { address, editable: false, name: project as ProjectName }
      return universalLink(linkCandidate(address, checkName(wanted, await request.readLink(wanted))), chooser)
    },
  })
  const roots = asked.named.map((one): readonly PythonWish[] => wishesOf(one, whole, { space, scope, reader }))
  const strategy = request.strategy ?? 'highest'
  const direct = new Set<string>(asked.named.map(({ name }) => name))
  const problem: UniversalProblem<Taken, PythonSpec> = {
    space,
    scope,
    wishes: roots.flat(),
    limits: limitsOf(asked.limits, whole, { space, scope, reader }),
    cut: cutVersions,
    opens: opensTier,
    isDirect: (spec) => isDirectSpec(spec) && ![...fixed.values()].flat().some(({ url }) => url === spec.url),
    lowest: (project) => strategy === 'lowest' || (strategy === 'lowest-direct' && direct.has(project)),
    someAreLesser: request.formats?.preferBinary === true,
    required: (request.requiredEnvironments ?? []).map((marker) => space.both(scope, space.of(marker))),
    apart: partsOf(request).map((marker) => space.of(marker)),
    closer: (candidate) => {
      const told = facts.metadataOf(candidate as Parameters<Facts['metadataOf']>[0])?.requiresPython
      const fits = candidate.kind === 'index' ? candidate.closeFit() : candidate.fits
      if (told === undefined) return fits === candidate.fits ? candidate : { allowed: candidate.allowed, fits }
      const own = chooser.pythonsOf(told)
      // Nearly always the page says the same.
      if (own === candidate.allowed && fits === candidate.fits) return candidate
      return { allowed: space.both(candidate.allowed, own), fits: space.both(fits, own) }
    },
    prefer: preferencesOf(space, request.preferences),
    fewest: request.forkStrategy === 'fewest',
    ...defined({ clashThreshold: request.clashThreshold }),
  }
  // The facts are of candidates that the chooser made, and those say where they fit.
  const asFacts = solveUniversally(problem) as unknown as Generator<
    readonly PipNeed[],
    UniversalResolution<Taken, PythonSpec>,
    readonly PipFact[]
  >
  const resolution = await answered(asFacts, facts, signal)
  if (resolution.kind === 'failed') {
    const { failure, where } = resolution
    const milliseconds = host.now() - started
    const fixes =
      request.tryFixes === true
        ? await (await import('./universal-fixes.ts')).universalWaysOut({
            problem,
            failure,
            where,
            facts,
            reader,
            now: host.now,
            milliseconds,
            signal,
          })
        : undefined
    throw noSolution(failure, { facts, chooser, fixed }, space.words(where, scope)?.text, fixes)
  }
  const result = joinForks(resolution, { space, scope, facts, chooser, asked, roots })
  for (const { candidate, error } of broken) {
    const chosen = result.packages.filter(({ name }) => name === candidate.project)
    if (chosen.length > 0 && chosen.every(({ version }) => compareVersions(candidate.version, version) > 0))
      context.report?.({ kind: 'warning', warning: diagnose(error) })
  }
  const statistics = { ...resolution.statistics, ...facts.counts, milliseconds: host.now() - started }
  return { ...result, statistics }
}

// What is asked

function originsOf(
  space: MarkerSpace,
  origins: NonNullable<UniversalRequest['origins']>,
): ReadonlyMap<ProjectName, readonly CandidateOrigin[]> {
  return new Map(
    [...origins].map(([name, parts]) => [name, parts.map((one) => ({ ...one, where: space.of(one.where) }))]),
  )
}

/** What is solved apart from the start. Of origins it is each pair of parts of different projects: the solver does not look for itself. */
function partsOf({ apart = [], origins }: UniversalRequest): readonly Marker[] {
  // Projects that belong together mostly come from the same places.
  const lists = new Map<string, readonly Marker[]>()
  for (const parts of origins?.values() ?? []) {
    const markers = parts.map(({ where }) => where)
    lists.set(markers.map(({ text }) => text).join('\n'), markers)
  }
  const crossed = (all: readonly Marker[], markers: readonly Marker[]): readonly Marker[] =>
    all.length === 0 ? markers : all.flatMap((one) => markers.map((other) => andMarkers(one, other)))
  const parts = [...lists.values()].reduce(crossed, [])
  return parts.length === 0 || apart.length === 0 ? [...parts, ...apart] : [...crossed(parts, apart), ...parts]
}

function scopeOf(
  space: MarkerSpace,
  { requiresPython, environments = [], conflicts = [] }: UniversalRequest,
): Condition {
  let scope = requiresPython === undefined ? space.always : space.pythons(pythonsLetThrough(requiresPython, 'closed'))
  const outside = environments.filter((marker) => space.areDisjoint(scope, space.of(marker)))
  if (outside.length > 0)
    throw new DenError('environment-out-of-scope', {
      environments: outside.map(({ text }) => text),
      requiresPython: requiresPython === undefined ? '' : formatSpecifiers(requiresPython),
    })
  if (environments.length > 0) {
    const named = environments.map((marker) => space.of(marker)).reduce((all, one) => space.either(all, one))
    scope = space.both(scope, named)
  }
  for (const list of conflicts) {
    for (const [at, one] of list.entries())
      for (const other of list.slice(at + 1))
        scope = space.both(scope, space.not(space.both(space.of(one), space.of(other))))
  }
  return scope
}

/** What decides which file stands for a version, beside its formats. */
function scopeTextOf({ requiresPython, environments = [] }: UniversalRequest): string {
  const pythons = requiresPython === undefined ? '' : formatSpecifiers(requiresPython)
  return [pythons, ...environments.map(({ text }) => text)].join('\n')
}

interface Reading {
  readonly space: MarkerSpace
  readonly scope: Condition
  readonly reader: WishReader
}

function wishesOf(
  one: Named,
  whole: (wanted: UniversalRoot) => Condition,
  { space, scope, reader }: Reading,
): readonly PythonWish[] {
  const all = wishesOfNamed(one, reader)
  const where = whole(one.wanted)
  if (where === scope) return all
  return all.map((wish) => ({
    ...wish,
    when: wish.when === undefined ? where : space.both(where, wish.when as Condition),
  }))
}

function limitsOf(
  constraints: readonly Named[],
  whole: (wanted: UniversalRoot) => Condition,
  { scope, reader }: Reading,
): ReadonlyMap<string, readonly Limit<PythonSpec>[]> {
  return groupedByName(constraints, (one): Limit<PythonSpec> => {
    const spec = specOfNamed(one, reader)
    const when = whole(one.wanted)
    return when === scope ? { spec } : { spec, when }
  })
}

function preferencesOf(
  space: MarkerSpace,
  preferences: UniversalRequest['preferences'],
): (project: string) => readonly Preference<Taken>[] {
  const known = new Map<string, readonly Preference<Taken>[]>()
  return (project) => {
    let own = known.get(project)
    if (own === undefined) {
      own = (preferences?.get(project as ProjectName) ?? []).map(({ version, marker }) => ({
        is: (candidate) => candidate.key === version.key,
        ...(marker === undefined ? {} : { where: space.of(marker) }),
      }))
      known.set(project, own)
    }
    return own
  }
}

function linkCandidates({ links }: Asked, chooser: UniversalChooser): ReadonlyMap<string, UniversalLinkCandidate> {
  const found = new Map<string, UniversalLinkCandidate>()
  for (const [name, byAddress] of links)
    for (const [address, link] of byAddress)
      found.set(`${name} ${identityOf(address)}`, universalLink(linkCandidate(address, link), chooser))
  return found
}

function universalLink(candidate: LinkCandidate, chooser: UniversalChooser): UniversalLinkCandidate {
  const { file, metadata } = candidate.link
  const pythons = chooser.pythonsOf(metadata.requiresPython)
  const fits =
    file === undefined
      ? pythons
      : chooser.fitOf({ parsed: file.parsed, ...defined({ requiresPython: metadata.requiresPython }) })
  return { ...candidate, allowed: pythons, fits }
}

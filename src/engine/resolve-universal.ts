// The resolver for every platform and Python in scope: the same needs, answered by the same facts as for one target (resolve-facts.ts),
// put to the solver that splits the scope where it must (resolve/universal.ts), and the forks' answers joined to packages with markers.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { type DenError, diagnose } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import type { DistributionFile } from '../indexes/distribution-file.ts'
import type { Wish, Wishes } from '../resolve/problem.ts'
import {
  acrossEnvironments,
  cutVersions,
  isDirectSpec,
  opensTier,
  openWishReader,
  type PythonSpec,
  type PythonWish,
  tiers,
  type WishReader,
} from '../resolve/python.ts'
import {
  type Limit,
  type Preference,
  type SolvedFork,
  solveUniversally,
  type UniversalCandidate,
  type UniversalProblem,
  type UniversalResolution,
} from '../resolve/universal.ts'
import type { Marker } from '../spec/marker.ts'
import { type Condition, type MarkerSpace, openMarkerSpace, pythonsLetThrough } from '../spec/marker-space.ts'
import type { Requirement } from '../spec/requirement.ts'
import { formatSpecifiers, specifierSet, tryParseSpecifiers } from '../spec/specifier.ts'
import { compareVersions } from '../spec/version.ts'
import { noSolution } from './resolve.ts'
import { type Asked, byName, checkName, identityOf, linkCandidate, type Named, readAsked } from './resolve-asked.ts'
import type { IndexCandidate } from './resolve-candidates.ts'
import { answered, type Facts, type LinkCandidate, openFacts, type PipFact, type PipNeed } from './resolve-facts.ts'
import { openUniversalChooser, type UniversalChooser, type UniversalIndexCandidate } from './universal-candidates.ts'
import type {
  UniversalDependency,
  UniversalPackage,
  UniversalRequest,
  UniversalResult,
  UniversalRoot,
} from './universal-request.ts'

type UniversalLinkCandidate = LinkCandidate & UniversalCandidate
type Taken = UniversalIndexCandidate | UniversalLinkCandidate
type Answer = Extract<UniversalResolution<Taken, PythonSpec>, { kind: 'solved' }>

/**
 * Finds distributions for every environment in scope. Throws `no-solution`, `invalid-constraint`, `invalid-marker` (markers too large to
 * be compared), and what the source, building and reading links throw.
 */
export async function resolveUniversal(
  context: Pick<Context, 'signal'> & Partial<Pick<Context, 'report'>> & { readonly host: Pick<Context['host'], 'now'> },
  request: UniversalRequest,
): Promise<UniversalResult> {
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
    { requirements: request.roots, readLink: request.readLink, ...pick(request, 'constraints') },
    (wanted) => whole(wanted) !== space.never,
  )
  const reader = openWishReader({
    holds: acrossEnvironments(space, scope),
    both: (a, b) => space.both(a as Condition, b as Condition),
    ...(request.overrides === undefined ? {} : { overrides: byName(request.overrides) }),
    ...pick(request, 'exclusions'),
  })
  const chooser = openUniversalChooser({
    space,
    scope,
    scopeText: scopeTextOf(request),
    formats: { noBinary: new Set(), onlyBinary: new Set(), preferBinary: false, ...request.formats },
    releases: { allReleases: new Set(), onlyFinal: new Set(), ...request.releases },
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
    limits: limitsOf(asked.limits, { space, scope, reader }),
    cut: cutVersions,
    opens: opensTier,
    isDirect: (spec) => isDirectSpec(spec) && ![...fixed.values()].flat().some(({ url }) => url === spec.url),
    lowest: (project) => strategy === 'lowest' || (strategy === 'lowest-direct' && direct.has(project)),
    someAreLesser: request.formats?.preferBinary === true,
    required: (request.requiredEnvironments ?? []).map((marker) => space.both(scope, space.of(marker))),
    apart: (request.apart ?? []).map((marker) => space.of(marker)),
    closer: (candidate) => {
      const told = facts.metadataOf(candidate as Parameters<Facts['metadataOf']>[0])?.requiresPython
      const fits = candidate.kind === 'index' ? candidate.closeFit() : candidate.fits
      if (told === undefined) return fits === candidate.fits ? candidate : { pythons: candidate.pythons, fits }
      const own = chooser.pythonsOf(told)
      // Nearly always the page says the same.
      if (own === candidate.pythons && fits === candidate.fits) return candidate
      return { pythons: space.both(candidate.pythons, own), fits: space.both(fits, own) }
    },
    prefer: preferencesOf(space, request.preferences),
    fewest: request.forkStrategy === 'fewest',
    ...pick(request, 'clashThreshold'),
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
  const result = joined(resolution, { space, scope, facts, chooser, asked, roots })
  for (const { candidate, error } of broken) {
    const chosen = result.packages.filter(({ name }) => name === candidate.project)
    if (chosen.length > 0 && chosen.every(({ version }) => compareVersions(candidate.version, version) > 0))
      context.report?.({ kind: 'warning', warning: diagnose(error) })
  }
  const statistics = { ...resolution.statistics, ...facts.counts, milliseconds: host.now() - started }
  return { ...result, statistics }
}

/** The fields that are there. */
function pick<Source extends object, Key extends keyof Source>(
  source: Source,
  key: Key,
): { [Own in Key]?: Exclude<Source[Own], undefined> } {
  return (source[key] === undefined ? {} : { [key]: source[key] }) as { [Own in Key]?: Exclude<Source[Own], undefined> }
}

// What is asked

function scopeOf(
  space: MarkerSpace,
  { requiresPython, environments = [], conflicts = [] }: UniversalRequest,
): Condition {
  let scope = requiresPython === undefined ? space.always : space.pythons(pythonsLetThrough(requiresPython, 'closed'))
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

const any = specifierSet([])

function wishesOf(
  { name, wanted, address }: Named,
  whole: (wanted: UniversalRoot) => Condition,
  { space, scope, reader }: Reading,
): readonly PythonWish[] {
  const { requirement } = wanted
  const extras = [...new Set<ExtraName>([...wanted.extras, ...(requirement?.extras ?? [])])].sort()
  const base: Requirement = requirement ?? { name, rawName: name, extras, specifiers: any }
  const where = whole(wanted)
  const all = reader.wishesOfAll([{ ...base, extras, ...(address === undefined ? {} : { url: address }) }])
  if (where === scope) return all
  return all.map((wish) => ({
    ...wish,
    when: wish.when === undefined ? where : space.both(where, wish.when as Condition),
  }))
}

function limitsOf(
  constraints: readonly Named[],
  { space, scope, reader }: Reading,
): ReadonlyMap<string, readonly Limit<PythonSpec>[]> {
  const limits = new Map<string, Limit<PythonSpec>[]>()
  for (const { name, wanted, address } of constraints) {
    const spec = reader.specOf(wanted.requirement?.specifiers ?? any, address)
    let when: Condition = scope
    for (const marker of [wanted.marker, wanted.requirement?.marker])
      if (marker !== undefined) when = space.both(when, space.of(marker))
    const limit = when === scope ? { spec } : { spec, when }
    const list = limits.get(name)
    if (list === undefined) limits.set(name, [limit])
    else list.push(limit)
  }
  return limits
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
    file === undefined ? pythons : chooser.fitOf({ parsed: file.parsed, ...pick(metadata, 'requiresPython') })
  return { ...candidate, pythons, fits }
}

// The answer

interface About {
  readonly space: MarkerSpace
  readonly scope: Condition
  readonly facts: Facts
  readonly chooser: UniversalChooser
  readonly asked: Asked
  /** The wishes of each named root. */
  readonly roots: readonly (readonly PythonWish[])[]
}

/** A candidate with all that the forks say of it. */
interface Joined {
  readonly name: ProjectName
  readonly candidate: Taken
  where: Condition
  readonly extras: Set<string>
  readonly unknownExtras: Set<string>
  readonly dependencies: Map<string, JoinedDependency>
}

interface JoinedDependency {
  readonly name: ProjectName
  readonly candidate: Taken
  readonly spec: string
  readonly extras: readonly string[]
  where: Condition
}

function joined(answer: Answer, about: About): Omit<UniversalResult, 'statistics'> {
  const { space, scope, facts } = about
  const all = new Map<Taken, Joined>()
  const roots = about.roots.map(() => new Map<string, JoinedDependency>())
  for (const fork of answer.forks) {
    for (const [index, wishes] of about.roots.entries())
      noteDependencies(space, roots[index]!, wishes, fork.where, fork)
    for (const [project, reach] of fork.reach) {
      const { candidate, unknownExtras } = fork.chosen.get(project)!
      let one = all.get(candidate)
      if (one === undefined) {
        one = {
          name: project as ProjectName,
          candidate,
          where: space.never,
          extras: new Set(),
          unknownExtras: new Set(),
          dependencies: new Map(),
        }
        all.set(candidate, one)
      }
      one.where = space.either(one.where, reach.where)
      for (const extra of unknownExtras) one.unknownExtras.add(extra)
      const wishes: Wishes<PythonSpec> = answer.wishesOf(candidate)
      noteDependencies(space, one.dependencies, wishes.always, reach.where, fork, project)
      for (const [extra, where] of reach.extras) {
        one.extras.add(extra)
        noteDependencies(space, one.dependencies, wishes.extras.get(extra) ?? [], where, fork, project)
      }
    }
  }
  const words = (where: Condition, within: Condition): { readonly marker?: Marker } => {
    const marker = space.words(where, within)
    return marker === undefined ? {} : { marker }
  }
  const dependencyOf = (one: JoinedDependency, within: Condition): UniversalDependency => ({
    name: one.name,
    version: one.candidate.version,
    extras: one.extras as readonly ExtraName[],
    specifiers: one.spec,
    ...words(one.where, within),
  })
  const allowed = new Map<string, Condition | undefined>()
  /** Said only where it lets every Python through for which the version is wanted: installers refuse what it excludes. */
  const pythonsOf = (
    requiresPython: string | undefined,
    where: Condition,
  ): { readonly requiresPython?: string; readonly excludes?: string } => {
    if (requiresPython === undefined) return {}
    if (!allowed.has(requiresPython)) {
      const specifiers = tryParseSpecifiers(requiresPython)
      allowed.set(requiresPython, specifiers && space.pythons(pythonsLetThrough(specifiers, 'closed')))
    }
    const own = allowed.get(requiresPython)
    if (own === undefined) return {}
    return space.implies(where, own) ? { requiresPython } : { excludes: requiresPython }
  }
  const sorted = [...all.values()].sort(
    (a, b) =>
      compareTexts(a.name, b.name) ||
      compareTexts(a.candidate.key, b.candidate.key) ||
      compareTexts(a.candidate.url ?? '', b.candidate.url ?? ''),
  )
  const packages = sorted.map((one): UniversalPackage => {
    const { name, candidate, where } = one
    const metadata = facts.metadataOf(candidate as Parameters<Facts['metadataOf']>[0])
    let files: readonly DistributionFile[] | undefined
    return {
      name,
      version: candidate.version,
      // Read when they are asked for: there can be hundreds of a version, and pins need none of them.
      get files() {
        files ??= filesOf(candidate, where, about)
        return files
      },
      ...words(where, scope),
      ...pythonsOf(metadata?.requiresPython, where),
      ...(candidate.kind === 'link' ? { link: candidate.link } : {}),
      extras: [...one.extras].sort() as readonly string[] as readonly ExtraName[],
      dependencies: [...one.dependencies.values()].sort(compareDependencies).map((each) => dependencyOf(each, where)),
      ...(metadata === undefined ? {} : { metadata }),
    }
  })
  return {
    packages,
    roots: about.asked.named.flatMap(({ wanted }, index) =>
      [...roots[index]!.values()].sort(compareDependencies).map((one) => {
        const { when } = wanted as UniversalRoot
        return { ...dependencyOf(one, scope), ...(when === undefined ? {} : { when }) }
      }),
    ),
    forks: areSame(answer.forks) ? [] : answer.forks.flatMap(({ where }) => space.words(where, scope) ?? []),
    yanked: sorted.flatMap(({ name, candidate }) => {
      const isYanked = candidate.kind === 'index' && candidate.tier === tiers.yanked
      const yanked = isYanked ? candidate.scopedFiles()[0]?.yanked : undefined
      return yanked === undefined
        ? []
        : [{ name, version: candidate.version, ...(yanked === true ? {} : { reason: yanked }) }]
    }),
    unknownExtras: sorted.flatMap(({ name, candidate, unknownExtras }) =>
      [...unknownExtras].map((extra) => ({ name, version: candidate.version, extra })),
    ),
  }
}

function noteDependencies(
  space: MarkerSpace,
  into: Map<string, JoinedDependency>,
  wishes: readonly Wish<PythonSpec>[],
  where: Condition,
  fork: SolvedFork<Taken>,
  self?: string,
): void {
  for (const wish of wishes) {
    const { project, spec } = wish
    const part = wish.when === undefined ? where : space.both(where, wish.when as Condition)
    const target = fork.chosen.get(project)?.candidate
    if (part === space.never || target === undefined || project === self) continue
    const key = `${project} ${target.key} ${target.url ?? ''} ${wish.extras.join()} ${spec.text}`
    const before = into.get(key)
    if (before === undefined)
      into.set(key, {
        name: project as ProjectName,
        candidate: target,
        spec: spec.text,
        extras: wish.extras,
        where: part,
      })
    else before.where = space.either(before.where, part)
  }
}

/** The files that somebody who needs the version could install. */
function filesOf(
  candidate: Taken,
  where: Condition,
  { space, chooser }: Pick<About, 'space' | 'chooser'>,
): readonly DistributionFile[] {
  if (candidate.kind === 'link') return candidate.link.file === undefined ? [] : [candidate.link.file]
  const files = candidate.scopedFiles().filter((file) => !space.areDisjoint(where, chooser.fitOf(file)))
  const isWheel = ({ parsed }: DistributionFile): boolean => parsed.kind === 'wheel'
  const wheels = files.filter(isWheel).sort((a, b) => compareTexts(a.parsed.filename, b.parsed.filename))
  const sources = files.filter((file) => !isWheel(file))
  const source = sources.find(({ parsed }) => parsed.filename.endsWith('.tar.gz')) ?? sources[0]
  return source === undefined ? wheels : [...wheels, source]
}

function areSame(forks: readonly SolvedFork<Taken>[]): boolean {
  const chosen = new Map<string, Taken>()
  return forks.every(({ reach, chosen: own }) =>
    [...reach.keys()].every((project) => {
      const { candidate } = own.get(project)!
      const before = chosen.get(project) ?? candidate
      chosen.set(project, before)
      return before === candidate
    }),
  )
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function compareDependencies(a: JoinedDependency, b: JoinedDependency): number {
  return (
    compareTexts(a.name, b.name) ||
    compareTexts(a.candidate.key, b.candidate.key) ||
    compareTexts(a.extras.join(), b.extras.join()) ||
    compareTexts(a.spec, b.spec)
  )
}

// Everything that packages come from, put together for one Python: the source, the store, the builder (which needs the other two to make
// its environments), and the reader of addresses. One a run; `close` it.

import type { Sha256 } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { Places } from '../config/places.ts'
import { readInstalled } from '../env/installed.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import type { Context } from '../host/host.ts'
import type { Lock } from '../host/lock.ts'
import { workPlace } from '../host/work-place.ts'
import type { PackageSource } from '../indexes/package-source.ts'
import type { CheckoutOptions } from '../indexes/vcs.ts'
import { plan } from '../plan/plan.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { type Target, targetOf } from '../python/target.ts'
import { evaluateMarker } from '../spec/marker.ts'
import { parseRequirement } from '../spec/requirement.ts'
import { specifiersContain } from '../spec/specifier.ts'
import { openStore, type Store } from '../store/store.ts'
import { openAhead } from './ahead.ts'
import { type BuildableSource, type Builder, openBuilder } from './builder.ts'
import { whyNotBuilt } from './formats.ts'
import { type LinkReader, openLinkReader } from './links.ts'
import type { Prepared, PrepareOptions } from './prepare.ts'
import type {
  FormatControl,
  ResolvedDistribution,
  ResolveRequest,
  ResolveResult,
  WantedRequirement,
} from './resolve-request.ts'
import type { UniversalRequest, UniversalResult } from './universal-request.ts'

export type WorkshopContext = Context & { readonly places: Pick<Places, 'store' | 'cache' | 'journal'> }

export interface WorkshopOptions {
  /** The base interpreter: builds run in environments of it. */
  readonly interpreter: Interpreter
  readonly source: PackageSource
  readonly formats?: Partial<FormatControl>
  readonly offline?: boolean
  readonly build?: {
    /** False: builds run in `python`, with what its environment has. */
    readonly isolation?: boolean
    /** Where builds without isolation run. */
    readonly python?: string
    readonly scripts?: string
    /** Its site-packages directories. */
    readonly sites?: readonly string[]
    readonly checkDependencies?: boolean
    readonly constraints?: readonly WantedRequirement[]
    readonly configSettings?: Readonly<Record<string, string | readonly string[]>>
    readonly sourceDirectory?: string
    /** What becomes of another repository that stands in it. */
    readonly inTheWay?: CheckoutOptions['inTheWay']
    readonly keepWork?: boolean
    /**
     * The directory of the project that this is for: what it says of formats holds for sources that addresses name as well. Without one it
     * holds for an index's files alone, as with pip.
     */
    readonly project?: string
  }
}

export interface Workshop {
  readonly store: Store
  readonly source: PackageSource
  /** What is chosen for this Python on this machine. */
  readonly target: Target
  /** Resolves with this workshop's source and builder. */
  resolve(
    request: Omit<ResolveRequest, 'source' | 'buildMetadata' | 'readLink' | 'target' | 'likely'> & {
      readonly target?: Target
      /** Whether what is chosen will be prepared: then what is most likely chosen is begun at once. */
      readonly ahead?: boolean
    },
  ): Promise<ResolveResult>
  /** The same for every platform and Python of a scope. */
  resolveUniversal(
    request: Omit<UniversalRequest, 'source' | 'buildMetadata' | 'readLink' | 'knownMetadata' | 'formats'>,
  ): Promise<UniversalResult>
  /** What a resolver asks of it, for whoever calls one by itself. */
  readonly asking: Pick<ResolveRequest, 'source' | 'knownMetadata' | 'buildMetadata' | 'readLink'>
  prepare(distributions: readonly ResolvedDistribution[]): Promise<ReadonlyMap<ResolvedDistribution, Prepared>>
  /** The wheel of a distribution as a file: an index's, or one built. */
  readonly builder: Builder
  readonly links: LinkReader
  sourceOf(distribution: ResolvedDistribution): Promise<BuildableSource>
  close(): void
}

/** What makes ready what was chosen is loaded when something is: who only wants versions needs none of it. */
const preparation = (): Promise<typeof import('./prepare.ts')> => import('./prepare.ts')

/** Opening it touches nothing; the source is the caller's to close. */
export function openWorkshop(
  context: WorkshopContext,
  options: WorkshopOptions,
  chain: readonly string[] = [],
): Workshop {
  const { host, places } = context
  const { source, interpreter, formats } = options
  const build = options.build ?? {}
  const target = targetOf(context, interpreter)
  const work = workPlace(host, host.path.join(places.cache, 'builds'))
  let held: Lock | undefined
  let holding: Promise<void> | undefined
  /** What is made ready stays until the workshop is closed, which is after it has been put in. */
  const hold = (): Promise<void> => {
    holding ??= store.hold().then((lock) => {
      if (holding === undefined) lock?.release()
      else held = lock
    })
    return holding
  }
  const ahead = openAhead(context, async (file) => {
    await hold()
    const { prepareAhead } = await preparation()
    return await prepareAhead(ahead.context, file, { source, store, work })
  })
  const store = openStore(ahead.context, places.store)
  const nested: Workshop[] = []
  // What goes into an environment that lives for one build is nobody's news.
  const quiet: WorkshopContext = {
    ...context,
    report: (event) => {
      if (!/^(?:warning|note|apply\.|install\.|create\.)/.test(event.kind)) context.report(event)
    },
  }

  const builder = openBuilder(context, {
    cache: places.cache,
    // Hundreds of tags are made for it, and most runs build nothing.
    get python() {
      return target.tags[0]!
    },
    keep: true,
    chain,
    ...(build.keepWork === undefined ? {} : { keepWork: build.keepWork }),
    ...(build.project === undefined || formats === undefined
      ? {}
      : { forbidden: forbiddenFor(build.project, formats) }),
    ...(build.constraints === undefined ? {} : { constraints: build.constraints.map(({ text }) => text) }),
    provision: async (requirements, { work: place, chain: building, label }) => {
      if (build.isolation === false) return ownEnvironment(context, options, requirements, label)
      const inner = openWorkshop(context, options, building)
      nested.push(inner)
      const { provisionEnvironment } = await import('./provision.ts')
      return await provisionEnvironment(context, requirements, {
        interpreter,
        journal: places.journal,
        work: place,
        install: (environment, wanted) => fill(quiet, inner, options, environment, wanted),
      })
    },
  })
  const links = openLinkReader(context, {
    source,
    builder,
    work,
    ...(build.configSettings === undefined ? {} : { configSettings: build.configSettings }),
    ...(build.sourceDirectory === undefined ? {} : { sourceDirectory: build.sourceDirectory }),
    ...(build.inTheWay === undefined ? {} : { inTheWay: build.inTheWay }),
    ...(options.offline === undefined ? {} : { offline: options.offline }),
  })
  const preparing: PrepareOptions = {
    source,
    store,
    builder,
    links,
    ranks: target.ranks,
    work,
    begun: ahead.treeOf,
    ...(build.configSettings === undefined ? {} : { configSettings: build.configSettings }),
  }
  const asking: Workshop['asking'] = {
    source,
    knownMetadata: (file) => {
      const sha256 = file.hashes['sha256'] as Sha256 | undefined
      if (sha256 === undefined) return undefined
      const { filename, name, version } = file.parsed
      return builder.knownMetadata({
        label: `${name} ${version.text}`,
        place: { kind: 'archive', path: '', filename, sha256 },
        ...(build.configSettings === undefined ? {} : { configSettings: build.configSettings }),
      })
    },
    buildMetadata: async (file) => {
      const { sourceOf } = await preparation()
      return await builder.metadata(await sourceOf(context, file, undefined, preparing))
    },
    readLink: links.read,
  }
  const close = (): void => {
    ahead.stop()
    held?.release()
    held = undefined
    holding = undefined
    for (const one of nested) one.close()
    links.close()
    builder.close()
    if (host.files.lstat(work) !== undefined) host.disk.removeTree(work)
  }
  return Object.freeze({
    store,
    source,
    target,
    builder,
    links,
    asking,
    resolve: async ({ ahead: isAhead = false, ...request }) => {
      const { resolve } = await import('./resolve.ts')
      return await resolve(context, {
        target,
        ...request,
        ...(isAhead ? { likely: ahead.begin } : {}),
        ...(formats === undefined ? {} : { formats }),
        ...asking,
      })
    },
    resolveUniversal: async (request) => {
      const { resolveUniversal } = await import('./resolve-universal.ts')
      return await resolveUniversal(context, { ...request, ...(formats === undefined ? {} : { formats }), ...asking })
    },
    prepare: async (distributions) => {
      ahead.arrive()
      await hold()
      const { prepare } = await preparation()
      return await prepare(context, distributions, preparing)
    },
    sourceOf: async (one) => {
      if (one.link !== undefined) {
        const linked = links.sourceOf(one.link)
        if (linked.kind === 'source') return linked.source
      }
      const { sourceOf } = await preparation()
      return await sourceOf(context, one.file!, one, preparing)
    },
    close,
  } satisfies Workshop)
}

function forbiddenFor(
  project: string,
  formats: Partial<FormatControl>,
): (source: BuildableSource) => string | undefined {
  const { noBinary = new Set<string>(), onlyBinary = new Set<string>() } = formats
  return (source) => whyNotBuilt({ noBinary, onlyBinary }, source, project)
}

/** Puts what a build needs into its environment. */
async function fill(
  context: WorkshopContext,
  workshop: Workshop,
  options: WorkshopOptions,
  environment: { readonly root: string; readonly paths: EnvironmentPaths },
  requirements: readonly string[],
): Promise<void> {
  const { paths } = environment
  const { distributions } = await workshop.resolve({
    requirements: requirements.map(wantedText),
    ...(options.build?.constraints === undefined ? {} : { constraints: options.build.constraints }),
  })
  const installed = readInstalled(context.host, [paths.purelib, paths.platlib])
  const ready = await workshop.prepare(distributions)
  const change = plan(
    installed.map(({ project, version, location }) => ({ name: project, version, location })),
    distributions.map((one) => ({ name: one.name, version: one.version.text, source: ready.get(one)! })),
    { same: 'version' },
  )
  const { applyPlan } = await import('./apply.ts')
  await applyPlan(context, {
    plan: change,
    environment,
    interpreter: options.interpreter,
    traceless: true,
  })
}

export function wantedText(text: string): WantedRequirement {
  const requirement = parseRequirement(text)
  return {
    text,
    requirement,
    extras: [],
    ...(requirement.url === undefined ? {} : { link: requirement.url }),
  }
}

/** `--no-build-isolation`: the environment itself builds, with what it has. */
function ownEnvironment(
  context: WorkshopContext,
  options: WorkshopOptions,
  requirements: readonly string[],
  label: string,
) {
  const { build = {} } = options
  const { python, scripts, sites = [], checkDependencies } = build
  if (python === undefined || scripts === undefined)
    throw new DenError('build-forbidden', {
      distribution: label,
      reason: 'builds without isolation were asked for, and there is no environment to build in',
    })
  if (checkDependencies === true) {
    const installed = new Map(readInstalled(context.host, sites).map((one) => [one.project, one.version]))
    const environment = targetOf(context, options.interpreter).markers
    const missing = requirements.filter((text) => {
      const { name, specifiers, marker } = parseRequirement(text)
      if (marker !== undefined && !evaluateMarker(marker, environment)) return false
      const version = installed.get(name)
      return version === undefined || !specifiersContain(specifiers, version)
    })
    if (missing.length > 0) throw new DenError('build-dependencies-missing', { distribution: label, missing })
  }
  return { python, scripts, extend: async () => undefined, dispose: () => undefined }
}

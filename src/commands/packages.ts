// What install, download, wheel and lock begin with: the environment, what is wanted and what files say about the run, the package source
// and the workshop over it. One a command; `close` it.

import type { ProjectName } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import type { FormatControl, ReleaseControl } from '../engine/resolve-candidates.ts'
import {
  noStatistics,
  type PresentDistribution,
  type ResolvedDistribution,
  type ResolveRequest,
  type ResolveResult,
  type WantedRequirement,
} from '../engine/resolve-request.ts'
import type { UniversalRequest, UniversalResult } from '../engine/universal-request.ts'
import { openWorkshop, type Workshop } from '../engine/workshop.ts'
import { isDenPip } from '../env/den-pip.ts'
import { workPlace } from '../host/work-place.ts'
import { openPackageSource, type PackageSource, type SourceSettings } from '../indexes/package-source.ts'
import type { Transport } from '../net/transport.ts'
import { crossTarget } from '../python/cross-target.ts'
import { type Target, targetOf } from '../python/target.ts'
import { parseMetadata } from '../spec/metadata.ts'
import type { RequirementsOptions } from '../spec/requirements-txt.ts'
import { parseVersion } from '../spec/version.ts'
import { type Core, storePlace } from './core.ts'
import type { PackagesRequest } from './install-request.ts'
import type { SeenDistribution } from './pip-distributions.ts'
import { type AimedEnvironment, aimAt } from './pip-environment.ts'
import { sourceSettings } from './pip-sources.ts'
import { type ReadPackages, readWanted } from './wanted.ts'

export interface OpenPackages {
  readonly aimed: AimedEnvironment
  readonly read: ReadPackages
  readonly source: PackageSource
  /** What the source was opened with: files may add to what was asked for. */
  readonly settings: SourceSettings
  readonly workshop: Workshop
  /** What is chosen for: this Python, or the one that `--platform` and its kin describe. */
  readonly target: Target
  /** Resolves what is wanted, locks included. */
  resolve(wishes: ResolveWishes): Promise<ResolveResult>
  /** The same for every platform; lock files among what was read are not heeded. */
  resolveUniversal(wishes: UniversalWishes): Promise<UniversalResult>
  close(): void
}

export type ResolveWishes = Pick<
  ResolveRequest,
  'installed' | 'upgrade' | 'strategy' | 'preferences' | 'overrides' | 'exclusions'
> & {
  /** In place of what was read. */
  readonly requirements?: readonly WantedRequirement[]
  /** Beside those that were read. */
  readonly moreConstraints?: readonly WantedRequirement[]
  /** Whether what is chosen will be prepared. */
  readonly ahead?: boolean
}

export type UniversalWishes = Pick<UniversalRequest, 'roots' | 'requiresPython' | 'preferences' | 'strategy'> & {
  /** Beside those that were read. */
  readonly moreConstraints?: readonly WantedRequirement[]
}

/** Reads what is asked for and opens what it takes. Throws what finding the environment and reading files throw. */
export async function openPackages(
  core: Core,
  request: PackagesRequest,
  found?: AimedEnvironment,
): Promise<OpenPackages> {
  const { host } = core
  const aimed = found ?? (await aimAt(core, request.environment))
  const { interpreter } = aimed
  const ownCache = cacheOf(core, request)
  const places = { ...core.places, store: storePlace(core, aimed.environment), cache: ownCache.directory }
  const context = { ...core, places }
  const first = sourceSettings(
    host,
    { sources: request.sources, network: request.network, uploadedBefore: request.choice.uploadedBefore },
    core,
  )
  let opened: Transport | undefined
  const transport = async (): Promise<Transport> => {
    const { openTransport } = await import('../net/transport.ts')
    opened ??= openTransport(context, {
      ...first.connection,
      offline: first.offline,
      indexes: first.indexes.map(({ url }) => url),
    })
    return opened
  }
  const read = await readWanted(core, {
    wanted: request.wanted,
    choice: request.choice,
    build: request.build,
    transport,
  })
  opened?.close()
  const said = withFileOptions(core, first, request, read.options)
  const settings =
    request.settings === undefined ? said : said === first ? request.settings : joined(request.settings, said)
  const source = openPackageSource(context, settings)
  const native = targetOf(core, interpreter)
  const wishes = request.target
  const isCross = Object.values(wishes).some((value) => value !== undefined)
  const target = isCross ? crossTarget(native, wishes) : native
  const formats = formatsOf(request, read.options)
  const releases = releasesOf(request, read.options)
  const { build } = request
  const environment = aimed.environment
  const workshop = openWorkshop(context, {
    interpreter,
    source,
    formats,
    offline: settings.offline,
    build: {
      isolation: build.isolation,
      checkDependencies: build.checkDependencies,
      configSettings: build.configSettings,
      constraints: read.buildConstraints,
      keepWork: build.keepDirectories,
      ...(build.inTheWay === undefined ? {} : { inTheWay: build.inTheWay }),
      python: aimed.executable,
      ...(environment === undefined
        ? { scripts: host.path.dirname(aimed.executable), sites: aimed.sysPath }
        : { scripts: environment.paths.scripts, sites: aimed.sysPath }),
      sourceDirectory: host.path.resolve(
        host.cwd,
        build.sourceDirectory ?? (environment === undefined ? 'src' : host.path.join(environment.root, 'src')),
      ),
    },
  })
  const resolveOrSayWhere = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      if (!isDenError(error, 'no-solution')) throw error
      const { placesFor, projectsElsewhere } = await import('./other-indexes.ts')
      const elsewhere = await projectsElsewhere({ ...core, places }, settings, error)
      const { unknown } = error.detail
      if (elsewhere.length === 0 && unknown.length === 0) throw error
      const more = {
        ...(elsewhere.length === 0 ? {} : { elsewhere }),
        ...(unknown.length === 0 ? {} : { looked: placesFor(settings, unknown) }),
      }
      throw new DenError('no-solution', { ...error.detail, ...more }, { cause: error })
    }
  }
  const { choice, wanted } = request
  const fileHashes = read.options.some(({ requireHashes }) => requireHashes)
  const fileNoHashes = read.options.some(({ noRequireHashes }) => noRequireHashes)
  const requireHashes =
    choice.hashes === 'require' || fileHashes ? true : choice.hashes === 'ignore' || fileNoHashes ? false : undefined
  return {
    aimed,
    read,
    source,
    settings,
    workshop,
    target,
    resolve: async (more) => {
      const locked = await lockedDistributions(core, { read, workshop, target })
      if (locked.length > 0 && (more.requirements ?? read.requirements).length === 0) return resultOf(locked)
      const answer = await resolveOrSayWhere(() =>
        workshop.resolve({
          tryFixes: true,
          ...request.solving,
          ...more,
          ...(read.overrides.length === 0 ? {} : { overrides: [...(more.overrides ?? []), ...read.overrides] }),
          requirements: more.requirements ?? read.requirements,
          constraints: [...read.constraints, ...(more.moreConstraints ?? [])],
          target,
          releases,
          ignoreRequiresPython: choice.ignoreRequiresPython,
          ...(requireHashes === undefined ? {} : { requireHashes }),
          ...(wanted.dependencies === 'all' ? {} : { dependencies: wanted.dependencies }),
          ...(locked.length === 0
            ? {}
            : {
                preferences: new Map([
                  ...(more.preferences ?? []),
                  ...locked.map(({ name, version }) => [name, version] as const),
                ]),
              }),
        }),
      )
      if (locked.length === 0) return answer
      const names = new Set(locked.map(({ name }) => name))
      return { ...answer, distributions: [...answer.distributions.filter(({ name }) => !names.has(name)), ...locked] }
    },
    resolveUniversal: ({ moreConstraints = [], ...wishes }) =>
      resolveOrSayWhere(() =>
        workshop.resolveUniversal({
          tryFixes: true,
          ...wishes,
          ...(read.overrides.length === 0 ? {} : { overrides: read.overrides }),
          constraints: [...read.constraints, ...moreConstraints],
          releases,
        }),
      ),
    close: () => {
      workshop.close()
      source.close()
      ownCache.remove()
    },
  }
}

/** The cache: den's own, another directory, or one that goes with the command (pages, checkouts and builds have to be somewhere). */
function cacheOf(core: Core, { network }: PackagesRequest): { readonly directory: string; remove(): void } {
  const { host, places } = core
  const { cache } = network
  if (cache !== false)
    return {
      directory: cache === undefined ? places.cache : host.path.resolve(host.cwd, cache),
      remove: () => undefined,
    }
  const directory = workPlace(host, places.cache)
  return {
    directory,
    remove: () => {
      if (host.files.lstat(directory) !== undefined) host.disk.removeTree(directory)
    },
  }
}

function resultOf(distributions: readonly ResolvedDistribution[]): ResolveResult {
  return { distributions, ignored: [], yanked: [], unknownExtras: [], statistics: noStatistics }
}

async function lockedDistributions(
  core: Core,
  { read, workshop, target }: { read: ReadPackages; workshop: Workshop; target: Target },
): Promise<readonly ResolvedDistribution[]> {
  if (read.locks.length === 0) return []
  const { distributionsOfLock } = await import('./locked.ts')
  const found: ResolvedDistribution[] = []
  for (const lock of read.locks) found.push(...(await distributionsOfLock(core, lock, { workshop, target })))
  return found
}

/** Files may name other indexes, more of them, and places with links: the last index named takes the place of all before. */
function withFileOptions(
  { host, places, report }: Core,
  settings: SourceSettings,
  request: PackagesRequest,
  options: readonly RequirementsOptions[],
): SourceSettings {
  const says = options.filter(
    (one) =>
      one.indexUrl !== undefined ||
      one.noIndex ||
      one.extraIndexUrls.length > 0 ||
      one.findLinks.length > 0 ||
      one.trustedHosts.length > 0,
  )
  if (says.length === 0) return settings
  let { index } = request.sources
  let extraIndexes = [...request.sources.extraIndexes]
  let noIndex = request.sources.noIndex
  const findLinks = [...request.sources.findLinks]
  const trustedHosts = [...request.network.trustedHosts]
  for (const one of says) {
    if (one.indexUrl !== undefined) {
      index = one.indexUrl
      extraIndexes = []
    }
    if (one.noIndex) noIndex = true
    extraIndexes.push(...one.extraIndexUrls)
    findLinks.push(...one.findLinks)
    trustedHosts.push(...one.trustedHosts)
  }
  return sourceSettings(
    host,
    {
      sources: { ...request.sources, ...(index === undefined ? {} : { index }), extraIndexes, noIndex, findLinks },
      network: { ...request.network, trustedHosts },
      uploadedBefore: request.choice.uploadedBefore,
    },
    // Where the command line named further indexes it has been told.
    { places, ...(request.sources.extraIndexes.length === 0 ? { report } : {}) },
  )
}

/** Where files name indexes, those take the place of a project's own; but for such as it has for particular projects. */
function joined(own: SourceSettings, said: SourceSettings): SourceSettings {
  return {
    ...own,
    indexes: [...own.indexes.filter(({ projects }) => projects !== undefined), ...said.indexes],
    findLinks: [...new Set([...own.findLinks, ...said.findLinks])],
    ...(said.connection === undefined ? {} : { connection: said.connection }),
  }
}

function formatsOf({ choice }: PackagesRequest, options: readonly RequirementsOptions[]): FormatControl {
  // Files are read with what the command line said, and hand on what they made of it.
  const last = options.at(-1)
  return {
    noBinary: union(
      last?.noBinary ?? choice.noBinary,
      options.length > 1 ? options.map(({ noBinary }) => noBinary) : [],
    ),
    onlyBinary: union(
      last?.onlyBinary ?? choice.onlyBinary,
      options.length > 1 ? options.map(({ onlyBinary }) => onlyBinary) : [],
    ),
    preferBinary: choice.preferBinary || options.some(({ preferBinary }) => preferBinary),
  }
}

function releasesOf({ choice }: PackagesRequest, options: readonly RequirementsOptions[]): ReleaseControl {
  const all = union(
    choice.allReleases,
    options.map(({ allReleases }) => allReleases),
  )
  return {
    allReleases: options.some(({ pre }) => pre) ? new Set([...all, ':all:']) : all,
    onlyFinal: union(
      choice.onlyFinal,
      options.map(({ onlyFinal }) => onlyFinal),
    ),
  }
}

function union(first: ReadonlySet<string>, others: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return others.length === 0 ? first : new Set([...first, ...others.flatMap((one) => [...one])])
}

/** What is installed, as resolving takes it; metadata is read when it matters. */
export function presentDistributions(seen: readonly SeenDistribution[]): ReadonlyMap<ProjectName, PresentDistribution> {
  const found = new Map<ProjectName, PresentDistribution>()
  for (const one of seen) {
    const { project: name, version } = one
    // Whoever asks for pip means the real one: den's own gives way to it.
    if (version === undefined || isDenPip({ project: name, version: one.rawVersion })) continue
    found.set(name, {
      name,
      version,
      metadata: () => {
        const text = one.readText('METADATA') ?? one.readText('PKG-INFO')
        if (text === undefined) return undefined
        try {
          const metadata = parseMetadata(text, { file: one.info })
          // What requires.txt of an egg adds stands in the message that was read already.
          return one.kind === 'egg-info' ? parseMetadata(eggMetadata(one), { file: one.info }) : metadata
        } catch (error) {
          if (error instanceof DenError && error.code === 'invalid-metadata') return undefined
          throw error
        }
      },
    })
  }
  return found
}

function eggMetadata({ metadata, rawName, rawVersion }: SeenDistribution): string {
  const lines = metadata.headers.flatMap(({ name, value }) =>
    /^(?:requires-dist|provides-extra|requires-python)$/i.test(name) ? [`${name}: ${value}`] : [],
  )
  return [
    `Metadata-Version: 2.1`,
    `Name: ${rawName}`,
    `Version: ${parseVersion(rawVersion).text}`,
    ...lines,
    '',
    '',
  ].join('\n')
}

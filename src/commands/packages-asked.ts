// What packages are asked for, and from where, read and settled: what install, download, lock and compile begin with. Nothing of what it takes
// to find them is opened yet (packages.ts): who has the answer in memory needs none of that.

import type { FormatControl, ReleaseControl } from '../engine/resolve-candidates.ts'
import type { TargetQuestion, UniversalQuestion } from '../engine/resolve-question.ts'
import type { ResolveRequest, WantedRequirement } from '../engine/resolve-request.ts'
import type { UniversalRequest } from '../engine/universal-request.ts'
import { workPlace } from '../host/work-place.ts'
import type { SourceSettings } from '../indexes/package-source.ts'
import type { Transport } from '../net/transport.ts'
import { formatPythonVersion } from '../python/interpreter.ts'
import { type Target, targetOf } from '../python/target.ts'
import type { RequirementsOptions } from '../spec/requirements-txt.ts'
import { type Core, storePlace } from './core.ts'
import type { PackagesRequest } from './install-request.ts'
import { watchOdd } from './odd-events.ts'
import type { AimedPython } from './pip-environment.ts'
import { sourceSettings } from './pip-sources.ts'
import type { Surroundings } from './remembered-resolution.ts'
import { type ReadPackages, readWanted } from './wanted.ts'

export interface AskedPackages {
  readonly read: ReadPackages
  /** What a source is opened with: files may add to what was asked for. */
  readonly settings: SourceSettings
  /** What is chosen for: this Python, or the one that `--platform` and its kin describe. */
  readonly target: Target
  readonly formats: FormatControl
  /** Its places are those of this run: another cache perhaps, or the store of the environment. */
  readonly core: Core
  /** What an answer rests on beside the question; the source is whoever's who opens one. */
  readonly around: Omit<Surroundings, 'source'>
  question(wishes: ResolveWishes): TargetQuestion
  universalQuestion(wishes: UniversalWishes): UniversalQuestion
  /** Takes away a cache that goes with the command. */
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
}

export type UniversalWishes = Pick<UniversalRequest, 'roots' | 'requiresPython' | 'preferences' | 'strategy'> & {
  /** Beside those that were read. */
  readonly moreConstraints?: readonly WantedRequirement[]
}

/** Reads what is asked for. Throws what reading files throws. */
export async function askPackages(core: Core, request: PackagesRequest, aimed: AimedPython): Promise<AskedPackages> {
  const { host } = core
  const { interpreter } = aimed
  const ownCache = cacheOf(core, request)
  const places = { ...core.places, store: storePlace(core, aimed.environment), cache: ownCache.directory }
  const watched = watchOdd(core)
  const context = { ...watched.core, places }
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
  const { wanted, choice, build } = request
  const read = await readWanted(core, { wanted, choice, build, transport }).finally(() => opened?.close())
  const said = withFileOptions(core, first, request, read.options)
  const settings =
    request.settings === undefined ? said : said === first ? request.settings : joined(request.settings, said)
  const native = targetOf(core, interpreter)
  const isCross = Object.values(request.target).some((value) => value !== undefined)
  const target = isCross ? (await import('../python/cross-target.ts')).crossTarget(native, request.target) : native
  const formats = formatsOf(request, read.options)
  const releases = releasesOf(request, read.options)
  const fileHashes = read.options.some(({ requireHashes }) => requireHashes)
  const fileNoHashes = read.options.some(({ noRequireHashes }) => noRequireHashes)
  const requireHashes =
    choice.hashes === 'require' || fileHashes ? true : choice.hashes === 'ignore' || fileNoHashes ? false : undefined
  return {
    read,
    settings,
    target,
    formats,
    core: context,
    around: {
      host,
      cache: request.network.cache === false ? undefined : places.cache,
      settings,
      builds: [
        interpreter.implementation,
        formatPythonVersion(interpreter.version),
        build,
        read.buildConstraints.map(({ text }) => text),
      ],
      isOdd: watched.isOdd,
    },
    question: ({ moreConstraints = [], ...wishes }) => ({
      tryFixes: true,
      ...request.solving,
      ...wishes,
      ...(read.overrides.length === 0 ? {} : { overrides: [...(wishes.overrides ?? []), ...read.overrides] }),
      requirements: wishes.requirements ?? read.requirements,
      constraints: [...read.constraints, ...moreConstraints],
      target,
      releases,
      formats,
      ignoreRequiresPython: choice.ignoreRequiresPython,
      ...(requireHashes === undefined ? {} : { requireHashes }),
      ...(wanted.dependencies === 'all' ? {} : { dependencies: wanted.dependencies }),
    }),
    universalQuestion: ({ moreConstraints = [], ...wishes }) => ({
      tryFixes: true,
      ...wishes,
      ...(read.overrides.length === 0 ? {} : { overrides: read.overrides }),
      constraints: [...read.constraints, ...moreConstraints],
      releases,
      formats,
    }),
    close: ownCache.remove,
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

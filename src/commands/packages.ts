// What install, download, wheel and lock begin with: the environment, what is wanted and what files say about the run, the package source
// and the workshop over it. One a command; `close` it.

import type { ProjectName } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import {
  noStatistics,
  type PresentDistribution,
  type ResolvedDistribution,
  type ResolveResult,
} from '../engine/resolve-request.ts'
import type { UniversalResult } from '../engine/universal-request.ts'
import { openWorkshop, type Workshop } from '../engine/workshop.ts'
import { isDenPip } from '../env/den-pip.ts'
import { openPackageSource, type PackageSource, type SourceSettings } from '../indexes/package-source.ts'
import type { Target } from '../python/target.ts'
import { parseMetadata } from '../spec/metadata.ts'
import { parseVersion } from '../spec/version.ts'
import type { Core } from './core.ts'
import type { PackagesRequest } from './install-request.ts'
import { type AskedPackages, askPackages, type ResolveWishes, type UniversalWishes } from './packages-asked.ts'
import type { SeenDistribution } from './pip-distributions.ts'
import { type AimedEnvironment, aimAt } from './pip-environment.ts'
import type { ReadPackages } from './wanted.ts'

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
  resolve(wishes: PackageWishes): Promise<ResolveResult>
  /** The same for every platform; lock files among what was read are not heeded. */
  resolveUniversal(wishes: UniversalWishes): Promise<UniversalResult>
  close(): void
}

export type PackageWishes = ResolveWishes & {
  /** Whether what is chosen will be prepared. */
  readonly ahead?: boolean
}

/** Reads what is asked for and opens what it takes. Throws what finding the environment and reading files throw. */
export async function openPackages(
  core: Core,
  request: PackagesRequest,
  found?: AimedEnvironment,
): Promise<OpenPackages> {
  const aimed = found ?? (await aimAt(core, request.environment))
  const asked = await askPackages(core, request, aimed)
  const open = openAsked(request, asked, aimed)
  return {
    ...open,
    close: () => {
      open.close()
      asked.close()
    },
  }
}

/** Opens what it takes to find what was asked for; that itself is the caller's to close. */
export function openAsked(request: PackagesRequest, asked: AskedPackages, aimed: AimedEnvironment): OpenPackages {
  const { read, settings, target, formats, core } = asked
  const { host } = core
  const { build } = request
  const { environment, interpreter } = aimed
  const source = openPackageSource(core, settings)
  const workshop = openWorkshop(core, {
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
      ...(build.project === undefined ? {} : { project: build.project }),
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
      const elsewhere = await projectsElsewhere(core, settings, error)
      const { unknown } = error.detail
      if (elsewhere.length === 0 && unknown.length === 0) throw error
      const more = {
        ...(elsewhere.length === 0 ? {} : { elsewhere }),
        ...(unknown.length === 0 ? {} : { looked: placesFor(settings, unknown) }),
      }
      throw new DenError('no-solution', { ...error.detail, ...more }, { cause: error })
    }
  }
  return {
    aimed,
    read,
    source,
    settings,
    workshop,
    target,
    resolve: async ({ ahead = false, ...wishes }) => {
      const locked = await lockedDistributions(core, { read, workshop, target })
      if (locked.length > 0 && (wishes.requirements ?? read.requirements).length === 0) return resultOf(locked)
      const question = asked.question(wishes)
      const preferences =
        locked.length === 0
          ? {}
          : {
              preferences: new Map([
                ...(question.preferences ?? []),
                ...locked.map(({ name, version }) => [name, version] as const),
              ]),
            }
      const answer = await resolveOrSayWhere(() =>
        workshop.resolve({ ...question, ...preferences, ...(ahead ? { ahead } : {}) }),
      )
      if (locked.length === 0) return answer
      const names = new Set(locked.map(({ name }) => name))
      return { ...answer, distributions: [...answer.distributions.filter(({ name }) => !names.has(name)), ...locked] }
    },
    resolveUniversal: (wishes) => resolveOrSayWhere(() => workshop.resolveUniversal(asked.universalQuestion(wishes))),
    close: () => {
      workshop.close()
      source.close()
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

// What is to be put in, and how it is made ready: found out anew, by all that it takes to ask indexes and to solve, or recalled, by as good as
// nothing of that. Either is the same to whoever installs. One a command; `close` it.

import { DenError } from '../base/error.ts'
import type { Prepared } from '../engine/prepare.ts'
import type { ResolvedDistribution, ResolveResult, WantedRequirement } from '../engine/resolve-request.ts'
import type { FetchedFile } from '../indexes/fetch-file.ts'
import type { Tree } from '../store/store.ts'
import type { Core } from './core.ts'
import type { InstallPackagesRequest } from './install-request.ts'
import { watchOdd } from './odd-events.ts'
import type { OpenPackages, PackageWishes } from './packages.ts'
import type { SeenDistribution } from './pip-distributions.ts'
import type { AimedEnvironment } from './pip-environment.ts'
import { type Question, type RecalledAnswer, recallAnswer, rememberAnswer } from './remembered-answer.ts'
import type { ReadPackages } from './wanted.ts'

type Ready = ReadonlyMap<ResolvedDistribution, Prepared>

export interface AnswerWishes extends Pick<PackageWishes, 'ahead'> {
  /** What is installed; undefined: everything comes anew. */
  readonly seen: readonly SeenDistribution[] | undefined
  /** In place of what was read. */
  readonly requirements?: (read: ReadPackages) => readonly WantedRequirement[]
  /** Asked for once the requirements are known. */
  readonly upgrade: () => NonNullable<PackageWishes['upgrade']>
}

export interface Answering {
  /** The texts of what is asked for, in one line. */
  readonly asked: string
  /** What reading it has found odd. */
  readonly warnings: readonly string[]
  resolve(wishes: AnswerWishes): Promise<ResolveResult>
  /** What the indexes say of the projects that come (PEP 792). */
  statusWarnings(coming: readonly ResolvedDistribution[]): readonly string[]
  prepare(coming: readonly ResolvedDistribution[]): Promise<Ready>
  /** For a report, which tells the hash of every file. */
  hashesOf(told: readonly ResolvedDistribution[]): Promise<ReadonlyMap<string, string>>
  /** Keeps the answer for whoever asks the same, if it was found out anew and will stay true. */
  remember(answer: ResolveResult, ready: Ready): Promise<void>
  close(): void
}

/** The ordinary way. Throws what reading what is wanted throws. */
export async function openAnew(
  core: Core,
  request: InstallPackagesRequest,
  aimed: AimedEnvironment,
  question: Question | undefined,
): Promise<Answering> {
  // Not before there is something to solve: loading it takes as long as all there is to be done without.
  const [{ openPackages, presentDistributions }, { statusWarning }] = await Promise.all([
    import('./packages.ts'),
    import('../indexes/project-files.ts'),
  ])
  const watched = watchOdd(core)
  const open = await openPackages(watched.core, request, aimed)
  const { read, source, workshop } = open
  const asked = read.requirements.map(({ text }) => text).join(' ')
  return {
    asked,
    warnings: read.warnings,
    resolve: ({ seen, requirements, upgrade, ahead }) =>
      open.resolve({
        ...(seen === undefined ? {} : { installed: presentDistributions(seen) }),
        ...(requirements === undefined ? {} : { requirements: requirements(read) }),
        upgrade: upgrade(),
        ...(ahead === undefined ? {} : { ahead }),
      }),
    statusWarnings: (coming) => {
      const projects = coming.flatMap(({ file, name }) => (file === undefined ? [] : [source.cachedProject(name)]))
      return projects.flatMap((project) => (project?.status === undefined ? [] : (statusWarning(project) ?? [])))
    },
    prepare: workshop.prepare,
    hashesOf: (told) => hashesOf(core, open, told),
    remember: async (result, ready) => {
      if (question === undefined || watched.isOdd()) return
      await rememberAnswer(core, question, { result, ready, pages: source.pagesRead(), asked, settings: open.settings })
    },
    close: open.close,
  }
}

/** The short way; undefined where it doesn't lead there. */
export async function recallPackages(
  core: Core,
  request: InstallPackagesRequest,
  aimed: AimedEnvironment,
  question: Question,
): Promise<Answering | undefined> {
  const known = await recallAnswer(core, question, aimed)
  if (known === undefined) return undefined
  return {
    asked: known.asked,
    warnings: [],
    resolve: async () => known.result,
    statusWarnings: () => [],
    prepare: async (coming) => new Map(coming.map((one) => [one, preparedOf(core, request, aimed, known, one)])),
    hashesOf: async () => new Map(),
    remember: async () => undefined,
    close: known.close,
  }
}

function preparedOf(
  core: Core,
  request: InstallPackagesRequest,
  aimed: AimedEnvironment,
  { trees }: RecalledAnswer,
  one: ResolvedDistribution,
): Prepared {
  const tree = trees.get(one)
  if (tree === undefined) throw new DenError('internal', { message: `${one.name} is not ready`, name: 'install' })
  /** Where something in the store turns out to be damaged, all that the ordinary way takes is wanted after all. */
  const restore = async (damaged: Tree): Promise<Tree> => {
    const { openPackages } = await import('./packages.ts')
    const open = await openPackages(core, request, aimed)
    try {
      const again = (await open.workshop.prepare([one])).get(one)
      return (await again?.restore?.(damaged)) ?? damaged
    } finally {
      open.close()
    }
  }
  return { tree, sha256: tree.manifest.sha256, requested: one.requested, restore }
}

/** Of files that nobody has promised a hash of, the bytes have to be seen. */
async function hashesOf(
  { host }: Core,
  { source, workshop }: Pick<OpenPackages, 'source' | 'workshop'>,
  told: readonly ResolvedDistribution[],
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>()
  for (const one of told) {
    const linked = one.link === undefined ? undefined : workshop.links.sourceOf(one.link)
    const file = linked === undefined ? one.file : linked.kind === 'wheel' ? linked.file : undefined
    if (file === undefined) continue
    const promised = file.hashes['sha256']
    if (promised !== undefined) hashes.set(one.name, promised)
    if (Object.keys(file.hashes).length > 0) continue
    const fetched = await source.fetch(file)
    const sha256 = fetched.sha256 ?? (await sha256Of(host, fetched))
    fetched.release?.()
    if (sha256 !== undefined) hashes.set(one.name, sha256)
  }
  return hashes
}

/** A file of this machine is not read to be "fetched". */
async function sha256Of(
  { files }: Pick<Core['host'], 'files'>,
  { bytes, path }: Pick<FetchedFile, 'bytes' | 'path'>,
): Promise<string | undefined> {
  const seen = bytes ?? (path === undefined ? undefined : files.readBytes(path))
  if (seen === undefined) return undefined
  const { sha256Hex } = await import('../host/hash.ts')
  return sha256Hex(seen)
}

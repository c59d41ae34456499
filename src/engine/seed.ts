// Seeds: pip, and setuptools and wheel where a Python's age wants them, put into an environment as `python -m venv` and virtualenv do,
// but linked from the store and with no Python run.

import { isDenError } from '../base/error.ts'
import type { Places } from '../config/places.ts'
import { isDenPip } from '../env/den-pip.ts'
import type { InstalledDistribution } from '../env/installed.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import type { Context } from '../host/host.ts'
import { installTree } from '../install/install.ts'
import { type LinkMode, openLinker } from '../install/linker.ts'
import type { ScriptNames } from '../install/scripts.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { parseRecord } from '../spec/record.ts'
import { compareVersions, tryParseVersion } from '../spec/version.ts'
import { openStore, type Store, type Tree } from '../store/store.ts'
import type { AppliedPlan } from './apply.ts'
import { type SeedName, type SeedWishes, seedNames } from './seed-choice.ts'
import type { SeedSource } from './seed-files.ts'
import { openSeedSources } from './seed-sources.ts'
import type { ComingSeed } from './seed-standing.ts'

export interface SeedRequest {
  readonly interpreter: Interpreter
  /** The environment's places when it is finished. */
  readonly paths: EnvironmentPaths
  /** The directory that will be `paths.root`, or is it already. */
  readonly staged: string
  readonly seeds: SeedWishes
  /** Whether the index may be asked; yes unless said. */
  readonly download?: boolean
  readonly offline?: boolean
  /** Directories of wheels, looked into before those of the settings. */
  readonly searchDirectories?: readonly string[]
  readonly relocatable?: boolean
  readonly linkMode?: LinkMode
  /** `pip` (as venv leaves them) unless said. */
  readonly scriptNames?: ScriptNames
}

export interface SeedResult {
  /** What was put in, in order. */
  readonly installed: readonly { readonly name: SeedName; readonly version: string }[]
  /** What was there already and stayed. */
  readonly kept: readonly { readonly name: SeedName; readonly version: string }[]
  /** How the files got there. */
  readonly mode: AppliedPlan['linkMode']
}

/** What seeding needs of a command's core: the context and where the store is. */
export type SeedContext = Context & { readonly places: Pick<Places, 'store' | 'journal'> }

/**
 * Puts the seeds in. One that is there already, whole, stays when it is the same release, or a newer one where no certain release was
 * asked for. Throws `no-seed`, net's and the wheel's errors, and the disk's; a staged environment is then thrown away by the caller.
 */
export async function seedEnvironment(context: SeedContext, request: SeedRequest): Promise<SeedResult> {
  const { interpreter, paths, staged, seeds, linkMode = 'auto' } = request
  const { host } = context
  const wishes = seedNames.flatMap((name) => {
    const wish = seeds[name]
    return wish === undefined || wish === false ? [] : [{ name, wish }]
  })
  const linker = openLinker(context, linkMode)
  if (wishes.length === 0) return { installed: [], kept: [], mode: linker.mode() }
  const store = openStore(context, context.places.store)
  const sources = openSeedSources(context, {
    interpreter,
    store,
    searchDirectories: request.searchDirectories ?? [],
    download: request.download ?? true,
    offline: request.offline ?? false,
  })
  // An environment that is being made has nothing in it to be looked for.
  const stands = staged === paths.root
  const present = stands ? await installedIn(context, paths) : []
  const coming: ComingSeed[] = []
  const installed: { name: SeedName; version: string }[] = []
  const kept: { name: SeedName; version: string }[] = []
  try {
    const found = await Promise.all(
      wishes.map(async ({ name, wish }) => ({ name, wish, source: await sources.find(name, wish) })),
    )
    for (const { name, wish, source } of found) {
      const before = present.filter(({ project }) => project === (name as string))
      const stays = before.find(
        (one) =>
          satisfies(one.version, source.version, wish) &&
          isDenPip(one) === (name === 'pip' && wish === 'den') &&
          isWhole(context, one),
      )
      if (stays !== undefined) {
        kept.push({ name, version: stays.version })
        continue
      }
      const fallback = host.path.join(staged, `.den-${name}-${Math.floor(Math.random() * 2 ** 40).toString(36)}`)
      const tree = await seedTree(source, store, fallback)
      installed.push({ name, version: tree.manifest.version })
      if (stands) {
        const restore = (damaged: Tree): Promise<Tree> => store.restore(damaged, source.wheel, fallback)
        coming.push({ tree, before, restore })
        continue
      }
      try {
        await installTree(context, {
          tree,
          paths,
          staged,
          interpreter,
          linker,
          requested: true,
          relocatable: request.relocatable ?? false,
          scriptNames: request.scriptNames ?? 'pip',
          restore: (damaged) => store.restore(damaged, source.wheel, fallback),
        })
      } finally {
        if (host.files.lstat(fallback) !== undefined) host.disk.removeTree(fallback)
      }
    }
    if (coming.length === 0) return { installed, kept, mode: linker.mode() }
    const { seedStanding } = await import('./seed-standing.ts')
    const mode = await seedStanding(context, {
      paths,
      interpreter,
      seeds: coming,
      linkMode,
      relocatable: request.relocatable ?? false,
      scriptNames: request.scriptNames ?? 'pip',
    })
    return { installed, kept, mode }
  } finally {
    for (const { tree } of coming) if (tree.private && stands) host.disk.removeTree(tree.directory)
    sources.close()
  }
}

async function seedTree(source: SeedSource, store: Store, fallback: string): Promise<Tree> {
  const tree = source.tree ?? (await store.ensure(source.wheel, fallback))
  for (const name of source.alsoKnownAs ?? []) store.remember(name, tree)
  return tree
}

/** Whether what is there will do: the same release, or a newer one when the wish names none. */
function satisfies(present: string, found: string, wish: string): boolean {
  const [a, b] = [tryParseVersion(present), tryParseVersion(found)]
  if (a === undefined || b === undefined) return false
  const order = compareVersions(a, b)
  return order === 0 || (order > 0 && (wish === 'embed' || wish === 'bundle'))
}

/** Whether the files of a distribution are there, its scripts too; one without a RECORD that can be read is left as it is. */
function isWhole({ host }: Context, { location, site }: InstalledDistribution): boolean {
  const { files, path } = host
  try {
    const text = files.readText(path.join(location, 'RECORD'))
    if (text === undefined) return true
    return parseRecord(text, { outside: 'allow' })
      .filter((row) => !/\.py[co]$|__pycache__$/.test(row.path))
      .every((row) => files.lstat(path.resolve(site, row.path)) !== undefined)
  } catch (error) {
    if (isDenError(error)) return true
    throw error
  }
}

async function installedIn({ host }: Context, paths: EnvironmentPaths): Promise<readonly InstalledDistribution[]> {
  const { readInstalled } = await import('../env/installed.ts')
  return readInstalled(host, [paths.purelib, paths.platlib])
}

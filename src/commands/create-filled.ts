// New environments with packages in them. What is to be put in is chosen, fetched and built once, for the first of them; each is made whole
// beside its place, then all of a batch are forced to the disk at once, and only then are they given their names. So an environment that is
// there has its packages, whatever ends this process, and a thousand cost a thousand times what their links cost.

import { isDenError } from '../base/error.ts'
import type { AppliedPlan } from '../engine/apply.ts'
import { applyFresh, type FilledPlan, NotWhileMaking } from '../engine/apply-fresh.ts'
import { type ResolvedDistribution, writtenName } from '../engine/resolve-request.ts'
import type { CreatedEnvironment, StagedEnvironment } from '../env/make.ts'
import { environmentPaths } from '../env/paths.ts'
import { entryPath } from '../env/stage.ts'
import { slicer } from '../host/slices.ts'
import type { SetMemory } from '../install/instant-set.ts'
import { openSetHelper, type SetHelper } from '../install/instant-set-helper.ts'
import type { LinkMode } from '../install/linker.ts'
import { parsePyvenvCfg } from '../spec/pyvenv-cfg.ts'
import { openStore } from '../store/store.ts'
import type { CheckProblem } from './check.ts'
import { compileAfter, compileWish } from './compile-bytecode.ts'
import type { Core } from './core.ts'
import type { CreatedResult } from './create.ts'
import { installPackages, type ReadyPackages, readyPackages } from './install.ts'
import type { InstallPackagesRequest } from './install-request.ts'
import { type PackagesWish, packagesRequest } from './library-request.ts'
import { type LinkWish, linkModeFor } from './link-mode.ts'

export interface FilledRequest {
  readonly wish: PackagesWish
  readonly linkMode?: LinkMode | 'instant'
  readonly relocatable: boolean
  /** Absolute; nothing stands there. */
  readonly roots: readonly string[]
  /** What stands there is to be replaced, and gets its packages when it has been. */
  readonly anew: readonly string[]
  /** Makes one without its name; `instant`: laid out for links to whole trees. */
  readonly begin: (
    root: string,
    instant: boolean,
  ) => Promise<{ readonly staged: StagedEnvironment; readonly finish: (made: CreatedEnvironment) => CreatedResult }>
}

export interface FilledEnvironments {
  /** Those that are made and filled, by root. */
  readonly environments: ReadonlyMap<string, CreatedResult>
  /** Puts the packages into those of these that were there before, or could not be filled while they were made. */
  fill(roots: readonly string[]): Promise<void>
  /** What was put in. */
  packages(): readonly { readonly name: string; readonly version: string }[]
}

/** So many are forced to the disk at once: what a kill leaves half-made, and what one wait for the disk is shared by. */
const batch = 50

/** Another thread costs as much to start as half an environment, and is of use to whoever makes more than a few. */
const worthThread = 4

/** Throws what making environments throws, and what installing packages throws; what was not given its name by then is gone. */
export async function createFilled(core: Core, request: FilledRequest): Promise<FilledEnvironments> {
  const { wish, roots } = request
  const links = linkModeFor(core, request.linkMode, parsePyvenvCfg(''))
  const environments = new Map<string, CreatedResult>()
  // Until they are known as environments, nothing tells the store's collector what they lead to.
  const held = await openStore(core, core.places.store).hold()
  const helper = roots.length < worthThread ? undefined : openSetHelper(core.host)
  const filling: Filling = { links, relocatable: request.relocatable, memory: new Map(), helper }
  // Gives the other thread's answers their turn.
  const slice = slicer({ operation: 'den create', signal: core.signal, milliseconds: 0 })
  let ready: ReadyPackages | undefined
  let packages: ReturnType<FilledEnvironments['packages']> = []
  let mode: AppliedPlan['linkMode'] = 'copy'
  try {
    const [first] = request.anew
    if (roots.length === 0 && first !== undefined) await tryOut(core, wish, () => request.begin(first, false))
    for (let at = 0; at < roots.length; at += batch) {
      const making: Making[] = []
      const fills: Promise<void>[] = []
      try {
        for (const root of roots.slice(at, at + batch)) {
          const begun = await request.begin(root, links.linkMode === 'instant')
          const one: Making = { root, ...begun, written: ownFiles(core, begun.staged) }
          making.push(one)
          const isFirst = ready === undefined
          ready ??= await readyPackages(core, installRequest(core, wish, one.staged.staged))
          // What is odd about the packages is as odd in all of them.
          const told = isFirst ? core : { ...core, report: () => undefined }
          const fill = fillOne(told, ready, one, filling).then(({ written, linkMode }) => {
            one.written.push(...written)
            mode = linkMode
          })
          fills.push(fill)
          // The first one shows whether it can be done so at all, and what is remembered of the set.
          if (isFirst) await fill
          fill.catch(() => undefined)
          await slice()
        }
        await Promise.all(fills)
        appear(core, making, environments)
      } catch (error) {
        // What another thread is at has to end before anybody clears up.
        await Promise.allSettled(fills)
        for (const { root, staged } of making) if (!environments.has(root)) staged.drop()
        if (!(error instanceof NotWhileMaking)) throw error
        // What keeps one from it keeps all of them from it.
        break
      }
    }
    if (ready !== undefined && environments.size > 0) {
      packages = packagesOf(ready.result.resolved)
      await settle(core, { ready, environments: [...environments.values()], mode })
    }
  } finally {
    helper?.close()
    ready?.close()
    held?.release()
  }
  return {
    environments,
    packages: () => packages,
    fill: async (all) => {
      for (const root of all) {
        if (environments.has(root)) continue
        const { resolved, warnings, conflicts } = await installPackages(core, installRequest(core, wish, root), {
          ...(request.linkMode === undefined ? {} : { linkMode: request.linkMode }),
        })
        await tell(core, warnings, conflicts)
        if (packages.length === 0) packages = packagesOf(resolved)
      }
    },
  }
}

/** What can't be had is to be known before anything gives way to an environment that was to have it. */
async function tryOut(core: Core, wish: PackagesWish, begin: () => ReturnType<FilledRequest['begin']>): Promise<void> {
  let staged: StagedEnvironment
  try {
    staged = (await begin()).staged
  } catch (error) {
    // Beside it nothing may be made; it itself may.
    if (isDenError(error, 'permission-denied', 'read-only-disk', 'io-failed')) return
    throw error
  }
  try {
    const ready = await readyPackages(core, installRequest(core, wish, staged.staged))
    await ready.remember()
    ready.close()
  } finally {
    staged.drop()
  }
}

interface Making {
  readonly root: string
  readonly staged: StagedEnvironment
  readonly finish: (made: CreatedEnvironment) => CreatedResult
  /** What was written, as opposed to linked. */
  readonly written: string[]
}

/** The packages as an install of them into the environment at `root` asks for them. */
function installRequest(core: Core, wish: PackagesWish, root: string): InstallPackagesRequest {
  const request = packagesRequest(core, { ...wish, environment: root })
  return {
    ...request,
    // One checkout for all of them, where pip has it that is in no environment.
    build: { ...request.build, sourceDirectory: core.host.path.join(core.host.cwd, 'src') },
    place: { kind: 'environment' },
    upgrade: 'no',
    forceReinstall: false,
    ignoreInstalled: false,
    breakSystemPackages: false,
    compileBytecode: true,
    dryRun: false,
    warnings: { scriptsOutsidePath: false, conflicts: true, root: false },
  }
}

/** By name. */
function packagesOf(resolved: readonly ResolvedDistribution[]): ReturnType<FilledEnvironments['packages']> {
  const byName = resolved.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return byName.map((one) => ({ name: writtenName(one), version: one.version.text }))
}

interface Settling {
  readonly ready: ReadyPackages
  readonly environments: readonly CreatedResult[]
  readonly mode: AppliedPlan['linkMode']
}

/** What an install does when packages are in. */
async function settle(core: Core, { ready, environments, mode }: Settling): Promise<void> {
  const { result, trees } = ready
  const { interpreter } = result.aimed
  // The store's trees are compiled for all environments at once.
  for (const { root } of mode === 'instant' ? environments.slice(0, 1) : environments) {
    await compileAfter(core, {
      wish: compileWish(core, 'background'),
      interpreter,
      paths: environmentPaths(interpreter, root, core.host.path),
      isEnvironment: true,
      trees,
      linkMode: mode,
    })
  }
  await tell(core, result.warnings, await ready.conflictsIn(environments[0]!.root))
  await ready.remember()
}

async function tell(core: Core, warnings: readonly string[], conflicts: readonly CheckProblem[]): Promise<void> {
  if (warnings.length + conflicts.length === 0) return
  const { conflictSentence } = await import('./conflicts.ts')
  for (const text of [...warnings, ...conflicts.map(conflictSentence)]) core.report({ kind: 'note', text })
}

interface Filling {
  readonly links: LinkWish
  readonly relocatable: boolean
  readonly memory: SetMemory
  readonly helper: SetHelper | undefined
}

/** What is written of every environment. */
function ownFiles({ host }: Core, { staged, plan }: StagedEnvironment): string[] {
  return plan.entries.flatMap((entry) =>
    entry.kind === 'directory' || entry.kind === 'link' ? [] : [entryPath(host, staged, entry)],
  )
}

async function fillOne(
  core: Core,
  ready: ReadyPackages,
  { root, staged }: { readonly root: string; readonly staged: StagedEnvironment },
  { links, relocatable, memory, helper }: Filling,
): Promise<FilledPlan> {
  return await applyFresh(
    core,
    {
      plan: ready.planFor(root),
      environment: { root, paths: staged.plan.paths },
      interpreter: ready.result.aimed.interpreter,
      ...links,
      ...(relocatable ? { relocatable } : {}),
      scriptNames: 'pip',
      command: `install ${ready.asked}`.trim(),
    },
    { staged: staged.staged, memory, helper },
  )
}

/** All of them to the disk, and then their names. */
function appear({ host }: Core, making: readonly Making[], environments: Map<string, CreatedResult>): void {
  const { disk, files, path } = host
  const byDevice = Map.groupBy(making, ({ staged }) => files.lstat(staged.staged)?.device)
  for (const together of byDevice.values())
    disk.syncTrees(
      together.map(({ staged }) => staged.staged),
      together.flatMap(({ written }) => written),
    )
  const parents = new Set<string>()
  for (const { root, staged, finish } of making) {
    try {
      environments.set(root, finish(staged.appear()))
    } catch (error) {
      if (!isDenError(error, 'environment-raced')) throw error
      // Somebody else's: whether it will do is found out where it is met.
      staged.drop()
    }
    parents.add(path.dirname(root))
  }
  disk.syncAll([...parents])
}

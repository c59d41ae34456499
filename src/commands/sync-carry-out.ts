// The change of a sync, carried out. Loaded only when there is one: what it takes is most of den.

import { type AppliedPlan, applyPlan } from '../engine/apply.ts'
import { applyFresh, NotWhileMaking } from '../engine/apply-fresh.ts'
import type { Prepared } from '../engine/prepare.ts'
import { readEnvironment } from '../env/environment.ts'
import { environmentPaths } from '../env/paths.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import { isEmptyPlan, type Plan, type Wanted } from '../plan/plan.ts'
import type { PylockSelection } from '../spec/pylock-select.ts'
import { parsePyvenvCfg } from '../spec/pyvenv-cfg.ts'
import { compileAfter, compileWish } from './compile-bytecode.ts'
import type { Core } from './core.ts'
import { create, type Filling } from './create.ts'
import { comingOf, preparedPlan } from './install.ts'
import { packagesRequest } from './library-request.ts'
import { linkModeFor } from './link-mode.ts'
import { keepStamp, stampOfSelection } from './lock-difference.ts'
import { distributionOfSelection } from './locked.ts'
import { openPackages } from './packages.ts'
import { aimAt } from './pip-environment.ts'
import type { LockedSync } from './sync-locked.ts'

export interface CarriedOut {
  readonly applied?: AppliedPlan
  readonly versions: ReadonlyMap<PylockSelection, string>
}

/** Everything is ready before anything is touched. Throws as `syncLocked`. */
export async function carryOut(core: Core, sync: LockedSync, change: Plan<PylockSelection>): Promise<CarriedOut> {
  const { environment, interpreter, file } = sync
  const wish = sync.wish()
  const fits = environment.kind === 'fits'
  const python = fits ? environment.root : interpreter.executable
  const request = packagesRequest(core, { ...wish, environment: python })
  const aimed = await aimAt(core, request.environment)
  const open = await openPackages(core, request, aimed)
  try {
    const coming = comingOf(change).map(({ source }) => source)
    const distributions = new Map(
      await Promise.all(
        coming.map(async (source) => {
          const one = await distributionOfSelection(core, { place: file, isProject: true }, source, open.workshop)
          return [source, { ...one, requested: sync.requested(one.name) }] as const
        }),
      ),
    )
    const made = await open.workshop.prepare([...distributions.values()])
    // Not before: many a build writes into its sources, and would have to be done again for that.
    const stamps = new Map(coming.map((one) => [one.package.name, stampOfSelection(core.host, file, one)]))
    const ready = new Map<PylockSelection, Prepared>()
    for (const [source, one] of distributions) {
      const prepared = made.get(one)
      if (prepared !== undefined) ready.set(source, prepared)
    }
    const versions = new Map([...distributions].map(([source, { version }]) => [source, version.text]))
    const known = withVersions(change, versions)
    const applied = fits ? await changeStanding(core, sync, known, ready) : await makeFilled(core, sync, known, ready)
    for (const { name, distInfo } of applied?.installed ?? []) {
      const stamp = stamps.get(name)
      if (stamp !== undefined) keepStamp(core, environment.root, distInfo, stamp)
    }
    if (applied !== undefined) {
      await compileAfter(core, {
        wish: compileWish(core, 'background'),
        interpreter,
        paths: environmentPaths(interpreter, environment.root, core.host.path),
        isEnvironment: true,
        trees: [...ready.values()].map(({ tree }) => tree),
        linkMode: applied.linkMode,
      })
    }
    return { ...(applied === undefined ? {} : { applied }), versions }
  } finally {
    open.close()
  }
}

type Ready = ReadonlyMap<PylockSelection, Prepared>

/** What only the source told. */
function withVersions(
  change: Plan<PylockSelection>,
  versions: ReadonlyMap<PylockSelection, string>,
): Plan<PylockSelection> {
  const told = (one: Wanted<PylockSelection>): Wanted<PylockSelection> => ({
    ...one,
    version: versions.get(one.source) ?? one.version,
  })
  return {
    ...change,
    install: change.install.map(told),
    change: change.change.map(({ from, to }) => ({ from, to: told(to) })),
    reinstall: change.reinstall.map(({ from, to }) => ({ from, to: told(to) })),
  }
}

async function changeStanding(
  core: Core,
  sync: LockedSync,
  change: Plan<PylockSelection>,
  ready: Ready,
): Promise<AppliedPlan> {
  const { interpreter, command, linkMode } = sync
  const { root } = sync.environment
  const environment = readEnvironment(core.host, root)
  return await applyPlan(core, {
    plan: preparedPlan(core, root, change, ready),
    environment: { root, paths: environmentPaths(interpreter, root, core.host.path) },
    interpreter,
    ...linkModeFor(core, linkMode, environment?.cfg ?? parsePyvenvCfg('')),
    ...(environment?.relocatable === true ? { relocatable: true } : {}),
    scriptNames: 'pip',
    command,
  })
}

/**
 * The environment is made with its packages in it and gets its name, or the place of the old one, when it is whole. What an environment
 * that is being made has no means for is put in afterwards.
 */
async function makeFilled(
  core: Core,
  sync: LockedSync,
  change: Plan<PylockSelection>,
  ready: Ready,
): Promise<AppliedPlan | undefined> {
  const { interpreter, command, environment } = sync
  const { root } = environment
  const links = linkModeFor(core, sync.linkMode, parsePyvenvCfg(''))
  const plan = preparedPlan(core, root, change, ready)
  const request = { plan, interpreter, ...links, scriptNames: 'pip' as const, command }
  let applied: AppliedPlan | undefined
  const fill = async ({ staged, paths }: { readonly staged: string; readonly paths: EnvironmentPaths }) => {
    const place = { staged, memory: new Map(), helper: undefined }
    const filled = await applyFresh(core, { ...request, environment: { root, paths } }, place)
    core.host.disk.syncTrees([staged], filled.written)
    applied = filled
  }
  const make = async (filling: Filling): Promise<void> => {
    await create(
      core,
      {
        paths: [root],
        python: interpreter.executable,
        existing: environment.kind === 'unfit' ? 'clear' : 'keep',
        ...(sync.seed ? { seeds: { pip: 'den' as const }, seedsIfNew: true } : {}),
        ...(links.linkMode === undefined ? {} : { linkMode: links.linkMode }),
        ...(sync.prompt === undefined ? {} : { prompt: sync.prompt }),
      },
      filling,
    )
  }
  const isEmpty = isEmptyPlan(change)
  try {
    await make(isEmpty ? {} : { fill })
  } catch (error) {
    if (!(error instanceof NotWhileMaking)) throw error
    applied = undefined
    await make({})
  }
  if (isEmpty || applied !== undefined) return applied
  return await changeStanding(core, sync, change, ready)
}

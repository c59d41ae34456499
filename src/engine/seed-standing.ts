// Seeds for an environment that stands: what is there gives way and what is wanted comes, all of it in one transaction, so that a kill
// between the two never leaves an environment without a pip.

import type { Places } from '../config/places.ts'
import type { InstalledDistribution } from '../env/installed.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import type { Context } from '../host/host.ts'
import type { LinkMode } from '../install/linker.ts'
import type { ScriptNames } from '../install/scripts.ts'
import { workDirectory } from '../journal/transaction.ts'
import type { Interpreter } from '../python/interpreter.ts'
import type { Tree } from '../store/store.ts'
import { type AppliedPlan, applyPlan } from './apply.ts'

export interface ComingSeed {
  readonly tree: Tree
  /** What stands there of the project, and goes. */
  readonly before: readonly InstalledDistribution[]
  readonly restore: (tree: Tree) => Promise<Tree>
}

export interface StandingRequest {
  readonly paths: EnvironmentPaths
  readonly interpreter: Interpreter
  readonly seeds: readonly ComingSeed[]
  readonly linkMode: LinkMode
  readonly relocatable: boolean
  readonly scriptNames: ScriptNames
}

/** Throws what `applyPlan` throws; the environment is then as it was. */
export async function seedStanding(
  context: Context & { readonly places: Pick<Places, 'journal'> },
  request: StandingRequest,
): Promise<AppliedPlan['linkMode']> {
  const { paths, seeds, ...more } = request
  const { host } = context
  const wanted = seeds.map(({ tree, before, restore }) => {
    const { project: name, version } = tree.manifest
    const from = before.map((one) => ({ name: one.project, version: one.version, location: one.location }))
    return { from, to: { name, version, source: { tree, requested: true, restore } } }
  })
  const { linkMode } = await applyPlan(context, {
    plan: {
      install: wanted.filter(({ from }) => from.length === 0).map(({ to }) => to),
      change: wanted.filter(({ from }) => from.length > 0),
      reinstall: [],
      remove: [],
      unchanged: [],
    },
    environment: { root: paths.root, paths },
    interpreter: more.interpreter,
    linkMode: more.linkMode,
    relocatable: more.relocatable,
    scriptNames: more.scriptNames,
    // Whoever makes the environment anew in its place holds it.
    locked: true,
    command: `seed ${wanted.map(({ to }) => to.name).join(' ')}`,
    // An environment that den has never changed keeps looking as its maker left it.
    ...(host.files.lstat(workDirectory(host, paths.root)) === undefined ? { traceless: true } : {}),
  })
  return linkMode
}

// An environment brought to what was selected of a lock: what is missing is told from files; fetched and built before anything is touched;
// put in by one transaction, or, where there is no environment yet or another is wanted, into the new one before it has its name.

import type { ProjectName } from '../base/brand.ts'
import type { AppliedPlan } from '../engine/apply.ts'
import { environmentPaths } from '../env/paths.ts'
import type { LinkMode } from '../install/linker.ts'
import { isEmptyPlan, type Plan } from '../plan/plan.ts'
import type { Interpreter } from '../python/interpreter.ts'
import type { PylockSelection } from '../spec/pylock-select.ts'
import type { Core } from './core.ts'
import type { ProjectPackagesWish } from './library-request.ts'
import { lockDifference } from './lock-difference.ts'
import type { ProjectEnvironment } from './project-environment.ts'
import { checkFormat, type ProjectFormats } from './project-formats.ts'

export interface LockedSync {
  readonly environment: ProjectEnvironment
  /** The base interpreter of the environment, or of the one that is to be made. */
  readonly interpreter: Interpreter
  /** The lock's file. */
  readonly file: string
  readonly selection: readonly PylockSelection[]
  readonly exact: boolean | ReadonlySet<ProjectName>
  readonly keep: ReadonlySet<ProjectName>
  /** Whom somebody asked for by name. */
  readonly requested: (name: ProjectName) => boolean
  readonly reinstall?: (name: ProjectName) => boolean
  /** Whether wheels will do, and what is built, of each project. */
  readonly formats: ProjectFormats
  /** Indexes, and how it is built. */
  readonly wish: () => ProjectPackagesWish
  readonly linkMode?: LinkMode | 'instant'
  /** For the history. */
  readonly command: string
  /** Gives a new environment den's own pip. */
  readonly seed: boolean
  /** What the prompt of a new environment says. */
  readonly prompt?: string
  readonly dryRun: boolean
}

export interface LockedSyncResult {
  readonly plan: Plan<PylockSelection>
  /** The version of each that comes; what only its source tells is known when it has been made ready. */
  readonly versions: ReadonlyMap<PylockSelection, string>
  readonly outcome: 'kept' | 'created' | 'replaced' | 'planned'
  readonly applied?: AppliedPlan
}

/** Throws what fetching, building, making environments and applying throw; the environment is then as it was. */
export async function syncLocked(core: Core, sync: LockedSync): Promise<LockedSyncResult> {
  const { environment, interpreter, file, selection, exact, keep, reinstall } = sync
  const { path } = core.host
  const fits = environment.kind === 'fits'
  const { purelib, platlib } = environmentPaths(interpreter, environment.root, path)
  const change = lockDifference(core, {
    file,
    root: environment.root,
    selection,
    sites: fits ? [purelib, platlib] : [],
    exact,
    keep,
    ...(reinstall === undefined ? {} : { reinstall }),
  })
  const coming = [...change.install, ...[...change.change, ...change.reinstall].map(({ to }) => to)]
  for (const { source } of coming) checkFormat(file, sync.formats, source)
  const known = new Map(selection.map((one) => [one, one.package.version?.text ?? '']))
  if (sync.dryRun || (isEmptyPlan(change) && fits)) {
    return { plan: change, versions: known, outcome: fits ? 'kept' : 'planned' }
  }
  const { carryOut } = await import('./sync-carry-out.ts')
  const { applied, versions } = await carryOut(
    core.host.unnoted === undefined ? core : { ...core, host: core.host.unnoted() },
    sync,
    change,
  )
  const outcome = fits ? 'kept' : environment.kind === 'missing' ? 'created' : 'replaced'
  return {
    plan: change,
    versions: new Map([...known, ...versions]),
    outcome,
    ...(applied === undefined ? {} : { applied }),
  }
}

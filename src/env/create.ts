// Making an environment: what stands at its place decides how. Nothing: it is made beside and renamed. An environment: refused, replaced,
// upgraded or reused, as the caller wants. Something else is never taken away.

import { DenError } from '../base/error.ts'
import type { Context, Host } from '../host/host.ts'
import { formatPythonVersion } from '../python/interpreter.ts'
import { pythonVersionOf } from '../spec/pyvenv-cfg.ts'
import { settingsOf } from './cfg.ts'
import { lockEnvironment } from './lock.ts'
import {
  type CreatedEnvironment,
  createBeside,
  createWithin,
  type LockedOptions,
  type MakeOptions,
  replaceEnvironment,
} from './make.ts'
import { environmentPaths } from './paths.ts'
import { checkRoot, type Standing, settlePlace } from './place.ts'
import type { EnvironmentPlan, PlanEntry } from './plan.ts'
import { planEnvironment } from './plan-environment.ts'
import { refreshEntries, removeStaleNames } from './refresh.ts'

export interface CreateOptions extends MakeOptions {
  /**
   * What happens to an environment that is there. `refuse`: an error. `clear`: it is replaced. `upgrade`: it is pointed at this
   * interpreter, of the same minor version, and keeps its packages and its settings. `reuse`: what venv does, its files are made
   * right and its packages stay; this one also accepts a directory that is none, as long as nothing in it would be overwritten.
   */
  readonly existing: 'refuse' | 'clear' | 'upgrade' | 'reuse'
  /** What `settlePlace` found at the root a moment ago, when somebody has looked already. */
  readonly standing?: Standing
}

/**
 * Makes one environment. Throws, before anything is changed: `environment-exists`, `not-an-environment`, `environment-path-taken`,
 * `environment-files-in-the-way`, `environment-upgrade-mismatch`, and what `planEnvironment` throws; `environment-raced` when another
 * process was faster; errors of the disk, with nothing left half-made.
 */
export async function createEnvironment(context: Context, options: CreateOptions): Promise<CreatedEnvironment> {
  const { root, existing, journal } = options
  checkRoot(context.host, root)
  const standing = options.standing ?? settlePlace(context, root, journal)
  refuseStanding(root, standing, existing)
  if (standing.kind === 'nothing') return createBeside(context, options)
  const lock = await lockEnvironment(context, journal, root)
  try {
    // It may be another one by now.
    return await createOver(context, { ...options, lock }, settlePlace(context, root, journal, lock?.path))
  } finally {
    lock?.release()
  }
}

async function createOver(
  context: Context,
  options: CreateOptions & LockedOptions,
  standing: Standing,
): Promise<CreatedEnvironment> {
  const { root, existing } = options
  refuseStanding(root, standing, existing)
  switch (standing.kind) {
    case 'nothing':
      return createBeside(context, options)
    case 'empty':
      return createWithin(context, options, 'created')
    case 'environment':
      if (existing === 'clear') return replaceEnvironment(context, options, standing.movable)
      return refresh(context, existing === 'upgrade' ? upgraded(context, options, standing) : options, standing)
    case 'directory':
      // Someone whom no lock stops, of another machine perhaps.
      if (existing !== 'reuse') throw new DenError('environment-raced', { path: root })
      return refresh(context, { ...options, ignoreFiles: false }, standing)
  }
}

/**
 * Throws where what stands there must be left alone: `environment-exists`, `not-an-environment`. What another process is changing is
 * judged under its lock, when that process is done.
 */
export function refuseStanding(root: string, standing: Standing, existing: CreateOptions['existing'] | 'keep'): void {
  if (standing.kind === 'environment' && existing === 'refuse') {
    throw new DenError('environment-exists', { path: root, differences: [] })
  }
  if (standing.kind === 'environment' && existing === 'clear' && standing.project.length > 0) {
    throw new DenError('not-an-environment', { path: root, holds: standing.project })
  }
  if (standing.kind === 'directory' && existing !== 'reuse' && !standing.changing) {
    throw new DenError('not-an-environment', { path: root, holds: standing.names })
  }
}

/** Over what stands there. */
async function refresh(
  context: Context,
  options: CreateOptions,
  standing: Extract<Standing, { kind: 'environment' | 'directory' }>,
): Promise<CreatedEnvironment> {
  const { root, existing } = options
  const plan = planEnvironment(context.host, options)
  // venv leaves the scripts alone when it upgrades: they don't depend on the version.
  const entries =
    existing === 'upgrade' ? plan.entries.filter(({ path }) => !isActivation(path, plan, context.host)) : plan.entries
  if (standing.kind === 'directory') refuseOverwriting(context, root, entries)
  const made = refreshEntries(context, root, entries)
  // In a directory of something else, such names are something else's.
  if (standing.kind === 'environment') removeStaleNames(context, plan.paths.scripts, entries)
  await options.fill?.({ staged: root, paths: plan.paths })
  return { plan, outcome: 'refreshed', entries: made }
}

function isActivation(path: string, { paths, root }: EnvironmentPlan, host: Host): boolean {
  const scripts = `${host.path.relative(root, paths.scripts).replaceAll('\\', '/')}/`
  return path.startsWith(scripts) && /^(?:de)?activate|^Activate/.test(path.slice(scripts.length))
}

/** A directory of something else may get an environment in between (`python -m venv .`), but loses nothing to it. */
function refuseOverwriting({ host }: Context, root: string, entries: readonly PlanEntry[]): void {
  const files = entries
    .filter(({ kind, path }) => {
      const place = host.path.join(root, path)
      // A directory may be there already; a file in its place would stop the work half-way.
      if (kind === 'directory' && host.files.stat(place)?.kind === 'directory') return false
      return host.files.lstat(place) !== undefined
    })
    .map(({ path }) => host.path.join(root, path))
  if (files.length > 0) throw new DenError('environment-files-in-the-way', { path: root, files })
}

/** What an upgrade goes by: the settings that stand, and an interpreter whose packages stay where it looks for them. */
function upgraded(
  { host }: Context,
  options: CreateOptions,
  { cfg }: Extract<Standing, { kind: 'environment' }>,
): CreateOptions {
  const { interpreter, root } = options
  const had = cfg === undefined ? undefined : pythonVersionOf(cfg)
  const { purelib } = environmentPaths(interpreter, root, host.path)
  const sameMinor =
    had === undefined || (had.major === interpreter.version.major && had.minor === interpreter.version.minor)
  if (!sameMinor || host.files.stat(host.path.dirname(purelib)) === undefined) {
    const version = had === undefined ? 'another Python' : `${had.major}.${had.minor}`
    throw new DenError('environment-upgrade-mismatch', {
      path: root,
      had: version,
      wanted: formatPythonVersion(interpreter.version),
    })
  }
  if (cfg === undefined) return options
  const seeds = cfg.values.get('seed')?.split(/[\s,]+/) ?? []
  return {
    ...options,
    settings: { ...settingsOf(cfg), ...options.settings },
    seeds: seeds.filter((seed) => seed !== ''),
  }
}

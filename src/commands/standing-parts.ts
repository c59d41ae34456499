// Which of a project's extras and groups stand in its environment: nobody notes with which of them it was synced, so it is told from what
// is there. What changes the project later keeps them, in the versions that are locked then.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import { readInstalled } from '../env/installed.ts'
import { environmentPaths } from '../env/paths.ts'
import { rootsOfInputs } from '../project/lock-inputs.ts'
import type { ProjectLock } from '../project/lock-read.ts'
import { selectLocked } from '../project/lock-select.ts'
import type { LockInputs } from '../project/lock-values.ts'
import type { ConflictItem, Manifest } from '../project/manifest.ts'
import type { PartsRequest } from '../project/parts.ts'
import { targetOf } from '../python/target.ts'
import { normalizeName } from '../spec/name.ts'
import type { PylockSelection } from '../spec/pylock-select.ts'
import { formatVersion } from '../spec/version.ts'
import type { AskedPython } from './asked-python.ts'
import type { Core } from './core.ts'
import { lookAtEnvironment, projectEnvironmentRoot, pythonWish } from './project-environment.ts'

export interface StandingParts {
  readonly extras: readonly ExtraName[]
  /** Normalized. */
  readonly groups: readonly string[]
  /** What the lock has for this environment, for the project and for them. */
  readonly here: readonly ProjectName[]
}

/**
 * The parts, beside those that are synced anyhow, of which all that `lock` has for this environment is there, something that nobody else
 * asks for among it. Throws what looking at the environment throws.
 */
export async function standingParts(
  core: Core,
  manifest: Manifest,
  lock: ProjectLock | undefined,
  asked: AskedPython = {},
): Promise<StandingParts> {
  const none: StandingParts = { extras: [], groups: [], here: [] }
  // Of what was not made by den for what is asked there is no telling.
  if (lock?.written !== 'den' || lock.inputs === undefined) return none
  const root = projectEnvironmentRoot(core.host, manifest)
  const environment = await lookAtEnvironment(core, root, pythonWish(core, manifest, asked))
  if (environment.kind !== 'fits') return none
  const { interpreter } = environment
  const { purelib, platlib } = environmentPaths(interpreter, root, core.host.path)
  const installed = readInstalled(core.host, [...new Set([purelib, platlib])])
  const there = new Map<string, string>(installed.map(({ project, version }) => [project, version]))
  const likely = likelyParts(lock.inputs, (name) => name === manifest.name || there.has(name))
  const known = lock.lock?.dependencyGroups.map(normalizeName) ?? []
  const defaults = manifest.defaultGroups.filter((name) => known.includes(normalizeName(name)))
  const { markers, ranks } = targetOf(core, interpreter)
  const selected = (extras: readonly string[], groups: readonly string[]): readonly PylockSelection[] => {
    try {
      return selectLocked(lock, { markers, ranks, extras, groups: [...defaults, ...groups], noProject: true })
    } catch (error) {
      // Not for this environment, or not together with what is synced anyhow.
      if (isDenError(error, 'lock-file-mismatch')) return []
      throw error
    }
  }
  const always = selected([], [])
  const anyhow = new Set(always.map(keyOf))
  const here = new Set(always.map(({ package: { name } }) => name))
  const stands = (all: readonly PylockSelection[]): boolean => {
    const own = all.filter((one) => !anyhow.has(keyOf(one)))
    if (own.length === 0 || !own.every((one) => isThere(one, there))) return false
    for (const one of own) here.add(one.package.name)
    return true
  }
  const groupsLeft = new Set([...manifest.groups.groups.keys()].map(normalizeName))
  const extras = likely.extras.filter((extra) => stands(selected([extra], [])) && hasExtra(manifest, extra))
  const groups = likely.groups.filter((group) => stands(selected([], [group])) && groupsLeft.has(normalizeName(group)))
  return { extras, groups, here: [...here] }
}

/** Of dynamic ones the lock alone knows. */
function hasExtra({ extras, dynamic }: Pick<Manifest, 'extras' | 'dynamic'>, extra: ExtraName): boolean {
  return extras.has(extra) || dynamic.has('optional-dependencies')
}

/** Those that have somebody to ask for, all of whom are there: to select for each of a hundred extras takes its time. */
function likelyParts(
  inputs: LockInputs,
  isThere: (name: ProjectName) => boolean,
): { readonly extras: readonly ExtraName[]; readonly groups: readonly string[] } {
  const likely = { extras: new Map<ExtraName, boolean>(), groups: new Map<string, boolean>() }
  for (const { requirement, extra, group } of rootsOfInputs(inputs)) {
    // What is asked for only somewhere need not be there.
    const fits = requirement.marker !== undefined || isThere(requirement.name)
    if (extra !== undefined) likely.extras.set(extra, fits && likely.extras.get(extra) !== false)
    if (group !== undefined) likely.groups.set(group, fits && likely.groups.get(group) !== false)
  }
  const kept = <Name>(parts: ReadonlyMap<Name, boolean>): readonly Name[] =>
    [...parts].flatMap(([name, fits]) => (fits ? [name] : []))
  return { extras: kept(likely.extras), groups: kept(likely.groups) }
}

function keyOf({ package: { name, version } }: PylockSelection): string {
  return version === undefined ? name : `${name} ${formatVersion(version)}`
}

function isThere({ package: { name, version } }: PylockSelection, there: ReadonlyMap<string, string>): boolean {
  const found = there.get(name)
  return found !== undefined && (version === undefined || formatVersion(version) === found)
}

/** What is asked for, and of what stands all that may be wanted together with it. */
export function withStanding(
  asked: PartsRequest,
  standing: StandingParts,
  { settings, defaultGroups }: Pick<Manifest, 'settings' | 'defaultGroups'>,
): PartsRequest {
  const extras = new Set<string>(asked.extras?.map(normalizeName))
  const groups = new Set<string>([...defaultGroups, ...(asked.groups ?? [])].map(normalizeName))
  const isChosen = (item: ConflictItem): boolean =>
    'extra' in item ? extras.has(item.extra) : groups.has(normalizeName(item.group))
  const excludes = (isThis: (item: ConflictItem) => boolean): boolean =>
    settings.conflicts.some((items) => items.some(isThis) && items.some((item) => !isThis(item) && isChosen(item)))
  for (const extra of standing.extras)
    if (!excludes((item) => 'extra' in item && item.extra === extra)) extras.add(extra)
  for (const group of standing.groups)
    if (!excludes((item) => 'group' in item && normalizeName(item.group) === normalizeName(group)))
      groups.add(normalizeName(group))
  return { ...asked, extras: [...extras], groups: [...groups] }
}

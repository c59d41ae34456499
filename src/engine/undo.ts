// Undo: a plan from what stands now back to what stood before a change. Trees come from the store, which keeps what the history names;
// what it doesn't have any more, or never had because another tool put it in, is named for the caller to fetch.

import type { ProjectName } from '../base/brand.ts'
import {
  differencesSince,
  type HistoryDifference,
  type HistoryDistribution,
  type HistoryEntry,
  historyOf,
  lastHistoryEntry,
} from '../env/history.ts'
import { type InstalledDistribution, readInstalled } from '../env/installed.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import type { Host } from '../host/host.ts'
import type { Present, Wanted } from '../plan/plan.ts'
import type { Store } from '../store/store.ts'
import type { PreparedDistribution, PreparedPlan } from './apply.ts'

export interface UndoRequest {
  readonly root: string
  readonly paths: EnvironmentPaths
  /** The change that is taken back. */
  readonly entry: HistoryEntry
  readonly store: Pick<Store, 'find'>
}

export interface Undo {
  /** Without those that are missing. */
  readonly plan: PreparedPlan
  /** What the store doesn't have: to be fetched, by name, version and address, and added to the plan. */
  readonly missing: readonly HistoryDistribution[]
  /** What changed after the last change that den knows of: undoing takes that back as well. */
  readonly since: readonly HistoryDifference[]
}

/** Computes the way back. Reads the environment and the store, changes nothing. */
export function planUndo(host: Pick<Host, 'files' | 'path'>, request: UndoRequest): Undo {
  const { root, paths, entry, store } = request
  const installed = readInstalled(host, [...new Set([paths.purelib, paths.platlib])])
  const last = lastHistoryEntry(host, root)
  const now = historyOf(host, installed, last)
  const wantedNames = new Set(entry.before.map(({ name }) => name))
  const different = new Map(differencesSince(now, entry.before).map((one) => [one.name, one]))
  const plan = { install: [], change: [], reinstall: [], remove: [], unchanged: [] } as {
    install: Wanted<PreparedDistribution>[]
    change: { from: readonly Present[]; to: Wanted<PreparedDistribution> }[]
    reinstall: { from: readonly Present[]; to: Wanted<PreparedDistribution> }[]
    remove: Present[]
    unchanged: Present[]
  }
  const missing: HistoryDistribution[] = []
  for (const one of installed) {
    if (!wantedNames.has(one.project)) plan.remove.push(presentOf(one))
    else if (!different.has(one.project)) plan.unchanged.push(presentOf(one))
  }
  for (const distribution of entry.before) {
    if (!different.has(distribution.name)) continue
    const to = wantedOf(distribution, store)
    const from = standing(installed, distribution.name)
    if (to === undefined) missing.push(distribution)
    else if (from.length === 0) plan.install.push(to)
    else plan.change.push({ from, to })
  }
  return { plan, missing, since: last === undefined ? [] : differencesSince(last.after, now) }
}

function wantedOf(
  distribution: HistoryDistribution,
  store: Pick<Store, 'find'>,
): Wanted<PreparedDistribution> | undefined {
  const { name, version, requested, directUrl, tree: key } = distribution
  const tree = key === undefined ? undefined : store.find(key)
  if (tree === undefined) return undefined
  return { name, version, source: { tree, requested, ...(directUrl === undefined ? {} : { directUrl }) } }
}

function standing(installed: readonly InstalledDistribution[], name: ProjectName): readonly Present[] {
  return installed.filter(({ project }) => project === name).map(presentOf)
}

function presentOf({ project, version, location }: InstalledDistribution): Present {
  return { name: project, version, location }
}

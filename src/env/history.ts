// What was installed before each change and after it: one small file a change, in ROOT/.den/history. The file comes with the change
// itself, in one transaction, so that the two never disagree; `undo` is a plan that leads back to what stood before.

import type { ProjectName, Sha256 } from '../base/brand.ts'
import { hideCredentials } from '../base/safe-url.ts'
import type { Host } from '../host/host.ts'
import { workDirectory } from '../journal/transaction.ts'
import type { InstalledDistribution } from './installed.ts'
import { ifReadable } from './quietly.ts'

/** A distribution as the history knows it. */
export interface HistoryDistribution {
  readonly name: ProjectName
  readonly version: string
  readonly requested: boolean
  /** direct_url.json, as it stood. */
  readonly directUrl?: unknown
  /** The store's key of its tree, where den put it in. */
  readonly tree?: Sha256
}

export interface HistoryEntry {
  /** From 1. */
  readonly number: number
  /** Milliseconds since 1970. */
  readonly time: number
  /** What was asked for, in words: "install django". */
  readonly command?: string
  readonly before: readonly HistoryDistribution[]
  readonly after: readonly HistoryDistribution[]
  /** The number of the entry that this change took back. */
  readonly undoes?: number
}

/** So many changes are remembered. */
export const rememberedChanges = 100

/** The file of an entry; `root` may be where the environment's root is while a change is prepared. */
export function historyFile(host: Pick<Host, 'path'>, root: string, number: number): string {
  return host.path.join(historyDirectory(host, root), `${String(number).padStart(6, '0')}.json`)
}

export function historyDirectory(host: Pick<Host, 'path'>, root: string): string {
  return host.path.join(workDirectory(host, root), 'history')
}

export function formatHistoryEntry(entry: HistoryEntry): string {
  const { command } = entry
  const told = command === undefined ? {} : { command: hideCredentials(command) }
  return `${JSON.stringify({ schema: 1, ...entry, ...told })}\n`
}

/** The changes of an environment, the oldest first. What can't be read is passed over. */
export function readHistory(host: Pick<Host, 'files' | 'path'>, root: string): readonly HistoryEntry[] {
  const names = ifReadable(() => host.files.names(historyDirectory(host, root))) ?? []
  return names
    .filter((name) => /^\d{6,}\.json$/.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .flatMap((name) => readHistoryEntry(host, root, Number.parseInt(name, 10)) ?? [])
}

/** The last change; costs one listing and one read. */
export function lastHistoryEntry(host: Pick<Host, 'files' | 'path'>, root: string): HistoryEntry | undefined {
  const numbers = historyNumbers(host, root)
  for (const number of numbers.toReversed()) {
    const entry = readHistoryEntry(host, root, number)
    if (entry !== undefined) return entry
  }
  return undefined
}

/** The numbers of the entries, ascending, those that can't be read included. */
export function historyNumbers(host: Pick<Host, 'files' | 'path'>, root: string): readonly number[] {
  return (ifReadable(() => host.files.names(historyDirectory(host, root))) ?? [])
    .filter((name) => /^\d{6,}\.json$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b)
}

export function readHistoryEntry(
  host: Pick<Host, 'files' | 'path'>,
  root: string,
  number: number,
): HistoryEntry | undefined {
  const text = ifReadable(() => host.files.readText(historyFile(host, root, number)))
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as Partial<HistoryEntry> & { readonly schema?: unknown }
    const whole =
      value.schema === 1 && value.number === number && Array.isArray(value.before) && Array.isArray(value.after)
    return whole ? (value as HistoryEntry) : undefined
  } catch {
    return undefined
  }
}

/** The change that `undo` takes back: the last one that is no undoing itself and has not been undone. */
export function undoableEntry(history: readonly HistoryEntry[]): HistoryEntry | undefined {
  const undone = new Set(history.flatMap(({ undoes }) => (undoes === undefined ? [] : [undoes])))
  return history.findLast((entry) => entry.undoes === undefined && !undone.has(entry.number))
}

/** What stands now, as the history would note it. `last`: the newest entry, which knows the trees of what den put in. */
export function historyOf(
  host: Pick<Host, 'files' | 'path'>,
  installed: readonly InstalledDistribution[],
  last?: HistoryEntry,
): readonly HistoryDistribution[] {
  const known = new Map((last?.after ?? []).map((one) => [one.name, one]))
  return installed.map((distribution) => {
    const { project: name, version, location } = distribution
    const names = new Set(distribution.kind === 'wheel' ? (ifReadable(() => host.files.names(location)) ?? []) : [])
    const directUrl = names.has('direct_url.json') ? readDirectUrl(host, location) : undefined
    const before = known.get(name)
    const tree =
      before?.version === version && JSON.stringify(before.directUrl) === JSON.stringify(directUrl)
        ? before.tree
        : undefined
    return {
      name,
      version,
      requested: names.has('REQUESTED') || distribution.kind !== 'wheel',
      ...(directUrl === undefined ? {} : { directUrl }),
      ...(tree === undefined ? {} : { tree }),
    }
  })
}

function readDirectUrl(host: Pick<Host, 'files' | 'path'>, location: string): unknown {
  const text = ifReadable(() => host.files.readText(host.path.join(location, 'direct_url.json')))
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

export interface HistoryDifference {
  readonly name: ProjectName
  /** Absent where it wasn't there. */
  readonly was?: string
  readonly is?: string
}

/** What other tools changed since: the names whose versions (or addresses) differ, by name. */
export function differencesSince(
  noted: readonly HistoryDistribution[],
  present: readonly HistoryDistribution[],
): readonly HistoryDifference[] {
  const [was, is] = [byName(noted), byName(present)]
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((name) => {
    const [before, now] = [was.get(name), is.get(name)]
    const same =
      before?.version === now?.version && JSON.stringify(before?.directUrl) === JSON.stringify(now?.directUrl)
    if (same) return []
    return [
      {
        name,
        ...(before === undefined ? {} : { was: before.version }),
        ...(now === undefined ? {} : { is: now.version }),
      },
    ]
  })
}

function byName(all: readonly HistoryDistribution[]): ReadonlyMap<ProjectName, HistoryDistribution> {
  return new Map(all.map((one) => [one.name, one]))
}

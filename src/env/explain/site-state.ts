// sys.path while site.py works on it, and the few operations that site.py has for it.

import type { Interpreter } from '../../python/interpreter.ts'
import type { NewEntry, PathEntry, StartProblem, Uncertainty } from './entries.ts'
import type { SiteRules } from './site-rules.ts'
import type { Source, World } from './world.ts'

export interface SiteState {
  readonly world: World
  readonly interpreter: Interpreter
  readonly rules: SiteRules
  entries: PathEntry[]
  /** Spellings that are on sys.path or were, and are not added again. */
  known: Set<string>
  /** `sys.__plen` and `sys.__egginsert`, which .pth files of setuptools use. */
  markedEnd: number | undefined
  insertedEggs: number
  readonly uncertain: Uncertainty[]
  readonly problems: StartProblem[]
  readonly startup: StartupBatch
}

/** What 3.15 puts off until all directories are known (PEP 829). */
export interface StartupBatch {
  readonly visited: Set<string>
  readonly lines: { readonly directory: string; readonly line: string; readonly from: FileSource }[]
  /** Entry points by the path of their .start file without its ending; also of files that name none. */
  readonly startFiles: Map<string, { readonly entryPoint: string; readonly from: FileSource }[]>
}

export type FileSource = Extract<Source, { readonly kind: 'file' }>

/** The list that site.py begins with. */
export function openSiteState(
  given: Pick<SiteState, 'world' | 'interpreter' | 'rules' | 'entries' | 'problems'>,
): SiteState {
  return {
    ...given,
    known: new Set(),
    markedEnd: undefined,
    insertedEggs: 0,
    uncertain: [],
    startup: { visited: new Set(), lines: [], startFiles: new Map() },
  }
}

export function toEntry(world: World, entry: NewEntry): PathEntry {
  return { ...entry, exists: world.exists(entry.path === '' ? world.host.cwd : entry.path) }
}

/** Adds an entry at the end, without asking whether it is there already. */
export function append(state: SiteState, entry: NewEntry, exists?: boolean): void {
  state.entries.push(exists === undefined ? toEntry(state.world, entry) : { ...entry, exists })
}

/** `site.removeduppaths()`: makes all entries absolute, keeps the first of each. */
export function removeDuplicates(state: SiteState): void {
  const { paths } = state.world
  const kept: PathEntry[] = []
  state.known = new Set()
  for (const entry of state.entries) {
    const path = paths.absolute(entry.path)
    const spelled = paths.case(path)
    if (state.known.has(spelled)) continue
    state.known.add(spelled)
    kept.push(path === entry.path ? entry : { ...entry, path })
  }
  state.entries = kept
}

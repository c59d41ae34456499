// What of a project's lock is wanted: for one environment as files to install, or for all of them as a smaller lock. The standard's own
// rules (spec/pylock-select.ts) choose; here is what they have no word for: groups without the project, and the project left out.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { Marker } from '../spec/marker.ts'
import { andMarkers, type MarkerCondition, orMarkers, simplifyMarker } from '../spec/marker-algebra.ts'
import { restrictMarker } from '../spec/marker-restrict.ts'
import { normalizeName } from '../spec/name.ts'
import type { Pylock, PylockDirectory, PylockPackage } from '../spec/pylock.ts'
import { type PylockSelection, type SelectOptions, selectFromPylock } from '../spec/pylock-select.ts'
import { type LockEdge, type LockWishes, openLockGraph, reachable, wantedRoots } from './lock-graph.ts'
import { conflictsOfInputs } from './lock-inputs.ts'
import type { ProjectLock } from './lock-read.ts'
import type { LockInputs } from './lock-values.ts'
import type { Manifest } from './manifest.ts'

export interface LockChoice {
  readonly extras?: Iterable<string>
  /** Dependency groups; none unless said. */
  readonly groups?: Iterable<string>
  /** Only what the groups ask for. */
  readonly onlyGroups?: boolean
  /** Everything but the project itself. */
  readonly noProject?: boolean
  /** Left out, whoever asks for them; what they need is not. */
  readonly without?: ReadonlySet<ProjectName>
}

export type SelectLockedOptions = LockChoice &
  Pick<SelectOptions, 'markers' | 'ranks' | 'preferSdist'> & {
    /** Whose lock it is: the project itself is installed as well, where it is a package. It stands in no lock, which is for others too. */
    readonly manifest?: Pick<Manifest, 'isPackage' | 'name' | 'version'>
  }

/** What is to be installed for a target, a file or place each, the project itself last. Throws `lock-file-mismatch`. */
export function selectLocked(lock: ProjectLock, options: SelectLockedOptions): readonly PylockSelection[] {
  const { markers, ranks, preferSdist } = options
  const pylock = readableLock(lock)
  const wishes = wishesOf(lock, pylock, options)
  const asked = options.onlyGroups === true ? reachable(openLockGraph(pylock, lock.inputs), wishes, markers) : undefined
  const packages = pylock.packages.filter((one) => isWanted(one, options) && (asked === undefined || asked.has(one)))
  const chosen = selectFromPylock(
    { ...pylock, packages },
    {
      file: lock.file,
      markers,
      ranks,
      extras: wishes.extras,
      // Nobody who installs without a group is to be given the default ones.
      dependencyGroups: wishes.groups,
      ...(preferSdist === undefined ? {} : { preferSdist }),
    },
  )
  const own = ownSelection(options)
  // Another tool's lock may have it among its own.
  return own === undefined ? chosen : [...chosen.filter((one) => one.package.name !== own.package.name), own]
}

/** The project itself, from where it lies; undefined where it is not wanted, or no package. */
function ownSelection({ manifest, noProject, onlyGroups, without }: SelectLockedOptions): PylockSelection | undefined {
  const { isPackage = false, name, version } = manifest ?? {}
  if (!isPackage || name === undefined || noProject === true || onlyGroups === true) return undefined
  if (without?.has(name) === true) return undefined
  const directory: PylockDirectory = { path: '.', editable: true }
  return {
    package: { name, ...(version === undefined ? {} : { version }), directory },
    kind: 'directory',
    source: directory,
  }
}

/**
 * The lock for a choice of extras and groups, settled: no marker asks for either any more, and what nobody wants is gone. Without den's
 * notes, which are of the whole. Throws `lock-file-mismatch`.
 */
export function restrictLock(lock: ProjectLock, choice: LockChoice): Pylock {
  const pylock = readableLock(lock)
  const wishes = wishesOf(lock, pylock, choice)
  const conditions = choice.onlyGroups === true ? conditionsOf(pylock, lock.inputs, wishes) : undefined
  const packages = pylock.packages.flatMap((one): readonly PylockPackage[] => {
    if (!isWanted(one, choice)) return []
    const { marker, tool: _, dependencies: __, ...rest } = one
    let condition: MarkerCondition = marker === undefined ? 'always' : settle(marker, wishes)
    if (conditions !== undefined) condition = both(condition, conditions.get(one) ?? 'never')
    if (condition === 'never') return []
    const left = condition === marker || condition === 'always' ? condition : simplify(condition, pylock)
    return left === 'never' ? [] : [{ ...rest, ...(left === undefined || left === 'always' ? {} : { marker: left }) }]
  })
  const { tool: _, ...head } = pylock
  return { ...head, extras: [], dependencyGroups: [], defaultGroups: [], packages }
}

/** A lock in which a merge has left its marks has two minds; one of them is not chosen behind anybody's back. */
function readableLock({ lock, written, file }: ProjectLock): Pylock {
  if (lock !== undefined && written !== 'merging') return lock
  const reason = 'it holds the marks of a merge that was not finished'
  throw new DenError('lock-file-mismatch', { file, reason, instead: 'have it made from both sides: den lock' })
}

function isWanted(one: PylockPackage, { noProject, without }: LockChoice): boolean {
  return !(noProject === true && isHere(one)) && without?.has(one.name) !== true
}

/** Whether a package is the directory that the lock lies in: so other tools write the project itself. */
function isHere({ directory }: PylockPackage): boolean {
  return directory !== undefined && directory.subdirectory === undefined && /^\.?[/\\]?$/.test(directory.path)
}

function wishesOf(lock: ProjectLock, pylock: Pylock, choice: LockChoice): LockWishes {
  const fail = (reason: string): DenError => new DenError('lock-file-mismatch', { file: lock.file, reason })
  const extras = new Set<string>([...(choice.extras ?? [])].map(normalizeName))
  const groups = new Set<string>([...(choice.groups ?? [])].map(normalizeName))
  const known = new Set<string>(pylock.extras.map(normalizeName))
  for (const extra of extras) if (!known.has(extra)) throw fail(`it knows no extra ${extra}`)
  const knownGroups = new Set<string>([...pylock.dependencyGroups, ...pylock.defaultGroups].map(normalizeName))
  for (const group of groups) if (!knownGroups.has(group)) throw fail(`it knows no dependency group ${group}`)
  for (const items of conflictsOfInputs(lock.inputs ?? {})) {
    const chosen = items.filter(({ extra, group }) => (extra !== undefined ? extras.has(extra) : groups.has(group)))
    if (chosen.length > 1) {
      const named = chosen.map(({ extra, group }) => (extra !== undefined ? `extra ${extra}` : `group ${group}`))
      const reason = `the project says that ${named.join(' and ')} exclude each other`
      throw new DenError('lock-file-mismatch', { file: lock.file, reason, instead: 'leave out all of them but one' })
    }
  }
  return { extras, groups, ...(choice.onlyGroups === true ? { onlyGroups: true } : {}) }
}

function settle(marker: Marker, { extras, groups }: LockWishes): MarkerCondition {
  return restrictMarker(marker, { extras, groups })
}

function simplify(condition: MarkerCondition, { requiresPython }: Pylock): MarkerCondition {
  return simplifyMarker(condition, requiresPython === undefined ? {} : { requiresPython: requiresPython.range })
}

function both(a: MarkerCondition, b: MarkerCondition): MarkerCondition {
  if (a === 'never' || b === 'never') return 'never'
  if (a === 'always') return b
  return b === 'always' ? a : andMarkers(a, b)
}

function either(a: MarkerCondition, b: MarkerCondition): MarkerCondition {
  if (a === 'always' || b === 'always') return 'always'
  if (a === 'never') return b
  return b === 'never' ? a : orMarkers(a, b)
}

/** Under which condition each package is asked for, from the wanted roots down; simplified at each step, so that rings come to rest. */
function conditionsOf(
  pylock: Pylock,
  inputs: LockInputs | undefined,
  wishes: LockWishes,
): ReadonlyMap<PylockPackage, MarkerCondition> {
  const graph = openLockGraph(pylock, inputs)
  const found = new Map<PylockPackage, Map<string, MarkerCondition>>()
  const pending: { readonly one: PylockPackage; readonly extra: string }[] = []
  /** Of a package, and of each of its extras ("": the package). */
  const widen = (one: PylockPackage, extra: string, condition: MarkerCondition): void => {
    const parts = found.get(one) ?? new Map<string, MarkerCondition>()
    found.set(one, parts)
    const before = parts.get(extra) ?? 'never'
    const after = simplifyMarker(either(before, condition))
    if (textOf(before) === textOf(after)) return
    parts.set(extra, after)
    pending.push({ one, extra })
  }
  const follow = ({ requirement, targets }: LockEdge, from: MarkerCondition, extra: ReadonlySet<string>): void => {
    const { marker, extras } = requirement
    const asked = marker === undefined ? 'always' : restrictMarker(marker, { ...wishes, extra })
    const condition = both(from, asked)
    if (condition === 'never') return
    for (const target of targets) {
      const there = both(condition, target.marker === undefined ? 'always' : settle(target.marker, wishes))
      if (simplifyMarker(there) === 'never') continue
      widen(target, '', there)
      for (const one of extras) widen(target, one, there)
    }
  }
  for (const root of wantedRoots(graph, wishes)) follow(root, 'always', new Set())
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { one, extra } = next
    const condition = found.get(one)!.get(extra)!
    for (const edge of graph.edgesOf(one)) follow(edge, condition, new Set(extra === '' ? [] : [extra]))
  }
  return new Map([...found].map(([one, parts]) => [one, parts.get('') ?? 'never']))
}

function textOf(condition: MarkerCondition): string {
  return typeof condition === 'string' ? condition : condition.text
}

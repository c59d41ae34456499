// A failure in words: one sentence for each thing that cannot be had with the others, in the words that pip's users know.

import { tellApart } from './failure.ts'
import { hasPlace, type IndexSet } from './index-set.ts'
import type { Failure, Ground, Wish } from './problem.ts'

export interface Wording<Spec> {
  /** ">=1,<2", or nothing for any. */
  readonly spec: (spec: Spec) => string
  /** Why nothing can meet a spec, whatever candidates there are. */
  readonly hopeless?: (spec: Spec) => string | undefined
  /** A project's name as it is to be shown. */
  readonly name?: (project: string) => string
  /**
   * What else is known of candidates that would have done, were they not unusable: "2.0 needs Python >=3.13". Of each list of specs one
   * lets them through.
   */
  readonly unusable?: (project: string, asked: readonly (readonly Spec[])[]) => string | undefined
}

export interface Explanation {
  /** What was asked for and takes part in the conflict: "app>=1". */
  readonly asked: readonly string[]
  /** The things that cannot be had at once, one sentence each, from what was asked for downwards. */
  readonly reasons: readonly string[]
  /** Projects that nobody knows, or of which no version will do. */
  readonly missing: readonly string[]
  /** Of those, the ones that nobody knows. */
  readonly unknown: readonly string[]
  /** Projects whose pre-releases were withheld. */
  readonly prereleases: readonly string[]
}

export function explainFailure<Spec>(failure: Failure<Spec>, wording: Wording<Spec>): Explanation {
  const { labels } = failure
  const core = inReadingOrder(failure.core)
  const name = wording.name ?? ((project: string): string => project)
  const wanted = ({ project, extras, spec }: Wish<Spec>): string => {
    const named = extras.length === 0 ? name(project) : `${name(project)}[${extras.join(',')}]`
    const text = wording.spec(spec)
    return text.startsWith('@') ? `${named} ${text}` : named + text
  }
  const wishSentences = (ground: Extract<Ground<Spec>, { kind: 'wish' | 'extra' }>): readonly string[] => {
    const { from, parts } = ground
    const known = from === undefined ? [] : (labels.get(from.project) ?? [])
    const hasNone = ground.kind === 'wish' && ground.allowed.length === 0
    const subject = from === undefined ? '' : name(from.project) + (from.extra === undefined ? '' : `[${from.extra}]`)
    if (from !== undefined && ground.kind === 'wish' && !hasNone && parts.length > tellApart) {
      const who = describePlaces(subject, from.places, known)
      return [
        `${who} depends on ${name(ground.project)} ${describeHull(ground.allowed, labels.get(ground.project) ?? [])}`,
      ]
    }
    const ordered = [...parts].sort((a, b) => a.places[0]! - b.places[0]!)
    return ordered.map(({ wish, places }) => {
      const says = from === undefined ? 'you asked for' : `${describePlaces(subject, places, known)} depends on`
      return `${says} ${wanted(wish)}${hasNone ? `, ${nothingMeets(wish)}` : ''}`
    })
  }
  const sentences = (ground: Ground<Spec>): readonly string[] => {
    switch (ground.kind) {
      case 'wish':
      case 'extra':
        return wishSentences(ground)
      case 'limit': {
        const { project, spec } = ground
        const says = `a constraint says ${wanted({ project, extras: [], spec })}`
        return [ground.allowed.length > 0 ? says : `${says}, ${nothingMeets({ project, extras: [], spec })}`]
      }
      case 'withheld': {
        const what = describePlaces(name(ground.project), ground.places, labels.get(ground.project) ?? [])
        const why =
          ground.tier === 1
            ? 'would do, but pre-releases were not asked for'
            : ground.tier === 2
              ? 'would do, but was yanked, and nothing asks for exactly that version'
              : 'is there for those who ask for its address'
        return [`${what} ${why}`]
      }
      case 'unavailable': {
        const label = labels.get(ground.project)?.[ground.place - 1] ?? ''
        return [`${name(ground.project)} ${label} cannot be used: ${ground.reason}`]
      }
    }
  }
  const nothingMeets = ({ project, spec }: Wish<Spec>): string => {
    const hopeless = wording.hopeless?.(spec)
    if (hopeless !== undefined) return `and ${hopeless}`
    const known = labels.get(project)
    if (known === undefined) return `and there is no project ${name(project)} where den looked`
    const unusable = wording.unusable?.(project, [[spec]])
    const why = unusable === undefined ? '' : ` (${unusable})`
    if (known.length === 0) return `and ${name(project)} has no version that could be installed here${why}`
    return `and no version of ${name(project)} is that${why === '' ? `; the newest is ${known.at(-1)}` : why}`
  }
  const reasons = core.flatMap(sentences)
  for (const [project, asked] of specsByProject(core)) {
    const unusable = wording.unusable?.(project, asked)
    if (unusable !== undefined) reasons.push(`of ${name(project)}, ${unusable}`)
  }
  const asked = core.flatMap((one) =>
    (one.kind === 'wish' || one.kind === 'extra') && one.from === undefined
      ? one.parts.map(({ wish }) => wanted(wish))
      : [],
  )
  const missing = core.flatMap((one) => (one.kind === 'wish' && one.allowed.length === 0 ? [one.project] : []))
  return {
    asked: [...new Set(asked)],
    reasons: [...new Set(reasons)],
    missing,
    unknown: missing.filter((project) => labels.get(project) === undefined),
    prereleases: core.flatMap((one) => (one.kind === 'withheld' && one.tier === 1 ? [one.project] : [])),
  }
}

/**
 * What is asked of each project of which something would do, by who asks: what one project's releases ask in turn is one list, of which
 * one has to be met.
 */
function specsByProject<Spec>(core: readonly Ground<Spec>[]): ReadonlyMap<string, readonly (readonly Spec[])[]> {
  const found = new Map<string, Map<string, Spec[]>>()
  const note = (project: string, asker: string, specs: readonly Spec[]): void => {
    const askers = found.get(project) ?? new Map<string, Spec[]>()
    found.set(project, askers)
    askers.set(asker, [...(askers.get(asker) ?? []), ...specs])
  }
  const none = new Set<string>()
  for (const [at, ground] of core.entries()) {
    if (ground.kind === 'wish' && ground.allowed.length === 0) none.add(ground.project)
    else if (ground.kind === 'limit') note(ground.project, `limit ${at}`, [ground.spec])
    else if (ground.kind === 'wish') {
      const asker = ground.from === undefined ? `root ${at}` : `${ground.from.project}[${ground.from.extra ?? ''}]`
      note(
        ground.project,
        asker,
        ground.parts.map(({ wish }) => wish.spec),
      )
    }
  }
  return new Map(
    [...found].flatMap(([project, askers]) => (none.has(project) ? [] : [[project, [...askers.values()]]])),
  )
}

const kinds = ['wish', 'extra', 'limit', 'withheld', 'unavailable']

function firstPlace<Spec>(ground: Ground<Spec>): number {
  return 'from' in ground ? (ground.from?.places[0] ?? 0) : 0
}

/** What was asked for first, then each thing after one that names it, by their names. */
function inReadingOrder<Spec>(core: readonly Ground<Spec>[]): readonly Ground<Spec>[] {
  const ordered: Ground<Spec>[] = []
  const named = new Set<string>()
  const subject = (ground: Ground<Spec>): string | undefined =>
    ground.kind === 'wish' || ground.kind === 'extra' ? ground.from?.project : ground.project
  const rest = [...core].sort((a, b) => {
    const [x, y] = [subject(a) ?? '', subject(b) ?? '']
    return x < y ? -1 : x > y ? 1 : kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || firstPlace(a) - firstPlace(b)
  })
  const isReady = (ground: Ground<Spec>): boolean => {
    const about = subject(ground)
    return about === undefined || named.has(about)
  }
  while (rest.length > 0) {
    const roots = rest.findIndex((ground) => subject(ground) === undefined)
    const at = Math.max(0, roots >= 0 ? roots : rest.findIndex(isReady))
    const [ground] = rest.splice(at, 1)
    ordered.push(ground!)
    if (ground!.kind === 'wish' || ground!.kind === 'extra') named.add(ground!.project)
  }
  return ordered
}

/** "app 1.0", "app 1.0 to 1.4", "every version of app". `labels` stand for places from 1. */
function describePlaces(subject: string, places: IndexSet, labels: readonly string[]): string {
  const runs: string[] = []
  let count = 0
  for (let at = 0; at < places.length; at += 2) {
    const low = Math.max(1, places[at]!)
    const high = places[at + 1]! - 1
    if (high < low) continue
    count += high - low + 1
    const [first = '', last = ''] = [labels[low - 1], labels[high - 1]]
    runs.push(low === high ? first : high === low + 1 ? `${first}, ${last}` : `${first} to ${last}`)
  }
  if (count > 1 && count === labels.length && !hasPlace(places, 0)) return `every version of ${subject}`
  if (runs.length <= 3) return `${subject} ${runs.join(', ')}`
  return `${subject} (${count} versions from ${runs[0]!.split(/,| to /)[0]} to ${runs
    .at(-1)!
    .split(/, | to /)
    .at(-1)})`
}

/** "1.4 or newer", "2.0 or older", "1.4 to 2.0": between what a set of places lies. */
function describeHull(places: IndexSet, labels: readonly string[]): string {
  const low = Math.max(1, places[0]!)
  const high = places.at(-1)! - 1
  const [first = '', last = ''] = [labels[low - 1], labels[high - 1]]
  if (low === high) return first
  if (high === labels.length) return `${first} or newer`
  return low === 1 ? `${last} or older` : `${first} to ${last}`
}

// What an environment has against what it is to have: the change as a value. `--dry-run` prints it, apply carries it out, undo is
// one that leads back.

import type { ProjectName } from '../base/brand.ts'
import { tryParseVersion } from '../spec/version.ts'

/** A distribution as it stands in an environment, as far as planning needs it. */
export interface Present {
  readonly name: ProjectName
  /** In its normal form; empty where nothing tells it. */
  readonly version: string
  /** The dist-info directory (or egg's), absolute: tells two of one name apart. */
  readonly location: string
  /** direct_url.json's address, for what did not come from an index. */
  readonly directUrl?: string
  readonly editable?: boolean
}

/** A distribution that is to stand there. `Source` is whatever the caller installs from. */
export interface Wanted<Source> {
  readonly name: ProjectName
  /** In its normal form. */
  readonly version: string
  readonly directUrl?: string
  readonly editable?: boolean
  /** It is made from a directory or an archive of this machine, which may have changed though its version has not. */
  readonly fromLocalSource?: boolean
  /** Put in anew even where the same stands already. */
  readonly reinstall?: boolean
  readonly source: Source
}

export interface Plan<Source> {
  readonly install: readonly Wanted<Source>[]
  /** Another version, or the same from elsewhere. All that stood there of this name goes. */
  readonly change: readonly { readonly from: readonly Present[]; readonly to: Wanted<Source> }[]
  readonly reinstall: readonly { readonly from: readonly Present[]; readonly to: Wanted<Source> }[]
  readonly remove: readonly Present[]
  readonly unchanged: readonly Present[]
}

export interface PlanOptions {
  /** `additive`: what nobody wants stays. `exact`: it goes. Additive unless said. */
  readonly mode?: 'additive' | 'exact'
  /** Never taken out by `exact`. */
  readonly keep?: ReadonlySet<ProjectName>
  /** Everything wanted is put in anew. */
  readonly reinstall?: boolean
  /**
   * When the same version from elsewhere will do. `version`: always, as pip has it for addresses. `origin`: when it came from the same
   * address, or both from an index. `origin` unless said.
   */
  readonly same?: 'version' | 'origin'
}

/** What has to be done so that all that is wanted stands there. Each list is in the order of what it was made from. */
export function plan<Source>(
  installed: readonly Present[],
  wanted: readonly Wanted<Source>[],
  options: PlanOptions = {},
): Plan<Source> {
  const { mode = 'additive', keep } = options
  const present = new Map<ProjectName, Present[]>()
  for (const one of installed) {
    const known = present.get(one.name)
    if (known === undefined) present.set(one.name, [one])
    else known.push(one)
  }
  const install: Wanted<Source>[] = []
  const change: { from: readonly Present[]; to: Wanted<Source> }[] = []
  const reinstall: { from: readonly Present[]; to: Wanted<Source> }[] = []
  const remove: Present[] = []
  const unchanged: Present[] = []
  const names = new Set<ProjectName>()
  for (const to of wanted) {
    names.add(to.name)
    const from = present.get(to.name)
    if (from === undefined) install.push(to)
    else if (from.every((one) => !isSameVersion(one.version, to.version))) change.push({ from, to })
    // Two of one name is what a tool left that was interrupted: which of them Python finds is chance.
    else if (from.length > 1 || hasToBeAnew(from[0]!, to, options)) reinstall.push({ from, to })
    else unchanged.push(from[0]!)
  }
  for (const one of installed) {
    if (names.has(one.name)) continue
    if (mode === 'exact' && keep?.has(one.name) !== true) remove.push(one)
    else unchanged.push(one)
  }
  return { install, change, reinstall, remove, unchanged }
}

/** Whether carrying it out would leave everything as it is. */
export function isEmptyPlan(made: Plan<unknown>): boolean {
  return made.install.length + made.change.length + made.reinstall.length + made.remove.length === 0
}

/** "1.0" and "1.0.0" are the same release; what is no version is only like itself. */
function isSameVersion(a: string, b: string): boolean {
  if (a === b) return true
  const [x, y] = [tryParseVersion(a), tryParseVersion(b)]
  return x !== undefined && x.key === y?.key
}

function hasToBeAnew(from: Present, to: Wanted<unknown>, options: PlanOptions): boolean {
  if (options.reinstall === true || to.reinstall === true) return true
  // An editable distribution is its directory, whose metadata may have changed.
  if (to.editable === true || from.editable === true) return true
  if (to.fromLocalSource === true) return true
  return options.same !== 'version' && from.directUrl !== to.directUrl
}

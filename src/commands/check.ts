// `pip check`: whether what is installed has what it requires, and is made for this Python and machine.

import type { ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import { headerValues, parseMailMessage } from '../format/mail-headers.ts'
import { strip } from '../format/python-text.ts'
import { targetOf } from '../python/target.ts'
import { expandTag } from '../spec/filename.ts'
import { formatRequirement } from '../spec/requirement.ts'
import { specifiersContain } from '../spec/specifier.ts'
import type { TagRanks } from '../spec/tag.ts'
import { formatVersion } from '../spec/version.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish } from './install-request.ts'
import { type InstalledView, viewInstalled } from './installed-view.ts'
import { dependenciesOf } from './pip-dependencies.ts'
import { type SeenDistribution, shownVersion } from './pip-distributions.ts'

export type CheckProblem =
  | {
      readonly kind: 'missing'
      readonly project: ProjectName
      readonly version: string
      readonly requirement: string
      readonly name: ProjectName
    }
  | {
      readonly kind: 'conflict'
      readonly project: ProjectName
      readonly version: string
      readonly requirement: string
      readonly name: ProjectName
      readonly has: string
    }
  /** None of its tags is one of this Python and machine. */
  | { readonly kind: 'unsupported'; readonly project: ProjectName; readonly name: string; readonly version: string }
  | { readonly kind: 'unreadable'; readonly project: ProjectName; readonly reason: string }

export interface CheckResult {
  readonly problems: readonly CheckProblem[]
}

/** Checks an environment. Throws what `aimAt` throws. */
export async function check(core: Core, environment: EnvironmentWish): Promise<CheckResult> {
  return checkView(core, await viewInstalled(core, environment))
}

/** Checks what has been read already. */
function checkView(core: Core, { aimed, distributions }: InstalledView): CheckResult {
  const target = targetOf(core, aimed.interpreter)
  const sorted = [...distributions].sort((a, b) => (a.project < b.project ? -1 : 1))
  const byName = new Map(sorted.map((one) => [one.project, one]))
  const missing: CheckProblem[] = []
  const conflicts: CheckProblem[] = []
  const unreadable: CheckProblem[] = []
  for (const one of sorted) {
    const { project } = one
    const version = shownVersion(one)
    try {
      const seen = new Set<string>()
      for (const requirement of dependenciesOf(one, target.markers)) {
        const { name } = requirement
        const text = formatRequirement(requirement)
        // A requirement that stands there twice, for two extras say, is one problem.
        if (seen.has(text)) continue
        seen.add(text)
        const other = byName.get(name)
        if (other === undefined) missing.push({ kind: 'missing', project, version, requirement: text, name })
        else if (other.version !== undefined && !specifiersContain(requirement.specifiers, other.version)) {
          const has = formatVersion(other.version)
          conflicts.push({ kind: 'conflict', project, version, requirement: text, name, has })
        }
      }
    } catch (error) {
      if (!isDenError(error, 'invalid-requirement', 'invalid-marker', 'invalid-specifier')) throw error
      unreadable.push({ kind: 'unreadable', project, reason: error.message })
    }
  }
  const unsupported = sorted
    .filter((one) => !isSupported(one, target.ranks))
    .map(
      (one) => ({ kind: 'unsupported', project: one.project, name: one.rawName, version: shownVersion(one) }) as const,
    )
  return { problems: [...unreadable, ...missing, ...conflicts, ...unsupported] }
}

/** A distribution without a WHEEL file is made for nothing in particular. */
function isSupported(one: SeenDistribution, supported: TagRanks): boolean {
  const text = one.readText('WHEEL')
  if (text === undefined) return true
  return headerValues(parseMailMessage(text), 'Tag').some((tag) =>
    expandTag(strip(tag).toLowerCase()).some((each) => supported.has(each)),
  )
}

// What installed distributions require of each other, by the markers of the environment they are in.

import type { ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import { headerValues } from '../format/mail-headers.ts'
import { strip } from '../format/python-text.ts'
import { markersOf as markersUnder } from '../python/target.ts'
import { evaluateMarker, type MarkerEnvironment } from '../spec/marker.ts'
import { parseRequirement, type Requirement } from '../spec/requirement.ts'
import type { Core } from './core.ts'
import type { SeenDistribution } from './pip-distributions.ts'
import type { AimedEnvironment } from './pip-environment.ts'

/** The markers' fields for this environment. */
export function markersOf(core: Core, { interpreter }: AimedEnvironment): MarkerEnvironment {
  return markersUnder(core.host, interpreter)
}

/** The requirements that hold there, without those of extras. Throws `invalid-requirement` and `invalid-marker`. */
export function dependenciesOf(distribution: SeenDistribution, markers: MarkerEnvironment): readonly Requirement[] {
  return headerValues(distribution.headers, 'Requires-Dist')
    .map((text) => parseRequirement(strip(text)))
    .filter(({ marker }) => marker === undefined || evaluateMarker(marker, markers))
}

/** The same; undefined where a requirement cannot be read. */
export function readableDependencies(
  distribution: SeenDistribution,
  markers: MarkerEnvironment,
): readonly Requirement[] | undefined {
  try {
    return dependenciesOf(distribution, markers)
  } catch (error) {
    if (isDenError(error, 'invalid-requirement', 'invalid-marker')) return undefined
    throw error
  }
}

/** Every project that one of these requires. */
export function requiredProjects(
  core: Core,
  aimed: AimedEnvironment,
  distributions: readonly SeenDistribution[],
): ReadonlySet<ProjectName> {
  const markers = markersOf(core, aimed)
  return new Set(distributions.flatMap((one) => (readableDependencies(one, markers) ?? []).map(({ name }) => name)))
}

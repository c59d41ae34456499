// What is odd about the versions that were chosen, in sentences.

import type { ResolveResult } from '../engine/resolve-request.ts'
import type { UniversalResult } from '../engine/universal-request.ts'

/** A sentence for each version that was taken back, and each extra that does not exist. */
export function resolutionWarnings({
  yanked,
  unknownExtras,
}: Pick<ResolveResult, 'unknownExtras'> & Pick<UniversalResult, 'yanked'>): readonly string[] {
  return [
    ...yanked.map(
      ({ name, version, reason }) =>
        `${name} ${version.text} was taken back by its maintainers${reason === undefined ? '' : `: ${reason}`}`,
    ),
    ...unknownExtras.map(({ name, version, extra }) => `${name} ${version.text} has no extra ${extra}`),
  ]
}

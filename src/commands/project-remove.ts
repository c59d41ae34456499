// `den remove`: requirements out of a project's manifest, and out of the lock what nobody asks for any more.

import { type RequirementPlace, removeRequirements } from '../project/edit-manifest.ts'
import { parseProjectName } from '../spec/name.ts'
import type { Core } from './core.ts'
import { type ChangeRequest, type ChangeResult, changeProject } from './project-change.ts'
import { commandText, extraPlace, groupPlace, requirementChanges } from './project-requirements.ts'

export interface RemoveRequest extends ChangeRequest {
  readonly names: readonly string[]
  /** From this dependency group, in place of the project's own dependencies. */
  readonly group?: string
  /** From this extra of the project. */
  readonly optional?: string
}

/** Removes requirements, locks and syncs. Throws `not-required`, `invalid-name`, and what `changeProject` throws. */
export async function removeFromProject(core: Core, request: RemoveRequest): Promise<ChangeResult> {
  const { names, group, optional, ...change } = request
  const place: RequirementPlace =
    group !== undefined ? groupPlace(group) : optional !== undefined ? extraPlace(optional) : { kind: 'project' }
  const wanted = names.map(parseProjectName)
  return await changeProject(
    core,
    change,
    (_, { manifest }) => {
      const { file } = manifest
      const { text } = removeRequirements(manifest.text, { file, place, names: wanted })
      return Promise.resolve({ text, told: requirementChanges })
    },
    // Who takes out what cannot be installed is not to be held up by the next that cannot.
    { command: commandText('remove', { group, optional }, names), takenBack: false },
  )
}

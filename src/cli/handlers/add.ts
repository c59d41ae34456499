import type { BoundKind } from '../../project/bounds.ts'
import { dryRun } from '../options/common.ts'
import type { Handler } from '../options/option.ts'
import {
  addedExtras,
  bounds,
  branch,
  constraintFiles,
  editable,
  fromIndex,
  frozen,
  marker,
  noSync,
  raw,
  requirementFiles,
  rev,
  subdirectory,
  tag,
} from '../options/project-change.ts'
import { index, namedIndex, resolutionChoices, upgrade, upgradePackage } from '../options/project-resolution.ts'
import { script } from '../options/project-script.ts'
import { defined } from '../options/values.ts'
import { listOf, tell } from './project-change.ts'
import { changeScript } from './script-change.ts'

/** den add REQUIREMENT… */
export const handle: Handler = async (invocation) => {
  const { operands, values, host, session } = invocation
  const file = values.get(script)
  const indexes = defined({ indexes: values.get(index)?.map(namedIndex) })
  if (file !== undefined) return await changeScript(invocation, { script: file, add: operands, ...indexes })
  // They are the project's then, and no one's who calls.
  const { extraIndexes: _, ...choices } = resolutionChoices(values, 'den add', host.now())
  const result = await session.add({
    ...choices,
    ...indexes,
    ...listOf(values),
    requirements: operands,
    ...defined({
      requirementFiles: values.get(requirementFiles),
      constraintFiles: values.get(constraintFiles),
      extras: values.get(addedExtras),
      marker: values.get(marker),
      // The option's choices are the kinds.
      bounds: values.get(bounds) as BoundKind | undefined,
      raw: values.get(raw),
      editable: values.get(editable),
      revision: values.get(rev) ?? values.get(tag) ?? values.get(branch),
      subdirectory: values.get(subdirectory),
      fromIndex: values.get(fromIndex),
      dryRun: values.get(dryRun),
      frozen: values.get(frozen),
      sync: values.get(noSync) === true ? false : undefined,
      upgrade: values.get(upgrade),
      upgradePackages: values.get(upgradePackage),
    }),
  })
  return tell(invocation, result)
}

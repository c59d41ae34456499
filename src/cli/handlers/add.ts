import type { BoundKind } from '../../project/bounds.ts'
import { dryRun } from '../options/common.ts'
import type { Handler } from '../options/option.ts'
import {
  addedExtras,
  bounds,
  branch,
  constraintFiles,
  dev,
  editable,
  fromIndex,
  frozen,
  group,
  marker,
  noSync,
  optional,
  raw,
  requirementFiles,
  rev,
  subdirectory,
  tag,
} from '../options/project-change.ts'
import { index, namedIndex, resolutionChoices, upgrade, upgradePackage } from '../options/project-resolution.ts'
import { refuseForScript, script } from '../options/project-script.ts'
import { defined } from '../options/values.ts'
import { listOf, tell } from './project-change.ts'
import { changeScript } from './script-change.ts'

/** den add REQUIREMENT… */
export const handle: Handler = async (invocation) => {
  const { operands, values, host, session } = invocation
  const file = values.get(script)
  // They are the project's then, and no one's who calls.
  const { extraIndexes: _, ...choices } = resolutionChoices(values, 'den add', host.now())
  const change = {
    ...choices,
    ...defined({
      requirementFiles: values.get(requirementFiles),
      extras: values.get(addedExtras),
      marker: values.get(marker),
      raw: values.get(raw),
      editable: values.get(editable),
      revision: values.get(rev) ?? values.get(tag) ?? values.get(branch),
      subdirectory: values.get(subdirectory),
      fromIndex: values.get(fromIndex),
      indexes: values.get(index)?.map(namedIndex),
      dryRun: values.get(dryRun),
      frozen: values.get(frozen),
      upgrade: values.get(upgrade),
      upgradePackages: values.get(upgradePackage),
    }),
  }
  if (file !== undefined) {
    // Of versions a script is told what is typed; without a lock none is chosen before it runs.
    refuseForScript(values, 'den add', [dev, group, optional, bounds, constraintFiles])
    return await changeScript(invocation, { ...change, script: file, add: operands })
  }
  const result = await session.add({
    ...change,
    ...listOf(values),
    requirements: operands,
    ...defined({
      constraintFiles: values.get(constraintFiles),
      // The option's choices are the kinds.
      bounds: values.get(bounds) as BoundKind | undefined,
      sync: values.get(noSync) === true ? false : undefined,
    }),
  })
  return tell(invocation, result)
}

import { freeze } from '../../../../commands/freeze.ts'
import type { PipHandler } from '../context.ts'
import { filterOf } from './list.ts'

/** pip freeze */
export const handle: PipHandler = async (context) => {
  const { options, core, environment } = context
  const { exclude, ...filter } = filterOf(context)
  const { lines, warnings } = await freeze(core, {
    environment,
    filter: { ...filter, ...(options.exclude_editable === true ? { editables: 'leave out' as const } : {}) },
    // What is excluded still counts where a requirements file names it.
    skip: new Set(exclude),
    all: options.freeze_all === true,
    requirementFiles: options.requirements ?? [],
  })
  context.lasts()
  for (const warning of warnings) context.warn(warning)
  if (lines.length > 0) context.print(lines.join('\n'))
  return 0
}

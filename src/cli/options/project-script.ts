// A script in place of a project: what the commands about projects take for it.

import { DenError } from '../../base/error.ts'
import type { Option } from './option.ts'
import type { Values } from './values.ts'

export const script: Option<string> = {
  name: 'script',
  kind: 'text',
  value: 'FILE',
  completes: 'file',
  help: 'This script and what its metadata (# /// script) says, instead of the project',
  since: '0.1.0',
}

/** Refuses what has no meaning for a script, where it was typed: `options-conflict`. */
export function refuseForScript(values: Values, command: string, options: readonly Option[]): void {
  const typed = options.find((option) => values.typed(option))
  if (typed !== undefined)
    throw new DenError('options-conflict', { first: '--script', second: `--${typed.name}`, command })
}

// Commands that ask before they remove anything, where nobody may or can be asked.

import { DenError } from '../../../base/error.ts'
import type { PipContext } from './context.ts'

/** Throws `pip-options-refused` where --no-input forbids to ask, and where the answer is for a program. */
export function refuseSilence({ options, json }: PipContext, command: string): void {
  if (!options.no_input && !json) return
  throw new DenError('pip-options-refused', {
    command,
    because: `it asks before it removes anything, and ${options.no_input ? '--no-input' : '--json'} forbids to ask`,
    fix: ['add --yes'],
  })
}

// Commands of pip's grammar whose part of den is not joined yet.

import { DenError } from '../../../base/error.ts'

/** The refusal of a command that den reads and does not carry out. */
export function notYet(command: string): DenError {
  return new DenError('option-not-supported', {
    option: command,
    command: 'den pip',
    reason: 'this den has no part that carries it out',
    instead: ['use the environment’s own pip: den run python -m pip'],
  })
}

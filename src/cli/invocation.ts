// What a handler is given: the command as it was typed, the machine, where to write, and the session that does the work.

import type { RunSettings } from '../commands/run-program.ts'
import type { Session } from '../commands/session.ts'
import type { Host } from '../host/host.ts'
import type { Command } from './options/option.ts'
import type { Values } from './options/values.ts'
import type { Output } from './output.ts'

export interface Invocation {
  readonly command: Command
  readonly values: Values
  readonly operands: readonly string[]
  readonly host: Host
  readonly output: Output
  /** The session, opened when it is first asked for. */
  readonly session: Session
  readonly signal: AbortSignal | undefined
  /**
   * Says that the answer stays the same for as long as what was read is as it was: nothing but the disk and variables was asked, and
   * nothing was done. What is printed is then remembered (cli/recall.ts); of a command that becomes another program, how that is found.
   */
  readonly lasts: (program?: RunSettings) => Promise<void>
}

// A path in a command that is shown to be typed: plain ones as they are, others as one word of a POSIX shell.

import { posixQuote } from '../quote.ts'

export function word(text: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(text) ? text : posixQuote(text)
}

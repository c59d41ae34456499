// Standard output and error: whole texts, written at once. Not through process.stdout, with which what is not yet written is lost when
// the process exits.

import fs from 'node:fs'
import { DenError } from '../base/error.ts'
import { isTerminal, writeAll } from './facts.ts'

export interface Standard {
  /** Writes all of it. False when whoever read it has gone. Throws `output-failed` for what else goes wrong. */
  write(descriptor: 1 | 2, text: string): boolean
  /** Whether it leads to a terminal, as far as a look at the descriptor tells: a character device, and not the one that keeps nothing. */
  isTerminal(descriptor: 1 | 2): boolean
  /** The terminal's width in columns, if it is told. */
  columns(): number | undefined
}

const names = { 1: 'standard output', 2: 'standard error' } as const

export const realStandard: Standard = {
  write: (descriptor, text) => {
    const outcome = writeAll(descriptor, text)
    if (typeof outcome === 'string') return outcome === 'written'
    const { errno, cause } = outcome
    throw new DenError('output-failed', { stream: names[descriptor], errno }, { cause })
  },
  isTerminal,
  columns: () => {
    const told = Number(process.env['COLUMNS'])
    if (told > 0) return told
    // The streams are made for a terminal only: they cost what writing to the descriptors saves.
    // A terminal that nobody has given a size says 0.
    if (realStandard.isTerminal(1)) return process.stdout.columns || undefined
    return realStandard.isTerminal(2) ? process.stderr.columns || undefined : undefined
  },
}

/** All of standard input, as text. */
export function readStandardInput(): string {
  return fs.readFileSync(0, 'utf8')
}

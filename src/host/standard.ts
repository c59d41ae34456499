// Standard output and error: whole texts, written at once. Not through process.stdout, whose making alone takes 7 ms in a
// compiled Bun, and with which what is not yet written is lost when the process exits.

import fs from 'node:fs'
import { DenError } from '../base/error.ts'
import { errnoOf } from './io-error.ts'

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
    const bytes = Buffer.from(text)
    let written = 0
    while (written < bytes.length) {
      try {
        written += fs.writeSync(descriptor, bytes, written)
      } catch (error) {
        const code = errnoOf(error)
        if (code === 'EPIPE') return false
        if (code !== 'EAGAIN') {
          throw new DenError('output-failed', { stream: names[descriptor], errno: code ?? 'unknown' }, { cause: error })
        }
        // A pipe that another process has set not to block, and that is full: its reader needs a moment.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
      }
    }
    return true
  },
  isTerminal: (descriptor) => {
    try {
      const stats = fs.fstatSync(descriptor)
      return stats.isCharacterDevice() && stats.rdev !== nullDevice()
    } catch {
      return false
    }
  },
  columns: () => {
    const told = Number(process.env['COLUMNS'])
    if (told > 0) return told
    // The streams are made for a terminal only: they cost what writing to the descriptors saves.
    // A terminal that nobody has given a size says 0.
    if (realStandard.isTerminal(1)) return process.stdout.columns || undefined
    return realStandard.isTerminal(2) ? process.stderr.columns || undefined : undefined
  },
}

function nullDevice(): number | undefined {
  return fs.statSync(process.platform === 'win32' ? '\\\\.\\nul' : '/dev/null', { throwIfNoEntry: false })?.rdev
}

// What den adds to pip's command line: commands of its own, and options whose beginnings never stand in the way of pip's.

import type { PipOption } from './grammar.ts'

/** Commands, each with the line that says what it does. */
export const additionalCommands: Readonly<Record<string, { readonly operands: string }>> = {
  tree: { operands: '[<package> ...]' },
  why: { operands: '<package> ...' },
}

const json: PipOption = { spellings: ['--json'], dest: 'json', action: 'store_true' }

/** Options by command. */
export const additionalOptions: Readonly<Record<string, readonly PipOption[]>> = {
  tree: [
    { spellings: ['--invert', '--reverse'], dest: 'invert', action: 'store_true' },
    { spellings: ['-d', '--depth'], dest: 'depth', action: 'store', type: 'int', metavar: 'n' },
    json,
  ],
  why: [json],
}

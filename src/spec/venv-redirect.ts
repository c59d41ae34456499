// `.venv` as a file (PEP 832, draft of 2026): one line, in UTF-8, with the path of the environment that stands elsewhere.

import { DenError } from '../base/error.ts'
import { lineBreak, strip } from '../format/python-text.ts'

/**
 * The path in a `.venv` file as written: absolute, or relative to the directory of the file. Undefined where the file holds
 * something else than one path. The standard bids the caller to look whether an environment is there before using it.
 */
export function parseVenvRedirect(text: string): string | undefined {
  const line = strip(text.replace(/^\ufeff/, ''))
  return line === '' || line.includes('\0') || lineBreak.test(line) ? undefined : line
}

/** The text of a `.venv` file. Throws `unwritable-value` for a path that would not be read back as it is. */
export function formatVenvRedirect(path: string): string {
  if (parseVenvRedirect(path) !== path || !path.isWellFormed()) {
    const reason = 'the file holds one line, and what reads it takes away spaces around the path'
    throw new DenError('unwritable-value', { file: '.venv', key: 'the path', value: path, reason })
  }
  return `${path}\n`
}

// Text that somebody may write back: what is no UTF-8 is refused, for the lax reading of it would replace its bytes for good.

import { DenError } from '../base/error.ts'
import { tryDecodeUtf8 } from '../format/bytes.ts'
import type { Host } from '../host/host.ts'

/** The text of a file; undefined where there is none. Throws `not-utf8`, and what reading a file throws. */
export function readUtf8({ files }: Pick<Host, 'files'>, file: string): string | undefined {
  const text = files.stat(file)?.kind === 'file' ? files.readText(file) : undefined
  if (text !== undefined) checkUtf8({ files }, file, text)
  return text
}

/** The same of a text that was read laxly from the file. */
export function checkUtf8({ files }: Pick<Host, 'files'>, file: string, text: string): void {
  // Where nothing was replaced there was nothing wrong; the character may as well stand there itself.
  if (!text.includes('\uFFFD')) return
  const bytes = files.readBytes(file)
  if (bytes === undefined || tryDecodeUtf8(bytes) !== undefined) return
  throw new DenError('not-utf8', { file, line: firstWrongLine(bytes) })
}

function firstWrongLine(bytes: Uint8Array): number {
  let line = 1
  for (let start = 0; start < bytes.length; line++) {
    const next = bytes.indexOf(0x0a, start)
    const end = next === -1 ? bytes.length : next + 1
    // No character of several bytes has a line end in it.
    if (tryDecodeUtf8(bytes.subarray(start, end)) === undefined) return line
    start = end
  }
  return line
}

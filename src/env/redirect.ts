// PEP 832: `.venv` may be a file whose one line names the directory of the environment.

import type { Host } from '../host/host.ts'
import { parseVenvRedirect } from '../spec/venv-redirect.ts'

/** Where the file at `file` leads, absolute; undefined when it is no such file. Relative lines count from the file's directory. */
export function readRedirect(host: Pick<Host, 'files' | 'path'>, file: string): string | undefined {
  const { files, path } = host
  const facts = files.stat(file)
  // A `.env` of variables or any other big file is not read whole for nothing.
  if (facts?.kind !== 'file' || facts.size > 32_768) return undefined
  const line = parseVenvRedirect(files.readText(file) ?? '')
  return line === undefined || line.includes('=') ? undefined : path.resolve(path.dirname(file), line)
}

// The nearest `.python-version` at or above a directory: pyenv's file, read by uv, mise and rye as well.

import type { Host } from '../host/host.ts'
import { type PythonRequest, parsePythonVersionFile } from '../spec/python-request.ts'
import { readTextQuietly } from './looking.ts'

export interface VersionFile {
  readonly path: string
  /** What it asks for, the first wish first; never empty. */
  readonly requests: readonly PythonRequest[]
}

/** Throws `invalid-python-request` with the file's line for what is no version. An empty file asks for nothing. */
export function findVersionFile(host: Host, directory: string = host.cwd): VersionFile | undefined {
  const { path } = host
  for (let current = directory; ; current = path.dirname(current)) {
    const file = path.join(current, '.python-version')
    const text = readTextQuietly(host, file)
    const requests = text === undefined ? [] : parsePythonVersionFile(text, { file })
    if (requests.length > 0) return { path: file, requests }
    if (current === path.dirname(current)) return undefined
  }
}
